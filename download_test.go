package modelslab_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
)

const fileURL = "https://files.example.com/out/video.mp4?X-Signature=topsecret"

// content is n bytes that look like a video and like nothing else.
func content(n int) []byte {
	r := rand.NewChaCha8([32]byte{byte(n)})
	b := make([]byte, n)
	_, _ = r.Read(b)
	copy(b, "\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom")
	return b
}

// A served is one answer of a file server. Its zero value serves the file as a
// good server does, ranges and all.
type served struct {
	status    int    // instead of the file
	page      bool   // HTML instead of the file
	data      []byte // instead of the test's file
	cut       int    // break off after so many bytes of the body
	ended     bool   // break off without saying so
	from      int    // start the range so many bytes later than asked for
	whole     bool   // ignore Range
	etag      string // "-" for none, "" for the usual one
	modified  string
	noLength  bool
	header    http.Header
	transport error // no answer at all
}

func (s served) answer(r *http.Request, file []byte) (*http.Response, error) {
	if s.transport != nil {
		return nil, s.transport
	}
	if s.data != nil {
		file = s.data
	}
	resp := &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"video/mp4"}}, Request: r}
	maps.Copy(resp.Header, s.header)
	if s.etag == "" {
		s.etag = `"one"`
	}
	if s.etag != "-" {
		resp.Header.Set("ETag", s.etag)
	}
	if s.modified != "" {
		resp.Header.Set("Last-Modified", s.modified)
	}
	switch {
	case s.status != 0:
		resp.StatusCode, file = s.status, []byte("<Error/>")
	case s.page:
		resp.Header.Set("Content-Type", "text/html; charset=utf-8")
		file = []byte("<!DOCTYPE html><title>Wait</title>")
	}
	from, isRange := strings.CutPrefix(r.Header.Get("Range"), "bytes=")
	if isRange && !s.whole && s.status == 0 && !s.page {
		validator := r.Header.Get("If-Range")
		if validator != "" && (validator == s.etag || validator == s.modified) {
			start, err := strconv.Atoi(strings.TrimSuffix(from, "-"))
			if err != nil {
				return nil, err
			}
			start += s.from
			resp.StatusCode = http.StatusPartialContent
			resp.Header.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", start, len(file)-1, len(file)))
			file = file[start:]
		}
	}
	resp.ContentLength = int64(len(file))
	if s.noLength {
		resp.ContentLength = -1
	}
	var body io.Reader = bytes.NewReader(file)
	if s.cut > 0 {
		body = bytes.NewReader(file[:s.cut])
		if !s.ended {
			body = io.MultiReader(body, iotest.ErrReader(io.ErrUnexpectedEOF))
		}
	}
	resp.Body = io.NopCloser(untilDone{r.Context(), body})
	return resp, nil
}

// untilDone is a body that ends with its request, as on a connection.
type untilDone struct {
	ctx context.Context
	r   io.Reader
}

func (b untilDone) Read(p []byte) (int, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	return b.r.Read(p)
}

// fileServer answers with one served after the other, and then with the last one.
type fileServer struct {
	file     []byte
	script   []served
	requests []*http.Request
	times    []time.Time
}

func (s *fileServer) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	n := min(len(s.requests), len(s.script)-1)
	s.requests, s.times = append(s.requests, r), append(s.times, time.Now())
	return s.script[n].answer(r, s.file)
}

func (s *fileServer) client(t *testing.T, opts ...modelslab.Option) *modelslab.Client {
	t.Helper()
	return stubClient(t, s.RoundTrip, opts...)
}

