package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/contrib/durable"
	"github.com/modelslab-go/modelslab/modelslabtest"
	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/contrib/sqlite"
)

const callbackURL = "https://shop.example/hook"

var secret = []byte("0123456789abcdef0123456789abcdef")

func video(prompt string) *modelslab.TextToVideoRequest {
	return &modelslab.TextToVideoRequest{ModelID: "cogvideox", Prompt: prompt}
}

// newEngine is an engine over a file, with effects to count.
func newEngine(t testing.TB, server *modelslabtest.Server, path string, cfg durable.Config) (*durable.Engine[*sql.Tx], durable.Store[*sql.Tx]) {
	t.Helper()
	store, err := sqlite.OpenStore(t.Context(), path)
	require.NoError(t, err)
	require.NoError(t, store.Tx(t.Context(), func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS effects (track_id TEXT)`)
		return err
	}))
	if testing.Verbose() {
		cfg.Logger = slog.New(slog.NewTextHandler(t.Output(), nil))
	}
	cfg.Client = server.Client(modelslab.WithWebhook(callbackURL, secret))
	cfg.Secrets = [][]byte{secret}
	engine, err := durable.New(store, nil, cfg)
	require.NoError(t, err)
	engine.OnEvent(effect)
	return engine, store
}

func countEffects(t testing.TB, store durable.Store[*sql.Tx]) (n, distinct int) {
	t.Helper()
	require.NoError(t, store.View(t.Context(), func(ctx context.Context, tx *sql.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT count(*), count(DISTINCT track_id) FROM effects`).Scan(&n, &distinct)
	}))
	return n, distinct
}

// run runs an engine until the test ends.
func run(t testing.TB, engine *durable.Engine[*sql.Tx]) {
	t.Helper()
	ran := make(chan error, 1)
	go func() { ran <- engine.Run(context.WithoutCancel(t.Context())) }()
	t.Cleanup(func() {
		require.NoError(t, engine.Shutdown(context.WithoutCancel(t.Context())))
		require.NoError(t, <-ran)
	})
}

// eventually waits in real time for what another goroutine does.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	require.Eventually(t, ok, 5*time.Minute, 10*time.Millisecond, what)
}

