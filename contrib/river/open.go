package river

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/modelslab-go/modelslab/contrib/durable"
	riverqueue "github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

// Config says how [Open] runs the engine on PostgreSQL.
type Config struct {
	durable.Config

	// Pool is the database, of two connections or more: Config.Callbacks is
	// lowered to its MaxConns less one. Behind a pooler such as PgBouncer in
	// transaction mode it needs default_query_exec_mode=exec. Required; the
	// caller closes it, after Shutdown.
	Pool *pgxpool.Pool

	// PollOnly makes the client that Run starts poll for work, without LISTEN.
	// Defaults to true behind a pooler, else to false. A client of your own has
	// an option of that name.
	PollOnly bool

	// River is a River client over the same database that the caller migrates
	// for and runs, with our workers among its own. Defaults to a client that
	// Run starts and stops, its tables migrated by Open.
	River *riverqueue.Client[pgx.Tx]

	// RiverWorkers are what AddWorkers returned for River; required with it.
	RiverWorkers *Workers

	// Queue is the River queue of our jobs. Defaults to DefaultQueue.
	Queue string
}

// Open migrates the tables and returns an engine on PostgreSQL and River. All
// machines that open the same database share the work and the queue limit.
// Config.Workers bounds the work of this process, unless the caller runs River.
func Open(ctx context.Context, cfg Config) (*durable.Engine[pgx.Tx], error) {
	switch {
	case cfg.Pool == nil:
		return nil, errors.New("river: Config.Pool is nil")
	case (cfg.River == nil) != (cfg.RiverWorkers == nil):
		return nil, errors.New("river: Config.River and Config.RiverWorkers belong together")
	}
	q := &queue{
		pool: cfg.Pool, client: cfg.River, name: cmp.Or(cfg.Queue, DefaultQueue), table: "river_job",
		slots: cfg.QueueLimit, lease: cmp.Or(cfg.Lease, durable.DefaultLease), log: cfg.Logger,
		freed: make(chan struct{}, 1),
	}
	if q.log == nil {
		q.log = slog.New(slog.DiscardHandler)
	}
	if err := q.fit(ctx, &cfg); err != nil {
		return nil, err
	}
	behindPooler, err := pooled(ctx, cfg.Pool)
	if err != nil {
		return nil, err
	}
	cfg.PollOnly = cfg.PollOnly || behindPooler
	if q.store, err = OpenStore(ctx, cfg.Pool); err != nil {
		return nil, err
	}
	workers := cfg.RiverWorkers
	if q.client == nil {
		if workers, err = q.ownClient(ctx, &cfg); err != nil {
			return nil, err
		}
	}
	if schema := q.client.Schema(); schema != "" {
		q.table = pgx.Identifier{schema, q.table}.Sanitize()
	}
	if q.engine, err = durable.New(q.store, q, cfg.Config); err != nil {
		return nil, err
	}
	workers.q.Store(q)
	return q.engine, nil
}

// pollEvery is how often River looks for work where nothing notifies it.
const pollEvery = 200 * time.Millisecond

// ownClient makes the client that Run runs.
func (q *queue) ownClient(ctx context.Context, cfg *Config) (*Workers, error) {
	driver := riverpgxv5.New(cfg.Pool)
	if err := migrateRiver(ctx, cfg.Pool, driver, q.log); err != nil {
		return nil, fmt.Errorf("river: migrate River: %w", err)
	}
	all := riverqueue.NewWorkers()
	workers := AddWorkers(all)
	q.own = true
	pause := riverqueue.FetchPollIntervalDefault
	if cfg.PollOnly {
		pause = pollEvery
	}
	var err error
	q.client, err = riverqueue.NewClient(driver, &riverqueue.Config{
		Queues:            map[string]riverqueue.QueueConfig{q.name: {MaxWorkers: cmp.Or(cfg.Workers, durable.DefaultWorkers)}},
		Workers:           all,
		Logger:            q.log,
		JobTimeout:        -1,
		FetchCooldown:     20 * time.Millisecond,
		FetchPollInterval: pause,
		PollOnly:          cfg.PollOnly,
		SoftStopTimeout:   cmp.Or(cfg.Drain, durable.DefaultDrain),
	})
	if err != nil {
		return nil, fmt.Errorf("river: %w", err)
	}
	return workers, nil
}

// migrateRiver migrates under a lock: River's migrations have none, and
// machines start together. They run in transactions of their own, so the pool
// must have two connections.
func migrateRiver(ctx context.Context, pool *pgxpool.Pool, driver *riverpgxv5.Driver, log *slog.Logger) error {
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		// This transaction holds the lock and is idle meanwhile.
		if _, err := tx.Exec(ctx, `SET LOCAL idle_in_transaction_session_timeout = 0; `+lockSchema); err != nil {
			return err
		}
		migrator, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: log})
		if err != nil {
			return err
		}
		_, err = migrator.Migrate(ctx, rivermigrate.DirectionUp, nil)
		return err
	})
}
