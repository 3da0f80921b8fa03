package modelslab

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v4"

	"github.com/modelslab-go/modelslab/internal/endpoint"
	"github.com/modelslab-go/modelslab/internal/fault"
	"github.com/modelslab-go/modelslab/internal/redact"
	"github.com/modelslab-go/modelslab/internal/reply"
	"github.com/modelslab-go/modelslab/internal/retry"
	"github.com/modelslab-go/modelslab/internal/transport"
	"github.com/modelslab-go/modelslab/internal/upload"
)

// callPatience is how long all pauses of one call may take together. A refusal
// that asks for a longer one is returned at once.
const callPatience = 2 * time.Minute

// An exchange is one call and what came of it.
type exchange struct {
	transport.Call

	tries    int           // how often it may be sent; 0 for as long as the patience lasts
	patience time.Duration // with pauses
	kind     Kind          // of a submit
	base     *url.URL      // of a submit: where the API is
	trackID  string
	gate     gate // of a submit; nil without a queue limit
	attempts int  // so far

	read   func(x *exchange, r *reply.Response) *fault.Error // takes what an answer says
	answer reply.Response
	job    *Job        // that it is about
	value  reply.Value // of a query or a command
}

// A gate lets a submit out. It is asked before each try, and told afterwards.
type gate interface {
	// Enter waits until the submit may be sent, and returns the context to send
	// it with.
	Enter(ctx context.Context, op string) (context.Context, *fault.Error)
	// Leave takes the job, if the answer names one, and the error, if there is one.
	Leave(job *Job, trackID string, e *fault.Error)
}

// submit sends a request and returns the job that the API made of it.
func (c *Client) submit(ctx context.Context, req Request, o *callOptions) (*Job, error) {
	s, err := c.prepare(ctx, req, o)
	var job *Job
	if err == nil {
		s.gate = c.gate(o.once)
		job, err = c.send(s, o)
	}
	s.ended(job, err)
	return job, err
}

// send sends a request that is prepared.
func (c *Client) send(s *submission, o *callOptions) (*Job, error) {
	pending := c.deliveries.Submitting(s.callback.trackID, s.callback.expiry, s.callback.url != "")
	e := c.exchange(s.ctx, &s.exchange)
	c.forgetUploads(s, e)
	switch {
	case s.job != nil:
		c.deliveries.Accepted(pending, s.job)
		o.update(s.job)
	case !e.Unknown: // the outcome of a lost answer may yet be delivered
		c.deliveries.Refused(pending)
	}
	switch {
	case e != nil && e.Unknown:
		lost := &SubmitError{Op: e.Op, TrackID: s.trackID, Err: publicError(e)}
		if s.job != nil {
			lost.Ref = s.job.Ref
		}
		return s.job, lost
	case e != nil:
		return nil, e
	case s.job.Status == StatusFailed || s.job.Status == StatusCancelled:
		c.logEnd(s.ctx, s.job, 0)
		return s.job, &JobError{Job: s.job}
	case s.job.Final():
		c.logEnd(s.ctx, s.job, 0)
	}
	return s.job, nil
}

// forgetUploads lets the files of a submit be uploaded anew when the API says
// that it could not fetch them.
func (c *Client) forgetUploads(s *submission, e *fault.Error) {
	if len(s.encoder.URLs) == 0 {
		return
	}
	if e != nil && upload.Unfetchable(e.Message) || s.job != nil && s.job.Status == StatusFailed && upload.Unfetchable(s.job.Message) {
		c.uploads.Forget(s.encoder.URLs...)
	}
}

// exchange makes a call until it is answered, or until another try would be of
// no use or could be a second bill.
func (c *Client) exchange(ctx context.Context, x *exchange) *fault.Error {
	var intervals *backoff.ExponentialBackOff
	for left := x.patience; ; {
		e := c.try(ctx, x)
		if e == nil {
			return nil
		}
		if x.attempts == x.tries || ctx.Err() != nil || !x.repeatable(e) {
			c.log.DebugContext(ctx, "modelslab call failed", "op", x.Op, "error", e)
			return e
		}
		if intervals == nil {
			intervals = retry.Backoff()
		}
		pause := intervals.NextBackOff()
		if e.RetryAfter > 0 {
			pause = e.RetryAfter
		}
		if left -= pause; left < 0 {
			return e
		}
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= pause {
			return e
		}
		c.log.WarnContext(ctx, "modelslab call repeated", "op", x.Op, "try", x.attempts, "pause", pause, "error", e)
		if stopped := retry.Sleep(ctx, pause); stopped != nil {
			refused := *e
			refused.Cause = stopped
			return &refused
		}
	}
}

// repeatable reports whether a call may be sent again: a submit only on proof
// that nothing was queued, anything else after every transient failure.
func (x *exchange) repeatable(e *fault.Error) bool {
	if e.Unknown || e.Duplicate || !x.Body.Repeatable() {
		return false
	}
	switch {
	case errors.Is(e, fault.RateLimited):
		return true
	case !errors.Is(e, fault.Unavailable) || x.Purpose == transport.Command:
		return false
	default:
		return x.Purpose != transport.Submit || e.HTTPStatus == 0 // no answer, and proof that nothing left
	}
}

// try makes a call once.
func (c *Client) try(ctx context.Context, x *exchange) *fault.Error {
	if x.gate != nil {
		var e *fault.Error
		if ctx, e = x.gate.Enter(ctx, x.Op); e != nil {
			return e
		}
	}
	x.attempts++
	a, e := c.transport.Do(ctx, &x.Call)
	if e == nil {
		x.answer = reply.Response{Op: x.Op, Status: a.Status, Header: a.Header, Body: a.Body, Broken: a.Broken}
		e = x.read(x, &x.answer)
	}
	if e == nil && c.log.Enabled(ctx, slog.LevelDebug) {
		c.log.DebugContext(ctx, "modelslab call", "op", x.Op, "status", a.Status)
	}
	if e != nil {
		e.Message = redact.Text(e.Message, c.transport.Key())
	}
	if x.gate != nil {
		x.gate.Leave(x.job, x.trackID, e)
	}
	return e
}

// readSubmit takes the job of an answer, which a refusal may name too.
func (x *exchange) readSubmit(r *reply.Response) *fault.Error {
	var s reply.JobState
	e := r.Submit(&s, x.Body.JSON)
	if path, id, ok := reply.FetchPath(s.FetchURL, x.base); ok {
		s.Kind, s.Key = path, id
	}
	if e == nil || s.NamesJob() {
		x.job = jobOf(&s)
		x.job.adopt(x.kind, x.Path, x.trackID)
	}
	return e
}

func (x *exchange) readFetch(r *reply.Response) *fault.Error {
	var s reply.JobState
	e := r.Fetch(&s)
	if e == nil || e.Doubtful {
		x.job = jobOf(&s)
	}
	return e
}

// adopt fills in what the answer leaves to the request.
func (j *Job) adopt(kind Kind, path, trackID string) {
	if j.Ref.ID == "" {
		j.Ref.ID = j.ID
	}
	if kind == KindWorkflow && j.Ref.ID != "" && !strings.Contains(j.Ref.ID, "/") {
		j.Ref = Ref{kind, endpoint.WorkflowRun.ArgOf(path) + "/" + j.Ref.ID}
	}
	if j.Ref.Kind == "" && j.Ref.ID != "" {
		j.Ref.Kind = kind
	}
	j.TrackID = trackID
}
