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
	conn  *sql.Conn // of run alone; nil before the first write and after a failure
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
	defer func() { g.drop(nil) }()
	for {
		select {
		case first := <-g.queue:
			g.commit(first)
		case <-g.quit:
			return
		}
	}
}

// commit runs first, and whoever queues up meanwhile, in one transaction. When
// that cannot be committed, its members run again, each alone, so that none of
// them fails with another's write.
func (g *group) commit(first *groupWrite) {
	members, committed, err := g.together(first)
	for _, m := range members {
		switch {
		case committed:
			m.done <- nil
		case err != nil && len(members) == 1:
			m.done <- err
		default:
			m.done <- g.alone(m)
		}
	}
}

// together returns the writes that succeeded, whether they are committed, and
// if not why, where the reason is none of another's. Writes that failed are
// answered.
func (g *group) together(first *groupWrite) (members []*groupWrite, committed bool, err error) {
	tx, err := g.begin()
	if err != nil {
		return []*groupWrite{first}, false, err
	}
	for next := first; next != nil; {
		err := next.run(tx, len(members) > 0)
		var lost *lostError
		if errors.As(err, &lost) || errors.Is(err, durable.ErrAbandoned) || err != nil && len(members) == 0 {
			_ = tx.Rollback()
			if lost != nil {
				g.drop(driver.ErrBadConn)
			}
			next.done <- err
			return members, false, nil
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
	err = g.end(tx)
	return members, err == nil, err
}

// alone runs one write in a transaction of its own.
func (g *group) alone(w *groupWrite) error {
	tx, err := g.begin()
	if err != nil {
		return err
	}
	if err := w.run(tx, false); err != nil {
		_ = tx.Rollback()
		return err
	}
	return g.end(tx)
}

func (g *group) begin() (*sql.Tx, error) {
	ctx := context.Background() // the group must not end with one of its callers
	var err error
	if g.conn == nil {
		g.conn, err = g.db.Conn(ctx)
	}
	var tx *sql.Tx
	if err == nil {
		tx, err = g.conn.BeginTx(ctx, nil)
	}
	if err != nil {
		g.drop(driver.ErrBadConn)
		return nil, fmt.Errorf("sqlite: begin: %w", err)
	}
	return tx, nil
}

// end commits. A connection whose commit failed may still hold its transaction
// open, so it is not used again.
func (g *group) end(tx *sql.Tx) error {
	if err := tx.Commit(); err != nil {
		g.drop(driver.ErrBadConn)
		return fmt.Errorf("sqlite: commit: %w", err)
	}
	return nil
}

// drop closes the connection; with ErrBadConn it goes back to no pool.
func (g *group) drop(why error) {
	if g.conn == nil {
		return
	}
	if why != nil {
		_ = g.conn.Raw(func(any) error { return why })
	}
	_ = g.conn.Close()
	g.conn = nil
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
