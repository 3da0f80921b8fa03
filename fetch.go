package modelslab

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/modelslab-go/modelslab/internal/delivery"
	"github.com/modelslab-go/modelslab/internal/encode"
	"github.com/modelslab-go/modelslab/internal/endpoint"
	"github.com/modelslab-go/modelslab/internal/fault"
	"github.com/modelslab-go/modelslab/internal/reply"
	"github.com/modelslab-go/modelslab/internal/token"
	"github.com/modelslab-go/modelslab/internal/transport"
	"github.com/modelslab-go/modelslab/internal/wire"
)

// Target is a job to look at: a [Ref], or the *[Job] that Submit returned,
// which also knows the ETA.
type Target interface {
	target() (Ref, *Job)
}

func (r Ref) target() (Ref, *Job)  { return r, nil }
func (j *Job) target() (Ref, *Job) { return j.Ref, j }

// Fetch asks once for the state of a job. A job that failed is not an error
// here: look at its Status.
//
// Errors: *[Error] when the question was refused; ErrNotFound when the API does
// not know the job under that kind.
func (c *Client) Fetch(ctx context.Context, t Target, opts ...CallOption) (*Job, error) {
	o, err := newCallOptions(opts)
	if err != nil {
		return nil, err
	}
	ref, known, err := resolveTarget(t)
	if err != nil {
		return nil, public(err)
	}
	tries := c.fetchTries
	if o.once {
		tries = 1
	}
	job, err := c.fetch(ctx, ref, known, tries)
	if err != nil {
		return nil, public(err)
	}
	o.update(job)
	return job, nil
}

func resolveTarget(t Target) (Ref, *Job, error) {
	switch x := t.(type) {
	case nil:
		return Ref{}, nil, fault.Refuse("fetch", "", "the target is nil")
	case *Job:
		if x == nil {
			return Ref{}, nil, fault.Refuse("fetch", "", "the job is nil")
		}
	}
	ref, job := t.target()
	return ref, job, nil
}

// fetch asks for a job by its Ref, and by the other id it is known by when the
// first one is not found: the API is known to return two that differ.
func (c *Client) fetch(ctx context.Context, ref Ref, known *Job, tries int) (*Job, error) {
	job, err := c.fetchID(ctx, ref, tries)
	if known != nil && known.ID != "" && known.ID != ref.ID && ref.Kind != KindWorkflow && errors.Is(err, ErrNotFound) {
		if second, err2 := c.fetchID(ctx, Ref{ref.Kind, known.ID}, tries); err2 == nil {
			job, err = second, nil
		}
	}
	if err != nil {
		return nil, err
	}
	job.inherit(ref, known)
	c.deliveries.Observe(job, token.Job{})
	return job, nil
}

// inherit keeps what a fetch reply leaves out and the submit reply said.
func (j *Job) inherit(ref Ref, known *Job) {
	j.Ref = ref
	if known == nil {
		return
	}
	if j.TrackID == "" {
		j.TrackID = known.TrackID
	}
	if j.ID == "" {
		j.ID = known.ID
	}
	if len(j.Meta) == 0 {
		j.Meta = known.Meta
	}
	if len(j.FutureLinks) == 0 {
		j.FutureLinks = known.FutureLinks
	}
}

func (c *Client) fetchID(ctx context.Context, ref Ref, tries int) (*Job, error) {
	f, err := fetchRow(ref)
	if err != nil {
		return nil, err
	}
	method, path := f.Request(ref.ID)
	x := exchange{read: (*exchange).readFetch, tries: tries, patience: callPatience}
	x.Call = transport.Call{Op: method + " " + path, Method: method, Path: path, Purpose: transport.Fetch}
	if f.Shape == endpoint.ByWorkflow {
		x.Auth = endpoint.AuthHeader
	} else {
		enc := encode.Encoder{Key: c.key}
		if f.Shape == endpoint.ByBodyID {
			enc.Extras = []encode.Member{{Name: "request_id", Value: wire.AppendString(nil, ref.ID)}}
		}
		enc.Empty()
		x.Body = &enc.Body
	}
	if e := c.exchange(ctx, &x); e != nil {
		return nil, e
	}
	if ref.Kind == KindTraining {
		// A stage this package does not know looks like any other success.
		x.job.Status = Status(reply.TrainingStatus(string(x.job.Status), string(x.job.Stage)))
	}
	return x.job, nil
}

