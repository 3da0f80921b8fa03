package modelslab

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"
)

// dialGate keeps a client from opening more connections than it has calls.
// Without it a burst does: net/http dials for a call that then gets another
// call's idle connection, and dials again for the next one.
type dialGate struct {
	dial func(ctx context.Context, network, addr string) (net.Conn, error)

	mu      sync.Mutex
	calls   int // under way
	conns   int // open or opening
	changed chan struct{}
}

// superfluousAfter is how long a dial waits for its turn. By then the call it
// was meant for has one of the connections that are open already.
const superfluousAfter = 250 * time.Millisecond

var errSuperfluous = errors.New("as many connections as calls are open already")

func newDialGate() *dialGate {
	return &dialGate{
		dial:    (&net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		changed: make(chan struct{}),
	}
}

// enter and leave bracket a call.
func (g *dialGate) enter() { g.count(1, 0) }
func (g *dialGate) leave() { g.count(-1, 0) }

func (g *dialGate) count(calls, conns int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.calls, g.conns = g.calls+calls, g.conns+conns
	if calls > 0 || conns < 0 {
		close(g.changed)
		g.changed = make(chan struct{})
	}
}

// admit counts a new connection when there is a call for it.
func (g *dialGate) admit() (ok bool, changed chan struct{}) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.conns < g.calls {
		g.conns++
		return true, nil
	}
	return false, g.changed
}

func (g *dialGate) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	var patience *time.Timer
	for {
		ok, changed := g.admit()
		if ok {
			break
		}
		if patience == nil {
			patience = time.NewTimer(superfluousAfter)
			defer patience.Stop()
		}
		select {
		case <-changed:
		case <-patience.C:
			return nil, &net.OpError{Op: "dial", Net: network, Err: errSuperfluous}
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	conn, err := g.dial(ctx, network, addr)
	if err != nil {
		g.count(0, -1)
		return nil, err
	}
	return &gatedConn{Conn: conn, gate: g}, nil
}

// gatedConn tells the gate when it is closed.
type gatedConn struct {
	net.Conn
	gate *dialGate
	once sync.Once
}

func (c *gatedConn) Close() error {
	c.once.Do(func() { c.gate.count(0, -1) })
	return c.Conn.Close()
}
