package webhook_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/webhook"
)

// The bodies that ModelsLab publishes on its Webhooks page and its workflow and
// training pages.
const (
	successBody = `{
  "status": "success",
  "id": "abc123-def456",
  "output": [
    "https://pub-3626123a908346a7a8be8d9295f44e26.r2.dev/generations/abc123.mp4"
  ],
  "generationTime": 45.2,
  "track_id": "video_001",
  "meta": {
    "prompt": "A spaceship flying through an asteroid field",
    "model_id": "cogvideox",
    "width": 512,
    "height": 512
  }
}`
	failedBody = `{
  "status": "failed",
  "id": "abc123-def456",
  "message": "Processing failed: Invalid input dimensions",
  "track_id": "video_001"
}`
	processingBody = `{"status":"processing","id":"abc123-def456","eta":20.5,"track_id":"video_001","output":[],"future_links":["https://modelslab.com/0.mp4"]}`
	nestedBody     = `{
  "event": "workflow.completed",
  "workflow": {"id": "wf_abc123", "name": "My Image Pipeline", "user_id": 12345},
  "execution": {
    "id": "exec_xyz789",
    "status": "completed",
    "started_at": "2026-01-02T10:30:00Z",
    "completed_at": "2026-01-02T10:30:45Z",
    "execution_time": 45.2,
    "input_data": {"prompt": "A beautiful sunset"},
    "output_data": {"images": ["https://modelslab.com/out.png"]}
  }
}`
	flatBody     = `{"event":"workflow.completed","execution_id":12345,"workflow_id":"uuid-1","status":"completed","output":{"output":["https://modelslab.com/out.png"]},"completed_at":"2024-01-15T10:30:15Z"}`
	trainingBody = `{"status":"success","training_status":"deploying_gpu","logs":"it will take upto 25 minutes","model_id":"F5jvdzGnYi"}`
	readyBody    = `{"status":"success","training_status":"model_ready","logs":"done","model_id":"F5jvdzGnYi"}`
)

func parse(t *testing.T, body string) webhook.Event {
	t.Helper()
	e, err := webhook.Parse([]byte(body))
	require.NoError(t, err, body)
	return e
}

