package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/modelslab-go/modelslab/contrib/durable"
	_ "modernc.org/sqlite" // the driver
)

// busyTimeout is how long a statement waits for another process's transaction.
const busyTimeout = 10 * time.Second

// Open opens, or creates, the SQLite file at path and returns an engine over it.
// Several processes of one machine may share the file; a network file system
// will not do. Close it with [durable.Engine.Shutdown].
func Open(ctx context.Context, path string, cfg durable.Config) (*durable.Engine[*sql.Tx], error) {
	store, err := OpenStore(ctx, path)
	if err != nil {
		return nil, err
	}
	e, err := durable.New(store, nil, cfg)
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	return e, nil
}

// OpenStore opens, creates or migrates the file at path. Most programs
// want [Open].
func OpenStore(ctx context.Context, path string) (durable.Store[*sql.Tx], error) {
	return open(ctx, path, len(migrations))
}

func open(ctx context.Context, path string, version int) (*store, error) {
	s := new(store)
	var err error
	if s.write, err = sql.Open("sqlite", dsn(path, false)); err != nil {
		return nil, fmt.Errorf("sqlite: open %s: %w", path, err)
	}
	s.write.SetMaxOpenConns(1)
	conn, err := s.write.Conn(ctx)
	if err == nil {
		err = migrate(ctx, conn, version)
		_ = conn.Close()
	}
	if err != nil {
		_ = s.write.Close()
		return nil, fmt.Errorf("sqlite: open %s: %w", path, err)
	}
	if s.read, err = sql.Open("sqlite", dsn(path, true)); err != nil {
		_ = s.write.Close()
		return nil, fmt.Errorf("sqlite: open %s: %w", path, err)
	}
	s.read.SetMaxOpenConns(4)
	s.writer = newGroup(s.write)
	return s, nil
}

// dsn spells path as a file URI, because a bare path may not contain a
// question mark.
func dsn(path string, readOnly bool) string {
	q := url.Values{"_pragma": {
		fmt.Sprintf("busy_timeout(%d)", busyTimeout.Milliseconds()),
		"journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(ON)",
	}}
	if readOnly {
		q.Add("_pragma", "query_only(ON)")
	} else {
		q.Set("_txlock", "immediate")
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
}
