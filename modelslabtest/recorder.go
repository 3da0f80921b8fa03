package modelslabtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/modelslab-go/modelslab/internal/wire"
)

// maxRecorded is the longest answer that is recorded.
const maxRecorded = 8 << 20

// Recorder is an [http.RoundTripper] that records what passes through it, for
// [modelslab.WithHTTPClient]. API keys, callback URLs and the queries of URLs do
// not get into the recording. Calls without a whole answer are left out. It is
// safe for concurrent use.
//
// [modelslab.WithHTTPClient]: https://pkg.go.dev/github.com/modelslab-go/modelslab#WithHTTPClient
type Recorder struct {
	next http.RoundTripper

	mu        sync.Mutex
	secrets   secrets
	recording Recording
	err       error
}

// NewRecorder returns a recorder of what next carries. A nil next is
// [http.DefaultTransport].
func NewRecorder(next http.RoundTripper) *Recorder {
	if next == nil {
		next = http.DefaultTransport
	}
	return &Recorder{next: next, recording: Recording{Version: recordingVersion}}
}

// RoundTrip carries one call. The answer is returned when it is here, or 8 MB of
// it are.
func (r *Recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	var sent []byte
	if req.Body != nil && req.Body != http.NoBody {
		var err error
		if sent, err = readBody(req); err != nil {
			return nil, err
		}
		_ = req.Body.Close()
		again := *req
		again.Body = io.NopCloser(bytes.NewReader(sent))
		req = &again
	}
	resp, err := r.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	start, err := io.ReadAll(io.LimitReader(resp.Body, maxRecorded+1))
	switch {
	case err != nil:
		resp.Body = resumed{io.MultiReader(bytes.NewReader(start), failing{err}), resp.Body}
	case len(start) > maxRecorded:
		r.fail(fmt.Errorf("the answer of %s %s has more than %d bytes and was not recorded", req.Method, apiPath(req.URL.EscapedPath()), maxRecorded))
		resp.Body = resumed{io.MultiReader(bytes.NewReader(start), resp.Body), resp.Body}
	default:
		resp.Body = resumed{bytes.NewReader(start), resp.Body}
		r.add(req, sent, resp, start)
	}
	return resp, nil
}

// resumed is a body of which some has been read.
type resumed struct {
	io.Reader
	io.Closer
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func (r *Recorder) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err == nil {
		r.err = err
	}
}

func (r *Recorder) add(req *http.Request, sent []byte, resp *http.Response, answer []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	query := req.URL.Query()
	bearer, _ := strings.CutPrefix(req.Header.Get("Authorization"), "Bearer ")
	for _, key := range []string{wire.Scalar(wire.Field(string(sent), "key")), req.Header.Get("Key"), bearer, query.Get("key")} {
		r.secrets.add(key, wire.Scalar(wire.Field(string(sent), "webhook")))
	}
	in := Interaction{
		Method: req.Method, Path: r.secrets.text(apiPath(req.URL.EscapedPath())), Query: r.secrets.query(req.URL, query),
		Request: r.secrets.request(sent), Status: resp.StatusCode, Header: r.secrets.header(resp.Header), at: time.Now(),
	}
	if clean, ok := r.secrets.json(string(answer)); ok {
		in.Response = json.RawMessage(clean)
	} else if utf8.Valid(answer) {
		in.Text = r.secrets.text(string(answer))
	} else {
		in.Data = answer
	}
	r.recording.Interactions = append(r.recording.Interactions, in)
}

// query is that of an API call without the key. Those of files may be signed and
// are left out.
func (s *secrets) query(u *url.URL, values url.Values) string {
	if apiPath(u.Path) == u.Path {
		return ""
	}
	values.Del("key")
	return s.text(values.Encode())
}

// header keeps the headers of an answer that a client acts on.
func (s *secrets) header(h http.Header) http.Header {
	kept := http.Header{}
	for name, values := range h {
		lower := strings.ToLower(name)
		if lower == "content-type" || lower == "retry-after" || strings.Contains(lower, "ratelimit") || strings.Contains(lower, "rate-limit") {
			for _, value := range values {
				kept.Add(name, s.text(value))
			}
		}
	}
	return kept
}

// AddWebhook records a delivery about the job that was submitted last with the
// track id, or, for "", without one, as trainings and workflow runs are. A body that is
// not JSON is not recorded.
func (r *Recorder) AddWebhook(trackID string, body []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	clean, ok := r.secrets.json(string(body))
	if !ok {
		return
	}
	for i := range slices.Backward(r.recording.Interactions) {
		in := &r.recording.Interactions[i]
		if r, _, _ := find("/api"+in.Path, false); r.call == Submit && wire.Scalar(wire.Field(string(in.Request), "track_id")) == trackID {
			in.Webhooks = append(in.Webhooks, RecordedWebhook{max(time.Since(in.at).Seconds(), 0), json.RawMessage(clean)})
			return
		}
	}
}

// Recording returns what was recorded so far. The error says what is missing in
// it.
func (r *Recorder) Recording() (*Recording, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := slices.Clone(r.recording.Interactions)
	for i := range list {
		list[i].Webhooks = slices.Clone(list[i].Webhooks)
	}
	return &Recording{r.recording.Version, list}, r.err
}