func TestDownload(t *testing.T) {
	t.Parallel()
	file := content(700_001)
	old := "Mon, 02 Jan 2006 15:04:05 GMT"
	tests := []struct {
		name   string
		script []served
		file   []byte // else the one above
		ranges []string
		err    error
		text   string // of the error
		n      int64  // written; -1 for all
	}{
		{name: "at once", script: []served{{}}, ranges: []string{""}, n: -1},
		{name: "of unknown size", script: []served{{noLength: true}}, ranges: []string{""}, n: -1},
		{name: "of one byte", script: []served{{etag: "-"}}, file: []byte{7}, ranges: []string{""}, n: -1},
		{name: "broken twice", script: []served{{cut: 300_000}, {cut: 1000}, {}}, ranges: []string{"", "bytes=300000-", "bytes=301000-"}, n: -1},
		{
			name: "broken, known by date", script: []served{{cut: 9999, etag: "-", modified: old}, {etag: "-", modified: old}},
			ranges: []string{"", "bytes=9999-"}, n: -1,
		},
		{
			name: "broken, weak tag", script: []served{{cut: 9999, etag: `W/"one"`}, {etag: `W/"one"`}},
			ranges: []string{"", ""}, n: -1,
		},
		{name: "broken, ranges ignored", script: []served{{cut: 500_000}, {whole: true}}, ranges: []string{"", "bytes=500000-"}, n: -1},
		{name: "broken, nothing to know it by", script: []served{{cut: 500_000, etag: "-"}, {etag: "-"}}, ranges: []string{"", ""}, n: -1},
		{name: "broken without a word", script: []served{{cut: 300_000, ended: true}, {}}, ranges: []string{"", "bytes=300000-"}, n: -1},
		{name: "broken without a word in the skipped part", script: []served{{cut: 500_000, etag: "-", noLength: true}, {cut: 400_000, ended: true, etag: "-", noLength: true}}, ranges: []string{"", ""}, n: 500_000, err: modelslab.ErrUnavailable, text: "changed"},
		{name: "broken in the skipped part", script: []served{{cut: 500_000, etag: "-"}, {cut: 400_000, etag: "-"}, {etag: "-"}}, ranges: []string{"", "", ""}, n: -1},
		{name: "broken before the first bytes", script: []served{{cut: 100}, {}}, ranges: []string{"", ""}, n: -1},
		{name: "broken at the end, of unknown size", script: []served{{cut: 700_001, noLength: true}, {status: http.StatusRequestedRangeNotSatisfiable, header: http.Header{"Content-Range": {"bytes */700001"}}}}, ranges: []string{"", "bytes=700001-"}, n: -1},
		{
			name: "changed, by its tag", script: []served{{cut: 1000}, {etag: `"two"`, whole: true}},
			ranges: []string{"", "bytes=1000-"}, n: 1000, err: modelslab.ErrUnavailable, text: "changed",
		},
		{
			name: "changed, by its size", script: []served{{cut: 1000, etag: "-"}, {etag: "-", data: file[:90_000]}},
			ranges: []string{"", ""}, n: 1000, err: modelslab.ErrUnavailable, text: "changed",
		},
		{
			name: "changed, by its content", script: []served{{cut: 1000, etag: "-"}, {etag: "-", data: append([]byte{1}, file[1:]...)}},
			ranges: []string{"", ""}, n: 1000, err: modelslab.ErrUnavailable, text: "changed",
		},
		{
			name: "a later range than asked for", script: []served{{cut: 1000}, {from: 5}},
			ranges: []string{"", "bytes=1000-"}, n: 1000, err: modelslab.ErrUnavailable, text: "another range",
		},
		{
			name: "no range that can be read", script: []served{{cut: 1000}, {header: http.Header{}, status: http.StatusPartialContent}},
			ranges: []string{"", "bytes=1000-"}, n: 1000, err: modelslab.ErrUnavailable, text: "another range",
		},
		{name: "not there yet", script: []served{{status: 404}, {status: 403}, {page: true}, {data: []byte{}}, {}}, ranges: []string{"", "", "", "", ""}, n: -1},
		{name: "a page that says it is a video", script: []served{{data: []byte("<html><body>soon</body></html>")}, {}}, ranges: []string{"", ""}, n: -1},
		{name: "gone in between", script: []served{{cut: 1000}, {status: 404}, {page: true}, {}}, ranges: []string{"", "bytes=1000-", "bytes=1000-", "bytes=1000-"}, n: -1},
		{name: "unavailable, then there", script: []served{{status: 503}, {status: 500}, {transport: io.ErrUnexpectedEOF}, {}}, ranges: []string{"", "", "", ""}, n: -1},
		{name: "unavailable", script: []served{{status: 503}}, ranges: []string{"", "", "", ""}, err: modelslab.ErrUnavailable, text: "HTTP 503"},
		{name: "unreachable", script: []served{{transport: errors.New("no route")}}, ranges: []string{"", "", "", ""}, err: modelslab.ErrUnavailable, text: "no route"},
		{name: "gone", script: []served{{status: 410}}, ranges: []string{""}, err: modelslab.ErrNotFound, text: "gone"},
		{name: "not for us", script: []served{{status: 401}}, ranges: []string{""}, err: modelslab.ErrAuth},
		{name: "refused", script: []served{{status: 400}}, ranges: []string{""}, err: modelslab.ErrInvalid},
		{name: "compressed unasked", script: []served{{header: http.Header{"Content-Encoding": {"gzip"}}}}, ranges: []string{""}, err: modelslab.ErrUnavailable, text: "gzip"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := &fileServer{file: file, script: tt.script}
				if tt.file != nil {
					server.file = tt.file
				}
				var got bytes.Buffer
				n, err := server.client(t).Download(t.Context(), fileURL, &got)
				require.Equal(t, int64(got.Len()), n)
				var ranges []string
				for _, r := range server.requests {
					ranges = append(ranges, r.Header.Get("Range"))
				}
				require.Equal(t, tt.ranges, ranges)
				if tt.err != nil {
					require.ErrorIs(t, err, tt.err)
					require.ErrorContains(t, err, tt.text)
					require.ErrorContains(t, err, "https://files.example.com/out/video.mp4")
					require.NotContains(t, err.Error(), "topsecret")
					require.Equal(t, tt.n, n)
				} else {
					require.NoError(t, err)
				}
				require.True(t, bytes.Equal(server.file[:n], got.Bytes()))
				if tt.n < 0 {
					require.Len(t, server.file, int(n))
				}
			})
		})
	}
}

