package modelslab

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/modelslab-go/modelslab/internal/fault"
	"github.com/modelslab-go/modelslab/internal/token"
)

// The operations that a [Tracer] follows, by [Op].Name. Each is one within the
// other as the calls are: polls within their wait, downloads within their save.
const (
	OpSubmit   = "submit"   // a submit with its repeats, from the check of the request to the last answer
	OpWait     = "wait"     // a wait for the end of a job
	OpPoll     = "poll"     // one question for the state of a job, Fetch included
	OpQuery    = "query"    // a call whose answer is no job
	OpSlot     = "slot"     // standing in line for a slot of the queue limit; none where one is free
	OpUpload   = "upload"   // a local file put on the web
	OpDownload = "download" // one file from the web
	OpSave     = "save"     // all results of one job
	OpItem     = "item"     // one request of RunAll, until its outcome
	OpDelivery = "delivery" // the callbacks of package webhook for a delivery, whether a webhook or a poll brought it
)

// Tracer follows what a client does, for traces and metrics. It is used by many
// goroutines at once. [WithTracer] sets it.
type Tracer interface {
	// Begin is called before an operation. The context that it returns is made of
	// ctx, and is that of everything within the operation, HTTP requests included.
	// The function is called when the operation has ended, once.
	Begin(ctx context.Context, op Op) (context.Context, func(Result))
}

// Linker is what a [Tracer] may be besides. With it the webhook of a job, and
// what other processes do about the job, is traced together with its submit: the
// client puts the link of the submit into the callback URL, as "tl", and the
// webhook handler hands it back as [Op].Link.
type Linker interface {
	// Link names the operation that ctx is within, in at most 32 of A-Z, a-z,
	// 0-9, "-" and "_". It is "" where nothing is to be linked, such as outside
	// of a sample. It is no secret, and whoever reads it later trusts it for
	// nothing but a link.
	Link(ctx context.Context) string
}

// Op is an operation that begins. It holds no prompt, no URL and no key. What
// does not apply is empty.
type Op struct {
	Name    string // one of the constants, OpSubmit
	Route   string // the call to the API without ids: "POST /v6/video/fetch/{id}"
	Kind    Kind
	Model   string // the model_id of a request
	TrackID string
	Link    string // from the [Linker] of the submit, which may be another process's
}

// Result is how an operation ended.
type Result struct {
	Job      *Job  // the last state observed, nil for none; do not modify it
	Err      error // what the caller gets; see Class for a word
	Status   int   // of the last answer over HTTP; 0 for none
	Attempts int   // how often it was sent
	Bytes    int64 // of an upload, download or save
}

// Class is one word for the error, "" when there is none: "unauthorized",
// "credits", "forbidden", "invalid", "not_found", "rate_limited", "queue_full"
// and "unavailable" for the sentinels; "unknown" for a *[SubmitError]; "failed"
// for a *[JobError]; "cancelled" and "timeout" where a context ended it, or a job
// was cancelled; "other".
func (r Result) Class() string {
	if r.Err == nil {
		return ""
	}
	if isSubmitError(r.Err) {
		return "unknown"
	}
	if failed, ok := errors.AsType[*JobError](r.Err); ok && failed.Job.Status != StatusCancelled {
		return "failed"
	} else if ok {
		return "cancelled"
	}
	for _, c := range [...]struct {
		is   error
		word string
	}{
		{context.Canceled, "cancelled"},
		{context.DeadlineExceeded, "timeout"},
		{ErrAuth, "unauthorized"},
		{ErrCredits, "credits"},
		{ErrForbidden, "forbidden"},
		{ErrInvalid, "invalid"},
		{ErrNotFound, "not_found"},
		{ErrRateLimited, "rate_limited"},
		{ErrQueueFull, "queue_full"},
		{ErrUnavailable, "unavailable"},
	} {
		if errors.Is(r.Err, c.is) {
			return c.word
		}
	}
	return "other"
}

// WithTracer has a [Tracer] follow what the client does, and the webhook handler
// that is made with the client. Defaults to none, which costs nothing.
func WithTracer(t Tracer) Option {
	return func(c *Client) error {
		c.tracing = nil
		if t != nil {
			c.tracing = following{t}
		}
		return nil
	}
}

