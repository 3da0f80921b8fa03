package river_test

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/modelslab-go/modelslab/contrib/durable"
	"github.com/modelslab-go/modelslab/contrib/durable/storetest"
	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/contrib/river"
)

// rig is a database that several processes share with the test.
type rig struct {
	*testing.T

	url   string
	pool  *pgxpool.Pool
	store durable.Store[pgx.Tx]
}

func newRig(t *testing.T, url string) *rig {
	t.Helper()
	r := &rig{T: t, url: url, pool: open(t, url)}
	var err error
	r.store, err = river.OpenStore(t.Context(), r.pool)
	require.NoError(t, err)
	_, err = r.pool.Exec(t.Context(), `CREATE TABLE effects (track_id text)`)
	require.NoError(t, err)
	return r
}

func (r *rig) list() (jobs []*durable.Job, err error) {
	return jobs, r.insist(func() error {
		return r.store.View(r.Context(), func(ctx context.Context, tx pgx.Tx) (err error) {
			jobs, err = r.store.List(ctx, tx, durable.Filter{Limit: 1 << 20})
			return err
		})
	})
}

// insist repeats what a restart of the server may break.
func (r *rig) insist(f func() error) (err error) {
	for range 100 {
		if err = f(); err == nil {
			return nil
		}
		timer := time.NewTimer(100 * time.Millisecond)
		<-timer.C
	}
	return err
}

func (r *rig) effects() (map[string]int, error) {
	n := map[string]int{}
	rows, err := r.pool.Query(r.Context(), `SELECT track_id, count(*) FROM effects GROUP BY track_id`)
	if err != nil {
		return nil, err
	}
	var id string
	var count int
	_, err = pgx.ForEachRow(rows, []any{&id, &count}, func() error {
		n[id] = count
		return nil
	})
	return n, err
}

func TestKilledMachinesLoseAndRepeatNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t, newSchema(t))
	crash := &storetest.Crash{
		Store: r.url, Processes: 2, Jobs: 2000, Kills: 30, Stops: 2,
		Lease: 5 * time.Second, Fault: storetest.Rough,
	}
	if raceEnabled { // go test without the detector runs the full size
		crash.Jobs, crash.Kills, crash.Stops = 200, 6, 1
	}
	crash.Run(t, r.list, r.effects)
}