func TestDownloadSendsNothingOfTheAccount(t *testing.T) {
	t.Parallel()
	server := &fileServer{file: content(1000), script: []served{{}}}
	_, err := server.client(t, modelslab.WithUserAgent("shop/1.4")).Download(t.Context(), fileURL, io.Discard)
	require.NoError(t, err)
	r := server.requests[0]
	require.Equal(t, fileURL, r.URL.String())
	require.Equal(t, http.Header{
		"Accept": {"*/*"}, "Accept-Encoding": {"identity"}, "User-Agent": {"shop/1.4 modelslab-go/" + modelslab.Version},
	}, r.Header)
}

// TestDownloadGivesUp pins how long a file may be missing, and that a deadline
// ends it without a wait that could bring nothing.
func TestDownloadGivesUp(t *testing.T) {
	t.Parallel()
	for _, status := range []int{http.StatusNotFound, http.StatusForbidden} {
		synctest.Test(t, func(t *testing.T) {
			server := &fileServer{script: []served{{status: status}}}
			start := time.Now()
			_, err := server.client(t).Download(t.Context(), fileURL, io.Discard)
			var e *modelslab.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, status, e.HTTPStatus)
			require.Equal(t, status == http.StatusNotFound, errors.Is(err, modelslab.ErrNotFound))
			require.Equal(t, status == http.StatusForbidden, errors.Is(err, modelslab.ErrForbidden))
			require.Equal(t, 2*time.Minute, time.Since(start))
			require.Less(t, len(server.requests), 20)
			require.Equal(t, start.Add(2*time.Minute), server.times[len(server.times)-1], "the last look comes at the end")
		})
		synctest.Test(t, func(t *testing.T) {
			server := &fileServer{script: []served{{status: status}}}
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			_, err := server.client(t).Download(ctx, fileURL, io.Discard)
			var e *modelslab.Error
			require.ErrorAs(t, err, &e)
			require.NoError(t, ctx.Err())
		})
	}
}

func TestDownloadHonoursRetryAfter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &fileServer{file: content(9), script: []served{{status: 429, header: http.Header{"Retry-After": {"45"}}}, {}}}
		start := time.Now()
		_, err := server.client(t).Download(t.Context(), fileURL, io.Discard)
		require.NoError(t, err)
		require.Equal(t, 45*time.Second, time.Since(start))
	})
	synctest.Test(t, func(t *testing.T) {
		server := &fileServer{file: content(9), script: []served{{status: 503, header: http.Header{"Retry-After": {"7200"}}}}}
		start := time.Now()
		_, err := server.client(t).Download(t.Context(), fileURL, io.Discard)
		var e *modelslab.Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, 2*time.Hour, e.RetryAfter)
		require.Zero(t, time.Since(start))
	})
}

func TestDownloadWithoutRetries(t *testing.T) {
	t.Parallel()
	server := &fileServer{script: []served{{status: 500}}}
	_, err := server.client(t, modelslab.WithFetchRetries(0)).Download(t.Context(), fileURL, io.Discard)
	require.ErrorIs(t, err, modelslab.ErrUnavailable)
	require.Len(t, server.requests, 1)
}

