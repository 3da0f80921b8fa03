package main

import (
	"context"
	"database/sql"
	"path/filepath"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/modelslab-go/modelslab/contrib/durable"
	"github.com/modelslab-go/modelslab/contrib/river"
	"github.com/modelslab-go/modelslab/contrib/sqlite"
)

const (
	createAlbum = `CREATE TABLE IF NOT EXISTS album (track_id text PRIMARY KEY, run text, finished integer, saved boolean)`
	addSQL      = `INSERT INTO album VALUES ($1, $2, 0, false) ON CONFLICT DO NOTHING`
	finishSQL   = `UPDATE album SET finished = finished + 1 WHERE track_id = $1`
	finishedSQL = `SELECT track_id, finished FROM album WHERE run = $1 AND finished > 0`
	unsavedSQL  = `SELECT track_id FROM album WHERE run = $1 AND finished > 0 AND NOT saved`
)

type sqliteAlbum struct {
	engine *durable.Engine[*sql.Tx]
	run    string
}

func (o orders) file() string { return filepath.Join(o.Dir, "jobs.db") }

func workSQLite(ctx context.Context, o orders, cfg durable.Config) error {
	engine, err := sqlite.Open(ctx, o.file(), cfg)
	if err != nil {
		return err
	}
	err = engine.Tx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, createAlbum)
		return err
	})
	if err != nil {
		return err
	}
	return serve(ctx, o, cfg, engine, &sqliteAlbum{engine, o.Dir})
}

func (a *sqliteAlbum) add(ctx context.Context, tx *sql.Tx, trackID string) error {
	_, err := tx.ExecContext(ctx, addSQL, trackID, a.run)
	return err
}

func (a *sqliteAlbum) finish(ctx context.Context, tx *sql.Tx, trackID string) error {
	_, err := tx.ExecContext(ctx, finishSQL, trackID)
	return err
}

func (a *sqliteAlbum) unsaved(ctx context.Context) (ids []string, err error) {
	return ids, a.engine.View(ctx, func(ctx context.Context, tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, unsavedSQL, a.run)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var id string
			if err := rows.Scan(&id); err != nil {
				return err
			}
			ids = append(ids, id)
		}
		return rows.Err()
	})
}

func (a *sqliteAlbum) saved(ctx context.Context, trackID string) error {
	return a.engine.Tx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE album SET saved = true WHERE track_id = $1`, trackID)
		return err
	})
}

type postgresAlbum struct {
	pool *pgxpool.Pool
	run  string
}

func workPostgres(ctx context.Context, o orders, cfg durable.Config) error {
	pool, err := pgxpool.New(ctx, o.Postgres)
	if err != nil {
		return err
	}
	defer pool.Close()
	engine, err := river.Open(ctx, river.Config{Config: cfg, Pool: pool})
	if err != nil {
		return err
	}
	err = engine.Tx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(1)`) // workers start together
		if err == nil {
			_, err = tx.Exec(ctx, createAlbum)
		}
		return err
	})
	if err != nil {
		return err
	}
	return serve(ctx, o, cfg, engine, &postgresAlbum{pool, o.Dir})
}

func (a *postgresAlbum) add(ctx context.Context, tx pgx.Tx, trackID string) error {
	_, err := tx.Exec(ctx, addSQL, trackID, a.run)
	return err
}

func (a *postgresAlbum) finish(ctx context.Context, tx pgx.Tx, trackID string) error {
	_, err := tx.Exec(ctx, finishSQL, trackID)
	return err
}

func (a *postgresAlbum) unsaved(ctx context.Context) ([]string, error) {
	rows, err := a.pool.Query(ctx, unsavedSQL, a.run)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

func (a *postgresAlbum) saved(ctx context.Context, trackID string) error {
	_, err := a.pool.Exec(ctx, `UPDATE album SET saved = true WHERE track_id = $1`, trackID)
	return err
}

// finished reads how often each job of this run was finished.
func (o orders) finished(ctx context.Context) (map[string]int, error) {
	times := map[string]int{}
	var id string
	var n int
	if o.Postgres != "" {
		conn, err := pgx.Connect(ctx, o.Postgres)
		if err != nil {
			return nil, err
		}
		defer func() { _ = conn.Close(ctx) }()
		rows, err := conn.Query(ctx, finishedSQL, o.Dir)
		if err != nil {
			return nil, err
		}
		_, err = pgx.ForEachRow(rows, []any{&id, &n}, func() error {
			times[id] = n
			return nil
		})
		return times, err
	}
	store, err := sqlite.OpenStore(ctx, o.file())
	if err != nil {
		return nil, err
	}
	defer func() { _ = store.Close() }()
	return times, store.View(ctx, func(ctx context.Context, tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, finishedSQL, o.Dir)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			if err := rows.Scan(&id, &n); err != nil {
				return err
			}
			times[id] = n
		}
		return rows.Err()
	})
}
