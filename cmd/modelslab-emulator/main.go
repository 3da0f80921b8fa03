// Command modelslab-emulator is a ModelsLab API on this machine, for programs
// in any language: point a client at the base URL that it prints.
//
//	modelslab-emulator [-addr host:port] [-key key] [-queue-limit n]
//		[-latency duration] [-faults spec] [-seed n] [-sequential] [-spam-filter] [-strict] [-quiet]
//
// Jobs take as long as -latency says: one duration for all, or one a kind,
// "2s,video=20s,training=5s". With -faults things go wrong at random, each with
// a probability, "lost=0.1,dup=0.2,5xx=0.05"; the faults are
//
//	lost dup late early reorder progress   what happens to webhooks
//	fail never                             what happens to jobs
//	slow stall reset                       what happens to answers
//	5xx 521 429 401 402 403 html error     what is answered in their place
//
// It answers all that clients of the API are known to send; with -strict it
// refuses what the API's documentation does not have. Webhooks go to loopback only. An interrupt ends it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/modelslab-go/modelslab/modelslabtest"
)

// retention bounds the memory of an emulator that is left running.
const retention = 2 * time.Hour

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "modelslab-emulator:", err)
		os.Exit(1)
	}
}

// run serves until ctx ends.
func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("modelslab-emulator", flag.ContinueOnError)
	flags.SetOutput(out)
	addr := flags.String("addr", "127.0.0.1:8787", "`address` to listen on")
	key := flags.String("key", "", "API `key` to accept; empty accepts any")
	limit := flags.Int("queue-limit", 5, "jobs the account may have open; 0 is no limit")
	latency := flags.String("latency", "2s", "how long jobs take: `duration`, or kind=duration, separated by commas")
	faults := flags.String("faults", "", "what goes wrong, as `fault=probability`, separated by commas")
	seed := flags.Uint64("seed", 1, "of the faults; the same seed gives the same faults")
	sequential := flags.Bool("sequential", false, "run one job at a time")
	spam := flags.Bool("spam-filter", false, "refuse a submit that equals one of the last 30 seconds")
	strict := flags.Bool("strict", false, "refuse what the API's documentation does not have")
	quiet := flags.Bool("quiet", false, "do not print every request")
	if err := flags.Parse(args); err != nil {
		return err
	}
	took, err := parseLatency(*latency)
	if err != nil {
		return err
	}
	opts := []modelslabtest.Option{
		modelslabtest.WithKey(*key), modelslabtest.WithQueueLimit(*limit),
		modelslabtest.WithLatencyFunc(took), modelslabtest.WithRetention(retention),
	}
	if *sequential {
		opts = append(opts, modelslabtest.WithSequential())
	}
	if *spam {
		opts = append(opts, modelslabtest.WithSpamFilter())
	}
	if *strict {
		opts = append(opts, modelslabtest.WithStrict())
	}
	script, err := parseFaults(*faults, *seed)
	if err != nil {
		return err
	}
	srv := modelslabtest.NewServer(opts...) //nolint:contextcheck // it lives until Close
	defer srv.Close()
	srv.Script(script)
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", *addr)
	if err != nil {
		return err
	}
	greet(out, "http://"+l.Addr().String()+"/api", *key)
	var handler http.Handler = srv
	if !*quiet {
		handler = logged(srv, out)
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
