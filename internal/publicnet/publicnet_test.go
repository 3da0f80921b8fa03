package publicnet_test

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

	"github.com/modelslab-go/modelslab/internal/publicnet"
)

func TestAddresses(t *testing.T) {
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
	strict, local, open := publicnet.New(publicnet.Config{}), publicnet.New(publicnet.Config{LoopbackOK: true}), publicnet.New(publicnet.Config{PrivateOK: true})
	at := func(addr string) *url.URL {
		if strings.Contains(addr, ":") {
			addr = "[" + addr + "]"
		}
		return &url.URL{Scheme: "https", Host: addr, Path: "/"}
	}
	for _, a := range public {
		require.NoError(t, strict.Check(at(a)), a)
	}
	for _, a := range private {
		require.ErrorIs(t, strict.Check(at(a)), publicnet.ErrPrivate, a)
		require.ErrorIs(t, local.Check(at(a)), publicnet.ErrPrivate, a)
		require.NoError(t, open.Check(at(a)), a)
	}
	for _, a := range loopback {
		require.ErrorIs(t, strict.Check(at(a)), publicnet.ErrPrivate, a)
		require.NoError(t, local.Check(at(a)), a)
		require.NoError(t, open.Check(at(a)), a)
	}
}

func TestURLs(t *testing.T) {
	t.Parallel()
	tests := []struct {
		url                 string
		strict, local, open error
	}{
		{"https://files.example.com/a", nil, nil, nil},
		{"https://1.1.1.1/a", nil, nil, nil},
		{"http://files.example.com/a", publicnet.ErrScheme, publicnet.ErrScheme, publicnet.ErrScheme},
		{"http://10.0.0.1/a", publicnet.ErrScheme, publicnet.ErrScheme, publicnet.ErrScheme},
		{"ftp://files.example.com/a", publicnet.ErrScheme, publicnet.ErrScheme, publicnet.ErrScheme},
		{"file:///etc/passwd", publicnet.ErrNoHost, publicnet.ErrNoHost, publicnet.ErrNoHost},
		{"/a", publicnet.ErrNoHost, publicnet.ErrNoHost, publicnet.ErrNoHost},
		{"https://user:pw@files.example.com/a", publicnet.ErrUserinfo, publicnet.ErrUserinfo, publicnet.ErrUserinfo},
		{"https://10.0.0.1/a", publicnet.ErrPrivate, publicnet.ErrPrivate, nil},
		{"https://[fd00::1]/a", publicnet.ErrPrivate, publicnet.ErrPrivate, nil},
		{"https://[::ffff:169.254.169.254]/a", publicnet.ErrPrivate, publicnet.ErrPrivate, nil},
		{"https://localhost/a", publicnet.ErrPrivate, nil, nil},
		{"https://LOCALHOST./a", publicnet.ErrPrivate, nil, nil},
		{"https://a.localhost/a", publicnet.ErrPrivate, nil, nil},
		{"https://127.0.0.1/a", publicnet.ErrPrivate, nil, nil},
		{"http://127.0.0.1/a", publicnet.ErrScheme, nil, publicnet.ErrScheme},
		{"http://localhost:8080/a", publicnet.ErrScheme, nil, publicnet.ErrScheme},
		{"http://[::1]:8080/a", publicnet.ErrScheme, nil, publicnet.ErrScheme},
		{"https://127.1/a", publicnet.ErrPrivate, publicnet.ErrPrivate, nil},
		{"https://2130706433/a", publicnet.ErrPrivate, publicnet.ErrPrivate, nil},
		{"https://0x7f000001/a", publicnet.ErrPrivate, publicnet.ErrPrivate, nil},
		{"https://0x7f.1/a", publicnet.ErrPrivate, publicnet.ErrPrivate, nil},
	}
	for _, tt := range tests {
		u, err := url.Parse(tt.url)
		require.NoError(t, err)
		require.ErrorIs(t, publicnet.New(publicnet.Config{}).Check(u), tt.strict, tt.url)
		require.ErrorIs(t, publicnet.New(publicnet.Config{LoopbackOK: true}).Check(u), tt.local, tt.url)
		require.ErrorIs(t, publicnet.New(publicnet.Config{PrivateOK: true}).Check(u), tt.open, tt.url)
	}
}

// names is a DNS server: it answers every name of the map with its addresses,
// at most one of each kind.
type names map[string][]string

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
	var data []byte
	for _, text := range n[strings.Join(labels, ".")] {
		if addr := netip.MustParseAddr(text); addr.Is4() && kind == 1 || addr.Is6() && kind == 28 {
			data = addr.AsSlice()
		}
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

func get(t *testing.T, g *publicnet.Guard, url string) error {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	require.NoError(t, err)
	resp, err := g.RoundTrip(req)
	if err == nil {
		resp.Body.Close()
	}
	return err
}

// TestResolvedAddresses lets a public-looking name lead inside.
func TestResolvedAddresses(t *testing.T) {
	t.Parallel()
	port, hits := inside(t)
	dns := names{"inside.example.com": {"127.0.0.1"}, "six.example.com": {"::1"}, "mapped.example.com": {"::ffff:127.0.0.1"}}
	custom := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		*hits++
		return nil, errors.New("dialled")
	}}
	secure := &http.Transport{DialTLSContext: custom.DialContext}
	for name, rt := range map[string]http.RoundTripper{"standard": &http.Transport{}, "own dialer": custom, "own TLS dialer": secure} {
		for host := range dns {
			g := publicnet.New(publicnet.Config{Base: rt, Resolver: dns.resolver()})
			require.ErrorIs(t, get(t, g, "https://"+host+":"+port+"/"), publicnet.ErrPrivate, name)
		}
		g := publicnet.New(publicnet.Config{Base: rt, Resolver: dns.resolver()})
		var notFound *net.DNSError
		require.ErrorAs(t, get(t, g, "https://nowhere.example.com/"), &notFound, name)
	}
	require.Zero(t, *hits)
}

