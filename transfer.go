package modelslab

import (
	"context"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/modelslab-go/modelslab/internal/fault"
	"github.com/modelslab-go/modelslab/internal/filetype"
)

// A transfer is one file on its way, over as many exchanges as it takes.
type transfer struct {
	client    *http.Client
	url       *url.URL
	op        string // without the query, which may sign the URL
	key       func() string
	userAgent string
	log       *slog.Logger
	w         io.Writer
	tries     int
	patience  time.Duration
	limit     int64
	progress  func(done, total int64)

	done, total int64
	contentType string
	etag        string      // a strong one, or ""
	modified    string      // Last-Modified, or ""
	sum         hash.Hash32 // of what was written, where no strong ETag vouches for it
}

var (
	errStalled  = errors.New("the transfer was silent for a minute")
	errChanged  = errors.New("the file changed during the transfer")
	errBroken   = errors.New("the transfer broke off")
	errTooLarge = errors.New("the file is over the limit")

	buffers = sync.Pool{New: func() any { return new([downloadBufSize]byte) }}
	crc     = crc32.MakeTable(crc32.Castagnoli)
)

// attempt makes one exchange and writes what it brings beyond t.done.
func (t *transfer) attempt(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	silence := time.AfterFunc(stallTimeout, func() { cancel(errStalled) })
	defer silence.Stop()

	req, err := t.request(ctx)
	if err != nil {
		return err
	}
	resp, err := t.client.Do(req)
	if err != nil {
		return t.failed(ctx, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusRequestedRangeNotSatisfiable && t.done > 0 {
		return t.beyond(resp)
	}
	if resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusPartialContent {
		return t.refused(resp)
	}
	if t.isPage(resp.Header.Get("Content-Type")) {
		return t.absent(resp, "a page of text came in its place")
	}
	skip, err := t.accept(resp)
	if err != nil {
		return err
	}
	return t.copy(ctx, resp, skip, silence)
}

func (t *transfer) request(ctx context.Context) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, t.url.String(), nil)
	if err != nil {
		return nil, fault.Refuse(t.op, "", "the URL cannot be requested")
	}
	req.Header.Set("User-Agent", t.userAgent)
	req.Header.Set("Accept", "*/*")
	// Ranges and sizes are those of the file, not of a compressed form of it.
	req.Header.Set("Accept-Encoding", "identity")
	validator := t.etag
	if validator == "" {
		validator = t.modified
	}
	// Without a validator nobody could tell that the rest belongs to the same file.
	if t.done > 0 && validator != "" {
		req.Header.Set("Range", "bytes="+strconv.FormatInt(t.done, 10)+"-")
		req.Header.Set("If-Range", validator)
	}
	return req, nil
}

// isPage reports HTML where a file was expected, and an error's text where a
// picture, a film or a sound was.
func (t *transfer) isPage(contentType string) bool {
	mediaType, _, _ := strings.Cut(contentType, ";")
	ext := strings.ToLower(path.Ext(t.url.Path))
	switch strings.ToLower(strings.TrimSpace(mediaType)) {
	case "text/html":
		return ext != ".html" && ext != ".htm"
	case "application/json", "application/xml", "text/xml":
		kind, _, _ := strings.Cut(filetype.OfExt(ext), "/")
		return kind == "image" || kind == "video" || kind == "audio"
	default:
		return false
	}
}

// accept takes note of what a response offers, and returns how many of its
// bytes were written before.
func (t *transfer) accept(resp *http.Response) (skip int64, err error) {
	switch encoding := resp.Header.Get("Content-Encoding"); encoding {
	case "", "identity", "aws-chunked": // object stores keep the last one from uploads
	default:
		return 0, t.fault(resp, fmt.Errorf("it is compressed as %q, unasked", encoding))
	}
	total, start := resp.ContentLength, int64(0)
	if resp.StatusCode == http.StatusPartialContent {
		if start, total, err = parseContentRange(resp.Header.Get("Content-Range")); err != nil || start != t.done {
			return 0, t.fault(resp, errors.New("another range came than was asked for"))
		}
	}
	etag := resp.Header.Get("ETag")
	if strings.HasPrefix(etag, "W/") {
		etag = ""
	}
	if t.done == 0 {
		t.total, t.etag, t.modified, t.sum = total, etag, resp.Header.Get("Last-Modified"), nil
		t.contentType = resp.Header.Get("Content-Type")
		if etag == "" {
			t.sum = crc32.New(crc)
		}
	} else if total >= 0 && t.total >= 0 && total != t.total || etag != t.etag && etag != "" && t.etag != "" {
		return 0, t.fault(resp, errChanged)
	}
	if t.total < 0 {
		t.total = total
	}
	if t.total > t.limit {
		return 0, t.tooLarge()
	}
	return t.done - start, nil
}

