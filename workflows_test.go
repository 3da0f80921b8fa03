package modelslab_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
)

type portrait struct {
	Prompt string `json:"prompt"`
	Width  int    `json:"width,omitzero"`
}

func TestWorkflowWire(t *testing.T) {
	t.Parallel()
	runGolden(t, []golden{{
		name: "Run", path: "/v1/workflows/8f14e45f-ceea/run", header: true,
		full: &modelslab.WorkflowRunRequest{
			WorkflowID: "8f14e45f-ceea", Parameters: portrait{Prompt: "a ship", Width: 1024}, Webhook: hook, TrackID: "w1",
		},
		fullBody: `{"prompt":"a ship","width":1024,` +
			`"webhook":"https://example.com/hook?kind=workflow","track_id":"w1"}`,
		minimal:     &modelslab.WorkflowRunRequest{WorkflowID: "8f14e45f-ceea"},
		minimalBody: `{}`,
	}})
}

// runWorkflow submits a run and returns the path and the body that went out.
func runWorkflow(t *testing.T, req modelslab.Request, opts ...modelslab.CallOption) (path, body string, err error) {
	t.Helper()
	client := stubClient(t, func(r *http.Request) (*http.Response, error) {
		text, _ := io.ReadAll(r.Body)
		path, body = r.URL.EscapedPath(), string(text)
		return jsonResponse(http.StatusAccepted, `{"status":"success","execution_id":12345,"workflow_id":"w"}`), nil
	}, modelslab.WithWebhook(hook))
	_, err = client.Submit(t.Context(), req, opts...)
	return path, body, err
}

func TestWorkflowParameters(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		req  modelslab.WorkflowRunRequest
		opts []modelslab.CallOption
		body string
	}{
		{"none: the client's webhook and a track id of ours stay out", modelslab.WorkflowRunRequest{}, nil, `{}`},
		{"a struct", modelslab.WorkflowRunRequest{Parameters: portrait{Prompt: "p"}}, nil, `{"prompt":"p"}`},
		{"a pointer", modelslab.WorkflowRunRequest{Parameters: &portrait{Prompt: "p"}}, nil, `{"prompt":"p"}`},
		{"a nil pointer", modelslab.WorkflowRunRequest{Parameters: (*portrait)(nil)}, nil, `{}`},
		{"a map", modelslab.WorkflowRunRequest{Parameters: map[string]string{"b": "2", "a": "1"}}, nil, `{"a":"1","b":"2"}`},
		{"JSON", modelslab.WorkflowRunRequest{Parameters: json.RawMessage(` {"seed":4029484891,"deep":{"x":[1]}} `)}, nil, `{"seed":4029484891,"deep":{"x":[1]}}`},
		{"an empty object", modelslab.WorkflowRunRequest{Parameters: struct{}{}}, nil, `{}`},
		{"parameters of those names", modelslab.WorkflowRunRequest{
			Parameters: map[string]string{"webhook": "mine", "track_id": "mine", "parameters": "p"},
		}, nil, `{"parameters":"p","track_id":"mine","webhook":"mine"}`},
		{"fields over parameters", modelslab.WorkflowRunRequest{
			Parameters: map[string]string{"webhook": "mine", "track_id": "mine", "a": "1"}, Webhook: hook, TrackID: "t",
		}, nil, `{"a":"1","webhook":"https://example.com/hook?kind=workflow","track_id":"t"}`},
		{
			"an extra over a parameter",
			modelslab.WorkflowRunRequest{Parameters: map[string]int{"a": 1, "b": 2}},
			[]modelslab.CallOption{modelslab.WithExtra("b", 3), modelslab.WithExtra("c", 4)},
			`{"a":1,"b":3,"c":4}`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.req.WorkflowID = "w/1"
			path, body, err := runWorkflow(t, &tt.req, tt.opts...)
			require.NoError(t, err)
			require.Equal(t, "/api/v1/workflows/w%2F1/run", path)
			require.Equal(t, tt.body, body)

			frozen, err := modelslab.Freeze(&tt.req)
			require.NoError(t, err)
			path, body, err = runWorkflow(t, frozen, tt.opts...)
			require.NoError(t, err)
			require.Equal(t, "/api/v1/workflows/w%2F1/run", path)
			require.JSONEq(t, tt.body, body)
		})
	}
}

func TestWorkflowRefusedUnsent(t *testing.T) {
	t.Parallel()
	for field, req := range map[string]*modelslab.WorkflowRunRequest{
		"workflow_id": {},
		"parameters":  {WorkflowID: "w", Parameters: []int{1}},
	} {
		path, _, err := runWorkflow(t, req)
		var refused *modelslab.Error
		require.ErrorAs(t, err, &refused)
		require.ErrorIs(t, err, modelslab.ErrInvalid)
		require.Equal(t, field, refused.Field)
		require.Empty(t, path)
	}
	_, _, err := runWorkflow(t, &modelslab.WorkflowRunRequest{WorkflowID: ".."})
	require.ErrorIs(t, err, modelslab.ErrInvalid)
	_, _, err = runWorkflow(t, &modelslab.WorkflowRunRequest{WorkflowID: "w", Parameters: make(chan int)})
	require.ErrorIs(t, err, modelslab.ErrInvalid)
}