// TestTheAddressIsPinned checks that a user's dialer is not left to resolve
// the name a second time.
func TestTheAddressIsPinned(t *testing.T) {
	t.Parallel()
	var dialled []string
	refuse := errors.New("dialled")
	dial := func(_ context.Context, _, addr string) (net.Conn, error) {
		dialled = append(dialled, addr)
		return nil, refuse
	}
	g := publicnet.New(publicnet.Config{Base: &http.Transport{DialContext: dial}, Resolver: names{"files.example.com": {"1.1.1.1"}}.resolver()})
	require.ErrorIs(t, get(t, g, "https://files.example.com/"), refuse)
	require.Equal(t, []string{"1.1.1.1:443"}, dialled)

	// A TLS dialer needs the name for the certificate.
	dialled = nil
	g = publicnet.New(publicnet.Config{Base: &http.Transport{DialTLSContext: dial}, Resolver: names{"files.example.com": {"1.1.1.1"}}.resolver()})
	require.ErrorIs(t, get(t, g, "https://files.example.com/"), refuse)
	require.Equal(t, []string{"files.example.com:443"}, dialled)

	// The old fields for dialers are users' dialers too.
	old := func(_, addr string) (net.Conn, error) { return dial(context.Background(), "", addr) }
	for want, base := range map[string]*http.Transport{
		"1.1.1.1:443":           {Dial: old},
		"files.example.com:443": {DialTLS: old},
	} {
		dialled = nil
		g = publicnet.New(publicnet.Config{Base: base, Resolver: names{"files.example.com": {"1.1.1.1"}, "inside.example.com": {"10.0.0.1"}}.resolver()})
		require.ErrorIs(t, get(t, g, "https://files.example.com/"), refuse)
		require.ErrorIs(t, get(t, g, "https://inside.example.com/"), publicnet.ErrPrivate)
		require.Equal(t, []string{want}, dialled)
	}

	// What needs no check is left alone.
	dialled = nil
	g = publicnet.New(publicnet.Config{Base: &http.Transport{DialContext: dial}, PrivateOK: true})
	require.ErrorIs(t, get(t, g, "https://inside.example.com/"), refuse)
	require.Equal(t, []string{"inside.example.com:443"}, dialled)
}

func TestWhyANameDoesNotResolve(t *testing.T) {
	t.Parallel()
	down := &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, errors.New("the resolver is down")
	}}
	dial := func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("dialled") }
	for _, base := range []*http.Transport{{}, {DialContext: dial}, {DialTLSContext: dial}} {
		g := publicnet.New(publicnet.Config{Base: base, Resolver: down})
		require.ErrorContains(t, get(t, g, "https://files.example.com/"), "the resolver is down")
	}
}

func TestEveryAddressIsTried(t *testing.T) {
	t.Parallel()
	var tried []string
	dial := func(ctx context.Context, _, addr string) (net.Conn, error) {
		tried = append(tried, addr)
		if _, limited := ctx.Deadline(); len(tried) == 1 {
			require.True(t, limited, "a blackhole would take all the time there is")
			require.NoError(t, ctx.Err(), "it has some of it")
		} else {
			require.False(t, limited)
		}
		return nil, errors.New("no route")
	}
	g := publicnet.New(publicnet.Config{
		Base:     &http.Transport{DialContext: dial},
		Resolver: names{"files.example.com": {"2606:4700::1", "1.1.1.1"}}.resolver(),
	})
	require.ErrorContains(t, get(t, g, "https://files.example.com/"), "no route")
	require.ElementsMatch(t, []string{"[2606:4700::1]:443", "1.1.1.1:443"}, tried)
}

// TestBehindAProxy: the proxy may be inside, what it is asked for may not.
func TestBehindAProxy(t *testing.T) {
	t.Parallel()
	var asked []string
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Method+" "+r.Host)
		w.WriteHeader(http.StatusBadGateway)
	}))
	t.Cleanup(proxy.Close)
	proxyURL, err := url.Parse(proxy.URL)
	require.NoError(t, err)
	for _, stock := range []bool{true, false} {
		asked = nil
		g := publicnet.New(publicnet.Config{
			Base: &http.Transport{Proxy: http.ProxyURL(proxyURL)}, Stock: stock,
			Resolver: names{"files.example.com": {"1.1.1.1"}, "inside.example.com": {"10.0.0.1"}}.resolver(),
		})
		require.ErrorIs(t, get(t, g, "https://inside.example.com/"), publicnet.ErrPrivate)
		require.ErrorIs(t, get(t, g, "https://10.0.0.1/"), publicnet.ErrPrivate)
		require.Empty(t, asked)
		require.ErrorContains(t, get(t, g, "https://files.example.com/"), "Bad Gateway")
		require.Equal(t, []string{"CONNECT files.example.com:443"}, asked)
	}
}
