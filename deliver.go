package modelslab

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/modelslab-go/modelslab/internal/link"
	"github.com/modelslab-go/modelslab/internal/recent"
	"github.com/modelslab-go/modelslab/internal/token"
)

// Deliver hands on a state of a job that was learned outside of a Wait: by a
// webhook that another part of the program received, from a queue, from a
// database. The callbacks of the handler in package webhook that was made with
// this client run, once however often the job is delivered; then every Wait for
// the job wakes. The job is trusted as it is: deliver nothing that was not
// authenticated.
//
// The error is that of the callbacks. The handler tries them again by itself.
func (c *Client) Deliver(ctx context.Context, job *Job) error {
	if job == nil {
		return refuse("deliver", "", "the job is nil")
	}
	c.deliveries.settled(job, token.Job{})
	accepted := true
	var err error
	if sink := c.deliveries.attached(); sink != nil {
		accepted, err = sink(ctx, job)
	}
	if accepted {
		c.deliveries.wake(job, trackOf(job.TrackID))
	}
	return err
}

// found delivers a state that a poll brought. Progress is the asker's alone:
// only what a webhook would be about goes further.
func (c *Client) found(ctx context.Context, job *Job) {
	if c.deliveries.attached() == nil || !job.Final() && job.Stage == "" {
		return
	}
	c.deliveries.learn(job)
	if job.Final() {
		c.deliveries.missed(job)
	}
	if err := c.Deliver(ctx, job); err != nil {
		c.log.WarnContext(ctx, "modelslab job delivered with an error", "job", job.name(), "error", err)
	}
}

const (
	earlyLifetime = 10 * time.Minute
	earlyBytes    = 32 << 20
	jobOverhead   = 512
)

// deliveries are the Waits of a client, what came too early for them, and what
// is known of the submitted jobs.
type deliveries struct {
	mu      sync.Mutex
	slots   slotTable // nil until there is a queue limit
	sink    link.Sink
	waiters map[jobName][]*waiter
	early   *recent.Table[jobName, *Job]
	submissions
}

func (d *deliveries) init() {
	d.waiters = map[jobName][]*waiter{}
	d.early = recent.New[jobName, *Job](earlyBytes, earlyLifetime)
	d.submissions.init()
}

// A jobName is one of the names that a job goes by: where it is fetched, or the
// hash of its track id.
type jobName struct {
	ref   Ref
	track token.Job
}

func trackOf(trackID string) token.Job {
	if trackID == "" {
		return token.Job{}
	}
	return token.JobOf(trackID)
}

func jobNames(ref Ref, id string, track token.Job) []jobName {
	names := make([]jobName, 0, 3)
	if ref.ID != "" {
		names = append(names, jobName{ref: ref})
	}
	if id != "" && id != ref.ID && ref.Kind != KindWorkflow {
		names = append(names, jobName{ref: Ref{ref.Kind, id}})
	}
	if track != (token.Job{}) {
		names = append(names, jobName{track: track})
	}
	return names
}

// A waiter is one Wait.
type waiter struct {
	all   *deliveries
	ref   Ref
	id    string // the other one
	names []jobName
	next  *Job          // the newest delivery, guarded by all.mu
	wake  chan struct{} // tells that there is one
	away  atomic.Bool   // a callback of the caller runs: nobody looks at the job
}

func (d *deliveries) wait(ref Ref, job *Job) *waiter {
	w := &waiter{all: d, ref: ref, wake: make(chan struct{}, 1)}
	var track token.Job
	if job != nil {
		w.id, track = job.ID, trackOf(job.TrackID)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if track == (token.Job{}) {
		track = d.trackOfRef(ref)
	}
	w.names = jobNames(ref, w.id, track)
	now := time.Now()
	for _, name := range w.names {
		d.waiters[name] = append(d.waiters[name], w)
		if job, ok := d.early.Get(name, now); ok {
			w.offer(job)
		}
	}
	return w
}

func (w *waiter) remove() {
	w.all.mu.Lock()
	defer w.all.mu.Unlock()
	for _, name := range w.names {
		list := w.all.waiters[name]
		for i := range list {
			if list[i] == w {
				list[i] = list[len(list)-1]
				list[len(list)-1] = nil
				list = list[:len(list)-1]
				break
			}
		}
		if len(list) == 0 {
			delete(w.all.waiters, name)
		} else {
			w.all.waiters[name] = list
		}
	}
}

// take returns the delivery that wake told of.
func (w *waiter) take() *Job {
	w.all.mu.Lock()
	defer w.all.mu.Unlock()
	return w.next
}

// offer hands a delivery to the waiter. What is final stays.
func (w *waiter) offer(job *Job) {
	if !w.concerns(job) || w.next != nil && w.next.Final() {
		return
	}
	w.next = job
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

func (w *waiter) concerns(job *Job) bool { return concerns(w.ref, w.id, job) }

// concerns tells jobs apart that share a track id, which callers reuse. The
// first is known by ref and id.
func concerns(ref Ref, id string, job *Job) bool {
	if ref.ID == "" || job.ID == "" && job.Ref.ID == "" {
		return true
	}
	if ref.Kind != job.Ref.Kind && ref.Kind != "" && job.Ref.Kind != "" {
		return false
	}
	for _, other := range [...]string{job.Ref.ID, job.ID} {
		if other != "" && (other == ref.ID || other == id) {
			return true
		}
	}
	// A workflow's own id is only the end of its Ref's.
	return ref.Kind == KindWorkflow && job.ID != "" && strings.HasSuffix(ref.ID, "/"+job.ID)
}

// wake hands a job to its waiters and remembers it when it is final.
func (d *deliveries) wake(job *Job, track token.Job) {
	if job.Status.Terminal() && !job.Final() {
		return // a success without a result tells nothing yet
	}
	names := jobNames(job.Ref, job.ID, track)
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Now()
	for _, name := range names {
		for _, w := range d.waiters[name] {
			w.offer(job)
		}
		if job.Final() {
			d.early.Put(name, job, jobOverhead+len(job.Raw)*2, now)
		}
	}
}

// endedEarly reports whether the end of a job was delivered before the answer
// to its submit.
func (d *deliveries) endedEarly(ref Ref, id string, names []jobName) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Now()
	for _, name := range names {
		if job, ok := d.early.Get(name, now); ok && concerns(ref, id, job) {
			return true
		}
	}
	return false
}

// awaited reports whether a Wait looks at the job with those names by itself.
func (d *deliveries) awaited(names []jobName) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, name := range names {
		for _, w := range d.waiters[name] {
			if !w.away.Load() {
				return true
			}
		}
	}
	return false
}

func (d *deliveries) attached() link.Sink {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.sink
}
