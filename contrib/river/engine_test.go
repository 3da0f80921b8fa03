package river_test

import (
	"context"
	"fmt"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/contrib/durable"
	"github.com/modelslab-go/modelslab/contrib/durable/storetest"
	"github.com/modelslab-go/modelslab/modelslabtest"
	riverqueue "github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/contrib/river"
)

const callbackURL = "https://shop.example/hook"

var secret = []byte("0123456789abcdef0123456789abcdef")

func config(vendor *modelslabtest.Server) durable.Config {
	return durable.Config{
		Client:  vendor.Client(modelslab.WithWebhook(callbackURL, secret), modelslab.WithSubmitRetries(0)),
		Secrets: [][]byte{secret},
	}
}

func newVendor(t testing.TB, opts ...modelslabtest.Option) *modelslabtest.Server {
	t.Helper()
	vendor := modelslabtest.NewServer(append([]modelslabtest.Option{
		modelslabtest.WithStrict(), modelslabtest.WithQueueLimit(0), modelslabtest.WithLatency(100 * time.Millisecond),
	}, opts...)...)
	t.Cleanup(vendor.Close)
	return vendor
}

// run runs an engine until the test ends.
func run(t testing.TB, cfg river.Config) *durable.Engine[pgx.Tx] {
	t.Helper()
	engine, err := river.Open(t.Context(), cfg)
	require.NoError(t, err)
	engine.OnEvent(effect)
	ran := make(chan error, 1)
	go func() { ran <- engine.Run(context.WithoutCancel(t.Context())) }()
	t.Cleanup(func() {
		require.NoError(t, engine.Shutdown(context.Background()))
		require.NoError(t, <-ran)
	})
	return engine
}

func submit(t testing.TB, engine *durable.Engine[pgx.Tx], n int) {
	t.Helper()
	for i := range n {
		_, err := engine.Submit(t.Context(), &modelslab.TextToVideoRequest{ModelID: "m", Prompt: fmt.Sprint("job ", i)})
		require.NoError(t, err)
	}
}

func awaitDone(t testing.TB, engine *durable.Engine[pgx.Tx], n int) {
	t.Helper()
	require.Eventually(t, func() bool {
		s, err := engine.Stats(t.Context())
		return err == nil && s.Jobs[durable.StateDone] == n
	}, time.Minute, 20*time.Millisecond)
}

func oneEffectEach(t testing.TB, r *rig, n int) {
	t.Helper()
	effects, err := r.effects()
	require.NoError(t, err)
	require.Len(t, effects, n)
	for id, count := range effects {
		require.Equal(t, 1, count, id)
	}
}

func TestJobsEndByWebhookAndByPoll(t *testing.T) {
	t.Parallel()
	r, vendor := newRig(t, newSchema(t)), newVendor(t)
	lost := 0
	vendor.Script(func(req *modelslabtest.Request) *modelslabtest.Fault {
		if req.Call != modelslabtest.Submit {
			return nil
		}
		lost++
		return &modelslabtest.Fault{Lost: lost%2 == 0, Duplicates: 1}
	})
	engine := run(t, river.Config{Config: config(vendor), Pool: r.pool})
	vendor.DeliverTo(engine.Handler())
	submit(t, engine, 30)
	awaitDone(t, engine, 30)
	oneEffectEach(t, r, 30)
}

func TestMachinesShareWorkAndQueueLimit(t *testing.T) {
	t.Parallel()
	const limit, jobs = 3, 30
	r, vendor := newRig(t, newSchema(t)), newVendor(t, modelslabtest.WithQueueLimit(limit), modelslabtest.WithLatency(150*time.Millisecond))
	var refused atomic.Int64
	engines := make([]*durable.Engine[pgx.Tx], 2)
	for i := range engines {
		cfg := config(vendor)
		cfg.QueueLimit = limit
		cfg.Hooks.Moved = func(_ context.Context, tr durable.Transition) {
			if tr.From == durable.StateSubmitting && tr.To == durable.StateNew {
				refused.Add(1)
			}
		}
		engines[i] = run(t, river.Config{Config: cfg, Pool: r.pool})
	}
	vendor.DeliverTo(engines[0].Handler())
	submit(t, engines[0], jobs)
	awaitDone(t, engines[1], jobs)
	oneEffectEach(t, r, jobs)
	require.Zero(t, refused.Load(), "the limit was overrun")
	for _, e := range engines {
		s, err := e.Stats(t.Context())
		require.NoError(t, err)
		require.Positive(t, s.Submits, "one machine did all the work")
	}
}

func TestARiverClientOfTheCallersOwn(t *testing.T) {
	t.Parallel()
	r, vendor := newRig(t, newSchema(t)), newVendor(t)
	driver := riverpgxv5.New(r.pool)
	migrator, err := rivermigrate.New(driver, nil)
	require.NoError(t, err)
	_, err = migrator.Migrate(t.Context(), rivermigrate.DirectionUp, nil)
	require.NoError(t, err)

	workers := riverqueue.NewWorkers()
	ours := river.AddWorkers(workers)
	client, err := riverqueue.NewClient(driver, &riverqueue.Config{
		Queues:  map[string]riverqueue.QueueConfig{river.DefaultQueue: {MaxWorkers: 10}},
		Workers: workers,
	})
	require.NoError(t, err)
	require.NoError(t, client.Start(t.Context()))
	t.Cleanup(func() { require.NoError(t, client.Stop(context.Background())) })

	_, err = river.Open(t.Context(), river.Config{Config: config(vendor), Pool: r.pool, River: client})
	require.ErrorContains(t, err, "belong together")
	engine := run(t, river.Config{Config: config(vendor), Pool: r.pool, River: client, RiverWorkers: ours})
	vendor.DeliverTo(engine.Handler())
	submit(t, engine, 5)
	awaitDone(t, engine, 5)
	oneEffectEach(t, r, 5)
}

