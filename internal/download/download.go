// Package download brings the file behind an untrusted URL, over as many
// exchanges as it takes and within bounds.
package download

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"path"
	"time"

	"github.com/modelslab-go/modelslab/internal/base64text"
	"github.com/modelslab-go/modelslab/internal/fault"
	"github.com/modelslab-go/modelslab/internal/publicnet"
	"github.com/modelslab-go/modelslab/internal/retry"
)

const (
	// Patience is how long a file may be not there yet: ModelsLab names results
	// before its file servers have them.
	Patience = 2 * time.Minute
	// MaxSize is the size of a file, in bytes, that is too large by default.
	MaxSize = 4 << 30

	stallTimeout = time.Minute // how long an exchange may be silent before it is given up
	maxRedirects = 10
)

var (
	// ErrChanged is the cause of a failure when the file changed during the
	// transfer. A new transfer brings the new file.
	ErrChanged = errors.New("the file changed during the transfer")
	// ErrTooLarge is the cause of a failure when the file is over the limit.
	ErrTooLarge = errors.New("the file is over the limit")

	errStalled   = errors.New("the transfer was silent for a minute")
	errBroken    = errors.New("the transfer broke off")
	errRange     = errors.New("another range came than was asked for")
	errRedirects = errors.New("too many redirects")
	errLocation  = errors.New("the address of a redirect does not parse")
)

// A Client makes transfers. Its fields must be set.
type Client struct {
	Net       *publicnet.Guard
	Timeout   time.Duration // of one exchange; 0 means none
	Key       func() string // kept out of errors and logs
	UserAgent string
	Log       Log
	Tries     int // attempts in a row that bring nothing
}

// Log is where repeats are logged. It is an interface for the sake of programs
// that do not log and link no package slog.
type Log interface {
	WarnContext(ctx context.Context, msg string, args ...any)
}

// Options bound a transfer.
type Options struct {
	Limit    int64                   // bytes of the file; 0 means MaxSize
	Patience time.Duration           // 0 means Patience
	Progress func(done, total int64) // total is -1 while it is unknown; may be nil
}

// Open prepares the transfer of the file at rawURL and checks the URL. Nothing
// is sent before the first Read. The transfer must be closed.
func (c *Client) Open(ctx context.Context, rawURL string, o Options) (*Transfer, error) {
	if base64text.IsDataURI(rawURL) {
		return openData(ctx, rawURL, o)
	}
	u, err := url.Parse(clean(rawURL))
	if err != nil {
		return nil, fault.Refuse("download", "", "the URL does not parse")
	}
	t := newTransfer(ctx, "GET "+(&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String(), o)
	t.client, t.log, t.key, t.patience.tries = c.http(), c.Log, c.Key, c.Tries
	t.url, t.userAgent, t.name, t.ext = u, c.UserAgent, path.Base(u.Path), path.Ext(u.Path)
	if err := c.Net.Check(u); err != nil {
		return nil, &fault.Error{Op: t.op, Reason: fault.Invalid, Cause: err}
	}
	return t, nil
}

func (c *Client) http() *http.Client {
	return &http.Client{Transport: redirector{c.Net}, Timeout: c.Timeout, CheckRedirect: checkRedirect}
}

func checkRedirect(req *http.Request, via []*http.Request) error {
	req.Header.Del("Referer") // it would show the query of a signed URL to the next host
	switch {
	case len(via) > maxRedirects:
		return errRedirects
	case via[len(via)-1].URL.Scheme == "https" && req.URL.Scheme != "https":
		return publicnet.ErrScheme
	default:
		return nil
	}
}

// A setback may pass.
type setback struct {
	err      *fault.Error
	notReady bool // the file is not there yet
}

func (s *setback) Error() string { return s.err.Error() }

// A patience decides whether and when a transfer is resumed. Only attempts in a
// row that brought nothing count.
type patience struct {
	tries    int
	wait     time.Duration // for a file that is not there yet
	failures int
	missing  time.Time // since when the file has not been there
	interval interface {
		NextBackOff() time.Duration
		Reset()
	}
}

// progressed forgets the failures.
func (p *patience) progressed() {
	p.failures, p.missing = 0, time.Time{}
	p.interval.Reset()
}

// pause returns how long to wait after a setback; ok is false when it is final.
func (p *patience) pause(ctx context.Context, s *setback) (pause time.Duration, ok bool) {
	if s.err.RetryAfter > p.wait {
		return 0, false
	}
	pause = max(p.interval.NextBackOff(), s.err.RetryAfter)
	if s.notReady {
		if p.missing.IsZero() {
			p.missing = time.Now()
		}
		left := p.wait - time.Since(p.missing)
		if left <= 0 {
			return 0, false
		}
		pause = min(pause, left)
	} else if p.failures++; p.failures >= p.tries {
		return 0, false
	}
	deadline, limited := ctx.Deadline()
	return pause, !limited || time.Until(deadline) > pause
}

// setBack waits until the transfer may be resumed, or returns why it may not.
func (t *Transfer) setBack(err error) error {
	if t.ctx.Err() != nil {
		return &fault.Error{Op: t.op, Cause: t.ctx.Err()}
	}
	s, ok := errors.AsType[*setback](err)
	if !ok {
		return err
	}
	if t.done > t.opened {
		t.patience.progressed()
	}
	pause, ok := t.patience.pause(t.ctx, s)
	if !ok {
		return s.err
	}
	t.log.WarnContext(t.ctx, "modelslab download repeated",
		slog.String("op", t.op), slog.Int64("done", t.done), slog.Duration("pause", pause), slog.Any("error", s.err))
	if err := retry.Sleep(t.ctx, pause); err != nil {
		return &fault.Error{Op: t.op, Cause: err}
	}
	return nil
}

func tooLarge(op string, limit int64) error {
	return &fault.Error{Op: op, Reason: fault.Invalid, Cause: fmt.Errorf("%w of %d bytes: MaxSize raises it", ErrTooLarge, limit)}
}
