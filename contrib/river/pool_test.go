package river_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/modelslab-go/modelslab/contrib/durable"
	riverqueue "github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/contrib/river"
)

func TestAPoolOfOneConnectionIsRefused(t *testing.T) {
	t.Parallel()
	pool := open(t, newSchema(t)+"&pool_max_conns=1")
	_, err := river.Open(t.Context(), river.Config{Config: config(newVendor(t)), Pool: pool})
	require.ErrorContains(t, err, "allow 2 or more")
}

// pause waits, or returns when ctx ends.
func pause(ctx context.Context, d time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	<-ctx.Done()
}

func TestCallbacksLeaveTheirPoolAConnection(t *testing.T) {
	t.Parallel()
	const jobs = 12
	r, vendor := newRig(t, newSchema(t)+"&pool_max_conns=3"), newVendor(t)
	var log bytes.Buffer
	cfg := config(vendor)
	cfg.Logger = slog.New(slog.NewTextHandler(&log, nil))
	engine, err := river.Open(t.Context(), river.Config{Config: cfg, Pool: r.pool})
	require.NoError(t, err)
	require.Contains(t, log.String(), "bounded_to=2")
	require.NoError(t, engine.Shutdown(t.Context()))
	cfg.Logger = nil
	engine = run(t, river.Config{Config: cfg, Pool: r.pool})
	var running, most atomic.Int64
	engine.OnEvent(func(ctx context.Context, tx pgx.Tx, ev durable.Event) error {
		defer running.Add(-1)
		for n := running.Add(1); n > most.Load(); {
			most.Store(n)
		}
		pause(ctx, 50*time.Millisecond)
		return effect(ctx, tx, ev)
	})
	vendor.DeliverTo(engine.Handler())
	submit(t, engine, jobs)
	awaitDone(t, engine, jobs)
	oneEffectEach(t, r, jobs)
	require.LessOrEqual(t, most.Load(), int64(2))
}

func TestACallbackThatIsIdleForTooLongHasFailed(t *testing.T) {
	t.Parallel()
	r, vendor := newRig(t, newSchema(t)+"&idle_in_transaction_session_timeout=200"), newVendor(t)
	cfg := config(vendor)
	cfg.MaxCallbacks = 2
	engine := run(t, river.Config{Config: cfg, Pool: r.pool})
	engine.OnEvent(func(ctx context.Context, tx pgx.Tx, ev durable.Event) error {
		pause(ctx, 800*time.Millisecond)
		return effect(ctx, tx, ev)
	})
	vendor.DeliverTo(engine.Handler())
	submit(t, engine, 1)
	require.Eventually(t, func() bool {
		dead, err := engine.List(t.Context(), durable.Filter{Reason: durable.ReasonCallback})
		return err == nil && len(dead) == 1 && dead[0].State == durable.StateDead && dead[0].Message != ""
	}, time.Minute, 20*time.Millisecond)
	oneEffectEach(t, r, 0)
}

func TestARiverClientWithASchemaOfItsOwnRecoversLostWork(t *testing.T) {
	t.Parallel()
	r, vendor := newRig(t, newSchema(t)), newVendor(t)
	schema := fmt.Sprint("own", schemas.Add(1))
	_, err := r.pool.Exec(t.Context(), "CREATE SCHEMA "+schema)
	require.NoError(t, err)
	driver := riverpgxv5.New(r.pool)
	migrator, err := rivermigrate.New(driver, &rivermigrate.Config{Schema: schema})
	require.NoError(t, err)
	_, err = migrator.Migrate(t.Context(), rivermigrate.DirectionUp, nil)
	require.NoError(t, err)
	workers := riverqueue.NewWorkers()
	ours := river.AddWorkers(workers)
	client, err := riverqueue.NewClient(driver, &riverqueue.Config{
		Schema:  schema,
		Queues:  map[string]riverqueue.QueueConfig{river.DefaultQueue: {MaxWorkers: 10}},
		Workers: workers,
	})
	require.NoError(t, err)
	cfg := config(vendor)
	cfg.Lease = time.Second
	engine := run(t, river.Config{Config: cfg, Pool: r.pool, River: client, RiverWorkers: ours})
	vendor.DeliverTo(engine.Handler())
	submit(t, engine, 3)
	_, err = r.pool.Exec(t.Context(), "DELETE FROM "+schema+".river_job")
	require.NoError(t, err)
	require.NoError(t, client.Start(t.Context()))
	t.Cleanup(func() { require.NoError(t, client.Stop(context.Background())) })
	awaitDone(t, engine, 3)
	oneEffectEach(t, r, 3)
}

// startPgBouncer starts one in transaction mode before the tests' server.
func startPgBouncer(t *testing.T) *postgres {
	t.Helper()
	path, err := exec.LookPath("pgbouncer")
	if err != nil {
		path = "/usr/sbin/pgbouncer"
	}
	dir, err := os.MkdirTemp("", "mlpgb") //nolint:usetesting // a socket's path may be no longer than 107 characters
	require.NoError(t, err)
	require.NoError(t, giveToServer(dir))
	config := filepath.Join(dir, "pgbouncer.ini")
	require.NoError(t, os.WriteFile(config, fmt.Appendf(nil, `[databases]
* = host=%s user=modelslab
[pgbouncer]
listen_port = 5432
unix_socket_dir = %s
auth_type = any
pool_mode = transaction
default_pool_size = 4
`, server.dir, dir), 0o644)) // read by the user that the server runs as
	bouncer := &postgres{dir: dir, bin: filepath.Dir(path)}
	require.NoError(t, bouncer.keep("pgbouncer", "--quiet", config), "install the package pgbouncer, or run .ci/setup")
	t.Cleanup(bouncer.stop)
	return bouncer
}

func TestPgBouncerInTransactionMode(t *testing.T) {
	t.Parallel()
	bouncer := startPgBouncer(t)
	for _, mode := range []string{"exec", "simple_protocol"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			_, err := open(t, server.url("postgres", "")).Exec(t.Context(), "CREATE DATABASE bounced_"+mode)
			require.NoError(t, err)
			url, vendor := bouncer.url("bounced_"+mode, ""), newVendor(t)
			_, err = river.Open(t.Context(), river.Config{Config: config(vendor), Pool: open(t, url)})
			require.ErrorContains(t, err, "default_query_exec_mode=exec")
			r := newRig(t, url+"&default_query_exec_mode="+mode)
			engine := run(t, river.Config{Config: config(vendor), Pool: r.pool})
			vendor.DeliverTo(engine.Handler())
			submit(t, engine, 20)
			awaitDone(t, engine, 20)
			oneEffectEach(t, r, 20)
		})
	}
}
