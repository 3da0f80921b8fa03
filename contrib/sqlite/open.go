package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/modelslab-go/modelslab/contrib/durable"
	driver "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// maxWAL is what the write-ahead log is cut back to after a checkpoint.
const maxWAL = 8 << 20

// busyTimeout is how long a statement waits for another process's transaction.
const busyTimeout = 10 * time.Second

// Open opens, or creates, the SQLite file at path and returns an engine over it.
// Several processes of one machine may share the file; a network file system
// will not do. Close it with [durable.Engine.Shutdown].
//
// The transaction of a callback keeps all other writers of the file out, the
// renewal of leases among them. So Config.CallbackTimeout defaults to a third of
// Config.Lease here, 5 seconds, and may not be longer; a callback that outlives
// it is left behind, its transaction undone, and counts as failed.
func Open(ctx context.Context, path string, cfg durable.Config) (*durable.Engine[*sql.Tx], error) {
	longest := cmp.Or(cfg.Lease, durable.DefaultLease) / 3
	if cfg.CallbackTimeout = cmp.Or(cfg.CallbackTimeout, longest); cfg.CallbackTimeout > longest {
		return nil, fmt.Errorf("sqlite: Config.CallbackTimeout is %s, and a callback keeps all other writers out: allow at most %s, a third of Config.Lease",
			cfg.CallbackTimeout, longest)
	}
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
// want [Open]. An empty path, ":memory:" and "file:" URLs are refused: readers
// and writer are separate connections of one file.
func OpenStore(ctx context.Context, path string) (durable.Store[*sql.Tx], error) {
	return open(ctx, path, len(migrations))
}

func open(ctx context.Context, path string, version int) (*store, error) {
	if path == "" || path == ":memory:" || strings.HasPrefix(path, "file:") {
		return nil, fmt.Errorf("sqlite: %q is no path of a file: name one, such as jobs.db; durable.NewMemoryStore keeps jobs in memory", path)
	}
	s := new(store)
	err := s.connect(ctx, path, version)
	if err != nil {
		return nil, fmt.Errorf("sqlite: open %s: %w", path, err)
	}
	s.writer = newGroup(s.write)
	return s, nil
}

func (s *store) connect(ctx context.Context, path string, version int) (err error) {
	s.write, err = sql.Open("sqlite", dsn(path, "_txlock=immediate", "auto_vacuum(INCREMENTAL)", "journal_mode(WAL)", fmt.Sprintf("journal_size_limit(%d)", maxWAL),
		"synchronous(FULL)", "foreign_keys(ON)"))
	if err != nil {
		return err
	}
	s.write.SetMaxOpenConns(1)
	conn, err := firstConn(ctx, s.write)
	if err == nil {
		err = errors.Join(migrate(ctx, conn, version), conn.Close())
	}
	if err == nil {
		s.read, err = sql.Open("sqlite", dsn(path, "", "query_only(ON)"))
	}
	if err != nil {
		return errors.Join(err, s.write.Close())
	}
	s.read.SetMaxOpenConns(4)
	return nil
}

// firstConn connects to a file that others may be creating: SQLite refuses to
// change the journal mode meanwhile, whatever the busy timeout is.
func firstConn(ctx context.Context, db *sql.DB) (*sql.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, busyTimeout)
	defer cancel()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for {
		conn, err := db.Conn(ctx)
		if refused, ok := errors.AsType[*driver.Error](err); !ok || refused.Code()&0xff != sqlite3.SQLITE_BUSY {
			return conn, err
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return nil, err
		}
	}
}

// dsn spells path as a file URI, because a bare path may not contain a
// question mark.
func dsn(path, option string, pragmas ...string) string {
	busy := fmt.Sprintf("busy_timeout(%d)", busyTimeout.Milliseconds())
	q := url.Values{"_pragma": append([]string{busy}, pragmas...)}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode() + "&" + option
}
