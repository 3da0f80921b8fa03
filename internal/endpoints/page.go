package main

import (
	"bytes"
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/internal/endpoint"
)

const preface = "# Endpoints\n\n" +
	"Every operation of the API that this package calls, from the table that it calls them by. The page is written by a\n" +
	"program, so change the table in `internal/endpoint` and run `go run ./internal/endpoints -o docs/endpoints.md`.\n\n" +
	"- **Endpoint** is below the base URL, `https://modelslab.com/api`.\n" +
	"- **Required** are the body fields that a request is refused without before it is sent; the key is sent always.\n" +
	"- **Webhook** and **track_id** say whether the body takes them; *integer* is where the vendor documents a number.\n" +
	"- **Files** says how a local file travels: *upload* to a URL first, *data URI* in place of the URL, or *base64* with\n" +
	"  the flag of that name.\n" +
	"- **Enterprise servers** offer the same with `Server`, the default first. In parentheses is what differs there.\n" +
	"- **Source** is where the operation is described: the vendor's *OpenAPI* files, a *page* of its documentation, or\n" +
	"  nothing but public *programs*.\n"

var (
	media   = [...]string{endpoint.MediaUpload: "upload", endpoint.MediaInline: "data URI", endpoint.MediaFlag: "base64"}
	sources = [...]string{endpoint.OpenAPI: "OpenAPI", endpoint.Page: "page", endpoint.Programs: "programs"}
)

// page is docs/endpoints.md.
func page() ([]byte, error) {
	calls, err := methods()
	if err != nil {
		return nil, err
	}
	b := bytes.NewBufferString(preface)
	for service := range reflect.TypeFor[modelslab.Client]().Fields() {
		rows := slices.DeleteFunc(endpoint.All(), func(e *endpoint.Endpoint) bool { return calls[e].service != service.Name })
		if len(rows) == 0 {
			continue
		}
		fmt.Fprintf(b, "\n## %s\n\n", service.Name)
		table(b, "Endpoint", "Method", "Request", "Required", "Webhook", "track_id", "Files", "Enterprise servers", "Source")
		for _, e := range rows {
			m := calls[e]
			line(b, code(e.Method+" "+e.Path), code(m.name), code(m.request), required(e), yes(e.Webhook), trackID(e.Terms(nil)),
				files(e, m), servers(e), sources[e.Source])
		}
	}
	fmt.Fprint(b, "\n## Results\n\nA job's results are fetched from the endpoint of its kind, by `Fetch`, `Wait` and `Run`.\n\n")
	table(b, "Kind", "Endpoint")
	for _, f := range endpoint.Fetches() {
		line(b, code(f.Kind), code(fetch(&f)))
	}
	return b.Bytes(), nil
}

func table(b *bytes.Buffer, heads ...string) {
	line(b, heads...)
	line(b, slices.Repeat([]string{"---"}, len(heads))...)
}

func line(b *bytes.Buffer, cells ...string) {
	fmt.Fprintf(b, "| %s |\n", strings.Join(cells, " | "))
}

func code(s string) string {
	if s == "" {
		return ""
	}
	return "`" + s + "`"
}

func codes(names []string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = code(name)
	}
	return strings.Join(quoted, ", ")
}

func required(e *endpoint.Endpoint) string {
	if e.Also[0] == "" {
		return codes(e.Required)
	}
	return codes(e.Required) + "; " + second(e.Also)
}

func second(also [2]string) string { return code(also[0]) + " also as " + code(also[1]) }

func yes(b bool) string {
	if b {
		return "yes"
	}
	return ""
}

func trackID(t endpoint.Terms) string {
	switch {
	case t.TrackNumber:
		return "integer"
	case t.TrackID:
		return "string"
	}
	return ""
}

func files(e *endpoint.Endpoint, m caller) string {
	if !m.files {
		return ""
	}
	return media[e.Media]
}

// servers lists the dedicated servers, each with what it wants otherwise than
// the public API.
func servers(e *endpoint.Endpoint) string {
	all := make([]string, 0, len(e.Enterprise))
	for i := range e.Enterprise {
		s := &e.Enterprise[i]
		name := s.Name
		if name == "" {
			name = "root"
		}
		var differs []string
		if s.Required != nil {
			differs = append(differs, "required: "+codes(s.Required))
		}
		public, own := e.Terms(nil), e.Terms(s)
		if e.Kind != "" && trackID(own) != trackID(public) {
			differs = append(differs, "track_id: "+cmp.Or(trackID(own), "no"))
		}
		if own.Also != public.Also {
			differs = append(differs, second(own.Also))
		}
		text := code(name)
		if len(differs) > 0 {
			text += " (" + strings.Join(differs, "; ") + ")"
		}
		all = append(all, text)
	}
	return strings.Join(all, ", ")
}

// fetch is how the results of a kind are fetched.
func fetch(f *endpoint.Fetch) string {
	switch f.Shape {
	case endpoint.ByBodyID:
		return "POST " + f.Path
	case endpoint.ByWorkflow:
		return "GET " + f.Path + "/{workflow_id}/runs/{execution_id}"
	default:
		return "POST " + f.Path + "/{id}"
	}
}
