package modelslab

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/modelslab-go/modelslab/internal/body"
	"github.com/modelslab-go/modelslab/internal/endpoint"
	"github.com/modelslab-go/modelslab/internal/fault"
	"github.com/modelslab-go/modelslab/internal/redact"
	"github.com/modelslab-go/modelslab/internal/retry"
)

const (
	maxReply   = 8 << 20 // a job; the largest seen is a few kilobytes
	maxListing = 64 << 20
)

// A call is one request on its way through the chain.
type call struct {
	op      string // "POST /v6/video/text2video", for errors and logs
	method  string
	path    string
	query   string // encoded
	auth    endpoint.Auth
	body    *body.Body // with the key where auth says so; nil sends none
	submit  bool       // repeating it may bill twice
	job     bool       // the answer is a job
	fetch   bool       // the answer tells about a job submitted before
	change  bool       // it changes something: not repeated when the outcome is unknown
	trackID string
	tries   int
	header  http.Header
	tracer  *dialTracer // of a submit
}

// A reply is a call's answer, read whole.
type reply struct {
	status  int
	header  http.Header
	body    []byte
	job     *Job // when the call wants one
	message string
	extras  replyExtras
}

// A handler is one link of the chain between a service method and the network.
type handler interface {
	do(ctx context.Context, c *call) (*reply, error)
}

// newChain links the handlers, outermost first.
func newChain(c *Client) handler {
	var h handler = newSendHandler(c)
	h = &authHandler{next: h, key: c.key}
	h = newUserAgentHandler(h, c.userAgent)
	h = &decodeHandler{next: h}
	h = &errorHandler{next: h, key: c.key}
	return &retryHandler{next: h, log: c.log}
}

// errorHandler turns refusals into *Error and unknown outcomes into
// *SubmitError, and keeps the key out of both.
type errorHandler struct {
	next handler
	key  func() string
}

func (h *errorHandler) do(ctx context.Context, c *call) (*reply, error) {
	r, err := h.next.do(ctx, c)
	if err != nil {
		return nil, h.failed(ctx, c, r, err)
	}
	e := refusal(c, r)
	if e == nil {
		if c.submit && !r.extras.HasStatus && !r.extras.IsJob {
			return nil, h.failed(ctx, c, r, errors.New("the answer says nothing of a job"))
		}
		return r, nil
	}
	e.Message = redact.Text(e.Message, h.key())
	if c.submit && r.status >= 500 {
		return nil, &SubmitError{Op: c.op, TrackID: c.trackID, Err: public(e)}
	}
	return nil, e
}

// failed classifies a call without a readable answer.
func (h *errorHandler) failed(ctx context.Context, c *call, r *reply, err error) error {
	if _, ok := errors.AsType[*fault.Error](err); ok { // refused before sending
		return err
	}
	if ctx.Err() != nil {
		err = ctx.Err() // the network's own words for it vary
	}
	e := &fault.Error{Op: c.op, Reason: ErrUnavailable, Cause: redact.Error(err, h.key)}
	if r != nil {
		e.HTTPStatus = r.status
		if r.status >= 400 && r.status < 500 {
			return h.unreadable(c, r, e)
		}
	}
	if c.submit && (r != nil || !c.tracer.neverLeft(err)) {
		return &SubmitError{Op: c.op, TrackID: c.trackID, Err: public(e)}
	}
	return e
}

// unreadable is a 4xx with a body that is not JSON: the status says enough.
func (h *errorHandler) unreadable(c *call, r *reply, e *fault.Error) error {
	e.Reason, e.Cause, e.Message = fault.OfStatus(r.status), nil, http.StatusText(r.status)
	e.RetryAfter = retry.After(r.header)
	if c.submit && r.status == http.StatusRequestTimeout {
		return &SubmitError{Op: c.op, TrackID: c.trackID, Err: public(e)}
	}
	return e
}

// decodeHandler reads the JSON of an answer.
type decodeHandler struct{ next handler }

func (h *decodeHandler) do(ctx context.Context, c *call) (*reply, error) {
	r, err := h.next.do(ctx, c)
	if err != nil || r.status >= 300 && r.status < 400 {
		return r, err
	}
	first := bytes.TrimLeft(r.body, " \t\r\n")
	if c.job || len(first) > 0 && first[0] == '{' {
		j := new(Job)
		err = decodeOwnJob(r.body, j, &r.extras)
		r.message = j.Message
		if c.job {
			r.job = j
		}
	} else if !json.Valid(r.body) {
		err = errors.New("not JSON")
	}
	if err != nil {
		return r, fmt.Errorf("unreadable answer: %s%w", describe(r), err)
	}
	return r, nil
}

// describe says what came instead of JSON, without quoting it.
func describe(r *reply) string {
	mediaType, _, _ := mime.ParseMediaType(r.header.Get("Content-Type"))
	if mediaType == "" || mediaType == "application/json" {
		return fmt.Sprintf("HTTP %d, %d bytes: ", r.status, len(r.body))
	}
	return fmt.Sprintf("HTTP %d, %d bytes of %s: ", r.status, len(r.body), mediaType)
}

// userAgentHandler says who is calling, and that both sides speak JSON.
type userAgentHandler struct {
	next      handler
	userAgent []string
}

var jsonType = []string{"application/json"}

func newUserAgentHandler(next handler, userAgent string) *userAgentHandler {
	return &userAgentHandler{next: next, userAgent: []string{userAgent}}
}

func (h *userAgentHandler) do(ctx context.Context, c *call) (*reply, error) {
	c.header = make(http.Header, 4)
	c.header["Content-Type"] = jsonType
	c.header["Accept"] = jsonType
	c.header["User-Agent"] = h.userAgent
	return h.next.do(ctx, c)
}

// authHandler puts the key where the endpoint reads it.
type authHandler struct {
	next handler
	key  func() string
}

func (h *authHandler) do(ctx context.Context, c *call) (*reply, error) {
	switch c.auth {
	case endpoint.AuthBody: // it was encoded with the key
	case endpoint.AuthHeader:
		c.header.Set("Key", h.key())
	case endpoint.AuthQuery:
		// The key must not outlive the exchange, so the call gets its own query back.
		query := c.query
		defer func() { c.query = query }()
		c.query = strings.TrimSuffix("key="+url.QueryEscape(h.key())+"&"+query, "&")
	}
	return h.next.do(ctx, c)
}
