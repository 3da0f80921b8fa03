package modelslab_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/internal/download/downloadtest"
)

const fileURL = "https://files.example.com/out/video.mp4?X-Signature=topsecret"

// content is n bytes that look like a video.
var content = downloadtest.Video

// clientOf is a client whose files are on the server.
func clientOf(t *testing.T, s *downloadtest.Server, opts ...modelslab.Option) *modelslab.Client {
	t.Helper()
	return stubClient(t, s.RoundTrip, opts...)
}

func TestDownloadSendsNothingOfTheAccount(t *testing.T) {
	t.Parallel()
	server := &downloadtest.Server{File: content(1000), Script: []downloadtest.Reply{{}}}
	_, err := clientOf(t, server, modelslab.WithUserAgent("shop/1.4")).Download(t.Context(), fileURL, io.Discard)
	require.NoError(t, err)
	r := server.Requests[0]
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
			server := &downloadtest.Server{Script: []downloadtest.Reply{{Status: status}}}
			start := time.Now()
			_, err := clientOf(t, server).Download(t.Context(), fileURL, io.Discard)
			var e *modelslab.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, status, e.HTTPStatus)
			require.Equal(t, status == http.StatusNotFound, errors.Is(err, modelslab.ErrNotFound))
			require.Equal(t, status == http.StatusForbidden, errors.Is(err, modelslab.ErrForbidden))
			require.Equal(t, 2*time.Minute, time.Since(start))
			require.Less(t, len(server.Requests), 20)
			require.Equal(t, start.Add(2*time.Minute), server.Times[len(server.Times)-1], "the last look comes at the end")
		})
		synctest.Test(t, func(t *testing.T) {
			server := &downloadtest.Server{Script: []downloadtest.Reply{{Status: status}}}
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			_, err := clientOf(t, server).Download(ctx, fileURL, io.Discard)
			var e *modelslab.Error
			require.ErrorAs(t, err, &e)
			require.NoError(t, ctx.Err())
		})
	}
}

func TestDownloadHonoursRetryAfter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &downloadtest.Server{File: content(9), Script: []downloadtest.Reply{{Status: 429, Header: http.Header{"Retry-After": {"45"}}}, {}}}
		start := time.Now()
		_, err := clientOf(t, server).Download(t.Context(), fileURL, io.Discard)
		require.NoError(t, err)
		require.Equal(t, 45*time.Second, time.Since(start))
	})
	synctest.Test(t, func(t *testing.T) {
		server := &downloadtest.Server{File: content(9), Script: []downloadtest.Reply{{Status: 503, Header: http.Header{"Retry-After": {"7200"}}}}}
		start := time.Now()
		_, err := clientOf(t, server).Download(t.Context(), fileURL, io.Discard)
		var e *modelslab.Error
		require.ErrorAs(t, err, &e)
		require.Equal(t, 2*time.Hour, e.RetryAfter)
		require.Zero(t, time.Since(start))
	})
}

func TestDownloadWithoutRetries(t *testing.T) {
	t.Parallel()
	server := &downloadtest.Server{Script: []downloadtest.Reply{{Status: 500}}}
	_, err := clientOf(t, server, modelslab.WithFetchRetries(0)).Download(t.Context(), fileURL, io.Discard)
	require.ErrorIs(t, err, modelslab.ErrUnavailable)
	require.Len(t, server.Requests, 1)
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
			resp, err := downloadtest.Reply{}.Response(r, file)
			if err == nil && len(requests) == 1 {
				resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(file[:40_000]), downloadtest.Silent(r.Context())))
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

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func TestDownloadCancelled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		file := content(5000)
		client := stubClient(t, func(r *http.Request) (*http.Response, error) {
			resp, err := downloadtest.Reply{}.Response(r, file)
			resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(file[:4000]), downloadtest.Silent(r.Context())))
			return resp, err
		})
		time.AfterFunc(time.Second, cancel)
		n, err := client.Download(ctx, fileURL, io.Discard)
		require.ErrorIs(t, err, context.Canceled)
		require.Equal(t, int64(4000), n)
	})
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		server := &downloadtest.Server{Script: []downloadtest.Reply{{Status: 404}}}
		time.AfterFunc(time.Minute, cancel)
		start := time.Now()
		_, err := clientOf(t, server).Download(ctx, fileURL, io.Discard)
		require.ErrorIs(t, err, context.Canceled)
		require.Equal(t, time.Minute, time.Since(start))
	})
}

func TestDownloadMaxSize(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		limit   int64
		answer  downloadtest.Reply
		written int64
		ok      bool
	}{
		{"fits exactly", 600_000, downloadtest.Reply{}, 600_000, true},
		{"announced too large", 599_999, downloadtest.Reply{}, 0, false},
		{"unannounced too large", 100, downloadtest.Reply{NoLength: true}, 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := &downloadtest.Server{File: content(600_000), Script: []downloadtest.Reply{tt.answer}}
			var got bytes.Buffer
			n, err := clientOf(t, server).Download(t.Context(), fileURL, &got, modelslab.MaxSize(tt.limit))
			require.Equal(t, tt.written, n)
			require.Len(t, server.Requests, 1)
			if tt.ok {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, modelslab.ErrInvalid)
			require.ErrorContains(t, err, "MaxSize")
			require.LessOrEqual(t, int64(got.Len()), tt.limit)
		})
	}
	_, err := clientOf(t, &downloadtest.Server{}).Download(t.Context(), fileURL, io.Discard, modelslab.MaxSize(0))
	require.ErrorContains(t, err, "MaxSize(0)")
}

func TestDownloadProgress(t *testing.T) {
	t.Parallel()
	for _, known := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			server := &downloadtest.Server{File: content(900_000), Script: []downloadtest.Reply{{Cut: 300_000, NoLength: !known}, {}}}
			var done, totals []int64
			_, err := clientOf(t, server).Download(t.Context(), fileURL, io.Discard, modelslab.OnTransfer(func(d, total int64) {
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
	server := &downloadtest.Server{File: content(1000), Script: []downloadtest.Reply{{}}}
	n, err := clientOf(t, server).Download(t.Context(), fileURL, writerFunc(func([]byte) (int, error) { return 10, full }))
	require.ErrorIs(t, err, full)
	require.Equal(t, int64(10), n)
	require.Len(t, server.Requests, 1)
	require.NotContains(t, err.Error(), "topsecret")
}

// TestDownloadWithoutATransport: a program may replace http.DefaultTransport.
func TestDownloadWithoutATransport(t *testing.T) { //nolint:paralleltest // it changes a global
	before := http.DefaultTransport
	t.Cleanup(func() { http.DefaultTransport = before })
	server := &downloadtest.Server{Script: []downloadtest.Reply{{}}}
	http.DefaultTransport = server
	for _, opt := range []modelslab.Option{nil, modelslab.WithHTTPClient(&http.Client{})} {
		client, err := modelslab.New(testKey, opt)
		require.NoError(t, err)
		_, err = client.Download(t.Context(), "https://10.0.0.1/a", io.Discard)
		require.ErrorIs(t, err, modelslab.ErrInvalid)
		require.ErrorContains(t, err, "WithPrivateDownloads")
	}
	require.Empty(t, server.Requests)
}

func TestDownloadOfADataURI(t *testing.T) {
	t.Parallel()
	var got strings.Builder
	n, err := clientOf(t, &downloadtest.Server{}).Download(t.Context(), "data:image/png;base64,iVBORw0KGgo=", &got)
	require.NoError(t, err)
	require.Equal(t, int64(8), n)
	require.Equal(t, "\x89PNG\r\n\x1a\n", got.String())
}
