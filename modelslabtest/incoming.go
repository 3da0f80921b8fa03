package modelslabtest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/modelslab-go/modelslab/internal/endpoint"
)

const maxBody = 256 << 20

var errClosed = errors.New("modelslabtest: the server is closed")

// Request is a request that the server received.
type Request struct {
	Call   Call
	Kind   string // where the results of the job are fetched: "video", "v7/voice", "training"
	Method string
	URL    string      // without the key
	Path   string      // below the base URL: "/v6/video/text2video"
	Header http.Header // without the key
	Key    string      // wherever it came: in the body, a header, the query
	Body   []byte      // without the key, if it is a JSON object; not to be modified
	// TrackID is the track_id of a submit.
	TrackID string
	Time    time.Time
}

// incoming is a request on its way through the server.
type incoming struct {
	Request

	route  *route
	args   []string // of the path
	origin string   // scheme and host, for the links of the answer
	fields map[string]json.RawMessage
	header http.Header
	query  url.Values
	place  endpoint.Auth // of the key
	http   *http.Request
	fault  *Fault
}

// answer handles a request.
func (s *Server) answer(r *http.Request, origin string) (response, error) {
	select {
	case <-s.closed:
		return response{}, errClosed
	default:
	}
	x := newExchange(r, origin, s.config.strict)
	x.fault = s.takeNext(x)
	if f := x.fault; f != nil && (f.Reset || f.NoConnection) && !f.Accept {
		s.record(x)
		return f.spoil(response{}), nil
	}
	body, err := readBody(r)
	if err != nil {
		return response{}, err
	}
	readable := x.read(body, s.config.strict)
	if x.fault == nil {
		x.fault = s.scripted(x)
	}
	s.record(x)
	var a response
	if !x.fault.spoils() || x.fault.Accept {
		a = s.act(x, readable)
	}
	if err := s.hold(r.Context(), x.fault.Slow); err != nil {
		return response{}, err
	}
	return x.fault.spoil(a), nil
}

func newExchange(r *http.Request, origin string, strict bool) *incoming {
	x := &incoming{origin: origin, header: r.Header, http: r}
	header := r.Header.Clone()
	header.Del("Key")
	header.Del("Authorization")
	x.Request = Request{Method: r.Method, Header: header, Time: time.Now()}
	x.URL = origin + r.URL.EscapedPath()
	if r.URL.RawQuery != "" {
		x.query = r.URL.Query()
		shown := maps.Clone(x.query)
		delete(shown, "key")
		x.URL += "?" + shown.Encode()
	}
	x.route, x.args, x.Path = find(r.URL.EscapedPath(), strict)
	x.Call, x.Kind = x.route.call, x.route.kind
	return x
}

func readBody(r *http.Request) ([]byte, error) {
	if r.Body == nil || r.Body == http.NoBody {
		return nil, nil
	}
	buf := bytes.NewBuffer(make([]byte, 0, min(max(r.ContentLength, 0), maxBody)+bytes.MinRead))
	_, err := buf.ReadFrom(io.LimitReader(r.Body, maxBody))
	return buf.Bytes(), err
}

// read parses the body and takes the key out of it. It reports whether the body
// can be parsed.
func (x *incoming) read(body []byte, strict bool) bool {
	x.Body = body
	ok := true
	if len(bytes.TrimSpace(body)) > 0 {
		if x.fields, ok = members(body); !ok && !strict {
			ok = x.readForm(body)
		}
	}
	if x.fields == nil {
		x.fields = map[string]json.RawMessage{}
	}
	x.Key, x.place = x.findKey()
	if key, inBody := x.fields["key"]; inBody && text(key) == x.Key {
		x.Body = without(body, "key")
		delete(x.fields, "key")
	}
	if !strict {
		x.fill(x.query)
	}
	x.TrackID = x.str("track_id")
	return ok
}

// findKey returns the key and its place: the body, a header, or the query.
func (x *incoming) findKey() (string, endpoint.Auth) {
	if raw, ok := x.fields["key"]; ok {
		return text(raw), endpoint.AuthBody
	}
	if key := x.header.Get("Key"); key != "" {
		return key, endpoint.AuthHeader
	}
	if key, ok := strings.CutPrefix(x.header.Get("Authorization"), "Bearer "); ok {
		return key, endpoint.AuthHeader
	}
	return x.query.Get("key"), endpoint.AuthQuery
}

// act performs a request and returns the right answer.
func (s *Server) act(x *incoming, readable bool) response {
	if a, ok := s.replayed(x); ok {
		return a
	}
	r := x.route
	switch {
	case s.replay != nil && s.config.strict:
		return s.replay.refuseUnrecorded(x)
	case r.call == File:
		return s.file(x)
	case r.serve == nil:
		return failure(http.StatusNotFound, "The route "+x.Path+" could not be found.")
	case r.method != x.Method && r.method != "":
		return failure(http.StatusMethodNotAllowed, "The "+x.Method+" method is not supported for this route.")
	case !readable:
		return failure(http.StatusBadRequest, "Invalid JSON in request body")
	case x.Key == "", s.config.strict && x.place != r.auth:
		return failure(http.StatusUnauthorized, "API key required")
	case s.config.key != "" && x.Key != s.config.key:
		return failure(http.StatusUnauthorized, "Invalid API key")
	}
	if field := x.missing(s.config.strict); field != "" {
		return invalid(http.StatusOK, field, "is required")
	}
	if s.config.strict {
		if field, want := x.misspelled(); field != "" {
			return invalid(http.StatusOK, field, want)
		}
	}
	if refusal, bad := x.badMedia(s.config.strict); bad {
		return refusal
	}
	return r.serve(s, x)
}

// missing is the first required field that the request goes without.
func (x *incoming) missing(strict bool) string {
	for _, name := range x.route.required {
		if !x.has(name) && (strict || !x.forgives(name)) {
			return name
		}
	}
	return ""
}

// hold waits for a duration, or until the request or the server ends. A negative
// duration never elapses.
func (s *Server) hold(ctx context.Context, d time.Duration) error {
	if d == 0 {
		return nil
	}
	var over <-chan time.Time
	if d > 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		over = timer.C
	}
	select {
	case <-over:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-s.closed:
		return errClosed
	}
}

func (x *incoming) has(name string) bool {
	switch string(x.fields[name]) {
	case "", "null", `""`, "[]":
		return false
	}
	return true
}

// str is a field as text; a missing one or null is "".
func (x *incoming) str(name string) string {
	if !x.has(name) {
		return ""
	}
	return text(x.fields[name])
}

func (x *incoming) number(name string, missing int) int {
	if n, err := strconv.ParseFloat(x.str(name), 64); err == nil {
		return int(n)
	}
	return missing
}

// flag reads a boolean in any of the API's spellings.
func (x *incoming) flag(name string) bool {
	switch strings.ToLower(x.str(name)) {
	case "true", "yes", "1":
		return true
	}
	return false
}
