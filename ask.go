package modelslab

import (
	"context"
	"fmt"
	"net/url"
	"reflect"
	"strings"

	"github.com/modelslab-go/modelslab/internal/encode"
	"github.com/modelslab-go/modelslab/internal/endpoint"
	"github.com/modelslab-go/modelslab/internal/fault"
	"github.com/modelslab-go/modelslab/internal/wire"
)

// ask makes one call whose answer is the result itself, not a job. The request
// is a pointer to a struct with the tags of a request struct, url.Values, or
// nil for the key alone; args fill the {arguments} of the path. A call that
// changes something is repeated only after a rate limit, any other call after
// every transient failure.
//
// An operation that no enterprise server offers goes to the public API: it is
// about the account, not about a server.
func (c *Client) ask(ctx context.Context, e *endpoint.Endpoint, req any, opts []CallOption, args ...string) (answer, error) {
	o, err := newCallOptions(opts)
	if err != nil {
		return "", err
	}
	cl, err := c.question(ctx, e, req, o, args)
	if err != nil {
		return "", public(err)
	}
	r, err := c.chain.do(ctx, cl)
	if err != nil {
		return "", public(err)
	}
	return answer(wire.BlankTokens(strings.TrimSpace(string(r.body)))), nil
}

// question is the call that ask makes.
func (c *Client) question(ctx context.Context, e *endpoint.Endpoint, req any, o *callOptions, args []string) (*call, error) {
	path, err := pathOf(e, args)
	if err == nil && (len(e.Enterprise) > 0 || o.server != nil) {
		path, _, _, err = c.route(e, path, o)
	}
	if err != nil {
		return nil, err
	}
	cl := &call{
		op: e.Method + " " + path, method: e.Method, path: path, auth: e.Auth,
		change: e.Change, tries: c.fetchTries,
	}
	if o.once {
		cl.tries = 1
	}
	enc := encode.Encoder{Op: cl.op, Key: c.bodyKey(e.Auth), Extras: o.extras}
	if query, ok := req.(url.Values); ok {
		for _, x := range o.extras {
			query.Set(x.Name, answer(x.Value).text())
		}
		cl.query = query.Encode()
		return cl, nil
	}
	if req == nil {
		if e.Auth == endpoint.AuthBody || len(o.extras) > 0 {
			enc.Empty()
			cl.body = &enc.Body
		}
		return cl, nil
	}
	v := reflect.ValueOf(req)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return nil, fault.Refuse(cl.op, "", fmt.Sprintf("the request is a nil %T", req))
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
	cl.body = &enc.Body
	return cl, enc.Struct(v, p)
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
