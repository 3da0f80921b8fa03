package sqlite_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/modelslab-go/modelslab/contrib/durable"
	"github.com/modelslab-go/modelslab/contrib/durable/storetest"
	"github.com/modelslab-go/modelslab/modelslabtest"
	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/contrib/sqlite"
)

func TestMain(m *testing.M) {
	if child, ok := storetest.ChildOf(); ok {
		if err := runChild(child); err != nil {
			fmt.Fprintln(os.Stderr, "child:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func runChild(c storetest.Child) error {
	engine, err := sqlite.Open(context.Background(), c.Store, c.Config())
	if err != nil {
		return err
	}
	engine.OnEvent(effect)
	return storetest.RunChild(c, engine)
}

// effect is a callback whose work is counted.
func effect(ctx context.Context, tx *sql.Tx, ev durable.Event) error {
	if ev.Err != nil {
		return nil //nolint:nilerr // only results are counted
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO effects VALUES (?)`, ev.TrackID)
	return err
}

// crashRig is a file that several processes share with the test.
type crashRig struct {
	*testing.T

	path  string
	store durable.Store[*sql.Tx]
}

func newCrashRig(t *testing.T) *crashRig {
	t.Helper()
	return openCrashRig(t, filepath.Join(t.TempDir(), "jobs.db"))
}

func openCrashRig(t *testing.T, path string) *crashRig {
	t.Helper()
	r := &crashRig{T: t, path: path}
	var err error
	r.store, err = sqlite.OpenStore(t.Context(), r.path)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, r.store.Close()) })
	require.NoError(t, r.store.Tx(t.Context(), func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `CREATE TABLE effects (track_id TEXT)`)
		return err
	}))
	return r
}

func (r *crashRig) list() (jobs []*durable.Job, err error) {
	err = r.store.View(r.Context(), func(ctx context.Context, tx *sql.Tx) (err error) {
		jobs, err = r.store.List(ctx, tx, durable.Filter{Limit: 1 << 20})
		return err
	})
	return jobs, err
}

func (r *crashRig) effects() (map[string]int, error) {
	n := map[string]int{}
	return n, r.store.View(r.Context(), func(ctx context.Context, tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, `SELECT track_id, count(*) FROM effects GROUP BY track_id`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id string
			var count int
			if err := rows.Scan(&id, &count); err != nil {
				return err
			}
			n[id] = count
		}
		return rows.Err()
	})
}

func (r *crashRig) intact() {
	var verdict string
	require.NoError(r, r.store.View(r.Context(), func(ctx context.Context, tx *sql.Tx) error {
		return tx.QueryRowContext(ctx, `PRAGMA integrity_check`).Scan(&verdict)
	}))
	require.Equal(r, "ok", verdict)
}

func TestKilledProcessesLoseAndRepeatNothing(t *testing.T) {
	t.Parallel()
	r := newCrashRig(t)
	crash := &storetest.Crash{
		Store: r.path, Processes: 2, Jobs: 2000, Kills: 30, Stops: 2,
		Lease: 3 * time.Second, Fault: storetest.Rough,
	}
	if raceEnabled { // go test without the detector runs the full size
		crash.Jobs, crash.Kills, crash.Stops = 200, 6, 1
	}
	crash.Run(t, r.list, r.effects)
	r.intact()
}

func TestEveryFailpointEndsWell(t *testing.T) {
	t.Parallel()
	for _, failpoint := range storetest.Failpoints {
		t.Run(failpoint, func(t *testing.T) {
			t.Parallel()
			r := newCrashRig(t)
			crash := &storetest.Crash{
				Store: r.path, Processes: 1, Jobs: 6, Lease: time.Second, Failpoint: failpoint,
				Fault: func(req *modelslabtest.Request) *modelslabtest.Fault {
					return &modelslabtest.Fault{Took: 300 * time.Millisecond, Lost: req.Call == modelslabtest.Submit && (failpoint == "poll" || failpoint == "polled")}
				},
			}
			crash.Run(t, r.list, r.effects)
			r.intact()
		})
	}
}
