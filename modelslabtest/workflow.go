package modelslabtest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"time"
)

// workflowTries is the number of attempts to deliver the end of a run.
const workflowTries = 4

// run is what a job has besides when it runs a workflow.
type run struct {
	workflow Workflow
	input    json.RawMessage
}

// findWorkflow returns a workflow of the account.
func (s *Server) findWorkflow(id string) (Workflow, bool) {
	for _, w := range s.config.workflows {
		if w.ID == id {
			return w, true
		}
	}
	return Workflow{ID: id, Name: "Workflow " + id}, len(s.config.workflows) == 0
}

func noWorkflow() response {
	return failure(http.StatusNotFound, "Workflow not found or API not enabled")
}

type runReply struct {
	Status      string          `json:"status"`
	Message     string          `json:"message"`
	ExecutionID json.RawMessage `json:"execution_id"`
	WorkflowID  string          `json:"workflow_id"`
	StatusURL   string          `json:"status_url"`
	WebhookURL  *string         `json:"webhook_url"`
}

// submitRun starts a workflow.
func (s *Server) submitRun(x *incoming) response {
	w, ok := s.findWorkflow(x.args[0])
	if !ok {
		return noWorkflow()
	}
	for _, name := range w.Required {
		if !x.has(name) {
			return invalid(http.StatusUnprocessableEntity, name, "is required")
		}
	}
	if wait := s.runsTooOften(w); wait > 0 {
		return tooMany(fmt.Sprintf("Rate limit exceeded. Maximum %d runs per minute.", w.RunLimit), wait)
	}
	input := maps.Clone(x.fields)
	delete(input, "webhook")
	delete(input, "track_id")
	j := &serverJob{
		kind: "workflow", op: "run", origin: x.origin, fault: x.fault, webhook: x.str("webhook"),
		width: 512, height: 512, count: 1, ext: "png", prompt: variant(x), workflow: &run{workflow: w},
	}
	j.trackID = json.RawMessage("null")
	j.workflow.input = raw(input)
	if j.webhook == "" {
		j.webhook = w.Webhook
	}
	return s.enqueue(x, j, (*serverJob).runReply)
}

func (j *serverJob) runReply() response {
	id := j.workflow.workflow.ID
	r := runReply{
		Status: "success", Message: "Workflow execution started", ExecutionID: jsonID(j.id), WorkflowID: id,
		StatusURL: j.origin + "/api/v1/workflows/" + url.PathEscape(id) + "/runs/" + j.id,
	}
	if j.webhook != "" {
		r.WebhookURL = &j.webhook
	}
	return reply(http.StatusAccepted, r)
}

