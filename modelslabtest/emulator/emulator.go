// Package emulator is a [modelslabtest.Server] as a program: for commands that
// serve clients in any language, such as modelslab emulator.
package emulator

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/modelslab-go/modelslab/modelslabtest"
)

// retention bounds the memory of an emulator that is left running.
const retention = 2 * time.Hour

// Config is what an emulator does. The zero Config has no queue limit, accepts
// any key, and answers submits after no time.
type Config struct {
	Key        string // that is accepted; "" accepts any
	QueueLimit int    // jobs the account may have open; 0 is no limit
	// Latency is how long jobs take: a duration for all, "2s", or one a kind,
	// "2s,video=20s". Defaults to 2 seconds.
	Latency string
	// Faults go wrong at random, each with a probability: "lost=0.1,5xx=0.05".
	// They are those of the command modelslab-emulator. Defaults to none.
	Faults string
	Seed   uint64 // of the faults; the same seed gives the same faults

	Sequential bool // one job at a time
	SpamFilter bool // a submit that equals one of the last 30 seconds is refused
	Strict     bool // what the API's documentation does not have is refused

	Log io.Writer // gets a line for every request; nil for none
}

// Run serves on addr, "127.0.0.1:8787", until ctx ends, and says on out how to
// reach it. A port of 0 is a free one. The error of a Config that is none says
// what it wants, and comes before anything is served.
func (c Config) Run(ctx context.Context, addr string, out io.Writer) error {
	took, err := parseLatency(c.Latency)
	if err != nil {
		return err
	}
	script, err := parseFaults(c.Faults, c.Seed)
	if err != nil {
		return err
	}
	if c.QueueLimit < 0 {
		return fmt.Errorf("queue limit %d: want 0, for none, or more", c.QueueLimit)
	}
	opts := []modelslabtest.Option{
		modelslabtest.WithKey(c.Key), modelslabtest.WithQueueLimit(c.QueueLimit),
		modelslabtest.WithLatencyFunc(took), modelslabtest.WithRetention(retention),
	}
	if c.Sequential {
		opts = append(opts, modelslabtest.WithSequential())
	}
	if c.SpamFilter {
		opts = append(opts, modelslabtest.WithSpamFilter())
	}
	if c.Strict {
		opts = append(opts, modelslabtest.WithStrict())
	}
	srv := modelslabtest.NewServer(opts...) //nolint:contextcheck // it lives until Close
	defer srv.Close()
	srv.Script(script)
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	greet(out, "http://"+l.Addr().String()+"/api", c.Key)
	var handler http.Handler = srv
	if c.Log != nil {
		handler = logged(srv, c.Log)
	}
	return serve(ctx, &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}, l)
}

func serve(ctx context.Context, server *http.Server, l net.Listener) error {
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
	defer cancel()
	if err := server.Shutdown(grace); err != nil {
		return server.Close() // whoever still holds a connection has had time
	}
	return nil
}

func greet(out io.Writer, base, key string) {
	accepts := "any API key"
	if key == "" {
		key = "test"
	} else {
		accepts = "the API key " + key
	}
	_, _ = fmt.Fprintf(out, `ModelsLab emulator on %s, with %s. Webhooks go to loopback only.

  Go:    modelslab.New(%q, modelslab.WithBaseURL(%q))
  shell: curl -s %s/v6/video/text2video -d '{"key":%q,"model_id":"cogvideox","prompt":"a ship"}'

`, base, accepts, key, base, base, key)
}

// logged prints a line for every request.
func logged(next http.Handler, out io.Writer) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		rec := &statusRecorder{ResponseWriter: w}
		defer func() {
			what := http.StatusText(rec.status)
			if rec.status == 0 {
				what = "connection broken"
			}
			_, _ = fmt.Fprintf(out, "%s %-4s %s %d %s (%s)\n",
				began.Format(time.TimeOnly), r.Method, r.URL.EscapedPath(), rec.status, what, time.Since(began).Round(time.Millisecond))
		}()
		next.ServeHTTP(rec, r)
	})
}

type statusRecorder struct {
	http.ResponseWriter

	status int
}

func (r *statusRecorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// Unwrap lets the server reach the connection.
func (r *statusRecorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
