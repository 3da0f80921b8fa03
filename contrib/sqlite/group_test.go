package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/modelslab-go/modelslab/contrib/durable"
	"github.com/modelslab-go/modelslab/modelslabtest"
	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/contrib/sqlite"
)

// TestOneWriteFailsAlone lets a write fail in each of the ways that end the
// transaction it shares with others.
func TestOneWriteFailsAlone(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	for _, tt := range []struct {
		name string
		fail func(ctx context.Context, tx *sql.Tx) error
		want string
	}{
		{"with an error", func(context.Context, *sql.Tx) error { return broken }, "broken"},
		{"with a panic", func(context.Context, *sql.Tx) error { panic("no") }, "panic: no"},
		{"at its commit", func(ctx context.Context, tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, `INSERT INTO child VALUES ('nobody')`)
			return err
		}, "FOREIGN KEY"},
		{"left behind", func(context.Context, *sql.Tx) error { return durable.ErrAbandoned }, durable.ErrAbandoned.Error()},
		{"with its transaction gone", func(_ context.Context, tx *sql.Tx) error {
			return errors.Join(broken, tx.Rollback())
		}, "transaction"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			store, err := sqlite.OpenStore(t.Context(), filepath.Join(t.TempDir(), "jobs.db"))
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, store.Close()) })
			require.NoError(t, store.Tx(t.Context(), func(ctx context.Context, tx *sql.Tx) error {
				_, err := tx.ExecContext(ctx, `CREATE TABLE parent (id TEXT PRIMARY KEY);
CREATE TABLE child (id TEXT REFERENCES parent(id) DEFERRABLE INITIALLY DEFERRED); CREATE TABLE good (n INTEGER)`)
				return err
			}))
			// The first write holds the transaction open until all others have come.
			const good = 20
			begun, joined := make(chan struct{}), make(chan struct{})
			var once sync.Once
			var writes sync.WaitGroup
			writes.Go(func() {
				if err := store.Tx(t.Context(), func(context.Context, *sql.Tx) error {
					once.Do(func() { close(begun) })
					<-joined
					return nil
				}); err != nil {
					t.Error(err)
				}
			})
			<-begun
			var coming sync.WaitGroup
			coming.Add(good + 1)
			for i := range good {
				writes.Go(func() {
					coming.Done()
					if err := store.Tx(t.Context(), func(ctx context.Context, tx *sql.Tx) error {
						_, err := tx.ExecContext(ctx, `INSERT INTO good VALUES (?)`, i)
						return err
					}); err != nil {
						t.Error(err)
					}
				})
			}
			var bad error
			writes.Go(func() {
				coming.Done()
				bad = store.Tx(t.Context(), tt.fail)
			})
			coming.Wait()
			close(joined)
			writes.Wait()
			require.ErrorContains(t, bad, tt.want)
			require.NoError(t, store.View(t.Context(), func(ctx context.Context, tx *sql.Tx) error {
				var n, distinct int
				err := tx.QueryRowContext(ctx, `SELECT count(*), count(DISTINCT n) FROM good`).Scan(&n, &distinct)
				require.Equal(t, good, n)
				require.Equal(t, good, distinct)
				return err
			}))
		})
	}
}

func TestACallbackThatCannotBeCommittedIsGivenUp(t *testing.T) {
	t.Parallel()
	server := modelslabtest.NewServer(modelslabtest.WithQueueLimit(0), modelslabtest.WithLatency(time.Millisecond))
	t.Cleanup(server.Close)
	engine, store := newEngine(t, server, filepath.Join(t.TempDir(), "jobs.db"), durable.Config{MaxCallbacks: 2})
	require.NoError(t, store.Tx(t.Context(), func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `CREATE TABLE orders (id TEXT PRIMARY KEY);
CREATE TABLE results (order_id TEXT REFERENCES orders(id) DEFERRABLE INITIALLY DEFERRED)`)
		return err
	}))
	engine.OnEvent(func(ctx context.Context, tx *sql.Tx, _ durable.Event) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO results VALUES ('no such order')`)
		return err
	})
	run(t, engine)
	id, err := engine.Submit(t.Context(), video("x"))
	require.NoError(t, err)
	eventually(t, "the job is dead", func() bool {
		job, err := engine.Job(t.Context(), id)
		return err == nil && job.State == durable.StateDead
	})
	job, err := engine.Job(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, durable.ReasonCallback, job.Reason)
	require.Contains(t, job.Message, "FOREIGN KEY")
}

func TestOpenRefusesWhatIsNoFile(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"", ":memory:", "file:jobs.db", "file::memory:?cache=shared"} {
		_, err := sqlite.OpenStore(t.Context(), path)
		require.ErrorContains(t, err, "no path of a file", path)
	}
	for i, name := range []string{"with space?and#hash%41.db", "file:x.db", "ü.db"} {
		path := filepath.Join(t.TempDir(), fmt.Sprint(i)+name)
		store, err := sqlite.OpenStore(t.Context(), path)
		require.NoError(t, err)
		require.FileExists(t, path)
		require.NoError(t, store.Close())
	}
}

func TestOpenKeepsCallbacksWithinTheLease(t *testing.T) {
	t.Parallel()
	server := modelslabtest.NewServer()
	t.Cleanup(server.Close)
	cfg := durable.Config{Client: server.Client(), CallbackTimeout: time.Minute}
	_, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "jobs.db"), cfg)
	require.ErrorContains(t, err, "Config.Lease")
}
