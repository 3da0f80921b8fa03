package webhook

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/internal/wire"
)

// Event is what was reported about a job: a *[Succeeded], *[Failed],
// *[Progress], *[TrainingUpdated], *[WorkflowFinished] or *[Unknown]. A type
// switch tells which.
type Event interface {
	// Kind is where the job's result is fetched from, "" when nobody can tell.
	Kind() modelslab.Kind
	// Ref names the job for Fetch and Wait. It is zero when the body names no job.
	Ref() modelslab.Ref
	// TrackID is the caller's own name for the job. Trainings and workflow runs
	// are reported without one; it is filled in when the handler's client
	// submitted the job.
	TrackID() string
	// TrackKey is the key of the track id. A signed callback URL carries it, so
	// it is there also when TrackID is not. It is zero where neither a token nor
	// the body nor the handler's client names a track id.
	TrackKey() TrackKey
	// Raw is the body as it came, callback tokens blanked.
	Raw() json.RawMessage
	// Job is the job as the body tells of it. It is shared: do not modify it.
	Job() *modelslab.Job

	sealed()
}

type event struct {
	job   *modelslab.Job
	kind  modelslab.Kind
	track TrackKey
}

func (e *event) Kind() modelslab.Kind { return e.kind }
func (e *event) Ref() modelslab.Ref   { return e.job.Ref }
func (e *event) TrackID() string      { return e.job.TrackID }
func (e *event) TrackKey() TrackKey   { return e.track }
func (e *event) Raw() json.RawMessage { return e.job.Raw }
func (e *event) Job() *modelslab.Job  { return e.job }
func (*event) sealed()                {}

// with returns the event with another status. The job may be the caller's, so
// it is copied.
func (e event) with(status modelslab.Status) event {
	job := *e.job
	job.Status = status
	e.job = &job
	return e
}

// Succeeded is a generation with its result: see Job().Output and Job().Text.
type Succeeded struct{ event }

// Failed is a generation that failed or was cancelled; Job().Message says why.
type Failed struct{ event }

// Progress is a job that is not done: processing, queued, or reported as a
// success that names no result yet.
type Progress struct{ event }

// Unknown is a body that says nothing this package understands. It is handed
// on, so that nothing is lost.
type Unknown struct{ event }

// TrainingUpdated is a stage of a training, or its failure. Only the stage
// [modelslab.TrainingModelReady] and a failure are final: Job().Status.Terminal
// tells.
type TrainingUpdated struct {
	event
	Stage modelslab.TrainingStage // "" for a failure that names none
	Logs  string                  // what ModelsLab says beside it
}

// Parse reads the body of a delivery. It checks the body alone, not who sent
// it: that is the [Handler]'s part.
//
// It returns an error for anything that is not one JSON object, and for an
// object with two members "status" or "id". A byte order mark in front is
// skipped. A JSON object that means none of the other events is an *[Unknown].
func Parse(body []byte) (Event, error) {
	job, err := parseJob(body)
	if err != nil {
		return nil, err
	}
	return eventOf(job, job.Ref.Kind, KeyOf(job.TrackID)), nil
}

var errNotObject = errors.New("webhook: the body is not a JSON object")

// parseJob reads a body, of which the job gets a copy.
func parseJob(body []byte) (*modelslab.Job, error) {
	const space = " \t\r\n"
	body = bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")) // a byte order mark, which is not JSON
	inner, ok := bytes.CutPrefix(bytes.TrimLeft(body, space), []byte("{"))
	if !ok {
		return nil, errNotObject
	}
	// A Job's stored form starts with this key: it would let a sender choose the job's kind.
	if bytes.HasPrefix(bytes.TrimLeft(inner, space), []byte(`"$ref"`)) {
		return nil, errors.New("webhook: the body is not one of ModelsLab's")
	}
	job := new(modelslab.Job)
	if err := job.UnmarshalJSON(body); err != nil { // which copies the body: its buffer is used again
		return nil, fmt.Errorf("webhook: %w", err)
	}
	return job, nil
}

// eventOf makes a job, of whichever origin, the event that it is.
func eventOf(job *modelslab.Job, kind modelslab.Kind, track TrackKey) Event {
	e := event{job, kind, track}
	if kind == modelslab.KindWorkflow || kind == "" && saysWorkflow(job.Raw) {
		return workflowEvent(e)
	}
	if kind == modelslab.KindTraining || kind == "" && job.Stage != "" {
		return trainingEvent(e)
	}
	switch {
	case job.Status == modelslab.StatusSuccess && hasResult(job):
		return &Succeeded{e}
	case job.Status == modelslab.StatusSuccess, job.Status == modelslab.StatusProcessing:
		return &Progress{e}
	case job.Status.Terminal():
		return &Failed{e}
	default:
		return &Unknown{e}
	}
}

func hasResult(job *modelslab.Job) bool { return len(job.Output) > 0 || job.Text != "" }

func trainingEvent(e event) Event {
	if e.job.Status == "" && e.job.Stage == "" {
		return &Unknown{e}
	}
	// A success of a training only says that the report is a good one.
	if e.job.Status == modelslab.StatusSuccess && e.job.Stage != modelslab.TrainingModelReady {
		e = e.with(modelslab.StatusProcessing)
	}
	raw := string(e.job.Raw)
	logs := wire.Scalar(wire.Field(raw, "logs"))
	if logs == "" {
		logs = wire.Scalar(wire.Field(raw, "data"))
	}
	return &TrainingUpdated{event: e, Stage: e.job.Stage, Logs: logs}
}

// final reports whether nothing more can come. A success that names no result is
// not the end, even where it cannot be fetched: the result can be delivered yet.
func final(e Event) bool {
	switch e.(type) {
	case *Progress, *Unknown:
		return false
	default:
		return e.Job().Final()
	}
}
