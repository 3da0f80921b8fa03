package webhook_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/modelslabtest"
	"github.com/modelslab-go/modelslab/webhook"
)

// leak submits a job, whose own webhook is lost, and returns its callback URL,
// as somebody would have it who read a log.
func (s *service) leak(t *testing.T, trackID string, fault modelslabtest.Fault) (job *modelslab.Job, callback string) {
	t.Helper()
	fault.Lost = true
	s.Next(modelslabtest.Submit, fault)
	job = s.submit(t, trackID)
	for _, r := range s.Requests() {
		if r.TrackID == trackID {
			_, rest, _ := strings.Cut(string(r.Body), `"webhook":"`)
			callback, _, _ = strings.Cut(rest, `"`)
		}
	}
	require.Contains(t, callback, "sig=")
	return job, callback
}

func success(id, output, trackID string) string {
	return fmt.Sprintf(`{"status":"success","id":%q,"output":[%q],"track_id":%q}`, id, output, trackID)
}

func TestLeakedTokenCausesAFetchAndNothingElse(t *testing.T) {
	t.Parallel()
	const forged = "https://evil.example/x.mp4"
	tests := []struct {
		name     string
		fault    modelslabtest.Fault
		finished bool // before the forger comes
		body     func(job *modelslab.Job) string
		want     string // the event, "" for none
	}{
		{
			"another id",
			modelslabtest.Fault{},
			true,
			func(*modelslab.Job) string { return success("666", "https://modelslab.com/x.mp4", "a") }, "*webhook.Succeeded",
		},
		{
			"another id, of a job that runs",
			modelslabtest.Fault{},
			false,
			func(*modelslab.Job) string { return success("666", "https://modelslab.com/x.mp4", "a") }, "*webhook.Progress",
		},
		{
			"a new host",
			modelslabtest.Fault{},
			true,
			func(j *modelslab.Job) string { return success(j.ID, forged, "a") }, "*webhook.Succeeded",
		},
		{
			"a new host, of a job that runs",
			modelslabtest.Fault{},
			false,
			func(j *modelslab.Job) string { return success(j.ID, forged, "a") }, "*webhook.Progress",
		},
		{
			"a new host, of a job that failed",
			modelslabtest.Fault{Fail: "no"},
			true,
			func(j *modelslab.Job) string { return success(j.ID, forged, "a") }, "*webhook.Failed",
		},
		{
			"a host that looks like ours",
			modelslabtest.Fault{},
			true,
			func(j *modelslab.Job) string { return success(j.ID, "https://modelslab.com@evil.example/x.mp4", "a") }, "*webhook.Succeeded",
		},
		{
			"a host that ends like ours",
			modelslabtest.Fault{},
			true,
			func(j *modelslab.Job) string { return success(j.ID, "https://evilmodelslab.com/x.mp4", "a") }, "*webhook.Succeeded",
		},
		{
			"a fetch URL of another product",
			modelslabtest.Fault{},
			true,
			func(j *modelslab.Job) string {
				return fmt.Sprintf(`{"status":"success","id":%q,"output":[%q],"fetch_result":"https://modelslab.com/api/v6/images/fetch/%s"}`, j.ID, forged, j.ID)
			}, "*webhook.Succeeded",
		},
		{
			"a failure after a success",
			modelslabtest.Fault{Sync: true},
			true,
			func(j *modelslab.Job) string {
				return fmt.Sprintf(`{"status":"failed","id":%q,"message":"forged"}`, j.ID)
			}, "*webhook.Succeeded",
		},
		{
			"no result",
			modelslabtest.Fault{},
			true,
			func(j *modelslab.Job) string {
				return fmt.Sprintf(`{"status":"success","id":%q,"output":[]}`, j.ID)
			}, "*webhook.Succeeded",
		},
		{
			"no result, and none yet",
			modelslabtest.Fault{},
			false,
			func(j *modelslab.Job) string { return fmt.Sprintf(`{"status":"success","id":%q}`, j.ID) }, "*webhook.Progress",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T, s *service) {
				job, callback := s.leak(t, "a", tt.fault)
				if tt.finished {
					sleepFor(time.Minute)
				}
				w := serve(s.handler, post(callback, tt.body(job)))
				require.Equal(t, 200, w.Code, w.Body)
				require.Equal(t, 1, s.Stats().Fetches)
				require.EqualValues(t, 1, s.handler.Stats().Confirmed)
				require.Len(t, s.seen.all(), 1)
				e := s.seen.all()[0]
				require.Equal(t, tt.want, fmt.Sprintf("%T", e))
				require.Equal(t, job.Ref, e.Ref())
				require.Equal(t, "a", e.TrackID())
				require.NotContains(t, fmt.Sprint(e.Job().Output), "evil")
				require.NotContains(t, string(e.Raw()), "forged")

				// Whatever was reported, the end is delivered: ModelsLab will not tell again.
				sleepFor(2 * time.Hour)
				last := s.seen.all()[len(s.seen.all())-1]
				require.True(t, last.Job().Status.Terminal())
				require.NotContains(t, fmt.Sprint(last.Job().Output), "evil")
			})
		})
	}
}

