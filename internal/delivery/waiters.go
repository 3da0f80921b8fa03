package delivery

import (
	"context"
	"slices"
	"sync/atomic"
	"time"

	"github.com/modelslab-go/modelslab/internal/token"
)

// A Waiter stands for one goroutine that waits for a job.
type Waiter[J any] struct {
	table  *Table[J]
	away   atomic.Bool // a callback runs
	job    Identity
	names  []Name
	newest J    // delivery; guarded by table.mu, as the rest
	fresh  bool // nobody has taken it
	final  bool
	due    bool               // the next poll is due at once
	early  uint8              // polls that were made due at once
	poll   context.CancelFunc // ends the poll under way; nil outside of one
	wake   chan struct{}      // has one element while fresh or due
}

// maxEarly is how many polls of one waiter can be made due at once. Trainings
// have the most stages to report, ten at the most.
const maxEarly = 16

// Wait returns a waiter for a job, until it is closed. It has a delivery from
// the start where the end of the job came before.
func (t *Table[J]) Wait(job Identity, trackID string) *Waiter[J] {
	w := &Waiter[J]{table: t, job: job, wake: make(chan struct{}, 1)}
	track := TrackOf(trackID)
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	if track == (token.JobKey{}) {
		track = t.submissions.trackOf(job, now)
	}
	w.names = job.Names(track)
	for _, name := range w.names {
		t.waiters[name] = append(t.waiters[name], w)
		if early, ok := t.early.Get(name, now); ok {
			w.offer(early)
		}
	}
	return w
}

// Wake hands a job to everybody who waits for it, and keeps the end of one for
// those who come later. A success that names no result is no end yet.
func (t *Table[J]) Wake(job J, track token.JobKey) {
	r := t.report(job)
	if r.Ended && !r.Final {
		return
	}
	names := r.Names(track)
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	for _, name := range names {
		for _, w := range t.waiters[name] {
			w.offer(job)
		}
		if r.Final {
			t.keepEarly(name, job, r.Size, now)
		}
	}
}

// Awaited reports whether somebody who waits for a job of one of those names
// polls it by himself.
func (t *Table[J]) Awaited(names []Name) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, name := range names {
		for _, w := range t.waiters[name] {
			if !w.away.Load() {
				return true
			}
		}
	}
	return false
}

// offer gives the waiter a delivery. A final one stays, and ends its poll.
func (w *Waiter[J]) offer(job J) {
	r := w.table.report(job)
	if !w.job.Covers(r.Identity) || w.final {
		return
	}
	w.newest, w.fresh, w.final = job, true, r.Final
	if r.Final && w.poll != nil {
		w.poll()
	}
	w.signal()
}

// pollNow makes the next poll due at once. One under way does not count: its
// answer may be older.
func (w *Waiter[J]) pollNow() {
	if !w.due && w.early < maxEarly {
		w.early++
		w.due = true
		w.signal()
	}
}

// signal keeps wake as it is to be. The caller holds the table's lock.
func (w *Waiter[J]) signal() {
	if !w.fresh && !w.due {
		select {
		case <-w.wake:
		default:
		}
		return
	}
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// Sleep returns after a pause, which a poll that is due at once cuts short, or
// with a delivery to take.
func (w *Waiter[J]) Sleep(ctx context.Context, pause time.Duration) (delivered bool, err error) {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-w.wake:
		return w.Delivered(), nil
	case <-ctx.Done():
		return false, ctx.Err()
	case <-timer.C:
		return false, nil
	}
}

// Delivered reports whether there is a delivery to take.
func (w *Waiter[J]) Delivered() bool {
	w.table.mu.Lock()
	defer w.table.mu.Unlock()
	return w.fresh
}

// Take returns the newest delivery.
func (w *Waiter[J]) Take() J {
	w.table.mu.Lock()
	defer w.table.mu.Unlock()
	w.fresh = false
	w.signal()
	return w.newest
}

// Polling says that a poll is under way, which a final delivery ends by calling
// cancel, or, with nil, that none is. It is not ok when such a delivery is there
// to take.
func (w *Waiter[J]) Polling(cancel context.CancelFunc) (ok bool) {
	w.table.mu.Lock()
	defer w.table.mu.Unlock()
	if w.poll = cancel; cancel != nil {
		w.due = false
		w.signal()
	}
	return !w.final
}

// Away runs a callback, during which nobody polls the job for the waiter: see
// [Table.Awaited].
func (w *Waiter[J]) Away(callback func()) {
	w.away.Store(true)
	defer w.away.Store(false)
	callback()
}

// Close ends the wait.
func (w *Waiter[J]) Close() {
	w.table.mu.Lock()
	defer w.table.mu.Unlock()
	for _, name := range w.names {
		Remove(w.table.waiters, name, w)
	}
}

// Remove takes x out of the list under a key, and the key away with the last.
func Remove[K, V comparable](lists map[K][]V, key K, x V) {
	list := lists[key]
	if i := slices.Index(list, x); i >= 0 {
		list = slices.Delete(list, i, i+1)
	}
	if len(list) == 0 {
		delete(lists, key)
	} else {
		lists[key] = list
	}
}
