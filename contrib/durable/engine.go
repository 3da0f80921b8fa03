package durable

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/modelslab-go/modelslab"

	"github.com/modelslab-go/modelslab/contrib/durable/internal/failpoint"
)

// Engine moves jobs from Submit to the callback of OnEvent. It is safe for
// concurrent use. TTx is the transaction of its store: *sql.Tx on SQLite,
// pgx.Tx on PostgreSQL.
type Engine[TTx any] struct {
	cfg      Config
	store    Store[TTx]
	queue    Queue[TTx] // nil where the due times of the rows are the queue
	callback atomic.Pointer[func(context.Context, TTx, Event) error]
	inbox    *inbox[TTx]
	handler  http.Handler
	leases   leases
	pace     *pace
	calls    chan struct{} // a place for each callback that runs
	counters counters

	wake   chan struct{}
	stop   chan struct{}      // closed: take no new work
	work   sync.WaitGroup     // steps under way
	hard   context.Context    //nolint:containedctx // the life of the engine itself
	cancel context.CancelFunc // ends steps under way
	closed atomic.Bool
}

// Queue is where work waits when something else than the engine's own runner
// does it, by calling Step.
type Queue[TTx any] interface {
	// Enqueue is called in the transaction that made the jobs due.
	Enqueue(ctx context.Context, tx TTx, tasks []Task) error
	// Run does the work until ctx ends, and returns when none is under way.
	Run(ctx context.Context) error
}

// Task is a job that has to be stepped, After from now.
type Task struct {
	TrackID string
	From    State
	State   State
	Fence   int64
	After   time.Duration
}

// New returns an engine over a store. The engine closes the store. A nil queue
// means that Run does the work. Most programs want Open of contrib/sqlite or of
// contrib/river.
func New[TTx any](store Store[TTx], queue Queue[TTx], cfg Config) (*Engine[TTx], error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	e := &Engine[TTx]{
		cfg: cfg, store: store, queue: queue, pace: newPace(cfg.Workers),
		calls: make(chan struct{}, cfg.Callbacks),
		wake:  make(chan struct{}, 1), stop: make(chan struct{}),
	}
	e.hard, e.cancel = context.WithCancel(context.Background())
	e.leases.held = map[string]int64{}
	if e.handler, err = e.newHandler(); err != nil {
		e.cancel()
		return nil, err
	}
	e.inbox = newInbox(e)
	return e, nil
}

// OnEvent registers the callback that the last word on every job is delivered to. What
// it writes through tx and the job's completion commit together or not at all,
// so in the same database an effect happens exactly once; an effect elsewhere
// happens at least once. After an error or a panic it is called again, later.
//
// On SQLite the transaction keeps all other writers out: download and save
// elsewhere, before or after. The callback must neither commit nor roll back,
// and must call SubmitTx, not Submit. Register before Run.
func (e *Engine[TTx]) OnEvent(f func(ctx context.Context, tx TTx, ev Event) error) {
	e.callback.Store(&f)
}

// Option changes one Submit.
type Option func(*submitOptions)

type submitOptions struct {
	key    string
	policy Policy
}

// IdempotencyKey makes submits with the same key one job: those after the
// first return its track id and record nothing, or [ErrKeyTaken] when they are
// for another request. The key is free again when the job is deleted, see
// Config.Retention. Defaults to the track id of the request.
func IdempotencyKey(key string) Option {
	return func(o *submitOptions) { o.key = key }
}

// OnUnknown sets what happens when the answer to the submit is lost and no
// webhook comes. Defaults to Config.Policy.
func OnUnknown(p Policy) Option {
	return func(o *submitOptions) { o.policy = p }
}

// Submit records a job and returns its track id: the one of the request, or a
// new UUID. When it returns nil the job will be sent, whatever happens to this
// process. Local files are read into the record.
//
// Errors: *[modelslab.Error] for a request that would be refused, anything else
// when the store failed; then nothing was recorded, or, after a lost
// connection, perhaps it was: repeat with the same key.
func (e *Engine[TTx]) Submit(ctx context.Context, req modelslab.Request, opts ...Option) (string, error) {
	if err := inside(ctx, "Submit"); err != nil {
		return "", err
	}
	var trackID string
	p, err := e.prepare(req, opts)
	if err != nil {
		return "", err
	}
	failpoint.Reach("insert")
	err = e.store.Tx(ctx, func(ctx context.Context, tx TTx) (err error) {
		trackID, err = e.insert(ctx, tx, p)
		return err
	})
	failpoint.Reach("inserted")
	if err != nil {
		return "", err
	}
	e.nudge()
	return trackID, nil
}

// SubmitTx is Submit in the caller's own transaction: the job exists if and
// only if that commits. On SQLite it must be one of the same file, begun as
// immediate.
func (e *Engine[TTx]) SubmitTx(ctx context.Context, tx TTx, req modelslab.Request, opts ...Option) (string, error) {
	p, err := e.prepare(req, opts)
	if err != nil {
		return "", err
	}
	return e.insert(ctx, tx, p)
}

// Tx runs f in a transaction of the engine's database, for SubmitTx beside
// writes of your own. f must not commit or roll back, and may be called again
// when a transaction that it shared could not be committed.
func (e *Engine[TTx]) Tx(ctx context.Context, f func(ctx context.Context, tx TTx) error) error {
	if err := inside(ctx, "Tx"); err != nil {
		return err
	}
	err := e.store.Tx(ctx, f)
	if err == nil {
		e.nudge()
	}
	return err
}

// View runs f in a transaction that writes nothing, for reads of your own in the
// engine's database. On SQLite it goes on beside the writer, on a connection of
// its own.
func (e *Engine[TTx]) View(ctx context.Context, f func(ctx context.Context, tx TTx) error) error {
	return e.store.View(ctx, f)
}

