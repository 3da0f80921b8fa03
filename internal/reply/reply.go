// Package reply says what an answer of the API means: the state of a job, or a
// refusal. The API spells fields in several ways, leaves them out and changes
// their types from answer to answer, and refuses with HTTP 200 as often as with
// a status that says so; all of that is known here and nowhere else.
package reply

import (
	"bytes"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/modelslab-go/modelslab/internal/wire"
)

// The states of a job. Any other word is kept in lower case.
const (
	Processing = "processing"
	Success    = "success"
	Failed     = "failed"
	Cancelled  = "cancelled"
)

// The kinds of jobs whose answers have a form of their own.
const (
	Training = "training"
	Workflow = "workflow"
)

// JobState is what an answer says about a job. Package modelslab makes its Job of
// it, whose fields have the same names and are described there.
type JobState struct {
	Kind, Key   string // of the Ref: where the job is fetched
	ID          string
	Status      string
	Stage       string
	TrackID     string
	Output      []string
	Text        string
	ProxyLinks  []string
	FutureLinks []string
	NSFW        bool
	ETA, Took   time.Duration
	Message     string
	Meta, Raw   []byte
	FetchURL    string // the answer's own, where the table of kinds does not have it
}

// NamesJob reports whether the answer says which job it is about.
func (s *JobState) NamesJob() bool { return s.ID != "" || s.Key != "" }

// Verdict is what an answer says about the call that it answers.
type Verdict struct {
	RetryAfter time.Duration
	Field      string // the first field a validation message names
	Word       string // the status that decided State.Status, in lower case: error is not failed
	HasStatus  bool
	HasJob     bool // it has an id, a result or links
}

// Decode reads a body of the API, which becomes the Raw of the state. On an
// error both are left as they were.
func Decode(body []byte, s *JobState, v *Verdict) error {
	raw := bytes.Trim(body, " \t\r\n")
	if !utf8.Valid(raw) {
		raw = []byte(string([]rune(string(raw)))) // as encoding/json: one U+FFFD for each bad byte
	}
	wire.BlankTokensInPlace(raw)
	text := string(raw)
	var m members
	if err := wire.Object(text, m.collect); err != nil {
		return err
	}
	*s, *v = JobState{Raw: raw}, Verdict{}
	if m.meta != "" && m.meta != "null" {
		start := strings.Index(text, m.meta) // an earlier occurrence reads the same
		end := start + len(m.meta)
		s.Meta = raw[start:end:end]
	}
	m.read(s, v)
	return nil
}