func TestSubmitInTheCallersTransaction(t *testing.T) {
	t.Parallel()
	r, vendor := newRig(t, newSchema(t)), newVendor(t)
	engine := run(t, river.Config{Config: config(vendor), Pool: r.pool})
	req := &modelslab.TextToVideoRequest{ModelID: "m", Prompt: "x"}
	tx, err := r.pool.Begin(t.Context())
	require.NoError(t, err)
	undone, err := engine.SubmitTx(t.Context(), tx, req)
	require.NoError(t, err)
	require.NoError(t, tx.Rollback(t.Context()))
	tx, err = r.pool.Begin(t.Context())
	require.NoError(t, err)
	id, err := engine.SubmitTx(t.Context(), tx, req)
	require.NoError(t, err)
	require.NoError(t, tx.Commit(t.Context()))
	awaitDone(t, engine, 1)
	_, err = engine.Job(t.Context(), undone)
	require.ErrorIs(t, err, durable.ErrNotFound)
	require.Equal(t, 1, vendor.Accepted(id))
}

func TestAFailingCallbackIsRetriedByRiverAndDiesInTheEnd(t *testing.T) {
	t.Parallel()
	r, vendor := newRig(t, newSchema(t)), newVendor(t)
	cfg := config(vendor)
	cfg.MaxCallbacks = 3
	engine := run(t, river.Config{Config: cfg, Pool: r.pool})
	vendor.DeliverTo(engine.Handler())
	engine.OnEvent(func(ctx context.Context, tx pgx.Tx, ev durable.Event) error {
		if err := effect(ctx, tx, ev); err != nil {
			return err
		}
		return fmt.Errorf("not now")
	})
	id, err := engine.Submit(t.Context(), &modelslab.TextToVideoRequest{ModelID: "m", Prompt: "x"})
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		job, err := engine.Job(t.Context(), id)
		return err == nil && job.State == durable.StateDead && job.Reason == durable.ReasonCallback
	}, time.Minute, 20*time.Millisecond)
	oneEffectEach(t, r, 0)
	var shown bool
	require.NoError(t, r.pool.QueryRow(t.Context(),
		`SELECT errors IS NOT NULL FROM river_job WHERE kind = 'modelslab_deliver'`).Scan(&shown))
	require.True(t, shown, "River's UI would not show the error")
	engine.OnEvent(effect)
	require.NoError(t, engine.Redrive(t.Context(), id))
	awaitDone(t, engine, 1)
	oneEffectEach(t, r, 1)
}

func TestAKilledMachinesWorkIsPickedUp(t *testing.T) {
	t.Parallel()
	r := newRig(t, newSchema(t))
	crash := &storetest.Crash{
		Store: r.url, Processes: 2, Jobs: 40, Kills: 1, Lease: durable.DefaultLease,
		Fault: func(*modelslabtest.Request) *modelslabtest.Fault {
			return &modelslabtest.Fault{Slow: 300 * time.Millisecond, Took: 2 * time.Second}
		},
	}
	crash.Run(t, r.list, r.effects)
}

func TestPostgresRestartsUnderLoad(t *testing.T) {
	t.Parallel()
	postgres, err := startPostgres("off")
	require.NoError(t, err)
	t.Cleanup(postgres.stop)
	r := newRig(t, postgres.url("postgres", ""))
	crash := &storetest.Crash{
		Store: r.url, Processes: 2, Jobs: 400, Lease: 3 * time.Second, Fault: storetest.Rough,
	}
	crash.During = func() {
		for i := range 6 {
			crash.Await(crash.Jobs*i/8, 1)
			require.NoError(t, postgres.restart())
		}
	}
	crash.Run(t, r.list, r.effects)
}

func TestADeliveryIsRefusedWhileTheDatabaseIsDown(t *testing.T) {
	t.Parallel()
	postgres, err := startPostgres("off")
	require.NoError(t, err)
	t.Cleanup(postgres.stop)
	r, vendor := newRig(t, postgres.url("postgres", "")), newVendor(t)
	cfg := config(vendor)
	cfg.CallbackTimeout = 2 * time.Second
	engine, err := river.Open(t.Context(), river.Config{Config: cfg, Pool: r.pool})
	require.NoError(t, err)
	post := func() int {
		return modelslabtest.Deliver(engine.Handler(), modelslabtest.SignedRequest(
			callbackURL, secret, modelslab.KindVideo, "a", `{"status":"failed","track_id":"a"}`)).StatusCode
	}
	postgres.kill()
	require.Equal(t, http.StatusServiceUnavailable, post())
	require.NoError(t, postgres.start())
	require.Equal(t, http.StatusOK, post())
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	require.NoError(t, engine.Shutdown(ctx))
}
