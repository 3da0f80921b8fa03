package modelslabtest_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/modelslabtest"
)

// both runs a test in process and over loopback.
func both(t *testing.T, f func(t *testing.T, srv *modelslabtest.Server, c caller)) {
	t.Helper()
	t.Run("in process", func(t *testing.T) {
		t.Parallel()
		srv := start(t)
		f(t, srv, inProcess(t, srv))
	})
	t.Run("over loopback", func(t *testing.T) {
		t.Parallel()
		srv := start(t)
		transport := &http.Transport{}
		t.Cleanup(transport.CloseIdleConnections)
		f(t, srv, caller{t, &http.Client{Transport: transport}, srv.URL()})
	})
}

func (c caller) try(path, text string) (*http.Response, error) {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), http.MethodPost, c.base+path, strings.NewReader(text))
	require.NoError(c.t, err)
	return c.http.Do(r)
}

func TestReset(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, srv *modelslabtest.Server, c caller) {
		t.Helper()
		srv.Next(modelslabtest.Submit, modelslabtest.Fault{Reset: true}, modelslabtest.Fault{Reset: true, Accept: true})
		for accepted := range 2 {
			_, err := c.try("/v6/video/text2video", text2video)
			require.Error(t, err)
			require.True(t, errors.Is(err, syscall.ECONNRESET) || errors.Is(err, io.EOF), err.Error())
			require.Equal(t, accepted, srv.Stats().Submits)
		}
		_, job := c.post("/v6/video/text2video", text2video)
		require.Equal(t, "processing", job.Status)
		require.Len(t, srv.Requests(), 3)
		require.Empty(t, srv.Requests()[0].Body)
	})
}

func TestNoConnection(t *testing.T) {
	t.Parallel()
	srv := start(t)
	srv.Next(modelslabtest.Submit, modelslabtest.Fault{NoConnection: true})
	_, err := inProcess(t, srv).try("/v6/video/text2video", text2video)
	var op *net.OpError
	require.ErrorAs(t, err, &op)
	require.Equal(t, "dial", op.Op)
	require.ErrorIs(t, err, syscall.ECONNREFUSED)
	require.Equal(t, 0, srv.Stats().Submits)
}

func TestVerbatimAnswers(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, contentType string
		fault             modelslabtest.Fault
		status            int
	}{
		{"server error", "application/json", modelslabtest.Fault{Status: 500, Body: `{"status":"error","message":"Internal server error. Please try again."}`}, 500},
		{"page", "text/html; charset=utf-8", modelslabtest.Fault{Body: "<!DOCTYPE html><html></html>"}, 200},
		{"truncated", "application/json", modelslabtest.Fault{Body: `{"status":"proc`}, 200},
		{"nothing", "text/plain; charset=utf-8", modelslabtest.Fault{Status: 503}, 503},
		{"rate limit", "application/json", modelslabtest.Fault{Status: 429, Body: `{"status":"error","message":"Rate limit exceeded.","retry_after":"1.5"}`, Header: http.Header{"Retry-After": {"2"}}}, 429},
	}
	both(t, func(t *testing.T, srv *modelslabtest.Server, c caller) {
		t.Helper()
		for i, tt := range tests {
			tt.fault.Accept = i%2 == 1
			srv.Next("/v6/video/text2video", tt.fault)
			resp, err := c.try("/v6/video/text2video", text2video)
			require.NoError(t, err, tt.name)
			data, err := io.ReadAll(resp.Body)
			resp.Body.Close()
			require.NoError(t, err, tt.name)
			require.Equal(t, tt.fault.Body, string(data), tt.name)
			require.Equal(t, tt.status, resp.StatusCode, tt.name)
			require.Equal(t, tt.contentType, resp.Header.Get("Content-Type"), tt.name)
			require.Equal(t, tt.fault.Header.Get("Retry-After"), resp.Header.Get("Retry-After"), tt.name)
		}
		require.Equal(t, len(tests)/2, srv.Stats().Submits)
	})
}

func TestRedirectAway(t *testing.T) {
	t.Parallel()
	srv := start(t)
	srv.Next(modelslabtest.Fetch, modelslabtest.Fault{Status: 302, Header: http.Header{"location": {"https://evil.example/api/x"}}})
	c := inProcess(t, srv)
	resp, err := c.try("/v6/video/fetch/1", `{"key":"test-key"}`)
	require.NoError(t, err)
	resp.Body.Close()
	got := srv.Requests()
	require.Len(t, got, 2)
	require.Equal(t, "https://evil.example/api/x", got[1].URL)
	require.Empty(t, got[1].Key)
}

func TestSlowAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := start(t)
		c := inProcess(t, srv)
		srv.Next(modelslabtest.Submit, modelslabtest.Fault{Slow: time.Minute}, modelslabtest.Fault{Slow: time.Hour})
		began := time.Now()
		_, job := c.post("/v6/video/text2video", text2video)
		require.Equal(t, "processing", job.Status)
		require.Equal(t, time.Minute, time.Since(began))

		c.http.Timeout = 5 * time.Second
		_, err := c.try("/v6/video/text2video", text2video)
		require.Error(t, err)
		require.Equal(t, time.Minute+5*time.Second, time.Since(began))
		require.Equal(t, 2, srv.Stats().Submits)
	})
}

