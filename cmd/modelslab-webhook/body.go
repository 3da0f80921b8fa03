package main

import (
	"encoding/json"
	"strings"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/internal/wire"
)

// bodyOf is what ModelsLab would have posted about a fetched job.
func bodyOf(job *modelslab.Job, trackID string) ([]byte, error) {
	switch job.Ref.Kind {
	case modelslab.KindWorkflow:
		return json.Marshal(workflowBodyOf(job))
	case modelslab.KindTraining:
		status := job.Status
		if status == modelslab.StatusProcessing {
			status = modelslab.StatusSuccess // said of every stage
		}
		return json.Marshal(trainingBody{
			Status: string(status), Stage: string(job.Stage), Logs: job.Message, ModelID: job.Ref.ID,
		})
	default:
		id := job.ID
		if id == "" {
			id = job.Ref.ID
		}
		b := generationBody{
			Status: string(job.Status), ID: number(id), Output: job.Output, ProxyLinks: job.ProxyLinks,
			GenerationTime: job.Took.Seconds(), Message: job.Message, TrackID: trackID, Meta: job.Meta,
		}
		if len(b.Output) == 0 && job.Text != "" {
			b.Output = []string{job.Text}
		}
		return json.Marshal(b)
	}
}

type generationBody struct {
	Status         string          `json:"status"`
	ID             json.RawMessage `json:"id"`
	Output         []string        `json:"output,omitempty"`
	ProxyLinks     []string        `json:"proxy_links,omitempty"`
	GenerationTime float64         `json:"generationTime,omitempty"`
	Message        string          `json:"message,omitempty"`
	TrackID        string          `json:"track_id,omitempty"`
	Meta           json.RawMessage `json:"meta,omitempty"`
}

type trainingBody struct {
	Status  string `json:"status"`
	Stage   string `json:"training_status"`
	Logs    string `json:"logs"`
	ModelID string `json:"model_id"`
}

type workflowBody struct {
	Event     string       `json:"event"`
	Workflow  workflowID   `json:"workflow"`
	Execution workflowsRun `json:"execution"`
}

type workflowID struct {
	ID string `json:"id"`
}

type workflowsRun struct {
	ID          json.RawMessage `json:"id"`
	Status      string          `json:"status"`
	StartedAt   json.RawMessage `json:"started_at,omitempty"`
	CompletedAt json.RawMessage `json:"completed_at,omitempty"`
	Took        json.RawMessage `json:"execution_time,omitempty"`
	Output      json.RawMessage `json:"output_data,omitempty"`
	Error       string          `json:"error,omitempty"`
}

func workflowBodyOf(job *modelslab.Job) workflowBody {
	status := map[modelslab.Status]string{
		modelslab.StatusSuccess: "completed", modelslab.StatusFailed: "failed", modelslab.StatusCancelled: "cancelled",
	}[job.Status]
	workflow, execution, _ := strings.Cut(job.Ref.ID, "/")
	raw := string(job.Raw)
	run := wire.Field(raw, "execution")
	text := func(value string) json.RawMessage {
		if value == "" {
			return nil
		}
		return json.RawMessage(value)
	}
	return workflowBody{
		Event: "workflow." + status, Workflow: workflowID{workflow},
		Execution: workflowsRun{
			ID: number(execution), Status: status, Error: job.Message, Output: text(wire.Field(raw, "output")),
			StartedAt: text(wire.Field(run, "started_at")), CompletedAt: text(wire.Field(run, "completed_at")),
			Took: text(wire.Field(run, "execution_time")),
		},
	}
}

// number is an id as ModelsLab sends it: a number where it is one.
func number(id string) json.RawMessage {
	if json.Valid([]byte(id)) && strings.Trim(id, "0123456789") == "" {
		return json.RawMessage(id)
	}
	return json.RawMessage(quote(id))
}

func quote(s string) string { return string(wire.AppendString(nil, s)) }
