package download

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/modelslab-go/modelslab/internal/base64text"
	"github.com/modelslab-go/modelslab/internal/filetype"
)

// open begins an exchange and returns its body from the byte at t.done on. Where
// no part can be had that is certain to belong to what came before, the file is
// asked for from its beginning: the checksum then tells whether it is the same.
func (t *Transfer) open() (io.ReadCloser, error) {
	e, err := t.send(t.done > 0 && t.version.validator() != "")
	if err != nil {
		return nil, err
	}
	if e.rest {
		if e.StatusCode == http.StatusRequestedRangeNotSatisfiable && t.complete(e) {
			t.finish()
			return nil, e.Close()
		}
		if e.StatusCode == http.StatusRequestedRangeNotSatisfiable || e.StatusCode == http.StatusPartialContent && !t.continued(e) {
			_ = e.Close()
			if e, err = t.send(false); err != nil {
				return nil, err
			}
		}
	}
	body, err := t.accept(e)
	if err != nil {
		_ = e.Close()
		return nil, err
	}
	return readCloser{body, e}, nil
}

type readCloser struct {
	io.Reader
	io.Closer
}

// complete reads the answer to a range that starts at the end of the file.
func (t *Transfer) complete(e *attempt) bool {
	_, size, _ := strings.Cut(e.Header.Get("Content-Range"), "*/")
	n, err := strconv.ParseInt(size, 10, 64)
	etag := e.Header.Get("ETag")
	return err == nil && n == t.done && (t.total < 0 || t.total == n) && (etag == "" || etag == t.version.etag)
}

// continued reports whether a part can be gone on with: it is one of the version
// that came before and starts where that ended, or earlier. One that starts at
// the beginning needs nobody's word, as it is compared.
func (t *Transfer) continued(e *attempt) bool {
	start, total, err := e.span()
	return err == nil && (start == 0 || start <= t.done && t.version.matches(e.Header) &&
		(total < 0 || t.total < 0 || total == t.total) && len(codings(e.Header)) == 0)
}

// accept takes note of what an answer offers and returns what is new of it.
func (t *Transfer) accept(e *attempt) (io.Reader, error) {
	if e.StatusCode != http.StatusOK && e.StatusCode != http.StatusPartialContent {
		return nil, e.refused()
	}
	start, total, err := e.span()
	if err != nil || start > t.done || start > 0 && !e.rest {
		return nil, e.fault(errRange)
	}
	body, seen := io.Reader(e), version{}
	if start == 0 {
		var decoded bool
		if body, decoded, err = t.begin(e); err != nil {
			return nil, err
		}
		if seen = versionOf(e.Header); decoded {
			total, seen = -1, version{}
		}
	}
	if total >= 0 && t.total >= 0 && total != t.total && t.done > 0 {
		return nil, e.fault(ErrChanged)
	}
	if t.done == 0 || total >= 0 {
		t.total = total
	}
	if t.total > t.limit {
		return nil, tooLarge(t.op, t.limit)
	}
	if start == 0 {
		t.version, t.contentType = seen, e.Header.Get("Content-Type")
		return body, t.compare(e, body)
	}
	_, err = io.CopyN(io.Discard, body, t.done-start)
	return body, t.cut(e, err)
}

// compare reads what was handed out before, and checks that it is the same.
func (t *Transfer) compare(e *attempt, body io.Reader) error {
	if t.done == 0 {
		return nil
	}
	sum := crc32.New(crc)
	if _, err := io.CopyN(sum, body, t.done); err != nil {
		return t.cut(e, err)
	}
	if sum.Sum32() != t.sum.Sum32() {
		return e.fault(ErrChanged)
	}
	return nil
}

// cut is the error of a body that ended before anything new came.
func (t *Transfer) cut(e *attempt, err error) error {
	if errors.Is(err, io.EOF) {
		return e.fault(ErrChanged)
	}
	return err
}

