package modelslabtest_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/modelslabtest"
)

func TestStalledAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := start(t)
		c := inProcess(t, srv)
		const text = `{"status":"processing"}`
		for after, fault := range map[int]modelslabtest.Fault{
			0:   {Body: text, Stall: time.Minute},
			10:  {Body: text, Stall: time.Minute, StallAfter: 10},
			999: {Body: text, Stall: time.Minute, StallAfter: 999},
		} {
			srv.Next(modelslabtest.Submit, fault)
			began := time.Now()
			resp, err := c.try("/v6/video/text2video", text2video)
			require.NoError(t, err)
			require.Zero(t, time.Since(began))
			first := make([]byte, min(after, len(text)))
			_, err = io.ReadFull(resp.Body, first)
			require.NoError(t, err)
			require.Zero(t, time.Since(began))
			rest, err := io.ReadAll(resp.Body)
			require.NoError(t, err)
			require.Equal(t, text, string(first)+string(rest))
			require.Equal(t, time.Minute, time.Since(began))
		}
	})
}

// A stall without end ends with the request, with the body, and with the server.
func TestStallWithoutEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := modelslabtest.NewServer(modelslabtest.WithStrict())
		c := inProcess(t, srv)
		ctx, cancel := context.WithCancel(t.Context())
		for _, end := range []func(io.Closer){
			func(io.Closer) { cancel() },
			func(body io.Closer) { body.Close() },
			func(io.Closer) { srv.Close() },
		} {
			srv.Next(modelslabtest.Fetch, modelslabtest.Fault{Stall: -1, StallAfter: 3})
			r, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/v6/video/fetch/1", strings.NewReader(`{"key":"test-key"}`))
			require.NoError(t, err)
			if ctx.Err() != nil {
				r = r.WithContext(t.Context())
			}
			resp, err := c.http.Do(r)
			require.NoError(t, err)
			read := make(chan error, 1)
			var text []byte
			go func() {
				var err error
				text, err = io.ReadAll(resp.Body)
				read <- err
			}()
			pass(time.Hour)
			require.Empty(t, read)
			end(resp.Body)
			require.Error(t, <-read)
			require.Equal(t, `{"s`, string(text))
		}
	})
}

func TestStallOverLoopback(t *testing.T) {
	t.Parallel()
	srv := start(t)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	c := caller{t, &http.Client{Transport: transport}, srv.URL()}
	srv.Next(modelslabtest.Submit, modelslabtest.Fault{Stall: -1, StallAfter: 5}, modelslabtest.Fault{Stall: time.Millisecond, BreakAfter: 7, StallAfter: 5})
	resp, err := c.try("/v6/video/text2video", text2video)
	require.NoError(t, err)
	require.Equal(t, 200, resp.StatusCode)
	first := make([]byte, 5)
	_, err = io.ReadFull(resp.Body, first)
	require.NoError(t, err)
	require.Equal(t, `{"sta`, string(first))
	resp.Body.Close()
	resp, err = c.try("/v6/video/text2video", text2video)
	require.NoError(t, err)
	text, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	require.Error(t, err)
	require.Equal(t, `{"statu`, string(text))
	require.Equal(t, 2, srv.Stats().Submits)
}

func TestFaultsThatLast(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := start(t)
		c := inProcess(t, srv)
		submit := func() int {
			status, _ := c.do(http.MethodPost, "/v6/video/text2video", text2video)
			return status
		}
		srv.During(time.Minute, modelslabtest.Submit, modelslabtest.Page(521))
		srv.During(2*time.Minute, "video", modelslabtest.Refused(402, "Insufficient credits."))
		srv.Next("video", modelslabtest.Fault{Status: 418})
		require.Equal(t, 418, submit())
		require.Equal(t, 521, submit())
		status, _ := c.do(http.MethodPost, "/v6/video/fetch/1", `{"key":"test-key"}`)
		require.Equal(t, 200, status)
		pass(time.Minute)
		require.Equal(t, 402, submit())
		pass(time.Minute)
		require.Equal(t, 200, submit())
		require.Equal(t, 1, srv.Stats().Submits)
	})
}

func TestMadeFaults(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name        string
		fault       modelslabtest.Fault
		status      int
		contentType string
		want        string
	}{
		{"refused", modelslabtest.Refused(401, "Invalid API key"), 401, "application/json", `{"status":"error","message":"Invalid API key"}`},
		{"refused with 200", modelslabtest.Refused(200, "try later"), 200, "application/json", `{"status":"error","message":"try later"}`},
		{"rate limited", modelslabtest.RateLimited(1500 * time.Millisecond), 429, "application/json", `{"status":"error","message":"Rate limit exceeded.","retry_after":2}`},
		{"rate limited without a time", modelslabtest.RateLimited(0), 429, "application/json", `{"status":"error","message":"Rate limit exceeded."}`},
		{"page", modelslabtest.Page(403), 403, "text/html; charset=utf-8", "<!DOCTYPE html><html><head><title>403 Forbidden</title></head><body><h1>403 Forbidden</h1></body></html>"},
		{"page of a proxy", modelslabtest.Page(521), 521, "text/html; charset=utf-8", "<!DOCTYPE html><html><head><title>521</title></head><body><h1>521</h1></body></html>"},
	}
	srv := start(t)
	c := inProcess(t, srv)
	for _, tt := range tests {
		srv.Next(modelslabtest.Submit, tt.fault)
		resp, err := c.try("/v6/video/text2video", text2video)
		require.NoError(t, err, tt.name)
		text, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		require.NoError(t, err, tt.name)
		require.Equal(t, tt.status, resp.StatusCode, tt.name)
		require.Equal(t, tt.contentType, resp.Header.Get("Content-Type"), tt.name)
		require.Equal(t, tt.want, string(text), tt.name)
	}
	require.Zero(t, srv.Stats().Submits)
	srv.Next(modelslabtest.Submit, modelslabtest.LostAnswer())
	_, err := c.try("/v6/video/text2video", text2video)
	require.Error(t, err)
	require.Equal(t, 1, srv.Stats().Submits)
}

// What the faults mean to the client.
func TestFaultsAreTheClientsErrors(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		fault modelslabtest.Fault
		want  error
	}{
		{"a wrong key", modelslabtest.Refused(401, "Invalid API key"), modelslab.ErrAuth},
		{"no credits", modelslabtest.Refused(402, "Insufficient credits. Please add more credits to continue."), modelslab.ErrCredits},
		{"a plan", modelslabtest.Refused(403, "This feature requires a premium subscription"), modelslab.ErrForbidden},
		{"a proxy", modelslabtest.Page(521), modelslab.ErrUnavailable},
		{"a limit", modelslabtest.RateLimited(time.Minute), modelslab.ErrRateLimited},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				srv := start(t)
				srv.During(time.Hour, "/wallet_balance", tt.fault)
				_, err := srv.Client().Account.Balance(t.Context())
				require.ErrorIs(t, err, tt.want)
			})
		})
	}
}
