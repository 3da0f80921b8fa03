package modelslab

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"sync"
	"syscall"
	"time"
)

// WithPrivateDownloads lets [Client.Download] and [Client.Save] connect to
// private, loopback and other addresses that are not on the public internet,
// for results kept in a bucket of one's own network. Defaults to public
// addresses only, and loopback where the base URL is on loopback.
func WithPrivateDownloads() Option {
	return func(c *Client) error {
		c.privateOK = true
		return nil
	}
}

const maxRedirects = 10

var (
	errPrivate  = errors.New("the address is not on the public internet; WithPrivateDownloads allows it")
	errScheme   = errors.New("only HTTPS is downloaded from")
	errNoHost   = errors.New("the URL has no host")
	errUserinfo = errors.New("the URL carries a user or password")
	errRedirect = errors.New("too many redirects")
)

// fileClient makes the HTTP client of downloads when the first one needs it.
type fileClient struct {
	once   sync.Once
	client *http.Client
	guard  *guard
}

func (c *Client) files() (*http.Client, *guard) {
	c.fileClient.once.Do(func() {
		g := newGuard(c.http.Transport, c.stock)
		g.privateOK = c.privateOK
		g.loopbackOK = loopback(c.base.Hostname())
		c.fileClient.guard = g
		// Without the jar: cookies of the API are none of the file server's business.
		c.fileClient.client = &http.Client{Transport: g, Timeout: c.http.Timeout, CheckRedirect: checkRedirect}
	})
	return c.fileClient.client, c.fileClient.guard
}

func checkRedirect(req *http.Request, via []*http.Request) error {
	req.Header.Del("Referer") // it would show the query of a signed URL to the next host
	switch {
	case len(via) > maxRedirects:
		return errRedirect
	case via[len(via)-1].URL.Scheme == "https" && req.URL.Scheme != "https":
		return errScheme
	default:
		return nil
	}
}

// A guard is the RoundTripper of downloads. It lets them out to public
// addresses only, since their URLs come out of payloads. The check is made on
// the address that is dialled, not on what the name resolved to earlier.
type guard struct {
	privateOK, loopbackOK bool

	open     http.RoundTripper // for proxies, and where nothing is checked
	direct   http.RoundTripper // checks what it dials
	proxy    func(*http.Request) (*url.URL, error)
	resolver *net.Resolver // nil is the default one
}

// newGuard builds on the transport of the API calls; standard means that it
// dials as net/http does. A RoundTripper that is no *http.Transport dials by
// itself, so that only the host of a URL can be checked.
func newGuard(rt http.RoundTripper, standard bool) *guard {
	if rt == nil {
		rt = http.DefaultTransport
	}
	g := &guard{open: rt, direct: rt}
	t, ok := rt.(*http.Transport)
	if !ok {
		return g
	}
	direct := t.Clone()
	direct.Proxy = nil
	g.proxy, g.direct = t.Proxy, direct
	if !standard && rt != http.DefaultTransport && dials(t) {
		g.wrapDialers(direct)
		return g
	}
	open := t.Clone()
	open.DialContext = newDialer().DialContext
	direct.DialContext = g.dial
	for _, t := range []*http.Transport{open, direct} {
		t.ForceAttemptHTTP2 = t.ForceAttemptHTTP2 || t.TLSClientConfig == nil
	}
	g.open = open
	return g
}

func newDialer() *net.Dialer {
	return &net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second}
}

// dials reports whether the transport has dialers of its own.
func dials(t *http.Transport) bool {
	return t.DialContext != nil || t.DialTLSContext != nil || t.Dial != nil || t.DialTLS != nil //nolint:staticcheck // users may still set the old ones
}

// dial is the dialer of downloads where the user brought none.
func (g *guard) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	d := newDialer()
	d.Resolver = g.resolver
	d.ControlContext = func(_ context.Context, _, address string, _ syscall.RawConn) error {
		ap, err := netip.ParseAddrPort(address)
		if err != nil {
			return err
		}
		return g.checkAddr(ap.Addr())
	}
	return d.DialContext(ctx, network, addr)
}

// wrapDialers resolves and checks before a dialer of the user is called. A
// plain dialer is given the checked address, so that it cannot resolve again.
func (g *guard) wrapDialers(t *http.Transport) {
	plain, secure := t.DialContext, t.DialTLSContext
	if plain == nil {
		old := t.Dial //nolint:staticcheck // users may still set it
		plain = func(ctx context.Context, network, addr string) (net.Conn, error) {
			if old == nil {
				return g.dial(ctx, network, addr)
			}
			return old(network, addr)
		}
	}
	if old := t.DialTLS; secure == nil && old != nil { //nolint:staticcheck // users may still set it
		secure = func(_ context.Context, network, addr string) (net.Conn, error) { return old(network, addr) }
	}
	t.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		host, port, err := net.SplitHostPort(addr)
		if err != nil {
			return nil, err
		}
		addrs, err := g.resolve(ctx, host)
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
	t.DialTLSContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		host, _, err := net.SplitHostPort(addr)
		if err == nil {
			_, err = g.resolve(ctx, host)
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
func (g *guard) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := g.checkURL(req.URL); err != nil {
		return nil, err
	}
	switch {
	case g.privateOK:
		return g.open.RoundTrip(req)
	case g.proxy == nil:
		return g.direct.RoundTrip(req)
	}
	through, err := g.proxy(req)
	if err != nil {
		return nil, fmt.Errorf("choosing a proxy: %w", err)
	}
	if through == nil {
		return g.direct.RoundTrip(req)
	}
	// The proxy dials, so the name is resolved here to see where it leads.
	if _, err := g.resolve(req.Context(), req.URL.Hostname()); err != nil {
		return nil, err
	}
	return g.open.RoundTrip(req)
}

// resolve returns the addresses of a host, one at least and all of them allowed.
func (g *guard) resolve(ctx context.Context, host string) ([]netip.Addr, error) {
	addrs, err := g.resolver.LookupNetIP(ctx, "ip", host)
	if err == nil && len(addrs) == 0 {
		err = &net.DNSError{Err: "no address", Name: host, IsNotFound: true}
	}
	if err != nil {
		return nil, err
	}
	for _, a := range addrs {
		if err := g.checkAddr(a); err != nil {
			return nil, err
		}
	}
	return addrs, nil
}
