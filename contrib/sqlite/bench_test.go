package sqlite_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/contrib/durable"
	"github.com/modelslab-go/modelslab/contrib/durable/storetest"
	"github.com/modelslab-go/modelslab/modelslabtest"
	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/contrib/sqlite"
)

func BenchmarkDeliveries(b *testing.B) {
	server := modelslabtest.NewServer(modelslabtest.WithStrict())
	defer server.Close()
	path := filepath.Join(b.TempDir(), "jobs.db")
	store, err := sqlite.OpenStore(b.Context(), path)
	require.NoError(b, err)
	engine, err := durable.New(store, nil, durable.Config{
		Client: server.Client(modelslab.WithWebhook(callbackURL, storetest.BenchSecret)), Secrets: [][]byte{storetest.BenchSecret},
	})
	require.NoError(b, err)
	// SQLite's own: one row, one transaction, one fsync.
	db, err := sql.Open("sqlite", "file:"+filepath.Join(b.TempDir(), "floor.db")+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	require.NoError(b, err)
	defer db.Close()
	db.SetMaxOpenConns(1)
	_, err = db.ExecContext(b.Context(), `CREATE TABLE floor (n INTEGER PRIMARY KEY, body TEXT)`)
	require.NoError(b, err)
	storetest.BenchDeliveries(b, store, engine, func(n int) error {
		_, err := db.ExecContext(b.Context(), `INSERT INTO floor VALUES (?, ?)`, n, "a row of about the size of a delivery")
		return err
	})
	require.NoError(b, engine.Shutdown(b.Context()))
}

// BenchmarkSweep claims a hundred due jobs among 100,000 that wait.
func BenchmarkSweep(b *testing.B) {
	store, err := sqlite.OpenStore(b.Context(), filepath.Join(b.TempDir(), "jobs.db"))
	require.NoError(b, err)
	defer store.Close()
	fillWaiting(b, store, 100_000)
	worst := time.Duration(0)
	for b.Loop() {
		b.StopTimer()
		require.NoError(b, store.Tx(b.Context(), func(ctx context.Context, tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)
				UPDATE modelslab_jobs SET due = 1 WHERE track_id IN (SELECT 'waiting-' || i FROM n)`)
			return err
		}))
		b.StartTimer()
		start := time.Now()
		require.NoError(b, store.Tx(b.Context(), func(ctx context.Context, tx *sql.Tx) error {
			jobs, err := store.Claim(ctx, tx, durable.Want{Jobs: 100, New: 100, Lease: time.Hour})
			require.Len(b, jobs, 100)
			return err
		}))
		worst = max(worst, time.Since(start))
	}
	b.ReportMetric(float64(worst.Microseconds())/1000, "worst-ms")
}