// Ids come as numbers and as strings, and the workflow's may be left out.
func TestWorkflowRef(t *testing.T) {
	t.Parallel()
	for reply, want := range map[string]string{
		`{"status":"success","message":"Workflow execution started.","execution_id":12345,"workflow_id":"w-1"}`: "workflow/w-1/12345",
		`{"status":"success","execution_id":"exec_xyz789","workflow_id":"w-1"}`:                                 "workflow/w-1/exec_xyz789",
		`{"status":"success","execution_id":9007199254740993}`:                                                  "workflow/w-1/9007199254740993",
	} {
		client := stubClient(t, func(*http.Request) (*http.Response, error) {
			return jsonResponse(http.StatusAccepted, reply), nil
		})
		job, err := client.Workflows.Run(t.Context(), &modelslab.WorkflowRunRequest{WorkflowID: "w-1"})
		require.NoError(t, err)
		require.Equal(t, want, job.Ref.String())
		require.Equal(t, modelslab.StatusProcessing, job.Status)
		require.Len(t, job.TrackID, 36)
	}
}

// The envelope says success whatever became of the run.
func TestWorkflowWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		states := []string{
			`{"status":"success","execution_id":5,"workflow_id":"w"}`,
			`{"status":"success","execution":{"id":5,"workflow_id":"w","status":"pending"}}`,
			`{"status":"success","execution":{"id":5,"workflow_id":"w","status":"running"},"steps":[]}`,
			`{"status":"success","execution":{"id":5,"workflow_id":"w","status":"failed"},"error":"Model not found"}`,
		}
		var asked []string
		client := stubClient(t, func(r *http.Request) (*http.Response, error) {
			asked = append(asked, r.Method+" "+r.URL.Path)
			require.Equal(t, testKey, r.Header.Get("key"))
			return jsonResponse(http.StatusOK, states[len(asked)-1]), nil
		})
		job, err := client.Run(t.Context(), &modelslab.WorkflowRunRequest{WorkflowID: "w"})
		var failed *modelslab.JobError
		require.ErrorAs(t, err, &failed)
		require.Equal(t, modelslab.StatusFailed, job.Status)
		require.Equal(t, "Model not found", job.Message)
		const fetch = "GET /api/v1/workflows/w/runs/5"
		require.Equal(t, []string{"POST /api/v1/workflows/w/run", fetch, fetch, fetch}, asked)
	})
}

