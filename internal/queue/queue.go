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

// Client is what a queue needs of the client whose submits it lets out.
type Client[J any] struct {
	Table  *delivery.Table[J]
	Log    Logger
	Report func(job J) delivery.Report
	// Plan says when to poll the job of a submit, and how long.
	Plan func(job J) (plan schedule.Plan, patience time.Duration)
	// Fetch asks once for the state of a job, which the table observes.
	Fetch func(ctx context.Context, job delivery.Identity) (J, error)
}

// doubtLifetime is how long a submit with an unknown outcome holds its slot.
const doubtLifetime = time.Minute

// Queue is the jobs of a client that hold a slot.
type Queue[J comparable] struct {
	Limiter Limiter // nil without a limit
	Spacer  Spacer

	client Client[J]
	count  atomic.Int64 // of open, so that a client without open jobs pays nothing

	mu      sync.Mutex
	open    map[*openJob]struct{}
	byName  map[delivery.Name][]*openJob
	waiting int           // submits that stand in line
	polling bool          // poll runs
	changed chan struct{} // tells poll
}

// An openJob holds a slot.
type openJob struct {
	slot     Slot
	identity delivery.Identity // zero where the submit's outcome is unknown
	names    []delivery.Name
	since    time.Time
	expires  time.Time
	plan     schedule.Plan
	due      time.Time // the next poll, should nobody wait for the job
	busy     bool      // one is under way
	lost     bool      // polls are of no use
}

// New returns a queue without a limit.
func New[J comparable](client Client[J]) *Queue[J] {
	q := &Queue[J]{
		client: client, open: map[*openJob]struct{}{}, byName: map[delivery.Name][]*openJob{}, changed: make(chan struct{}, 1),
	}
	client.Table.OnEnd(q.ended)
	return q
}

// took gives the slot of an answered submit to its job.
func (q *Queue[J]) took(slot Slot, job J) {
	r := q.client.Report(job)
	if r.Ended {
		slot.Release()
		return
	}
	now := time.Now()
	o := &openJob{slot: slot, identity: r.Identity, since: now, names: r.Names(delivery.TrackOf(r.TrackID))}
	var patience time.Duration
	o.plan, patience = q.client.Plan(job)
	o.due = now.Add(o.plan.Next(0))
	o.expires = now.Add(patience)
	q.add(o)
	if q.client.Table.EndedEarly(o.identity, o.names) {
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
	q.tell()
}

func (q *Queue[J]) tell() {
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
	var ended *openJob
	for _, name := range job.Names(track.Track) {
		for _, o := range q.byName[name] {
			if o.identity.Covers(job) {
				ended = o
			}
		}
	}
	q.mu.Unlock()
	if ended != nil {
		q.free(ended)
	}
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
