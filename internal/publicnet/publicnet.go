// Package publicnet is a RoundTripper that reaches public addresses only, for
// URLs that come out of payloads.
package publicnet

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"
)

// Why a URL or an address is refused.
var (
	ErrPrivate  = errors.New("the address is not on the public internet; WithPrivateDownloads allows it")
	ErrScheme   = errors.New("only HTTPS is downloaded from")
	ErrNoHost   = errors.New("the URL has no host")
	ErrUserinfo = errors.New("the URL carries a user or password")
)

// Refused reports whether err is one of the refusals above.
func Refused(err error) bool {
	return errors.Is(err, ErrPrivate) || errors.Is(err, ErrScheme) || errors.Is(err, ErrNoHost) || errors.Is(err, ErrUserinfo)
}

// Config says what a Transport is built on and what it lets pass.
type Config struct {
	Base       http.RoundTripper // sends; nil means http.DefaultTransport
	Stock      bool              // Base has no dialer of the user's
	PrivateOK  bool              // every address is allowed
	LoopbackOK bool              // loopback is allowed, over plain HTTP too
	Resolver   *net.Resolver     // nil means the default one
}

// A Guard checks every URL, and the address that is dialled for it rather
// than what the name resolved to earlier. Behind a proxy the name is resolved
// before the proxy is asked. A Base that is no *http.Guard dials by itself,
// so that only an address spelled out in a URL can be checked.
type Guard struct {
	privateOK, loopbackOK bool

	open     http.RoundTripper // for proxies, and where nothing is checked
	direct   http.RoundTripper // checks what it dials
	proxy    func(*http.Request) (*url.URL, error)
	resolver *net.Resolver
}

// New returns a Transport that sends as c.Base does.
func New(c Config) *Guard {
	if c.Base == nil {
		c.Base = http.DefaultTransport
	}
	t := &Guard{
		privateOK: c.PrivateOK, loopbackOK: c.LoopbackOK, resolver: c.Resolver, open: c.Base, direct: c.Base,
	}
	base, ok := c.Base.(*http.Transport)
	if !ok {
		return t
	}
	direct := base.Clone()
	direct.Proxy = nil
	t.proxy, t.direct = base.Proxy, direct
	if !c.Stock && c.Base != http.DefaultTransport && dials(base) {
		t.wrapDialers(direct)
		return t
	}
	open := base.Clone()
	open.DialContext = newDialer().DialContext
	direct.DialContext = t.dial
	for _, h := range []*http.Transport{open, direct} {
		h.ForceAttemptHTTP2 = h.ForceAttemptHTTP2 || h.TLSClientConfig == nil
	}
	t.open = open
	return t
}

func newDialer() *net.Dialer {
	return &net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second}
}

// dials reports whether the transport has dialers of its own.
func dials(t *http.Transport) bool {
	return t.DialContext != nil || t.DialTLSContext != nil || t.Dial != nil || t.DialTLS != nil //nolint:staticcheck // users may still set the old ones
}

// dial is the dialer of downloads where the user brought none.
func (t *Guard) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	d := newDialer()
	d.Resolver = t.resolver
	d.ControlContext = func(_ context.Context, _, address string, _ syscall.RawConn) error {
		ap, err := netip.ParseAddrPort(address)
		if err != nil {
			return err
		}
		return t.checkAddr(ap.Addr())
	}
	return d.DialContext(ctx, network, addr)
}

// wrapDialers resolves and checks before a dialer of the user is called. A
// plain dialer is given the checked address, so that it cannot resolve again.
func (t *Guard) wrapDialers(h *http.Transport) {
	plain, secure := h.DialContext, h.DialTLSContext
	if plain == nil {
		old := h.Dial //nolint:staticcheck // users may still set it
		plain = func(ctx context.Context, network, addr string) (net.Conn, error) {
			if old == nil {
				return t.dial(ctx, network, addr)
			}
			return old(network, addr)
		}
	}
	if old := h.DialTLS; secure == nil && old != nil { //nolint:staticcheck // users may still set it
		secure = func(_ context.Context, network, addr string) (net.Conn, error) { return old(network, addr) }
	}
	h.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		host, port, err := net.SplitHostPort(addr)
		if err != nil {
			return nil, err
		}
		addrs, err := t.resolve(ctx, host)
		if err != nil {
			return nil, err
		}
		return dialEach(ctx, addrs, func(ctx context.Context, a netip.Addr) (net.Conn, error) {
			return plain(ctx, network, net.JoinHostPort(a.String(), port))
		})
	}
	if secure == nil {
		return
	}
	h.DialTLSContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		host, _, err := net.SplitHostPort(addr)
		if err == nil {
			_, err = t.resolve(ctx, host)
		}
		if err != nil {
			return nil, err
		}
		return secure(ctx, network, addr)
	}
}

// dialEach tries one address after the other, the last one for as long as it takes.
func dialEach(ctx context.Context, addrs []netip.Addr, dial func(context.Context, netip.Addr) (net.Conn, error)) (net.Conn, error) {
	const patience = 5 * time.Second
	for _, a := range addrs[:len(addrs)-1] {
		short, cancel := context.WithTimeout(ctx, patience)
		conn, err := dial(short, a)
		cancel()
		if err == nil || ctx.Err() != nil {
			return conn, err
		}
	}
	return dial(ctx, addrs[len(addrs)-1])
}

// RoundTrip sends one request of a download, the first or a redirected one.
func (t *Guard) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := t.Check(req.URL); err != nil {
		return nil, err
	}
	switch {
	case t.privateOK:
		return t.open.RoundTrip(req)
	case t.proxy == nil:
		return t.direct.RoundTrip(req)
	}
	through, err := t.proxy(req)
	if err != nil {
		return nil, fmt.Errorf("choosing a proxy: %w", err)
	}
	if through == nil {
		return t.direct.RoundTrip(req)
	}
	// The proxy dials, so the name is resolved here to see where it leads.
	if _, err := t.resolve(req.Context(), req.URL.Hostname()); err != nil {
		return nil, err
	}
	return t.open.RoundTrip(req)
}

// resolve returns the addresses of a host, one at least and all of them allowed.
func (t *Guard) resolve(ctx context.Context, host string) ([]netip.Addr, error) {
	addrs, err := t.resolver.LookupNetIP(ctx, "ip", host)
	if err == nil && len(addrs) == 0 {
		err = &net.DNSError{Err: "no address", Name: host, IsNotFound: true}
	}
	if err != nil {
		return nil, err
	}
	for _, a := range addrs {
		if err := t.checkAddr(a); err != nil {
			return nil, err
		}
	}
	return addrs, nil
}
