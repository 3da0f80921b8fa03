package queue_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/internal/fault"
	"github.com/modelslab-go/modelslab/internal/queue"
	"github.com/modelslab-go/modelslab/internal/retry"
)

func TestSpacerKeepsEqualRequestsApart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s queue.Spacer
		seed := s.Seed()
		require.Equal(t, seed, s.Seed())
		now := time.Now()
		require.Zero(t, s.Reserve(7))
		require.Zero(t, s.Reserve(8), "another request")
		require.Equal(t, now.Add(31*time.Second), s.Reserve(7))
		require.Equal(t, now.Add(62*time.Second), s.Reserve(7))
		require.Zero(t, s.Reserve(0))
		require.Zero(t, s.Reserve(0), "it has no equal")
		s.Sent(0)

		require.NoError(t, retry.Sleep(t.Context(), 10*time.Second))
		s.Sent(8) // later than reserved
		require.Equal(t, now.Add(41*time.Second), s.Reserve(8))
		require.NoError(t, retry.Sleep(t.Context(), 2*time.Hour))
		require.Zero(t, s.Reserve(7))
	})
}

func TestSlotsAreHandedOutInOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := queue.NewAccount(1, quiet(), noCount)
		first, err := a.Acquire(t.Context(), true)
		require.NoError(t, err)
		_, err = a.Acquire(t.Context(), false)
		require.ErrorIs(t, err, fault.QueueFull)
		order := make(chan string, 10)
		leave, cancel := context.WithCancel(t.Context())
		for i := range 5 {
			ctx := t.Context()
			if i == 2 {
				ctx = leave
			}
			go func() {
				slot, err := a.Acquire(ctx, true)
				if err != nil {
					order <- fmt.Sprint(i, " left")
					return
				}
				order <- fmt.Sprint(i)
				slot.Release()
				slot.Release() // once is enough
			}()
			synctest.Wait()
		}
		cancel()
		require.Equal(t, "2 left", <-order)
		first.Release()
		for _, want := range []string{"0", "1", "3", "4"} {
			require.Equal(t, want, <-order)
		}
	})
}

func TestARefusalLowersTheLimit(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		refusal fault.Error
		open    int           // jobs of the account, by its own count; -1 when that fails
		size    int           // afterwards
		took    time.Duration // until two slots are free again
	}{
		{"the plan's own limit", fault.Error{Message: "Maximum 1 queued requests allowed.", RetryAfter: 30 * time.Second}, 1, 1, 0},
		{"others have the rest", fault.Error{RetryAfter: 30 * time.Second}, 3, 3, 0},
		{"the others are done", fault.Error{RetryAfter: 30 * time.Second}, 1, 3, 40 * time.Second},
		{"nobody can tell", fault.Error{RetryAfter: 30 * time.Second}, -1, 3, 40 * time.Second},
		{"it asks for a day", fault.Error{RetryAfter: 24 * time.Hour}, 1, 3, 130 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a := queue.NewAccount(3, quiet(), func(context.Context) (int, error) {
					if tt.open < 0 {
						return 0, errors.New("down")
					}
					return tt.open, nil
				})
				_, err := a.Acquire(t.Context(), false)
				require.NoError(t, err)
				refused, err := a.Acquire(t.Context(), false)
				require.NoError(t, err)
				refused.Refused(&tt.refusal)
				refused.Release() // of no effect any more
				_, err = a.Acquire(t.Context(), false)
				require.ErrorIs(t, err, fault.QueueFull)
				require.Equal(t, tt.size, a.Size())
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				defer cancel()
				start := time.Now()
				_, err = a.Acquire(ctx, true)
				if tt.took == 0 {
					require.ErrorIs(t, err, context.DeadlineExceeded)
					return
				}
				require.NoError(t, err)
				require.Equal(t, tt.took, time.Since(start))
			})
		})
	}
}
