// Package endpoint is the table of the API: one row for each operation and one
// for each place that results are fetched from. Submit, Fetch, Wait, the queue
// limit and the test server read it.
package endpoint

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Auth says where an endpoint reads the API key.
type Auth uint8

// The places an endpoint reads the API key from.
const (
	AuthBody   Auth = iota // the JSON body's "key", the rule
	AuthHeader             // a header named "key": workflows
	AuthQuery              // the query value "key": v7 model search
)

// MediaMode says how an endpoint takes files that are not on the web yet.
type MediaMode uint8

// The ways of handing over a local file.
const (
	MediaUpload MediaMode = iota // URLs only, or a base64 flag that changes the output too: upload first
	MediaInline                  // a data URI in place of the URL
	MediaFlag                    // base64 in place of the URL, announced by "base64": true
)

// Origin says where an endpoint is described.
type Origin uint8

// The places an endpoint is described in, the most reliable first.
const (
	OpenAPI  Origin = iota // the vendor's OpenAPI files
	Page                   // a page of the vendor's documentation
	Programs               // public programs that call it
)

// Endpoint is one operation of the API.
type Endpoint struct {
	Name   string // the Go name of the operation, "TextToVideo"
	Kind   string // the fetch row its results come from; "" where the answer is the result
	Method string
	Path   string // below the base URL, "/v6/video/text2video"; {name} marks an argument

	Auth        Auth
	Media       MediaMode
	Source      Origin
	Webhook     bool      // the body takes "webhook"
	TrackID     bool      // the body takes "track_id"
	TrackNumber bool      // the vendor documents track_id as an integer
	Required    []string  // body fields the server refuses to go without, key aside
	Also        [2]string // a field, and a second name that it is sent under; "" for none
	Random      string    // a field that the API requires, a random number in a request without it; "" for none
	Training    bool      // 24 hours, not 30 minutes, is a reasonable wait
	Change      bool      // no job, but it changes something: not to be repeated blindly

	// Enterprise lists the dedicated servers that offer the operation, the
	// default first. Empty means there is none.
	Enterprise []EnterpriseServer

	op string
}

// Args returns the names of the path's arguments.
func (e *Endpoint) Args() []string {
	var names []string
	for element := range strings.SplitSeq(e.Path, "/") {
		if name, ok := argument(element); ok {
			names = append(names, name)
		}
	}
	return names
}

// At returns the path with its arguments filled in, one value each.
func (e *Endpoint) At(args ...string) string {
	elements := strings.Split(e.Path, "/")
	for i, element := range elements {
		if _, ok := argument(element); ok {
			elements[i] = url.PathEscape(args[0])
			args = args[1:]
		}
	}
	return strings.Join(elements, "/")
}

// ArgOf returns the first argument of a path that At made.
func (e *Endpoint) ArgOf(path string) string {
	before, _, _ := strings.Cut(e.Path, "{")
	arg, _, _ := strings.Cut(strings.TrimPrefix(path, before), "/")
	if text, err := url.PathUnescape(arg); err == nil {
		return text
	}
	return arg
}

func argument(element string) (name string, ok bool) {
	name, ok = strings.CutPrefix(element, "{")
	return strings.TrimSuffix(name, "}"), ok
}

// EnterpriseServer is an operation as a dedicated enterprise server spells it.
type EnterpriseServer struct {
	Name string // "" is the root server
	Op   string // the last element of the path

	Required    []string  // body fields it refuses to go without; nil: those of the public API
	NoTrackID   bool      // the body takes no "track_id"
	TrackNumber bool      // the vendor documents track_id as an integer
	Also        [2]string // as in Endpoint; "" for that of the public API
}

// OpOn is the name of the operation in errors and logs when it is called at
// path.
func (e *Endpoint) OpOn(path string) string {
	if path == e.Path && e.op != "" {
		return e.op
	}
	return e.Method + " " + path
}

const enterprisePrefix = "/v1/enterprise"

// Path is where the server offers the operation.
func (s EnterpriseServer) Path() string {
	if s.Name == "" {
		return enterprisePrefix + "/" + s.Op
	}
	return enterprisePrefix + "/" + s.Name + "/" + s.Op
}

// Kind is the fetch row of the server's results.
func (s EnterpriseServer) Kind() string {
	if s.Name == "" {
		return "enterprise"
	}
	return "enterprise/" + s.Name
}

