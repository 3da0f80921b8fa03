package modelslab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/modelslab-go/modelslab/internal/fault"
	"github.com/modelslab-go/modelslab/internal/redact"
	"github.com/modelslab-go/modelslab/internal/retry"
)

const (
	// downloadPatience is how long a file may be not there yet: ModelsLab names
	// results before its file servers have them.
	downloadPatience = 2 * time.Minute
	// stallTimeout is how long a transfer may be silent before it is resumed.
	stallTimeout    = time.Minute
	defaultMaxSize  = 4 << 30
	downloadBufSize = 256 << 10
)

// MaxSize is the largest file, in bytes as they are transferred, that
// [Client.Download] and [Client.Save] accept. Defaults to 4 GiB.
func MaxSize(bytes int64) CallOption {
	return func(o *callOptions) {
		if bytes <= 0 {
			o.fail(fmt.Errorf("modelslab: MaxSize(%d): want a positive number of bytes", bytes))
			return
		}
		o.sizeLimit = bytes
	}
}

// OnProgress calls f as a file is downloaded, with the bytes transferred so
// far and the size of the file, -1 while that is unknown. [Client.Save] calls
// it for one file after the other. f runs on the calling goroutine. Defaults to
// nothing.
func OnProgress(f func(done, total int64)) CallOption {
	return func(o *callOptions) { o.onProgress = f }
}

// Download copies the file at url, an output of a job, to w and returns the
// number of bytes written, which is right in the face of an error too. No key
// and no cookie is sent. A transfer that breaks off or is silent for a minute
// goes on where it stopped. A file that is not there yet (403, 404, a
// page in its place, or nothing in it) is asked for again, at growing
// intervals, for two minutes. Options: [MaxSize], [OnProgress].
//
// The URL must be HTTPS, with plain HTTP for loopback only where the client's
// base URL is on loopback too, and lead to a public address, redirects
// included; [WithPrivateDownloads] allows others. With a RoundTripper that is
// not an *http.Transport the addresses behind a host name cannot be checked,
// only a URL that spells its address out. Behind a proxy the name is resolved
// here before the proxy is asked.
//
// Errors: *[Error]: ErrNotFound or ErrForbidden when the file did not appear,
// ErrUnavailable when it could not be transferred or changed on the way,
// ErrInvalid when the URL is refused or the file is too large. An error of w is
// wrapped as it is.
func (c *Client) Download(ctx context.Context, url string, w io.Writer, opts ...CallOption) (int64, error) {
	o, err := newCallOptions(opts)
	if err != nil {
		return 0, err
	}
	t, err := c.newTransfer(url, w, o)
	if err != nil {
		return 0, public(err)
	}
	err = t.run(ctx)
	return t.done, public(err)
}

func (c *Client) newTransfer(raw string, w io.Writer, o *callOptions) (*transfer, error) {
	client, guard := c.files()
	u, err := url.Parse(raw)
	if err != nil {
		return nil, fault.Refuse("download", "", "the URL does not parse")
	}
	t := &transfer{
		client: client, url: u, op: "GET " + (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String(),
		key: c.key, userAgent: c.userAgent, log: c.log, w: w, tries: c.fetchTries,
		patience: downloadPatience, limit: o.sizeLimit, progress: o.onProgress, total: -1,
	}
	if t.limit == 0 {
		t.limit = defaultMaxSize
	}
	if err := guard.checkURL(u); err != nil {
		return nil, &fault.Error{Op: t.op, Reason: ErrInvalid, Cause: err}
	}
	return t, nil
}

// run transfers the file, in as many attempts as it takes. Only attempts that
// brought nothing count.
func (t *transfer) run(ctx context.Context) error {
	var (
		intervals = retry.Backoff()
		failures  int
		missing   time.Time // since when the file has not been there
	)
	for {
		before := t.done
		err := t.attempt(ctx)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return &fault.Error{Op: t.op, Cause: ctx.Err()}
		}
		var s *setback
		if !errors.As(err, &s) {
			return err
		}
		if t.done > before {
			failures, missing = 0, time.Time{}
			intervals.Reset()
		}
		if s.err.RetryAfter > t.patience {
			return s.err
		}
		pause := max(intervals.NextBackOff(), s.err.RetryAfter)
		if s.notReady {
			if missing.IsZero() {
				missing = time.Now()
			}
			left := t.patience - time.Since(missing)
			if left <= 0 {
				return s.err
			}
			pause = min(pause, left)
		} else if failures++; failures >= t.tries {
			return s.err
		}
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= pause {
			return s.err
		}
		t.log.WarnContext(ctx, "modelslab download repeated",
			slog.String("op", t.op), slog.Int64("done", t.done), slog.Duration("pause", pause), slog.Any("error", s.err))
		if err := retry.Sleep(ctx, pause); err != nil {
			return &fault.Error{Op: t.op, Cause: err}
		}
	}
}

// A setback may pass.
type setback struct {
	err      *fault.Error
	notReady bool // the file is not there yet
}

func (s *setback) Error() string { return s.err.Error() }

// failed classifies an exchange that the network cut short.
func (t *transfer) failed(ctx context.Context, err error) error {
	if errors.Is(context.Cause(ctx), errStalled) {
		err = errStalled
	}
	e := &fault.Error{Op: t.op, Reason: ErrUnavailable, Cause: redact.Error(err, t.key)}
	for _, refused := range []error{errPrivate, errScheme, errNoHost, errUserinfo, errRedirect} {
		if errors.Is(err, refused) {
			e.Reason = ErrInvalid
			return e
		}
	}
	return &setback{err: e}
}

// refused classifies a status that brings no file.
func (t *transfer) refused(resp *http.Response) error {
	_, _ = io.CopyN(io.Discard, resp.Body, 4<<10) // lets the connection be used again
	e := &fault.Error{
		Op: t.op, HTTPStatus: resp.StatusCode, Message: "no file came",
		RetryAfter: retry.After(resp.Header), Reason: fault.OfStatus(resp.StatusCode),
	}
	switch code := resp.StatusCode; {
	case code == http.StatusNotFound, code == http.StatusForbidden, code == http.StatusTooEarly, code < 300:
		e.Message = "the file is not there"
		if e.Reason == nil || code == http.StatusTooEarly {
			e.Reason = ErrNotFound
		}
		return &setback{err: e, notReady: true}
	case code == http.StatusRequestTimeout, code == http.StatusTooManyRequests, code >= 500:
		return &setback{err: e}
	case code == http.StatusGone:
		e.Message, e.Reason = "the file is gone", ErrNotFound
	case e.Reason == nil:
		e.Reason = ErrUnavailable
	}
	return e
}

// absent is an answer that has the form of a file and is none.
func (t *transfer) absent(resp *http.Response, what string) error {
	return &setback{notReady: true, err: &fault.Error{
		Op: t.op, HTTPStatus: resp.StatusCode, Message: "the file is not there: " + what, Reason: ErrNotFound,
	}}
}
