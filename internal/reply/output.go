package reply

import (
	"slices"
	"strings"

	"github.com/modelslab-go/modelslab/internal/wire"
)

// maxResultDepth bounds how deep results are looked for; the deepest known are
// lists within an object.
const maxResultDepth = 4

// results are what a field of results holds, in document order.
type results struct {
	urls  []string
	texts []string // strings that are no URL
	gaps  bool     // a list had an element without a result
}

func (m *members) readOutput(s *JobState, v *Verdict, workflow bool) {
	var output results
	for _, value := range [...]string{
		m.output, wire.Field(m.data, "output"), wire.Field(m.result, "output"),
		wire.Field(m.execution, "output_data"), wire.Field(m.execution, "output"),
	} {
		if output.add(value, 0); !output.empty() {
			break
		}
	}
	var links, proxyLinks, futureLinks results
	links.add(m.links, 0)
	futureLinks.add(m.futureLinks, 0)
	if proxyLinks.add(m.proxyLinks, 0); len(proxyLinks.urls) == 0 {
		proxyLinks.add(wire.Field(m.output, "proxy_links"), 0)
	}
	if (output.gaps || proxyLinks.gaps) && len(output.urls) > 0 && len(proxyLinks.urls) > 0 {
		proxyLinks.urls = besides(m.output, m.proxyLinks, proxyLinks.urls)
	}
	// Some answers have no status, but come only when the work is done.
	if s.Status == "" && !workflow && (!output.empty() || len(links.urls) > 0) {
		s.Status = Success
	}
	// While a job runs these links lead nowhere.
	if s.Status == Success && output.empty() {
		if output.urls = links.urls; len(output.urls) == 0 {
			output.urls = slices.Clone(proxyLinks.urls)
		}
	}
	s.Output, s.Text = output.urls, strings.Join(output.texts, "\n")
	s.ProxyLinks, s.FutureLinks = proxyLinks.urls, futureLinks.urls
	v.HasStatus = v.Word != ""
	v.HasJob = s.NamesJob() || !output.empty() ||
		len(links.urls)+len(proxyLinks.urls)+len(futureLinks.urls) > 0
}

func (r *results) empty() bool { return len(r.urls)+len(r.texts) == 0 }

// add takes a string, a list, or an object whose values are results. An object
// with an output of its own, as workflows send, counts for that output alone,
// and the strings beside a URL in one object only describe it.
func (r *results) add(value string, depth int) {
	if value == "" || depth > maxResultDepth {
		return
	}
	switch value[0] {
	case '"':
		text, _ := wire.String(value)
		r.addText(text, depth)
	case '[':
		_ = wire.Array(value, func(element string) error {
			before := len(r.urls) + len(r.texts)
			r.add(element, depth+1)
			r.gaps = r.gaps || len(r.urls)+len(r.texts) == before
			return nil
		})
	case '{':
		if output := wire.Field(value, "output"); output != "" {
			r.add(output, depth+1)
			return
		}
		texts, described := len(r.texts), false
		_ = wire.Object(value, func(_, member string) error {
			before := len(r.urls)
			r.add(member, depth+1)
			described = described || member[0] == '"' && len(r.urls) > before
			return nil
		})
		if described {
			r.texts = r.texts[:texts]
		}
	}
}

// addText takes a string: a URL, one URL a line, a list of URLs that was encoded
// as JSON once more, or a text.
func (r *results) addText(text string, depth int) {
	trimmed := strings.TrimSpace(text)
	switch {
	case trimmed == "":
	case isURL(trimmed):
		r.urls = append(r.urls, trimmed)
	case trimmed[0] == '[' || trimmed[0] == '{':
		var inner results
		if wire.Valid(trimmed) == nil {
			inner.add(trimmed, depth+1)
		}
		if len(inner.urls) == 0 || len(inner.texts) > 0 {
			r.texts = append(r.texts, text)
			return
		}
		r.urls = append(r.urls, inner.urls...)
	default:
		lines := strings.Fields(trimmed)
		for _, line := range lines {
			if !isURL(line) {
				r.texts = append(r.texts, text)
				return
			}
		}
		r.urls = append(r.urls, lines...)
	}
}

// besides returns the proxy link of each result where a list has elements
// without one, so that they go together by their index. A result without a
// proxy link stands in for it. Lists of different lengths do not go together.
func besides(output, proxyLinks string, links []string) []string {
	side, other := Value(output).List(), Value(proxyLinks).List()
	if len(side) != len(other) {
		return links
	}
	var paired []string
	for i := range side {
		var result, proxy results
		result.add(string(side[i]), 1)
		proxy.add(string(other[i]), 1)
		if len(proxy.urls) == 0 {
			proxy.urls = result.urls
		}
		if len(result.urls) > 0 {
			paired = append(paired, proxy.urls...)
		}
	}
	return paired
}

// isURL reports whether text is the URL of a file. One with a space in it is
// taken for a sentence unless it ends in the name of a file.
func isURL(text string) bool {
	rest, ok := strings.CutPrefix(text, "https://")
	if !ok {
		scheme, after, _ := strings.Cut(text, ":")
		if strings.EqualFold(scheme, "data") {
			head, _, inline := strings.Cut(after, ",")
			return inline && strings.Contains(head, "/") && !strings.Contains(head, " ")
		}
		rest, ok = strings.CutPrefix(after, "//")
		ok = ok && (strings.EqualFold(scheme, "https") || strings.EqualFold(scheme, "http"))
	}
	if !ok || rest == "" || strings.IndexByte(rest, '\n') >= 0 {
		return false
	}
	space := strings.IndexByte(rest, ' ')
	slash := strings.IndexByte(rest, '/')
	return space < 0 || slash > 0 && slash < space && namesFile(rest)
}

// namesFile reports whether the path of a URL ends in the name of a file.
func namesFile(address string) bool {
	if end := strings.IndexAny(address, "?#"); end >= 0 {
		address = address[:end]
	}
	dot := strings.LastIndexByte(address, '.')
	extension := address[dot+1:]
	if dot < strings.LastIndexByte(address, '/') || len(extension) == 0 || len(extension) > 6 {
		return false
	}
	return strings.IndexFunc(extension, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}) < 0
}
