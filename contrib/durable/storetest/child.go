package storetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/modelslab-go/modelslab"

	"github.com/modelslab-go/modelslab/contrib/durable"
	"github.com/modelslab-go/modelslab/contrib/durable/internal/failpoint"
)

// childEnv carries a [Child] to the processes of a [Crash] test.
const childEnv = "DURABLE_TEST_CHILD"

var childSecret = []byte("a secret of the crash tests, 32 bytes")

// Child is what a process of a crash test is given.
type Child struct {
	Store     string        `json:"store"` // what the test's open needs
	BaseURL   string        `json:"base_url"`
	Callback  string        `json:"callback"`
	Lease     time.Duration `json:"lease"`
	Grace     time.Duration `json:"grace"`
	From      int           `json:"from"`      // the numbers of the jobs that it submits,
	To        int           `json:"to"`        // this one not among them
	Failpoint string        `json:"failpoint"` // where it kills itself, "" nowhere
}

// ChildOf returns what this process was given, and false in the test itself. A
// TestMain calls it first, and then RunChild.
func ChildOf() (Child, bool) {
	text := os.Getenv(childEnv)
	if text == "" {
		return Child{}, false
	}
	var c Child
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		panic(err)
	}
	return c, true
}

// Config is the engine's.
func (c Child) Config() durable.Config {
	client, err := modelslab.New("test-key", modelslab.WithBaseURL(c.BaseURL),
		modelslab.WithWebhook(c.Callback, childSecret), modelslab.WithLoopbackWebhooks(), modelslab.WithSubmitRetries(0))
	if err != nil {
		panic(err)
	}
	return durable.Config{
		Client: client, Secrets: [][]byte{childSecret}, Lease: c.Lease, Grace: c.Grace, QueueLimit: 120, Workers: 32,
	}
}

// RunChild submits its jobs, receives and runs, until it is killed or, when its
// standard input ends, has ended gracefully. So it does not outlive its test.
func RunChild[TTx any](c Child, engine *durable.Engine[TTx]) error {
	if c.Failpoint != "" {
		failpoint.Reach = endAt(c.Failpoint)
	}
	ctx := context.Background()
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: engine.Handler(), ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(listener) }()
	defer func() { _ = server.Close() }()
	if _, err := fmt.Fprintf(os.Stdout, "ready %s\n", listener.Addr()); err != nil {
		return err
	}
	running, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	ran := make(chan error, 1)
	go func() { ran <- insist(running, func() error { return engine.Run(running) }) }()
	if err := submitAll(running, c, engine); err != nil && running.Err() == nil {
		return err
	}
	if err := <-ran; err != nil {
		return err
	}
	return engine.Shutdown(ctx)
}

// Failpoints are the moments at which a process can end itself, see [Crash].
var Failpoints = failpoint.Names

// endAt kills this process when it reaches the failpoint of that name.
func endAt(name string) func(string) {
	return func(reached string) {
		if reached == name {
			self, err := os.FindProcess(os.Getpid())
			if err == nil {
				err = self.Kill()
			}
			if err != nil {
				panic(err)
			}
			select {}
		}
	}
}

// submitAll submits the child's jobs, which those before it may have done too.
func submitAll[TTx any](ctx context.Context, c Child, engine *durable.Engine[TTx]) error {
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for part := range errs {
		wg.Go(func() {
			for n := c.From + part; n < c.To && errs[part] == nil; n += len(errs) {
				errs[part] = submitOne(ctx, n, engine)
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// submitOne repeats what failed: the key makes that one job.
func submitOne[TTx any](ctx context.Context, n int, engine *durable.Engine[TTx]) error {
	policy := durable.AtMostOnce
	if n%2 == 1 {
		policy = durable.Resubmit
	}
	return insist(ctx, func() error {
		_, err := engine.Submit(ctx, &modelslab.TextToVideoRequest{ModelID: "m", Prompt: fmt.Sprint("job ", n)},
			durable.IdempotencyKey(strconv.Itoa(n)), durable.OnUnknown(policy))
		return err
	})
}

// insist repeats what a restart of the database may break, as whoever looks
// after a service does.
func insist(ctx context.Context, f func() error) (err error) {
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for range 100 {
		if err = f(); err == nil || ctx.Err() != nil {
			return err
		}
		<-ticker.C
	}
	return err
}
