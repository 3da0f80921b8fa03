package modelslabtest_test

import (
	"encoding/json"
	"net/http"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/modelslabtest"
)

type runBody struct {
	Status      string
	Message     json.RawMessage
	ExecutionID json.RawMessage `json:"execution_id"`
	WorkflowID  string          `json:"workflow_id"`
	StatusURL   string          `json:"status_url"`
	RetryAfter  int             `json:"retry_after"`
	Execution   struct {
		ID     json.RawMessage
		Status string
	}
	Output struct{ Output []string }
	Error  *string
}

// workflow calls an endpoint of a workflow with the key in a header.
func (c caller) workflow(method, path, text string) (int, runBody) {
	c.t.Helper()
	status, data := c.do(method, path, text, "key", "test-key")
	var b runBody
	require.NoError(c.t, json.Unmarshal([]byte(data), &b), data)
	return status, b
}

func TestWorkflowRun(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		opts  []modelslabtest.Option
		fault modelslabtest.Fault
		last  string
		check func(t *testing.T, run runBody, h hook)
	}{
		{
			name: "nested webhook", last: "completed",
			check: func(t *testing.T, run runBody, h hook) {
				t.Helper()
				require.Equal(t, "workflow.completed", h.Event)
				require.Equal(t, "wf_1", h.Workflow.ID)
				require.JSONEq(t, strconv.Quote(string(run.ExecutionID)), string(h.Execution.ID))
				require.Len(t, h.Execution.OutputData.Images, 1)
			},
		},
		{
			name: "flat webhook", last: "completed", opts: []modelslabtest.Option{modelslabtest.WithFlatWorkflowWebhooks()},
			check: func(t *testing.T, run runBody, h hook) {
				t.Helper()
				require.Equal(t, run.ExecutionID, h.ExecutionID)
				require.Equal(t, "completed", h.Status)
			},
		},
		{
			name: "failure", last: "failed", fault: modelslabtest.Fault{Fail: "node 3 failed"},
			check: func(t *testing.T, _ runBody, h hook) {
				t.Helper()
				require.Equal(t, "workflow.failed", h.Event)
				require.Equal(t, "failed", h.Execution.Status)
			},
		},
		{
			name: "string ids", last: "completed", opts: []modelslabtest.Option{modelslabtest.WithStringIDs()},
			check: func(t *testing.T, run runBody, _ hook) {
				t.Helper()
				require.Regexp(t, `^"[0-9a-f]+-[0-9a-f]+"$`, string(run.ExecutionID))
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				srv := start(t, append(tt.opts, modelslabtest.WithLatency(10*time.Second),
					modelslabtest.WithWorkflow(modelslabtest.Workflow{ID: "wf_1", Name: "Portraits", Webhook: "https://shop.example/hook"}))...)
				h := &receiver{}
				srv.DeliverTo(h)
				c := inProcess(t, srv)
				srv.Next(modelslabtest.Submit, tt.fault)
				status, run := c.workflow(http.MethodPost, "/v1/workflows/wf_1/run", `{"prompt":"p"}`)
				require.Equal(t, 202, status)
				require.Equal(t, "success", run.Status)
				for _, want := range []string{"pending", "running", tt.last} {
					status, b := c.workflow(http.MethodGet, run.StatusURL, "")
					require.Equal(t, 200, status)
					require.Equal(t, "success", b.Status)
					require.Equal(t, want, b.Execution.Status)
					require.Equal(t, run.ExecutionID, b.Execution.ID)
					require.Equal(t, want == "completed", len(b.Output.Output) == 1)
					require.Equal(t, want == "failed", b.Error != nil)
					pass(5 * time.Second)
				}
				require.Len(t, h.got(), 1)
				tt.check(t, run, h.got()[0])
			})
		})
	}
}

func TestWorkflowRefusals(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := start(t, modelslabtest.WithQueueLimit(0),
			modelslabtest.WithWorkflow(modelslabtest.Workflow{ID: "wf_1", Required: []string{"prompt"}, RunLimit: 2}))
		c := inProcess(t, srv)
		status, _ := c.workflow(http.MethodPost, "/v1/workflows/wf_2/run", `{}`)
		require.Equal(t, 404, status)
		status, b := c.workflow(http.MethodPost, "/v1/workflows/wf_1/run", `{}`)
		require.Equal(t, 422, status)
		require.JSONEq(t, `{"prompt":["The prompt field is required."]}`, string(b.Message))
		_, run := c.workflow(http.MethodPost, "/v1/workflows/wf_1/run", `{"prompt":"p"}`)
		pass(20 * time.Second)
		c.workflow(http.MethodPost, "/v1/workflows/wf_1/run", `{"prompt":"p"}`)
		status, b = c.workflow(http.MethodPost, "/v1/workflows/wf_1/run", `{"prompt":"p"}`)
		require.Equal(t, 429, status)
		require.Equal(t, 40, b.RetryAfter)
		pass(40 * time.Second)
		status, b = c.workflow(http.MethodPost, "/v1/workflows/wf_1/run", `{"prompt":"p"}`)
		require.Equal(t, 202, status)

		path := "/v1/workflows/wf_1/runs/" + string(b.ExecutionID)
		status, _ = c.workflow(http.MethodPost, path+"/cancel", "")
		require.Equal(t, 200, status)
		_, b = c.workflow(http.MethodGet, path, "")
		require.Equal(t, "cancelled", b.Execution.Status)
		status, _ = c.workflow(http.MethodPost, path+"/cancel", "")
		require.Equal(t, 400, status)
		status, _ = c.workflow(http.MethodGet, "/v1/workflows/wf_2/runs/"+string(run.ExecutionID), "")
		require.Equal(t, 404, status)

		_, list := c.do(http.MethodGet, "/v1/workflows/", "", "key", "test-key")
		require.Contains(t, list, `"id":"wf_1"`)
		_, schema := c.do(http.MethodGet, "/v1/workflows/wf_1", "", "key", "test-key")
		require.Contains(t, schema, `"key":"prompt"`)
	})
}

func TestWorkflowWebhookIsRetried(t *testing.T) {
	t.Parallel()
	for answer, want := range map[int][]time.Duration{
		500: {0, time.Second, 3 * time.Second, 7 * time.Second},
		503: {0, time.Second}, // 200 from the second on
	} {
		synctest.Test(t, func(t *testing.T) {
			srv := start(t)
			h := &receiver{answer: func(n int) int {
				if answer == 503 && n > 1 {
					return 200
				}
				return answer
			}}
			srv.DeliverTo(h)
			c := inProcess(t, srv)
			c.workflow(http.MethodPost, "/v1/workflows/any/run", `{"webhook":"https://shop.example/hook"}`)
			pass(time.Hour)
			var times []time.Duration
			for _, b := range h.got() {
				times = append(times, b.at.Sub(h.got()[0].at))
			}
			require.Equal(t, want, times)
			require.Equal(t, len(want), srv.Deliveries()[len(want)-1].Try)
		})
	}
}