func TestFailureAfterDeliveredSuccess(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, s *service) {
		job, callback := s.leak(t, "a", modelslabtest.Fault{})
		done, err := s.client.Wait(t.Context(), job)
		require.NoError(t, err)
		fetches := s.Stats().Fetches
		forged := fmt.Sprintf(`{"status":"failed","id":%q,"message":"forged"}`, job.ID)
		require.Equal(t, 200, serve(s.handler, post(callback, forged)).Code)
		require.Equal(t, fetches+1, s.Stats().Fetches)
		require.Len(t, s.seen.all(), 1)
		require.Equal(t, 200, serve(s.handler, post(callback, success(job.ID, done.Output[0], "a"))).Code, "a replay")
		require.Len(t, s.seen.all(), 1)
		again, err := s.client.Wait(t.Context(), job)
		require.NoError(t, err)
		require.Equal(t, modelslab.StatusSuccess, again.Status, "nobody was told of the failure")
	})
}

func TestConflictWithoutClient(t *testing.T) {
	t.Parallel()
	seen := &events{}
	h := newHandler(t, webhook.OnEvent(seen.add))
	target := sign("video", "video_001")
	require.Equal(t, 200, serve(h, post(target, successBody)).Code)
	require.Equal(t, 200, serve(h, post(target, failedBody)).Code)
	require.Equal(t, 200, serve(h, post(target, successBody)).Code)
	require.Equal(t, 200, serve(h, post(target, `{"status":"cancelled","track_id":"video_001"}`)).Code, "without an id too")
	require.Len(t, seen.all(), 1)
	require.EqualValues(t, 2, h.Stats().Conflicts)
	require.EqualValues(t, 1, h.Stats().Duplicates)
}

func TestUnconfirmed(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, s *service) {
		// A token of ours, for a job that this client did not submit and nobody knows.
		w := serve(s.handler, post(sign("video", "x"), success("404404", "https://evil.example/x.mp4", "x")))
		require.Equal(t, http.StatusUnauthorized, w.Code)
		require.JSONEq(t, `{"error":"unauthorized"}`, w.Body.String())
		require.Equal(t, map[string]uint64{"unconfirmed": 1}, s.handler.Stats().Rejected)
		sleepFor(time.Hour)
		require.Empty(t, s.seen.all())
		require.Zero(t, s.handler.Stats().Open)
	})
}

func TestConfirmingFetchFails(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, s *service) {
		job, callback := s.leak(t, "a", modelslabtest.Fault{})
		sleepFor(time.Minute)
		down := modelslabtest.Fault{Status: 503, Body: "down"}
		s.Next(modelslabtest.Fetch, down, down, down, down)
		w := serve(s.handler, post(callback, success(job.ID, "https://new.example/x.mp4", "a")))
		require.Equal(t, 503, w.Code)
		require.Equal(t, "5", w.Header().Get("Retry-After"))
		require.Empty(t, s.seen.all())
		sleepFor(time.Minute)
		require.Len(t, s.seen.all(), 1, "it is tried again from here")
		require.NotContains(t, s.seen.all()[0].Job().Output[0], "new.example")
	})
}

