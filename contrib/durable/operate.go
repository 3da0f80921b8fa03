package durable

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/modelslab-go/modelslab"
)

// Redrive gives a dead job another chance without a risk of a second bill: a
// failed callback is repeated, an accepted job is looked at again, one that was
// refused is sent, and an unknown one waits for its webhook once more.
func (e *Engine[TTx]) Redrive(ctx context.Context, trackID string) error {
	return e.change(ctx, "Redrive", trackID, (*Job).revivable, func(j *Job) time.Duration {
		reason := j.Reason
		j.Reason, j.Attempts = "", 0
		switch reason {
		case ReasonCallback:
			j.State = StateResult
		case ReasonRefused:
			j.State = StateNew
			j.Submits = max(0, j.Submits-1)
		case ReasonCancelled:
			switch {
			case j.Submits == 0:
				j.State = StateNew
			case j.Ref.IsZero():
				j.State = StateUnknown
				return e.cfg.Grace
			default:
				j.State = StateWaiting
			}
		case ReasonUnknown:
			j.State = StateUnknown
			return e.cfg.Grace
		default:
			j.State = StateWaiting
		}
		return 0
	})
}

// RedriveAll is [Engine.Redrive] for the dead jobs that the filter picks, up to
// its Limit, oldest first. It returns how many there were; those that changed
// meanwhile are left alone.
func (e *Engine[TTx]) RedriveAll(ctx context.Context, filter Filter) (int, error) {
	if err := inside(ctx, "RedriveAll"); err != nil {
		return 0, err
	}
	filter.State = StateDead
	jobs, err := e.List(ctx, filter)
	if err != nil {
		return 0, err
	}
	redriven := 0
	for _, job := range jobs {
		switch err := e.Redrive(ctx, job.TrackID); {
		case err == nil:
			redriven++
		case ctx.Err() != nil:
			return redriven, ctx.Err()
		case job.Problem == "" && !errors.Is(err, errNotDead) && !errors.Is(err, ErrNotFound):
			return redriven, err
		}
	}
	return redriven, nil
}

// Cancel gives up a job that has no result yet: the callback is called, with a
// *[DeadError] of ReasonCancelled. What was sent to ModelsLab may run and be
// billed all the same, and its result is ignored.
func (e *Engine[TTx]) Cancel(ctx context.Context, trackID string) error {
	return e.change(ctx, "Cancel", trackID, (*Job).cancellable,
		func(j *Job) time.Duration { return j.die(ReasonCancelled) })
}

// Discard is [Engine.Cancel] without the callback: the job is dead at once. One
// that has a result keeps it, dead of ReasonCallback.
func (e *Engine[TTx]) Discard(ctx context.Context, trackID string) error {
	return e.change(ctx, "Discard", trackID, (*Job).discardable,
		func(j *Job) time.Duration {
			if j.State != StateResult {
				j.Reason = ReasonCancelled
			} else if j.Reason == "" {
				j.Reason = ReasonCallback
			}
			j.State, j.Attempts = StateDead, 0
			return Never
		})
}

func (j *Job) discardable() error {
	if j.State.Final() {
		return fmt.Errorf("durable: job %q is %s already", j.TrackID, j.State)
	}
	return nil
}

func (j *Job) cancellable() error {
	if j.State == StateResult || j.State.Final() {
		return fmt.Errorf("durable: job %q is %s: only one without a result can be cancelled; Discard gives up its callback", j.TrackID, j.State)
	}
	return nil
}

// Delete removes a job that is done or dead, its result, and its deliveries.
func (e *Engine[TTx]) Delete(ctx context.Context, trackID string) error {
	if err := inside(ctx, "Delete"); err != nil {
		return err
	}
	return e.store.Tx(ctx, func(ctx context.Context, tx TTx) error {
		gone, err := e.store.Delete(ctx, tx, trackID)
		if err == nil && !gone {
			err = fmt.Errorf("durable: job %q is neither done nor dead: Cancel or Discard it first", trackID)
		}
		return err
	})
}

// Resubmit sends a dead job again, whatever became of it before: it may be
// billed a second time.
func (e *Engine[TTx]) Resubmit(ctx context.Context, trackID string) error {
	return e.change(ctx, "Resubmit", trackID, (*Job).revivable, func(j *Job) time.Duration {
		j.State, j.Reason, j.Attempts, j.Result, j.Ref, j.ETA = StateNew, "", 0, nil, modelslab.Ref{}, 0
		return 0
	})
}

// errNotDead is the reason of a Redrive or Resubmit that was refused.
var errNotDead = errors.New("it is not dead")

func (j *Job) revivable() error {
	switch {
	case j.State != StateDead:
		return fmt.Errorf("durable: job %q is %s: %w", j.TrackID, j.State, errNotDead)
	case j.Problem != "":
		return fmt.Errorf("durable: job %q cannot be worked on by this version: %s", j.TrackID, j.Problem)
	}
	return nil
}

// change moves a job that an operator names, if allowed says nothing against it.
func (e *Engine[TTx]) change(ctx context.Context, call, trackID string, allowed func(*Job) error, move func(*Job) time.Duration) error {
	if err := inside(ctx, call); err != nil {
		return err
	}
	var change Change
	err := e.store.Tx(ctx, func(ctx context.Context, tx TTx) error {
		job, err := e.store.Get(ctx, tx, trackID)
		if err == nil {
			err = allowed(job)
		}
		if err != nil {
			return err
		}
		change = changeOf(job, move)
		saved, err := e.saveTx(ctx, tx, []Change{change})
		if err == nil && !saved[0] {
			err = fmt.Errorf("durable: job %q changed meanwhile: read it again and repeat", trackID)
		}
		return err
	})
	if err == nil {
		e.moved(ctx, []Change{change})
	}
	return err
}
