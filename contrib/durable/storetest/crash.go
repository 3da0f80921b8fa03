package storetest

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/modelslabtest"
	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/contrib/durable"
	"github.com/modelslab-go/modelslab/contrib/durable/internal/failpoint"
)

// childEnv carries a [Child] to the processes of a [Crash] test.
const childEnv = "DURABLE_TEST_CHILD"

var childSecret = []byte("a secret of the crash tests, 32 bytes")

// Child is what a process of a crash test is told.
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

// ChildOf returns what this process was told, and false in the test itself. A
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

// RunChild submits its jobs, receives and runs, until it is killed or, after a
// SIGTERM, has ended gracefully.
func RunChild[TTx any](c Child, engine *durable.Engine[TTx]) error {
	if c.Failpoint != "" {
		failpoint.Reach = endAt(c.Failpoint)
	}
	ctx := context.Background()
	terminated := notifyTerm()
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
		<-terminated
		stop()
	}()
	ran := make(chan error, 1)
	go func() { ran <- engine.Run(running) }()
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
func submitOne[TTx any](ctx context.Context, n int, engine *durable.Engine[TTx]) (err error) {
	policy := durable.AtMostOnce
	if n%2 == 1 {
		policy = durable.Resubmit
	}
	for range 100 {
		_, err = engine.Submit(ctx, &modelslab.TextToVideoRequest{ModelID: "m", Prompt: fmt.Sprint("job ", n)},
			durable.IdempotencyKey(strconv.Itoa(n)), durable.OnUnknown(policy))
		if err == nil || ctx.Err() != nil {
			return err
		}
		timer := time.NewTimer(100 * time.Millisecond)
		<-timer.C
	}
	return err
}

// Crash is a run of several processes over one store, with a vendor that
// misbehaves, and a ledger of that vendor as the judge.
type Crash struct {
	Store     string
	Processes int
	Jobs      int
	Kills     int           // kill -9, of one process after the other
	Stops     int           // SIGSTOP for longer than a lease
	Every     time.Duration // between them
	Lease     time.Duration // three graces
	Failpoint string        // of the first processes; their successors have none
	During    func()        // runs beside it
	Fault     func(r *modelslabtest.Request) *modelslabtest.Fault

	t       *testing.T
	vendor  *modelslabtest.Server
	proxy   *http.Server
	hook    string
	mu      sync.Mutex
	running []*process
	turns   map[int]int // lives of each process so far
}

type process struct {
	index int
	cmd   *exec.Cmd
	addr  atomic.Pointer[string]
	ended chan struct{}
}

// Rough is a vendor of which 10 % of the submits are never received, 20 % of
// the webhooks come more than once, 10 % before the submit is answered, and
// 30 % of the answers are slow.
func Rough(r *modelslabtest.Request) *modelslabtest.Fault {
	if r.Call != modelslabtest.Submit {
		return nil
	}
	f := &modelslabtest.Fault{Took: time.Duration(50+rand.IntN(300)) * time.Millisecond}
	if rand.IntN(10) == 0 {
		f.Reset = true
	}
	if rand.IntN(5) == 0 {
		f.Duplicates = 1 + rand.IntN(2)
	}
	if rand.IntN(10) == 0 {
		f.Early = true
	}
	if rand.IntN(10) < 3 {
		f.Slow = time.Duration(100+rand.IntN(400)) * time.Millisecond
	}
	return f
}

