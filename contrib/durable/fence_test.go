package durable_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/modelslab-go/modelslab/modelslabtest"
	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/contrib/durable"
)

// thief is a store of which another worker takes over the first result that is
// claimed, as after a stop for longer than the lease, and then dies.
type thief struct {
	durable.Store[memTx]

	stolen bool
}

func (s *thief) Claim(ctx context.Context, tx memTx, want durable.Want) ([]*durable.Job, error) {
	jobs, err := s.Store.Claim(ctx, tx, want)
	for _, j := range jobs {
		if j.State != durable.StateResult || s.stolen {
			continue
		}
		s.stolen = true
		taken := *j
		taken.Fence++
		change := durable.Change{Job: &taken, From: j.State, Fence: j.Fence, After: want.Lease}
		if _, err := s.Save(ctx, tx, []durable.Change{change}); err != nil {
			return nil, err
		}
	}
	return jobs, err
}

func TestAWorkerThatWasTakenOverCallsNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := modelslabtest.NewServer(modelslabtest.WithStrict(), modelslabtest.WithLatency(0))
		defer server.Close()
		store := &thief{Store: durable.NewMemoryStore()}
		engine, err := durable.New(store, nil, durable.Config{Client: server.Client()})
		require.NoError(t, err)
		began, calls := time.Now(), []time.Duration(nil)
		engine.OnEvent(func(context.Context, memTx, durable.Event) error {
			calls = append(calls, time.Since(began))
			return nil
		})
		ran := make(chan error, 1)
		go func() { ran <- engine.Run(t.Context()) }()
		_, err = engine.Submit(t.Context(), video("x"))
		require.NoError(t, err)
		pass(time.Minute)
		require.NoError(t, engine.Shutdown(t.Context()))
		require.NoError(t, <-ran)
		require.True(t, store.stolen)
		require.Len(t, calls, 1)
		require.GreaterOrEqual(t, calls[0], durable.DefaultLease)
	})
}
