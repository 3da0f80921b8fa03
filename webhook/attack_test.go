package webhook_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/webhook"
)

// pipes is a listener without a network, whose connections obey virtual time.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
}

func newPipes() *pipes { return &pipes{conns: make(chan net.Conn), closed: make(chan struct{})} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { close(p.closed); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

func (p *pipes) dial() net.Conn {
	client, server := net.Pipe()
	p.conns <- server
	return client
}

// A sender that dribbles is cut off, whether it is ModelsLab's or not.
func TestSlowSender(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, target string
		status       int
	}{
		{"with a token", "", http.StatusRequestTimeout},
		{"forged", path, http.StatusUnauthorized},
	} {
		synctest.Test(t, func(t *testing.T) {
			h, err := webhook.NewHandler(webhook.WithSecrets(secret))
			require.NoError(t, err)
			listener := newPipes()
			server := &http.Server{Handler: h} // no timeouts of its own
			go func() { _ = server.Serve(listener) }()
			defer server.Close()
			target := tt.target
			if target == "" {
				target = sign("video", "video_001")
			}
			conn := listener.dial()
			start := time.Now()
			var sender sync.WaitGroup
			defer sender.Wait()
			sender.Go(func() {
				fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 10000\r\n\r\n{", target)
				for {
					sleepFor(time.Second)
					if _, err := conn.Write([]byte(" ")); err != nil {
						return
					}
				}
			})
			resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
			require.NoError(t, err)
			require.Equal(t, tt.status, resp.StatusCode, tt.name)
			_, _ = io.Copy(io.Discard, conn)
			require.LessOrEqual(t, time.Since(start), 11*time.Second, "the connection is held no longer")
			conn.Close()
		})
	}
}

func TestAFastSenderMayHaveSlowCallbacks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h, err := webhook.NewHandler(webhook.WithSecrets(secret), webhook.OnEvent(func(context.Context, webhook.Event) error {
			sleepFor(20 * time.Second) // longer than the body had
			return nil
		}))
		require.NoError(t, err)
		listener := newPipes()
		server := &http.Server{Handler: h}
		go func() { _ = server.Serve(listener) }()
		defer server.Close()
		conn := listener.dial()
		defer conn.Close()
		reader := bufio.NewReader(conn)
		for range 2 { // the connection is good for another
			fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
				sign("video", "video_001"), len(successBody), successBody)
			resp, err := http.ReadResponse(reader, nil)
			require.NoError(t, err)
			require.Equal(t, 200, resp.StatusCode)
			_, _ = io.Copy(io.Discard, resp.Body)
		}
	})
}

// endless is a body that never ends, and counts what was read of it.
type endless struct{ n atomic.Int64 }

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	e.n.Add(int64(len(p)))
	return len(p), nil
}

func TestHugeBodies(t *testing.T) {
	t.Parallel()
	h := newHandler(t)
	server := httptest.NewServer(h)
	defer server.Close()
	body := &endless{}
	for name, length := range map[string]int64{"announced": 1 << 30, "chunked": -1} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+sign("video", "a"), io.NopCloser(body))
		require.NoError(t, err)
		r.ContentLength = length
		r.Header.Set("Content-Type", "application/json")
		resp, err := http.DefaultTransport.RoundTrip(r)
		if err == nil { // else the connection was cut while the body was being written
			require.Equal(t, http.StatusRequestEntityTooLarge, resp.StatusCode, name)
			resp.Body.Close()
		}
	}
	require.Less(t, body.n.Load(), int64(32<<20), "it is not read to its end")
	require.EqualValues(t, 2, h.Stats().Rejected["too_large"])
}

