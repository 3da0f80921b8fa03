package durable_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/contrib/durable"
)

func TestCallsFromWithinACallbackAreRefused(t *testing.T) {
	t.Parallel()
	for name, call := range map[string]func(ctx context.Context, r *rig, id string) error{
		"Submit": func(ctx context.Context, r *rig, _ string) error {
			_, err := r.engine.Submit(ctx, video("another"))
			return err
		},
		"Tx": func(ctx context.Context, r *rig, _ string) error {
			return r.engine.Tx(ctx, func(context.Context, memTx) error { return nil })
		},
		"Redrive":  func(ctx context.Context, r *rig, id string) error { return r.engine.Redrive(ctx, id) },
		"Resubmit": func(ctx context.Context, r *rig, id string) error { return r.engine.Resubmit(ctx, id) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, durable.Config{}, func(r *rig) {
				answered := make(chan error, 1)
				r.engine.OnEvent(func(ctx context.Context, _ memTx, ev durable.Event) error {
					start := time.Now()
					err := call(ctx, r, ev.TrackID)
					if time.Since(start) > 0 {
						err = errors.New("it was not answered at once")
					}
					answered <- err
					return nil
				})
				id := r.submit()
				r.after(time.Minute)
				require.ErrorContains(r, <-answered, name+" inside OnEvent")
				require.Equal(r, durable.StateDone, r.job(id).State)
			})
		})
	}
}

func TestACallbackThatWaitsForItsOwnTransactionEnds(t *testing.T) {
	t.Parallel()
	bubble(t, durable.Config{CallbackTimeout: 2 * time.Second, MaxCallbacks: 2}, func(r *rig) {
		r.engine.OnEvent(func(context.Context, memTx, durable.Event) error {
			_, err := r.engine.Submit(context.Background(), video("another")) // a helper with a context of its own
			return err
		})
		id := r.submit()
		r.after(time.Minute)
		job := r.job(id)
		require.Equal(r, durable.StateDead, job.State)
		require.Equal(r, durable.ReasonCallback, job.Reason)
		require.Contains(r, job.Message, "CallbackTimeout")
	})
}

func TestASlowCallbackIsLeftBehindAndRunsAlone(t *testing.T) {
	t.Parallel()
	bubble(t, durable.Config{CallbackTimeout: 2 * time.Second}, func(r *rig) {
		running := make(chan struct{}, 1)
		calls := 0
		r.engine.OnEvent(func(context.Context, memTx, durable.Event) error {
			select {
			case running <- struct{}{}:
			default:
				return errors.New("another run of this callback goes on")
			}
			defer func() { <-running }()
			if calls++; calls == 1 {
				pass(18 * time.Second) // it does not heed its context
			}
			return nil
		})
		id := r.submit()
		r.after(25 * time.Second) // the job is done after 20, the callback runs for 18
		start := time.Now()
		other := r.submit()
		require.Zero(r, time.Since(start), "other writes go on")
		require.Equal(r, durable.StateResult, r.job(id).State)
		r.after(time.Minute)
		require.Equal(r, durable.StateDone, r.job(id).State)
		require.Equal(r, durable.StateDone, r.job(other).State)
		require.Equal(r, 3, calls, "twice for the first, once for the other")
		require.Equal(r, int64(1), r.stats().CallbackErrors)
	})
}

func TestACallbackThatEndsItsGoroutineFails(t *testing.T) {
	t.Parallel()
	bubble(t, durable.Config{MaxCallbacks: 1}, func(r *rig) {
		r.engine.OnEvent(func(context.Context, memTx, durable.Event) error { panic("no") })
		id := r.submit()
		r.after(time.Minute)
		require.Equal(r, durable.ReasonCallback, r.job(id).Reason)
		require.Contains(r, r.job(id).Message, "panic: no")
	})
}