// TestDownloadSilence resumes a transfer that goes silent, and never takes a
// slow reader of it for that.
func TestDownloadSilence(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		file := content(100_000)
		var requests []*http.Request
		client := stubClient(t, func(r *http.Request) (*http.Response, error) {
			requests = append(requests, r)
			resp, err := served{}.answer(r, file)
			if err == nil && len(requests) == 1 {
				resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(file[:40_000]), silent{r.Context()}))
			}
			return resp, err
		})
		start := time.Now()
		var got bytes.Buffer
		slow := writerFunc(func(p []byte) (int, error) {
			<-time.After(5 * time.Minute)
			return got.Write(p)
		})
		_, err := client.Download(t.Context(), fileURL, slow)
		require.NoError(t, err)
		require.True(t, bytes.Equal(file, got.Bytes()))
		require.Len(t, requests, 2)
		require.Equal(t, "bytes=40000-", requests[1].Header.Get("Range"))
		require.Less(t, time.Since(start), 30*time.Minute)
	})
}

// silent is a connection on which nothing comes any more.
type silent struct{ ctx context.Context }

func (s silent) Read([]byte) (int, error) {
	<-s.ctx.Done()
	return 0, s.ctx.Err()
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func TestDownloadCancelled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		file := content(5000)
		client := stubClient(t, func(r *http.Request) (*http.Response, error) {
			resp, err := served{}.answer(r, file)
			resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(file[:4000]), silent{r.Context()}))
			return resp, err
		})
		time.AfterFunc(time.Second, cancel)
		n, err := client.Download(ctx, fileURL, io.Discard)
		require.ErrorIs(t, err, context.Canceled)
		require.Equal(t, int64(4000), n)
	})
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		server := &fileServer{script: []served{{status: 404}}}
		time.AfterFunc(time.Minute, cancel)
		start := time.Now()
		_, err := server.client(t).Download(ctx, fileURL, io.Discard)
		require.ErrorIs(t, err, context.Canceled)
		require.Equal(t, time.Minute, time.Since(start))
	})
}

func TestDownloadMaxSize(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		limit   int64
		answer  served
		written int64
		ok      bool
	}{
		{"fits exactly", 600_000, served{}, 600_000, true},
		{"announced too large", 599_999, served{}, 0, false},
		{"unannounced too large", 100, served{noLength: true}, 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := &fileServer{file: content(600_000), script: []served{tt.answer}}
			var got bytes.Buffer
			n, err := server.client(t).Download(t.Context(), fileURL, &got, modelslab.MaxSize(tt.limit))
			require.Equal(t, tt.written, n)
			require.Len(t, server.requests, 1)
			if tt.ok {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, modelslab.ErrInvalid)
			require.ErrorContains(t, err, "MaxSize")
			require.LessOrEqual(t, int64(got.Len()), tt.limit)
		})
	}
	_, err := (&fileServer{}).client(t).Download(t.Context(), fileURL, io.Discard, modelslab.MaxSize(0))
	require.ErrorContains(t, err, "MaxSize(0)")
}

func TestDownloadProgress(t *testing.T) {
	t.Parallel()
	for _, known := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			server := &fileServer{file: content(900_000), script: []served{{cut: 300_000, noLength: !known}, {}}}
			var done, totals []int64
			_, err := server.client(t).Download(t.Context(), fileURL, io.Discard, modelslab.OnProgress(func(d, total int64) {
				done, totals = append(done, d), append(totals, total)
			}))
			require.NoError(t, err)
			require.IsIncreasing(t, done)
			require.Equal(t, int64(900_000), done[len(done)-1])
			require.Equal(t, int64(900_000), totals[len(totals)-1])
			if want := int64(900_000); known {
				require.Equal(t, want, totals[0])
			} else {
				require.Equal(t, int64(-1), totals[0])
			}
		})
	}
}

func TestDownloadWriterFails(t *testing.T) {
	t.Parallel()
	full := errors.New("no space left on device")
	server := &fileServer{file: content(1000), script: []served{{}}}
	n, err := server.client(t).Download(t.Context(), fileURL, writerFunc(func([]byte) (int, error) { return 10, full }))
	require.ErrorIs(t, err, full)
	require.Equal(t, int64(10), n)
	require.Len(t, server.requests, 1)
	require.NotContains(t, err.Error(), "topsecret")
}