func TestEndlessAnswer(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, srv *modelslabtest.Server, c caller) {
		t.Helper()
		srv.Next(modelslabtest.Submit, modelslabtest.Fault{Endless: true})
		resp, err := c.try("/v6/video/text2video", text2video)
		require.NoError(t, err)
		defer resp.Body.Close()
		require.Equal(t, int64(-1), resp.ContentLength)
		n, err := io.CopyN(io.Discard, resp.Body, 20<<20)
		require.NoError(t, err)
		require.Equal(t, int64(20<<20), n)
	})
}

func TestBrokenTransferIsResumed(t *testing.T) {
	t.Parallel()
	both(t, func(t *testing.T, srv *modelslabtest.Server, c caller) {
		t.Helper()
		srv.Next(modelslabtest.Submit, modelslabtest.Fault{Sync: true})
		url, whole := c.output("/v6/video/text2video", text2video)
		srv.Next(modelslabtest.File, modelslabtest.Fault{BreakAfter: 1000}, modelslabtest.Fault{BreakAfter: 10})
		resp, err := c.http.Get(url)
		require.NoError(t, err)
		require.Equal(t, int64(len(whole)), resp.ContentLength)
		part, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
		require.Equal(t, string(whole[:1000]), string(part))
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		require.NoError(t, err)
		r.Header.Set("Range", "bytes=1000-")
		resp, err = c.http.Do(r)
		require.NoError(t, err)
		part, err = io.ReadAll(resp.Body)
		resp.Body.Close()
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
		require.Equal(t, string(whole[1000:1010]), string(part))
		_, rest := c.do(http.MethodGet, url, "", "Range", "bytes=1010-")
		require.Equal(t, string(whole[1010:]), rest)
	})
}

func TestNextMatchesTheMostExact(t *testing.T) {
	t.Parallel()
	srv := start(t)
	c := inProcess(t, srv)
	srv.Next(modelslabtest.Submit, modelslabtest.Fault{Status: 501})
	srv.Next("video", modelslabtest.Fault{Status: 502})
	srv.Next("/v6/video/text2video", modelslabtest.Fault{Status: 503})
	srv.Next("images", modelslabtest.Fault{Status: 504})
	for _, want := range []int{503, 502, 501, 200} {
		status, _ := c.do(http.MethodPost, "/v6/video/text2video", text2video)
		require.Equal(t, want, status)
	}
	status, _ := c.do(http.MethodPost, "/v6/images/fetch/1", `{"key":"test-key"}`)
	require.Equal(t, 200, status)
}

func TestScript(t *testing.T) {
	t.Parallel()
	srv := start(t)
	c := inProcess(t, srv)
	srv.Script(func(r *modelslabtest.Request) *modelslabtest.Fault {
		if r.Call == modelslabtest.Submit && strings.Contains(string(r.Body), "ship") && srv.Stats().Submits == 0 {
			return &modelslabtest.Fault{Sync: true, Fail: "Processing failed: Invalid input dimensions"}
		}
		return nil
	})
	_, job := c.post("/v6/video/text2video", text2video)
	require.Equal(t, "failed", job.Status)
	require.JSONEq(t, `"Processing failed: Invalid input dimensions"`, string(job.Message))
	require.NotEmpty(t, job.ID)
	_, job = c.post("/v6/video/text2video", text2video)
	require.Equal(t, "processing", job.Status)
}

func TestJobFaults(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := start(t, modelslabtest.WithLatency(10*time.Second))
		c := inProcess(t, srv)
		submit := func(f modelslabtest.Fault) body {
			srv.Next(modelslabtest.Submit, f)
			_, job := c.post("/v6/video/text2video", text2video)
			require.Equal(t, "processing", job.Status)
			return job
		}
		never := submit(modelslabtest.Fault{Never: true})
		failing := submit(modelslabtest.Fault{Fail: "Failed, Try Again", Took: 20 * time.Second, ETAFactor: 0.5})
		require.JSONEq(t, `10`, string(failing.ETA))
		fresh := submit(modelslabtest.Fault{FreshETA: true})
		odd := submit(modelslabtest.Fault{ETA: `"NaN"`, TwoIDs: true})
		require.JSONEq(t, `"NaN"`, string(odd.ETA))
		require.NotContains(t, odd.FetchResult, string(odd.ID))
		pass(4 * time.Second)
		require.JSONEq(t, `6`, string(c.fetch(fresh).ETA))
		pass(11 * time.Second)
		require.Equal(t, "success", c.fetch(odd).Status)
		_, b := c.post("/v6/video/fetch/"+string(odd.ID), `{"key":"test-key"}`)
		require.JSONEq(t, `"Request not found"`, string(b.Message))
		require.Equal(t, "processing", c.fetch(failing).Status)
		pass(5 * time.Second)
		require.Equal(t, "failed", c.fetch(failing).Status)
		pass(24 * time.Hour)
		require.Equal(t, "processing", c.fetch(never).Status)
		require.Equal(t, 1, srv.Stats().Open)
	})
}
