package delivery

import (
	"strings"
	"time"
)

const (
	hostsKept    = 1 << 10
	hostLifetime = 30 * 24 * time.Hour
	maxHost      = 253
)

// Fetched takes note of what the API itself has said of a job: the hosts of its
// results, and that it succeeded.
func (t *Table[J]) Fetched(job J) {
	r := t.report(job)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.keepHosts(&r)
	if r.Succeeded {
		t.submissions.succeeded(r.Identity)
	}
}

func (t *Table[J]) keepHosts(r *Report) {
	now := time.Now()
	for _, links := range r.Links {
		for _, link := range links {
			host := hostOf(link)
			if _, kept := t.hosts.Get(Name{ID: host}, now); kept || host == "" || vendorHost(host) {
				continue
			}
			t.hosts.Put(Name{ID: strings.Clone(host)}, nil, 1, now)
		}
	}
}

// Trusts reports whether a result at that URL is nothing new: the host is the
// vendor's own, or the API's own replies have named it.
func (t *Table[J]) Trusts(link string) bool {
	host := hostOf(link)
	if vendorHost(host) {
		return true
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	_, kept := t.hosts.Get(Name{ID: host}, time.Now())
	return kept
}

func vendorHost(host string) bool {
	return host == "modelslab.com" || strings.HasSuffix(host, ".modelslab.com")
}

// hostOf returns the host and port of a URL in lower case, "" when there is none.
func hostOf(link string) string {
	_, rest, ok := strings.Cut(link, "://")
	if !ok {
		return ""
	}
	if end := strings.IndexAny(rest, `/?#\`); end >= 0 {
		rest = rest[:end]
	}
	if len(rest) > maxHost || strings.ContainsAny(rest, "@% ") {
		return ""
	}
	return strings.ToLower(rest)
}