// Run starts the processes and hurts them until every job has ended. list reads
// all jobs, effects how often the callback of each took effect with a result.
// It returns how long that took after the last hurt, and the last new job.
func (c *Crash) Run(t *testing.T, list func() ([]*durable.Job, error), effects func() (map[string]int, error)) time.Duration {
	t.Helper()
	c.t, c.turns = t, map[int]int{}
	c.vendor = modelslabtest.NewServer(modelslabtest.WithStrict(), modelslabtest.WithQueueLimit(0), modelslabtest.WithLatency(100*time.Millisecond))
	t.Cleanup(c.vendor.Close)
	c.vendor.Script(c.Fault)
	c.listen()
	for i := range c.Processes {
		c.start(i, c.Failpoint)
	}
	t.Cleanup(c.killAll)
	if c.Failpoint != "" {
		for i, p := range slices.Clone(c.running) {
			select {
			case <-p.ended:
			case <-time.After(30 * time.Second):
				require.Fail(t, "the failpoint was never reached", c.Failpoint)
			}
			c.start(i, "")
		}
	}
	var during sync.WaitGroup
	if c.During != nil {
		during.Go(c.During)
	}
	for i := range c.Kills {
		c.pause(c.Every)
		c.restart(i % c.Processes)
		if c.Stops > 0 && i%(c.Kills/c.Stops+1) == 0 {
			c.freeze((i + 1) % c.Processes)
		}
	}
	during.Wait()
	before, err := list()
	require.NoError(t, err)
	open := slices.DeleteFunc(before, func(j *durable.Job) bool { return j.State.Final() })
	if c.Kills > 0 {
		require.NotEmpty(t, open, "the work had ended before the last kill")
	}
	t.Logf("%d jobs open after the last kill", len(open))
	jobs, took := c.drained(list)
	c.terminate()
	got, err := effects()
	require.NoError(t, err)
	c.judge(jobs, got)
	return took
}

func (c *Crash) pause(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	<-timer.C
}

// listen forwards webhooks to a living process; with none they are lost.
func (c *Crash) listen() {
	listener, err := (&net.ListenConfig{}).Listen(c.t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(c.t, err)
	c.hook = "http://" + listener.Addr().String() + "/hook"
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	proxy := &httputil.ReverseProxy{
		Transport: transport,
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(&url.URL{Scheme: "http", Host: c.target()})
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	}
	c.proxy = &http.Server{Handler: proxy, ReadHeaderTimeout: time.Minute}
	go func() { _ = c.proxy.Serve(listener) }()
	c.t.Cleanup(func() {
		_ = c.proxy.Close()
		transport.CloseIdleConnections()
	})
}

func (c *Crash) target() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, i := range rand.Perm(len(c.running)) {
		if addr := c.running[i].addr.Load(); addr != nil {
			return *addr
		}
	}
	return "127.0.0.1:1"
}

func (c *Crash) start(index int, failpoint string) {
	// Every life of a process brings more jobs, so that the last kill hurts as the first does.
	share, turns := (c.Jobs+c.Processes-1)/c.Processes, (c.Kills-index+c.Processes-1)/c.Processes+1
	turn := min(c.turns[index], turns-1)
	c.turns[index]++
	text, err := json.Marshal(Child{
		Store: c.Store, BaseURL: c.vendor.URL(), Callback: c.hook, Lease: c.Lease, Grace: c.Lease / 3, Failpoint: failpoint,
		From: index * share, To: min(index*share+share*(turn+1)/turns, c.Jobs),
	})
	require.NoError(c.t, err)
	cmd := exec.Command(os.Args[0]) //nolint:noctx,gosec // it is this program, killed and not cancelled
	cmd.Env = append(os.Environ(), childEnv+"="+string(text))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	require.NoError(c.t, err)
	require.NoError(c.t, cmd.Start())
	p := &process{index: index, cmd: cmd, ended: make(chan struct{})}
	go func() {
		defer close(p.ended)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			var addr string
			if n, _ := fmt.Sscanf(lines.Text(), "ready %s", &addr); n == 1 {
				p.addr.Store(&addr)
			}
		}
		_ = cmd.Wait()
		p.addr.Store(nil)
	}()
	c.mu.Lock()
	defer c.mu.Unlock()
	if index < len(c.running) {
		c.running[index] = p
	} else {
		c.running = append(c.running, p)
	}
}

func (c *Crash) restart(index int) {
	p := c.running[index]
	require.NoError(c.t, p.cmd.Process.Kill())
	<-p.ended
	c.start(index, "")
}