func TestParse(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, body string
		want       webhook.Event
		status     modelslab.Status
		ref        string
		trackID    string
	}{
		{"success", successBody, &webhook.Succeeded{}, "success", "abc123-def456", "video_001"},
		{"success with text", `{"status":"success","id":1,"output":"a caption"}`, &webhook.Succeeded{}, "success", "1", ""},
		{"success with a fetch URL", `{"status":"success","id":1,"output":["https://a/b"],"fetch_result":"https:\/\/modelslab.com\/api\/v6\/video\/fetch\/2"}`, &webhook.Succeeded{}, "success", "video/2", ""},
		{"ready", `{"status":"ready","id":1,"output":["https://a/b"]}`, &webhook.Succeeded{}, "success", "1", ""},
		{"no status, but a result", `{"id":10,"links":["https://a/b.wav"]}`, &webhook.Succeeded{}, "success", "10", ""},
		{"success without output", `{"status":"success","id":1,"output":[]}`, &webhook.Progress{}, "success", "1", ""},
		{"success with links that are not ready", `{"status":"success","id":1,"output":"","future_links":["https://a/b"]}`, &webhook.Progress{}, "success", "1", ""},
		{"failed", failedBody, &webhook.Failed{}, "failed", "abc123-def456", "video_001"},
		{"error", `{"status":"error","message":{"prompt":["required"]},"track_id":7}`, &webhook.Failed{}, "failed", "", "7"},
		{"cancelled", `{"status":"cancelled","id":1}`, &webhook.Failed{}, "cancelled", "1", ""},
		{"processing", processingBody, &webhook.Progress{}, "processing", "abc123-def456", "video_001"},
		{"queued", `{"status":"queued","taskId":"u-1"}`, &webhook.Progress{}, "processing", "u-1", ""},
		{"training stage", trainingBody, &webhook.TrainingUpdated{}, "processing", "training/F5jvdzGnYi", ""},
		{"training ready", readyBody, &webhook.TrainingUpdated{}, "success", "training/F5jvdzGnYi", ""},
		{"training failed", `{"status":"failed","training_status":"training_started","model_id":"F5"}`, &webhook.TrainingUpdated{}, "failed", "training/F5", ""},
		{"training failed, as a stage", `{"status":"success","training_status":"failed","model_id":"F5"}`, &webhook.TrainingUpdated{}, "failed", "training/F5", ""},
		{"training, a new stage", `{"status":"success","training_status":"polishing","model_id":"F5"}`, &webhook.TrainingUpdated{}, "processing", "training/F5", ""},
		{"workflow, nested", nestedBody, &webhook.WorkflowFinished{}, "success", "workflow/wf_abc123/exec_xyz789", ""},
		{"workflow, flat", flatBody, &webhook.WorkflowFinished{}, "success", "workflow/uuid-1/12345", ""},
		{"workflow failed", strings.ReplaceAll(nestedBody, "completed\"", "failed\""), &webhook.WorkflowFinished{}, "failed", "workflow/wf_abc123/exec_xyz789", ""},
		{"workflow failed, flat", strings.ReplaceAll(flatBody, `"status":"completed"`, `"status":"failed"`), &webhook.WorkflowFinished{}, "failed", "workflow/uuid-1/12345", ""},
		{"workflow cancelled", strings.ReplaceAll(flatBody, `"status":"completed"`, `"status":"cancelled"`), &webhook.WorkflowFinished{}, "cancelled", "workflow/uuid-1/12345", ""},
		{"workflow, status in the name", `{"event":"workflow.failed","execution_id":1,"workflow_id":"w"}`, &webhook.WorkflowFinished{}, "failed", "workflow/w/1", ""},
		{"workflow without ids", `{"event":"workflow.completed","status":"completed"}`, &webhook.WorkflowFinished{}, "success", "", ""},
		{"workflow running", `{"event":"workflow.started","execution_id":1,"workflow_id":"w","status":"running"}`, &webhook.Progress{}, "processing", "workflow/w/1", ""},
		{"workflow, an unknown event", `{"event":"workflow.paused","execution_id":1,"workflow_id":"w"}`, &webhook.Unknown{}, "", "workflow/w/1", ""},
		{"an unknown status", `{"status":"dreaming","id":1}`, &webhook.Unknown{}, "dreaming", "1", ""},
		{"an empty object", `{}`, &webhook.Unknown{}, "", "", ""},
		{"another key's case", `{"STATUS":"success","Output":["https://a/b"],"id":1}`, &webhook.Unknown{}, "", "1", ""},
		{"spelled twice, in two cases", `{"STATUS":"success","status":"failed","id":1}`, &webhook.Failed{}, "failed", "1", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e := parse(t, tt.body)
			require.Equal(t, reflect.TypeOf(tt.want), reflect.TypeOf(e))
			require.Equal(t, tt.status, e.Job().Status)
			require.Equal(t, tt.ref, e.Ref().String())
			require.Equal(t, tt.trackID, e.TrackID())
			require.JSONEq(t, tt.body, string(e.Raw()))
		})
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"nothing":          "",
		"null":             "null",
		"a number":         "1",
		"a string":         `"success"`,
		"a list":           `[{"status":"success"}]`,
		"HTML":             "<html></html>",
		"a form":           "status=success&id=1",
		"cut short":        successBody[:40],
		"two objects":      `{"status":"success"}{"status":"failed"}`,
		"two statuses":     `{"status":"failed","status":"success","output":["https://a/b"]}`,
		"two ids":          `{"status":"success","id":1,"id":2}`,
		"a stored job":     `{"$ref":"video/1","status":"success","output":["https://a/b"]}`,
		"a stored job too": "\n { \t\"$ref\":\"video/1\"}",
		"nested deeply":    strings.Repeat(`{"a":`, 20000) + "1" + strings.Repeat("}", 20000),
		"a bomb of lists":  strings.Repeat("[],", 1<<20/3),
	} {
		e, err := webhook.Parse([]byte(body))
		require.Error(t, err, name)
		require.Nil(t, e, name)
	}
}

func TestParseKeepsAStoredKeyElsewhere(t *testing.T) {
	t.Parallel()
	e := parse(t, `{"status":"success","id":5,"$ref":"video/1","output":["https://a/b"]}`)
	require.Equal(t, modelslab.Ref{ID: "5"}, e.Ref(), "only the API's own fields say which job it is")
}

func TestParseKeepsNothingOfTheBody(t *testing.T) {
	t.Parallel()
	const text = `{"status":"success","id":7,"meta":{"prompt":"x"},"output":["https://a.example/1.png"]}`
	body := []byte(text)
	ev, err := webhook.Parse(body)
	require.NoError(t, err)
	clear(body)
	require.JSONEq(t, text, string(ev.Raw()))
	require.JSONEq(t, `{"prompt":"x"}`, string(ev.Job().Meta))
}

