package recent

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func TestMapForgetsWithTime(t *testing.T) {
	t.Parallel()
	recent := New[string, int](10, time.Minute)
	recent.Put("a", 1, 1, start)
	recent.Put("b", 2, 1, start.Add(30*time.Second))

	_, ok := recent.Get("a", start.Add(time.Minute-1))
	require.True(t, ok)
	_, ok = recent.Get("a", start.Add(time.Minute))
	require.False(t, ok)
	value, ok := recent.Get("b", start.Add(time.Minute))
	require.True(t, ok)
	require.Equal(t, 2, value)

	recent.Put("c", 3, 1, start.Add(time.Minute))
	require.Equal(t, 2, recent.Len(), "what is too old makes room")
}

func TestMapForgetsTheOldestWhenFull(t *testing.T) {
	t.Parallel()
	recent := New[int, int](10, time.Hour)
	for i := range 100 {
		recent.Put(i, i, 2, start)
		require.LessOrEqual(t, recent.Len(), 5)
	}
	for i := range 100 {
		_, ok := recent.Get(i, start)
		require.Equal(t, i >= 95, ok, i)
	}
	recent.Put(100, 100, 11, start)
	require.Zero(t, recent.Len(), "what is too heavy is not kept, nor a reason to keep it")
	recent.Put(101, 101, 10, start)
	require.Equal(t, 1, recent.Len())
}

func TestMapPutRenews(t *testing.T) {
	t.Parallel()
	recent := New[string, int](2, time.Minute)
	recent.Put("a", 1, 1, start)
	recent.Put("b", 2, 1, start)
	recent.Put("a", 3, 1, start.Add(time.Second))
	recent.Put("c", 4, 1, start.Add(time.Second))
	_, ok := recent.Get("b", start)
	require.False(t, ok, "a was renewed, so b is the oldest")
	value, ok := recent.Get("a", start.Add(time.Minute))
	require.True(t, ok)
	require.Equal(t, 3, value)
}

func TestMapDelete(t *testing.T) {
	t.Parallel()
	recent := New[string, int](3, time.Minute)
	for _, key := range []string{"a", "b", "c"} {
		recent.Put(key, 1, 1, start)
	}
	for _, key := range []string{"b", "b", "a", "c", "never"} {
		recent.Delete(key)
		_, ok := recent.Get(key, start)
		require.False(t, ok)
	}
	require.Zero(t, recent.Len())
	recent.Put("d", 1, 3, start)
	require.Equal(t, 1, recent.Len(), "the weight was given back")
}
