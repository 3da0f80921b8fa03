package modelslab

import (
	"context"
	"errors"
	"time"

	"github.com/modelslab-go/modelslab/internal/delivery"
	"github.com/modelslab-go/modelslab/internal/fault"
	"github.com/modelslab-go/modelslab/internal/schedule"
)

// Wait blocks until the job is done and returns it, woken by its webhook where
// one is received in this process, else by polling on a schedule made from the
// job's ETA. Transient failures are tolerated. Without a deadline in ctx it
// gives up after the longer of 30 minutes and 12 ETAs; training: 24 hours.
//
// Errors: *[JobError] when the job failed or was cancelled, with the Job
// returned as well; *[WaitError] when waiting stopped and the job may still
// run, which unwraps to ctx.Err(). A cancelled wait is never a success.
func (c *Client) Wait(ctx context.Context, t Target, opts ...CallOption) (*Job, error) {
	o, err := newCallOptions(verbWait, opts)
	if err != nil {
		return nil, err
	}
	job, err := c.wait(ctx, t, o)
	return job, public(err)
}

func (c *Client) wait(ctx context.Context, t Target, o *callOptions) (job *Job, err error) {
	ref, job, err := resolveTarget(t)
	if err != nil {
		return nil, err
	}
	if job != nil && job.Final() {
		c.polled(ctx, job)
		return job, outcome(job)
	}
	if _, err := fetchRow(ref); err != nil {
		return job, err
	}
	if c.tracing != nil {
		var end ending
		ctx, end = c.tracing.begin(ctx, OpWait, ref, job, o.link)
		defer func() { end(nil, job, err) }()
	}
	w := c.deliveries.Wait(identityOf(ref, job), trackIDOf(job))
	defer w.Close()
	start := time.Now()
	polls := c.polls(ref, job, o)
	if o.jobTimeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, o.jobTimeout)
		defer cancel()
	}
	deadline, own := ctx.Deadline()
	if !own {
		deadline = start.Add(patience(ref, job))
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, deadline)
		defer cancel()
	}
	for last := false; ; {
		pause := polls.Next(time.Since(start))
		if left := time.Until(deadline); last {
			pause = left + time.Second // the last poll was made: only a delivery can still come
		} else if room := left - schedule.Last(left); pause >= room {
			pause, last = room, true
		}
		state, err := c.poll(ctx, w, pause, ref, job)
		switch {
		case err == nil:
			job = state
			w.Away(func() { o.update(job) })
			if job.Status.Terminal() {
				c.logEnd(ctx, job, time.Since(start))
				return job, outcome(job)
			}
			polls.Report(job.ETA, time.Since(start))
		case ctx.Err() != nil:
			return job, &WaitError{Ref: ref, Job: job, Err: ctx.Err()}
		case fault.Lasting(err):
			return job, &WaitError{Ref: ref, Job: job, Err: public(err)}
		default:
			if e, ok := errors.AsType[*fault.Error](err); ok {
				polls.After(e.RetryAfter)
			}
		}
	}
}

// polls is when a Wait polls.
func (c *Client) polls(ref Ref, job *Job, o *callOptions) schedule.Polls {
	var eta time.Duration
	if job != nil {
		eta = job.ETA
	}
	p := schedule.New(eta)
	p.Pace = o.pace
	p.Every(o.pollFirst, o.pollMax)
	// Where a slot of the queue limit stands idle until the job's end is observed, a lost delivery costs more.
	if c.deliveries.Expected(identityOf(ref, job), trackIDOf(job), o.pace != nil) {
		p.Pace = &schedule.Backstop
	}
	return p
}

// patience is how long to wait for a job where the caller sets no deadline. The
// job may be nil.
func patience(ref Ref, job *Job) time.Duration {
	var eta time.Duration
	if job != nil {
		eta = job.ETA
	}
	return schedule.Patience(eta, ref.Kind == KindTraining)
}

// poll sleeps and then fetches, once, unless a delivery comes first. A final one
// ends the fetch too. What repeats a fetch that failed is the schedule of Wait.
func (c *Client) poll(ctx context.Context, w *delivery.Waiter[*Job], pause time.Duration, ref Ref, last *Job) (*Job, error) {
	switch woken, err := w.Sleep(ctx, pause); {
	case err != nil:
		return nil, err
	case woken:
		return delivered(w, ref, last), nil
	}
	fetching, cancel := context.WithCancel(ctx)
	defer cancel()
	if !w.Polling(cancel) {
		return delivered(w, ref, last), nil
	}
	job, err := c.fetch(fetching, ref, last, 1, "")
	w.Polling(nil)
	if err == nil {
		w.Away(func() { c.polled(ctx, job) })
		return job, nil
	}
	if w.Delivered() {
		return delivered(w, ref, last), nil
	}
	return nil, err
}

// delivered is the newest delivery for a Wait.
func delivered(w *delivery.Waiter[*Job], ref Ref, last *Job) *Job {
	job := *w.Take()
	job.inherit(ref, last)
	return &job
}

func outcome(j *Job) error {
	if j.Status == StatusSuccess {
		return nil
	}
	return &JobError{Job: j}
}
