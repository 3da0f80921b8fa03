package webhook_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/webhook"
)

func TestCallbackMayWaitForItsOwnJob(t *testing.T) {
	t.Parallel()
	var client *modelslab.Client
	result := make(chan error, 1)
	inBubble(t, func(t *testing.T, s *service) {
		client = s.client
		_, err := s.client.Wait(t.Context(), s.submit(t, "a"))
		require.NoError(t, err)
		require.NoError(t, <-result)
	}, webhook.OnSuccess(func(ctx context.Context, e *webhook.Succeeded) error {
		_, err := client.Wait(ctx, e.Job())
		result <- err
		return err
	}))
}

func TestCallbackErrors(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	inBubble(t, func(t *testing.T, s *service) {
		start := time.Now()
		job := s.submit(t, "a")
		_, err := s.client.Wait(t.Context(), job)
		require.NoError(t, err, "the job is done, whatever the callback does")
		require.Equal(t, 40*time.Second, time.Since(start))
		require.EqualValues(t, 1, calls.Load())
		sleepFor(time.Minute)
		require.EqualValues(t, 4, calls.Load())
		require.Len(t, s.seen.all(), 1)
		require.Equal(t, map[int]int{500: 1}, s.statuses(), "ModelsLab does not repeat it")
		stats := s.handler.Stats()
		require.EqualValues(t, 3, stats.Failed)
		require.EqualValues(t, 1, stats.Delivered)
		require.Zero(t, stats.Open)
	}, webhook.OnSuccess(func(context.Context, *webhook.Succeeded) error {
		switch calls.Add(1) {
		case 1:
			return errors.New("database is down")
		case 2:
			panic("a bug")
		case 3:
			var e *webhook.Succeeded
			_ = e.Job() //nolint:govet // the nil dereference is the point
		}
		return nil
	}))
}

func TestCallbackThatNeverSucceedsIsGivenUp(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, s *service) {
		job := s.submit(t, "a")
		sleepFor(3 * time.Hour)
		stats := s.handler.Stats()
		require.EqualValues(t, 1, stats.GaveUp)
		require.Zero(t, stats.Open)
		require.Less(t, stats.Failed, uint64(40))
		require.NotEmpty(t, job.Ref)
	}, webhook.OnSuccess(func(context.Context, *webhook.Succeeded) error { return errors.New("never") }))
}

func TestWorkflowsAreRepeatedByModelsLab(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	inBubble(t, func(t *testing.T, s *service) {
		callback, err := s.client.WorkflowCallbackURL("wf_1")
		require.NoError(t, err)
		first := serve(s.handler, post(callback, `{"event":"workflow.completed","execution_id":1,"workflow_id":"wf_1","status":"completed"}`))
		require.Equal(t, 500, first.Code)
		sleepFor(time.Hour)
		require.EqualValues(t, 1, calls.Load(), "it is ModelsLab's to repeat")
		again := serve(s.handler, post(callback, `{"event":"workflow.completed","execution_id":1,"workflow_id":"wf_1","status":"completed"}`))
		require.Equal(t, 200, again.Code)
		require.EqualValues(t, 2, calls.Load())
		require.Equal(t, 200, serve(s.handler, post(callback, `{"event":"workflow.completed","execution_id":2,"workflow_id":"wf_1","status":"completed"}`)).Code)
		require.EqualValues(t, 3, calls.Load(), "another run of the same workflow")
	}, webhook.OnWorkflow(func(context.Context, *webhook.WorkflowFinished) error {
		if calls.Add(1) == 1 {
			return errors.New("not yet")
		}
		return nil
	}))
}

func TestSlowCallback(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	inBubble(t, func(t *testing.T, s *service) {
		target, start := sign("video", "video_001"), time.Now()
		successBody := strings.Replace(successBody, "pub-3626123a908346a7a8be8d9295f44e26.r2.dev", "modelslab.com", 1)
		require.Equal(t, 503, serve(s.handler, post(target, successBody)).Code)
		require.Equal(t, 25*time.Second, time.Since(start))
		require.Equal(t, 1, s.handler.Stats().Open)
		duplicate := serve(s.handler, post(target, successBody))
		require.Equal(t, 503, duplicate.Code, "the claim is kept until the callback returns")
		require.Equal(t, "5", duplicate.Header().Get("Retry-After"))
		require.Equal(t, 50*time.Second, time.Since(start))
		require.Equal(t, 200, serve(s.handler, post(target, successBody)).Code, "it waits for the callback")
		require.Less(t, time.Since(start), 62*time.Second)
		require.Equal(t, 200, serve(s.handler, post(target, successBody)).Code)
		require.EqualValues(t, 1, calls.Load())
		require.Zero(t, s.handler.Stats().Open)
	}, webhook.OnSuccess(func(context.Context, *webhook.Succeeded) error {
		calls.Add(1)
		sleepFor(time.Minute)
		return nil
	}))
}
