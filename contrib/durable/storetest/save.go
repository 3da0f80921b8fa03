package storetest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/modelslab-go/modelslab"
	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/contrib/durable"
)

// transitions are all that the engine makes.
var transitions = [][2]durable.State{
	{durable.StateSubmitting, durable.StateNew},
	{durable.StateSubmitting, durable.StateUnknown},
	{durable.StateSubmitting, durable.StateWaiting},
	{durable.StateSubmitting, durable.StateResult},
	{durable.StateUnknown, durable.StateNew},
	{durable.StateUnknown, durable.StateResult},
	{durable.StateWaiting, durable.StateWaiting},
	{durable.StateWaiting, durable.StateResult},
	{durable.StateResult, durable.StateResult},
	{durable.StateResult, durable.StateDone},
	{durable.StateResult, durable.StateDead},
	{durable.StateDead, durable.StateNew},
	{durable.StateDead, durable.StateUnknown},
	{durable.StateDead, durable.StateWaiting},
	{durable.StateDead, durable.StateResult},
}

func saveChecks[TTx any]() []check[TTx] {
	checks := make([]check[TTx], 0, 40)
	for _, tr := range transitions {
		checks = append(checks, check[TTx]{fmt.Sprintf("moves %s to %s", tr[0], tr[1]), func(f *fixture[TTx]) {
			job := f.in("a", tr[0])
			got := f.moved(job, tr[1], time.Hour, func(j *durable.Job) { j.Fence += 2 })
			require.Equal(f, tr[1], got.State)
			require.Equal(f, job.Fence+2, got.Fence)
			if tr[0] == tr[1] {
				require.True(f, got.Since.Equal(f.get("a").Since))
			} else {
				require.False(f, got.Since.Before(job.Since))
			}
		}})
	}
	for _, kind := range []modelslab.Kind{modelslab.KindVideo, modelslab.KindV7Video, modelslab.KindWorkflow, "/v6/new/fetch"} {
		checks = append(checks, check[TTx]{"keeps a ref of " + string(kind), func(f *fixture[TTx]) {
			id := "12 34"
			if kind == modelslab.KindWorkflow {
				id = "flow/12"
			}
			ref := modelslab.Ref{Kind: kind, ID: id}
			got := f.moved(f.claimed("a"), durable.StateWaiting, time.Hour, func(j *durable.Job) { j.Ref = ref })
			require.Equal(f, ref, got.Ref)
		}})
	}
	return append(checks, []check[TTx]{
		{"keeps the numbers and the message", func(f *fixture[TTx]) {
			got := f.moved(f.claimed("a"), durable.StateWaiting, time.Hour, func(j *durable.Job) {
				j.ETA, j.Attempts, j.Submits, j.Message = 90*time.Second, 3, 2, "später; 'quoted'"
			})
			require.Equal(f, 90*time.Second, got.ETA)
			require.Equal(f, 3, got.Attempts)
			require.Equal(f, 2, got.Submits)
			require.Equal(f, "später; 'quoted'", got.Message)
		}},
		{"keeps a result", func(f *fixture[TTx]) {
			want := &modelslab.Job{
				Ref: modelslab.Ref{Kind: modelslab.KindVideo, ID: "7"}, ID: "7", Status: modelslab.StatusSuccess,
				TrackID: "a", Output: []string{"https://cdn.example/0.mp4"}, Message: "nul \x00 and \u2028",
				Raw: []byte(`{"status":"success", "n" : 4029484891}`),
			}
			got := f.moved(f.claimed("a"), durable.StateResult, 0, func(j *durable.Job) { j.Result = want })
			require.Equal(f, want, got.Result)
		}},
		{"keeps a reason", func(f *fixture[TTx]) {
			got := f.moved(f.claimed("a"), durable.StateDead, durable.Never, func(j *durable.Job) { j.Reason = durable.ReasonRefused })
			require.Equal(f, durable.ReasonRefused, got.Reason)
		}},
		{"keeps a message of 64 KiB", func(f *fixture[TTx]) {
			message := strings.Repeat("m", 64<<10)
			got := f.moved(f.claimed("a"), durable.StateWaiting, time.Hour, func(j *durable.Job) { j.Message = message })
			require.Equal(f, message, got.Message)
		}},
		{"never changes request, key, kind or policy", func(f *fixture[TTx]) {
			f.insertJob(durable.Job{TrackID: "a", Key: "k", Policy: durable.Resubmit})
			job, _ := f.claimOne("a", time.Hour, 0)
			got := f.moved(job, durable.StateWaiting, time.Hour, func(j *durable.Job) {
				j.Key, j.Kind, j.Policy, j.Request = "other", "other", durable.AtMostOnce, modelslab.RawRequest{Path: "/other"}
			})
			require.Equal(f, "k", got.Key)
			require.Equal(f, modelslab.KindVideo, got.Kind)
			require.Equal(f, durable.Resubmit, got.Policy)
			require.Contains(f, string(got.Request.Body), "prompt of a")
		}},
		{"sets a due time", func(f *fixture[TTx]) {
			got := f.moved(f.claimed("a"), durable.StateWaiting, time.Hour)
			require.InDelta(f, time.Hour.Seconds(), time.Until(got.Due).Seconds(), 60)
		}},
		{"sets due at once", func(f *fixture[TTx]) {
			f.moved(f.claimed("a"), durable.StateResult, 0)
			require.Len(f, f.claim(1, time.Hour, 0), 1)
		}},
		{"sets no due time", func(f *fixture[TTx]) {
			require.Zero(f, f.moved(f.claimed("a"), durable.StateDone, durable.Never).Due)
		}},
		{"refuses another state", func(f *fixture[TTx]) {
			job := f.in("a", durable.StateWaiting)
			next := *job
			next.State = durable.StateResult
			require.Equal(f, []bool{false}, f.save(durable.Change{Job: &next, From: durable.StateSubmitting, Fence: job.Fence}))
			require.Equal(f, durable.StateWaiting, f.get("a").State)
		}},
		{"refuses another fence", func(f *fixture[TTx]) {
			job := f.in("a", durable.StateWaiting)
			next := *job
			next.State = durable.StateResult
			for _, fence := range []int64{job.Fence - 1, job.Fence + 1} {
				require.Equal(f, []bool{false}, f.save(durable.Change{Job: &next, From: job.State, Fence: fence}))
			}
			require.Equal(f, durable.StateWaiting, f.get("a").State)
		}},
		{"refuses a job that is not there", func(f *fixture[TTx]) {
			require.Equal(f, []bool{false}, f.save(durable.Change{Job: &durable.Job{TrackID: "a", State: durable.StateDone}, From: durable.StateNew}))
			f.missing("a")
		}},
		{"answers for each of several", func(f *fixture[TTx]) {
			a, b := *f.in("a", durable.StateWaiting), *f.in("b", durable.StateWaiting)
			a.State, b.State = durable.StateResult, durable.StateResult
			saved := f.save(durable.Change{Job: &a, From: durable.StateWaiting, Fence: a.Fence},
				durable.Change{Job: &b, From: durable.StateNew, Fence: b.Fence})
			require.Equal(f, []bool{true, false}, saved)
			require.Equal(f, durable.StateResult, f.get("a").State)
			require.Equal(f, durable.StateWaiting, f.get("b").State)
		}},
		{"lets the first of one call win", func(f *fixture[TTx]) {
			job := f.in("a", durable.StateWaiting)
			first, second := *job, *job
			first.State, first.Message, first.Fence = durable.StateResult, "first", job.Fence+1
			second.State, second.Message, second.Fence = durable.StateResult, "second", job.Fence+1
			require.Equal(f, []bool{true, false}, f.save(
				durable.Change{Job: &first, From: job.State, Fence: job.Fence},
				durable.Change{Job: &second, From: job.State, Fence: job.Fence}))
			require.Equal(f, "first", f.get("a").Message)
		}},
		{"lets one of many win", func(f *fixture[TTx]) {
			job := f.in("a", durable.StateWaiting)
			var wg sync.WaitGroup
			var mu sync.Mutex
			won := 0
			for range 16 {
				wg.Go(func() {
					next := *job
					next.State, next.Fence = durable.StateResult, job.Fence+1
					err := f.store.Tx(f.Context(), func(ctx context.Context, tx TTx) error {
						saved, err := f.store.Save(ctx, tx, []durable.Change{{Job: &next, From: job.State, Fence: job.Fence}})
						mu.Lock()
						defer mu.Unlock()
						if err == nil && saved[0] {
							won++
						}
						return err
					})
					if err != nil {
						f.Error(err)
					}
				})
			}
			wg.Wait()
			require.Equal(f, 1, won)
		}},
		{"is undone with its transaction", func(f *fixture[TTx]) {
			job := f.in("a", durable.StateWaiting)
			next := *job
			next.State = durable.StateResult
			f.undone(func(ctx context.Context, tx TTx) error {
				_, err := f.store.Save(ctx, tx, []durable.Change{{Job: &next, From: job.State, Fence: job.Fence}})
				return err
			})
			require.Equal(f, durable.StateWaiting, f.get("a").State)
		}},
	}...)
}
