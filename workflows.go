package modelslab

import (
	"context"
	"encoding/json"
	"time"

	"github.com/modelslab-go/modelslab/internal/endpoint"
	"github.com/modelslab-go/modelslab/internal/reply"
)

// WorkflowService runs workflows: chains of generations that an account builds
// on the website and enables for the API. See
// https://docs.modelslab.com/workflows-api/overview.
type WorkflowService struct{ client *Client }

// List lists the workflows that are enabled for the API.
//
// GET /api/v1/workflows
// (https://docs.modelslab.com/workflows-api/list-workflows). Errors are *[Error].
func (s *WorkflowService) List(ctx context.Context, opts ...CallOption) ([]Workflow, error) {
	a, err := s.client.query(ctx, endpoint.WorkflowList, nil, opts)
	if err != nil {
		return nil, err
	}
	var all []Workflow
	for _, w := range a.Get("workflows").List() {
		all = append(all, workflowOf(w))
	}
	return all, nil
}

// Schema returns a workflow and the parameters that it is run with.
//
// GET /api/v1/workflows/{workflow_id}
// (https://docs.modelslab.com/workflows-api/get-workflow-schema). Errors are
// *[Error]; ErrNotFound too when the workflow is not enabled for the API.
func (s *WorkflowService) Schema(ctx context.Context, workflowID string, opts ...CallOption) (*WorkflowSchema, error) {
	a, err := s.client.query(ctx, endpoint.WorkflowSchema, nil, opts, workflowID)
	if err != nil {
		return nil, err
	}
	if a.Get("workflow").Missing() {
		return nil, incomplete(endpoint.WorkflowSchema, "workflow")
	}
	schema := &WorkflowSchema{Workflow: workflowOf(a.Get("workflow")), Raw: a.Raw()}
	for _, p := range a.Get("parameters").List() {
		schema.Parameters = append(schema.Parameters, WorkflowParameter{
			Key: p.Get("key").Text(), Type: p.Get("type").Text(), Required: p.Get("required").Truth(),
			NodeID: p.Get("node_id").Text(), NodeName: p.Get("node_name").Text(),
		})
	}
	return schema, nil
}

// Run starts a workflow. The job's Ref names the workflow and the run, so it
// can be waited for as any other. By default a workflow runs at most 10 times a
// minute.
//
// POST /api/v1/workflows/{workflow_id}/run
// (https://docs.modelslab.com/workflows-api/run-workflow). Errors are those of
// [Client.Submit].
func (s *WorkflowService) Run(ctx context.Context, req *WorkflowRunRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// RunStatus fetches the state of a run and of its steps once. A run that failed
// is no error here: the Status of the Job says so.
//
// GET /api/v1/workflows/{workflow_id}/runs/{execution_id}
// (https://docs.modelslab.com/workflows-api/get-execution-status). Errors are
// those of [Client.Fetch].
func (s *WorkflowService) RunStatus(ctx context.Context, workflowID, executionID string, opts ...CallOption) (*WorkflowExecution, error) {
	job, err := s.client.Fetch(ctx, Ref{Kind: KindWorkflow, ID: workflowID + "/" + executionID}, opts...)
	if err != nil {
		return nil, err
	}
	a := reply.Value(job.Raw)
	e := &WorkflowExecution{
		Job:       job,
		StartedAt: a.Get("execution").Get("started_at").Time(), CompletedAt: a.Get("execution").Get("completed_at").Time(),
	}
	for _, step := range a.Get("steps").List() {
		e.Steps = append(e.Steps, WorkflowStep{
			Name: step.Get("name").Text(), Status: Status(step.Get("status").Status()),
			StartedAt: step.Get("started_at").Time(), CompletedAt: step.Get("completed_at").Time(),
		})
	}
	return e, nil
}

// Cancel stops a run that is pending or running. A run that has ended already
// is ErrInvalid.
//
// POST /api/v1/workflows/{workflow_id}/runs/{execution_id}/cancel
// (https://docs.modelslab.com/workflows-api/cancel-execution). Errors are
// *[Error]. It is sent once: ErrUnavailable leaves open whether the run was
// stopped, which [WorkflowService.RunStatus] shows.
func (s *WorkflowService) Cancel(ctx context.Context, workflowID, executionID string, opts ...CallOption) error {
	_, err := s.client.query(ctx, endpoint.WorkflowCancel, nil, opts, workflowID, executionID)
	return err
}

// WorkflowRunRequest is the body of [WorkflowService.Run].
type WorkflowRunRequest struct {
	WorkflowID string `json:"-"` // required

	// Parameters is a struct, a map or a [json.RawMessage] that encodes to a
	// JSON object, whose members become the body: [WorkflowService.Schema]
	// names them. A file among them is a URL; [Client.Upload]
	// makes one of a local file.
	Parameters any `json:"parameters,omitzero" wire:"flat"`

	// Webhook and TrackID are sent only when they are set here, because a
	// workflow could take them for parameters of its own; the client's default
	// callback is not used. The URL that is set on the workflow itself, on the
	// website, is called in any case.
	Webhook string `json:"webhook,omitzero"`
	TrackID string `json:"track_id,omitzero"`
}

func (*WorkflowRunRequest) endpoint() *endpoint.Endpoint { return endpoint.WorkflowRun }

func (r *WorkflowRunRequest) path() string { return endpoint.WorkflowRun.At(r.WorkflowID) }

func (r *WorkflowRunRequest) check() string {
	if _, err := pathOf(endpoint.WorkflowRun, []string{r.WorkflowID}); err != nil {
		return "workflow_id"
	}
	return ""
}

// Workflow is a workflow that is enabled for the API.
type Workflow struct {
	ID          string
	Name        string
	Description string
	RateLimit   int       // runs a minute
	Runs        int       // so far; lists only
	LastRunAt   time.Time // zero for never; lists only
	CreatedAt   time.Time // lists only
	UpdatedAt   time.Time // lists only
	WebhookURL  string    // called when a run ends; schemas only
	Raw         json.RawMessage
}

func workflowOf(a reply.Value) Workflow {
	return Workflow{
		ID: a.Get("id").Text(), Name: a.Get("name").Text(), Description: a.Get("description").Text(),
		RateLimit: a.Get("rate_limit").Integer(), Runs: a.Get("call_count").Integer(),
		LastRunAt: a.Get("last_called_at").Time(), CreatedAt: a.Get("created_at").Time(), UpdatedAt: a.Get("updated_at").Time(),
		WebhookURL: a.Get("webhook_url").Text(), Raw: a.Raw(),
	}
}

// WorkflowSchema is a workflow and its parameters.
type WorkflowSchema struct {
	Workflow   Workflow
	Parameters []WorkflowParameter
	Raw        json.RawMessage
}

// WorkflowParameter is one member of the body of a run.
type WorkflowParameter struct {
	Key      string
	Type     string // "string", "number", ...
	Required bool
	NodeID   string // the step that it is for
	NodeName string
}

// WorkflowExecution is a run of a workflow.
type WorkflowExecution struct {
	Job         *Job      // state, results, time taken and the reason of a failure
	StartedAt   time.Time // zero when it has not started
	CompletedAt time.Time // zero when it has not ended
	Steps       []WorkflowStep
}

// WorkflowStep is one step of a run.
type WorkflowStep struct {
	Name        string
	Status      Status
	StartedAt   time.Time // zero when it has not started
	CompletedAt time.Time // zero when it has not ended
}
