package recent

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func TestTableForgetsWithTime(t *testing.T) {
	t.Parallel()
	table := New[string, int](10, time.Minute)
	table.Put("a", 1, 1, start)
	table.Put("b", 2, 1, start.Add(30*time.Second))

	_, ok := table.Get("a", start.Add(time.Minute-1))
	require.True(t, ok)
	_, ok = table.Get("a", start.Add(time.Minute))
	require.False(t, ok)
	value, ok := table.Get("b", start.Add(time.Minute))
	require.True(t, ok)
	require.Equal(t, 2, value)

	table.Put("c", 3, 1, start.Add(time.Minute))
	require.Equal(t, 2, table.Len(), "what is too old makes room")
}

func TestTableForgetsTheOldestWhenFull(t *testing.T) {
	t.Parallel()
	table := New[int, int](10, time.Hour)
	for i := range 100 {
		table.Put(i, i, 2, start)
		require.LessOrEqual(t, table.Len(), 5)
	}
	for i := range 100 {
		_, ok := table.Get(i, start)
		require.Equal(t, i >= 95, ok, i)
	}
	table.Put(100, 100, 11, start)
	require.Zero(t, table.Len(), "what is too heavy is not kept, nor a reason to keep it")
	table.Put(101, 101, 10, start)
	require.Equal(t, 1, table.Len())
}

func TestTablePutRenews(t *testing.T) {
	t.Parallel()
	table := New[string, int](2, time.Minute)
	table.Put("a", 1, 1, start)
	table.Put("b", 2, 1, start)
	table.Put("a", 3, 1, start.Add(time.Second))
	table.Put("c", 4, 1, start.Add(time.Second))
	_, ok := table.Get("b", start)
	require.False(t, ok, "a was renewed, so b is the oldest")
	value, ok := table.Get("a", start.Add(time.Minute))
	require.True(t, ok)
	require.Equal(t, 3, value)
}

func TestTableDelete(t *testing.T) {
	t.Parallel()
	table := New[string, int](3, time.Minute)
	for _, key := range []string{"a", "b", "c"} {
		table.Put(key, 1, 1, start)
	}
	for _, key := range []string{"b", "b", "a", "c", "never"} {
		table.Delete(key)
		_, ok := table.Get(key, start)
		require.False(t, ok)
	}
	require.Zero(t, table.Len())
	table.Put("d", 1, 3, start)
	require.Equal(t, 1, table.Len(), "the weight was given back")
}