func fetchRow(ref Ref) (*endpoint.Fetch, error) {
	op := "fetch " + ref.String()
	switch f, ok := endpoint.FetchOf(string(ref.Kind)); {
	case ref.ID == "" || ref.ID == "." || ref.ID == "..":
		return nil, fault.Refuse(op, "", "the job has no id to fetch it by")
	case ok && f.Shape == endpoint.ByWorkflow && strings.Count(ref.ID, "/") != 1:
		return nil, fault.Refuse(op, "", "the id of a workflow run is workflowID/executionID")
	case ok:
		return f, nil
	case strings.HasPrefix(string(ref.Kind), "/"):
		return &endpoint.Fetch{Kind: string(ref.Kind), Path: string(ref.Kind), Shape: endpoint.ByPathID}, nil
	default:
		return nil, fault.Refuse(op, "", fmt.Sprintf("unknown kind %q: a Ref wants a Kind of this package, or a fetch path that starts with a slash", ref.Kind))
	}
}

// Wait blocks until the job is done and returns it, woken by its webhook where
// one is received in this process, else by polling on a schedule made from the
// job's ETA. Transient failures are tolerated. Without a deadline in ctx it
// gives up after the longer of 30 minutes and 12 ETAs; training: 24 hours.
//
// Errors: *[JobError] when the job failed or was cancelled, with the Job
// returned as well; *[WaitError] when waiting stopped and the job may still
// run, which unwraps to ctx.Err(). A cancelled wait is never a success.
func (c *Client) Wait(ctx context.Context, t Target, opts ...CallOption) (*Job, error) {
	o, err := newCallOptions(opts)
	if err != nil {
		return nil, err
	}
	job, err := c.wait(ctx, t, o)
	return job, public(err)
}

func (c *Client) wait(ctx context.Context, t Target, o *callOptions) (*Job, error) {
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
	w := c.deliveries.Wait(identityOf(ref, job), trackIDOf(job))
	defer w.Close()
	s := newSchedule(job, ref.Kind, o)
	s.net = c.deliveries.Expected(identityOf(ref, job), trackIDOf(job), o.pauses != nil)
	start := time.Now()
	if o.jobTimeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, o.jobTimeout)
		defer cancel()
	}
	deadline, own := ctx.Deadline()
	if !own {
		deadline = start.Add(s.patience())
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, deadline)
		defer cancel()
	}
	for last := false; ; {
		pause := s.next(time.Since(start))
		if left := time.Until(deadline); last {
			pause = left + time.Second // the last look was taken: only a delivery can still come
		} else if room := left - lastLook(left); pause >= room {
			pause, last = room, true
		}
		seen, err := c.look(ctx, w, pause, ref, job)
		switch {
		case err == nil:
			job = seen
			w.Away(func() { o.update(job) })
			if job.Status.Terminal() {
				return job, outcome(job)
			}
			s.refresh(job.ETA, time.Since(start))
		case ctx.Err() != nil:
			return job, &WaitError{Ref: ref, Job: job, Err: ctx.Err()}
		case fatalFetch(err):
			return job, &WaitError{Ref: ref, Job: job, Err: public(err)}
		default:
			s.failed(err)
		}
	}
}

// look sleeps and then fetches, unless a delivery comes first.
func (c *Client) look(ctx context.Context, w *delivery.Waiter[*Job], pause time.Duration, ref Ref, known *Job) (*Job, error) {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-w.Delivered():
		seen := *w.Take()
		seen.inherit(ref, known)
		return &seen, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-timer.C:
		job, err := c.fetch(ctx, ref, known, c.fetchTries)
		if err == nil {
			w.Away(func() { c.polled(ctx, job) })
		}
		return job, err
	}
}

// lastLook is how long before the deadline the last look is taken.
func lastLook(left time.Duration) time.Duration {
	return min(left/10, 2*time.Second)
}

// fatalFetch reports that asking again would be answered the same.
func fatalFetch(err error) bool {
	for _, target := range []error{ErrAuth, ErrCredits, ErrForbidden, ErrNotFound, ErrInvalid} {
		if errors.Is(err, target) {
			return true
		}
	}
	return false
}

func outcome(j *Job) error {
	if j.Status == StatusSuccess {
		return nil
	}
	return &JobError{Job: j}
}

// name is what an error calls the job.
func (j *Job) name() string {
	if j.Ref.IsZero() {
		return "with track id " + strconv.Quote(j.TrackID)
	}
	return j.Ref.String()
}
