package webhook_test

import (
	"context"
	"fmt"
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

// service is a program that uses the client and the handler, in virtual time.
type service struct {
	*modelslabtest.Server
	client  *modelslab.Client
	handler *webhook.Handler
	seen    *events
}

func inBubble(t *testing.T, f func(t *testing.T, s *service), opts ...webhook.Option) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := &service{Server: modelslabtest.NewServer(modelslabtest.WithStrict(), modelslabtest.WithQueueLimit(0), modelslabtest.WithLatency(40*time.Second))}
		defer s.Close()
		s.client = s.Client(modelslab.WithWebhook("https://your-server.com"+path, secret))
		s.seen = &events{}
		h, err := webhook.NewHandler(append([]webhook.Option{
			webhook.WithSecrets(secret), webhook.WithClient(s.client), webhook.OnEvent(s.seen.add),
		}, opts...)...)
		require.NoError(t, err)
		s.handler = h
		s.DeliverTo(h)
		f(t, s)
		synctest.Wait()
		_ = h.Shutdown(t.Context())
	})
}

func (s *service) submit(t *testing.T, trackID string) *modelslab.Job {
	t.Helper()
	job, err := s.client.Submit(t.Context(), &modelslab.TextToVideoRequest{ModelID: "m", Prompt: "p " + trackID, TrackID: trackID})
	require.NoError(t, err)
	return job
}

func (s *service) statuses() map[int]int {
	n := map[int]int{}
	for _, d := range s.Deliveries() {
		n[d.Status]++
	}
	return n
}

func TestWaitIsWokenByTheWebhook(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, s *service) {
		start := time.Now()
		job := s.submit(t, "video_001")
		var waits sync.WaitGroup
		for i := range 5 {
			waits.Go(func() {
				var target modelslab.Target = job
				if i%2 == 0 {
					target = job.Ref
				}
				done, err := s.client.Wait(t.Context(), target, modelslab.PollEvery(time.Hour, time.Hour))
				require.NoError(t, err)
				require.Equal(t, modelslab.StatusSuccess, done.Status)
				require.Equal(t, job.Ref, done.Ref)
				require.Equal(t, "video_001", done.TrackID)
				require.NotEmpty(t, done.Output)
			})
		}
		waits.Wait()
		require.Equal(t, 40*time.Second, time.Since(start))
		require.Zero(t, s.Stats().Fetches)
		require.Len(t, s.seen.all(), 1)
		require.Equal(t, job.Ref, s.seen.all()[0].Ref())
	})
}

func TestWaitPollsSlowlyWhileWebhooksArrive(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, s *service) {
		s.Next(modelslabtest.Submit, modelslabtest.Fault{Lost: true})
		start := time.Now()
		job := s.submit(t, "a")
		done, err := s.client.Wait(t.Context(), job)
		require.NoError(t, err)
		require.InDelta(t, 2*job.ETA.Seconds(), time.Since(start).Seconds(), 0.06*2*job.ETA.Seconds(), "first look at twice the ETA")
		require.Equal(t, 1, s.Stats().Fetches)
		require.Len(t, s.seen.all(), 1, "what a poll finds reaches the callbacks")
		require.Equal(t, done.Ref, s.seen.all()[0].Ref())
	})
}

func TestWaitKeepsItsScheduleWhenWebhooksGoElsewhere(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, s *service) {
		for i := range 4 { // this replica sees none of them
			s.Next(modelslabtest.Submit, modelslabtest.Fault{Lost: true})
			_, err := s.client.Wait(t.Context(), s.submit(t, fmt.Sprint(i)))
			require.NoError(t, err)
		}
		s.Next(modelslabtest.Submit, modelslabtest.Fault{Lost: true})
		start := time.Now()
		job := s.submit(t, "again")
		_, err := s.client.Wait(t.Context(), job)
		require.NoError(t, err)
		require.Less(t, time.Since(start), job.ETA*5/4, "looks are dense around the ETA again")

		for i := range 12 { // now they come here
			_, err := s.client.Wait(t.Context(), s.submit(t, fmt.Sprint("here", i)))
			require.NoError(t, err)
		}
		before := s.Stats().Fetches
		_, err = s.client.Wait(t.Context(), s.submit(t, "last"))
		require.NoError(t, err)
		require.Equal(t, before, s.Stats().Fetches)
	})
}

