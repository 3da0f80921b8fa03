package token

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
)

// Param is the query value a token travels in, KindParam the one that names the
// kind where there is no token, and LinkParam the one that links the job's
// webhook to the trace of its submit. It follows a token.
const (
	Param     = "sig"
	KindParam = "kind"
	LinkParam = "tl"
)

// MaxLink is the length of the longest link in characters.
const MaxLink = 32

// MaxAddress is how many characters of a callback URL ModelsLab keeps.
const MaxAddress = 191

// ErrLoopback is the error of [Parse] for plain HTTP on loopback.
var ErrLoopback = errors.New("the callback URL is plain HTTP on loopback")

// Parse reads a callback URL. It refuses one that no delivery could come in on:
// anything but absolute HTTPS, a user, a fragment. Plain HTTP is accepted on
// loopback where loopback is set, else it is [ErrLoopback].
func Parse(raw string, loopback bool) (*url.URL, error) {
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return nil, errors.New("the callback URL does not parse")
	case u.Scheme == "https" && u.Hostname() != "":
	case u.Scheme == "http" && Loopback(u.Hostname()):
		if !loopback {
			return nil, ErrLoopback
		}
	default:
		return nil, errors.New("the callback URL must be absolute and HTTPS")
	}
	switch {
	case u.User != nil:
		return nil, errors.New("the callback URL must not carry a user or password")
	case u.Fragment != "":
		return nil, errors.New("the callback URL must not have a fragment")
	}
	return u, nil
}

// Loopback reports whether a host is this machine.
func Loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// Callback is [Address] for a URL that ModelsLab is given. It refuses a URL that
// has such a query value already, and one that becomes longer than [MaxAddress].
func Callback(u *url.URL, k *Key, c Claims, kind string) (string, error) {
	if query := u.Query(); query.Has(Param) || query.Has(KindParam) {
		return "", fmt.Errorf("the callback URL already has a query value %q or %q, which this package appends", Param, KindParam)
	}
	s := Address(u, k, c, kind)
	if len(s) > MaxAddress {
		return "", fmt.Errorf("the callback URL is %d characters long, token included; ModelsLab keeps %d: use a shorter one", len(s), MaxAddress)
	}
	return s, nil
}

// Address appends to a callback URL what tells the receiver about the job: the
// token, or, without a key, the kind where there is a code for it.
func Address(u *url.URL, k *Key, c Claims, kind string) string {
	var value string
	switch {
	case k != nil:
		value = Param + "=" + k.Sign(c)
	case c.Kind != 0:
		value = KindParam + "=" + url.QueryEscape(kind)
	default:
		return u.String()
	}
	out := *u
	out.RawQuery = strings.TrimPrefix(strings.TrimSuffix(u.RawQuery, "&")+"&"+value, "&")
	return out.String()
}

// WithLink appends a link to a callback URL that ends in a token. The URL stays
// as it is where the link is none, and where it would become longer than
// [MaxAddress].
func WithLink(address, link string) string {
	const name = "&" + LinkParam + "="
	if !IsLink(link) || len(address)+len(name)+len(link) > MaxAddress {
		return address
	}
	return address + name + link
}

// IsLink reports whether s can be a link.
func IsLink(s string) bool {
	return s != "" && len(s) <= MaxLink && strings.Trim(s, linkAlphabet) == ""
}

const linkAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
