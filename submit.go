package modelslab

import (
	"context"
	"fmt"
	"reflect"

	"github.com/modelslab-go/modelslab/internal/encode"
	"github.com/modelslab-go/modelslab/internal/endpoint"
	"github.com/modelslab-go/modelslab/internal/fault"
	"github.com/modelslab-go/modelslab/internal/transport"
)

// Submit sends a generation and returns as soon as the API has answered: with
// a job that is processing, or, for quick ones, already done. It is sent at
// most once unless the API or the network proves that nothing was queued; see
// [WithSubmitRetries].
//
// Errors: *[Error] when it was refused and nothing runs, *[SubmitError] when
// the outcome is unknown, *[JobError] when it was accepted and failed at once.
// With a JobError, and with a SubmitError whose answer named the job, the Job is
// returned as well.
func (c *Client) Submit(ctx context.Context, req Request, opts ...CallOption) (*Job, error) {
	o, err := newCallOptions(verbSubmit, opts)
	if err != nil {
		return nil, err
	}
	job, err := c.submit(ctx, req, o)
	return job, public(err)
}

// Run submits a generation and waits for it: Submit, then Wait.
func (c *Client) Run(ctx context.Context, req Request, opts ...CallOption) (*Job, error) {
	o, err := newCallOptions(verbRun, opts)
	if err != nil {
		return nil, err
	}
	job, err := c.submit(ctx, req, o)
	if err == nil {
		job, err = c.wait(ctx, job, o)
	}
	return job, public(err)
}

// A submission is a request made ready to send.
type submission struct {
	exchange

	ctx      context.Context //nolint:containedctx // that of its operation, which a batch may hold back
	end      ending          // of its operation
	callback callback
	encoder  encode.Encoder
}

// prepare makes a request ready to send. Its operation has begun unless the
// submission is nil.
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
	s := new(submission)
	s.Call = transport.Call{Op: e.OpOn(path), Method: e.Method, Path: path, Auth: e.Auth, Purpose: transport.Submit}
	s.base = c.base
	s.read, s.kind, s.tries, s.patience = (*exchange).readSubmit, kind, c.submitTries, callPatience
	if o.once {
		s.tries = 1
	}
	var webhook, trackID string
	var generated bool // the caller gave no track id
	var p *encode.Plan
	if raw != nil {
		webhook, trackID, generated = raw.callbackFields()
	} else {
		p = plans.Of(v.Type())
		webhook, trackID = p.Webhook(v), p.TrackID(v)
	}
	enc := &s.encoder
	enc.Op, enc.Key, enc.Extras, enc.Terms = s.Op, c.bodyKey(e.Auth), o.extras, e.Terms(server)
	if trackID == "" {
		trackID, generated = newTrackID(enc.Terms.TrackNumber), true
	}
	s.ctx, s.trackID = ctx, trackID
	if c.tracing != nil {
		ctx, s.end = c.tracing.beginSubmit(ctx, s, req, o.link)
		s.ctx = ctx
	}
	if err = checkRequest(req, v, p, enc); err != nil {
		return s, err
	}
	if s.callback, err = c.callback(ctx, s.Op, e, kind, webhook, trackID, o); err != nil {
		return s, err
	}
	enc.Webhook = s.callback.url
	// A workflow takes any body field for a parameter of its own, so a track id goes out only when it was given.
	if enc.Terms.TrackID && (e.Auth != endpoint.AuthHeader || !generated) {
		enc.TrackID, enc.Number = trackID, generated && enc.Terms.TrackNumber
	}
	if raw != nil {
		err = raw.encode(ctx, c, enc)
	} else {
		if p.HasFiles {
			if err = c.placeMedia(ctx, e, enc, v, p, o); err != nil {
				return s, err
			}
		}
		err = enc.Struct(v, p)
	}
	if err != nil {
		return s, err
	}
	s.Body = &enc.Body
	return s, nil
}

// bodyKey is the key for a body, nil where the API reads it elsewhere.
func (c *Client) bodyKey(auth endpoint.Auth) func() string {
	if auth == endpoint.AuthBody {
		return c.key
	}
	return nil
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
	if v = reflect.Indirect(v); v.Kind() != reflect.Struct || !plans.Of(v.Type()).Callbacks() {
		return reflect.Value{}, nil, fault.Refuse("submit", "", fmt.Sprintf("%T is no request of this package", req))
	}
	return v, nil, nil
}

// route picks the path and the kind: the public API's, or an enterprise server's.
// The server is nil for the public API.
func (c *Client) route(e *endpoint.Endpoint, path string, o *callOptions) (string, Kind, *endpoint.EnterpriseServer, error) {
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

// placeMedia decides how the local files of a request travel, and uploads those
// that do not go into the body.
func (c *Client) placeMedia(ctx context.Context, e *endpoint.Endpoint, enc *encode.Encoder, v reflect.Value, p *encode.Plan, o *callOptions) error {
	to, err := enc.Place(v, p, e.Media, maxUpload)
	if err != nil {
		return err
	}
	if to.Local == 0 || to.Inline && (o.share == nil || !o.share(v, p)) {
		enc.Flag = to.Flag
		return nil
	}
	if to.Inline {
		enc.Omit = append(enc.Omit, "base64") // the files travel as URLs after all
	}
	enc.URLs = make([]string, 0, to.Local)
	for field, at := range p.Files(v) {
		m := at.(filer)
		if !m.file().Local() {
			continue
		}
		url, err := m.put(ctx, c, enc.Op, field.Name)
		if err != nil {
			return err
		}
		enc.URLs = append(enc.URLs, url)
	}
	return nil
}

// checkRequest refuses what the server is certain to refuse.
func checkRequest(req any, v reflect.Value, p *encode.Plan, enc *encode.Encoder) error {
	field := ""
	if p != nil {
		field = p.Missing(v, enc.Terms.Required)
	}
	if ch, ok := req.(checker); ok && field == "" {
		field = ch.check()
	}
	if field == "" || enc.HasExtra(field) {
		return nil
	}
	return fault.Refuse(enc.Op, field, "the "+field+" field is required")
}