// Tracer returns that of [WithTracer], nil without one. It is for packages that
// go on with the client's jobs, as package webhook does.
func (c *Client) Tracer() Tracer {
	if c.tracing == nil {
		return nil
	}
	return c.tracing.(following).Tracer
}

// LinkedTo links the call's operation to another, by what a [Linker] returned
// there: a worker that submits or polls a job for a request that was traced in
// another process. A link that is none is refused. Defaults to no link. Serves
// Submit, Fetch, Wait and Run.
func LinkedTo(link string) CallOption {
	return func(o *callOptions) {
		if !o.serves("LinkedTo", verbSubmit|verbFetch|verbWait|verbRun) {
			return
		}
		if link != "" && !token.IsLink(link) {
			o.fail(fmt.Errorf("modelslab: LinkedTo(%q): want at most %d of A-Z, a-z, 0-9, - and _", link, token.MaxLink))
			return
		}
		o.link = link
	}
}

// tracing is a Tracer in use. A program without one does not link what tells it
// of the calls.
type tracing interface {
	// begin begins an operation about a job, of which the last state may be nil.
	begin(ctx context.Context, name string, ref Ref, last *Job, link string) (context.Context, ending)
	beginSubmit(ctx context.Context, s *submission, req Request, link string) (context.Context, ending)
	// linked returns a signed callback URL with the link of the operation that ctx
	// is within, where there is one and room for it.
	linked(ctx context.Context, callback string) string
}

// ending ends an operation. The exchange is nil where the job was not asked for
// over HTTP, or more than once.
type ending func(x *exchange, job *Job, err error)

type following struct{ Tracer }

func (f following) begin(ctx context.Context, name string, ref Ref, last *Job, link string) (context.Context, ending) {
	op := Op{Name: name, Kind: ref.Kind, TrackID: trackIDOf(last), Link: link}
	if row, err := fetchRow(ref); name == OpPoll && err == nil {
		op.Route = row.Route()
	}
	return f.follow(ctx, op)
}

func (f following) beginSubmit(ctx context.Context, s *submission, req Request, link string) (context.Context, ending) {
	op := Op{Name: OpSubmit, Route: s.Op, Kind: s.kind, TrackID: s.trackID, Link: link}
	if p, ok := req.(pather); ok && p.path() == s.Path {
		e := req.endpoint()
		op.Route = e.OpOn(e.Path)
	}
	if raw, ok := req.(rawRequest); ok {
		op.Model = raw.model()
	} else {
		v := reflect.Indirect(reflect.ValueOf(req))
		op.Model = plans.Of(v.Type()).Model(v)
	}
	return f.follow(ctx, op)
}

func (f following) follow(ctx context.Context, op Op) (context.Context, ending) {
	ctx, end := f.Begin(ctx, op)
	return ctx, func(x *exchange, job *Job, err error) {
		r := Result{Job: job, Err: err}
		if x != nil {
			r.Status, r.Attempts = x.answer.Status, x.attempts
		}
		finish(end, r)
	}
}

// finish ends an operation with the error that callers get.
func finish(end func(Result), r Result) {
	r.Err = public(r.Err)
	if refused, ok := errors.AsType[*Error](r.Err); ok && r.Status == 0 {
		r.Status = refused.HTTPStatus
	}
	end(r)
}

func (f following) linked(ctx context.Context, callback string) string {
	if linker, ok := f.Tracer.(Linker); ok {
		return token.WithLink(callback, linker.Link(ctx))
	}
	return callback
}

// begin begins an operation that is about no job, or several. The function is
// called when it has ended.
func (c *Client) begin(ctx context.Context, op Op) (context.Context, func(Result)) {
	f, ok := c.tracing.(following)
	if !ok {
		return ctx, func(Result) {}
	}
	ctx, end := f.Begin(ctx, op)
	return ctx, func(r Result) { finish(end, r) }
}

// result is what became of a call.
func (x *exchange) result(e *fault.Error) Result {
	r := Result{Job: x.job, Status: x.answer.Status, Attempts: x.attempts}
	if e != nil {
		r.Err = e
	}
	return r
}

// ended ends the operation of a submit. One that was refused before its
// operation began is nil.
func (sub *submission) ended(job *Job, err error) {
	if sub != nil && sub.end != nil {
		sub.end(&sub.exchange, job, err)
	}
}
