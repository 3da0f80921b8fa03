package webhook

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/internal/wire"
)

// WorkflowFinished is a workflow run that completed, failed or was cancelled:
// Job().Status tells, and Job().Output holds the URLs among the results.
type WorkflowFinished struct {
	event
	WorkflowID   string
	WorkflowName string
	ExecutionID  string
	StartedAt    time.Time       // zero when the body has none
	CompletedAt  time.Time       // zero when the body has none
	Took         time.Duration   // 0 when the body has none
	Input        json.RawMessage // parameters of the run, as sent; nil when the body has none
	Output       json.RawMessage // results of the run, as sent; nil when the body has none
}

// saysWorkflow reports whether a body has one of the two published forms, whatever
// ids it lacks.
func saysWorkflow(raw []byte) bool {
	if !bytes.Contains(raw, []byte(`"event"`)) {
		return false
	}
	name := wire.Scalar(wire.Field(string(raw), "event"))
	return strings.HasPrefix(name, "workflow.")
}

func workflowEvent(e event) Event {
	var f workflowFields
	_ = wire.Object(string(e.job.Raw), f.collect)
	if e.job.Status == "" {
		e = e.with(f.status())
	}
	switch {
	case e.job.Status.Terminal():
		return f.finished(e)
	case e.job.Status == modelslab.StatusProcessing:
		return &Progress{e}
	default:
		return &Unknown{e}
	}
}

// workflowFields are the members of both forms and of a fetched run.
type workflowFields struct {
	event, workflow, execution       string
	workflowID, executionID          string
	startedAt, completedAt           string
	executionTime, inputData, output string
}

func (f *workflowFields) collect(key, value string) error {
	switch key {
	case "event":
		f.event = value
	case "workflow":
		f.workflow = value
	case "execution":
		f.execution = value
	case "workflow_id":
		f.workflowID = value
	case "execution_id":
		f.executionID = value
	case "started_at":
		f.startedAt = value
	case "completed_at":
		f.completedAt = value
	case "execution_time":
		f.executionTime = value
	case "input_data":
		f.inputData = value
	case "output":
		f.output = value
	}
	return nil
}

// status reads the event's name, for a body that has no status.
func (f *workflowFields) status() modelslab.Status {
	switch _, word, _ := strings.Cut(wire.Scalar(f.event), "."); word {
	case "completed":
		return modelslab.StatusSuccess
	case "failed":
		return modelslab.StatusFailed
	case "cancelled", "canceled":
		return modelslab.StatusCancelled
	default:
		return ""
	}
}

func (f *workflowFields) finished(e event) *WorkflowFinished {
	// The nested form has in execution what the flat one has on top.
	pick := func(key, flat string) string {
		if value := wire.Field(f.execution, key); value != "" {
			return value
		}
		return flat
	}
	w := &WorkflowFinished{
		event:        e,
		WorkflowName: wire.Scalar(wire.Field(f.workflow, "name")),
		StartedAt:    timeOf(pick("started_at", f.startedAt)),
		CompletedAt:  timeOf(pick("completed_at", f.completedAt)),
		Input:        textOf(pick("input_data", f.inputData)),
		Output:       textOf(pick("output_data", f.output)),
	}
	w.Took, _ = wire.Seconds(pick("execution_time", f.executionTime))
	w.WorkflowID, w.ExecutionID, _ = strings.Cut(e.job.Ref.ID, "/")
	if w.ExecutionID == "" {
		w.ExecutionID = wire.Scalar(pick("id", f.executionID))
	}
	if w.WorkflowID == "" {
		if w.WorkflowID = wire.Scalar(wire.Field(f.workflow, "id")); w.WorkflowID == "" {
			w.WorkflowID = wire.Scalar(pick("workflow_id", f.workflowID))
		}
	}
	return w
}

// timeOf reads a time with a zone, or without one as UTC.
func timeOf(value string) time.Time {
	text := wire.Scalar(value)
	for _, layout := range [...]string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", time.DateTime} {
		if t, err := time.Parse(layout, text); err == nil {
			return t
		}
	}
	return time.Time{}
}

func textOf(value string) json.RawMessage {
	if value == "" || value == "null" {
		return nil
	}
	return json.RawMessage(value)
}
