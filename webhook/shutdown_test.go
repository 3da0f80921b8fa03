package webhook_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/modelslabtest"
	"github.com/modelslab-go/modelslab/webhook"
)

func failure(i int) (target, body string) {
	trackID := fmt.Sprint("job", i)
	return sign("video", trackID), fmt.Sprintf(`{"status":"failed","id":%d,"track_id":%q}`, i, trackID)
}

func (s *service) shutdown(limit time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	return s.handler.Shutdown(ctx)
}

// crew is a slow callback that watches how many of it run.
type crew struct {
	took               time.Duration
	running, most, all atomic.Int32
	fail               atomic.Bool
}

func (c *crew) work(context.Context, webhook.Event) error {
	n := c.running.Add(1)
	defer c.running.Add(-1)
	for {
		most := c.most.Load()
		if n <= most || c.most.CompareAndSwap(most, n) {
			break
		}
	}
	sleepFor(c.took)
	if c.fail.Load() {
		return errors.New("not now")
	}
	c.all.Add(1)
	return nil
}

func TestAsync(t *testing.T) {
	t.Parallel()
	c := &crew{took: time.Second}
	inBubble(t, func(t *testing.T, s *service) {
		start := time.Now()
		for i := range 12 {
			w := serve(s.handler, post(failure(i)))
			if i < 2+8 {
				require.Equal(t, 200, w.Code, i)
				continue
			}
			require.Equal(t, 503, w.Code, "the queue is full")
			require.Equal(t, "5", w.Header().Get("Retry-After"))
		}
		require.Equal(t, start, time.Now(), "acknowledged before the callbacks have run")
		require.EqualValues(t, 2, s.handler.Stats().Rejected["queue_full"])
		require.Equal(t, 10, s.handler.Stats().Open)
		sleepFor(time.Minute)
		require.EqualValues(t, 10, c.all.Load())
		require.EqualValues(t, 2, c.most.Load())
		require.Equal(t, 200, serve(s.handler, post(failure(0))).Code)
		require.Equal(t, 200, serve(s.handler, post(failure(11))).Code, "what was refused can come again")
		sleepFor(time.Minute)
		require.EqualValues(t, 11, c.all.Load())
		require.Zero(t, s.handler.Stats().Open)
	}, webhook.WithAsync(2, 8), webhook.OnEvent(c.work))
}

func TestAsyncRetries(t *testing.T) {
	t.Parallel()
	c := &crew{}
	c.fail.Store(true)
	inBubble(t, func(t *testing.T, s *service) {
		callback, err := s.client.WorkflowCallbackURL("wf_1")
		require.NoError(t, err)
		body := `{"event":"workflow.completed","execution_id":1,"workflow_id":"wf_1","status":"completed"}`
		require.Equal(t, 200, serve(s.handler, post(callback, body)).Code)
		sleepFor(time.Minute)
		c.fail.Store(false)
		sleepFor(10 * time.Minute)
		require.EqualValues(t, 1, c.all.Load(), "it was acknowledged, so ModelsLab does not repeat it")
	}, webhook.WithAsync(1, 8), webhook.OnEvent(c.work))
}

func TestShutdownWaitsForCallbacks(t *testing.T) {
	t.Parallel()
	c := &crew{took: 3 * time.Second}
	inBubble(t, func(t *testing.T, s *service) {
		var senders sync.WaitGroup
		var answered, refused atomic.Int32
		for i := range 200 {
			senders.Go(func() {
				sleepFor(time.Duration(i) * 10 * time.Millisecond)
				switch w := serve(s.handler, post(failure(i))); w.Code {
				case http.StatusOK:
					answered.Add(1)
				case http.StatusServiceUnavailable:
					refused.Add(1)
				}
			})
		}
		sleepFor(time.Second)
		start := time.Now()
		require.NoError(t, s.shutdown(time.Minute))
		require.LessOrEqual(t, time.Since(start), 3*time.Second)
		require.Zero(t, s.handler.Stats().Open)
		done := c.all.Load()
		senders.Wait()
		require.Equal(t, done, c.all.Load(), "nothing starts after the shutdown")
		require.Equal(t, done, answered.Load(), "what was done is acknowledged, and nothing else")
		require.EqualValues(t, 200, answered.Load()+refused.Load())
		require.Positive(t, done)
		require.NoError(t, s.shutdown(time.Minute), "once more")
	}, webhook.OnEvent(c.work))
}

func TestShutdownDrainsTheQueue(t *testing.T) {
	t.Parallel()
	c := &crew{took: time.Second}
	inBubble(t, func(t *testing.T, s *service) {
		for i := range 10 {
			require.Equal(t, 200, serve(s.handler, post(failure(i))).Code)
		}
		require.NoError(t, s.shutdown(time.Minute))
		require.EqualValues(t, 10, c.all.Load())
	}, webhook.WithAsync(2, 100), webhook.OnEvent(c.work))
}

