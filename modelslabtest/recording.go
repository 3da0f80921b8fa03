package modelslabtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// A Recording is what the API answered, in the order of the requests, in a form
// that can be kept in a repository: a [Recorder] makes it, without API keys,
// callback URLs and the queries of URLs, and [WithRecording] replays it.
type Recording struct {
	Version      int           `json:"version"` // 1
	Interactions []Interaction `json:"interactions"`
}

// Interaction is one request and its answer. The body of the answer is in one of
// Response, Text and Data.
type Interaction struct {
	Method  string          `json:"method"`
	Path    string          `json:"path"`             // below the base URL; of files the path of the URL
	Query   string          `json:"query,omitzero"`   // without the key
	Request json.RawMessage `json:"request,omitzero"` // without the key; long texts are their hashes

	Status   int               `json:"status"`
	Header   http.Header       `json:"header,omitzero"` // Content-Type, and what limits calls
	Response json.RawMessage   `json:"response,omitzero"`
	Text     string            `json:"text,omitzero"` // of an answer that is not JSON
	Data     []byte            `json:"data,omitzero"` // of one that is no text
	Webhooks []RecordedWebhook `json:"webhooks,omitzero"`

	at time.Time // when it was answered
}

// RecordedWebhook is a delivery that followed a submit.
type RecordedWebhook struct {
	After float64         `json:"after"` // seconds after the answer to the submit
	Body  json.RawMessage `json:"body"`
}

const recordingVersion = 1

// ReadRecording reads a file that [Recording.WriteFile] wrote.
func ReadRecording(path string) (*Recording, error) {
	text, err := os.ReadFile(path) //nolint:gosec // the file is the caller's
	if err != nil {
		return nil, err
	}
	r, err := ParseRecording(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return r, nil
}

// ParseRecording decodes a recording. It returns an error for another version and
// for an interaction that cannot be answered.
func ParseRecording(text []byte) (*Recording, error) {
	r := new(Recording)
	if err := json.Unmarshal(text, r); err != nil {
		return nil, fmt.Errorf("the recording cannot be read: %w", err)
	}
	if r.Version != recordingVersion {
		return nil, fmt.Errorf("the recording has version %d, want %d: record it again", r.Version, recordingVersion)
	}
	for i := range r.Interactions {
		if err := r.Interactions[i].check(); err != nil {
			return nil, fmt.Errorf("interaction %d of the recording: %w", i, err)
		}
	}
	return r, nil
}

func (in *Interaction) check() error {
	bodies := 0
	for _, has := range []bool{len(in.Response) > 0, in.Text != "", len(in.Data) > 0} {
		if has {
			bodies++
		}
	}
	switch {
	case in.Method == "" || !strings.HasPrefix(in.Path, "/"):
		return errors.New("it names no method, or no path that starts with a slash")
	case in.Status < 100 || in.Status > 599:
		return fmt.Errorf("its status is %d", in.Status)
	case bodies > 1:
		return errors.New("it has more than one of response, text and data")
	}
	for _, w := range in.Webhooks {
		if w.After < 0 || w.After > (24*time.Hour).Seconds() || len(w.Body) == 0 {
			return errors.New("a webhook of it has no body, or comes before it or a day later")
		}
	}
	return nil
}

// WriteFile writes the recording as JSON, and makes the folders that are missing.
func (r *Recording) WriteFile(path string) error {
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(r); err != nil {
		return fmt.Errorf("the recording cannot be written: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return err
	}
	return os.WriteFile(path, text.Bytes(), 0o600)
}

// body is the answer's body.
func (in *Interaction) body() []byte {
	switch {
	case len(in.Response) > 0:
		return in.Response
	case in.Text != "":
		return []byte(in.Text)
	default:
		return in.Data
	}
}

// apiPath is a URL path below the base URL. Of a file, which is elsewhere, it is
// the path itself.
func apiPath(escaped string) string {
	if _, below, ok := strings.Cut(escaped, "/api/"); ok {
		return "/" + below
	}
	return escaped
}
