package modelslab

import (
	"context"
	"fmt"
	"net/url"
	"reflect"

	"github.com/modelslab-go/modelslab/internal/encode"
	"github.com/modelslab-go/modelslab/internal/endpoint"
	"github.com/modelslab-go/modelslab/internal/fault"
	"github.com/modelslab-go/modelslab/internal/reply"
	"github.com/modelslab-go/modelslab/internal/transport"
)

// query makes one call whose answer is the result itself, not a job. The request
// is a pointer to a struct with the tags of a request struct, url.Values, or
// nil for the key alone; args fill the {arguments} of the path. A call that
// changes something is repeated only after a rate limit, any other call after
// every transient failure.
//
// An operation that no enterprise server offers goes to the public API: it is
// about the account, not about a server.
func (c *Client) query(ctx context.Context, e *endpoint.Endpoint, req any, opts []CallOption, args ...string) (reply.Value, error) {
	o, err := newCallOptions(verbQuery, opts)
	if err != nil {
		return "", err
	}
	x, err := c.prepareQuery(ctx, e, req, o, args)
	if err != nil {
		return "", public(err)
	}
	ctx, end := c.begin(ctx, Op{Name: OpQuery, Route: e.OpOn(e.Path)})
	failed := c.exchange(ctx, x)
	end(x.result(failed))
	if failed != nil {
		return "", publicError(failed)
	}
	return x.value, nil
}

func (x *exchange) readQuery(r *reply.Response) (e *fault.Error) {
	x.value, e = r.Query()
	return e
}

// prepareQuery is the call that query makes.
func (c *Client) prepareQuery(ctx context.Context, e *endpoint.Endpoint, req any, o *callOptions, args []string) (*exchange, error) {
	path, err := pathOf(e, args)
	if err == nil && (len(e.Enterprise) > 0 || o.server != nil) {
		path, _, _, err = c.route(e, path, o)
	}
	if err != nil {
		return nil, err
	}
	x := &exchange{read: (*exchange).readQuery, tries: c.fetchTries, patience: callPatience}
	x.Call = transport.Call{Op: e.Method + " " + path, Method: e.Method, Path: path, Auth: e.Auth, Purpose: transport.Query}
	if e.Change {
		x.Purpose = transport.Command
	}
	if o.once {
		x.tries = 1
	}
	enc := encode.Encoder{Op: x.Op, Key: c.bodyKey(e.Auth), Extras: o.extras}
	if query, ok := req.(url.Values); ok {
		for _, extra := range o.extras {
			query.Set(extra.Name, reply.Value(extra.Value).Text())
		}
		x.Query = query.Encode()
		return x, nil
	}
	if req == nil {
		if e.Auth == endpoint.AuthBody || len(o.extras) > 0 {
			enc.Empty()
			x.Body = &enc.Body
		}
		return x, nil
	}
	v := reflect.ValueOf(req)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return nil, fault.Refuse(x.Op, "", fmt.Sprintf("the request is a nil %T", req))
	}
	v = v.Elem()
	p := plans.Of(v.Type())
	enc.Webhook = p.Webhook(v)
	if err = checkRequest(req, v, p, &enc); err != nil {
		return nil, err
	}
	if p.HasFiles {
		if err = c.placeMedia(ctx, e, &enc, v, p, o); err != nil {
			return nil, err
		}
	}
	x.Body = &enc.Body
	return x, enc.Struct(v, p)
}

// pathOf fills in the arguments of a path, each of which is one element of it.
func pathOf(e *endpoint.Endpoint, args []string) (string, error) {
	names := e.Args()
	for i, a := range args {
		if name := names[i]; a == "" || a == "." || a == ".." {
			return "", fault.Refuse(e.Method+" "+e.Path, name, "the "+name+" is required")
		}
	}
	return e.At(args...), nil
}

// incomplete is the error of an answer without the one thing it was asked for.
func incomplete(e *endpoint.Endpoint, want string) error {
	return &Error{
		Op: e.Method + " " + e.Path, HTTPStatus: 200, reason: ErrUnavailable,
		Message: "the answer has no " + want,
	}
}
