package storetest

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/modelslab-go/modelslab/modelslabtest"
	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/contrib/durable"
)

// Crash is a run of several processes over one store, with a vendor that
// misbehaves, and a ledger of that vendor as the judge.
type Crash struct {
	Store     string
	Processes int
	Jobs      int
	Kills     int           // kill -9, of one process after the other
	Stops     int           // SIGSTOP until the leases have been taken over
	Every     time.Duration // between kills; defaults to the progress of the work
	Lease     time.Duration // three graces
	Failpoint string        // of the first processes; their successors have none
	During    func()        // runs beside it; see Await
	Fault     func(r *modelslabtest.Request) *modelslabtest.Fault

	t       *testing.T
	list    func() ([]*durable.Job, error)
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
	stdin io.Closer
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
// Unless Every is set nothing happens by the clock: a process is hurt when the
// store shows that there is work to disturb.
func (c *Crash) Run(t *testing.T, list func() ([]*durable.Job, error), effects func() (map[string]int, error)) {
	t.Helper()
	c.t, c.list, c.turns = t, list, map[int]int{}
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
			c.await("the failpoint "+c.Failpoint, p.hasEnded)
			c.start(i, "")
		}
	}
	var during sync.WaitGroup
	if c.During != nil {
		during.Go(c.During)
	}
	for i := range c.Kills {
		c.awaitTurn(i)
		c.restart(i % c.Processes)
		if c.Stops > 0 && i%(c.Kills/c.Stops+1) == 0 {
			c.freeze((i + 1) % c.Processes)
		}
	}
	during.Wait()
	began := time.Now()
	jobs := c.drained()
	t.Logf("drained in %s", time.Since(began))
	c.terminate()
	got, err := effects()
	require.NoError(t, err)
	c.judge(jobs, got)
}

// awaitTurn returns when it is time for the next kill.
func (c *Crash) awaitTurn(kill int) {
	c.t.Helper()
	if c.Every == 0 {
		c.Await(c.Jobs*kill/(2*c.Kills), 2)
		return
	}
	turn := time.NewTimer(c.Every)
	defer turn.Stop()
	<-turn.C
	c.await("all processes are ready", c.ready)
}

// patience ends a test that hangs; no test depends on how long anything takes.
const patience = 5 * time.Minute

// await returns when ok does.
func (c *Crash) await(what string, ok func() bool) {
	c.t.Helper()
	require.Eventually(c.t, ok, patience+10*c.Every, max(20*time.Millisecond, c.Every/20), what)
}

// Await returns when all processes are ready, at least that many jobs have
// ended and at least so many are open.
func (c *Crash) Await(ended, open int) {
	c.t.Helper()
	c.await(fmt.Sprintf("%d jobs have ended and %d are open", ended, open), func() bool {
		jobs, err := c.list()
		if err != nil || !c.ready() {
			return false
		}
		final, working := 0, 0
		for _, j := range jobs {
			if j.State.Final() {
				final++
			} else if j.State.Open() {
				working++
			}
		}
		return final >= ended && working >= open
	})
}

// ready reports whether all processes receive.
func (c *Crash) ready() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !slices.ContainsFunc(c.running, func(p *process) bool { return p.addr.Load() == nil })
}

func (p *process) hasEnded() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
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
	detach(cmd)
	in, err := cmd.StdinPipe()
	require.NoError(c.t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(c.t, err)
	require.NoError(c.t, cmd.Start())
	p := &process{index: index, cmd: cmd, stdin: in, ended: make(chan struct{})}
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

// freeze stops a process until others have taken over what it was sending, and
// wakes it again. One that was stopped within a transaction of SQLite keeps the
// others from writing: then it sleeps until its leases ended a lease ago.
func (c *Crash) freeze(index int) {
	var sending []*durable.Job
	c.await("a job is being sent", func() bool {
		sending = c.in(durable.StateSubmitting)
		return c.ready() && len(sending) > 0
	})
	p := c.running[index]
	require.NoError(c.t, suspend(p.cmd))
	c.await("every job has moved on that was being sent", func() bool {
		now := c.in(durable.StateSubmitting)
		return !slices.ContainsFunc(sending, func(j *durable.Job) bool {
			return slices.ContainsFunc(now, func(n *durable.Job) bool {
				over := n.Since.Add(n.Age).Sub(n.Due) // by the clock of the store
				return n.TrackID == j.TrackID && n.Fence == j.Fence && over < c.Lease
			})
		})
	})
	require.NoError(c.t, resume(p.cmd))
}

// in returns the jobs in that state.
func (c *Crash) in(state durable.State) []*durable.Job {
	jobs, err := c.list()
	if err != nil {
		return nil
	}
	return slices.DeleteFunc(jobs, func(j *durable.Job) bool { return j.State != state })
}

// drained waits until all jobs are recorded and have ended.
func (c *Crash) drained() (jobs []*durable.Job) {
	c.await("all jobs have ended", func() bool {
		var err error
		jobs, err = c.list()
		return err == nil && len(jobs) == c.Jobs && !slices.ContainsFunc(jobs, func(j *durable.Job) bool { return !j.State.Final() })
	})
	return jobs
}

// terminate ends the processes gracefully.
func (c *Crash) terminate() {
	c.await("all processes are ready", c.ready)
	for _, p := range c.running {
		require.NoError(c.t, p.stdin.Close())
	}
	for _, p := range c.running {
		c.await("a process ends", p.hasEnded)
		require.True(c.t, p.cmd.ProcessState.Success(), p.cmd.ProcessState)
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
