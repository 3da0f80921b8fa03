package modelslabtest

import (
	"net/url"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/modelslab-go/modelslab/internal/endpoint"
)

// route is what the server does at a path.
type route struct {
	call     Call
	kind     string
	method   string             // "" is any
	row      *endpoint.Endpoint // of an operation in the table
	auth     endpoint.Auth      // where the API reads the key
	required []string
	serve    func(*Server, *incoming) response // nil: not found
}

type routes struct {
	exact    map[string]*route
	patterns []pattern
}

type pattern struct {
	*route

	path string
}

// table holds every route. It is built from the endpoint table, so that a row
// added there is served without more code.
var table = sync.OnceValue(func() *routes {
	t := &routes{exact: map[string]*route{}}
	t.special()
	t.enterprise()
	for _, f := range endpoint.Fetches() {
		if f.Shape != endpoint.ByWorkflow {
			t.add(f.Path, fetchRoute(f.Kind))
			t.add(f.Path+"/{id}", fetchRoute(f.Kind))
		}
	}
	for _, e := range endpoint.All() {
		if !strings.Contains(e.Path, "/{server}/") { // enterprise adds them by the names of servers
			t.addRow(e)
		}
	}
	return t
})

// add adds a route, unless the path has one already.
func (t *routes) add(path string, r *route) {
	if !strings.Contains(path, "{") {
		if t.exact[path] == nil {
			t.exact[path] = r
		}
		return
	}
	t.patterns = append(t.patterns, pattern{r, path})
}

// at returns the route of a path with its {arguments} as they are.
func (t *routes) at(path string) *route {
	for _, p := range t.patterns {
		if p.path == path {
			return p.route
		}
	}
	return t.exact[path]
}

func (t *routes) addRow(e *endpoint.Endpoint) {
	r := route{call: Submit, kind: e.Kind, method: e.Method, row: e, auth: e.Auth, required: e.Required, serve: (*Server).submit}
	if e.Kind == "" {
		r.call, r.serve = Helper, says("Done")
	}
	if known := t.at(e.Path); known != nil {
		known.row, known.auth, known.required = e, e.Auth, e.Required
	} else {
		public := r
		t.add(e.Path, &public)
	}
	for _, server := range e.Enterprise {
		if known := t.exact[server.Path()]; known != nil { // two operations meet on the server
			known.required = slices.DeleteFunc(slices.Clone(known.required), func(name string) bool {
				return !slices.Contains(e.RequiredOn(server), name)
			})
			continue
		}
		dedicated := r
		dedicated.required = e.RequiredOn(server)
		if public := t.at(e.Path); e.Kind == "" && public != nil {
			dedicated.serve = public.serve
		}
		if e.Kind != "" {
			dedicated.kind = server.Kind()
		}
		t.add(server.Path(), &dedicated)
	}
}

// find returns the route of a URL path, the arguments in it, and the path below
// the base URL. An unknown path has a route without serve. A strict server has the
// paths of the table only.
func find(escaped string, strict bool) (r *route, args []string, below string) {
	clean := path.Clean("/" + escaped)
	if name, ok := strings.CutPrefix(clean, "/files/"); ok {
		return &route{call: File}, []string{name}, clean
	}
	below, ok := strings.CutPrefix(clean, "/api/")
	if !ok {
		return &route{call: Helper}, nil, clean
	}
	below = "/" + below
	if r, args = table().lookUp(below); r == nil && !strict {
		if r, args = table().lookUp(canonical(below)); r == nil {
			r, args = guess(canonical(below))
		}
	}
	if r == nil {
		r = &route{call: Helper}
	}
	return r, args, below
}

// lookUp returns the route of a path and the arguments in it, nil when there is
// none.
func (t *routes) lookUp(p string) (*route, []string) {
	if r, ok := t.exact[p]; ok {
		return r, nil
	}
	for _, pt := range t.patterns {
		if args, ok := match(pt.path, p); ok {
			return pt.route, args
		}
	}
	return nil, nil
}

// match returns what stands for the {arguments} of a pattern.
func match(pattern, path string) (args []string, ok bool) {
	want, got := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return nil, false
	}
	for i, w := range want {
		if !strings.HasPrefix(w, "{") {
			if w != got[i] {
				return nil, false
			}
			continue
		}
		arg, err := url.PathUnescape(got[i])
		if err != nil || arg == "" {
			return nil, false
		}
		args = append(args, arg)
	}
	return args, true
}