// ErrKeyTaken is the reason of a submit that was refused because its key, or its
// track id, belongs to the job of another request.
var ErrKeyTaken = errors.New("durable: the key or track id is taken")

// sameAs refuses to take the job that has our key, or our track id, for ours
// when it is another one.
func (p *prepared) sameAs(present *Job) error {
	var other string
	switch {
	case len(present.Digest) > 0 && !bytes.Equal(present.Digest, p.job.Digest):
		other = "another request"
	case p.job.Key != "" && present.Key != p.job.Key:
		other = "the key " + strconv.Quote(present.Key)
	default:
		return nil
	}
	return fmt.Errorf("%w: job %q has %s, and was to be recorded as %q with the key %q", ErrKeyTaken, present.TrackID, other, p.job.TrackID, p.job.Key)
}

type prepared struct {
	job     Job
	request []byte
}

func (e *Engine[TTx]) prepare(req modelslab.Request, opts []Option) (*prepared, error) {
	if e.closed.Load() {
		return nil, ErrClosed
	}
	o := submitOptions{policy: e.cfg.Policy}
	for _, opt := range opts {
		opt(&o)
	}
	if o.policy != AtMostOnce && o.policy != Resubmit {
		return nil, fmt.Errorf("durable: unknown policy %q", o.policy)
	}
	frozen, err := modelslab.Freeze(req)
	if err != nil {
		return nil, err
	}
	digest, err := digestOf(frozen)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(frozen)
	if err != nil {
		return nil, fmt.Errorf("durable: store the request: %w", err)
	}
	return &prepared{Job{TrackID: frozen.TrackID, Key: o.key, Kind: frozen.Kind, Policy: o.policy, State: StateNew, Digest: digest}, text}, nil
}

func (e *Engine[TTx]) insert(ctx context.Context, tx TTx, p *prepared) (string, error) {
	job, created, err := e.store.Insert(ctx, tx, &p.job, p.request)
	if err != nil {
		return "", fmt.Errorf("durable: record job %q: %w", p.job.TrackID, err)
	}
	if !created {
		if err := p.sameAs(job); err != nil {
			return "", err
		}
	}
	if created && e.queue != nil {
		if err := e.queue.Enqueue(ctx, tx, []Task{{TrackID: job.TrackID, State: StateNew}}); err != nil {
			return "", fmt.Errorf("durable: enqueue job %q: %w", job.TrackID, err)
		}
	}
	return job.TrackID, nil
}

// Handler returns the handler that the callback URL leads to. It verifies as
// webhook.Verifier does, commits the delivery and then answers 200; 503 when the
// store is down. Without Config.Secrets it refuses everything.
func (e *Engine[TTx]) Handler() http.Handler { return e.handler }

// Job returns a job, or ErrNotFound.
func (e *Engine[TTx]) Job(ctx context.Context, trackID string) (*Job, error) {
	var job *Job
	err := e.store.View(ctx, func(ctx context.Context, tx TTx) (err error) {
		job, err = e.store.Get(ctx, tx, trackID)
		return err
	})
	return job, err
}

// List returns jobs without their requests, the oldest first.
func (e *Engine[TTx]) List(ctx context.Context, filter Filter) ([]*Job, error) {
	var jobs []*Job
	err := e.store.View(ctx, func(ctx context.Context, tx TTx) (err error) {
		jobs, err = e.store.List(ctx, tx, filter)
		return err
	})
	return jobs, err
}

// changeOf is the guarded write of what move does to a job. The fence grows, so
// that whoever else works on the job writes nothing more.
func changeOf(job *Job, move func(*Job) time.Duration) Change {
	next := *job
	after := move(&next)
	next.Fence++
	return Change{Job: &next, From: job.State, Fence: job.Fence, After: after}
}

// saveTx saves changes and enqueues what they made due.
func (e *Engine[TTx]) saveTx(ctx context.Context, tx TTx, changes []Change) ([]bool, error) {
	saved, err := e.store.Save(ctx, tx, changes)
	if err != nil || e.queue == nil {
		return saved, err
	}
	var tasks []Task
	for i, c := range changes {
		if saved[i] && c.After >= 0 {
			tasks = append(tasks, Task{TrackID: c.Job.TrackID, From: c.From, State: c.Job.State, Fence: c.Job.Fence, After: c.After})
		}
	}
	if len(tasks) == 0 {
		return saved, nil
	}
	return saved, e.queue.Enqueue(ctx, tx, tasks)
}

// moved reports changes after their commit.
func (e *Engine[TTx]) moved(ctx context.Context, changes []Change) {
	for _, c := range changes {
		if c.After == 0 {
			e.nudge()
		}
		if c.From == c.Job.State {
			continue
		}
		level := e.cfg.Logger.DebugContext
		if c.Job.State == StateDead || c.Job.State == StateUnknown {
			level = e.cfg.Logger.WarnContext
		}
		level(ctx, "modelslab job moved", "track_id", c.Job.TrackID, "from", string(c.From), "to", string(c.Job.State),
			"after", c.Job.Age, "reason", string(c.Job.Reason), "message", c.Job.Message)
		if e.cfg.Hooks.Moved != nil {
			e.cfg.Hooks.Moved(ctx, Transition{
				TrackID: c.Job.TrackID, Kind: c.Job.kind(), From: c.From, To: c.Job.State, Reason: c.Job.Reason, After: c.Job.Age,
			})
		}
	}
}

// nudge wakes the runner of this process: something may be due.
func (e *Engine[TTx]) nudge() {
	select {
	case e.wake <- struct{}{}:
	default:
	}
}
