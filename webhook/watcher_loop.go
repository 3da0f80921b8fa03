package webhook

import (
	"context"
	"errors"
	"time"

	"github.com/modelslab-go/modelslab"
	deliveries "github.com/modelslab-go/modelslab/internal/delivery"
	"github.com/modelslab-go/modelslab/internal/token"
)

const (
	pollTimeout = 30 * time.Second
	// maxIdle is how long a store that others write to is not looked into.
	maxIdle = 15 * time.Second
	// giveBackTimeout bounds what a shutdown does for other replicas.
	giveBackTimeout = time.Second
)

// watchLoop polls what one store has due, from a goroutine that runs while there
// is anything.
type watchLoop struct {
	w       *watcher
	store   WatchStore
	lasting bool // the store outlives the process, and others write to it

	// Guarded by the watcher's lock.
	running bool
	planned time.Time // when run looks into the store; zero while it does

	changed chan struct{} // run is to look now
}

func newWatchLoop(w *watcher, store WatchStore) *watchLoop {
	return &watchLoop{w: w, store: store, changed: make(chan struct{}, 1)}
}

// dueAt has the store looked into by then.
func (l *watchLoop) dueAt(next time.Time) {
	l.w.mu.Lock()
	defer l.w.mu.Unlock()
	switch {
	case l.w.stopped:
	case !l.running:
		l.running = true
		l.w.busy.Go(l.run)
	case l.planned.IsZero() || next.Before(l.planned):
		select {
		case l.changed <- struct{}{}:
		default:
		}
	}
}

func (l *watchLoop) run() {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		due, wait, ok := l.claim()
		if !ok {
			return
		}
		for i, e := range due {
			select {
			case l.w.slots <- struct{}{}:
				l.w.busy.Go(func() {
					defer func() { <-l.w.slots }()
					l.take(e)
				})
			case <-l.w.ctx.Done():
				l.giveBack(due[i:])
				return
			}
		}
		timer.Reset(wait)
		select {
		case <-timer.C:
		case <-l.changed:
		case <-l.w.ctx.Done():
			return
		}
	}
}

// claim takes what is due, and says when to look again. It is not ok when there
// is nothing left to do.
func (l *watchLoop) claim() (due []Watched, wait time.Duration, ok bool) {
	l.plan(time.Time{})
	ctx, cancel := context.WithTimeout(l.w.ctx, storeTimeout)
	defer cancel()
	due, next, err := l.store.Due(ctx, watchWorkers, l.lease())
	switch {
	case l.w.ctx.Err() != nil:
		l.giveBack(due)
		return nil, 0, false
	case err != nil:
		l.w.h.report.log.Warn("modelslab watch: the store failed", "again_in", maxIdle, "error", err)
		next = time.Now().Add(maxIdle)
	case len(due) == watchWorkers:
		return due, 0, true
	case len(due) == 0 && next.IsZero() && !l.lasting:
		return nil, 0, !l.end()
	}
	wait = time.Until(next)
	if l.lasting && (next.IsZero() || wait > maxIdle) {
		wait = maxIdle
	}
	l.plan(time.Now().Add(wait))
	return due, wait, true
}

func (l *watchLoop) plan(at time.Time) {
	l.w.mu.Lock()
	defer l.w.mu.Unlock()
	l.planned = at
}

// end ends run, unless something was added meanwhile.
func (l *watchLoop) end() (ended bool) {
	l.w.mu.Lock()
	defer l.w.mu.Unlock()
	select {
	case <-l.changed:
		return false
	default:
		l.running = false
		return true
	}
}

// lease is longer than a poll, those in front of it and the callbacks take.
func (l *watchLoop) lease() time.Duration {
	return 3*pollTimeout + l.w.h.runner.timeout
}

// take polls a job, or gives it up.
func (l *watchLoop) take(e Watched) {
	if e.over(time.Now()) {
		l.giveUp(&e, errWatchEnded)
		return
	}
	ended, err := l.poll(&e)
	now := time.Now()
	switch {
	case l.w.ctx.Err() != nil:
		l.giveBack([]Watched{e}) // it counts as watched still
		return
	case errors.Is(err, modelslab.ErrNotFound) || errors.Is(err, modelslab.ErrInvalid):
		l.giveUp(&e, err)
		return
	case ended && !l.lasting:
		l.w.done(e.Ref) // what failed the handler tries again
		return
	}
	e.Polls++
	e.schedule(now)
	if ended { // it is done by the handler once it is handled, unless that dies first
		e.Next = now.Add(sharedLease)
	}
	ctx, cancel := context.WithTimeout(l.w.ctx, storeTimeout)
	defer cancel()
	if err := l.store.Postpone(ctx, e); err != nil {
		l.w.h.report.log.Warn("modelslab watch: a job is polled again when its lease ends: the store failed", "job", e.Ref.String(), "error", err)
		return
	}
	l.dueAt(e.Next)
}

// poll fetches a job, unless a Wait polls it, and delivers what is new about it.
// It gives up on an answer that does not come: the next poll may get one.
func (l *watchLoop) poll(e *Watched) (ended bool, err error) {
	client := &l.w.h.client
	if client.table.Awaited(deliveries.Identity{Kind: string(e.Ref.Kind), ID: e.Ref.ID}.Names(token.JobKey{})) {
		return false, nil
	}
	ctx, cancel := context.WithTimeout(l.w.ctx, pollTimeout)
	defer cancel()
	var opts []modelslab.CallOption
	if token.IsLink(e.Link) {
		opts = append(opts, modelslab.LinkedTo(e.Link))
	}
	job, err := client.Fetch(ctx, e.job(), opts...)
	if err != nil || l.w.ctx.Err() != nil {
		return false, err
	}
	client.polled(l.w.ctx, job)
	return job.Final(), nil
}

func (l *watchLoop) giveUp(e *Watched, err error) {
	l.w.done(e.Ref)
	d := &delivery{job: e.job(), kind: e.Ref.Kind}
	l.w.h.report.decided(l.w.ctx, OutcomeGaveUp, d, 0, err)
}

// giveBack ends claims as this process ends, so that others need not wait for
// the ends of their leases.
func (l *watchLoop) giveBack(claimed []Watched) {
	if !l.lasting {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(l.w.ctx), giveBackTimeout)
	defer cancel()
	for _, e := range claimed {
		_ = l.store.Postpone(ctx, e) // else the lease ends
	}
}
