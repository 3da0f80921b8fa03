package modelslab

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/modelslab-go/modelslab/internal/reply"
	"github.com/modelslab-go/modelslab/internal/schedule"
)

// Status says where a job stands. The API's many words for it are reduced to
// the constants; a word this package does not know is kept in lower case and is
// not terminal.
type Status string

// The states of a job. A Status of "" means that the reply did not say.
const (
	StatusProcessing Status = "processing" // queued or running
	StatusSuccess    Status = "success"    // done; see Job.Output and Job.Text
	StatusFailed     Status = "failed"     // refused or failed; see Job.Message
	StatusCancelled  Status = "cancelled"
)

// Terminal reports whether the job has ended: success, failed or cancelled.
func (s Status) Terminal() bool {
	return s == StatusSuccess || s == StatusFailed || s == StatusCancelled
}

// Job is one generation, training or workflow run, as the API last told of it.
// It is plain data: a submit reply, a fetch reply and a webhook body all decode
// to it, and marshalled to JSON it can be stored and read back unchanged.
type Job struct {
	// Ref is what Fetch and Wait need to find the job again, from any process.
	// It is zero when the reply named no job. The Kind is empty where the body
	// alone does not tell it; replies that come through a Client have it.
	Ref Ref

	// ID is the id in the body itself. It may differ from Ref.ID, which prefers
	// the id that the reply's own fetch URL ends in.
	ID string

	// Status is where the job stands.
	Status Status

	// Stage is how far a training has come; "" for every other job.
	Stage TrainingStage

	// TrackID is the caller's own name for the job, as the API echoed it.
	TrackID string

	// Output holds the URLs of the results, in the API's order. They are not
	// permanent: save what is to be kept.
	Output []string

	// Text is a result that is no URL, a caption for instance. Several are
	// joined with line breaks.
	Text string

	// ProxyLinks are the same results under other URLs.
	ProxyLinks []string

	// FutureLinks are URLs the results will have. They answer 404, or worse an
	// HTML page, until the job is done.
	FutureLinks []string

	// NSFW reports that the safety checker flagged a result.
	NSFW bool

	// ETA is the API's guess of the time left, from 0 to seven days; 0 when it
	// made none. A hint: it is often wrong by a factor of two.
	ETA time.Duration

	// Took is how long the job ran; 0 when the API did not say.
	Took time.Duration

	// Message is the API's text about the state: the reason of a failure, or an
	// advice to ask again. Validation errors read "field: reason; field: reason".
	Message string

	// Meta echoes the parameters of the request, in the API's own spelling, with
	// any callback token blanked.
	Meta json.RawMessage

	// Raw is the whole body, for the fields that have no place above. Callback
	// tokens are blanked, and bytes that are not UTF-8 replaced by U+FFFD.
	Raw json.RawMessage
}

// storedJob is the stored form. A "$ref" in front tells it from the API's own
// bodies, and no key is shorter, so it stays in front in stores that sort keys
// by length (jsonb of PostgreSQL, JSON of MySQL). Meta and Raw are strings
// because encoding/json and those stores rewrite embedded JSON.
type storedJob struct {
	Ref         Ref           `json:"$ref"`
	ID          string        `json:"job_id,omitzero"`
	Status      Status        `json:"status,omitzero"`
	Stage       TrainingStage `json:"training_stage,omitzero"`
	TrackID     string        `json:"track_id,omitzero"`
	Output      []string      `json:"output,omitzero"`
	Text        string        `json:"text,omitzero"`
	ProxyLinks  []string      `json:"proxy_links,omitzero"`
	FutureLinks []string      `json:"future_links,omitzero"`
	NSFW        bool          `json:"nsfw,omitzero"`
	ETA         time.Duration `json:"eta_ns,omitzero"`
	Took        time.Duration `json:"took_ns,omitzero"`
	Message     string        `json:"message,omitzero"`
	Meta        *string       `json:"meta,omitzero"`
	Raw         *string       `json:"raw_body,omitzero"`
}

// storedKey is the key that the stored form starts with.
const storedKey = `"$ref"`

const jsonSpace = " \t\r\n"

// MarshalJSON writes the job's stored form, which [Job.UnmarshalJSON] reads back
// field by field. It is this package's own: the API never sends it. Times are
// in nanoseconds, Meta and Raw are strings.
func (j Job) MarshalJSON() ([]byte, error) {
	return json.Marshal(storedJob{
		Ref: j.Ref, ID: j.ID, Status: j.Status, Stage: j.Stage, TrackID: j.TrackID,
		Output: j.Output, Text: j.Text, ProxyLinks: j.ProxyLinks, FutureLinks: j.FutureLinks,
		NSFW: j.NSFW, ETA: j.ETA, Took: j.Took, Message: j.Message,
		Meta: stringOf(j.Meta), Raw: stringOf(j.Raw),
	})
}

