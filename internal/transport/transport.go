// Package transport carries one call to the API and its whole answer back. It
// is the only place that can prove that a request never left.
package transport

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/modelslab-go/modelslab/internal/body"
	"github.com/modelslab-go/modelslab/internal/endpoint"
	"github.com/modelslab-go/modelslab/internal/fault"
	"github.com/modelslab-go/modelslab/internal/redact"
)

// Purpose is what a call is made for, which decides what may be done when its
// outcome is unknown.
type Purpose uint8

// The purposes of calls.
const (
	Submit  Purpose = iota // starts a job: sending it again may be a second bill
	Fetch                  // asks about a job that was submitted before
	Query                  // changes nothing; the answer is the result
	Command                // changes something: not to be sent again when its outcome is unknown
	Upload                 // puts a file on the web, which may be done twice
)

const (
	maxReply   = 8 << 20 // a job; the largest seen is a few kilobytes
	maxListing = 64 << 20
)

// Call is one call. Carrying it does not change it.
type Call struct {
	Op      string // "POST /v6/video/text2video", for errors and logs
	Method  string
	Path    string // below the base URL
	Query   string // encoded
	Auth    endpoint.Auth
	Body    *body.Body // with the key where the endpoint reads it there; nil for none
	Purpose Purpose
}

// Answer is an answer, read whole.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
	Broken error // why the Body is only the beginning of what was sent; or nil
}

// Transport carries calls. It uses a RoundTripper rather than a Client: a
// redirect could carry the key to another host or send a submit twice, and a
// cookie has no place here.
type Transport struct {
	Base         *url.URL
	Key          func() string
	UserAgent    []string // as the value of a header
	RoundTripper http.RoundTripper
	Timeout      time.Duration // of a whole exchange; 0 for none
}

var jsonType = []string{"application/json"}

// roundTrip is what a call becomes on the wire. It ends with the roundTrip, and
// with it the key in its URL and header.
type roundTrip struct {
	url   url.URL
	trace dialTrace
	stall stall
}

// Do makes one exchange. The Error is Unknown when a submit may have reached
// the API although no answer came.
func (t *Transport) Do(ctx context.Context, c *Call) (Answer, *fault.Error) {
	if err := ctx.Err(); err != nil {
		return Answer{}, &fault.Error{Op: c.Op, Cause: err, Message: "not sent: " + err.Error()}
	}
	sending := ctx
	if t.Timeout > 0 {
		var cancel context.CancelFunc
		sending, cancel = context.WithTimeout(ctx, t.Timeout)
		defer cancel()
	}
	if c.Purpose == Submit {
		x := new(roundTrip)
		return t.exchange(ctx, x.trace.watch(sending), c, x)
	}
	return t.exchange(ctx, sending, c, new(roundTrip))
}

func (t *Transport) exchange(ctx, sending context.Context, c *Call, x *roundTrip) (Answer, *fault.Error) {
	req := http.Request{
		Method: c.Method, URL: &x.url, Host: t.Base.Host, Header: make(http.Header, 4),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}
	t.address(c, x, req.Header)
	var files body.Stream
	if c.Body != nil {
		var err error
		if files, err = c.Body.Attach(&req); err != nil {
			return Answer{}, &fault.Error{Op: c.Op, Reason: fault.Invalid, Cause: err}
		}
	}
	if files != nil {
		// The RoundTripper may read on, but nobody may touch the user's files after the call.
		defer files.Close()
	}
	if c.Purpose == Fetch {
		sending = x.stall.watch(sending)
		defer x.stall.end()
	}
	resp, err := t.RoundTripper.RoundTrip(req.WithContext(sending))
	if err == nil {
		defer resp.Body.Close()
		stalled := x.stall.watchBody(resp.Body)
		defer stalled.Stop()
		a := Answer{Status: resp.StatusCode, Header: resp.Header}
		if a.Body, err = readAll(resp, limit(c.Purpose), stalled); err != nil {
			a.Broken = t.cause(ctx, x.stall.cause(err))
		}
		return a, nil
	}
	if files != nil && files.Failure() != nil {
		return Answer{}, &fault.Error{Op: c.Op, Reason: fault.Invalid, Cause: files.Failure()}
	}
	return Answer{}, &fault.Error{
		Op: c.Op, Reason: fault.Unavailable, Cause: t.cause(ctx, x.stall.cause(err)),
		Unknown: c.Purpose == Submit && !x.trace.neverLeft(err),
	}
}

// address completes the URL and the header, with the key where the endpoint
// reads it there.
func (t *Transport) address(c *Call, x *roundTrip, header http.Header) {
	header["Content-Type"], header["Accept"], header["User-Agent"] = jsonType, jsonType, t.UserAgent
	x.url = *t.Base
	x.url.Path += c.Path
	if p, err := url.PathUnescape(x.url.Path); err == nil && p != x.url.Path {
		x.url.Path, x.url.RawPath = p, x.url.Path
	}
	x.url.RawQuery = c.Query
	switch c.Auth {
	case endpoint.AuthBody:
	case endpoint.AuthHeader:
		header.Set("Key", t.Key())
	case endpoint.AuthQuery:
		x.url.RawQuery = strings.TrimSuffix("key="+url.QueryEscape(t.Key())+"&"+c.Query, "&")
	}
}

// cause is why an exchange failed, without secrets. The network has many words
// for a context that ended.
func (t *Transport) cause(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return redact.Error(err, t.Key)
}

func limit(p Purpose) int64 {
	if p == Query || p == Command {
		return maxListing
	}
	return maxReply
}
