package sqlite_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/modelslab-go/modelslab/contrib/durable"
	"github.com/modelslab-go/modelslab/modelslabtest"
	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/contrib/sqlite"
)

// insertOld records a job as the first version did.
func insertOld(t *testing.T, store durable.Store[*sql.Tx], trackID, kind, state, ref string, result, request []byte) {
	t.Helper()
	now := time.Now().UnixMicro()
	require.NoError(t, store.Tx(t.Context(), func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO modelslab_jobs (track_id, token, kind, policy, state, created, since, due, ref, result, request)
	VALUES (?1, ?1, ?2, 'at_most_once', ?3, ?4, ?4, ?4, ?5, ?6, ?7)`, trackID, kind, state, now, ref, result, request)
		return err
	}))
}

func TestADeployBesideAnOlderVersion(t *testing.T) {
	t.Parallel()
	for version := 1; version <= 2; version++ {
		t.Run(fmt.Sprint("version ", version), func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "jobs.db")
			old, err := sqlite.OpenVersion(t.Context(), path, version)
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, old.Close()) })
			request := func(trackID string) []byte {
				return fmt.Appendf(nil, `{"kind":"video","path":"/v6/video/text2video","body":{"model_id":"m","prompt":"x"},"track_id":%q}`, trackID)
			}
			insertOld(t, old, "old-new", "video", "new", "", nil, request("old-new"))
			insertOld(t, old, "old-result", "video", "result", "video/7",
				[]byte(`{"status":"success","id":7,"output":["https://cdn.example/0.mp4"]}`), request("old-result"))

			server := modelslabtest.NewServer(modelslabtest.WithStrict(), modelslabtest.WithLatency(0))
			t.Cleanup(server.Close)
			engine, store := newEngine(t, server, path, durable.Config{})
			ran := make(chan error, 1)
			go func() { ran <- engine.Run(context.WithoutCancel(t.Context())) }()
			// The process of the old version goes on, and one of a version to come starts.
			insertOld(t, old, "old-later", "video", "new", "", nil, request("old-later"))
			insertOld(t, old, "newer", "hologram", "new", "", nil, []byte(`{"kind":"hologram","path":"/v9/hologram"}`))
			eventually(t, "all jobs but the newer one end", func() bool {
				s, err := engine.Stats(t.Context())
				return err == nil && s.Jobs[durable.StateDone] == 3
			})
			eventually(t, "the newer one is parked", func() bool {
				job, err := engine.Job(t.Context(), "newer")
				return err == nil && job.Problem != "" && job.Message != "" && job.State == durable.StateNew
			})
			s, err := engine.Stats(t.Context())
			require.NoError(t, err)
			require.Equal(t, map[durable.State]int{durable.StateDone: 3, durable.StateNew: 1}, s.Jobs)
			n, distinct := countEffects(t, store)
			require.Equal(t, []int{3, 3}, []int{n, distinct})
			require.NoError(t, engine.Shutdown(t.Context()))
			require.NoError(t, <-ran)
			again, err := sqlite.OpenVersion(t.Context(), path, version)
			require.NoError(t, err, "a process of the old version starts again")
			require.NoError(t, again.Close())
		})
	}
}
