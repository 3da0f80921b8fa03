package reply_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/internal/reply"
)

func TestValueNumbers(t *testing.T) {
	t.Parallel()
	for text, want := range map[reply.Value]struct {
		integer int
		number  float64
	}{
		`5`:           {5, 5},
		`"5"`:         {5, 5},
		`" 43.60 "`:   {43, 43.6},
		`43.6`:        {43, 43.6},
		`-1`:          {-1, -1},
		`4029484891`:  {4029484891, 4029484891},
		`"many"`:      {},
		`null`:        {},
		``:            {},
		`[5]`:         {},
		`true`:        {},
		`{"value":5}`: {},
	} {
		require.Equal(t, want.integer, text.Integer(), text)
		require.InDelta(t, want.number, text.Number(), 0, text)
	}
}

func TestValueTimes(t *testing.T) {
	t.Parallel()
	at := time.Date(2024, 1, 15, 10, 30, 0, 0, time.UTC)
	for text, want := range map[reply.Value]time.Time{
		`"2024-01-15T10:30:00Z"`:        at,
		`"2024-01-15T10:30:00.500000Z"`: at.Add(500 * time.Millisecond),
		`"2024-01-15 10:30:00"`:         at,
		`"2024-01-15"`:                  at.Truncate(24 * time.Hour),
		`"yesterday"`:                   {},
		`null`:                          {},
		``:                              {},
	} {
		require.True(t, want.Equal(text.Time()), "%s: %s", text, text.Time())
	}
}

func TestValueLists(t *testing.T) {
	t.Parallel()
	for text, want := range map[reply.Value][]string{
		`["a","b"]`:         {"a", "b"},
		`["a",null,2,""]`:   {"a", "2"},
		`{"0":"a","2":"b"}`: {"a", "b"},
		`"a"`:               {"a"},
		`[]`:                nil,
		`{}`:                nil,
		`""`:                nil,
		`null`:              nil,
		``:                  nil,
	} {
		require.Equal(t, want, text.Texts(), text)
	}
}
