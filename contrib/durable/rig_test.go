package durable_test

import (
	"context"
	"maps"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/modelslabtest"
	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/contrib/durable"
)

const callbackURL = "https://shop.example/hook"

var secret = []byte("0123456789abcdef0123456789abcdef")

type memTx = *durable.MemoryTx

// rig is an engine over the memory store with a test server, in virtual time.
type rig struct {
	*testing.T

	server *modelslabtest.Server
	store  durable.Store[memTx]
	engine *durable.Engine[memTx]
	ran    chan error
	stop   context.CancelFunc

	mu       sync.Mutex
	fail     func(durable.Event) error
	events   []durable.Event
	outcomes map[durable.Outcome]int
	path     map[string][]durable.State
}

// bubble runs test with a rig that is running.
func bubble(t *testing.T, cfg durable.Config, test func(r *rig), opts ...modelslabtest.Option) {
	t.Helper()
	bubbleWith(t, cfg, nil, test, opts...)
}

// bubbleWith is bubble with more options of the client.
func bubbleWith(t *testing.T, cfg durable.Config, client []modelslab.Option, test func(r *rig), opts ...modelslabtest.Option) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		t.Helper()
		opts = append([]modelslabtest.Option{modelslabtest.WithLatency(20 * time.Second), modelslabtest.WithQueueLimit(0)}, opts...)
		r := &rig{
			T: t, server: modelslabtest.NewServer(append(opts, modelslabtest.WithStrict())...), ran: make(chan error, 1),
			outcomes: map[durable.Outcome]int{}, path: map[string][]durable.State{},
		}
		t.Cleanup(r.server.Close)
		cfg.Client = r.server.Client(append(client, modelslab.WithWebhook(callbackURL, secret))...)
		cfg.Secrets = [][]byte{secret}
		cfg.Hooks.Moved, cfg.Hooks.Received = r.moved, r.received
		r.store = durable.NewMemoryStore()
		engine, err := durable.New(r.store, nil, cfg)
		require.NoError(t, err)
		r.engine = engine
		engine.OnEvent(r.onEvent)
		r.server.DeliverTo(engine.Handler())
		r.start()
		t.Cleanup(func() {
			require.NoError(t, engine.Shutdown(context.WithoutCancel(t.Context())))
			require.NoError(t, <-r.ran)
		})
		test(r)
	})
}

func (r *rig) start() {
	ctx, cancel := context.WithCancel(r.Context())
	r.stop = cancel
	go func() { r.ran <- r.engine.Run(ctx) }()
}

func (r *rig) onEvent(_ context.Context, tx memTx, ev durable.Event) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := len(r.events)
	r.events = append(r.events, ev)
	tx.OnRollback(func() { r.events = r.events[:n] })
	if r.fail != nil {
		return r.fail(ev)
	}
	return nil
}

func (r *rig) moved(_ context.Context, tr durable.Transition) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.path[tr.TrackID] = append(r.path[tr.TrackID], tr.To)
}

func (r *rig) received(_ context.Context, o durable.Outcome) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.outcomes[o]++
}

func (r *rig) submit(opts ...durable.Option) string {
	r.Helper()
	id, err := r.engine.Submit(r.Context(), video("a lighthouse"), opts...)
	require.NoError(r, err)
	return id
}

func video(prompt string) *modelslab.TextToVideoRequest {
	return &modelslab.TextToVideoRequest{ModelID: "cogvideox", Prompt: prompt}
}

// after lets d pass, and what is due by then be done.
func (r *rig) after(d time.Duration) {
	pass(d)
	synctest.Wait()
}

// pass returns when d of the bubble's time has passed.
func pass(d time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	<-ctx.Done()
}

func (r *rig) job(id string) *durable.Job {
	r.Helper()
	job, err := r.engine.Job(r.Context(), id)
	require.NoError(r, err)
	return job
}

func (r *rig) stats() durable.Stats {
	r.Helper()
	s, err := r.engine.Stats(r.Context())
	require.NoError(r, err)
	return s
}

func (r *rig) count(call modelslabtest.Call) (n int) {
	for _, req := range r.server.Requests() {
		if req.Call == call {
			n++
		}
	}
	return n
}

func (r *rig) failing(fail func(durable.Event) error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fail = fail
}

func (r *rig) all() []durable.Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.events)
}

func (r *rig) observed() map[durable.Outcome]int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.outcomes)
}

func (r *rig) states(id string) []durable.State {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.path[id])
}

// event is the only one there was.
func (r *rig) event() durable.Event {
	r.Helper()
	require.Len(r, r.all(), 1)
	return r.all()[0]
}
