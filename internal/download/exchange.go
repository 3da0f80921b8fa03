package download

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/modelslab-go/modelslab/internal/fault"
	"github.com/modelslab-go/modelslab/internal/publicnet"
	"github.com/modelslab-go/modelslab/internal/redact"
	"github.com/modelslab-go/modelslab/internal/retry"
)

// An attempt is one request for the file and the answer to it. Reading it
// brings the answer's body as it was sent.
type attempt struct {
	*http.Response
	t       *Transfer
	ctx     context.Context //nolint:containedctx // tells why a Read failed
	cancel  context.CancelCauseFunc
	silence *time.Timer
	rest    bool // the rest of the file was asked for
}

// send asks for the file, or for the rest of it.
func (t *Transfer) send(rest bool) (*attempt, error) {
	ctx, cancel := context.WithCancelCause(t.ctx)
	e := &attempt{t: t, ctx: ctx, cancel: cancel, rest: rest}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, t.url.String(), nil)
	if err != nil {
		cancel(nil)
		return nil, fault.Refuse(t.op, "", "the URL cannot be requested")
	}
	req.Header.Set("User-Agent", t.userAgent)
	req.Header.Set("Accept", "*/*")
	// Ranges and sizes are those of the file, not of a compressed form of it.
	req.Header.Set("Accept-Encoding", "identity")
	if rest {
		req.Header.Set("Range", "bytes="+strconv.FormatInt(t.done, 10)+"-")
		req.Header.Set("If-Range", t.version.validator())
	}
	e.silence = time.AfterFunc(stallTimeout, func() { cancel(errStalled) })
	e.Response, err = t.client.Do(req) //nolint:bodyclose // Close of the exchange closes it
	e.silence.Stop()
	if err != nil {
		err = e.failed(err)
		cancel(nil)
		return nil, err
	}
	return e, nil
}

// Read reads the body. The timer runs only here: a slow reader of the transfer
// is not a slow server.
func (e *attempt) Read(p []byte) (int, error) {
	e.silence.Reset(stallTimeout)
	n, err := e.Body.Read(p)
	e.silence.Stop()
	if err != nil && !errors.Is(err, io.EOF) {
		err = e.failed(fmt.Errorf("%w: %w", errBroken, err))
	}
	return n, err
}

// Close ends the exchange.
func (e *attempt) Close() error {
	err := e.Body.Close()
	e.cancel(nil)
	return err
}

// failed classifies an exchange that the network cut short.
func (e *attempt) failed(err error) error {
	if errors.Is(context.Cause(e.ctx), errStalled) {
		err = errStalled
	}
	return e.t.failed(err)
}

func (t *Transfer) failed(err error) error {
	f := &fault.Error{Op: t.op, Reason: fault.Unavailable, Cause: redact.Error(err, t.key)}
	if publicnet.Refused(err) || errors.Is(err, errRedirects) || errors.Is(err, errLocation) {
		f.Reason = fault.Invalid
		return f
	}
	return &setback{err: f}
}

// refused classifies a status that brings no file.
func (e *attempt) refused() error {
	_, _ = io.CopyN(io.Discard, e.Body, 4<<10) // lets the connection be used again
	f := &fault.Error{
		Op: e.t.op, HTTPStatus: e.StatusCode, Message: "no file came",
		RetryAfter: retry.After(e.Header), Reason: fault.OfStatus(e.StatusCode),
	}
	switch code := e.StatusCode; {
	case code == http.StatusNotFound, code == http.StatusForbidden, code == http.StatusTooEarly, code < 300:
		f.Message = "the file is not there"
		if f.Reason == nil || code == http.StatusTooEarly {
			f.Reason = fault.NotFound
		}
		return &setback{err: f, notReady: true}
	case code == http.StatusRequestTimeout, code == http.StatusTooManyRequests, code >= 500:
		return &setback{err: f}
	case code == http.StatusGone:
		f.Message, f.Reason = "the file is gone", fault.NotFound
	case f.Reason == nil:
		f.Reason = fault.Unavailable
	}
	return f
}

// absent is an answer that has the form of a file and is none.
func (e *attempt) absent(what string) error {
	return &setback{notReady: true, err: &fault.Error{
		Op: e.t.op, HTTPStatus: e.StatusCode, Message: "the file is not there: " + what, Reason: fault.NotFound,
	}}
}

// fault is an answer that cannot be gone on with.
func (e *attempt) fault(err error) error {
	return &fault.Error{Op: e.t.op, HTTPStatus: e.StatusCode, Reason: fault.Unavailable, Cause: err}
}

// span is where in the file the body starts and how large the file is; total is
// -1 where that is not said.
func (e *attempt) span() (start, total int64, err error) {
	if e.StatusCode != http.StatusPartialContent {
		return 0, e.ContentLength, nil
	}
	return parseContentRange(e.Header.Get("Content-Range"))
}

// parseContentRange reads "bytes 100-199/200"; total is -1 for "*".
func parseContentRange(s string) (start, total int64, err error) {
	unit, s, _ := strings.Cut(strings.TrimSpace(s), " ")
	span, size, ok := strings.Cut(s, "/")
	from, _, ok2 := strings.Cut(strings.TrimSpace(span), "-")
	if start, err = strconv.ParseInt(from, 10, 64); err != nil || !ok || !ok2 || start < 0 || !strings.EqualFold(unit, "bytes") {
		return 0, -1, errRange
	}
	if size == "*" {
		return start, -1, nil
	}
	if total, err = strconv.ParseInt(size, 10, 64); err != nil || total < start {
		return 0, -1, errRange
	}
	return start, total, nil
}

// versionOf reads the validators of a response. A date vouches for a content
// only when a later change would have another one.
func versionOf(h http.Header) version {
	v := version{etag: h.Get("ETag"), modified: h.Get("Last-Modified")}
	if strings.HasPrefix(v.etag, "W/") {
		v.etag = ""
	}
	sent, err := http.ParseTime(h.Get("Date"))
	changed, err2 := http.ParseTime(v.modified)
	if err == nil && err2 == nil && sent.Sub(changed) < time.Second {
		v.modified = ""
	}
	return v
}

// validator is what If-Range asks for, or "".
func (v version) validator() string {
	if v.etag != "" {
		return v.etag
	}
	return v.modified
}

// matches reports whether the headers of a part vouch for this version.
func (v version) matches(h http.Header) bool {
	modified := h.Get("Last-Modified")
	if v.etag == "" {
		return v.modified != "" && v.modified == modified
	}
	return v.etag == h.Get("ETag") && (v.modified == "" || modified == "" || v.modified == modified)
}
