package modelslab

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"mime"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/cenkalti/backoff/v4"

	"github.com/modelslab-go/modelslab/internal/endpoint"
	"github.com/modelslab-go/modelslab/internal/wire"
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
	query   url.Values
	auth    endpoint.Auth
	body    *body // nil sends the key alone
	keyed   body  // while it is under way: body with the key in it
	submit  bool  // repeating it may bill twice
	job     bool  // the answer is a job
	fetch   bool  // the answer tells about a job submitted before
	change  bool  // it changes something: not repeated when the outcome is unknown
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

// retryHandler repeats what may be repeated: a submit only on proof that
// nothing was queued, anything else on every transient failure.
type retryHandler struct {
	next handler
	log  *slog.Logger
}

func (h *retryHandler) do(ctx context.Context, c *call) (*reply, error) {
	var intervals *backoff.ExponentialBackOff
	for try := 1; ; try++ {
		r, err := h.next.do(ctx, c)
		if err == nil {
			if h.log.Enabled(ctx, slog.LevelDebug) {
				h.log.DebugContext(ctx, "modelslab call", "op", c.op, "status", r.status)
			}
			return r, nil
		}
		if try >= c.tries || ctx.Err() != nil || !repeatable(c, err) {
			h.log.DebugContext(ctx, "modelslab call failed", "op", c.op, "error", err)
			return nil, err
		}
		if intervals == nil {
			intervals = newBackoff()
		}
		pause := intervals.NextBackOff()
		var e *Error
		if errors.As(err, &e) && e.RetryAfter > 0 {
			pause = e.RetryAfter
		}
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= pause {
			return nil, err
		}
		h.log.WarnContext(ctx, "modelslab call repeated", "op", c.op, "try", try, "pause", pause, "error", err)
		if stopped := sleep(ctx, pause); stopped != nil {
			refused := *e
			refused.cause = stopped
			return nil, &refused
		}
	}
}

func newBackoff() *backoff.ExponentialBackOff {
	return backoff.NewExponentialBackOff(
		backoff.WithInitialInterval(time.Second),
		backoff.WithMultiplier(2),
		backoff.WithMaxInterval(30*time.Second),
		backoff.WithMaxElapsedTime(0),
	)
}

func repeatable(c *call, err error) bool {
	var e *Error
	if !errors.As(err, &e) || e.spam || !c.rewindable() {
		return false
	}
	if c.submit {
		return !isSubmitError(err) && (errors.Is(e, ErrRateLimited) || e.cause != nil && errors.Is(e, ErrUnavailable))
	}
	return errors.Is(e, ErrRateLimited) || !c.change && errors.Is(e, ErrUnavailable)
}

func isSubmitError(err error) bool {
	var s *SubmitError
	return errors.As(err, &s)
}

func (c *call) rewindable() bool {
	if c.body == nil {
		return true
	}
	for i := range c.body.gaps {
		if !c.body.gaps[i].media.repeatable() {
			return false
		}
	}
	return true
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
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
	e.Message = redact(e.Message, h.key())
	if c.submit && r.status >= 500 {
		return nil, &SubmitError{Op: c.op, TrackID: c.trackID, Err: e}
	}
	return nil, e
}

// failed classifies a call without a readable answer.
func (h *errorHandler) failed(ctx context.Context, c *call, r *reply, err error) error {
	var e *Error
	if errors.As(err, &e) { // refused before sending
		return err
	}
	if ctx.Err() != nil {
		err = ctx.Err() // the network's own words for it vary
	}
	e = &Error{Op: c.op, reason: ErrUnavailable, cause: &redacted{err, h.key}}
	if r != nil {
		e.HTTPStatus = r.status
		if r.status >= 400 && r.status < 500 {
			return h.unreadable(c, r, e)
		}
	}
	if c.submit && (r != nil || !c.tracer.neverLeft(err)) {
		return &SubmitError{Op: c.op, TrackID: c.trackID, Err: e}
	}
	return e
}

// unreadable is a 4xx with a body that is not JSON: the status says enough.
func (h *errorHandler) unreadable(c *call, r *reply, e *Error) error {
	e.reason, e.cause, e.Message = reasonOfStatus(r.status), nil, http.StatusText(r.status)
	e.RetryAfter = retryAfter(r.header)
	if c.submit && r.status == http.StatusRequestTimeout {
		return &SubmitError{Op: c.op, TrackID: c.trackID, Err: e}
	}
	return e
}

// redacted keeps the chain for errors.Is while its text is free of the key.
type redacted struct {
	err error
	key func() string
}

func (e *redacted) Error() string {
	err := e.err
	if u := (*url.Error)(nil); errors.As(err, &u) {
		err = u.Err // its URL may hold the key
	}
	return redact(err.Error(), e.key())
}

func (e *redacted) Is(target error) bool { return errors.Is(e.err, target) }

func (e *redacted) As(target any) bool {
	if _, isURL := target.(**url.Error); isURL {
		return false
	}
	return errors.As(e.err, target)
}