// Terms are what a body must look like where an operation is called.
type Terms struct {
	Required    []string // fields it refuses to go without; nil: those of the request's tags
	TrackID     bool
	TrackNumber bool
	Also        [2]string
	Random      string
}

// Terms returns the terms of a dedicated server, or of the public API for nil.
func (e *Endpoint) Terms(s *EnterpriseServer) Terms {
	if s == nil {
		return Terms{TrackID: e.TrackID, TrackNumber: e.TrackNumber, Also: e.Also, Random: e.Random}
	}
	t := Terms{Required: s.Required, TrackID: e.TrackID && !s.NoTrackID, TrackNumber: s.TrackNumber, Also: s.Also, Random: e.Random}
	if t.Also[0] == "" {
		t.Also = e.Also
	}
	return t
}

// RequiredOn returns the body fields that a server refuses to go without.
func (e *Endpoint) RequiredOn(s EnterpriseServer) []string {
	if s.Required != nil {
		return s.Required
	}
	return e.Required
}

// RequiredEverywhere returns the body fields that neither the public API nor
// any server goes without, nil where all agree with the public API.
func (e *Endpoint) RequiredEverywhere() []string {
	var common []string
	for _, s := range e.Enterprise {
		if s.Required == nil {
			continue
		}
		if common == nil {
			common = e.Required
		}
		common = slices.DeleteFunc(slices.Clone(common), func(name string) bool { return !slices.Contains(s.Required, name) })
	}
	return common
}

// On returns the operation's spelling on the enterprise server of that name.
func (e *Endpoint) On(server string) (*EnterpriseServer, bool) {
	for i := range e.Enterprise {
		if e.Enterprise[i].Name == server {
			return &e.Enterprise[i], true
		}
	}
	return nil, false
}

// ByPath returns the row of a path, whose arguments may be filled in.
func ByPath(path string) (*Endpoint, bool) {
	path = strings.TrimSuffix(path, "/")
	for _, e := range All() {
		if e.Path == path || matches(e.Path, path) {
			return e, true
		}
	}
	return nil, false
}

// matches reports whether path is pattern with its {arguments} filled in.
func matches(pattern, path string) bool {
	p, q := strings.Split(pattern, "/"), strings.Split(path, "/")
	for i := range p {
		if len(p) != len(q) {
			return false
		}
		if _, free := argument(p[i]); p[i] != q[i] && (!free || q[i] == "") {
			return false
		}
	}
	return true
}

// The rows are plain data, which the linker drops where no request of theirs is
// used: hence no registration, and functions that the compiler can evaluate.
type (
	fields = []string
	on     = []EnterpriseServer
)

// job is the row of a generation: it takes webhook and track_id. A row without
// required fields or enterprise servers has nil there.
func job(name, kind, path string, media MediaMode, required fields, servers on) *Endpoint {
	return &Endpoint{
		Name: name, Kind: kind, Method: http.MethodPost, Path: path, op: http.MethodPost + " " + path, Media: media,
		Webhook: true, TrackID: true, Required: required, Enterprise: servers,
	}
}

// numbered is a job whose track_id the vendor documents as an integer.
func numbered(name, kind, path string, media MediaMode, required fields, servers on) *Endpoint {
	return &Endpoint{
		Name: name, Kind: kind, Method: http.MethodPost, Path: path, op: http.MethodPost + " " + path, Media: media,
		Webhook: true, TrackID: true, TrackNumber: true, Required: required, Enterprise: servers,
	}
}

// described is a job that no OpenAPI file has and no dedicated server offers.
func described(source Origin, name, kind, path string, required fields) *Endpoint {
	return &Endpoint{
		Name: name, Kind: kind, Method: http.MethodPost, Path: path, op: http.MethodPost + " " + path, Source: source,
		Webhook: true, TrackID: true, Required: required,
	}
}

// dedicated is a job that dedicated servers alone offer, at the path of one.
func dedicated(name, kind, path string, required fields, servers on) *Endpoint {
	return &Endpoint{
		Name: name, Kind: kind, Method: http.MethodPost, Path: path, op: http.MethodPost + " " + path, Source: Page,
		Webhook: true, TrackID: true, Required: required, Enterprise: servers,
	}
}
