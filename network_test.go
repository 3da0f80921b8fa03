package modelslab_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
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
	// On a busy machine net/http may drop a connection whose writer does not run within 50 ms.
	require.Less(t, opened.Load(), int64(10))
}

func TestConcurrentCallersReuseConnections(t *testing.T) {
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
	require.LessOrEqual(t, opened.Load(), int64(128), "1,024 calls of 32 callers") // net/http may dial for a call that then gets an idle connection
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

// TestWhatAProgramGrowsBy builds the smallest program that submits and waits,
// and the same one on bare net/http and encoding/json.
func TestWhatAProgramGrowsBy(t *testing.T) {
	t.Parallel()
	size := func(dir string) int64 {
		out := filepath.Join(t.TempDir(), "program")
		cmd := exec.CommandContext(t.Context(), "go", "build", "-ldflags=-s -w", "-o", out, "./"+dir)
		text, err := cmd.CombinedOutput()
		require.NoError(t, err, string(text))
		info, err := os.Stat(out)
		require.NoError(t, err)
		return info.Size()
	}
	with, without := size("internal/footprint/sdk"), size("internal/footprint/bare")
	t.Logf("with the SDK %d bytes, without %d, difference %.3f MiB", with, without, float64(with-without)/(1<<20))
	require.LessOrEqual(t, with-without, int64(3<<20/10), "more than 0.3 MiB")

	list := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}", "./internal/footprint/sdk")
	list.Env = append(os.Environ(), "GOWORK=off")
	text, err := list.Output()
	require.NoError(t, err)
	modules := map[string]bool{}
	for m := range strings.FieldsSeq(string(text)) {
		modules[m] = true
	}
	require.Len(t, modules, 3, "%v", modules)
}
