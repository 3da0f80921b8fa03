package modelslab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"sync/atomic"
	"time"

	"github.com/modelslab-go/modelslab/internal/body"
	"github.com/modelslab-go/modelslab/internal/fault"
)

// sendHandler makes the exchange and reads the answer, up to a bound. It uses
// the client's transport and timeout only: a redirect could carry the key to
// another host or send a submit twice, and a cookie has no place here.
type sendHandler struct {
	base      *url.URL
	transport http.RoundTripper
	timeout   time.Duration
}

func newSendHandler(c *Client) *sendHandler {
	h := &sendHandler{base: c.base, transport: c.http.Transport, timeout: c.http.Timeout}
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
	u.RawQuery = c.query
	req := http.Request{
		Method: c.method, URL: &u, Host: u.Host, Header: c.header,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	}
	var files body.Stream
	if c.body != nil {
		var err error
		if files, err = c.body.Attach(&req); err != nil {
			return nil, &fault.Error{Op: c.op, Reason: ErrInvalid, Cause: err}
		}
	}
	if c.submit {
		ctx = c.tracer.watch(ctx)
	}
	if files != nil {
		// The transport may read on, but nobody may touch the user's files after the call.
		defer files.Close()
	}
	resp, err := h.transport.RoundTrip(req.WithContext(ctx))
	if err != nil {
		if files != nil && files.Failure() != nil {
			return nil, &fault.Error{Op: c.op, Reason: ErrInvalid, Cause: files.Failure()}
		}
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
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "dial" {
		return true
	}
	_, noName := errors.AsType[*net.DNSError](err)
	return noName || t.asked.Load()
}
