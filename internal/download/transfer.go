package download

import (
	"context"
	"errors"
	"hash"
	"hash/crc32"
	"io"
	"net/http"
	"net/url"
	"sync"

	"github.com/modelslab-go/modelslab/internal/retry"
)

// A Transfer is one file on its way. Read returns its bytes and resumes the
// transfer where it breaks off, so that an error of Read is final. One goroutine
// at a time may use it.
type Transfer struct {
	ctx       context.Context //nolint:containedctx // an io.Reader is given none
	client    *http.Client
	url       *url.URL
	op        string // without the query, which may sign the URL
	key       func() string
	userAgent string
	log       Log
	limit     int64
	progress  func(done, total int64)
	patience  patience

	body        io.ReadCloser // of the exchange under way, at done; nil between exchanges
	broken      error         // how the last exchange failed
	err         error         // how the transfer ended
	opened      int64         // done when the exchange began
	done, total int64         // total is -1 while it is unknown
	sum         hash.Hash32   // of the first done bytes
	version     version
	contentType string
	name, ext   string // in the URL
}

// A version is what tells one content of a URL from another.
type version struct {
	etag     string // a strong one, or ""
	modified string // Last-Modified, or "" where it is too coarse to tell
}

const bufferSize = 256 << 10

var (
	buffers = sync.Pool{New: func() any { return new([bufferSize]byte) }}
	crc     = crc32.MakeTable(crc32.Castagnoli)
)

func newTransfer(ctx context.Context, op string, o Options) *Transfer {
	if o.Limit == 0 {
		o.Limit = MaxSize
	}
	if o.Patience == 0 {
		o.Patience = Patience
	}
	return &Transfer{
		ctx: ctx, op: op, limit: o.Limit, progress: o.Progress, total: -1, sum: crc32.New(crc),
		patience: patience{wait: o.Patience, interval: retry.Backoff()},
	}
}

// Op names the transfer in errors.
func (t *Transfer) Op() string { return t.op }

// ContentType is what the server says of the file, once Read has returned some of it.
func (t *Transfer) ContentType() string { return t.contentType }

// Name is the file name in the URL, or "".
func (t *Transfer) Name() string { return t.name }

// Read reads the next bytes of the file. Errors are *fault.Error, but for io.EOF
// at the end of the whole file.
func (t *Transfer) Read(p []byte) (int, error) {
	for t.err == nil {
		if t.body == nil {
			t.resume()
			continue
		}
		n, err := t.body.Read(p)
		if int64(n) > t.limit-t.done {
			n, t.err = 0, tooLarge(t.op, t.limit)
		}
		t.advance(p[:n])
		if err != nil && t.err == nil {
			t.end(err)
		}
		if n > 0 {
			return n, nil
		}
	}
	return 0, t.err
}

// WriteTo writes what is left of the file to w. An error of w is returned as it is.
func (t *Transfer) WriteTo(w io.Writer) (written int64, err error) {
	buf := buffers.Get().(*[bufferSize]byte)
	defer buffers.Put(buf)
	for {
		n, err := t.Read(buf[:])
		if errors.Is(err, io.EOF) {
			return written, nil
		}
		if err != nil {
			return written, err
		}
		k, err := w.Write(buf[:n])
		written += int64(k)
		if err == nil && k < n {
			err = io.ErrShortWrite
		}
		if err != nil {
			return written, err
		}
	}
}

// Close ends the transfer. Read must not be called any more.
func (t *Transfer) Close() error {
	if t.body == nil {
		return nil
	}
	return t.body.Close()
}

// advance takes note of bytes that are handed out.
func (t *Transfer) advance(p []byte) {
	if len(p) == 0 {
		return
	}
	_, _ = t.sum.Write(p)
	if t.done += int64(len(p)); t.progress != nil && t.done != t.total {
		t.progress(t.done, t.total)
	}
}

// resume begins the next exchange, after the pause that a failure calls for.
func (t *Transfer) resume() {
	if t.broken != nil {
		if t.err = t.setBack(t.broken); t.err != nil {
			return
		}
	}
	t.opened = t.done
	t.body, t.broken = t.open()
}

// end takes note of how an exchange ended: with the file, or for now.
func (t *Transfer) end(err error) {
	_ = t.body.Close()
	t.body = nil
	switch {
	case !errors.Is(err, io.EOF):
		t.broken = err
	case t.total >= 0 && t.done < t.total:
		t.broken = t.failed(errBroken)
	default:
		t.finish()
	}
}

// finish reports the end once, and with a size.
func (t *Transfer) finish() {
	t.total, t.err = t.done, io.EOF
	if t.progress != nil {
		t.progress(t.done, t.total)
	}
}
