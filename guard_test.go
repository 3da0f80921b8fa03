package modelslab

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestGuardAddresses(t *testing.T) {
	t.Parallel()
	public := []string{"1.1.1.1", "104.18.2.3", "172.15.0.1", "172.32.0.1", "100.63.0.1", "100.128.0.1", "2606:4700::6810:203", "::ffff:1.1.1.1", "64:ff9b::101:101"}
	private := []string{
		"10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1", "100.100.100.200",
		"0.0.0.0", "0.1.2.3", "224.0.0.1", "239.1.1.1", "255.255.255.255", "240.0.0.1", "192.0.0.170", "198.18.0.1", "192.0.2.1",
		"::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1", "fec0::1%eth0", "2002:a00:1::1%eth0", "ff02::1", "::10.0.0.1",
		"::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::a00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1",
		"2002:a00:1::1", "2001:0:a00:1::1", "2001:db8::1",
	}
	loopback := []string{"127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1"}
	strict, local, open := &guard{}, &guard{loopbackOK: true}, &guard{privateOK: true}
	for _, a := range public {
		require.NoError(t, strict.checkAddr(netip.MustParseAddr(a)), a)
	}
	for _, a := range private {
		addr := netip.MustParseAddr(a)
		require.ErrorIs(t, strict.checkAddr(addr), errPrivate, a)
		require.ErrorIs(t, local.checkAddr(addr), errPrivate, a)
		require.NoError(t, open.checkAddr(addr), a)
	}
	for _, a := range loopback {
		addr := netip.MustParseAddr(a)
		require.ErrorIs(t, strict.checkAddr(addr), errPrivate, a)
		require.NoError(t, local.checkAddr(addr), a)
		require.NoError(t, open.checkAddr(addr), a)
	}
}

func TestGuardURLs(t *testing.T) {
	t.Parallel()
	tests := []struct {
		url                 string
		strict, local, open error
	}{
		{"https://files.example.com/a", nil, nil, nil},
		{"https://1.1.1.1/a", nil, nil, nil},
		{"http://files.example.com/a", errScheme, errScheme, errScheme},
		{"http://10.0.0.1/a", errScheme, errScheme, errScheme},
		{"ftp://files.example.com/a", errScheme, errScheme, errScheme},
		{"file:///etc/passwd", errNoHost, errNoHost, errNoHost},
		{"/a", errNoHost, errNoHost, errNoHost},
		{"https://user:pw@files.example.com/a", errUserinfo, errUserinfo, errUserinfo},
		{"https://10.0.0.1/a", errPrivate, errPrivate, nil},
		{"https://[fd00::1]/a", errPrivate, errPrivate, nil},
		{"https://[::ffff:169.254.169.254]/a", errPrivate, errPrivate, nil},
		{"https://localhost/a", errPrivate, nil, nil},
		{"https://LOCALHOST./a", errPrivate, nil, nil},
		{"https://a.localhost/a", errPrivate, nil, nil},
		{"https://127.0.0.1/a", errPrivate, nil, nil},
		{"http://127.0.0.1/a", errScheme, nil, errScheme},
		{"http://localhost:8080/a", errScheme, nil, errScheme},
		{"http://[::1]:8080/a", errScheme, nil, errScheme},
		{"https://127.1/a", errPrivate, errPrivate, nil},
		{"https://2130706433/a", errPrivate, errPrivate, nil},
		{"https://0x7f000001/a", errPrivate, errPrivate, nil},
		{"https://0x7f.1/a", errPrivate, errPrivate, nil},
	}
	for _, tt := range tests {
		u, err := url.Parse(tt.url)
		require.NoError(t, err)
		require.ErrorIs(t, (&guard{}).checkURL(u), tt.strict, tt.url)
		require.ErrorIs(t, (&guard{loopbackOK: true}).checkURL(u), tt.local, tt.url)
		require.ErrorIs(t, (&guard{privateOK: true}).checkURL(u), tt.open, tt.url)
	}
}

// names is a DNS server: it answers every name of the map with its address.
type names map[string]string

func (n names) resolver() *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		go n.serve(server)
		return client, nil
	}}
}

func (n names) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	var size [2]byte
	for {
		if _, err := io.ReadFull(conn, size[:]); err != nil {
			return
		}
		query := make([]byte, binary.BigEndian.Uint16(size[:]))
		if _, err := io.ReadFull(conn, query); err != nil {
			return
		}
		if _, err := conn.Write(n.answer(query)); err != nil {
			return
		}
	}
}

func (n names) answer(query []byte) []byte {
	var labels []string
	end := 12
	for query[end] != 0 {
		size := int(query[end])
		labels = append(labels, string(query[end+1:end+1+size]))
		end += 1 + size
	}
	question := query[12 : end+5]
	kind := binary.BigEndian.Uint16(query[end+1:])
	addr, err := netip.ParseAddr(n[strings.Join(labels, ".")])
	var data []byte
	if err == nil && (addr.Is4() && kind == 1 || addr.Is6() && kind == 28) {
		data = addr.AsSlice()
	}
	out := append([]byte{0, 0, query[0], query[1], 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0}, question...)
	if data != nil {
		out[9] = 1
		out = append(out, 0xc0, 12, 0, byte(kind), 0, 1, 0, 0, 0, 60, 0, byte(len(data)))
		out = append(out, data...)
	}
	binary.BigEndian.PutUint16(out, uint16(len(out)-2))
	return out
}

