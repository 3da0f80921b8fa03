package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"sync"

	"github.com/modelslab-go/modelslab/contrib/durable"
)

// maxGroup bounds how many callers share one commit, and so how long the first
// of them waits for the last.
const maxGroup = 256

// group is the one writer of an SQLite file in this process. While one commit
// waits for the disk the next callers queue up, and share the next one.
type group struct {
	db    *sql.DB
	queue chan *groupWrite
	quit  chan struct{}
	ended chan struct{}
	close sync.Once
}

type groupWrite struct {
	ctx  context.Context //nolint:containedctx // the caller waits while it is used
	do   func(context.Context, *sql.Tx) error
	done chan error
}

func newGroup(db *sql.DB) *group {
	g := &group{db: db, queue: make(chan *groupWrite), quit: make(chan struct{}), ended: make(chan struct{})}
	go g.run()
	return g
}

// write runs do in the next group and returns when it is committed.
func (g *group) write(ctx context.Context, do func(context.Context, *sql.Tx) error) error {
	w := &groupWrite{ctx: ctx, do: do, done: make(chan error, 1)}
	select {
	case g.queue <- w:
		return <-w.done
	case <-ctx.Done():
		return ctx.Err()
	case <-g.quit:
		return durable.ErrClosed
	}
}

func (g *group) stop() {
	g.close.Do(func() { close(g.quit) })
	<-g.ended
}

func (g *group) run() {
	defer close(g.ended)
	var conn *sql.Conn
	for {
		select {
		case first := <-g.queue:
			conn = g.commit(conn, first)
		case <-g.quit:
			if conn != nil {
				_ = conn.Close()
			}
			return
		}
	}
}

// commit runs first, and whoever queues up meanwhile, in one transaction. It
// returns the connection for the next one, nil after a failure: a connection
// whose commit failed may still hold its transaction open.
func (g *group) commit(conn *sql.Conn, first *groupWrite) *sql.Conn {
	ctx := context.Background() // the group must not end with one of its callers
	tx, err := (*sql.Tx)(nil), error(nil)
	if conn == nil {
		conn, err = g.db.Conn(ctx)
	}
	if err == nil {
		tx, err = conn.BeginTx(ctx, nil)
	}
	if err != nil {
		discard(conn)
		first.done <- fmt.Errorf("sqlite: begin: %w", err)
		return nil
	}
	members, next := make([]*groupWrite, 0, 16), first
	for next != nil {
		err := next.run(tx, len(members) > 0)
		var lost *lostError
		if errors.As(err, &lost) || err != nil && len(members) == 0 {
			_ = tx.Rollback()
			for _, m := range members {
				m.done <- err
			}
			next.done <- err
			if lost == nil {
				return conn
			}
			discard(conn)
			return nil
		}
		if err != nil {
			next.done <- err
		} else {
			members = append(members, next)
		}
		next = nil
		if len(members) < maxGroup {
			select {
			case next = <-g.queue:
			default:
			}
		}
	}
	if err = tx.Commit(); err != nil {
		err = fmt.Errorf("sqlite: commit: %w", err)
		discard(conn)
		conn = nil
	}
	for _, m := range members {
		m.done <- err
	}
	return conn
}

// lostError means that the whole transaction is of no use any more.
type lostError struct{ err error }

func (e *lostError) Error() string { return "sqlite: transaction lost: " + e.err.Error() }
func (e *lostError) Unwrap() error { return e.err }

// run does the write. A savepoint keeps its failure from the others of the
// group; the first has nothing to keep it from.
func (w *groupWrite) run(tx *sql.Tx, savepoint bool) error {
	if w.ctx.Err() != nil {
		return w.ctx.Err()
	}
	ctx := context.WithoutCancel(w.ctx) // an interrupted statement would end the transaction of all
	if savepoint {
		if _, err := tx.ExecContext(ctx, `SAVEPOINT one`); err != nil {
			return &lostError{err}
		}
	}
	err := durable.Protect(func() error { return w.do(w.ctx, tx) })
	if !savepoint {
		return err
	}
	end := `RELEASE one`
	if err != nil {
		end = `ROLLBACK TO one; RELEASE one`
	}
	if _, endErr := tx.ExecContext(ctx, end); endErr != nil {
		return &lostError{errors.Join(err, endErr)}
	}
	return err
}

func discard(conn *sql.Conn) {
	if conn != nil {
		_ = conn.Raw(func(any) error { return driver.ErrBadConn })
		_ = conn.Close()
	}
}
