package delivery

import (
	"context"

	"github.com/modelslab-go/modelslab/internal/token"
)

// A Sink takes the jobs that are delivered. It reports whether the job's
// waiters may have it.
type Sink[J any] func(ctx context.Context, job J) (accepted bool, err error)

// receiver is what a table does once deliveries come in. A program that
// receives none does not link it.
type receiver[J any] struct {
	deliver  Sink[J]
	polled   func(ctx context.Context, job J) error
	expected func(job Identity, trackID string, atStake bool) bool
	accepted func(job J)
}

// Attach makes sink the one place that jobs are delivered to, and has accepted
// called with the job of every submit; it may be nil. It is not ok when there is
// a sink already.
func (t *Table[J]) Attach(sink Sink[J], accepted func(job J)) (detach func(), ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.receiver != nil {
		return nil, false
	}
	t.receiver = &receiver[J]{sink, t.polled, t.expected, accepted}
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.receiver = nil
	}, true
}

func (t *Table[J]) received() *receiver[J] {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.receiver
}

// Polled delivers a fetched state of a job, where there is a sink and the state
// is one that webhooks are sent about. Any other is of use to the poller alone.
func (t *Table[J]) Polled(ctx context.Context, job J) error {
	if r := t.received(); r != nil {
		return r.polled(ctx, job)
	}
	return nil
}

// Expected reports whether a poll of the job may count on its delivery: it has a
// callback, there is a sink, and deliveries do arrive in this process rather
// than in another replica. Where a slot is at stake nearly all must.
func (t *Table[J]) Expected(job Identity, trackID string, atStake bool) bool {
	r := t.received()
	return r != nil && r.expected(job, trackID, atStake)
}

func (t *Table[J]) polled(ctx context.Context, job J) error {
	r := t.report(job)
	if !r.Final && !r.Stage {
		return nil
	}
	t.Fetched(job)
	if r.Final {
		t.polledFirst(&r)
	}
	return t.Deliver(ctx, job)
}

func (t *Table[J]) expected(job Identity, trackID string, atStake bool) bool {
	track := TrackOf(trackID)
	t.mu.Lock()
	defer t.mu.Unlock()
	n := t.arrivals
	if n.polled > n.delivered || atStake && 20*n.polled > n.delivered {
		return false
	}
	record := t.submissions.of(job, track)
	return record != nil && record.callback
}

// arrivalsCounted is how many jobs the counters are about, at most.
const arrivalsCounted = 64

// arrivals count how the ends of the last jobs with a callback were observed.
type arrivals struct {
	delivered, polled int
}

// observation says how the end of a job with a callback was observed.
type observation uint8

const (
	unobserved observation = iota
	deliveredHere
	polledBefore
)

// Arrived counts a delivery that came in as a webhook, even one that a poll was
// faster than.
func (t *Table[J]) Arrived(job J, track token.JobKey) {
	t.Observe(job, track)
	r := t.report(job)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.arrived(r.Identity, track)
}

// PollNow says that the state of a job has changed, as another process has
// observed: the next poll by each Wait for the job, and by the queue where it
// holds a slot, is due at once. It counts as a delivery that came in, since
// polls need be no closer than where it had.
func (t *Table[J]) PollNow(job Identity, track token.JobKey) {
	t.mu.Lock()
	t.arrived(job, track)
	for _, name := range job.Names(track) {
		for _, w := range t.waiters[name] {
			if w.job.Covers(job) {
				w.pollNow()
			}
		}
	}
	pollNow := t.pollNow
	t.mu.Unlock()
	if pollNow != nil {
		pollNow(job, Name{Track: track})
	}
}

// arrived counts a delivery. The caller holds mu.
func (t *Table[J]) arrived(job Identity, track token.JobKey) {
	record := t.submissions.of(job, track)
	if record == nil || record.observed == deliveredHere {
		return
	}
	if record.observed == polledBefore {
		t.arrivals.polled--
	}
	record.observed = deliveredHere
	t.arrivals.delivered++
	t.arrivals.fade()
}

// polledFirst counts a job with a callback whose end a poll observed before any
// delivery.
func (t *Table[J]) polledFirst(r *Report) {
	track := TrackOf(r.TrackID)
	t.mu.Lock()
	defer t.mu.Unlock()
	record := t.submissions.of(r.Identity, track)
	if record != nil && record.observed == unobserved && record.callback {
		record.observed = polledBefore
		t.arrivals.polled++
		t.arrivals.fade()
	}
}

// fade lets what is new weigh more than what is old.
func (a *arrivals) fade() {
	if a.delivered+a.polled > arrivalsCounted {
		a.delivered, a.polled = a.delivered/2, a.polled/2
	}
	a.polled = max(a.polled, 0)
}
