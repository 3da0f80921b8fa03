package durable

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/modelslab-go/modelslab/contrib/durable/internal/failpoint"
)

// ErrAbandoned is what a transaction of [Store] is given up with while its f
// still runs: the store must undo all of it, and f may use it no more.
var ErrAbandoned = errors.New("durable: the callback still ran after Config.CallbackTimeout, so its transaction was undone")

// insideKey marks the context of a callback.
type insideKey struct{}

// inside refuses a call that would wait for the transaction that it is made in.
func inside(ctx context.Context, call string) error {
	if ctx.Value(insideKey{}) == nil {
		return nil
	}
	return fmt.Errorf("durable: %s inside OnEvent would wait for its own transaction: use SubmitTx, or what the callback's tx offers, and call %s after it", call, call)
}

// callbackRun is one run of the callback in a transaction.
type callbackRun struct {
	err  error         // what it returned, or ErrAbandoned
	done chan struct{} // closed when it has returned
}

// call runs the callback. One that outlives its time limit is left behind, so
// that the transaction, and on SQLite every other write, does not wait for it.
func (e *Engine[TTx]) call(ctx context.Context, tx TTx, ev Event) *callbackRun {
	ctx, cancel := context.WithTimeout(context.WithValue(ctx, insideKey{}, true), e.cfg.CallbackTimeout)
	defer cancel()
	callback := *e.callback.Load()
	run := &callbackRun{done: make(chan struct{})}
	returned := errors.New("durable: the callback ended its goroutine")
	go func() {
		defer close(run.done)
		returned = Protect(func() error { return callback(ctx, tx, ev) })
	}()
	select {
	case <-run.done:
	case <-ctx.Done():
		last := time.NewTimer(e.cfg.CallbackTimeout / 4) // to return in, now that its context has ended
		defer last.Stop()
		select {
		case <-run.done:
		case <-last.C:
			run.err = ErrAbandoned
			return run
		}
	}
	run.err = returned
	return run
}

// deliver runs the callback and completes the job in one transaction. The
// guarded write comes first: who does not hold the job calls nothing. A
// transaction that cannot be committed is a callback that failed.
func (e *Engine[TTx]) deliver(ctx context.Context, job *Job) (Change, error) {
	change := changeOf(job, (*Job).finish)
	select {
	case e.calls <- struct{}{}:
		defer func() { <-e.calls }()
	case <-ctx.Done():
		return change, ctx.Err()
	}
	var run *callbackRun // of the last try: a store may repeat a transaction
	err := e.store.Tx(ctx, func(ctx context.Context, tx TTx) error {
		run = nil
		failpoint.Reach("deliver")
		saved, err := e.saveTx(ctx, tx, []Change{change})
		if err != nil {
			return err
		}
		if !saved[0] {
			return errFenced
		}
		if e.callback.Load() == nil {
			return nil
		}
		run = e.call(ctx, tx, job.event())
		failpoint.Reach("called")
		return run.err
	})
	failpoint.Reach("delivered")
	switch {
	case err == nil:
		e.counters.delivered.Add(1)
		e.moved(ctx, []Change{change})
		return change, nil
	case run == nil || ctx.Err() != nil:
		return change, err // nothing was called, or this process stops: the lease ends and somebody tries again
	}
	if errors.Is(err, ErrAbandoned) {
		// It runs on, without its transaction: the next run must not begin beside it.
		select {
		case <-run.done:
		case <-ctx.Done():
			return change, err
		}
	}
	e.counters.callbackErrors.Add(1)
	e.cfg.Logger.WarnContext(ctx, "modelslab callback failed", "track_id", job.TrackID, "attempt", job.Attempts+1, "error", err)
	change, saveErr := e.settle(job, func(j *Job) time.Duration { return j.callbackFailed(err, e.cfg.MaxCallbacks) })
	return change, errors.Join(err, saveErr)
}