func TestShutdownReportsWhatIsLeft(t *testing.T) {
	t.Parallel()
	c := &crew{took: time.Second}
	inBubble(t, func(t *testing.T, s *service) {
		for i := range 10 {
			require.Equal(t, 200, serve(s.handler, post(failure(i))).Code)
		}
		err := s.shutdown(3500 * time.Millisecond)
		var left *webhook.ShutdownError
		require.ErrorAs(t, err, &left)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Len(t, left.Events, 4)
		require.ErrorContains(t, err, "4 deliveries were not handled: video/")
		require.ErrorContains(t, err, "...")
		sleepFor(time.Minute) // the callbacks go on as long as the process does
		require.EqualValues(t, 10, c.all.Load())
	}, webhook.WithAsync(2, 100), webhook.OnEvent(c.work))
}

func TestShutdownTriesOnceMore(t *testing.T) {
	t.Parallel()
	c := &crew{}
	c.fail.Store(true)
	inBubble(t, func(t *testing.T, s *service) {
		for i := range 3 {
			require.Equal(t, 500, serve(s.handler, post(failure(i))).Code)
		}
		sleepFor(5 * time.Minute)
		c.fail.Store(false)
		start := time.Now()
		require.NoError(t, s.shutdown(time.Minute))
		require.Equal(t, start, time.Now())
		require.EqualValues(t, 3, c.all.Load())
	}, webhook.OnEvent(c.work))
}

func TestShutdownReportsFailedRetriesAndWatchedJobs(t *testing.T) {
	t.Parallel()
	c := &crew{}
	c.fail.Store(true)
	inBubble(t, func(t *testing.T, s *service) {
		require.Equal(t, 500, serve(s.handler, post(failure(7))).Code)
		s.Next(modelslabtest.Submit, modelslabtest.Fault{Never: true})
		job := s.submit(t, "a")
		require.NoError(t, s.handler.Watch(job, time.Now().Add(time.Hour)))
		err := s.shutdown(time.Minute)
		var left *webhook.ShutdownError
		require.ErrorAs(t, err, &left)
		require.NoError(t, left.Err)
		require.Len(t, left.Events, 1)
		require.Equal(t, "job7", left.Events[0].TrackID())
		require.Equal(t, []modelslab.Ref{job.Ref}, left.Watched)
		require.ErrorContains(t, err, "1 jobs are not watched any more: "+job.Ref.String())
		fetches := s.Stats().Fetches
		sleepFor(2 * time.Hour)
		require.Equal(t, fetches, s.Stats().Fetches)
	}, webhook.OnEvent(c.work))
}

func TestShutdownWhileFetching(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, s *service) {
		s.Next(modelslabtest.Submit, modelslabtest.Fault{Never: true})
		job := s.submit(t, "a")
		s.Next(modelslabtest.Fetch, modelslabtest.Fault{Slow: time.Hour})
		require.NoError(t, s.handler.Watch(job, time.Now().Add(2*time.Hour)))
		sleepFor(10 * time.Minute) // the first look has not been answered
		start := time.Now()
		err := s.shutdown(time.Minute)
		var left *webhook.ShutdownError
		require.ErrorAs(t, err, &left)
		require.Equal(t, []modelslab.Ref{job.Ref}, left.Watched)
		require.Equal(t, start, time.Now())
	})
}

func TestClientOutlivesItsHandler(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, s *service) {
		require.NoError(t, s.shutdown(time.Minute))
		done, err := s.client.Wait(t.Context(), s.submit(t, "a"))
		require.NoError(t, err, "it polls")
		require.NotEmpty(t, done.Output)
		h, err := webhook.NewHandler(webhook.WithSecrets(secret), webhook.WithClient(s.client))
		require.NoError(t, err, "and takes another")
		require.NoError(t, h.Shutdown(t.Context()))
	})
}

// A bubble fails when it is left with goroutines that wait.
func TestStartAndShutdownAHundredTimes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := modelslabtest.NewServer(modelslabtest.WithStrict(), modelslabtest.WithQueueLimit(0))
		defer srv.Close()
		client := srv.Client(modelslab.WithWebhook("https://your-server.com"+path, secret))
		for i := range 100 {
			seen := &events{}
			h, err := webhook.NewHandler(webhook.WithSecrets(secret), webhook.WithClient(client), webhook.OnEvent(seen.add), webhook.WithAsync(2, 10))
			require.NoError(t, err)
			srv.DeliverTo(h)
			job, err := client.Submit(t.Context(), &modelslab.TextToVideoRequest{ModelID: "m", Prompt: fmt.Sprint(i)})
			require.NoError(t, err)
			require.NoError(t, h.Watch(job, time.Now().Add(time.Hour)))
			if i%2 == 0 {
				_, err = client.Wait(t.Context(), job)
				require.NoError(t, err)
				require.NoError(t, h.Shutdown(t.Context()))
				require.NotEmpty(t, seen.all())
			} else {
				require.Error(t, h.Shutdown(t.Context()), "a job is left")
			}
		}
		sleepFor(time.Minute)
	})
}
