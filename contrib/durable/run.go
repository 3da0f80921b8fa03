package durable

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/modelslab-go/modelslab/contrib/durable/internal/failpoint"
)

const (
	sweepEvery = time.Second            // another process may have made something due
	idlePause  = 100 * time.Millisecond // what is due may not be claimable: the queue limit
	pruneEvery = time.Hour
	pruneRows  = 200 // in one transaction, which on SQLite keeps all other writers out
	keepAlways = 100 * 365 * 24 * time.Hour
)

// Run does the work until ctx ends or Shutdown is called: it sends what is new,
// polls what waits, and calls the callback of OnEvent, which must be
// registered. Then it takes no new work, gives what is under way Config.Drain
// to end, cancels the rest and returns nil. What was cancelled is picked up by
// the next Run, of this process or another.
func (e *Engine[TTx]) Run(ctx context.Context) error {
	if e.callback.Load() == nil {
		return errors.New("durable: register a callback with OnEvent before Run")
	}
	var keepers sync.WaitGroup
	defer keepers.Wait()
	running, stopRunning := context.WithCancel(ctx)
	defer stopRunning()
	keeping, stopKeeping := context.WithCancel(context.WithoutCancel(ctx))
	defer stopKeeping()
	keepers.Go(func() { e.every(keeping, e.cfg.Lease/3, e.heartbeat) })
	keepers.Go(func() { e.pruneNowAndThen(keeping) })
	keepers.Go(func() {
		select {
		case <-e.stop:
			stopRunning()
		case <-running.Done():
		}
	})
	if e.queue != nil {
		return e.queue.Run(running)
	}
	return e.runLocal(running)
}

// runLocal claims what is due and steps it, on as many goroutines as there is
// work, up to Config.Workers.
func (e *Engine[TTx]) runLocal(ctx context.Context) error {
	hard, cancel := context.WithCancel(e.hard)
	defer cancel()
	var steps sync.WaitGroup
	free := make(chan struct{}, e.cfg.Workers)
	for range e.cfg.Workers {
		free <- struct{}{}
	}
	for ctx.Err() == nil {
		n := 0
		select {
		case <-free:
			n = 1
		case <-ctx.Done():
		}
		for n > 0 && n < e.cfg.Workers {
			select {
			case <-free:
				n++
				continue
			default:
			}
			break
		}
		if n == 0 || !e.begin() {
			break
		}
		jobs := e.claim(ctx, n)
		for range n - len(jobs) {
			free <- struct{}{}
		}
		for _, job := range jobs {
			e.leases.add(job)
			e.work.Add(1)
			steps.Go(func() {
				defer e.work.Done()
				defer func() { free <- struct{}{} }()
				if _, err := e.step(hard, job); err != nil {
					e.cfg.Logger.WarnContext(hard, "modelslab step failed", "track_id", job.TrackID, "state", string(job.State), "error", err)
				}
			})
		}
		e.work.Done()
		if len(jobs) < n {
			e.idle(ctx, len(jobs) == 0)
		}
	}
	drained := time.AfterFunc(e.cfg.Drain, cancel)
	steps.Wait()
	drained.Stop()
	return nil
}

func (e *Engine[TTx]) claim(ctx context.Context, n int) []*Job {
	var jobs []*Job
	want := Want{Jobs: n, New: e.pace.reserve(n), Lease: e.cfg.Lease, Slots: e.cfg.QueueLimit}
	failpoint.Reach("claim")
	err := e.store.Tx(ctx, func(ctx context.Context, tx TTx) (err error) {
		jobs, err = e.store.Claim(ctx, tx, want)
		return err
	})
	failpoint.Reach("claimed")
	if err != nil {
		e.pace.giveBack(want.New)
		if ctx.Err() == nil {
			e.cfg.Logger.ErrorContext(ctx, "modelslab jobs not claimed", "error", err)
		}
		return nil
	}
	sending := 0
	for _, job := range jobs {
		if job.sending() {
			sending++
		}
	}
	e.pace.giveBack(want.New - sending)
	return jobs
}

// idle waits until something may be due.
func (e *Engine[TTx]) idle(ctx context.Context, nothing bool) {
	pause := sweepEvery
	err := e.store.View(ctx, func(ctx context.Context, tx TTx) (err error) {
		pause, err = e.store.NextDue(ctx, tx, sweepEvery)
		return err
	})
	if err != nil || nothing {
		pause = max(pause, idlePause)
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-e.wake:
	case <-ctx.Done():
	}
}

// every calls f until ctx ends.
func (e *Engine[TTx]) every(ctx context.Context, pause time.Duration, f func(context.Context) error) {
	ticker := time.NewTicker(pause)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if err := f(ctx); err != nil && ctx.Err() == nil {
				e.cfg.Logger.ErrorContext(ctx, "modelslab upkeep failed", "error", err)
			}
		}
	}
}

func (e *Engine[TTx]) heartbeat(ctx context.Context) error {
	claims := e.leases.claims()
	if len(claims) == 0 {
		return nil
	}
	return e.store.Tx(ctx, func(ctx context.Context, tx TTx) error {
		_, err := e.store.Extend(ctx, tx, claims, e.cfg.Lease)
		return err
	})
}

// pruneNowAndThen prunes at the start and about once an hour, not at the moment
// that the other processes do.
func (e *Engine[TTx]) pruneNowAndThen(ctx context.Context) {
	done := e.cfg.Retention
	if done < 0 {
		if done = keepAlways; e.cfg.DeadRetention == 0 {
			return
		}
	}
	for {
		if err := e.prune(ctx, done); err != nil && ctx.Err() == nil {
			e.cfg.Logger.ErrorContext(ctx, "modelslab rows not pruned", "error", err)
		}
		next := time.NewTimer(pruneEvery/2 + rand.N(pruneEvery))
		select {
		case <-next.C:
		case <-ctx.Done():
			next.Stop()
			return
		}
	}
}

func (e *Engine[TTx]) prune(ctx context.Context, done time.Duration) error {
	for {
		gone := 0
		err := e.store.Tx(ctx, func(ctx context.Context, tx TTx) (err error) {
			gone, err = e.store.Prune(ctx, tx, done, e.cfg.DeadRetention, pruneRows)
			return err
		})
		if err != nil || gone < pruneRows {
			return err
		}
	}
}

// Shutdown stops the engine: no new work is taken, what is under way may end
// until ctx does and is then cancelled, and the store is closed. Deliveries
// that come now are answered with 503. It returns ctx.Err() when work had to be
// cancelled, which another Run picks up.
func (e *Engine[TTx]) Shutdown(ctx context.Context) error {
	if e.closed.Swap(true) {
		return nil
	}
	e.leases.mu.Lock()
	close(e.stop)
	e.leases.mu.Unlock()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		e.work.Wait()
	}()
	var cut error
	select {
	case <-ended:
	case <-ctx.Done():
		cut = fmt.Errorf("durable: work was cancelled: %w", ctx.Err())
		e.cancel()
		<-ended
	}
	e.cancel()
	e.inbox.close()
	return errors.Join(cut, e.store.Close())
}
