package transport

import (
	"context"
	"errors"
	"net"
	"net/http/httptrace"
	"sync/atomic"
)

// dialTrace watches whether a request can have left.
type dialTrace struct {
	wanted, got atomic.Bool // a connection
	hooks       httptrace.ClientTrace
}

func (t *dialTrace) watch(ctx context.Context) context.Context {
	t.hooks.GetConn = t.sawGetConn
	t.hooks.GotConn = t.sawGotConn
	return httptrace.WithClientTrace(ctx, &t.hooks)
}

func (t *dialTrace) sawGetConn(string)                { t.wanted.Store(true) }
func (t *dialTrace) sawGotConn(httptrace.GotConnInfo) { t.got.Store(true) }

// neverLeft is true only on positive proof: no name, no dial, or no connection
// was got. A custom RoundTripper traces nothing, and its silence proves nothing.
func (t *dialTrace) neverLeft(err error) bool {
	if t.got.Load() {
		return false
	}
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "dial" {
		return true
	}
	_, noName := errors.AsType[*net.DNSError](err)
	return noName || t.wanted.Load()
}
