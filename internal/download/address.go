package download

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// clean makes of an address what browsers make of it: blanks around it and line
// ends within it are dropped, and what may not stand in a URL, a percent sign
// without two digits included, is escaped.
func clean(raw string) string {
	raw = strings.TrimFunc(raw, func(r rune) bool { return r <= ' ' })
	host := hostEnd(raw)
	var b strings.Builder
	for i := range len(raw) {
		switch c := raw[i]; {
		case c == '\n', c == '\r', c == '\t':
		case i < host:
			b.WriteByte(c)
		case c == '%' && (i+2 >= len(raw) || !isHex(raw[i+1]) || !isHex(raw[i+2])),
			c <= ' ', c >= 0x7f, strings.IndexByte("\"<>\\^`{|}", c) >= 0:
			fmt.Fprintf(&b, "%%%02X", c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// hostEnd is where the host of an address ends, 0 in one without a host.
func hostEnd(raw string) int {
	scheme, rest, ok := strings.Cut(raw, "//")
	if !ok || strings.ContainsAny(scheme, "/?#") {
		return 0
	}
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		return len(raw) - len(rest) + i
	}
	return len(raw)
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

// A redirector cleans the address of a redirect before net/http parses it, which
// would quote one that does not parse, its signature included.
type redirector struct{ next http.RoundTripper }

// RoundTrip sends one request of a download.
func (r redirector) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := r.next.RoundTrip(req)
	if err != nil || resp.StatusCode < 300 || resp.StatusCode > 399 {
		return resp, err
	}
	location := resp.Header.Get("Location")
	if location == "" {
		return resp, nil
	}
	location = clean(location)
	if _, err := url.Parse(location); err != nil {
		_ = resp.Body.Close()
		return nil, errLocation
	}
	resp.Header.Set("Location", location)
	return resp, nil
}