func TestEarlyDelivery(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, s *service) {
		s.Next(modelslabtest.Submit, modelslabtest.Fault{Never: true}, modelslabtest.Fault{Early: true})
		s.submit(t, "it tells where results are kept")
		start := time.Now()
		job := s.submit(t, "early")
		require.Equal(t, modelslab.StatusProcessing, job.Status)
		require.Len(t, s.seen.all(), 1, "it was there before the answer to the submit")
		done, err := s.client.Wait(t.Context(), job)
		require.NoError(t, err)
		require.Equal(t, modelslab.StatusSuccess, done.Status)
		require.Equal(t, start, time.Now())
		require.Zero(t, s.Stats().Fetches)
	})
}

func TestEarlyDeliveriesAreForgotten(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, s *service) {
		s.Next(modelslabtest.Submit, modelslabtest.Fault{Early: true})
		job := s.submit(t, "early")
		sleepFor(10*time.Minute + time.Second)
		_, err := s.client.Wait(t.Context(), job)
		require.NoError(t, err)
		require.NotZero(t, s.Stats().Fetches)
		require.Len(t, s.seen.all(), 1, "the callbacks are not called again")
	})
}

// sleepFor passes virtual time.
func sleepFor(d time.Duration) { <-time.After(d) }

func TestSuccessAtSubmit(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, s *service) {
		s.Next(modelslabtest.Submit, modelslabtest.Fault{Sync: true, Lost: true}, modelslabtest.Fault{Sync: true, Lost: true})
		job := s.submit(t, "a")
		require.Equal(t, modelslab.StatusSuccess, job.Status)
		require.Empty(t, s.seen.all(), "nobody asked for it")
		_, err := s.client.Wait(t.Context(), job)
		require.NoError(t, err)
		require.Len(t, s.seen.all(), 1)

		job = s.submit(t, "b")
		require.NoError(t, s.handler.Watch(job, time.Now().Add(time.Hour)))
		synctest.Wait()
		require.Len(t, s.seen.all(), 2, "a watched job that is done is delivered at once")
		require.NoError(t, s.handler.Watch(job, time.Now().Add(time.Hour)))
		synctest.Wait()
		require.Len(t, s.seen.all(), 2)
		require.Zero(t, s.handler.Stats().Watched)
		require.Zero(t, s.Stats().Fetches)
	})
}

func TestFailureReachesWaitAndCallback(t *testing.T) {
	t.Parallel()
	var failures atomic.Int32
	inBubble(t, func(t *testing.T, s *service) {
		s.Next(modelslabtest.Submit, modelslabtest.Fault{Fail: "out of ideas"})
		_, err := s.client.Wait(t.Context(), s.submit(t, "a"))
		var failed *modelslab.JobError
		require.ErrorAs(t, err, &failed)
		require.Equal(t, "out of ideas", failed.Job.Message)
		require.EqualValues(t, 1, failures.Load())
	}, webhook.OnFailure(func(context.Context, *webhook.Failed) error { failures.Add(1); return nil }))
}

func TestDuplicatesProgressAndDisorder(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, s *service) {
		s.Next(modelslabtest.Submit,
			modelslabtest.Fault{Duplicates: 3, Progress: 2},
			modelslabtest.Fault{Progress: 3, Reordered: true})
		first := s.submit(t, "a")
		_, err := s.client.Wait(t.Context(), first)
		require.NoError(t, err)
		second := s.submit(t, "b")
		_, err = s.client.Wait(t.Context(), second)
		require.NoError(t, err)
		sleepFor(time.Minute)
		counts := map[string]int{}
		for _, e := range s.seen.all() {
			counts[fmt.Sprintf("%T %s", e, e.TrackID())]++
		}
		require.Equal(t, map[string]int{
			"*webhook.Progress a": 1, "*webhook.Succeeded a": 1, "*webhook.Succeeded b": 1,
		}, counts, "equal reports are one, and nothing comes after the end")
		require.Equal(t, map[int]int{200: len(s.Deliveries())}, s.statuses(), "all of them are acknowledged")
	})
}