// begin reads the beginning of a file, undoes its compression and checks that it
// is the file that was asked for.
func (t *Transfer) begin(e *attempt) (body io.Reader, decoded bool, err error) {
	head, body, err := peek(e)
	if err != nil {
		return nil, false, err
	}
	for _, coding := range codings(e.Header) {
		switch {
		case coding == "gzip" && bytes.HasPrefix(head, []byte("\x1f\x8b")):
			if strings.EqualFold(t.ext, ".gz") || strings.EqualFold(t.ext, ".tgz") {
				continue // the file is compressed, not the transfer
			}
			zipped, err := gzip.NewReader(body)
			if err != nil {
				return nil, false, e.failed(fmt.Errorf("%w: %w", errBroken, err))
			}
			if head, body, err = peek(&gunzip{zipped, e}); err != nil {
				return nil, false, err
			}
			decoded = true
		case coding != "gzip" && filetype.Sniff(head) == "application/octet-stream":
			return nil, false, e.fault(fmt.Errorf("it is compressed as %q, unasked", coding))
		}
	}
	if what := t.stray(head, e.Header.Get("Content-Type")); what != "" {
		return nil, false, e.absent(what)
	}
	return body, decoded, nil
}

// peek returns the first bytes of r, and a reader of all of it.
func peek(r io.Reader) (head []byte, all io.Reader, err error) {
	head = make([]byte, filetype.HeadSize)
	n, err := io.ReadFull(r, head)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return head[:n], bytes.NewReader(head[:n]), nil
	}
	return head, io.MultiReader(bytes.NewReader(head), r), err
}

// codings are the compressions that a response names, the last one first.
// Object stores keep other words there from uploads, which mean nothing.
func codings(h http.Header) (names []string) {
	for name := range strings.SplitSeq(strings.ToLower(strings.Join(h.Values("Content-Encoding"), ",")), ",") {
		switch name = strings.TrimSpace(name); name {
		case "gzip", "x-gzip":
			names = append([]string{"gzip"}, names...)
		case "br", "zstd", "deflate", "compress", "x-compress", "dcb", "dcz":
			names = append([]string{name}, names...)
		}
	}
	return names
}

// gunzip decompresses a body.
type gunzip struct {
	r *gzip.Reader
	e *attempt
}

func (g *gunzip) Read(p []byte) (int, error) {
	n, err := g.r.Read(p)
	if _, ok := errors.AsType[*setback](err); ok || err == nil || errors.Is(err, io.EOF) {
		return n, err
	}
	if errors.Is(err, gzip.ErrHeader) {
		return n, io.EOF // what follows the last member is padding
	}
	return n, g.e.failed(fmt.Errorf("%w: %w", errBroken, err))
}

// stray says what came in place of the file, or "". Where the URL or the server
// promises a binary format any text is a stray, whatever it is called; other
// files are texts themselves, so that only a page or an error is one.
func (t *Transfer) stray(head []byte, contentType string) string {
	sniffed := filetype.Sniff(head)
	mediaType, _, _ := strings.Cut(contentType, ";")
	isPage := sniffed == "text/html"
	isText := isPage || sniffed == "text/plain" || sniffed == "text/xml" || sniffed == "image/svg+xml"
	named := filetype.OfExt(t.ext)
	textual := filetype.IsText(named) || base64text.Is(head, t.ext) || sniffed == "image/svg+xml" && filetype.ExtOf(contentType) == ".svg"
	switch {
	case len(head) == 0:
		return "it is empty"
	case strings.EqualFold(t.ext, ".html"), strings.EqualFold(t.ext, ".htm"):
		return ""
	case isPage:
		return "a page of text came in its place"
	case isText && filetype.IsError(head):
		return "an error came in its place"
	case isText && !textual && (filetype.IsBinary(named) || filetype.IsBinary(contentType)):
		return "a text came in its place"
	case isText && !textual && strings.EqualFold(strings.TrimSpace(mediaType), "text/html"):
		return "a page of text came in its place"
	default:
		return ""
	}
}
