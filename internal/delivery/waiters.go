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
	newest J // delivery; guarded by table.mu, as the rest
	final  bool
	poll   context.CancelFunc // ends the poll under way; nil outside of one
	wake   chan struct{}      // has one element when there is a delivery to take
}

// Wait returns a waiter for a job, until it is closed. It has a delivery from
// the start where the end of the job came before.
func (t *Table[J]) Wait(job Identity, trackID string) *Waiter[J] {
	w := &Waiter[J]{table: t, job: job, wake: make(chan struct{}, 1)}
	track := TrackOf(trackID)
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	if track == (token.Job{}) {
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
func (t *Table[J]) Wake(job J, track token.Job) {
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
	w.newest, w.final = job, r.Final
	if r.Final && w.poll != nil {
		w.poll()
	}
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// Delivered receives once there is a delivery to take.
func (w *Waiter[J]) Delivered() <-chan struct{} { return w.wake }

// Take returns the newest delivery.
func (w *Waiter[J]) Take() J {
	w.table.mu.Lock()
	defer w.table.mu.Unlock()
	return w.newest
}

// Polling says that a poll is under way, which a final delivery ends by calling
// cancel, or, with nil, that none is. It is not ok when such a delivery is there
// to take.
func (w *Waiter[J]) Polling(cancel context.CancelFunc) (ok bool) {
	w.table.mu.Lock()
	defer w.table.mu.Unlock()
	w.poll = cancel
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
