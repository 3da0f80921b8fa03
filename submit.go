package modelslab

import (
	"context"
	"fmt"
	"reflect"
	"strings"

	"github.com/modelslab-go/modelslab/internal/endpoint"
	"github.com/modelslab-go/modelslab/internal/fault"
)

// Submit sends a generation and returns as soon as the API has answered: with
// a job that is processing, or, for quick ones, already done. It is sent at
// most once unless the API or the network proves that nothing was queued; see
// [WithSubmitRetries].
//
// Errors: *[Error] when it was refused and nothing runs, *[SubmitError] when
// the outcome is unknown, *[JobError] when it was accepted and failed at once.
// With a JobError the Job is returned as well.
func (c *Client) Submit(ctx context.Context, req Request, opts ...CallOption) (*Job, error) {
	o, err := newCallOptions(opts)
	if err != nil {
		return nil, err
	}
	job, err := c.submit(ctx, req, o)
	return job, public(err)
}

// Run submits a generation and waits for it: Submit, then Wait.
func (c *Client) Run(ctx context.Context, req Request, opts ...CallOption) (*Job, error) {
	o, err := newCallOptions(opts)
	if err != nil {
		return nil, err
	}
	job, err := c.submit(ctx, req, o)
	if err == nil {
		job, err = c.wait(ctx, job, o)
	}
	return job, public(err)
}

func (c *Client) submit(ctx context.Context, req Request, o *callOptions) (*Job, error) {
	s, err := c.prepare(ctx, req, o)
	if err != nil {
		return nil, err
	}
	chain := c.chain
	if table := c.deliveries.slotTable(); table != nil {
		chain = table.chain(s.kind, o.once)
	}
	return c.send(ctx, chain, s, o)
}

// send sends a prepared submit through a chain.
func (c *Client) send(ctx context.Context, chain handler, s *submission, o *callOptions) (*Job, error) {
	settle := c.deliveries.submitting(s.callback)
	r, err := chain.do(ctx, &s.call)
	if err != nil {
		settle(nil, isSubmitError(err))
		return nil, err
	}
	job := r.job
	job.adopt(s.kind, s.call.path, s.call.trackID)
	settle(job, false)
	o.update(job)
	if job.Status == StatusFailed || job.Status == StatusCancelled {
		return job, &JobError{Job: job}
	}
	return job, nil
}

// adopt fills in what the reply leaves to the request.
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

// A submission is a request made ready to send.
type submission struct {
	call     call
	kind     Kind
	callback callback
	tracer   dialTracer
	encoder  encoder
	digest   uint64 // its fingerprint; 0 without one
}

func (c *Client) prepare(ctx context.Context, req Request, o *callOptions) (*submission, error) {
	v, raw, err := structOf(req)
	if err != nil {
		return nil, err
	}
	e := req.endpoint()
	path := e.Path
	if p, ok := req.(pather); ok {
		path = p.path()
	}
	path, kind, server, err := c.route(e, path, o)
	if err != nil {
		return nil, err
	}
	s := &submission{kind: kind}
	terms := &s.encoder.terms
	*terms = e.Terms(server)
	s.call = call{
		op: e.OpOn(path), method: e.Method, path: path, auth: e.Auth,
		submit: true, job: true, tries: c.submitTries, tracer: &s.tracer,
	}
	if o.once {
		s.call.tries = 1
	}
	var webhook, trackID string
	var p *plan
	if raw != nil {
		webhook, trackID = raw.callbackFields()
	} else {
		p = planOf(v.Type())
		webhook, trackID = v.Field(p.webhook).String(), v.Field(p.trackID).String()
	}
	if err = checkRequest(req, v, p, s.call.op, terms.Required, o.extras); err != nil {
		return nil, err
	}
	enc := &s.encoder
	enc.op, enc.extras = s.call.op, o.extras
	// A workflow takes any body field for a parameter of its own, so a track id goes out only when it was given.
	sendTrack := terms.TrackID && (e.Auth != endpoint.AuthHeader || trackID != "")
	if s.callback, err = c.callback(s.call.op, e, kind, webhook, trackID, o); err != nil {
		return nil, err
	}
	enc.webhook, s.call.trackID = s.callback.url, s.callback.trackID
	if sendTrack {
		enc.trackID = s.call.trackID
	}
	if raw != nil {
		err = raw.encode(ctx, c, enc)
	} else {
		if p.media {
			if err = c.placeMedia(ctx, e, enc, v, p, o); err != nil {
				return nil, err
			}
		}
		err = enc.encode(v, p)
	}
	if err != nil {
		return nil, err
	}
	s.call.body = &enc.body
	return s, nil
}

