package modelslabtest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/modelslab-go/modelslab/internal/wire"
)

// WithRecording makes the server answer as recorded: path is a file that
// [Recorder] or [Record] made, and several can be given. Requests match by
// endpoint and body, apart from the key, the callback URL and track ids that were
// made up; whatever key they have is accepted. The first submit gets the first
// recorded answer, the second the second; all other requests do the same and then
// get the last answer again. Webhooks are sent as they were recorded. Of a track
// id that was made up the answers have the present one.
//
// A request that was not recorded is answered as without a recording, and with
// [WithStrict] it is refused. [NewServer] panics when a file cannot be read.
func WithRecording(path string) Option {
	return func(c *settings) { c.recordings = append(c.recordings, path) }
}

// replay is what a server with recordings has to answer.
type replay struct {
	answers map[string][]*Interaction
	taken   map[string]int    // of the answers
	names   map[string]string // the present track ids by the recorded ones
}

// newReplay reads recordings. It is nil without any.
func newReplay(paths []string) *replay {
	if len(paths) == 0 {
		return nil
	}
	p := &replay{map[string][]*Interaction{}, map[string]int{}, map[string]string{}}
	for _, path := range paths {
		recording, err := ReadRecording(path)
		if err != nil {
			panic("modelslabtest: " + err.Error())
		}
		for i := range recording.Interactions {
			in := &recording.Interactions[i]
			key := matchKey(in.Method, in.Path, in.Query, in.Request)
			p.answers[key] = append(p.answers[key], in)
		}
	}
	return p
}

// matchKey is the same for requests that ask for the same.
func matchKey(method, path, query string, body []byte) string {
	compact := func(value string) string { return mapScalars(value, func(scalar string) string { return scalar }) }
	fields, ok := members(body)
	if !ok {
		if len(body) > 0 {
			body = []byte(compact(string(body)))
		}
		return strings.Join([]string{method, path, query, string(body)}, "\n")
	}
	delete(fields, "webhook")
	if madeUp(fields["track_id"]) {
		delete(fields, "track_id")
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s\n%s", method, path, query)
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		fmt.Fprintf(&b, "\n%q:%s", name, compact(string(fields[name])))
	}
	return b.String()
}

// madeUp reports whether a track id is one that the client makes: a UUID, or a
// number where the API documents one.
func madeUp(trackID json.RawMessage) bool {
	text, isText := wire.String(string(trackID))
	if !isText {
		_, err := strconv.ParseUint(string(trackID), 10, 64)
		return err == nil
	}
	return uuidForm.MatchString(text)
}

var uuidForm = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// replayed returns the recorded answer to a request. It is not ok when there is
// none, or no more.
func (s *Server) replayed(x *incoming) (response, bool) {
	p := s.replay
	if p == nil {
		return response{}, false
	}
	query := maps.Clone(x.query)
	delete(query, "key")
	var clean secrets
	key := matchKey(x.Method, apiPath(x.http.URL.EscapedPath()), clean.query(x.http.URL, query), clean.request(x.Body))
	s.mu.Lock()
	defer s.mu.Unlock()
	list, i := p.answers[key], p.taken[key]
	public, _, _ := find(x.http.URL.EscapedPath(), false)
	submit := public.call == Submit
	if !submit {
		i = min(i, len(list)-1)
	}
	if i < 0 || i >= len(list) {
		return response{}, false
	}
	p.taken[key] = i + 1
	in := list[i]
	callback := ""
	if submit {
		callback = s.replaySubmit(x, in)
	} else if x.Call == Fetch {
		s.records.stats.Fetches++
	}
	a := response{status: in.Status, header: in.Header.Clone(), body: p.present(in.body(), callback)}
	if a.header == nil {
		a.header = http.Header{}
	}
	if a.header.Get("Content-Type") == "" {
		a.header.Set("Content-Type", contentType(string(a.body)))
	}
	return a, true
}

// replaySubmit accounts for a submit, sends its webhooks and returns its callback
// URL.
func (s *Server) replaySubmit(x *incoming, in *Interaction) string {
	if old := wire.Scalar(wire.Field(string(in.Request), "track_id")); old != x.TrackID && old != "" {
		s.replay.names[old] = x.TrackID
	}
	if s.records.accepted == nil {
		s.records.accepted = map[string]int{}
	}
	s.records.accepted[x.TrackID]++
	s.records.stats.Submits++
	callback := x.str("webhook")
	if callback == "" {
		return ""
	}
	job := &serverJob{id: wire.Scalar(wire.Field(string(in.Response), "id"))}
	for _, w := range in.Webhooks {
		s.send(outgoing{
			job: job, url: callback, body: s.replay.present(w.Body, callback), tries: 1,
			delay: time.Duration(w.After * float64(time.Second)),
		})
	}
	return callback
}

// present puts the present track ids and callback URL in the place of the
// recorded ones. A body that is not JSON stays as it is.
func (p *replay) present(body []byte, callback string) []byte {
	if wire.Valid(string(body)) != nil {
		return body
	}
	return []byte(mapScalars(string(body), func(scalar string) string {
		if now, ok := p.names[wire.Scalar(scalar)]; ok {
			if scalar[0] == '"' {
				return string(quote(now))
			}
			return string(jsonID(now))
		}
		if scalar[0] != '"' {
			return scalar
		}
		return string(quote(strings.ReplaceAll(wire.Scalar(scalar), callbackMark, callback)))
	}))
}

// refuseUnrecorded answers a request that the recordings of a strict server do
// not have.
func (p *replay) refuseUnrecorded(x *incoming) response {
	path, same := apiPath(x.http.URL.EscapedPath()), 0
	for _, list := range p.answers {
		if list[0].Method == x.Method && list[0].Path == path {
			same += len(list)
		}
	}
	return failure(http.StatusNotFound, fmt.Sprintf(
		"the recording has no answer to this request: it has %d to %s %s, all to other bodies or given already; record it again",
		same, x.Method, path))
}
