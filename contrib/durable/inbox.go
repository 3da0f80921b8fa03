package durable

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/modelslab-go/modelslab"

	"github.com/modelslab-go/modelslab/contrib/durable/internal/failpoint"
)

// commitTimeout bounds the commit of deliveries. ModelsLab waits 30 seconds for
// the answer.
const commitTimeout = 20 * time.Second

// maxBatch bounds the deliveries of one transaction.
const maxBatch = 256

// inbox commits deliveries, all that came while the last commit waited for the
// disk in one transaction.
type inbox[TTx any] struct {
	engine *Engine[TTx]
	queue  chan *received
	quit   chan struct{}
	ended  chan struct{}
	once   sync.Once
}

type received struct {
	delivery Delivery
	reported *modelslab.Job
	outcome  Outcome
	done     chan error
}

func newInbox[TTx any](e *Engine[TTx]) *inbox[TTx] {
	in := &inbox[TTx]{engine: e, queue: make(chan *received), quit: make(chan struct{}), ended: make(chan struct{})}
	go in.run()
	return in
}

// receive returns when the delivery is committed, or ctx ends.
func (in *inbox[TTx]) receive(ctx context.Context, d Delivery, reported *modelslab.Job) error {
	r := &received{delivery: d, reported: reported, done: make(chan error, 1)}
	select {
	case in.queue <- r:
	case <-ctx.Done():
		return ctx.Err()
	case <-in.quit:
		return ErrClosed
	}
	select {
	case err := <-r.done:
		return err
	case <-ctx.Done(): // it may be committed all the same: a repeat is recognised
		return ctx.Err()
	}
}

func (in *inbox[TTx]) close() {
	in.once.Do(func() { close(in.quit) })
	<-in.ended
}

func (in *inbox[TTx]) run() {
	defer close(in.ended)
	for {
		var batch []*received
		select {
		case r := <-in.queue:
			batch = append(batch, r)
		case <-in.quit:
			return
		}
	more:
		for len(batch) < maxBatch {
			select {
			case r := <-in.queue:
				batch = append(batch, r)
			default:
				break more
			}
		}
		err := in.commit(batch)
		for _, r := range batch {
			if err != nil && len(batch) > 1 {
				r.done <- in.commit([]*received{r}) // one that cannot be stored must not refuse the others
			} else {
				r.done <- err
			}
		}
	}
}

func (in *inbox[TTx]) commit(batch []*received) error {
	e := in.engine
	ctx, cancel := context.WithTimeout(context.Background(), commitTimeout)
	defer cancel()
	deliveries := make([]Delivery, len(batch))
	for i, r := range batch {
		deliveries[i] = r.delivery
	}
	var changes []Change
	failpoint.Reach("receive")
	err := e.store.Tx(ctx, func(ctx context.Context, tx TTx) error {
		jobs, fresh, err := e.store.Receive(ctx, tx, deliveries)
		if err != nil {
			return err
		}
		changes = applyAll(batch, jobs, fresh, e.cfg.Confirm)
		if len(changes) == 0 {
			return nil
		}
		saved, err := e.saveTx(ctx, tx, changes)
		for _, ok := range saved {
			if err == nil && !ok {
				err = errors.New("durable: a locked job changed")
			}
		}
		return err
	})
	failpoint.Reach("received")
	if err != nil {
		e.cfg.Logger.ErrorContext(ctx, "modelslab deliveries not stored", "error", err, "count", len(batch))
		return err
	}
	for _, r := range batch {
		in.report(ctx, r)
		if !r.reported.Final() {
			continue
		}
		// The client frees the job's slot of its own queue limit and wakes its Waits.
		if err := e.cfg.Client.Deliver(ctx, r.reported); err != nil {
			e.cfg.Logger.WarnContext(ctx, "modelslab job delivered with an error", "track_id", r.reported.TrackID, "error", err)
		}
	}
	e.moved(ctx, changes)
	return nil
}

// applyAll works out what deliveries change, several of one job one after the
// other.
func applyAll(batch []*received, jobs []*Job, fresh []bool, confirm bool) []Change {
	var changes []Change
	index := map[string]int{}
	for i, r := range batch {
		switch {
		case !fresh[i]:
			r.outcome = OutcomeDuplicate
			continue
		case jobs[i] == nil:
			r.outcome = OutcomeStray
			continue
		case jobs[i].Problem != "":
			r.outcome = OutcomeDoubted // a process that can read the row will poll
			continue
		}
		at, seen := index[jobs[i].TrackID]
		if !seen {
			at = len(changes)
		}
		c := changeOf(jobs[i], func(*Job) time.Duration { return 0 })
		if seen {
			c = changes[at]
		}
		observe := (*Job).observe
		if confirm {
			observe = (*Job).confirm
		}
		after, outcome := observe(c.Job, r.reported)
		r.outcome = outcome
		if outcome != OutcomeApplied && outcome != OutcomeDoubted {
			continue
		}
		c.After = after
		if seen {
			changes[at] = c
		} else {
			index[jobs[i].TrackID] = at
			changes = append(changes, c)
		}
	}
	return changes
}

func (in *inbox[TTx]) report(ctx context.Context, r *received) {
	e := in.engine
	c := &e.counters
	c.received.Add(1)
	switch r.outcome {
	case OutcomeApplied:
		c.applied.Add(1)
	case OutcomeDuplicate:
		c.duplicates.Add(1)
	case OutcomeConflict:
		c.conflicts.Add(1)
		e.cfg.Logger.WarnContext(ctx, "modelslab delivery contradicts the result", "track_id", r.reported.TrackID)
	case OutcomeStray:
		c.strays.Add(1)
		e.cfg.Logger.WarnContext(ctx, "modelslab delivery of no job", "track_id", r.reported.TrackID)
	case OutcomeIgnored, OutcomeDoubted:
	}
	if e.cfg.Hooks.Received != nil {
		e.cfg.Hooks.Received(ctx, r.outcome)
	}
}