// inside counts who gets through to a server on loopback.
func inside(t *testing.T) (port string, hits *int) {
	t.Helper()
	hits = new(int)
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	srv.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			*hits++
		}
	}
	srv.StartTLS()
	t.Cleanup(srv.Close)
	u, err := url.Parse(srv.URL)
	require.NoError(t, err)
	return u.Port(), hits
}

func get(t *testing.T, g *guard, url string) error {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	require.NoError(t, err)
	resp, err := g.RoundTrip(req)
	if err == nil {
		resp.Body.Close()
	}
	return err
}

// TestGuardResolvedAddresses lets a public-looking name lead inside.
func TestGuardResolvedAddresses(t *testing.T) {
	t.Parallel()
	port, hits := inside(t)
	dns := names{"inside.example.com": "127.0.0.1", "six.example.com": "::1", "mapped.example.com": "::ffff:127.0.0.1"}
	custom := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		*hits++
		return nil, errors.New("dialled")
	}}
	secure := &http.Transport{DialTLSContext: custom.DialContext}
	for name, rt := range map[string]http.RoundTripper{"standard": &http.Transport{}, "own dialer": custom, "own TLS dialer": secure} {
		for host := range dns {
			g := newGuard(rt, false)
			g.resolver = dns.resolver()
			require.ErrorIs(t, get(t, g, "https://"+host+":"+port+"/"), errPrivate, name)
		}
		g := newGuard(rt, false)
		g.resolver = dns.resolver()
		var notFound *net.DNSError
		require.ErrorAs(t, get(t, g, "https://nowhere.example.com/"), &notFound, name)
	}
	require.Zero(t, *hits)
}

// TestGuardPinsTheAddress checks that a user's dialer is not left to resolve
// the name a second time.
func TestGuardPinsTheAddress(t *testing.T) {
	t.Parallel()
	var dialled []string
	refuse := errors.New("dialled")
	dial := func(_ context.Context, _, addr string) (net.Conn, error) {
		dialled = append(dialled, addr)
		return nil, refuse
	}
	g := newGuard(&http.Transport{DialContext: dial}, false)
	g.resolver = names{"files.example.com": "1.1.1.1"}.resolver()
	require.ErrorIs(t, get(t, g, "https://files.example.com/"), refuse)
	require.Equal(t, []string{"1.1.1.1:443"}, dialled)

	// A TLS dialer needs the name for the certificate.
	dialled = nil
	g = newGuard(&http.Transport{DialTLSContext: dial}, false)
	g.resolver = names{"files.example.com": "1.1.1.1"}.resolver()
	require.ErrorIs(t, get(t, g, "https://files.example.com/"), refuse)
	require.Equal(t, []string{"files.example.com:443"}, dialled)

	// What needs no check is left alone.
	dialled = nil
	g = newGuard(&http.Transport{DialContext: dial}, false)
	g.privateOK = true
	require.ErrorIs(t, get(t, g, "https://inside.example.com/"), refuse)
	require.Equal(t, []string{"inside.example.com:443"}, dialled)
}

func TestGuardTriesEveryAddress(t *testing.T) {
	t.Parallel()
	addrs := []netip.Addr{netip.MustParseAddr("2606:4700::1"), netip.MustParseAddr("1.1.1.1")}
	var tried []string
	conn, err := dialEach(t.Context(), addrs, func(ctx context.Context, a netip.Addr) (net.Conn, error) {
		tried = append(tried, a.String())
		if a.Is6() {
			_, limited := ctx.Deadline()
			require.True(t, limited, "a blackhole would take all the time there is")
			return nil, errors.New("no route")
		}
		c, _ := net.Pipe()
		return c, nil
	})
	require.NoError(t, err)
	require.NoError(t, conn.Close())
	require.Equal(t, []string{"2606:4700::1", "1.1.1.1"}, tried)
}

// TestGuardWithoutTransport: a program may replace http.DefaultTransport.
func TestGuardWithoutTransport(t *testing.T) { //nolint:paralleltest // it changes a global
	before := http.DefaultTransport
	t.Cleanup(func() { http.DefaultTransport = before })
	http.DefaultTransport = http.NewFileTransport(http.Dir(t.TempDir()))
	client, err := New("key")
	require.NoError(t, err)
	_, err = client.Download(t.Context(), "https://10.0.0.1/a", io.Discard)
	require.ErrorIs(t, err, errPrivate)
	client, err = New("key", WithHTTPClient(&http.Client{}))
	require.NoError(t, err)
	_, err = client.Download(t.Context(), "https://10.0.0.1/a", io.Discard)
	require.ErrorIs(t, err, errPrivate)
}

// TestGuardBehindProxy: the proxy may be inside, what it is asked for may not.
func TestGuardBehindProxy(t *testing.T) {
	t.Parallel()
	var asked []string
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Method+" "+r.Host)
		w.WriteHeader(http.StatusBadGateway)
	}))
	t.Cleanup(proxy.Close)
	proxyURL, err := url.Parse(proxy.URL)
	require.NoError(t, err)
	for _, standard := range []bool{true, false} {
		asked = nil
		g := newGuard(&http.Transport{Proxy: http.ProxyURL(proxyURL)}, standard)
		g.resolver = names{"files.example.com": "1.1.1.1", "inside.example.com": "10.0.0.1"}.resolver()
		require.ErrorIs(t, get(t, g, "https://inside.example.com/"), errPrivate)
		require.ErrorIs(t, get(t, g, "https://10.0.0.1/"), errPrivate)
		require.Empty(t, asked)
		require.ErrorContains(t, get(t, g, "https://files.example.com/"), "Bad Gateway")
		require.Equal(t, []string{"CONNECT files.example.com:443"}, asked)
	}
}