func TestConfirmPolicies(t *testing.T) {
	t.Parallel()
	body := func(job *modelslab.Job) string { return success(job.ID, "https://new.example/x.mp4", "a") }
	t.Run("never", func(t *testing.T) {
		t.Parallel()
		inBubble(t, func(t *testing.T, s *service) {
			job, callback := s.leak(t, "a", modelslabtest.Fault{})
			require.Equal(t, 200, serve(s.handler, post(callback, body(job))).Code)
			require.Zero(t, s.Stats().Fetches)
			require.Equal(t, []string{"https://new.example/x.mp4"}, s.seen.all()[0].Job().Output)
			require.Equal(t, 200, serve(s.handler, post(callback, `{"status":"success"}`)).Code)
			require.Len(t, s.seen.all(), 1)
		}, webhook.WithConfirm(webhook.Never))
	})
	t.Run("always", func(t *testing.T) {
		t.Parallel()
		inBubble(t, func(t *testing.T, s *service) {
			_, err := s.client.Wait(t.Context(), s.submit(t, "a"), modelslab.PollEvery(time.Hour, time.Hour))
			require.NoError(t, err)
			require.Equal(t, 1, s.Stats().Fetches)
			require.EqualValues(t, 1, s.handler.Stats().Confirmed)
			require.Len(t, s.seen.all(), 1)
		}, webhook.WithConfirm(webhook.Always))
	})
	t.Run("on anomaly, nothing odd", func(t *testing.T) {
		t.Parallel()
		inBubble(t, func(t *testing.T, s *service) {
			_, err := s.client.Wait(t.Context(), s.submit(t, "a"), modelslab.PollEvery(time.Hour, time.Hour))
			require.NoError(t, err)
			require.Zero(t, s.Stats().Fetches)
		})
	})
	t.Run("a success without output", func(t *testing.T) {
		t.Parallel()
		inBubble(t, func(t *testing.T, s *service) {
			s.Next(modelslabtest.Submit, modelslabtest.Fault{NoOutput: true})
			done, err := s.client.Wait(t.Context(), s.submit(t, "a"), modelslab.PollEvery(time.Hour, time.Hour))
			require.NoError(t, err)
			require.NotEmpty(t, done.Output)
			require.Equal(t, 1, s.Stats().Fetches)
			require.IsType(t, &webhook.Succeeded{}, s.seen.all()[0])
		})
	})
}

func TestUnknownKindCannotBeConfirmed(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, s *service) {
		w := serve(s.handler, post(sign("/v9/new/fetch", "x"), success("1", "https://new.example/x.mp4", "x")))
		require.Equal(t, 200, w.Code)
		require.Zero(t, s.Stats().Fetches)
		require.Len(t, s.seen.all(), 1)
		require.Empty(t, s.seen.all()[0].Kind())
	})
}

// Trainings and workflow runs are reported without a track id.
func TestTrackIDFromTheToken(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, s *service) {
		job, err := s.client.Submit(t.Context(), modelslab.RawRequest{
			Path: "/v3/lora_fine_tune", TrackID: "model of mine", Kind: modelslab.KindTraining,
			Body: []byte(`{"instance_prompt":"i","class_prompt":"c","images":["https://a.example/1.png"],"training_type":"men","max_train_steps":"10"}`),
		})
		require.NoError(t, err)
		sleepFor(time.Hour)
		require.NotEmpty(t, s.seen.all())
		stages := map[modelslab.TrainingStage]int{}
		for _, e := range s.seen.all() {
			training, ok := e.(*webhook.TrainingUpdated)
			require.True(t, ok, "%T", e)
			stages[training.Stage]++
			require.Equal(t, "model of mine", e.TrackID())
			require.Equal(t, job.Ref, e.Ref())
			require.NotContains(t, string(e.Raw()), "model of mine")
		}
		require.Equal(t, 1, stages[modelslab.TrainingModelReady])
		for stage, n := range stages {
			require.Equal(t, 1, n, stage)
		}
	})
}

func TestObserverSeesEveryDecision(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	outcomes := map[webhook.Outcome]int{}
	var took time.Duration
	inBubble(t, func(t *testing.T, s *service) {
		s.Next(modelslabtest.Submit, modelslabtest.Fault{Duplicates: 1, NoOutput: true})
		_, err := s.client.Wait(t.Context(), s.submit(t, "a"))
		require.NoError(t, err)
		sleepFor(time.Minute)
		mu.Lock()
		defer mu.Unlock()
		require.Equal(t, map[webhook.Outcome]int{
			webhook.OutcomeReceived: 2, webhook.OutcomeVerified: 2, webhook.OutcomeConfirmed: 2,
			webhook.OutcomeDelivered: 1, webhook.OutcomeDuplicate: 1,
		}, outcomes)
		require.Equal(t, time.Second, took)
		require.Equal(t, time.Second, s.handler.Stats().CallbackTime)
	}, webhook.OnSuccess(func(context.Context, *webhook.Succeeded) error { sleepFor(time.Second); return nil }),
		webhook.WithObserver(func(o webhook.Observation) {
			mu.Lock()
			defer mu.Unlock()
			outcomes[o.Outcome]++
			if o.Outcome == webhook.OutcomeDelivered {
				took = o.Duration
			}
		}))
}