// beyond is the answer to a range that starts at the end of the file.
func (t *transfer) beyond(resp *http.Response) error {
	size, err := strconv.ParseInt(strings.TrimPrefix(resp.Header.Get("Content-Range"), "bytes */"), 10, 64)
	if err != nil || size != t.done || t.total >= 0 && t.total != t.done {
		return t.fault(resp, errChanged)
	}
	return t.finish()
}

// copy writes the body but for the first skip bytes. The first write of a file
// has at least filetype.HeadSize bytes, or all of it.
func (t *transfer) copy(ctx context.Context, resp *http.Response, skip int64, silence *time.Timer) error {
	buf := buffers.Get().(*[downloadBufSize]byte)
	defer buffers.Put(buf)
	if err := t.skip(ctx, resp, skip, buf[:], silence); err != nil {
		return err
	}
	for {
		n, err := t.read(resp.Body, buf[:], silence)
		ended := errors.Is(err, io.EOF)
		if t.done == 0 {
			switch {
			case err != nil && !ended && n < filetype.HeadSize:
				n = 0
			case n == 0:
				return t.absent(resp, "it is empty")
			case t.isPage(filetype.Sniff(buf[:n])):
				return t.absent(resp, "a page of text came in its place")
			}
		}
		if err := t.write(buf[:n]); err != nil {
			return err
		}
		switch {
		case err == nil:
		case !ended:
			return t.failed(ctx, fmt.Errorf("%w: %w", errBroken, err))
		case t.total >= 0 && t.done < t.total:
			return t.failed(ctx, errBroken)
		default:
			return t.finish()
		}
	}
}

// read is one Read of the body, or as many as bring enough of a file's
// beginning. The timer runs only here: a slow writer is not a slow server.
func (t *transfer) read(body io.Reader, buf []byte, silence *time.Timer) (n int, err error) {
	silence.Reset(stallTimeout)
	defer silence.Stop()
	if t.done > 0 {
		return body.Read(buf)
	}
	for n < filetype.HeadSize && err == nil {
		var k int
		k, err = body.Read(buf[n:])
		n += k
	}
	return n, err
}

// skip reads what was written before, and checks that it is the same.
func (t *transfer) skip(ctx context.Context, resp *http.Response, left int64, buf []byte, silence *time.Timer) error {
	if left == 0 {
		return nil
	}
	sum := crc32.New(crc)
	for left > 0 {
		n, err := t.read(resp.Body, buf[:min(left, int64(len(buf)))], silence)
		_, _ = sum.Write(buf[:n])
		left -= int64(n)
		switch {
		case err == nil || left == 0:
		case errors.Is(err, io.EOF):
			return t.fault(resp, errChanged)
		default:
			return t.failed(ctx, fmt.Errorf("%w: %w", errBroken, err))
		}
	}
	if t.sum != nil && sum.Sum32() != t.sum.Sum32() {
		return t.fault(resp, errChanged)
	}
	return nil
}

func (t *transfer) write(p []byte) error {
	if int64(len(p)) > t.limit-t.done {
		return t.tooLarge()
	}
	if len(p) == 0 {
		return nil
	}
	n, err := t.w.Write(p)
	if err == nil && n < len(p) {
		err = io.ErrShortWrite
	}
	t.done += int64(n)
	if err != nil {
		return fmt.Errorf("modelslab: %s: writing: %w", t.op, err)
	}
	if t.sum != nil {
		_, _ = t.sum.Write(p)
	}
	if t.progress != nil && t.done != t.total {
		t.progress(t.done, t.total)
	}
	return nil
}

// finish reports the end once, and with a size.
func (t *transfer) finish() error {
	t.total = t.done
	if t.progress != nil {
		t.progress(t.done, t.total)
	}
	return nil
}

func (t *transfer) tooLarge() error {
	return &fault.Error{Op: t.op, Reason: ErrInvalid, Cause: fmt.Errorf("%w of %d bytes: MaxSize raises it", errTooLarge, t.limit)}
}

// fault is an answer that cannot be gone on with.
func (t *transfer) fault(resp *http.Response, err error) error {
	return &fault.Error{Op: t.op, HTTPStatus: resp.StatusCode, Reason: ErrUnavailable, Cause: err}
}

// parseContentRange reads "bytes 100-199/200"; total is -1 for "*".
func parseContentRange(s string) (start, total int64, err error) {
	span, size, ok := strings.Cut(strings.TrimPrefix(s, "bytes "), "/")
	from, _, ok2 := strings.Cut(span, "-")
	if start, err = strconv.ParseInt(from, 10, 64); err != nil || !ok || !ok2 || start < 0 {
		return 0, -1, errors.New("bad Content-Range")
	}
	if size == "*" {
		return start, -1, nil
	}
	total, err = strconv.ParseInt(size, 10, 64)
	return start, total, err
}