func TestWatch(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, s *service) {
		s.Script(func(r *modelslabtest.Request) *modelslabtest.Fault {
			if r.Call == modelslabtest.Submit && r.TrackID == "lost" {
				return &modelslabtest.Fault{Lost: true}
			}
			return nil
		})
		lost, heard := s.submit(t, "lost"), s.submit(t, "heard")
		require.NoError(t, s.handler.Watch(lost.Ref, time.Now().Add(time.Hour)))
		require.NoError(t, s.handler.Watch(lost, time.Now().Add(time.Hour)), "again is no more than once")
		require.NoError(t, s.handler.Watch(heard, time.Now().Add(time.Hour)))
		require.Equal(t, 2, s.handler.Stats().Watched)
		sleepFor(10 * time.Minute)
		require.Zero(t, s.handler.Stats().Watched)
		tracks := map[string]int{}
		for _, e := range s.seen.all() {
			tracks[e.TrackID()]++
		}
		require.Equal(t, map[string]int{"lost": 1, "heard": 1}, tracks)
		for _, r := range s.Requests() {
			if r.Call == modelslabtest.Fetch {
				require.Contains(t, r.Path, lost.Ref.ID, "what was delivered is not fetched")
			}
		}
	})
}

func TestWatchGivesUp(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, s *service) {
		s.Next(modelslabtest.Submit, modelslabtest.Fault{Never: true})
		job := s.submit(t, "a")
		require.NoError(t, s.handler.Watch(job, time.Now().Add(5*time.Minute)))
		sleepFor(5*time.Minute - 3*time.Second)
		require.Equal(t, 1, s.handler.Stats().Watched)
		sleepFor(4 * time.Second)
		require.EqualValues(t, 1, s.handler.Stats().GaveUp)
		require.Zero(t, s.handler.Stats().Watched)
		fetches := s.Stats().Fetches
		sleepFor(time.Hour)
		require.Equal(t, fetches, s.Stats().Fetches)

		require.NoError(t, s.handler.Watch(modelslab.Ref{Kind: "video", ID: "404404"}, time.Now().Add(time.Hour)))
		sleepFor(time.Minute)
		require.EqualValues(t, 2, s.handler.Stats().GaveUp, "nobody knows it")
	})
}

func TestWatchOutlivesOutages(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, s *service) {
		s.Next(modelslabtest.Submit, modelslabtest.Fault{Lost: true})
		job := s.submit(t, "a")
		down := true
		s.Script(func(r *modelslabtest.Request) *modelslabtest.Fault {
			if down && r.Call == modelslabtest.Fetch {
				return &modelslabtest.Fault{Status: 503, Body: "down"}
			}
			return nil
		})
		require.NoError(t, s.handler.Watch(job, time.Now().Add(time.Hour)))
		sleepFor(20 * time.Minute)
		require.Empty(t, s.seen.all())
		synctest.Wait()
		s.Script(nil)
		sleepFor(10 * time.Minute)
		require.Len(t, s.seen.all(), 1)
	})
}

func TestWatchRefuses(t *testing.T) {
	t.Parallel()
	soon := time.Now().Add(time.Hour)
	require.ErrorContains(t, newHandler(t).Watch(modelslab.Ref{Kind: "video", ID: "1"}, soon), "WithClient")
	client, err := modelslab.New("k")
	require.NoError(t, err)
	h := newHandler(t, webhook.WithClient(client))
	require.ErrorContains(t, h.Watch(nil, soon), "nil")
	require.ErrorContains(t, h.Watch((*modelslab.Job)(nil), soon), "nil")
	require.ErrorContains(t, h.Watch(modelslab.Ref{ID: "1"}, soon), "kind and id")
	require.ErrorContains(t, h.Watch(modelslab.Ref{Kind: "video"}, soon), "kind and id")
	require.ErrorContains(t, h.Watch(modelslab.Ref{Kind: "video", ID: "1"}, time.Now()), "has passed")
	require.NoError(t, h.Shutdown(t.Context()))
	require.ErrorContains(t, h.Watch(modelslab.Ref{Kind: "video", ID: "1"}, soon), "shut down")
}

