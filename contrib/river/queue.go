package river

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/modelslab-go/modelslab/contrib/durable"
	riverqueue "github.com/riverqueue/river"
)

const (
	sweepEvery = time.Second
	sweepSoon  = 50 * time.Millisecond
	sweepRows  = 500
	foldEvery  = 10 * time.Second
)

// queue is River as the engine sees it.
type queue struct {
	pool   *pgxpool.Pool
	client *riverqueue.Client[pgx.Tx]
	own    bool // we start and stop the client
	name   string
	table  string // River's jobs
	engine *durable.Engine[pgx.Tx]
	store  durable.Store[pgx.Tx]
	slots  int
	lease  time.Duration
	log    *slog.Logger
	freed  chan struct{} // a slot, or soon
}

// Enqueue inserts a River job for each task, in the transaction that made it
// due. A job that stays in its state is snoozed by its worker instead.
func (q *queue) Enqueue(ctx context.Context, tx pgx.Tx, tasks []durable.Task) error {
	params := make([]riverqueue.InsertManyParams, 0, len(tasks))
	for _, t := range tasks {
		if q.slots > 0 && t.State == durable.StateResult {
			select {
			case q.freed <- struct{}{}:
			default:
			}
		}
		if t.From == t.State && t.After > 0 {
			continue
		}
		params = append(params, q.paramsOf(t))
	}
	var err error
	switch len(params) {
	case 0:
	case 1:
		_, err = q.client.InsertManyTx(ctx, tx, params)
	default:
		_, err = q.client.InsertManyFastTx(ctx, tx, params) // fences make them unique
	}
	if err != nil {
		return fmt.Errorf("river: enqueue: %w", err)
	}
	return nil
}

// owns makes the River job of that id the one that looks after the job, unless
// another one does, and reports whether it is.
func (q *queue) owns(ctx context.Context, id int64, trackID string) (bool, error) {
	tag, err := q.pool.Exec(ctx, `UPDATE modelslab_jobs SET ticket = $1 WHERE track_id = $2 AND coalesce(ticket, $1) = $1`, id, trackID)
	return tag.RowsAffected() == 1, err
}

// Run runs the client, if it is ours, and sweeps.
func (q *queue) Run(ctx context.Context) error {
	if q.own {
		if err := q.client.Start(context.WithoutCancel(ctx)); err != nil {
			return fmt.Errorf("river: start: %w", err)
		}
	}
	timer := time.NewTimer(sweepEvery)
	defer timer.Stop()
	fold := time.NewTicker(foldEvery)
	defer fold.Stop()
	for {
		select {
		case <-fold.C:
			if err := q.store.Tx(ctx, foldCounts); err != nil && ctx.Err() == nil {
				q.log.ErrorContext(ctx, "modelslab counts not folded", "error", err)
			}
		case <-q.freed:
			timer.Reset(sweepSoon) // when that has committed
		case <-timer.C:
			timer.Reset(sweepEvery)
			if err := errors.Join(q.obey(ctx), q.sweep(ctx)); err != nil && ctx.Err() == nil {
				q.log.ErrorContext(ctx, "modelslab sweep failed", "error", err)
			}
		case <-ctx.Done():
			if !q.own {
				return nil
			}
			// SoftStopTimeout is how long running jobs have.
			return q.client.Stop(context.WithoutCancel(ctx))
		}
	}
}

// obey gives up the jobs whose River job an operator cancelled, with a word to
// the callback, or discarded, without one. A cancelled call of the callback is
// discarded too: it would be the callback that is called again.
func (q *queue) obey(ctx context.Context) error {
	rows, err := q.pool.Query(ctx, `
SELECT j.track_id, j.state, r.state = 'cancelled' FROM `+q.table+` r JOIN modelslab_jobs j ON j.track_id = r.args->>'track_id'
WHERE r.state IN ('cancelled', 'discarded') AND r.finalized_at IS NOT NULL AND r.kind LIKE 'modelslab\_%' AND j.state NOT IN ('done', 'dead')
	AND (j.ticket = r.id OR j.ticket IS NULL AND j.fence = (r.args->>'fence')::bigint) LIMIT $1`, sweepRows)
	if err != nil {
		return err
	}
	var errs []error
	given, err := pgx.CollectRows(rows, pgx.RowToStructByPos[givenUp])
	for _, g := range given {
		errs = append(errs, q.giveUp(ctx, g))
	}
	return errors.Join(append(errs, err)...)
}

// givenUp is a job whose River job an operator ended.
type givenUp struct {
	TrackID   string
	State     durable.State
	Cancelled bool // rather than discarded
}

func (q *queue) giveUp(ctx context.Context, g givenUp) error {
	q.log.WarnContext(ctx, "modelslab job given up: its River job was cancelled or discarded", "track_id", g.TrackID, "state", string(g.State))
	if g.Cancelled && g.State != durable.StateResult {
		return q.engine.Cancel(ctx, g.TrackID)
	}
	return q.engine.Discard(ctx, g.TrackID)
}

// sweep takes up jobs that are due and that no River job will look after: their
// machine was killed, the leader that should have scheduled them is gone, an
// operator deleted it, or they waited for a slot. They get a new River job, and the fence keeps the old
// worker out.
func (q *queue) sweep(ctx context.Context) error {
	return q.store.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		const lost = `
WITH lost AS MATERIALIZED (
	SELECT j.track_id FROM modelslab_jobs j LEFT JOIN %[1]s r ON r.id = j.ticket
	WHERE j.due <= statement_timestamp() AND j.state %[2]s AND (
		j.ticket IS NOT NULL AND (r.id IS NULL OR r.state IN ('completed', 'running'))
		OR r.state IN ('scheduled', 'retryable') AND j.due <= statement_timestamp() - $2 * interval '1 microsecond'
		OR j.ticket IS NULL AND j.due <= statement_timestamp() - $2 * interval '1 microsecond' AND NOT EXISTS (
			SELECT FROM %[1]s w WHERE w.args @> jsonb_build_object('track_id', j.track_id, 'fence', j.fence)
			AND w.state IN ('available', 'pending')))
	ORDER BY j.due LIMIT $1 FOR UPDATE OF j SKIP LOCKED
) UPDATE modelslab_jobs j SET fence = fence + 1, ticket = NULL FROM lost WHERE j.track_id = lost.track_id
RETURNING j.track_id, j.state, j.fence`
		tasks, err := tasksOf(ctx, tx, fmt.Sprintf(lost, q.table, `<> 'new'`), sweepRows, (q.lease / 3).Microseconds())
		if err != nil {
			return err
		}
		n := sweepRows
		if q.slots > 0 {
			free, err := freeSlots(ctx, tx, q.slots)
			if err != nil {
				return err
			}
			n = min(n, free)
		}
		if n > 0 {
			parked, err := tasksOf(ctx, tx, fmt.Sprintf(lost, q.table, `= 'new'`), n, (q.lease / 3).Microseconds())
			if err != nil {
				return err
			}
			tasks = append(tasks, parked...)
		}
		return q.Enqueue(ctx, tx, tasks)
	})
}

func tasksOf(ctx context.Context, tx pgx.Tx, sql string, args ...any) ([]durable.Task, error) {
	rows, err := tx.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	var tasks []durable.Task
	var trackID, state string
	var fence int64
	_, err = pgx.ForEachRow(rows, []any{&trackID, &state, &fence}, func() error {
		tasks = append(tasks, durable.Task{TrackID: trackID, State: durable.State(state), Fence: fence})
		return nil
	})
	return tasks, err
}