func TestWorkflowFinished(t *testing.T) {
	t.Parallel()
	e, ok := parse(t, nestedBody).(*webhook.WorkflowFinished)
	require.True(t, ok)
	require.Equal(t, "wf_abc123", e.WorkflowID)
	require.Equal(t, "My Image Pipeline", e.WorkflowName)
	require.Equal(t, "exec_xyz789", e.ExecutionID)
	require.Equal(t, time.Date(2026, 1, 2, 10, 30, 0, 0, time.UTC), e.StartedAt)
	require.Equal(t, time.Date(2026, 1, 2, 10, 30, 45, 0, time.UTC), e.CompletedAt)
	require.Equal(t, 45200*time.Millisecond, e.Took)
	require.JSONEq(t, `{"prompt":"A beautiful sunset"}`, string(e.Input))
	require.JSONEq(t, `{"images":["https://modelslab.com/out.png"]}`, string(e.Output))
	require.Equal(t, []string{"https://modelslab.com/out.png"}, e.Job().Output)

	e, ok = parse(t, flatBody).(*webhook.WorkflowFinished)
	require.True(t, ok)
	require.Equal(t, "uuid-1", e.WorkflowID)
	require.Empty(t, e.WorkflowName)
	require.Equal(t, "12345", e.ExecutionID)
	require.True(t, e.StartedAt.IsZero())
	require.Equal(t, time.Date(2024, 1, 15, 10, 30, 15, 0, time.UTC), e.CompletedAt)
	require.Zero(t, e.Took)
	require.Nil(t, e.Input)
	require.JSONEq(t, `{"output":["https://modelslab.com/out.png"]}`, string(e.Output))
	require.Equal(t, []string{"https://modelslab.com/out.png"}, e.Job().Output)

	e, ok = parse(t, `{"event":"workflow.failed","execution_id":1,"completed_at":"2026-01-02 03:04:05","error":"out of memory"}`).(*webhook.WorkflowFinished)
	require.True(t, ok)
	require.Equal(t, "1", e.ExecutionID)
	require.Equal(t, time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), e.CompletedAt)
	require.Equal(t, "out of memory", e.Job().Message)
	require.Nil(t, e.Output)
}

func TestTrainingUpdated(t *testing.T) {
	t.Parallel()
	e, ok := parse(t, trainingBody).(*webhook.TrainingUpdated)
	require.True(t, ok)
	require.Equal(t, modelslab.TrainingDeployingGPU, e.Stage)
	require.Equal(t, "it will take upto 25 minutes", e.Logs)
	require.Equal(t, modelslab.KindTraining, e.Kind())
	require.False(t, e.Job().Status.Terminal())
}

func TestSucceededIsTheWholeJob(t *testing.T) {
	t.Parallel()
	job := parse(t, successBody).Job()
	require.Equal(t, []string{"https://pub-3626123a908346a7a8be8d9295f44e26.r2.dev/generations/abc123.mp4"}, job.Output)
	require.Equal(t, 45200*time.Millisecond, job.Took)
	require.Equal(t, "abc123-def456", job.ID)
	require.Contains(t, string(job.Meta), "cogvideox")
}

func TestRawHidesTokens(t *testing.T) {
	t.Parallel()
	sig := strings.Repeat("A", 52)
	e := parse(t, fmt.Sprintf(`{"status":"failed","meta":{"webhook":"https:\/\/a.b\/c?sig=%s"}}`, sig))
	require.NotContains(t, string(e.Raw()), sig)
	require.NotContains(t, fmt.Sprintf("%+v", e.Job()), sig)
}

func FuzzParse(f *testing.F) {
	for _, body := range []string{
		successBody, failedBody, processingBody, nestedBody, flatBody, trainingBody, readyBody, `{}`, `{"event":1}`,
		`{"event":"workflow.x","execution":{"id":null,"started_at":"x"},"workflow":[]}`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		before := bytes.Clone(body)
		e, err := webhook.Parse(body)
		if !bytes.Equal(before, body) {
			t.Fatal("the body was modified")
		}
		if err != nil {
			if e != nil {
				t.Fatal("an event with an error")
			}
			return
		}
		if !json.Valid(body) || !json.Valid(e.Raw()) {
			t.Fatalf("%q is not JSON", body)
		}
		if s, ok := e.(*webhook.Succeeded); ok && len(s.Job().Output) == 0 && s.Job().Text == "" {
			t.Fatal("a success without a result")
		}
		_, _, _ = e.Kind(), e.Ref().String(), e.TrackID()
	})
}
