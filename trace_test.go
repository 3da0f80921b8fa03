package modelslab_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/modelslabtest"
)

// tale is a Tracer that writes down what it follows, each operation with those
// that it is within.
type tale struct {
	mu      sync.Mutex
	begun   []modelslab.Op
	ended   []string
	results []modelslab.Result
	open    int
	link    string
}

type within struct{}

func (t *tale) Begin(ctx context.Context, op modelslab.Op) (context.Context, func(modelslab.Result)) {
	path, _ := ctx.Value(within{}).(string)
	path = strings.TrimPrefix(path+" > "+op.Name, " > ")
	t.mu.Lock()
	defer t.mu.Unlock()
	t.begun = append(t.begun, op)
	t.open++
	return context.WithValue(ctx, within{}, path), func(r modelslab.Result) {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.open--
		t.ended = append(t.ended, path)
		t.results = append(t.results, r)
	}
}

func (t *tale) Link(context.Context) string { return t.link }

func TestTracerFollowsAJob(t *testing.T) {
	t.Parallel()
	server := modelslabtest.NewServer(modelslabtest.WithStrict())
	defer server.Close()
	var seen tale
	client := server.Client(modelslab.WithTracer(&seen))
	require.Same(t, &seen, client.Tracer())

	job, err := client.Run(t.Context(), &modelslab.TextToVideoRequest{ModelID: "cogvideox", Prompt: "a ship", TrackID: "ship"})
	require.NoError(t, err)
	_, err = client.Save(t.Context(), job, t.TempDir())
	require.NoError(t, err)
	_, err = client.Models.Search(t.Context(), nil)
	require.NoError(t, err)

	require.Zero(t, seen.open)
	wait := slices.Index(seen.ended, "wait")
	require.Equal(t, []string{"submit", "wait > poll", "wait", "save", "query"}, slices.Compact(slices.Clone(seen.ended)))
	require.Equal(t, modelslab.Op{
		Name: modelslab.OpSubmit, Route: "POST /v6/video/text2video", Kind: modelslab.KindVideo, Model: "cogvideox", TrackID: "ship",
	}, seen.begun[0])
	require.Equal(t, modelslab.Op{Name: modelslab.OpWait, Kind: modelslab.KindVideo, TrackID: "ship"}, seen.begun[1])
	require.Equal(t, "POST /v6/video/fetch/{id}", seen.begun[2].Route)
	submit := seen.results[0]
	require.Equal(t, 200, submit.Status)
	require.Equal(t, 1, submit.Attempts)
	require.Equal(t, job.Ref, submit.Job.Ref)
	require.Equal(t, modelslab.StatusSuccess, seen.results[wait].Job.Status)
}

func TestTracerRoutesHaveNoIDs(t *testing.T) {
	t.Parallel()
	server := modelslabtest.NewServer(modelslabtest.WithStrict())
	defer server.Close()
	var seen tale
	client := server.Client(modelslab.WithTracer(&seen))
	_, err := client.Workflows.Run(t.Context(), &modelslab.WorkflowRunRequest{WorkflowID: "wf_1"})
	require.NoError(t, err)
	_, _ = client.Fetch(t.Context(), modelslab.Ref{Kind: modelslab.KindWorkflow, ID: "wf_1/exec_1"}, modelslab.LinkedTo("abc"))
	for _, op := range seen.begun {
		require.NotContains(t, op.Route, "_1", op.Name)
		require.NotEmpty(t, op.Route)
	}
	require.Equal(t, "abc", seen.begun[1].Link)
}

func TestLogSaysThatAJobEnded(t *testing.T) {
	t.Parallel()
	server := modelslabtest.NewServer(modelslabtest.WithStrict())
	defer server.Close()
	var text bytes.Buffer
	client := server.Client(modelslab.WithLogger(newTextLogger(&text)))
	job, err := client.Run(t.Context(), &modelslab.TextToVideoRequest{ModelID: "cogvideox", Prompt: "a ship", TrackID: "ship"})
	require.NoError(t, err)
	require.NotContains(t, text.String(), "a ship")
	var ends []string
	for line := range strings.Lines(text.String()) {
		if strings.Contains(line, "job ended") {
			ends = append(ends, line)
		}
	}
	require.Len(t, ends, 1)
	require.Contains(t, ends[0], "level=INFO")
	require.Contains(t, ends[0], "job="+job.Ref.String()+" track_id=ship kind=video model=cogvideox outcome=success took=")
}

func TestResultClass(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		err  error
		want string
	}{
		{nil, ""},
		{fmt.Errorf("x: %w", modelslab.ErrAuth), "unauthorized"},
		{modelslab.ErrRateLimited, "rate_limited"},
		{&modelslab.SubmitError{Err: context.Canceled}, "unknown"},
		{&modelslab.JobError{Job: &modelslab.Job{Status: modelslab.StatusFailed}}, "failed"},
		{&modelslab.JobError{Job: &modelslab.Job{Status: modelslab.StatusCancelled}}, "cancelled"},
		{&modelslab.WaitError{Err: context.DeadlineExceeded}, "timeout"},
		{&modelslab.WaitError{Err: context.Canceled}, "cancelled"},
		{&modelslab.WaitError{Err: modelslab.ErrNotFound}, "not_found"},
		{errors.New("disk full"), "other"},
	} {
		require.Equal(t, tt.want, modelslab.Result{Err: tt.err}.Class(), "%v", tt.err)
	}
}