// freeze stops a process for longer than its leases last, and wakes it again.
func (c *Crash) freeze(index int) {
	p := c.running[index]
	require.NoError(c.t, p.cmd.Process.Signal(syscall.SIGSTOP))
	c.pause(c.Lease * 3 / 2)
	require.NoError(c.t, p.cmd.Process.Signal(syscall.SIGCONT))
}

func (c *Crash) drained(list func() ([]*durable.Job, error)) (all []*durable.Job, took time.Duration) {
	deadline := time.Now().Add(2 * time.Minute)
	began := time.Now()
	for recorded := false; ; {
		jobs, err := list()
		require.NoError(c.t, err)
		open := slices.IndexFunc(jobs, func(j *durable.Job) bool { return !j.State.Final() })
		if len(jobs) == c.Jobs && open < 0 {
			return jobs, time.Since(began)
		}
		if !recorded && len(jobs) == c.Jobs { // those of the last life are new work
			recorded, began = true, time.Now()
		}
		if time.Now().After(deadline) {
			counts := map[durable.State]int{}
			for _, j := range jobs {
				counts[j.State]++
			}
			require.Fail(c.t, "not drained", "%d jobs: %v", len(jobs), counts)
		}
		c.pause(50 * time.Millisecond)
	}
}

// terminate ends the processes gracefully.
func (c *Crash) terminate() {
	for _, p := range c.running {
		for range 300 {
			if p.addr.Load() != nil { // it listens to signals
				break
			}
			c.pause(100 * time.Millisecond)
		}
		require.NoError(c.t, p.cmd.Process.Signal(syscall.SIGTERM))
	}
	for _, p := range c.running {
		select {
		case <-p.ended:
			require.True(c.t, p.cmd.ProcessState.Success(), p.cmd.ProcessState)
		case <-time.After(30 * time.Second):
			require.Fail(c.t, "a process does not end")
		}
	}
}

func (c *Crash) killAll() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range c.running {
		_ = p.cmd.Process.Kill()
		<-p.ended
	}
}

// judge compares the store with what the vendor knows.
func (c *Crash) judge(jobs []*durable.Job, effects map[string]int) {
	keys := map[string]bool{}
	resubmits, dead, total := 0, 0, 0
	for _, j := range jobs {
		keys[j.Key] = true
		accepted := c.vendor.Accepted(j.TrackID)
		require.LessOrEqual(c.t, accepted, j.Submits, "job %s was sent more often than counted", j.TrackID)
		if j.Policy == durable.AtMostOnce {
			require.LessOrEqual(c.t, accepted, 1, "job %s was billed twice", j.TrackID)
			require.LessOrEqual(c.t, j.Submits, 1)
		}
		resubmits += max(0, accepted-1)
		want := 1
		if j.State == durable.StateDead {
			dead++
			want = 0
			require.Equal(c.t, durable.ReasonUnknown, j.Reason, j.Message)
			require.True(c.t, j.Policy == durable.AtMostOnce || j.Submits == 3, "job %s was given up", j.TrackID)
		}
		require.Equal(c.t, want, effects[j.TrackID], "effects of job %s, %s", j.TrackID, j.State)
		total += effects[j.TrackID]
		if want == 1 {
			require.Positive(c.t, accepted, "job %s ended without the vendor", j.TrackID)
			require.NotEmpty(c.t, j.Result.Output)
		}
	}
	require.Len(c.t, keys, c.Jobs, "a job is lost")
	require.Len(c.t, effects, total, "an effect of no job")
	slices.SortFunc(jobs, func(a, b *durable.Job) int { return b.Since.Compare(a.Since) })
	for _, j := range jobs[:min(3, len(jobs))] {
		c.t.Logf("one of the last: %s %s, %d submits, %s old, ETA %s: %s", j.Policy, j.State, j.Submits, j.Since.Sub(j.Created), j.ETA, j.Message)
	}
	c.t.Logf("%d jobs: %d done, %d dead because their submit was lost, %d billed again by policy", len(jobs), total, dead, resubmits)
}