// structOf returns the request's struct, or the request itself when it is raw.
func structOf(req Request) (reflect.Value, rawRequest, error) {
	if req == nil {
		return reflect.Value{}, nil, fault.Refuse("submit", "", "the request is nil")
	}
	v := reflect.ValueOf(req)
	if v.Kind() == reflect.Pointer && v.IsNil() {
		return reflect.Value{}, nil, fault.Refuse("submit", "", fmt.Sprintf("the request is a nil %T", req))
	}
	if raw, ok := req.(rawRequest); ok {
		return reflect.Value{}, raw, nil
	}
	if v = reflect.Indirect(v); v.Kind() != reflect.Struct || planOf(v.Type()).trackID < 0 {
		return reflect.Value{}, nil, fault.Refuse("submit", "", fmt.Sprintf("%T is no request of this package", req))
	}
	return v, nil, nil
}

// route picks the path and the kind: the public API's, or an enterprise server's.
// The server is nil for the public API.
func (c *Client) route(e *endpoint.Endpoint, path string, o *callOptions) (string, Kind, *endpoint.Server, error) {
	if !c.enterprise && o.server == nil || e.Name == "RawRequest" {
		return path, Kind(e.Kind), nil, nil
	}
	op := e.Method + " " + path
	if len(e.Enterprise) == 0 {
		return "", "", nil, fault.Refuse(op, "", "no enterprise server offers this; use a client without WithEnterprise")
	}
	server := &e.Enterprise[0]
	if o.server != nil {
		var ok bool
		if server, ok = e.On(*o.server); !ok {
			return "", "", nil, fault.Refuse(op, "", fmt.Sprintf("the enterprise server %q does not offer this", *o.server))
		}
	}
	return server.Path(), Kind(server.Kind()), server, nil
}

// placeMedia decides how the local files of a request travel.
func (c *Client) placeMedia(ctx context.Context, e *endpoint.Endpoint, enc *encoder, v reflect.Value, p *plan, o *callOptions) error {
	n, inline, flag, ok := survey(e, v, p)
	if !ok {
		return contradiction(enc.op)
	}
	if n == 0 || inline && (o.share == nil || !o.share(v, p)) {
		enc.flag = flag
		return nil
	}
	if inline {
		enc.omit = append(enc.omit, "base64") // the files travel as URLs after all
	}
	var err error
	enc.urls = make([]string, 0, n)
	eachMedia(v, p, func(field string, m file) {
		if err != nil || !m.local() {
			return
		}
		var url string
		url, err = m.put(ctx, c, enc.op, field)
		enc.urls = append(enc.urls, url)
	})
	return err
}

// survey counts the local files of a request and says whether they go into the
// body, and whether the base64 flag has to say so. An endpoint whose flag is
// about the results too gets only files that are too large to be uploaded. It is
// not ok when the caller's own flag has the API take URLs for base64, or base64
// for URLs.
func survey(e *endpoint.Endpoint, v reflect.Value, p *plan) (local int, inline, flag, ok bool) {
	remote, large := 0, false
	eachMedia(v, p, func(_ string, m file) {
		if m.local() {
			local++
			g, _, err := m.gap(false)
			large = large || err == nil && g.size > maxUpload
		} else if !m.IsZero() {
			remote++
		}
	})
	// One flag speaks for every file of the request, so URLs beside it would be taken for base64.
	flag = local > 0 && remote == 0 && (e.Media == endpoint.MediaFlag || e.Media == endpoint.MediaUpload && large && p.base64 >= 0)
	inline, ok = flag || local > 0 && e.Media == endpoint.MediaInline, true
	if p.base64 >= 0 {
		own := v.Field(p.fields[p.base64].index)
		ok = own.IsNil() || own.Elem().Bool() == flag || !flag && (e.Media != endpoint.MediaFlag || remote == 0)
	}
	return local, inline, flag, ok
}

func contradiction(op string) error {
	return fault.Refuse(op, "base64", "base64 contradicts the files, which are sent as what they are: leave it unset")
}

// checkRequest refuses what the server is certain to refuse, which goes without
// none of wants.
func checkRequest(req any, v reflect.Value, p *plan, op string, wants []string, extras []extra) error {
	field := ""
	if p != nil {
		field = p.missing(v, wants)
	}
	if ch, ok := req.(checker); ok && field == "" {
		field = ch.check()
	}
	if field == "" || (&encoder{extras: extras}).extra(field) {
		return nil
	}
	return fault.Refuse(op, field, "the "+field+" field is required")
}
