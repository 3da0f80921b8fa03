package modelslab_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
)

// loopbackClient reaches the server with the transport that New makes.
func loopbackClient(t *testing.T, srv *httptest.Server, opts ...modelslab.Option) *modelslab.Client {
	t.Helper()
	client, err := modelslab.New(testKey, append([]modelslab.Option{modelslab.WithBaseURL(srv.URL + "/api")}, opts...)...)
	require.NoError(t, err)
	return client
}

// TestDownloadOverLoopback breaks real connections.
func TestDownloadOverLoopback(t *testing.T) {
	t.Parallel()
	file := content(3_000_000)
	var requests atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"v1"`)
		if requests.Add(1) == 1 {
			w.Header().Set("Content-Length", strconv.Itoa(len(file)))
			_, _ = w.Write(file[:1_000_000])
			panic(http.ErrAbortHandler)
		}
		http.ServeContent(w, r, "a.mp4", time.Time{}, bytes.NewReader(file))
	}))
	defer srv.Close()
	var got bytes.Buffer
	n, err := loopbackClient(t, srv).Download(t.Context(), srv.URL+"/a.mp4", &got)
	require.NoError(t, err)
	require.Equal(t, int64(len(file)), n)
	require.True(t, bytes.Equal(file, got.Bytes()))
	require.Equal(t, int32(2), requests.Load())
}

func TestDownloadRedirects(t *testing.T) {
	t.Parallel()
	headers := make(chan http.Header, 10)
	mux := http.NewServeMux()
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	mux.HandleFunc("/file", func(w http.ResponseWriter, r *http.Request) {
		headers <- r.Header.Clone()
		w.Header().Set("ETag", `"v1"`)
		http.ServeContent(w, r, "a.mp4", time.Time{}, bytes.NewReader(content(1000)))
	})
	mux.HandleFunc("/to", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, r.FormValue("url"), http.StatusFound)
	})
	mux.HandleFunc("/loop", func(w http.ResponseWriter, r *http.Request) {
		n, _ := strconv.Atoi(r.FormValue("n"))
		if n == 0 {
			http.Redirect(w, r, "/file", http.StatusTemporaryRedirect)
			return
		}
		http.Redirect(w, r, "/loop?n="+strconv.Itoa(n-1), http.StatusTemporaryRedirect)
	})
	client := loopbackClient(t, srv)
	n, err := client.Download(t.Context(), srv.URL+"/loop?n=9&X-Signature=topsecret", io.Discard)
	require.NoError(t, err)
	require.Equal(t, int64(1000), n)
	header := <-headers
	require.Empty(t, header.Get("Referer"), "it would show the query of a signed URL")
	require.Empty(t, header.Get("Authorization"))

	refused := map[string]string{
		"too many":      "/loop?n=10",
		"private":       "/to?url=https://10.0.0.1/a",
		"metadata":      "/to?url=https://169.254.169.254/latest/meta-data/",
		"mapped":        "/to?url=https://[::ffff:10.0.0.1]/a",
		"plain HTTP":    "/to?url=http://files.example.com/a",
		"file":          "/to?url=file:///etc/passwd",
		"with password": "/to?url=https://user:pw@files.example.com/a",
	}
	for name, path := range refused {
		n, err := client.Download(t.Context(), srv.URL+path+"&X-Signature=topsecret", io.Discard)
		require.ErrorIs(t, err, modelslab.ErrInvalid, name)
		require.NotContains(t, err.Error(), "topsecret", name)
		require.Zero(t, n, name)
	}
	require.Empty(t, headers, "a refused redirect was followed")
}

func TestDownloadNeverFallsBackToPlainHTTP(t *testing.T) {
	t.Parallel()
	plain := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("plain HTTP was used") }))
	defer plain.Close()
	secure := httptest.NewTLSServer(http.RedirectHandler(plain.URL, http.StatusFound))
	defer secure.Close()
	client := loopbackClient(t, secure, modelslab.WithHTTPClient(secure.Client()))
	_, err := client.Download(t.Context(), secure.URL, io.Discard)
	require.ErrorIs(t, err, modelslab.ErrInvalid)
	require.ErrorContains(t, err, "HTTPS")
}

// TestDownloadStaysOutside points clients of the real API at a server inside.
func TestDownloadStaysOutside(t *testing.T) {
	t.Parallel()
	var hits atomic.Int32
	srv := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		hits.Add(1)
		_, _ = io.WriteString(w, "inside")
	}))
	defer srv.Close()
	anyone := roundTripper(func(*http.Request) (*http.Response, error) { return nil, errors.New("sent") })
	for name, opt := range map[string]modelslab.Option{
		"the default client":   modelslab.WithUserAgent("x"),
		"a transport":          modelslab.WithHTTPClient(&http.Client{Transport: srv.Client().Transport}),
		"another RoundTripper": modelslab.WithHTTPClient(&http.Client{Transport: anyone}),
	} {
		client, err := modelslab.New(testKey, opt)
		require.NoError(t, err)
		_, err = client.Download(t.Context(), srv.URL, io.Discard)
		require.ErrorIs(t, err, modelslab.ErrInvalid, name)
		require.ErrorContains(t, err, "WithPrivateDownloads", name)
	}
	require.Zero(t, hits.Load())

	client, err := modelslab.New(testKey, modelslab.WithHTTPClient(srv.Client()), modelslab.WithPrivateDownloads())
	require.NoError(t, err)
	n, err := client.Download(t.Context(), srv.URL, io.Discard)
	require.NoError(t, err)
	require.Equal(t, int64(6), n)
	_, err = client.Download(t.Context(), "http"+srv.URL[len("https"):], io.Discard)
	require.ErrorIs(t, err, modelslab.ErrInvalid, "plain HTTP stays refused")
}

func TestDownloadSendsNoCookies(t *testing.T) {
	t.Parallel()
	var cookies []string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cookies = append(cookies, r.Header.Get("Cookie"))
		http.SetCookie(w, &http.Cookie{Name: "session", Value: "1"})
		_, _ = io.WriteString(w, "file")
	}))
	defer srv.Close()
	hc := srv.Client()
	hc.Jar = jar{}
	client := loopbackClient(t, srv, modelslab.WithHTTPClient(hc))
	for range 2 {
		_, err := client.Download(t.Context(), srv.URL, io.Discard)
		require.NoError(t, err)
	}
	require.Equal(t, []string{"", ""}, cookies)
}

// TestDownloadUnderTimeout resumes when the user's HTTP client limits every exchange.
func TestDownloadUnderTimeout(t *testing.T) {
	t.Parallel()
	file := content(100_000)
	var requests atomic.Int32
	release := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"v1"`)
		if requests.Add(1) > 1 {
			http.ServeContent(w, r, "a.mp4", time.Time{}, bytes.NewReader(file))
			return
		}
		w.Header().Set("Content-Length", strconv.Itoa(len(file)))
		_, _ = w.Write(file[:50_000])
		_ = http.NewResponseController(w).Flush()
		<-release
	}))
	defer srv.Close()
	defer close(release)
	hc := srv.Client()
	hc.Timeout = 300 * time.Millisecond
	var got bytes.Buffer
	_, err := loopbackClient(t, srv, modelslab.WithHTTPClient(hc)).Download(t.Context(), srv.URL+"/a.mp4", &got)
	require.NoError(t, err)
	require.True(t, bytes.Equal(file, got.Bytes()))
	require.Equal(t, int32(2), requests.Load())
}

// jar has a cookie for everybody.
type jar struct{}

func (jar) SetCookies(*url.URL, []*http.Cookie) {}
func (jar) Cookies(*url.URL) []*http.Cookie {
	return []*http.Cookie{{Name: "session", Value: "secret"}}
}