func TestDeliver(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, s *service) {
		s.Next(modelslabtest.Submit, modelslabtest.Fault{Lost: true})
		job := s.submit(t, "a")
		woken := make(chan *modelslab.Job, 1)
		go func() {
			done, err := s.client.Wait(t.Context(), job)
			if err == nil {
				woken <- done
			}
		}()
		synctest.Wait()
		done := &modelslab.Job{Ref: job.Ref, Status: modelslab.StatusSuccess, Output: []string{"https://modelslab.com/a.mp4"}}
		require.NoError(t, s.client.Deliver(t.Context(), done))
		require.NoError(t, s.client.Deliver(t.Context(), done))
		synctest.Wait()
		require.Equal(t, done.Output, (<-woken).Output)
		require.Len(t, s.seen.all(), 1)
		require.Equal(t, "a", s.seen.all()[0].TrackID(), "the client knows it")
		require.Empty(t, done.TrackID, "the caller's job is not touched")
		require.ErrorContains(t, s.client.Deliver(t.Context(), nil), "nil")
		require.ErrorContains(t, s.client.Deliver(t.Context(), &modelslab.Job{Status: modelslab.StatusFailed}), "neither")
	})
}

func TestReusedTrackIDs(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, s *service) {
		s.Next(modelslabtest.Submit, modelslabtest.Fault{}, modelslabtest.Fault{Fail: "no"}, modelslabtest.Fault{Lost: true}, modelslabtest.Fault{Early: true})
		var jobs []*modelslab.Job
		for i := range 4 {
			job, err := s.client.Submit(t.Context(), &modelslab.TextToVideoRequest{
				ModelID: "m", Prompt: fmt.Sprint(i), TrackID: "video_001", // as in every example
			})
			require.NoError(t, err)
			jobs = append(jobs, job)
		}
		var waits sync.WaitGroup
		for i, job := range jobs {
			waits.Go(func() {
				done, err := s.client.Wait(t.Context(), job)
				require.Equal(t, i == 1, err != nil)
				require.Equal(t, job.Ref, done.Ref)
			})
		}
		waits.Wait()
		refs := map[modelslab.Ref]int{}
		for _, e := range s.seen.all() {
			refs[e.Ref()]++
		}
		require.Equal(t, map[modelslab.Ref]int{jobs[0].Ref: 1, jobs[1].Ref: 1, jobs[2].Ref: 1, jobs[3].Ref: 1}, refs)
	})
}

// A run may have a callback of its own, whose token is about that run alone.
func TestWorkflowRunWithItsOwnCallback(t *testing.T) {
	t.Parallel()
	for _, opts := range [][]modelslabtest.Option{nil, {modelslabtest.WithFlatWorkflowWebhooks(), modelslabtest.WithStringIDs()}} {
		synctest.Test(t, func(t *testing.T) {
			srv := modelslabtest.NewServer(append(opts, modelslabtest.WithStrict())...)
			defer srv.Close()
			client := srv.Client(modelslab.WithWebhook("", secret))
			seen := &events{}
			h, err := webhook.NewHandler(webhook.WithSecrets(secret), webhook.WithClient(client), webhook.OnEvent(seen.add))
			require.NoError(t, err)
			srv.DeliverTo(h)
			job, err := client.Workflows.Run(t.Context(), &modelslab.WorkflowRunRequest{
				WorkflowID: "wf_1", Webhook: "https://your-server.com" + path, TrackID: "run_001",
			})
			require.NoError(t, err)
			done, err := client.Wait(t.Context(), job, modelslab.PollEvery(time.Hour, time.Hour))
			require.NoError(t, err)
			require.Equal(t, job.Ref, done.Ref)
			require.Equal(t, "run_001", done.TrackID)
			require.Len(t, seen.all(), 1)
			require.Equal(t, "run_001", seen.all()[0].TrackID())
			require.Equal(t, job.Ref, seen.all()[0].Ref())
			require.IsType(t, &webhook.WorkflowFinished{}, seen.all()[0])
			require.NoError(t, h.Shutdown(t.Context()))
		})
	}
}