// UnmarshalJSON reads a body of the API, be it a submit reply, a fetch reply or
// a webhook, or the stored form that [Job.MarshalJSON] writes. Fields the API
// spells in several ways, leaves out or sends under another type are all
// understood; keys count only in their exact spelling.
//
// It returns an error, and leaves the job as it was, for anything that is not
// one JSON object and for an object with two "status" or "id" members. As is
// usual, null is no error and changes nothing.
func (j *Job) UnmarshalJSON(data []byte) error {
	body := bytes.Trim(data, jsonSpace)
	if string(body) == "null" {
		return nil
	}
	if first, ok := bytes.CutPrefix(body, []byte("{")); ok && bytes.HasPrefix(bytes.TrimLeft(first, jsonSpace), []byte(storedKey)) {
		return j.unmarshalStored(body)
	}
	var state reply.JobState
	var verdict reply.Verdict
	if err := reply.Decode(bytes.Clone(body), &state, &verdict); err != nil {
		return fmt.Errorf("modelslab: not a job: %w", err)
	}
	j.set(&state)
	return nil
}

// set makes j the job that an answer is about.
func (j *Job) set(s *reply.JobState) {
	*j = Job{
		Ref: Ref{Kind(s.Kind), s.Key}, ID: s.ID, Status: Status(s.Status), Stage: TrainingStage(s.Stage), TrackID: s.TrackID,
		Output: s.Output, Text: s.Text, ProxyLinks: s.ProxyLinks, FutureLinks: s.FutureLinks, NSFW: s.NSFW,
		ETA: s.ETA, Took: s.Took, Message: s.Message, Meta: s.Meta, Raw: s.Raw,
	}
}

func jobOf(s *reply.JobState) *Job {
	j := new(Job)
	j.set(s)
	return j
}

func (j *Job) unmarshalStored(data []byte) error {
	var s storedJob
	if err := json.Unmarshal(data, &s); err != nil {
		return fmt.Errorf("modelslab: not a stored job: %w", err)
	}
	*j = Job{
		Ref: s.Ref, ID: s.ID, Status: s.Status, Stage: s.Stage, TrackID: s.TrackID,
		Output: s.Output, Text: s.Text, ProxyLinks: s.ProxyLinks, FutureLinks: s.FutureLinks,
		NSFW: s.NSFW, ETA: s.ETA, Took: s.Took, Message: s.Message,
		Meta: textOf(s.Meta), Raw: textOf(s.Raw),
	}
	return nil
}

func stringOf(text json.RawMessage) *string {
	if text == nil {
		return nil
	}
	return new(string(text))
}

func textOf(s *string) json.RawMessage {
	if s == nil {
		return nil
	}
	return json.RawMessage(*s)
}

// Final reports whether nothing more can come for the job. A job that failed or
// was cancelled is final. A success is final when it has a result, when it has
// no id to be fetched by, and for a workflow run, which may have no result; a
// training's is final when its model is ready. A success without a result that
// can be fetched is not: the API names results later than it says success.
// [Client.Fetch] it; once fetched, a Status that is Terminal is the API's last
// word.
func (j *Job) Final() bool {
	switch {
	case !j.Status.Terminal():
		return false
	case j.Status != StatusSuccess:
		return true
	case j.Ref.Kind == KindTraining || j.Stage != "":
		return j.Stage == TrainingModelReady
	default:
		return j.hasOutput() || j.Ref.ID == "" || j.Ref.Kind == KindWorkflow
	}
}

func (j *Job) hasOutput() bool { return len(j.Output) > 0 || j.Text != "" }

// NextLook returns how long to sleep before the next poll of a job, for those
// who poll on a schedule of their own, such as a queue's. The job is the answer
// to the submit, and waited the time since that answer: polls begin at half the
// ETA, are dense up to twice the ETA and thin out after that. It depends on
// nothing else, so any process can go on where another one stopped. What the API
// asks for meanwhile, a RetryAfter or a corrected ETA, is the caller's to take
// the maximum with.
//
// It is not ok when the patience for such a job is spent: the longer of 30
// minutes and 12 ETAs, for a training 24 hours.
func (j *Job) NextLook(waited time.Duration) (pause time.Duration, ok bool) {
	if waited >= schedule.Patience(j.ETA, j.Ref.Kind == KindTraining) {
		return 0, false
	}
	return schedule.Until(j.ETA, waited), true
}
