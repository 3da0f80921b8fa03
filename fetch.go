package modelslab

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/modelslab-go/modelslab/internal/delivery"
	"github.com/modelslab-go/modelslab/internal/encode"
	"github.com/modelslab-go/modelslab/internal/endpoint"
	"github.com/modelslab-go/modelslab/internal/fault"
	"github.com/modelslab-go/modelslab/internal/recent"
	"github.com/modelslab-go/modelslab/internal/reply"
	"github.com/modelslab-go/modelslab/internal/token"
	"github.com/modelslab-go/modelslab/internal/transport"
	"github.com/modelslab-go/modelslab/internal/wire"
)

// Target is a job to fetch or to wait for: a [Ref], or the *[Job] that Submit
// returned, which has the ETA too.
type Target interface {
	target() (Ref, *Job)
}

func (r Ref) target() (Ref, *Job)  { return r, nil }
func (j *Job) target() (Ref, *Job) { return j.Ref, j }

// Fetch asks once for the state of a job. A job that failed is not an error
// here: its Status says so.
//
// Errors: *[Error] when the question was refused; ErrNotFound when the API does
// not know the job under that kind. An answer that names neither the job nor its
// failure is ErrUnavailable: the job has failed when three equal ones came at
// least 10 seconds apart. A proxy's page is ErrUnavailable too, the first times.
func (c *Client) Fetch(ctx context.Context, t Target, opts ...CallOption) (*Job, error) {
	o, err := newCallOptions(verbFetch, opts)
	if err != nil {
		return nil, err
	}
	ref, last, err := resolveTarget(t)
	if err != nil {
		return nil, public(err)
	}
	tries := c.fetchTries
	if o.once {
		tries = 1
	}
	job, err := c.fetch(ctx, ref, last, tries, o.link)
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

// fetch asks for a job by its Ref, and by its other id when the API does not have the
// first one: it sometimes returns two that differ. The link is that of the poll.
func (c *Client) fetch(ctx context.Context, ref Ref, last *Job, tries int, link string) (*Job, error) {
	job, err := c.fetchID(ctx, ref, last, tries, link)
	if last != nil && last.ID != "" && last.ID != ref.ID && ref.Kind != KindWorkflow && errors.Is(err, ErrNotFound) {
		if second, err2 := c.fetchID(ctx, Ref{ref.Kind, last.ID}, last, tries, link); err2 == nil {
			job, err = second, nil
		}
	}
	if err = c.doubts.weigh(ref, err); err != nil {
		return nil, err
	}
	job.inherit(ref, last)
	c.deliveries.Observe(job, token.JobKey{})
	return job, nil
}

// inherit keeps what a fetch reply leaves out and the submit reply said.
func (j *Job) inherit(ref Ref, last *Job) {
	j.Ref = ref
	if last == nil {
		return
	}
	if j.TrackID == "" {
		j.TrackID = last.TrackID
	}
	if j.ID == "" {
		j.ID = last.ID
	}
	if len(j.Meta) == 0 {
		j.Meta = last.Meta
	}
	if len(j.FutureLinks) == 0 {
		j.FutureLinks = last.FutureLinks
	}
}

func (c *Client) fetchID(ctx context.Context, ref Ref, last *Job, tries int, link string) (*Job, error) {
	x := exchange{tries: tries}
	if c.tracing == nil {
		return c.ask(ctx, ref, &x)
	}
	ctx, end := c.tracing.begin(ctx, OpPoll, ref, last, link)
	job, err := c.ask(ctx, ref, &x)
	end(&x, job, err)
	return job, err
}

// ask fetches a job by one of its ids.
func (c *Client) ask(ctx context.Context, ref Ref, x *exchange) (*Job, error) {
	f, err := fetchRow(ref)
	if err != nil {
		return nil, err
	}
	method, path := f.Request(ref.ID)
	x.kind = ref.Kind
	x.read, x.patience = (*exchange).readFetch, callPatience
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
	if e := c.exchange(ctx, x); e != nil {
		return x.job, e
	}
	if ref.Kind == KindTraining {
		// A stage this package does not know reads like any other success.
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

// name is what an error calls the job.
func (j *Job) name() string {
	if j.Ref.IsZero() {
		return "with track id " + strconv.Quote(j.TrackID)
	}
	return j.Ref.String()
}

const (
	doubtsKept = 1 << 12
	doubtsFor  = time.Hour
)

// doubts are the fetches of a client that were not answered, by job. Every loop
// that polls goes by them, since each makes its fetches through the client.
type doubts struct {
	count atomic.Int64 // of byRef, so that fetches that are answered pay nothing
	mu    sync.Mutex
	byRef *recent.Map[delivery.Name, *reply.Doubt]
}

// weigh takes what became of a fetch. It returns nil where the job failed,
// though no answer said so in as many words.
func (d *doubts) weigh(ref Ref, err error) error {
	e, _ := errors.AsType[*fault.Error](err)
	unanswered := e != nil && reply.Weighs(e)
	if !unanswered && (err != nil || d.count.Load() == 0) {
		return err // an outage takes nothing back
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.byRef == nil {
		d.byRef = recent.New[delivery.Name, *reply.Doubt](doubtsKept, doubtsFor)
	}
	name := delivery.Name{Kind: string(ref.Kind), ID: ref.ID}
	defer func() { d.count.Store(int64(d.byRef.Len())) }()
	if !unanswered {
		d.byRef.Delete(name)
		return nil
	}
	now := time.Now()
	doubt, ok := d.byRef.Get(name, now)
	if !ok {
		doubt = new(reply.Doubt)
	}
	d.byRef.Put(name, doubt, 1, now)
	if doubt.Weigh(e, now) {
		return nil
	}
	return err
}
