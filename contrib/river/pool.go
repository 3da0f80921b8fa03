package river

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/modelslab-go/modelslab/contrib/durable"
)

// fit bounds the callbacks by the pool: each holds a connection, and one must be
// left for leases, deliveries and River.
func (q *queue) fit(ctx context.Context, cfg *Config) error {
	most := int(cfg.Pool.Config().MaxConns) - 1
	if most < 1 {
		return errors.New("river: Config.Pool has one connection (MaxConns), and a callback would keep all else waiting: allow 2 or more, such as pool_max_conns=10 in its URL")
	}
	workers := cfg.Workers
	if workers == 0 {
		workers = durable.DefaultWorkers
	}
	want := cfg.Callbacks
	if want == 0 {
		want = workers
	}
	if want > most {
		q.log.WarnContext(ctx, "modelslab callbacks bounded by the pool: raise its MaxConns to run more at once", "callbacks", want, "bounded_to", most, "max_conns", most+1)
		cfg.Callbacks = most
	}
	return nil
}

// pooled reports whether a pooler such as PgBouncer is between us and the server:
// it makes up the process id that a connection begins with. There LISTEN is of
// no use, and a prepared statement may be gone by the next transaction.
func pooled(ctx context.Context, pool *pgxpool.Pool) (bool, error) {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return false, fmt.Errorf("river: connect: %w", err)
	}
	defer conn.Release()
	var backend uint32
	err = conn.QueryRow(ctx, `SELECT pg_backend_pid()`, pgx.QueryExecModeExec).Scan(&backend)
	if err != nil {
		return false, fmt.Errorf("river: connect: %w", err)
	}
	if backend == conn.Conn().PgConn().PID() {
		return false, nil
	}
	if mode := pool.Config().ConnConfig.DefaultQueryExecMode; mode == pgx.QueryExecModeCacheStatement {
		return true, errors.New("river: Config.Pool connects through a pooler such as PgBouncer, where a prepared statement may be gone by the next transaction: add default_query_exec_mode=exec to its URL")
	}
	return true, nil
}
