// Package downloadtest has a file server that follows a script.
package downloadtest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Video is n bytes that look like a video and like nothing else.
func Video(n int) []byte {
	r := rand.NewChaCha8([32]byte{byte(n)}) //nolint:gosec // any seed will do that differs between sizes
	b := make([]byte, n)
	_, _ = r.Read(b)
	copy(b, "\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom")
	return b
}

// An Reply is one answer of a file server. Its zero value serves the file as a
// good server does, ranges and all.
type Reply struct {
	Status   int    // instead of the file
	Page     bool   // HTML instead of the file
	Data     []byte // instead of the server's file
	Cut      int    // break off after so many bytes of the body
	Ended    bool   // break off without saying so
	From     int    // start the range so many bytes later than asked for, or earlier
	Whole    bool   // ignore Range
	Deaf     bool   // ignore If-Range, and send a part of whatever there is
	ETag     string // "-" for none, "" for the usual one
	Modified string // Last-Modified
	NoLength bool
	Header   http.Header
	Err      error // no answer at all
}

// Response is the answer to a request for file.
func (a Reply) Response(r *http.Request, file []byte) (*http.Response, error) {
	if a.Err != nil {
		return nil, a.Err
	}
	if a.Data != nil {
		file = a.Data
	}
	resp := &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"video/mp4"}}, Request: r}
	maps.Copy(resp.Header, a.Header)
	if a.ETag == "" {
		a.ETag = `"one"`
	}
	if a.ETag != "-" {
		resp.Header.Set("ETag", a.ETag)
	}
	if a.Modified != "" {
		resp.Header.Set("Last-Modified", a.Modified)
	}
	switch {
	case a.Status != 0:
		resp.StatusCode, file = a.Status, []byte("<Error/>")
	case a.Page:
		resp.Header.Set("Content-Type", "text/html; charset=utf-8")
		file = []byte("<!DOCTYPE html><title>Wait</title>")
	case !a.Whole:
		file = a.part(resp, file)
	}
	resp.ContentLength = int64(len(file))
	if a.NoLength {
		resp.ContentLength = -1
	}
	var body io.Reader = bytes.NewReader(file)
	if a.Cut > 0 {
		body = bytes.NewReader(file[:a.Cut])
		if !a.Ended {
			body = io.MultiReader(body, broken{})
		}
	}
	resp.Body = io.NopCloser(untilDone{r.Context(), body})
	return resp, nil
}

// part makes the response one of the range that is asked for, if any.
func (a Reply) part(resp *http.Response, file []byte) []byte {
	from, isRange := strings.CutPrefix(resp.Request.Header.Get("Range"), "bytes=")
	validator := resp.Request.Header.Get("If-Range")
	if !isRange || !a.Deaf && validator != a.ETag && validator != a.Modified {
		return file
	}
	start, _ := strconv.Atoi(strings.TrimSuffix(from, "-"))
	start += a.From
	resp.StatusCode = http.StatusPartialContent
	if resp.Header.Get("Content-Range") == "" {
		resp.Header.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", start, len(file)-1, len(file)))
	}
	return file[start:]
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// untilDone is a body that ends with its request, as on a connection.
type untilDone struct {
	ctx context.Context //nolint:containedctx // that of the request
	r   io.Reader
}

func (b untilDone) Read(p []byte) (int, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	return b.r.Read(p)
}

// Server is a RoundTripper that answers with one Answer after the other, and
// then with the last one. One request at a time may use it.
type Server struct {
	File     []byte
	Script   []Reply
	Requests []*http.Request
	Times    []time.Time // of the requests
}

// RoundTrip answers one request.
func (s *Server) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	n := min(len(s.Requests), len(s.Script)-1)
	s.Requests, s.Times = append(s.Requests, r), append(s.Times, time.Now())
	return s.Script[n].Response(r, s.File)
}

// Ranges are those that were asked for, "" for the whole file.
func (s *Server) Ranges() (ranges []string) {
	for _, r := range s.Requests {
		ranges = append(ranges, r.Header.Get("Range"))
	}
	return ranges
}

// Silent is a connection on which nothing comes until the request ends.
func Silent(ctx context.Context) io.Reader { return silent{ctx} }

type silent struct {
	ctx context.Context //nolint:containedctx // that of the request
}

func (s silent) Read([]byte) (int, error) {
	<-s.ctx.Done()
	return 0, s.ctx.Err()
}
