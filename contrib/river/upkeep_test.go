package river_test

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/contrib/durable"

	"github.com/modelslab-go/modelslab/contrib/river"
)

func TestASchemaOfTheVersionBeforeIsOpened(t *testing.T) {
	t.Parallel()
	url := newSchema(t)
	pool := open(t, url)
	require.NoError(t, river.MigrateTo(t.Context(), pool, 1))
	_, err := pool.Exec(t.Context(), `INSERT INTO modelslab_jobs (track_id, token, kind, policy, state, created, since, due, request)
SELECT 'old', 'token', 'video', 'at_most_once', 'new', t AS created, t AS since, t AS due,
	'{"kind":"video","path":"/v6/video/text2video","body":{"model_id":"m","prompt":"x"},"track_id":"old"}' FROM now() AS t`)
	require.NoError(t, err)
	r, vendor := newRig(t, url), newVendor(t)
	engine := run(t, river.Config{Config: config(vendor), Pool: r.pool})
	vendor.DeliverTo(engine.Handler())
	awaitDone(t, engine, 1)
	oneEffectEach(t, r, 1)
	require.NoError(t, river.MigrateTo(t.Context(), pool, 1), "a machine of the version before starts beside us")
}

func TestNothingIsLeftBehind(t *testing.T) { //nolint:paralleltest // it counts goroutines
	vendor := newVendor(t)
	url := newSchema(t)
	newRig(t, url).pool.Close()
	before := runtime.NumGoroutine()
	for range 3 {
		pool, err := newPool(t.Context(), url)
		require.NoError(t, err)
		engine, err := river.Open(t.Context(), river.Config{Config: config(vendor), Pool: pool})
		require.NoError(t, err)
		engine.OnEvent(effect)
		vendor.DeliverTo(engine.Handler())
		ctx, cancel := context.WithCancel(t.Context())
		ran := make(chan error, 1)
		go func() { ran <- engine.Run(ctx) }()
		submit(t, engine, 3)
		require.Eventually(t, func() bool {
			s, err := engine.Stats(t.Context())
			return err == nil && s.Jobs[durable.StateDone]%3 == 0 && s.Jobs[durable.StateDone] > 0 && len(s.Jobs) == 1
		}, time.Minute, 20*time.Millisecond)
		cancel()
		require.NoError(t, <-ran)
		require.NoError(t, engine.Shutdown(t.Context()))
		pool.Close()
	}
	require.Eventually(t, func() bool { return runtime.NumGoroutine() <= before+2 }, time.Minute, 20*time.Millisecond)
}
