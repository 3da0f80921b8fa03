package river

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/modelslab-go/modelslab/contrib/durable"
	riverqueue "github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// DefaultQueue is the River queue that our jobs are in.
const DefaultQueue = "modelslab"

// maxAttempts is never reached: the rows record when a job is dead.
const maxAttempts = 10_000

// job is what River keeps of a job of ours. The fence makes the arguments of
// each of its steps unique.
type job struct {
	TrackID string `json:"track_id"`
	Fence   int64  `json:"fence"`
}

type (
	submitJob  struct{ job }
	pollJob    struct{ job }
	deliverJob struct{ job }
)

// Kind is the name of the work in River.
func (submitJob) Kind() string { return "modelslab_submit" }

// Kind is the name of the work in River.
func (pollJob) Kind() string { return "modelslab_poll" }

// Kind is the name of the work in River.
func (deliverJob) Kind() string { return "modelslab_deliver" }

// Workers are our workers in a River client.
type Workers struct{ q atomic.Pointer[queue] }

// AddWorkers adds our workers to those of a River client that you make and
// run yourself. Give the client the queue [DefaultQueue], and then both to
// [Open]. Until then the work waits.
func AddWorkers(to *riverqueue.Workers) *Workers {
	w := new(Workers)
	riverqueue.AddWorker(to, &worker[submitJob]{workers: w, of: func(a submitJob) job { return a.job }})
	riverqueue.AddWorker(to, &worker[pollJob]{workers: w, of: func(a pollJob) job { return a.job }})
	riverqueue.AddWorker(to, &worker[deliverJob]{workers: w, of: func(a deliverJob) job { return a.job }})
	return w
}

type worker[T riverqueue.JobArgs] struct {
	riverqueue.WorkerDefaults[T]

	workers *Workers
	of      func(T) job
}

// Timeout is none: a submit may take minutes, and leases see to lost workers.
func (*worker[T]) Timeout(*riverqueue.Job[T]) time.Duration { return -1 }

// NextRetry is soon: what failed is not the job but a step, and the row holds
// when the next one is due.
func (*worker[T]) NextRetry(*riverqueue.Job[T]) time.Time { return time.Now().Add(time.Second) }

// Work steps the job that the River job stands for.
func (w *worker[T]) Work(ctx context.Context, j *riverqueue.Job[T]) error {
	q := w.workers.q.Load()
	if q == nil {
		return riverqueue.JobSnooze(time.Second)
	}
	return q.work(ctx, j.ID, w.of(j.Args).TrackID)
}

func (q *queue) work(ctx context.Context, id int64, trackID string) error {
	s, err := q.engine.Step(context.WithValue(ctx, ticketKey{}, id), trackID)
	switch {
	case s.Did && !moves(s) && errors.Is(context.Cause(ctx), rivertype.ErrJobCancelledRemotely):
		return errors.Join(context.Cause(ctx), q.giveUp(context.WithoutCancel(ctx), givenUp{trackID, s.Job.State, true}))
	case errors.Is(err, durable.ErrNotFound):
		return nil // pruned
	case err != nil && !s.Did:
		return err
	case s.After < 0 || s.Did && moves(s):
		return err // nothing is left, or another River job has it
	}
	own, ownErr := q.owns(ctx, id, trackID)
	if ownErr != nil || !own {
		return errors.Join(err, ownErr)
	}
	if !s.Did && s.Job.State == durable.StateNew && s.After == 0 {
		return nil // no slot is free; the sweep brings it back when one is
	}
	if err != nil {
		return err // shown in River's UI; the row holds when it is due again
	}
	return riverqueue.JobSnooze(s.After)
}

// moves reports whether the step brought the job to another state, for which
// another River job was inserted.
func moves(s durable.Stepped) bool { return s.From != s.Job.State || s.After == 0 }

// paramsOf is the River job of a task.
func (q *queue) paramsOf(t durable.Task) riverqueue.InsertManyParams {
	args := job{TrackID: t.TrackID, Fence: t.Fence}
	p := riverqueue.InsertManyParams{InsertOpts: &riverqueue.InsertOpts{
		Queue: q.name, MaxAttempts: maxAttempts, UniqueOpts: riverqueue.UniqueOpts{ByArgs: true},
	}}
	if t.After > 0 {
		p.InsertOpts.ScheduledAt = time.Now().Add(t.After)
	}
	switch t.State {
	case durable.StateNew, durable.StateSubmitting:
		p.Args = submitJob{args}
	case durable.StateResult:
		p.Args = deliverJob{args}
	default:
		p.Args = pollJob{args}
	}
	return p
}

var _ rivertype.JobArgs = submitJob{}

var _ durable.Queue[pgx.Tx] = (*queue)(nil)
