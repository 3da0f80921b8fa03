package webhook

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/modelslab-go/modelslab/internal/retry"
)

const (
	// sharedLease is how long a claim stands in a store that other processes
	// share, should this one die. The callbacks' context ends with it.
	sharedLease = 10 * time.Minute
	// memoryLease is that of a store that dies with this process.
	memoryLease = 24 * time.Hour

	busyPause    = 5 * time.Millisecond
	maxBusyPause = 500 * time.Millisecond
)

// errStore marks an error of the store, not of a callback.
var errStore = errors.New("webhook: the store failed")

// ledger claims the events of deliveries and records which were handled, under
// all names of their jobs. Its lock is that of its store.
type ledger struct {
	store   Store
	memory  *MemoryStore // store, when it is one: it needs no names, and no context
	timeout time.Duration
}

// claim is an event of a job, under the names of the job.
type claim struct {
	hashed memoryClaim // in the memory store
	names  []string    // in another
	event  string
	until  time.Time
}

func newLedger(store Store, timeout time.Duration) ledger {
	if store == nil {
		store = NewMemoryStore()
	}
	memory, _ := store.(*MemoryStore)
	return ledger{store: store, memory: memory, timeout: timeout}
}

// claim claims the event of a delivery. While another has it, it tries again
// until the delivery's deadline, or not at all when nobody waits.
func (l *ledger) claim(ctx context.Context, d *delivery) (State, error) {
	var space [256]byte // for most
	names := d.names(space[:])
	if d.claim.event = d.eventName(); l.memory != nil {
		names.hash(l.memory, &d.claim.hashed, d.claim.event)
	} else {
		d.claim.names = names.list()
	}
	now := d.at
	for pause := busyPause; ; pause = min(2*pause, maxBusyPause) {
		state, err := l.try(ctx, d, now)
		if err == nil && (state < Claimed || state > Conflict) {
			err = fmt.Errorf("the claim was answered with state %d", state)
		}
		if err != nil {
			return 0, fmt.Errorf("%w: %w", errStore, err)
		}
		if state != Busy || d.deadline.IsZero() {
			return state, nil
		}
		left := time.Until(d.deadline)
		if left <= 0 || retry.Sleep(ctx, min(pause, left)) != nil {
			return Busy, nil //nolint:nilerr // who stops waiting has the last answer
		}
		now = time.Now()
	}
}

func (l *ledger) try(ctx context.Context, d *delivery, now time.Time) (State, error) {
	c := &d.claim
	if l.memory != nil {
		return l.memory.claim(&c.hashed, memoryLease, now), nil
	}
	c.until = now.Add(sharedLease)
	ctx, cancel := l.bounded(ctx, d)
	defer cancel()
	return l.store.Claim(ctx, c.names, c.event, sharedLease)
}

// bounded returns the context for a call of the store: it ends when nobody waits
// for the delivery any more.
func (l *ledger) bounded(ctx context.Context, d *delivery) (context.Context, context.CancelFunc) {
	if d.deadline.IsZero() {
		return context.WithTimeout(ctx, l.timeout)
	}
	return context.WithDeadline(ctx, d.deadline)
}

// stands reports whether a claim can be counted on still.
func (l *ledger) stands(d *delivery) bool {
	return l.memory != nil || time.Now().Before(d.claim.until)
}

// context returns the context for the callbacks: in a store that other
// processes share it ends when the claim does.
func (l *ledger) context(d *delivery) (context.Context, context.CancelFunc) {
	if l.memory != nil {
		return d.ctx, func() {}
	}
	return context.WithDeadline(d.ctx, d.claim.until)
}

// commit records that a claimed event was handled.
func (l *ledger) commit(d *delivery) error {
	if l.memory != nil {
		l.memory.commit(&d.claim.hashed, d.called)
		return nil
	}
	ctx, cancel := l.bounded(d.ctx, d)
	defer cancel()
	if err := l.store.Commit(ctx, d.claim.names, d.claim.event); err != nil {
		return fmt.Errorf("%w to record a delivery, which may be handled again: %w", errStore, err)
	}
	return nil
}

// release gives a claim up. A claim that cannot be released ends with its lease.
func (l *ledger) release(d *delivery) error {
	if l.memory != nil {
		l.memory.release(&d.claim.hashed, time.Now())
		return nil
	}
	ctx, cancel := l.bounded(d.ctx, d)
	defer cancel()
	if err := l.store.Release(ctx, d.claim.names, d.claim.event); err != nil {
		return fmt.Errorf("%w to release a claim: %w", errStore, err)
	}
	return nil
}
