package river_test

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/modelslab-go/modelslab/contrib/durable"
	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/contrib/river"
)

// insertOld records a job as the first version did.
func insertOld(t *testing.T, pool *pgxpool.Pool, trackID, kind, state, ref string, result, request []byte) {
	t.Helper()
	_, err := pool.Exec(t.Context(), `INSERT INTO modelslab_jobs (track_id, token, kind, policy, state, created, since, due, ref, result, request)
SELECT $1, convert_to($1, 'UTF8'), $2, 'at_most_once', $3, t AS created, t AS since, t AS due, $4, $5, $6 FROM now() AS t`, trackID, kind, state, ref, result, request)
	require.NoError(t, err)
}

func TestADeployBesideAnOlderVersion(t *testing.T) {
	t.Parallel()
	for version := 1; version <= 2; version++ {
		t.Run(fmt.Sprint("version ", version), func(t *testing.T) {
			t.Parallel()
			url := newSchema(t)
			pool := open(t, url)
			require.NoError(t, river.MigrateTo(t.Context(), pool, version))
			request := func(trackID string) []byte {
				return fmt.Appendf(nil, `{"kind":"video","path":"/v6/video/text2video","body":{"model_id":"m","prompt":"x"},"track_id":%q}`, trackID)
			}
			insertOld(t, pool, "old-new", "video", "new", "", nil, request("old-new"))
			insertOld(t, pool, "old-result", "video", "result", "video/7",
				[]byte(`{"status":"success","id":7,"output":["https://cdn.example/0.mp4"]}`), request("old-result"))
			r, vendor := newRig(t, url), newVendor(t)
			cfg := config(vendor)
			cfg.Lease = 3 * time.Second
			engine := run(t, river.Config{Config: cfg, Pool: r.pool})
			vendor.DeliverTo(engine.Handler())
			// The machine of the old version goes on, and one of a version to come starts.
			insertOld(t, pool, "old-later", "video", "new", "", nil, request("old-later"))
			insertOld(t, pool, "newer", "hologram", "new", "", nil, []byte(`{"kind":"hologram","path":"/v9/hologram"}`))
			awaitDone(t, engine, 3)
			require.Eventually(t, func() bool {
				job, err := engine.Job(t.Context(), "newer")
				return err == nil && job.Problem != "" && job.Message != "" && job.State == durable.StateNew
			}, time.Minute, 20*time.Millisecond)
			oneEffectEach(t, r, 3)
			s, err := engine.Stats(t.Context())
			require.NoError(t, err)
			require.Equal(t, map[durable.State]int{durable.StateDone: 3, durable.StateNew: 1}, s.Jobs)
			require.NoError(t, river.MigrateTo(t.Context(), pool, version), "a machine of the old version starts again")
		})
	}
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
