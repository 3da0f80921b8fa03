package sqlite

import (
	"context"
	"database/sql"
	"fmt"
)

// migrations are the versions of the schema, each a step further, version 1
// at index 0. They only add, so that a process of the version before goes on
// working during a deploy. A published one is never changed.
var migrations = []string{
	0: `
CREATE TABLE modelslab_jobs (
	track_id TEXT PRIMARY KEY,
	token    BLOB NOT NULL UNIQUE,
	key      TEXT UNIQUE,
	kind     TEXT NOT NULL,
	policy   TEXT NOT NULL,
	state    TEXT NOT NULL,
	message  TEXT NOT NULL DEFAULT '',
	ref      TEXT NOT NULL DEFAULT '',
	eta      INTEGER NOT NULL DEFAULT 0, -- microseconds, as all times
	submits  INTEGER NOT NULL DEFAULT 0,
	fence    INTEGER NOT NULL DEFAULT 0,
	created  INTEGER NOT NULL,
	since    INTEGER NOT NULL,
	due      INTEGER,
	result   BLOB,
	request  BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX modelslab_jobs_due ON modelslab_jobs (due) WHERE due IS NOT NULL AND state <> 'new';
CREATE INDEX modelslab_jobs_new ON modelslab_jobs (due) WHERE state = 'new';
CREATE INDEX modelslab_jobs_state ON modelslab_jobs (state, created);
CREATE TABLE modelslab_deliveries (
	token    BLOB NOT NULL,
	digest   BLOB NOT NULL,
	event    TEXT NOT NULL,
	body     BLOB NOT NULL,
	received INTEGER NOT NULL,
	PRIMARY KEY (token, digest)
) WITHOUT ROWID;
CREATE INDEX modelslab_deliveries_received ON modelslab_deliveries (received);`,

	1: `
ALTER TABLE modelslab_jobs ADD COLUMN reason TEXT NOT NULL DEFAULT '';
ALTER TABLE modelslab_jobs ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;`,

	2: `
ALTER TABLE modelslab_jobs ADD COLUMN digest BLOB;
CREATE INDEX modelslab_jobs_created ON modelslab_jobs (created);
CREATE INDEX modelslab_jobs_kind ON modelslab_jobs (kind, created);
CREATE INDEX modelslab_jobs_kind_state ON modelslab_jobs (kind, state, created);
CREATE INDEX modelslab_jobs_reason ON modelslab_jobs (reason, created) WHERE reason <> '';
CREATE INDEX modelslab_jobs_kind_reason ON modelslab_jobs (kind, reason, created) WHERE reason <> '';
CREATE TABLE modelslab_requests (track_id TEXT PRIMARY KEY, request BLOB NOT NULL); -- the large ones
CREATE TABLE modelslab_counts (state TEXT PRIMARY KEY, n INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO modelslab_counts SELECT state, count(*) FROM modelslab_jobs GROUP BY state;
CREATE TRIGGER modelslab_jobs_inserted AFTER INSERT ON modelslab_jobs BEGIN
	INSERT INTO modelslab_counts VALUES (NEW.state, 1) ON CONFLICT (state) DO UPDATE SET n = n + 1;
END;
CREATE TRIGGER modelslab_jobs_deleted AFTER DELETE ON modelslab_jobs BEGIN
	UPDATE modelslab_counts SET n = n - 1 WHERE state = OLD.state;
	DELETE FROM modelslab_requests WHERE track_id = OLD.track_id;
END;
CREATE TRIGGER modelslab_jobs_done AFTER UPDATE OF state ON modelslab_jobs WHEN NEW.state = 'done' BEGIN
	DELETE FROM modelslab_requests WHERE track_id = OLD.track_id;
END;
CREATE TRIGGER modelslab_jobs_moved AFTER UPDATE OF state ON modelslab_jobs WHEN NEW.state <> OLD.state BEGIN
	UPDATE modelslab_counts SET n = n - 1 WHERE state = OLD.state;
	INSERT INTO modelslab_counts VALUES (NEW.state, 1) ON CONFLICT (state) DO UPDATE SET n = n + 1;
END;`,
}

// migrate brings the schema to version to. A newer one is left alone.
func migrate(ctx context.Context, conn *sql.Conn, to int) (err error) {
	if _, err := conn.ExecContext(ctx, `BEGIN IMMEDIATE`); err != nil {
		return err
	}
	defer func() {
		end := `COMMIT`
		if err != nil {
			end = `ROLLBACK`
		}
		if _, endErr := conn.ExecContext(ctx, end); err == nil {
			err = endErr
		}
	}()
	var have int
	_, err = conn.ExecContext(ctx, `CREATE TABLE IF NOT EXISTS modelslab_schema (version INTEGER PRIMARY KEY)`)
	if err != nil {
		return err
	}
	if err := conn.QueryRowContext(ctx, `SELECT coalesce(max(version), 0) FROM modelslab_schema`).Scan(&have); err != nil {
		return err
	}
	for v := have + 1; v <= to; v++ {
		if _, err := conn.ExecContext(ctx, migrations[v-1]); err != nil {
			return fmt.Errorf("to version %d: %w", v, err)
		}
		if _, err := conn.ExecContext(ctx, `INSERT INTO modelslab_schema VALUES (?)`, v); err != nil {
			return err
		}
	}
	return nil
}