func redact(s, key string) string {
	if s == "" {
		return s
	}
	return wire.BlankTokens(strings.ReplaceAll(s, key, "[redacted]"))
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
	// The key must not outlive the exchange, so the call gets its own parts back.
	plain, query := c.body, c.query
	defer func() { c.body, c.query = plain, query }()
	switch c.auth {
	case endpoint.AuthHeader:
		c.header.Set("Key", h.key())
	case endpoint.AuthQuery:
		c.query = maps.Clone(query)
		if c.query == nil {
			c.query = url.Values{}
		}
		c.query.Set("key", h.key())
	default:
		c.keyed = plain.withKey(h.key())
		c.body = &c.keyed
		defer func() { c.keyed = body{} }()
	}
	return h.next.do(ctx, c)
}

// sendHandler makes the exchange and reads the answer, up to a bound. It uses
// the client's transport and timeout only: a redirect could carry the key to
// another host or send a submit twice, and a cookie has no place here.
type sendHandler struct {
	base      *url.URL
	transport http.RoundTripper
	timeout   time.Duration
	gate      *dialGate // nil with a transport of the user's own
}

func newSendHandler(c *Client) *sendHandler {
	h := &sendHandler{base: c.base, transport: c.http.Transport, timeout: c.http.Timeout, gate: c.gate}
	if h.transport == nil {
		h.transport = http.DefaultTransport
	}
	return h
}

func (h *sendHandler) do(ctx context.Context, c *call) (*reply, error) {
	if h.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, h.timeout)
		defer cancel()
	}
	u := *h.base
	u.Path += c.path
	if p, err := url.PathUnescape(u.Path); err == nil && p != u.Path {
		u.Path, u.RawPath = p, u.Path
	}
	u.RawQuery = c.query.Encode()
	req := http.Request{
		Method: c.method, URL: &u, Host: u.Host, Header: c.header,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}
	if c.body != nil {
		if err := c.body.attach(&req); err != nil {
			return nil, err
		}
	}
	if c.submit {
		ctx = c.tracer.watch(ctx)
	}
	if h.gate != nil {
		h.gate.enter()
		defer h.gate.leave()
	}
	resp, err := h.transport.RoundTrip(req.WithContext(ctx))
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	r := &reply{status: resp.StatusCode, header: resp.Header}
	limit := int64(maxListing)
	if c.job {
		limit = maxReply
	}
	r.body, err = readAll(resp, limit)
	return r, err
}

// readAll reads to the end, so that the connection can be used again.
func readAll(resp *http.Response, limit int64) ([]byte, error) {
	if resp.ContentLength > limit {
		return nil, fmt.Errorf("the answer has %d bytes, more than the %d that are read", resp.ContentLength, limit)
	}
	size := resp.ContentLength
	if size < 0 || size > 64<<10 {
		size = 4 << 10
	}
	b := make([]byte, 0, size+1) // one more than announced, so that the end is seen without growing
	for {
		n, err := resp.Body.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		switch {
		case int64(len(b)) > limit:
			return nil, fmt.Errorf("the answer has more than the %d bytes that are read", limit)
		case errors.Is(err, io.EOF):
			return b, nil
		case err != nil:
			return nil, fmt.Errorf("the answer broke off: %w", err)
		case len(b) == cap(b):
			b = slices.Grow(b, cap(b))
		}
	}
}

// dialTracer watches whether a request can have left.
type dialTracer struct {
	asked, got atomic.Bool
	trace      httptrace.ClientTrace
}

func (t *dialTracer) watch(ctx context.Context) context.Context {
	t.asked.Store(false)
	t.got.Store(false)
	t.trace.GetConn = t.sawGetConn
	t.trace.GotConn = t.sawGotConn
	return httptrace.WithClientTrace(ctx, &t.trace)
}

func (t *dialTracer) sawGetConn(string)                { t.asked.Store(true) }
func (t *dialTracer) sawGotConn(httptrace.GotConnInfo) { t.got.Store(true) }

// neverLeft is true only on positive proof: no name, no dial, or no connection
// was got. A custom RoundTripper traces nothing, and its silence proves nothing.
func (t *dialTracer) neverLeft(err error) bool {
	if t.got.Load() {
		return false
	}
	var op *net.OpError
	var dns *net.DNSError
	return t.asked.Load() || errors.As(err, &op) && op.Op == "dial" || errors.As(err, &dns)
}

func retryAfter(h http.Header) time.Duration {
	const longest = 24 * time.Hour
	var d time.Duration
	if v := h.Get("Retry-After"); v != "" {
		if s, err := strconv.ParseFloat(v, 64); err == nil {
			d = time.Duration(min(max(s, 0), longest.Seconds()) * float64(time.Second))
		} else if at, err := http.ParseTime(v); err == nil {
			d = time.Until(at)
		}
	} else if s, err := strconv.ParseInt(h.Get("X-RateLimit-Reset"), 10, 64); err == nil {
		d = time.Until(time.Unix(s, 0))
	}
	return min(max(d, 0), longest)
}
