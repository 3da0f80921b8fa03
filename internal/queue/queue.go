// Package queue keeps the open jobs of an account within what it may have, and
// shares the slots for them fairly. A slot is held from before a submit until
// its job is observed to have ended.
package queue

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/modelslab-go/modelslab/internal/delivery"
	"github.com/modelslab-go/modelslab/internal/fault"
	"github.com/modelslab-go/modelslab/internal/schedule"
)

// Limiter hands out slots.
type Limiter interface {
	// Acquire takes a slot. Where none is free it waits in line for one; with
	// wait false it returns fault.QueueFull at once.
	Acquire(ctx context.Context, wait bool) (Slot, error)
}

// Slot is the right to have one job open. One of its methods is called, once.
type Slot interface {
	// Release gives the slot back: its job ended, or was never queued.
	Release()
	// Refused gives the slot back because the API had no room for the job.
	Refused(refusal *fault.Error)
}

// Logger takes what a queue has to say.
type Logger interface {
	Enabled(ctx context.Context, level slog.Level) bool
	Debug(msg string, args ...any)
	DebugContext(ctx context.Context, msg string, args ...any)
	Warn(msg string, args ...any)
}

// Hooks are what a queue needs of the client whose submits it lets out.
type Hooks[J any] struct {
	Table  *delivery.Table[J]
	Log    Logger
	Report func(job J) delivery.Report
	// Polls says when to poll the job of a submit, and how long.
	Polls func(job J) (polls schedule.Polls, patience time.Duration)
	// Line, unless nil, is called when a submit begins to stand in line for a
	// slot, and the function that it returns when that ends.
	Line func(ctx context.Context) (context.Context, func(error))
	// Fetch asks once for the state of a job, which the table observes.
	Fetch func(ctx context.Context, job delivery.Identity) (J, error)
}

// doubtLifetime is how long a submit with an unknown outcome holds its slot.
const doubtLifetime = time.Minute

// Queue is the jobs of a client that hold a slot.
type Queue[J comparable] struct {
	Limiter Limiter // nil without a limit
	Spacer  Spacer

	hooks Hooks[J]
	count atomic.Int64 // of open, so that a client without open jobs pays nothing

	mu      sync.Mutex
	open    map[*openJob]struct{}
	byName  map[delivery.Name][]*openJob
	waiting int           // submits that stand in line
	polling bool          // poll runs
	changed chan struct{} // wakes poll
}

// An openJob holds a slot.
type openJob struct {
	slot     Slot
	identity delivery.Identity // zero where the submit's outcome is unknown
	names    []delivery.Name
	since    time.Time
	expires  time.Time
	polls    schedule.Polls
	due      time.Time // the next poll, should nobody wait for the job
	busy     bool      // one is under way
	again    bool      // and another is to follow
	early    uint8     // polls that did not wait for due
	lost     bool      // polls are of no use
}

// New returns a queue without a limit.
func New[J comparable](hooks Hooks[J]) *Queue[J] {
	q := &Queue[J]{
		hooks: hooks, open: map[*openJob]struct{}{}, byName: map[delivery.Name][]*openJob{}, changed: make(chan struct{}, 1),
	}
	hooks.Table.OnEnd(q.ended)
	hooks.Table.OnPollNow(q.pollNow)
	return q
}

// took gives the slot of a submit that was accepted to its job.
func (q *Queue[J]) took(slot Slot, job J) {
	r := q.hooks.Report(job)
	if r.Ended {
		slot.Release()
		return
	}
	now := time.Now()
	o := &openJob{slot: slot, identity: r.Identity, since: now, names: r.Names(delivery.TrackOf(r.TrackID))}
	var patience time.Duration
	o.polls, patience = q.hooks.Polls(job)
	o.due = now.Add(o.polls.Next(0))
	o.expires = now.Add(patience)
	q.add(o)
	if q.hooks.Table.EndedEarly(o.identity, o.names) {
		q.free(o)
	}
}

// doubt keeps the slot of a submit whose outcome is unknown for a while.
func (q *Queue[J]) doubt(slot Slot, trackID string) {
	now := time.Now()
	q.add(&openJob{
		slot: slot, since: now, expires: now.Add(doubtLifetime), lost: true,
		names: delivery.Identity{}.Names(delivery.TrackOf(trackID)),
	})
}

func (q *Queue[J]) add(o *openJob) {
	q.mu.Lock()
	q.count.Add(1)
	q.open[o] = struct{}{}
	for _, name := range o.names {
		q.byName[name] = append(q.byName[name], o)
	}
	q.mu.Unlock()
	q.wake()
}

func (q *Queue[J]) wake() {
	select {
	case q.changed <- struct{}{}:
	default:
	}
}

// ended frees the slot of a job.
func (q *Queue[J]) ended(job delivery.Identity, track delivery.Name) {
	if q.count.Load() == 0 {
		return
	}
	q.mu.Lock()
	ended := q.find(job, track)
	q.mu.Unlock()
	if ended != nil {
		q.free(ended)
	}
}

// find returns the open job that the identity is of, or nil.
func (q *Queue[J]) find(job delivery.Identity, track delivery.Name) (found *openJob) {
	for _, name := range job.Names(track.Track) {
		for _, o := range q.byName[name] {
			if o.identity.Covers(job) {
				found = o
			}
		}
	}
	return found
}

// free gives a slot back, once.
func (q *Queue[J]) free(o *openJob) {
	q.mu.Lock()
	_, open := q.open[o]
	delete(q.open, o)
	for _, name := range o.names {
		delivery.Remove(q.byName, name, o)
	}
	q.mu.Unlock()
	if open {
		q.count.Add(-1)
		o.slot.Release()
	}
}