// runsTooOften applies a workflow's own limit.
func (s *Server) runsTooOften(w Workflow) time.Duration {
	if w.RunLimit <= 0 {
		return 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.records.throttle("workflow "+w.ID, w.RunLimit)
}

// runStatus is the word for the state of a run.
func (j *serverJob) runStatus() string {
	switch j.state {
	case queued:
		return "pending"
	case running:
		if time.Since(j.started) < j.latency/5 {
			return "pending"
		}
		return "running"
	case succeeded:
		return "completed"
	case failed:
		return "failed"
	case cancelled:
	}
	return "cancelled"
}

type execution struct {
	ID            json.RawMessage `json:"id"`
	WorkflowID    string          `json:"workflow_id,omitzero"`
	Status        string          `json:"status"`
	StartedAt     string          `json:"started_at,omitzero"`
	CompletedAt   *string         `json:"completed_at"`
	ExecutionTime float64         `json:"execution_time,omitzero"`
	InputData     json.RawMessage `json:"input_data,omitzero"`
	OutputData    *images         `json:"output_data,omitzero"`
}

type images struct {
	Images []string `json:"images"`
}

type runOutput struct {
	Output     []string `json:"output"`
	ProxyLinks []string `json:"proxy_links,omitzero"`
	Status     string   `json:"status,omitzero"`
}

func (j *serverJob) execution() execution {
	e := execution{ID: jsonID(j.id), WorkflowID: j.workflow.workflow.ID, Status: j.runStatus()}
	if !j.started.IsZero() {
		e.StartedAt = j.started.UTC().Format(time.RFC3339)
	}
	if j.state.ended() {
		e.CompletedAt = new(j.ended.UTC().Format(time.RFC3339))
		e.ExecutionTime = took(j)
	}
	return e
}

// fetchRun answers the state of a run. The outer status is "success" in every
// state, as in the API.
func (s *Server) fetchRun(x *incoming) response {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.records.stats.Fetches++
	j := s.runOf(x)
	if j == nil {
		return failure(http.StatusNotFound, "Execution not found")
	}
	type step struct {
		Name        string  `json:"name"`
		Status      string  `json:"status"`
		StartedAt   string  `json:"started_at,omitzero"`
		CompletedAt *string `json:"completed_at"`
	}
	r := struct {
		Status    string     `json:"status"`
		Execution execution  `json:"execution"`
		Output    *runOutput `json:"output"`
		Error     *string    `json:"error"`
		Steps     []step     `json:"steps"`
	}{Status: "success", Execution: j.execution()}
	r.Steps = []step{{"Generate", j.runStatus(), r.Execution.StartedAt, r.Execution.CompletedAt}}
	switch {
	case j.state == succeeded:
		r.Output = &runOutput{Output: j.outputs(), ProxyLinks: j.outputs(), Status: "success"}
	case j.state.ended():
		r.Error = new(j.reason())
	}
	return reply(http.StatusOK, r)
}

func (s *Server) runOf(x *incoming) *serverJob {
	j := s.jobs.byID[x.args[1]]
	if j == nil || j.workflow == nil || j.workflow.workflow.ID != x.args[0] {
		return nil
	}
	return j
}

func (s *Server) cancelRun(x *incoming) response {
	s.mu.Lock()
	defer s.mu.Unlock()
	j := s.runOf(x)
	switch {
	case j == nil:
		return failure(http.StatusNotFound, "Execution not found")
	case !s.cancel(j):
		return failure(http.StatusBadRequest, "Execution cannot be cancelled in its current state")
	}
	return done("Execution cancelled")
}

// workflowWebhook reports the end of a run in one of the two published forms.
func (s *Server) workflowWebhook(j *serverJob) []byte {
	w, status := j.workflow.workflow, j.runStatus()
	if s.config.flat {
		r := struct {
			Event       string          `json:"event"`
			ExecutionID json.RawMessage `json:"execution_id"`
			WorkflowID  string          `json:"workflow_id"`
			Status      string          `json:"status"`
			Output      *runOutput      `json:"output,omitzero"`
			Error       string          `json:"error,omitzero"`
			CompletedAt string          `json:"completed_at"`
		}{
			Event: "workflow." + status, ExecutionID: jsonID(j.id), WorkflowID: w.ID, Status: status,
			CompletedAt: j.ended.UTC().Format(time.RFC3339),
		}
		if j.state == succeeded && !j.fault.NoOutput {
			r.Output = &runOutput{Output: j.outputs()}
		} else if j.state != succeeded {
			r.Error = j.reason()
		}
		return reply(0, r).body
	}
	type workflow struct {
		ID     string `json:"id"`
		Name   string `json:"name"`
		UserID int    `json:"user_id"`
	}
	e := j.execution()
	e.ID = quote(j.id)
	e.WorkflowID, e.InputData = "", j.workflow.input
	if j.state == succeeded && !j.fault.NoOutput {
		e.OutputData = &images{j.outputs()}
	}
	return reply(0, struct {
		Event     string    `json:"event"`
		Workflow  workflow  `json:"workflow"`
		Execution execution `json:"execution"`
	}{"workflow." + status, workflow{w.ID, w.Name, 12345}, e}).body
}

type workflowEntry struct {
	ID          string  `json:"id"`
	Name        string  `json:"name"`
	Description string  `json:"description"`
	RateLimit   int     `json:"rate_limit,omitzero"`
	WebhookURL  *string `json:"webhook_url"`
}

func (w *Workflow) entry() workflowEntry {
	e := workflowEntry{ID: w.ID, Name: w.Name, RateLimit: w.RunLimit}
	if w.Webhook != "" {
		e.WebhookURL = &w.Webhook
	}
	return e
}

func (s *Server) listWorkflows(*incoming) response {
	list := make([]workflowEntry, len(s.config.workflows))
	for i := range list {
		list[i] = s.config.workflows[i].entry()
	}
	return reply(http.StatusOK, struct {
		Status    string          `json:"status"`
		Workflows []workflowEntry `json:"workflows"`
	}{"success", list})
}

func (s *Server) workflowSchema(x *incoming) response {
	w, ok := s.findWorkflow(x.args[0])
	if !ok {
		return noWorkflow()
	}
	type parameter struct {
		Key      string `json:"key"`
		Type     string `json:"type"`
		Required bool   `json:"required"`
		NodeID   string `json:"node_id"`
		NodeName string `json:"node_name"`
	}
	type endpoints struct {
		Run    string `json:"run"`
		Status string `json:"status"`
	}
	parameters := []parameter{}
	for _, name := range w.Required {
		parameters = append(parameters, parameter{name, "string", true, "1", "Input"})
	}
	base := x.origin + "/api/v1/workflows/" + w.ID
	return reply(http.StatusOK, struct {
		Status     string        `json:"status"`
		Workflow   workflowEntry `json:"workflow"`
		Parameters []parameter   `json:"parameters"`
		Endpoints  endpoints     `json:"endpoints"`
	}{"success", w.entry(), parameters, endpoints{base + "/run", base + "/runs/{execution_id}"}})
}
