package queue

import (
	"context"
	"errors"
	"time"

	"github.com/modelslab-go/modelslab/internal/delivery"
	"github.com/modelslab-go/modelslab/internal/fault"
	"github.com/modelslab-go/modelslab/internal/schedule"
)

// fetchTimeout is how long a poll may take.
const fetchTimeout = 30 * time.Second

// wait says that a submit waits for a slot, until the function it returns is
// called. Meanwhile jobs that hold a slot and that nobody waits for are polled.
func (q *Queue[J]) wait() (done func()) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting++
	if !q.polling {
		q.polling = true
		go q.poll()
	}
	return func() {
		q.mu.Lock()
		q.waiting--
		q.mu.Unlock()
		q.wake()
	}
}

// poll ends when nobody waits for a slot any more.
func (q *Queue[J]) poll() {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		o, pause, ok := q.next(time.Now())
		if !ok {
			return
		}
		if o != nil {
			go q.pollJob(o)
			continue
		}
		timer.Reset(pause)
		select {
		case <-timer.C:
		case <-q.changed:
		}
	}
}

// next takes the job that is due for a poll, or says how long until one is. It
// is not ok when nobody waits for a slot.
func (q *Queue[J]) next(now time.Time) (o *openJob, pause time.Duration, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.waiting == 0 {
		q.polling = false
		return nil, 0, false
	}
	pause = time.Hour
	for o := range q.open {
		due := o.nextPoll()
		switch {
		case o.busy:
		case due.After(now):
			pause = min(pause, due.Sub(now))
		default:
			o.busy = true
			return o, 0, true
		}
	}
	return nil, pause, true
}

// pollDue polls the jobs that are due, for a submit that waits for no slot and
// will be tried again.
func (q *Queue[J]) pollDue() {
	now := time.Now()
	q.mu.Lock()
	defer q.mu.Unlock()
	for o := range q.open {
		if !o.busy && !o.nextPoll().After(now) {
			o.busy = true
			go q.pollJob(o)
		}
	}
}

// maxEarly is how many polls of one job need not wait until they are due.
const maxEarly = 16

// pollNow polls a job whose state has changed. A poll under way does not count:
// its answer may be older.
func (q *Queue[J]) pollNow(job delivery.Identity, track delivery.Name) {
	if q.count.Load() == 0 {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	o := q.find(job, track)
	if o == nil || o.lost || o.early == maxEarly {
		return
	}
	o.early++
	if o.busy {
		o.again = true
		return
	}
	o.busy = true
	go q.pollJob(o)
}

// nextPoll is when a job is polled or, where that is of no use, given up.
func (o *openJob) nextPoll() time.Time {
	if !o.lost && o.due.Before(o.expires) {
		return o.due
	}
	return o.expires
}

// pollJob fetches a job that nobody else polls, which frees its slot if it has
// ended, or gives the slot up.
func (q *Queue[J]) pollJob(o *openJob) {
	now := time.Now()
	if !now.Before(o.expires) {
		q.hooks.Log.Warn("modelslab slot of the queue limit given up: the end of its job was never observed",
			"kind", o.identity.Kind, "id", o.identity.ID)
		q.free(o)
		return
	}
	var err error
	if !q.hooks.Table.Awaited(o.names) {
		err = q.fetch(o)
	}
	expected := q.hooks.Table.Expected(o.identity, "", true)
	q.mu.Lock()
	defer q.mu.Unlock()
	defer q.wake()
	if e, ok := errors.AsType[*fault.Error](err); ok {
		o.polls.After(e.RetryAfter)
	}
	o.polls.Pace = nil
	if expected {
		o.polls.Pace = &schedule.Backstop
	}
	o.busy, o.lost = false, fault.Lasting(err)
	o.due = now.Add(o.polls.Next(now.Sub(o.since)))
	if _, open := q.open[o]; open && o.again && !o.lost {
		o.busy, o.again = true, false
		go q.pollJob(o)
	}
}

func (q *Queue[J]) fetch(o *openJob) error {
	ctx, cancel := context.WithTimeout(context.Background(), fetchTimeout)
	defer cancel()
	job, err := q.hooks.Fetch(ctx, o.identity)
	if err != nil {
		return err
	}
	if r := q.hooks.Report(job); r.Final { // a Wait whose callback still runs needs no poll of its own then
		q.hooks.Table.Wake(job, delivery.TrackOf(r.TrackID))
	}
	return nil
}
