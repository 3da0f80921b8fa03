package modelslab_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
)

// countingServer counts the connections that clients open.
func countingServer(t *testing.T) (base string, opened *atomic.Int64) {
	t.Helper()
	opened = new(atomic.Int64)
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, benchReply)
	}))
	srv.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			opened.Add(1)
		}
	}
	srv.Start()
	t.Cleanup(srv.Close)
	return srv.URL + "/api", opened
}

func TestSequentialCallsUseOneConnection(t *testing.T) {
	t.Parallel()
	base, opened := countingServer(t)
	client, err := modelslab.New(testKey, modelslab.WithBaseURL(base))
	require.NoError(t, err)
	for range 1000 {
		_, err := client.Submit(t.Context(), benchRequest())
		require.NoError(t, err)
	}
	require.Equal(t, int64(1), opened.Load())
}

func TestConcurrentCallersNeedOneConnectionEach(t *testing.T) {
	t.Parallel()
	base, opened := countingServer(t)
	client, err := modelslab.New(testKey, modelslab.WithBaseURL(base))
	require.NoError(t, err)
	var wg sync.WaitGroup
	for range 32 {
		wg.Go(func() {
			for range 32 {
				if _, err := client.Submit(t.Context(), benchRequest()); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	require.LessOrEqual(t, opened.Load(), int64(32))
}

// writeCounter counts the writes that reach the socket.
type writeCounter struct {
	net.Conn
	n *atomic.Int64
}

func (c writeCounter) Write(p []byte) (int, error) {
	c.n.Add(1)
	return c.Conn.Write(p)
}

func TestOneSocketWriteARequest(t *testing.T) {
	t.Parallel()
	base, _ := countingServer(t)
	var writes atomic.Int64
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, addr)
		return writeCounter{conn, &writes}, err
	}
	defer transport.CloseIdleConnections()
	client, err := modelslab.New(testKey, modelslab.WithBaseURL(base), modelslab.WithHTTPClient(&http.Client{Transport: transport}))
	require.NoError(t, err)
	for range 10 {
		_, err := client.Submit(t.Context(), benchRequest())
		require.NoError(t, err)
	}
	require.Equal(t, int64(10), writes.Load())
}
