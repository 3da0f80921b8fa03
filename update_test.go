package modelslab_test

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

// TestSubmitWithinOnUpdate submits from the callback about a job that holds the
// only slot, on its goroutine or on another one that it waits for: the client
// sees by itself that the job has ended.
func TestSubmitWithinOnUpdate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		update int // which state of the job to submit at, counted from 1
		took   time.Duration
		by     time.Duration // the nested submit has its slot
	}{
		{"the submit's answer", 1, 10 * time.Second, 15 * time.Second},
		{"a state that Wait has fetched", 2, time.Minute, 75 * time.Second},
		{"the end", 0, 10 * time.Second, 15 * time.Second},
	} {
		for where, call := range map[string]func(func() error) error{
			"inline": func(submit func() error) error { return submit() },
			"in a goroutine": func(submit func() error) error {
				done := make(chan error)
				go func() { done <- submit() }()
				return <-done
			},
		} {
			t.Run(tt.name+", "+where, func(t *testing.T) {
				limited(t, tt.took, func(t *testing.T, srv *modelslabtest.Server, client *modelslab.Client) {
					t.Helper()
					updates, submitted := 0, time.Duration(0)
					start := time.Now()
					job, err := client.Run(t.Context(), prompt(0), modelslab.OnUpdate(func(j *modelslab.Job) {
						if updates++; updates != tt.update && (tt.update != 0 || !j.Status.Terminal()) {
							return
						}
						require.NoError(t, call(func() error {
							_, err := client.Submit(t.Context(), prompt(1))
							return err
						}))
						submitted = time.Since(start)
					}))
					require.NoError(t, err)
					require.Equal(t, modelslab.StatusSuccess, job.Status)
					require.GreaterOrEqual(t, submitted, tt.took, "the slot is the job's until it ends")
					require.Less(t, submitted, tt.by)
					require.Less(t, time.Since(start), tt.by+time.Second, "the end that was seen for the slot is Wait's too")
					require.Equal(t, 2, srv.Stats().Submits)
					require.Equal(t, 1, srv.Stats().MaxOpen)
				})
			})
		}
	}
}

// TestSubmitWithinOnUpdateOfABatch has every job of a batch submit another one
// while it runs, all within one queue limit.
func TestSubmitWithinOnUpdateOfABatch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := modelslabtest.NewServer(modelslabtest.WithStrict(), modelslabtest.WithLatency(10*time.Second))
		defer srv.Close()
		client := srv.Client(modelslab.WithQueueLimit(3))
		var mu sync.Mutex
		nested := map[string]bool{}
		all := collect(t, client.RunAll(t.Context(), prompts(12), modelslab.OnUpdate(func(j *modelslab.Job) {
			mu.Lock()
			i := len(nested)
			again := nested[j.TrackID] || j.Status.Terminal()
			nested[j.TrackID] = true
			mu.Unlock()
			if !again {
				_, err := client.Submit(t.Context(), prompt(1000+i))
				require.NoError(t, err)
			}
		})))
		require.Len(t, all, 12)
		for _, o := range all {
			require.NoError(t, o.Err)
		}
		require.Equal(t, 24, srv.Stats().Submits)
		require.LessOrEqual(t, srv.Stats().MaxOpen, 3)
	})
}

// TestSubmitWithinAStageOfATraining submits from the webhook callback about a
// stage that a Wait has fetched, while the training holds the only slot.
func TestSubmitWithinAStageOfATraining(t *testing.T) {
	limited(t, time.Minute, func(t *testing.T, _ *modelslabtest.Server, client *modelslab.Client) {
		t.Helper()
		var stages atomic.Int32
		var submitted time.Duration
		start := time.Now()
		h, err := webhook.NewHandler(webhook.WithSecrets(secret), webhook.WithClient(client), webhook.OnTraining(
			func(context.Context, *webhook.TrainingUpdated) error {
				if stages.Add(1) > 1 {
					return nil
				}
				_, err := client.Submit(t.Context(), prompt(0))
				submitted = time.Since(start)
				return err
			},
		))
		require.NoError(t, err)
		_, err = client.Run(t.Context(), &modelslab.LoraFineTuneRequest{
			InstancePrompt: "a zwx hat", ClassPrompt: "a hat", TrainingType: "null", MaxTrainSteps: 18,
			Images: []modelslab.Media{modelslab.MediaURL("https://example.com/a.png")},
		}, modelslab.NoWebhook(), modelslab.PollEvery(5*time.Second, 5*time.Second))
		require.NoError(t, err)
		ended := time.Since(start)
		require.NoError(t, h.Shutdown(t.Context())) // when the callback has returned
		require.Positive(t, submitted)
		require.InDelta(t, ended.Seconds(), submitted.Seconds(), 15, "the slot is free when the training ends")
	})
}

func TestSubmitBesideOnUpdateWaits(t *testing.T) {
	limited(t, 10*time.Second, func(t *testing.T, _ *modelslabtest.Server, client *modelslab.Client) {
		t.Helper()
		inside, leave := make(chan struct{}), make(chan struct{})
		var once sync.Once
		done := make(chan error, 1)
		go func() {
			_, err := client.Run(t.Context(), prompt(0), modelslab.OnUpdate(func(*modelslab.Job) {
				once.Do(func() { close(inside); <-leave })
			}))
			done <- err
		}()
		<-inside
		second := submitLater(t.Context(), client, 1)
		pending(t, second)
		close(leave)
		require.NoError(t, <-done)
		answered(t, second)
	})
}

func TestOnItemNamesTheRequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := modelslabtest.NewServer(modelslabtest.WithStrict(), modelslabtest.WithLatency(time.Minute))
		defer server.Close()
		var (
			mu     sync.Mutex
			states = map[int][]modelslab.Status{}
			both   int
		)
		onItem := modelslab.OnItem(func(i int, job *modelslab.Job) {
			mu.Lock()
			defer mu.Unlock()
			require.Equal(t, fmt.Sprintf("track-%d", i), job.TrackID)
			states[i] = append(states[i], job.Status)
		})
		onUpdate := modelslab.OnUpdate(func(*modelslab.Job) {
			mu.Lock()
			defer mu.Unlock()
			both++
		})
		for _, outcome := range server.Client().RunAll(t.Context(), prompts(12), onItem, onUpdate) {
			require.NoError(t, outcome.Err)
		}
		require.Len(t, states, 12)
		seen := 0
		for i, all := range states {
			require.Equal(t, modelslab.StatusProcessing, all[0], i)
			require.Equal(t, modelslab.StatusSuccess, all[len(all)-1], i)
			seen += len(all)
		}
		require.Equal(t, seen, both, "OnUpdate observes the same")
	})
}
