package publicnet

import (
	"fmt"
	"net/netip"
	"net/url"
	"strings"
)

// Check refuses what the URL alone tells.
func (t *Guard) Check(u *url.URL) error {
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	local := host == "localhost" || strings.HasSuffix(host, ".localhost")
	addr, err := netip.ParseAddr(host)
	literal := err == nil
	switch {
	case host == "":
		return ErrNoHost
	case u.User != nil:
		return ErrUserinfo
	case u.Scheme == "https":
	case u.Scheme != "http" || !t.loopbackOK || !local && !addr.Unmap().IsLoopback():
		return ErrScheme
	}
	switch {
	case t.privateOK:
		return nil
	case literal:
		return t.checkAddr(addr)
	case local && !t.loopbackOK, oddAddress(host):
		return ErrPrivate
	default:
		return nil
	}
}

// oddAddress recognises spellings such as 127.1, 2130706433 and 0x7f000001,
// which some resolvers take for addresses. No public name ends like that.
func oddAddress(host string) bool {
	last := host[strings.LastIndexByte(host, '.')+1:]
	return last != "" && (strings.Trim(last, "0123456789") == "" || strings.HasPrefix(last, "0x"))
}

// reserved are the ranges off the public internet that netip has no word for,
// as text, since parsing them costs a connection less than linking does.
var reserved = [...]string{
	"0.0.0.0/8",       // this network
	"100.64.0.0/10",   // carrier NAT, and a cloud's metadata
	"192.0.0.0/24",    // protocol assignments
	"192.0.2.0/24",    // documentation
	"192.88.99.0/24",  // 6to4 relays
	"198.18.0.0/15",   // benchmarks
	"198.51.100.0/24", // documentation
	"203.0.113.0/24",  // documentation
	"240.0.0.0/4",     // reserved, and broadcast
	"::/96",           // IPv4-compatible
	"64:ff9b:1::/48",  // local NAT64
	"100::/64",        // discard
	"2001::/23",       // Teredo and other assignments
	"2001:db8::/32",   // documentation
	"2002::/16",       // 6to4
	"3fff::/20",       // documentation
	"5f00::/16",       // segment routing
	"fec0::/10",       // site-local
}

const nat64 = "64:ff9b::/96"

// checkAddr refuses an address that is not on the public internet.
func (t *Guard) checkAddr(a netip.Addr) error {
	a = a.WithZone("").Unmap()
	if netip.MustParsePrefix(nat64).Contains(a) {
		b := a.As16()
		a = netip.AddrFrom4([4]byte(b[12:]))
	}
	if t.privateOK || t.loopbackOK && a.IsLoopback() {
		return nil
	}
	if !a.IsGlobalUnicast() || a.IsPrivate() {
		return fmt.Errorf("%s: %w", a, ErrPrivate)
	}
	for _, p := range reserved {
		if netip.MustParsePrefix(p).Contains(a) {
			return fmt.Errorf("%s: %w", a, ErrPrivate)
		}
	}
	return nil
}
