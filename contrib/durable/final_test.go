package durable_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/modelslab-go/modelslab"
	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/contrib/durable"
)

// scripted answers submits and fetches with one body each.
type scripted struct {
	submit, fetch string
	fetches       int
}

func (s *scripted) RoundTrip(req *http.Request) (*http.Response, error) {
	body, status := s.submit, http.StatusAccepted
	if req.Method == http.MethodGet || strings.Contains(req.URL.Path, "fetch") {
		s.fetches++
		body, status = s.fetch, http.StatusOK
	}
	if req.Body != nil {
		_, _ = io.Copy(io.Discard, req.Body)
	}
	return &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(body)), Request: req,
	}, nil
}

// What client.Run calls a success the engine must not poll until it expires.
func TestTheEngineEndsJobsAsTheClientDoes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name          string
		submit, fetch string
		req           modelslab.Request
		status        modelslab.Status
	}{
		{
			name:   "a workflow without output",
			submit: `{"status":"success","execution_id":77,"workflow_id":5,"message":"started"}`,
			fetch:  `{"status":"success","execution":{"id":77,"workflow_id":5,"status":"completed","execution_time":3,"output":{}}}`,
			req:    &modelslab.WorkflowRunRequest{WorkflowID: "5"}, status: modelslab.StatusSuccess,
		},
		{
			name:   "a workflow that failed",
			submit: `{"status":"success","execution_id":77,"workflow_id":5,"message":"started"}`,
			fetch:  `{"status":"success","execution":{"id":77,"workflow_id":5,"status":"failed","execution_time":3,"output":{}}}`,
			req:    &modelslab.WorkflowRunRequest{WorkflowID: "5"}, status: modelslab.StatusFailed,
		},
		{
			name:   "a fetch that says success and names no output",
			submit: `{"status":"processing","id":7,"eta":10}`,
			fetch:  `{"status":"success","id":7,"output":[]}`,
			req:    video("x"), status: modelslab.StatusSuccess,
		},
		{
			name:   "a submit that says success and names no output",
			submit: `{"status":"success","id":7,"output":[]}`,
			fetch:  `{"status":"success","id":7,"output":["https://cdn.example/0.mp4"]}`,
			req:    video("x"), status: modelslab.StatusSuccess,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				api := &scripted{submit: tt.submit, fetch: tt.fetch}
				client, err := modelslab.New("k", modelslab.WithHTTPClient(&http.Client{Transport: api}))
				require.NoError(t, err)
				want, wantErr := client.Run(t.Context(), tt.req)
				fetches := api.fetches
				api.fetches = 0

				engine, err := durable.New(durable.NewMemoryStore(), nil, durable.Config{Client: client})
				require.NoError(t, err)
				got := make(chan durable.Event, 1)
				engine.OnEvent(func(_ context.Context, _ memTx, ev durable.Event) error {
					got <- ev
					return nil
				})
				ran := make(chan error, 1)
				go func() { ran <- engine.Run(context.WithoutCancel(t.Context())) }()
				_, err = engine.Submit(t.Context(), tt.req)
				require.NoError(t, err)
				ev := <-got
				require.NoError(t, engine.Shutdown(t.Context()))
				require.NoError(t, <-ran)
				require.Equal(t, wantErr == nil, ev.Err == nil, "%v, %v", wantErr, ev.Err)
				require.NotNil(t, ev.Job)
				require.Equal(t, tt.status, ev.Job.Status)
				require.Equal(t, want.Output, ev.Job.Output)
				require.LessOrEqual(t, api.fetches, max(fetches, 1))
			})
		})
	}
}
