package river

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// migrations are the versions of the schema, each a step further, version 1 at
// index 0. They only add, so that a machine of the version before goes on
// working during a deploy. A published one is never changed.
var migrations = []string{
	0: `
CREATE TABLE modelslab_jobs (
	track_id text COLLATE "C" PRIMARY KEY,
	token    bytea NOT NULL UNIQUE,
	key      text COLLATE "C" UNIQUE,
	kind     text NOT NULL,
	policy   text NOT NULL,
	state    text NOT NULL,
	message  text NOT NULL DEFAULT '',
	ref      text NOT NULL DEFAULT '',
	eta      bigint NOT NULL DEFAULT 0, -- microseconds
	submits  bigint NOT NULL DEFAULT 0,
	fence    bigint NOT NULL DEFAULT 0,
	ticket   bigint, -- the River job that looks after this one
	created  timestamptz NOT NULL,
	since    timestamptz NOT NULL,
	due      timestamptz,
	result   bytea,
	request  bytea NOT NULL
);
CREATE INDEX modelslab_jobs_due ON modelslab_jobs (due) WHERE due IS NOT NULL AND state <> 'new';
CREATE INDEX modelslab_jobs_new ON modelslab_jobs (due) WHERE state = 'new';
CREATE INDEX modelslab_jobs_state ON modelslab_jobs (state, created);
CREATE TABLE modelslab_deliveries (
	token    bytea NOT NULL,
	digest   bytea NOT NULL,
	event    text NOT NULL,
	body     bytea NOT NULL,
	received timestamptz NOT NULL,
	PRIMARY KEY (token, digest)
);
CREATE INDEX modelslab_deliveries_received ON modelslab_deliveries (received);`,

	1: `
ALTER TABLE modelslab_jobs ADD COLUMN reason text NOT NULL DEFAULT '';
ALTER TABLE modelslab_jobs ADD COLUMN attempts bigint NOT NULL DEFAULT 0;`,

	2: `
ALTER TABLE modelslab_jobs ADD COLUMN digest bytea;
CREATE INDEX modelslab_jobs_created ON modelslab_jobs (created, track_id);
CREATE INDEX modelslab_jobs_kind ON modelslab_jobs (kind, created, track_id);
CREATE INDEX modelslab_jobs_kind_state ON modelslab_jobs (kind, state, created, track_id);
CREATE INDEX modelslab_jobs_reason ON modelslab_jobs (reason, created, track_id) WHERE reason <> '';
CREATE INDEX modelslab_jobs_kind_reason ON modelslab_jobs (kind, reason, created, track_id) WHERE reason <> '';
CREATE TABLE modelslab_counts (state text NOT NULL, n bigint NOT NULL); -- the sum for a state counts: no row is updated, so no two transactions wait for each other
CREATE FUNCTION modelslab_count() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
	IF TG_OP = 'INSERT' THEN
		INSERT INTO modelslab_counts SELECT state, count(*) FROM after GROUP BY state;
	ELSIF TG_OP = 'DELETE' THEN
		INSERT INTO modelslab_counts SELECT state, -count(*) FROM before GROUP BY state;
	ELSE
		INSERT INTO modelslab_counts SELECT state, sum(n) FROM (
			SELECT state, 1 AS n FROM after UNION ALL SELECT state, -1 FROM before) moved GROUP BY state HAVING sum(n) <> 0;
	END IF;
	RETURN NULL;
END $$;
CREATE TRIGGER modelslab_jobs_inserted AFTER INSERT ON modelslab_jobs
	REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION modelslab_count();
CREATE TRIGGER modelslab_jobs_updated AFTER UPDATE ON modelslab_jobs
	REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION modelslab_count();
CREATE TRIGGER modelslab_jobs_deleted AFTER DELETE ON modelslab_jobs
	REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION modelslab_count();
INSERT INTO modelslab_counts SELECT state, count(*) FROM modelslab_jobs GROUP BY state;`,
}

const lockSchema = `SELECT pg_advisory_xact_lock(hashtextextended('modelslab schema', 0))`

// migrate brings the schema to version to. A newer one is left alone.
func migrate(ctx context.Context, pool *pgxpool.Pool, to int) error {
	return pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		// Two machines that start together must not both create the tables.
		if _, err := tx.Exec(ctx, lockSchema); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `CREATE TABLE IF NOT EXISTS modelslab_schema (version bigint PRIMARY KEY)`); err != nil {
			return err
		}
		var have int
		if err := tx.QueryRow(ctx, `SELECT coalesce(max(version), 0) FROM modelslab_schema`).Scan(&have); err != nil {
			return err
		}
		for v := have + 1; v <= to; v++ {
			if _, err := tx.Exec(ctx, migrations[v-1]); err != nil {
				return fmt.Errorf("to version %d: %w", v, err)
			}
			if _, err := tx.Exec(ctx, `INSERT INTO modelslab_schema VALUES ($1)`, v); err != nil {
				return err
			}
		}
		return nil
	})
}