func submitMany(t testing.TB, engine *durable.Engine[*sql.Tx], n int) {
	t.Helper()
	var wg sync.WaitGroup
	for part := range 10 {
		wg.Go(func() {
			for i := part; i < n; i += 10 {
				if _, err := engine.Submit(t.Context(), video("x"), durable.IdempotencyKey(fmt.Sprint(i))); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

func TestAFullDiskRefusesAndRecovers(t *testing.T) {
	t.Parallel()
	server := modelslabtest.NewServer(modelslabtest.WithStrict(), modelslabtest.WithLatency(10*time.Millisecond))
	t.Cleanup(server.Close)
	engine, store := newEngine(t, server, filepath.Join(t.TempDir(), "jobs.db"), durable.Config{Lease: 500 * time.Millisecond})
	id, err := engine.Submit(t.Context(), video("x"))
	require.NoError(t, err)
	pages := func(most int) {
		require.NoError(t, store.Tx(t.Context(), func(ctx context.Context, tx *sql.Tx) error {
			_, err := tx.ExecContext(ctx, fmt.Sprint(`PRAGMA max_page_count = `, most))
			return err
		}))
	}
	pages(1) // SQLite takes the present size for the least
	post := func(n int) int {
		body := fmt.Sprintf(`{"status":"processing","n":%d,"track_id":%q,"message":%q}`, n, id, strings.Repeat("x", 8<<10))
		return modelslabtest.Deliver(engine.Handler(), modelslabtest.SignedRequest(callbackURL, secret, modelslab.KindVideo, id, body)).StatusCode
	}
	refused := 0
	for n := 0; refused == 0 && n < 100; n++ {
		if post(n) == http.StatusServiceUnavailable {
			refused++
		}
	}
	require.Equal(t, 1, refused, "the disk never filled")
	require.Equal(t, http.StatusServiceUnavailable, post(1000))
	_, err = engine.Submit(t.Context(), video(strings.Repeat("long ", 10000)))
	require.Error(t, err)

	ran := make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { ran <- engine.Run(ctx) }()
	pages(1 << 20)
	require.Equal(t, http.StatusOK, post(1001))
	server.DeliverTo(engine.Handler())
	eventually(t, "the job recovers", func() bool {
		job, err := engine.Job(t.Context(), id)
		return err == nil && job.State == durable.StateDone
	})
	cancel()
	require.NoError(t, <-ran)
	require.NoError(t, engine.Shutdown(t.Context()))
}

func TestAGracefulStopUnderLoad(t *testing.T) {
	t.Parallel()
	server := modelslabtest.NewServer(modelslabtest.WithStrict(), modelslabtest.WithQueueLimit(0), modelslabtest.WithLatencyFunc(func(*modelslabtest.Request) time.Duration {
		return 50 * time.Millisecond
	}))
	t.Cleanup(server.Close)
	server.Script(func(*modelslabtest.Request) *modelslabtest.Fault {
		return &modelslabtest.Fault{Slow: 30 * time.Millisecond, Duplicates: 1}
	})
	path := filepath.Join(t.TempDir(), "jobs.db")
	jobs := 300
	if raceEnabled {
		jobs = 60
	}
	for done := 0; done < jobs; {
		engine, store := newEngine(t, server, path, durable.Config{Workers: 16})
		server.DeliverTo(engine.Handler())
		ran := make(chan error, 1)
		go func() { ran <- engine.Run(t.Context()) }()
		if done == 0 {
			submitMany(t, engine, jobs)
		}
		var stats durable.Stats
		next := min(jobs, done+jobs/8)
		eventually(t, "more jobs end", func() bool {
			var err error
			stats, err = engine.Stats(t.Context())
			return err == nil && stats.Jobs[durable.StateDone] >= next
		})
		done = stats.Jobs[durable.StateDone]
		if done == jobs {
			n, distinct := countEffects(t, store)
			require.Equal(t, []int{jobs, jobs}, []int{n, distinct})
		}
		require.NoError(t, engine.Shutdown(t.Context()))
		require.NoError(t, <-ran)
		require.Zero(t, stats.Jobs[durable.StateUnknown], "a stop cut a submit off")
		require.Zero(t, stats.Jobs[durable.StateDead])
	}
	for _, r := range server.Requests() {
		if r.Call == modelslabtest.Submit {
			require.Equal(t, 1, server.Accepted(r.TrackID))
		}
	}
}

func TestNothingIsLeftBehind(t *testing.T) { //nolint:paralleltest // it counts goroutines
	server := modelslabtest.NewServer(modelslabtest.WithStrict(), modelslabtest.WithLatency(time.Millisecond))
	defer server.Close()
	before := runtime.NumGoroutine()
	dir := t.TempDir()
	for round := range 10 {
		engine, _ := newEngine(t, server, filepath.Join(dir, fmt.Sprint(round, ".db")), durable.Config{})
		server.DeliverTo(engine.Handler())
		ctx, cancel := context.WithCancel(t.Context())
		ran := make(chan error, 1)
		go func() { ran <- engine.Run(ctx) }()
		submitMany(t, engine, 5)
		eventually(t, "the jobs end", func() bool {
			s, err := engine.Stats(t.Context())
			return err == nil && s.Jobs[durable.StateDone] == 5
		})
		cancel()
		require.NoError(t, <-ran)
		require.NoError(t, engine.Shutdown(t.Context()))
	}
	eventually(t, "goroutines end", func() bool { return runtime.NumGoroutine() <= before+2 })
}

func TestManyWaitingJobsCostNoGoroutineEach(t *testing.T) { //nolint:paralleltest // it counts goroutines
	const jobs = 100_000
	server := modelslabtest.NewServer(modelslabtest.WithStrict())
	defer server.Close()
	engine, store := newEngine(t, server, filepath.Join(t.TempDir(), "jobs.db"), durable.Config{})
	fillWaiting(t, store, jobs)
	before := runtime.NumGoroutine()
	ran := make(chan error, 1)
	go func() { ran <- engine.Run(t.Context()) }()
	eventually(t, "it runs", func() bool { return runtime.NumGoroutine() > before })
	stats, err := engine.Stats(t.Context())
	require.NoError(t, err)
	require.Equal(t, jobs, stats.Jobs[durable.StateWaiting])
	require.Less(t, runtime.NumGoroutine(), before+20)
	require.NoError(t, engine.Shutdown(t.Context()))
	require.NoError(t, <-ran)
}

// fillWaiting inserts jobs that wait, due in an hour.
func fillWaiting(t testing.TB, store durable.Store[*sql.Tx], n int) {
	t.Helper()
	require.NoError(t, store.Tx(t.Context(), func(ctx context.Context, tx *sql.Tx) error {
		due := time.Now().Add(time.Hour).UnixMicro()
		_, err := tx.ExecContext(ctx, `
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
INSERT INTO modelslab_jobs (track_id, token, kind, policy, state, created, since, due, ref, request)
SELECT 'waiting-' || i, CAST('t' || i AS BLOB), 'video', 'at_most_once', 'waiting', ?2 + i, ?2, ?2 + i, 'video/' || i, '{}' FROM n`, n, due)
		return err
	}))
}

func TestAnErrorOfTheCallbackUndoesItsWrites(t *testing.T) {
	t.Parallel()
	server := modelslabtest.NewServer(modelslabtest.WithStrict(), modelslabtest.WithLatency(0), modelslabtest.WithQueueLimit(0))
	t.Cleanup(server.Close)
	engine, store := newEngine(t, server, filepath.Join(t.TempDir(), "jobs.db"), durable.Config{})
	var mu sync.Mutex
	tries := map[string]int{}
	engine.OnEvent(func(ctx context.Context, tx *sql.Tx, ev durable.Event) error {
		if err := effect(ctx, tx, ev); err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		if tries[ev.TrackID]++; tries[ev.TrackID] == 1 && len(tries)%2 == 0 {
			return errors.New("not now")
		}
		return nil
	})
	ran := make(chan error, 1)
	go func() { ran <- engine.Run(t.Context()) }()
	submitMany(t, engine, 40)
	eventually(t, "the jobs end", func() bool {
		s, err := engine.Stats(t.Context())
		return err == nil && s.Jobs[durable.StateDone] == 40
	})
	n, distinct := countEffects(t, store)
	require.Equal(t, []int{40, 40}, []int{n, distinct})
	require.NoError(t, engine.Shutdown(t.Context()))
	require.NoError(t, <-ran)
}