func TestBombs(t *testing.T) {
	t.Parallel()
	h := newHandler(t)
	for name, body := range map[string]string{
		"nested lists":     `{"status":"success","output":` + strings.Repeat("[", 1<<19) + strings.Repeat("]", 1<<19-40) + "}",
		"nested objects":   strings.Repeat(`{"a":`, 1<<20/5),
		"a list of lists":  `{"output":[` + strings.Repeat("[],", 1<<20/3-20) + "[]]}",
		"many keys":        `{` + strings.Repeat(`"a":0,`, 1<<20/6-10) + `"a":0}`,
		"many links":       `{"status":"success","output":[` + strings.Repeat(`"http://a",`, 1<<20/11-10) + `"http://a"]}`,
		"escapes":          `{"status":"failed","message":"` + strings.Repeat(`\u0000`, 1<<20/6-10) + `"}`,
		"a huge number":    `{"status":"failed","id":` + strings.Repeat("9", 1<<20-40) + "}",
		"a huge exponent":  `{"status":"processing","eta":1e999999999}`,
		"a long unknown":   `{"` + strings.Repeat("k", 1<<20-10) + `":1}`,
		"a long status":    `{"status":"` + strings.Repeat("s", 1<<20-20) + `"}`,
		"a long track id":  `{"track_id":"` + strings.Repeat("s", 1<<20-20) + `"}`,
		"broken encodings": `{"status":"failed","message":"` + strings.Repeat("\xff", 1<<18) + `"}`,
	} {
		start := time.Now()
		w := serve(h, post(sign("video", name), body))
		require.Contains(t, []int{200, 400, 401}, w.Code, name)
		require.Less(t, time.Since(start), 30*time.Second, name)
	}
}

func TestKeysCountInTheirExactSpelling(t *testing.T) {
	t.Parallel()
	seen := &events{}
	h := newHandler(t, webhook.OnEvent(seen.add))
	body := `{"STATUS":"success","Status":"success","OUTPUT":["https://evil.example"],"status":"failed","Track_ID":"other","track_id":"a","id":1,"ID":2}`
	require.Equal(t, 200, serve(h, post(sign("video", "a"), body)).Code)
	require.IsType(t, &webhook.Failed{}, seen.all()[0])
	require.Equal(t, "video/1", seen.all()[0].Ref().String())
	require.Equal(t, 400, serve(h, post(sign("video", "b"), `{"id":1,"status":"processing","id":2}`)).Code)
	require.Equal(t, 401, serve(h, post(sign("video", "b"), `{"track_id":"b","track_id":"other"}`)).Code, "the last one counts, for the check too")
}

// Ten thousand jobs, a fifth delivered three times, in disorder, over 50 connections.
func TestStorm(t *testing.T) {
	t.Parallel()
	const jobs, connections = 10_000, 50
	calls := make([]atomic.Int32, jobs)
	h := newHandler(t, webhook.OnSuccess(func(_ context.Context, e *webhook.Succeeded) error {
		var i int
		if _, err := fmt.Sscanf(e.TrackID(), "job-%d", &i); err != nil {
			return err
		}
		calls[i].Add(1)
		return nil
	}))
	server := httptest.NewServer(h)
	defer server.Close()
	var order []int
	for i := range jobs {
		order = append(order, i)
		if i%5 == 0 {
			order = append(order, i, i)
		}
	}
	rand.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	client := &http.Client{Transport: &http.Transport{MaxConnsPerHost: connections, MaxIdleConnsPerHost: connections}}
	defer client.CloseIdleConnections()
	next := make(chan int)
	var refused atomic.Int32
	var senders sync.WaitGroup
	for range connections {
		senders.Go(func() {
			for i := range next {
				trackID := fmt.Sprintf("job-%d", i)
				body := fmt.Sprintf(`{"status":"success","id":%d,"output":["https://modelslab.com/%d.mp4"],"track_id":%q}`, i, i, trackID)
				resp, err := client.Post(server.URL+sign("video", trackID), "application/json", strings.NewReader(body))
				if err != nil {
					refused.Add(1)
					continue
				}
				if _, _ = io.Copy(io.Discard, resp.Body); resp.StatusCode/100 != 2 {
					refused.Add(1)
				}
				resp.Body.Close()
			}
		})
	}
	for _, i := range order {
		next <- i
	}
	close(next)
	senders.Wait()
	require.Zero(t, refused.Load(), "every one is answered 2xx")
	for i := range calls {
		require.EqualValues(t, 1, calls[i].Load(), i)
	}
	stats := h.Stats()
	require.EqualValues(t, jobs, stats.Delivered)
	require.EqualValues(t, len(order)-jobs, stats.Duplicates)
}

