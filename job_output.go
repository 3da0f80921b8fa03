package modelslab

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
}

func (f *jobFields) readOutput(j *Job, x *replyExtras, workflow bool) {
	var output results
	for _, value := range [...]string{
		f.output, wire.Field(f.data, "output"), wire.Field(f.result, "output"),
		wire.Field(f.execution, "output_data"), wire.Field(f.execution, "output"),
	} {
		if output.add(value, 0); !output.empty() {
			break
		}
	}
	var links, proxyLinks, futureLinks results
	links.add(f.links, 0)
	futureLinks.add(f.futureLinks, 0)
	if proxyLinks.add(f.proxyLinks, 0); len(proxyLinks.urls) == 0 {
		proxyLinks.add(wire.Field(f.output, "proxy_links"), 0)
	}
	// Some replies have no status, but come only when the work is done.
	if j.Status == "" && !workflow && (!output.empty() || len(links.urls) > 0) {
		j.Status = StatusSuccess
	}
	// While a job runs these links lead nowhere.
	if j.Status == StatusSuccess && output.empty() {
		if output.urls = links.urls; len(output.urls) == 0 {
			output.urls = slices.Clone(proxyLinks.urls)
		}
	}
	j.Output, j.Text = output.urls, strings.Join(output.texts, "\n")
	j.ProxyLinks, j.FutureLinks = proxyLinks.urls, futureLinks.urls
	x.IsJob = j.ID != "" || j.Ref.ID != "" || !output.empty() ||
		len(links.urls)+len(proxyLinks.urls)+len(futureLinks.urls) > 0
}

func (r *results) empty() bool { return len(r.urls)+len(r.texts) == 0 }

// add takes a string, a list, or an object whose values are results. An object
// with an output of its own, as workflows send, counts for that output alone.
func (r *results) add(value string, depth int) {
	if value == "" || depth > maxResultDepth {
		return
	}
	switch value[0] {
	case '"':
		switch text, _ := wire.String(value); {
		case isURL(text):
			r.urls = append(r.urls, text)
		case text != "":
			r.texts = append(r.texts, text)
		}
	case '[':
		_ = wire.Array(value, func(element string) error {
			r.add(element, depth+1)
			return nil
		})
	case '{':
		if output := wire.Field(value, "output"); output != "" {
			r.add(output, depth+1)
			return
		}
		_ = wire.Object(value, func(_, member string) error {
			r.add(member, depth+1)
			return nil
		})
	}
}

func isURL(text string) bool {
	rest, ok := strings.CutPrefix(text, "http")
	if ok {
		rest, ok = strings.CutPrefix(strings.TrimPrefix(rest, "s"), "://")
	}
	return ok && rest != "" && strings.IndexByte(rest, ' ') < 0 && strings.IndexByte(rest, '\n') < 0
}

func (f *jobFields) readMessage(j *Job, x *replyExtras, workflow bool) {
	fields := [...]string{f.message, f.messege, f.errorText, f.errors}
	if workflow {
		fields = [...]string{f.errorText, f.message, f.messege, f.errors}
	}
	for _, value := range fields {
		if value == "" {
			continue
		}
		text, field := messageOf(value)
		if j.Message == "" {
			j.Message = text
		}
		if x.Field == "" {
			x.Field = field
		}
	}
	if j.Message == "" && j.Status == StatusFailed {
		if j.Message = wire.Scalar(f.tip); j.Message == "" {
			j.Message = wire.Scalar(f.tips)
		}
	}
}

// messageOf reads a message: a string, a list of them, an object with a message
// of its own, or a map from fields to what is wrong with them, whose first
// field is returned too.
func messageOf(value string) (text, field string) {
	if !isObject(value) {
		return listOf(value, "; "), ""
	}
	if text, ok := wire.String(wire.Field(value, "message")); ok {
		return text, ""
	}
	var b strings.Builder
	_ = wire.Object(value, func(key, reasons string) error {
		if b.Len() == 0 {
			field = key
		} else {
			b.WriteString("; ")
		}
		b.WriteString(key)
		b.WriteString(": ")
		b.WriteString(listOf(reasons, ", "))
		return nil
	})
	return b.String(), field
}

// listOf joins the texts of a list; a single text is its own list.
func listOf(value, separator string) string {
	if value == "" || value[0] != '[' {
		return wire.Scalar(value)
	}
	var texts []string
	_ = wire.Array(value, func(element string) error {
		if text := wire.Scalar(element); text != "" {
			texts = append(texts, text)
		}
		return nil
	})
	return strings.Join(texts, separator)
}
