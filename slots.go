package modelslab

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/modelslab-go/modelslab/internal/delivery"
	"github.com/modelslab-go/modelslab/internal/token"
)

// doubtLifetime is how long a submit with an unknown outcome holds its slot.
const doubtLifetime = time.Minute

// slots are the jobs of a client that hold a slot of the queue limit.
type slots struct {
	client  *Client
	limiter Limiter // nil without a queue limit
	spacer  spacer
	count   atomic.Int64 // of open, so that those without a limit pay nothing

	mu      sync.Mutex
	open    map[*openJob]struct{}
	byName  map[delivery.Name][]*openJob
	waiting int           // acquires that stand in line
	looking bool          // lookAfter runs
	changed chan struct{} // tells the one that looks after abandoned jobs
}

// An openJob holds a slot.
type openJob struct {
	slot    Slot
	identity delivery.Identity // zero where the submit's outcome is unknown
	names    []delivery.Name
	since    time.Time
	expires time.Time
	looks   *waitSchedule
	look    time.Time // the next one, should nobody wait for the job
}

func (o *openJob) ref() Ref { return Ref{Kind(o.identity.Kind), o.identity.ID} }

func newSlots(c *Client) *slots {
	return &slots{client: c, open: map[*openJob]struct{}{}, byName: map[delivery.Name][]*openJob{}, changed: make(chan struct{}, 1)}
}

// took gives the slot of an answered submit to its job.
func (s *slots) took(slot Slot, job *Job) {
	if job.Status.Terminal() {
		slot.Release()
		return
	}
	now := time.Now()
	o := &openJob{slot: slot, identity: identityOf(job.Ref, job), since: now}
	o.looks = newSchedule(job, job.Ref.Kind, &callOptions{})
	o.look = now.Add(o.looks.next(0))
	o.expires = now.Add(o.looks.patience())
	o.names = o.identity.Names(delivery.TrackOf(job.TrackID))
	s.add(o)
	if s.client.deliveries.EndedEarly(o.identity, o.names) {
		s.free(o)
	}
}

// doubt keeps the slot of a submit whose outcome is unknown for a while.
func (s *slots) doubt(slot Slot, trackID string) {
	now := time.Now()
	s.add(&openJob{
		slot: slot, since: now, expires: now.Add(doubtLifetime), names: delivery.Identity{}.Names(delivery.TrackOf(trackID)),
	})
}

func (s *slots) add(o *openJob) {
	s.mu.Lock()
	s.count.Add(1)
	s.open[o] = struct{}{}
	for _, name := range o.names {
		s.byName[name] = append(s.byName[name], o)
	}
	s.mu.Unlock()
	s.tell()
}

func (s *slots) tell() {
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

// ended frees the slot of a job.
func (s *slots) ended(job *Job, track token.Job) {
	if s.count.Load() == 0 {
		return
	}
	if track == (token.Job{}) {
		track = delivery.TrackOf(job.TrackID)
	}
	s.mu.Lock()
	var ended *openJob
	identity := identityOf(job.Ref, job)
	for _, name := range identity.Names(track) {
		for _, o := range s.byName[name] {
			if o.identity.Covers(identity) {
				ended = o
			}
		}
	}
	s.mu.Unlock()
	if ended != nil {
		s.free(ended)
	}
}

// free gives a slot back, once.
func (s *slots) free(o *openJob) {
	s.mu.Lock()
	_, open := s.open[o]
	delete(s.open, o)
	for _, name := range o.names {
		delivery.Remove(s.byName, name, o)
	}
	s.mu.Unlock()
	if open {
		s.count.Add(-1)
		o.slot.Release()
	}
}

// wait says that somebody waits for a slot, until the function it returns is
// called. Meanwhile jobs that nobody waits for are looked at.
func (s *slots) wait() (done func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting++
	if !s.looking {
		s.looking = true
		go s.lookAfter()
	}
	return func() {
		s.mu.Lock()
		s.waiting--
		s.mu.Unlock()
		s.tell()
	}
}

// lookAfter ends when nobody waits for a slot any more.
func (s *slots) lookAfter() {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		o, at, ok := s.next()
		if !ok {
			return
		}
		pause := time.Hour
		if o != nil {
			pause = time.Until(at)
		}
		if pause <= 0 {
			s.lookAt(o)
			continue
		}
		timer.Reset(pause)
		select {
		case <-timer.C:
		case <-s.changed:
		}
	}
}

// next returns the job to look at next, and when. It reports false when there
// is no need.
func (s *slots) next() (next *openJob, at time.Time, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.waiting == 0 {
		s.looking = false
		return nil, at, false
	}
	for o := range s.open {
		due := o.expires
		if o.looks != nil && o.look.Before(due) {
			due = o.look
		}
		if next == nil || due.Before(at) {
			next, at = o, due
		}
	}
	return next, at, true
}

// lookAt fetches a job that nobody waits for, which frees its slot if it has
// ended, or gives the slot up.
func (s *slots) lookAt(o *openJob) {
	now := time.Now()
	if !now.Before(o.expires) {
		s.client.log.Warn("modelslab slot of the queue limit given up: its job was never seen to end", "job", o.ref().String())
		s.free(o)
		return
	}
	var err error
	if !s.client.deliveries.Awaited(o.names) {
		ctx, cancel := context.WithTimeout(context.Background(), fetchTimeout)
		defer cancel()
		var job *Job
		if job, err = s.client.fetch(ctx, o.ref(), nil, s.client.fetchTries); err != nil {
			o.looks.failed(err)
		} else if job.Final() { // a Wait whose callback still runs needs no look of its own then
			s.client.deliveries.Wake(job, delivery.TrackOf(job.TrackID))
		}
	}
	if fatalFetch(err) {
		o.looks = nil // only time will tell
		return
	}
	o.looks.net = s.client.deliveries.Expected(o.identity, "", true)
	o.look = now.Add(o.looks.next(now.Sub(o.since)))
}

const fetchTimeout = time.Minute