func TestWorkflowHelpers(t *testing.T) {
	t.Parallel()
	at := time.Date(2024, 1, 15, 10, 30, 0, 0, time.UTC)
	runHelpers(t, []helper{
		{
			name: "List", method: http.MethodGet, path: "/v1/workflows", header: true,
			call: func(ctx context.Context, c *modelslab.Client) (any, error) { return c.Workflows.List(ctx) },
			replies: []helperReply{
				{
					`{"status":"success","workflows":[{"id":"w-1","name":"My Workflow","description":"Makes images","rate_limit":10,` +
						`"call_count":150,"last_called_at":"2024-01-15T10:30:00Z","created_at":"2024-01-15T10:30:00.000000Z","updated_at":"2024-01-15 10:30:00"},` +
						`{"id":7,"name":null,"call_count":"3","last_called_at":null}]}`,
					[]modelslab.Workflow{
						{ID: "w-1", Name: "My Workflow", Description: "Makes images", RateLimit: 10, Runs: 150, LastRunAt: at, CreatedAt: at, UpdatedAt: at},
						{ID: "7", Runs: 3},
					},
				},
				{`{"status":"success","workflows":[]}`, []modelslab.Workflow(nil)},
				{`{"status":"success","workflows":null}`, []modelslab.Workflow(nil)},
				{`{"status":"success"}`, []modelslab.Workflow(nil)},
			},
		},
		{
			name: "Schema", method: http.MethodGet, path: "/v1/workflows/w-1", header: true,
			call: func(ctx context.Context, c *modelslab.Client) (any, error) { return c.Workflows.Schema(ctx, "w-1") },
			replies: []helperReply{
				{
					`{"status":"success","workflow":{"id":"w-1","name":"Image Generator","rate_limit":10,"webhook_url":"https://example.com/hook"},` +
						`"parameters":[{"key":"prompt","type":"string","required":true,"node_id":"node-1","node_name":"Text to Image"},{"key":"width","type":"number","required":0}],` +
						`"endpoints":{"run":"https://example.com/run"}}`,
					&modelslab.WorkflowSchema{
						Workflow: modelslab.Workflow{ID: "w-1", Name: "Image Generator", RateLimit: 10, WebhookURL: "https://example.com/hook"},
						Parameters: []modelslab.WorkflowParameter{
							{Key: "prompt", Type: "string", Required: true, NodeID: "node-1", NodeName: "Text to Image"},
							{Key: "width", Type: "number"},
						},
					},
				},
				{`{"status":"success","workflow":{"id":"w-1"},"parameters":null}`, &modelslab.WorkflowSchema{Workflow: modelslab.Workflow{ID: "w-1"}}},
			},
		},
		{
			name: "RunStatus", method: http.MethodGet, path: "/v1/workflows/w-1/runs/12345", header: true,
			call: func(ctx context.Context, c *modelslab.Client) (any, error) {
				e, err := c.Workflows.RunStatus(ctx, "w-1", "12345")
				if err != nil {
					return nil, err
				}
				require.Equal(t, "workflow/w-1/12345", e.Job.Ref.String())
				return []any{e.Job.Status, e.Job.Output, e.Job.Message, e.Job.Took, e.StartedAt, e.CompletedAt, e.Steps}, nil
			},
			replies: []helperReply{
				{
					`{"status":"success","execution":{"id":12345,"workflow_id":"w-1","status":"running","started_at":"2024-01-15T10:30:00Z","completed_at":null,"execution_time":null},` +
						`"steps":[{"name":"Text to Image","status":"completed","started_at":"2024-01-15T10:30:00Z","completed_at":"2024-01-15T10:30:05Z"},` +
						`{"name":"Upscaler","status":"running","started_at":"2024-01-15T10:30:05Z","completed_at":null}]}`,
					[]any{modelslab.StatusProcessing, []string(nil), "", time.Duration(0), at, time.Time{}, []modelslab.WorkflowStep{
						{Name: "Text to Image", Status: modelslab.StatusSuccess, StartedAt: at, CompletedAt: at.Add(5 * time.Second)},
						{Name: "Upscaler", Status: modelslab.StatusProcessing, StartedAt: at.Add(5 * time.Second)},
					}},
				},
				{
					`{"status":"success","execution":{"id":12345,"workflow_id":"w-1","status":"completed","started_at":"2024-01-15T10:30:00Z","completed_at":"2024-01-15T10:30:15Z","execution_time":15.25},` +
						`"output":{"output":["https://example.com/a.png"],"proxy_links":["https://example.com/b.png"],"status":"success"}}`,
					[]any{modelslab.StatusSuccess, []string{"https://example.com/a.png"}, "", 15250 * time.Millisecond, at, at.Add(15 * time.Second), []modelslab.WorkflowStep(nil)},
				},
				{
					`{"status":"success","execution":{"id":12345,"workflow_id":"w-1","status":"failed","started_at":"2024-01-15T10:30:00Z","completed_at":"2024-01-15T10:30:05Z","execution_time":5.5},` +
						`"error":"Image generation failed: Invalid prompt","steps":[{"name":"Text to Image","status":"failed"}]}`,
					[]any{
						modelslab.StatusFailed, []string(nil), "Image generation failed: Invalid prompt", 5500 * time.Millisecond, at, at.Add(5 * time.Second),
						[]modelslab.WorkflowStep{{Name: "Text to Image", Status: modelslab.StatusFailed}},
					},
				},
			},
		},
		{
			name: "Cancel", path: "/v1/workflows/w-1/runs/12345/cancel", header: true,
			call: func(ctx context.Context, c *modelslab.Client) (any, error) {
				return nil, c.Workflows.Cancel(ctx, "w-1", "12345")
			},
			replies: []helperReply{{`{"status":"success","message":"Execution cancelled."}`, nil}},
		},
	})
}

func TestWorkflowRefusals(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		http  int
		reply string
		want  error
	}{
		{"ended already", http.StatusBadRequest, `{"status":"error","error":"Cannot cancel execution in current state"}`, modelslab.ErrInvalid},
		{"unknown", http.StatusNotFound, `{"status":"error","message":"Workflow not found or API not enabled"}`, modelslab.ErrNotFound},
		{"parameters missing", http.StatusUnprocessableEntity, `{"status":"error","message":"Validation failed","errors":{"prompt":["required"]}}`, modelslab.ErrInvalid},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			client := stubClient(t, func(*http.Request) (*http.Response, error) { return jsonResponse(tt.http, tt.reply), nil })
			require.ErrorIs(t, client.Workflows.Cancel(t.Context(), "w", "5"), tt.want)
			_, err := client.Workflows.Run(t.Context(), &modelslab.WorkflowRunRequest{WorkflowID: "w"})
			require.ErrorIs(t, err, tt.want)
			_, err = client.Workflows.RunStatus(t.Context(), "w", "5")
			require.ErrorIs(t, err, tt.want)
		})
	}
	client := stubClient(t, func(*http.Request) (*http.Response, error) {
		return jsonResponse(http.StatusOK, `{"status":"success"}`), nil
	})
	_, err := client.Workflows.Schema(t.Context(), "w")
	require.ErrorIs(t, err, modelslab.ErrUnavailable)
}