// printer is a log handler that quotes nothing.
type printer struct {
	mu sync.Mutex
	w  io.Writer
}

func (p *printer) Enabled(context.Context, slog.Level) bool { return true }
func (p *printer) WithAttrs([]slog.Attr) slog.Handler       { return p }
func (p *printer) WithGroup(string) slog.Handler            { return p }

func (p *printer) Handle(_ context.Context, r slog.Record) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	fmt.Fprintf(p.w, "RECORD %s", r.Message)
	r.Attrs(func(a slog.Attr) bool {
		fmt.Fprintf(p.w, " %s=%s", a.Key, a.Value)
		return true
	})
	fmt.Fprintln(p.w)
	return nil
}

func TestLogInjection(t *testing.T) {
	t.Parallel()
	const evil = "x\nRECORD level=ERROR msg=\"all is well\"\r\n\u2028\x1b[2J\x00 \u0085"
	var plain, text bytes.Buffer
	for _, out := range []struct {
		log *slog.Logger
		buf *bytes.Buffer
	}{
		{slog.New(&printer{w: &plain}), &plain},
		{slog.New(slog.NewTextHandler(&text, &slog.HandlerOptions{Level: slog.LevelDebug})), &text},
	} {
		h := newHandler(t, webhook.WithLogger(out.log), webhook.WithLoggedBodies(300),
			webhook.OnFailure(func(context.Context, *webhook.Failed) error { return errors.New(evil) }))
		target := sign("video", evil)
		_, sig, _ := strings.Cut(target, "sig=")
		body := fmt.Sprintf(`{"status":"failed","id":"1\n2","message":%s,"track_id":%s,"meta":{"webhook":"https://a.b/?sig=%s"}}`,
			jsonString(evil+strings.Repeat("long", 1000)), jsonString(evil), sig)
		require.Equal(t, 500, serve(h, post(target, body)).Code)
		require.Equal(t, 401, serve(h, post(sign("video", "other"), body)).Code)
		require.Equal(t, 401, serve(h, post(path+"?sig=%0aRECORD", body)).Code)
		lines := strings.Split(strings.TrimSpace(out.buf.String()), "\n")
		require.Len(t, lines, 4, out.buf.String()) // verified, failed, two refused
		for _, line := range lines {
			require.NotContains(t, line, "\x1b")
			require.NotContains(t, line, "\u2028")
			require.Less(t, len(line), 4000)
			require.NotContains(t, line, sig, "a token")
		}
		require.Contains(t, out.buf.String(), "body=")
		require.NotContains(t, strings.Join(lines[3:], ""), "body=", "bodies of strangers are not logged")
	}
}

func jsonString(s string) string {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func TestBodiesAreNotLogged(t *testing.T) {
	t.Parallel()
	var buf bytes.Buffer
	h := newHandler(t, webhook.WithLogger(slog.New(&printer{w: &buf})))
	require.Equal(t, 200, serve(h, post(sign("video", "video_001"), successBody)).Code)
	require.Contains(t, buf.String(), "video_001")
	require.NotContains(t, buf.String(), "asteroid")
	require.NotContains(t, buf.String(), "sig=")
}

// A flood of forged requests is not a flood of log records.
func TestForgedRequestsAreLoggedSparingly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var buf bytes.Buffer
		h, err := webhook.NewHandler(webhook.WithSecrets(secret), webhook.WithLogger(slog.New(&printer{w: &buf})))
		require.NoError(t, err)
		for range 2 {
			for range 1000 {
				serve(h, post(path+"?sig=x", "{}"))
			}
			sleepFor(time.Second)
		}
		require.Equal(t, 2, strings.Count(buf.String(), "RECORD"), buf.String())
		require.Contains(t, buf.String(), "not_logged=999")
	})
}
