package durable_test

import (
	"errors"
	"testing"
	"time"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/modelslabtest"
	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/contrib/durable"
)

func TestAJobEndsOnce(t *testing.T) {
	t.Parallel()
	done := func(r *rig, id string) {
		require.Equal(r, durable.StateDone, r.job(id).State)
		ev := r.event()
		require.NoError(r, ev.Err)
		require.Equal(r, id, ev.TrackID)
		require.NotEmpty(r, ev.Job.Output)
		require.Equal(r, modelslab.KindVideo, ev.Job.Ref.Kind)
		require.Equal(r, 1, r.server.Accepted(id))
	}
	dead := func(reason durable.Reason) func(*rig, string) {
		return func(r *rig, id string) {
			require.Equal(r, durable.StateDead, r.job(id).State)
			ev := r.event()
			var gone *durable.DeadError
			require.ErrorAs(r, ev.Err, &gone)
			require.Equal(r, reason, gone.Reason)
			require.Nil(r, ev.Job)
			require.LessOrEqual(r, r.server.Accepted(id), 1)
		}
	}
	for _, tt := range []struct {
		name   string
		submit []modelslabtest.Fault
		fetch  []modelslabtest.Fault
		wait   time.Duration // until it must have ended; defaults to a minute
		want   func(*rig, string)
		path   []durable.State
	}{
		{
			name: "by webhook", wait: 21 * time.Second, want: done,
			path: []durable.State{durable.StateWaiting, durable.StateResult, durable.StateDone},
		},
		{name: "by poll when the webhook is lost", submit: []modelslabtest.Fault{{Lost: true}}, want: done},
		{name: "when the webhook comes twice", submit: []modelslabtest.Fault{{Duplicates: 3}}, want: done},
		{name: "when the webhook overtakes the answer", submit: []modelslabtest.Fault{{Early: true, Slow: 5 * time.Second}}, want: done},
		{
			name:   "when progress overtakes the answer and only the answer's id can be fetched",
			submit: []modelslabtest.Fault{{Progress: 1, Slow: 12 * time.Second, TwoIDs: true, Took: 22 * time.Second, Late: time.Hour}}, want: done,
		},
		{name: "when progress comes after the end", submit: []modelslabtest.Fault{{Progress: 3, Reordered: true}}, want: done},
		{name: "when the webhook names no output", submit: []modelslabtest.Fault{{NoOutput: true}}, want: done},
		{name: "when the two ids differ", submit: []modelslabtest.Fault{{TwoIDs: true}}, want: done},
		{
			name: "when the answer is the result", submit: []modelslabtest.Fault{{Sync: true}}, wait: time.Second, want: done,
			path: []durable.State{durable.StateResult, durable.StateDone},
		},
		{
			name: "when the answer is lost", submit: []modelslabtest.Fault{{Accept: true, Reset: true}}, want: done,
			path: []durable.State{durable.StateUnknown, durable.StateResult, durable.StateDone},
		},
		{name: "when the answer is HTML", submit: []modelslabtest.Fault{{Accept: true, Body: "<html>"}}, want: done},
		{name: "when the answer is a 503", submit: []modelslabtest.Fault{{Accept: true, Status: 503, Body: "{}"}}, want: done},
		{name: "when the answer is cut", submit: []modelslabtest.Fault{{BreakAfter: 10}}, want: done},
		{
			name: "when progress resolves a lost answer", want: done,
			submit: []modelslabtest.Fault{{Accept: true, Reset: true, Progress: 1}},
			path:   []durable.State{durable.StateUnknown, durable.StateWaiting, durable.StateResult, durable.StateDone},
		},
		{
			name: "when there is no connection at first", submit: []modelslabtest.Fault{{NoConnection: true}, {NoConnection: true}}, want: done,
			path: []durable.State{durable.StateNew, durable.StateNew, durable.StateWaiting, durable.StateResult, durable.StateDone},
		},
		{name: "when the rate is limited at first", wait: 2 * time.Minute, want: done, submit: []modelslabtest.Fault{
			{Status: 429, Body: `{"status":"error","message":"Rate limit exceeded.","retry_after":30}`},
			{Body: `{"status":"error","message":"Rate limit exceeded. Maximum 5 queued requests allowed."}`},
		}},
		{name: "when fetches fail for a while", submit: []modelslabtest.Fault{{Lost: true}}, want: done, fetch: []modelslabtest.Fault{
			{Reset: true}, {Status: 500, Body: "{}"}, {Body: "<html>"}, {Status: 404, Body: `{"status":"failed","message":"Request not found"}`},
		}},
		{name: "when it is slow", submit: []modelslabtest.Fault{{Lost: true, Took: 25 * time.Minute}}, wait: 33 * time.Minute, want: done},
		{name: "as failed", submit: []modelslabtest.Fault{{Fail: "Failed, Try Again"}}, want: func(r *rig, id string) {
			require.Equal(r, durable.StateDone, r.job(id).State)
			var failed *modelslab.JobError
			require.ErrorAs(r, r.event().Err, &failed)
			require.Equal(r, "Failed, Try Again", failed.Job.Message)
		}},
		{name: "as failed at once", submit: []modelslabtest.Fault{{Fail: "no", Sync: true}}, want: func(r *rig, id string) {
			require.Equal(r, durable.StateDone, r.job(id).State)
			require.Error(r, r.event().Err)
		}},
		{
			name: "as refused", submit: []modelslabtest.Fault{{Status: 422, Body: `{"status":"error","message":{"prompt":["too long"]}}`}},
			want: dead(durable.ReasonRefused), path: []durable.State{durable.StateResult, durable.StateDead},
		},
		{name: "when the credits are used up at first", submit: []modelslabtest.Fault{{Status: 402, Body: `{"status":"error","message":"Insufficient credits."}`}}, want: done},
		{name: "when the key is wrong at first", submit: []modelslabtest.Fault{{Status: 401, Body: `{"status":"error","message":"Invalid API key"}`}}, want: done},
		{name: "as unknown when it was never received", submit: []modelslabtest.Fault{{Reset: true}}, wait: 31 * time.Minute, want: dead(durable.ReasonUnknown)},
		{name: "as unknown when answer and webhook are lost", submit: []modelslabtest.Fault{{Accept: true, Reset: true, Lost: true}}, wait: 31 * time.Minute, want: dead(durable.ReasonUnknown)},
		{name: "as expired when it never ends", submit: []modelslabtest.Fault{{Never: true}}, wait: 40 * time.Minute, want: dead(durable.ReasonExpired)},
		{
			name: "as missing when nobody knows it", submit: []modelslabtest.Fault{{Never: true}}, wait: 5 * time.Minute, want: dead(durable.ReasonMissing),
			fetch: repeat(5, modelslabtest.Fault{Status: 404, Body: `{"status":"failed","message":"Request not found"}`}),
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			bubble(t, durable.Config{}, func(r *rig) {
				r.server.Next(modelslabtest.Submit, tt.submit...)
				r.server.Next(modelslabtest.Fetch, tt.fetch...)
				id := r.submit()
				if tt.wait == 0 {
					tt.wait = time.Minute
				}
				r.after(tt.wait)
				tt.want(r, id)
				if tt.path != nil {
					require.ElementsMatch(r, tt.path, r.states(id)) // hooks of two goroutines come in any order
				}
			})
		})
	}
}

func repeat(n int, f modelslabtest.Fault) []modelslabtest.Fault {
	faults := make([]modelslabtest.Fault, n)
	for i := range faults {
		faults[i] = f
	}
	return faults
}

func TestAResubmitIsByPolicyOnly(t *testing.T) {
	t.Parallel()
	lost := modelslabtest.Fault{Accept: true, Reset: true, Lost: true}
	t.Run("sends again after the grace", func(t *testing.T) {
		t.Parallel()
		bubble(t, durable.Config{Grace: time.Minute}, func(r *rig) {
			r.server.Next(modelslabtest.Submit, lost)
			id := r.submit(durable.OnUnknown(durable.Resubmit))
			r.after(59 * time.Second)
			require.Equal(r, 1, r.server.Accepted(id))
			r.after(time.Minute)
			require.NoError(r, r.event().Err)
			require.Equal(r, 2, r.server.Accepted(id))
			require.EqualValues(r, 1, r.stats().Resubmits)
			require.Equal(r, 2, r.job(id).Submits)
		})
	})
	t.Run("gives up in the end", func(t *testing.T) {
		t.Parallel()
		bubble(t, durable.Config{Grace: time.Minute, Policy: durable.Resubmit, MaxSubmits: 2}, func(r *rig) {
			r.server.Next(modelslabtest.Submit, lost, lost, lost)
			id := r.submit()
			r.after(time.Hour)
			require.Equal(r, durable.ReasonUnknown, r.job(id).Reason)
			require.Equal(r, 2, r.server.Accepted(id))
		})
	})
	t.Run("takes the first of two results", func(t *testing.T) {
		t.Parallel()
		bubble(t, durable.Config{Grace: 10 * time.Second, Policy: durable.Resubmit}, func(r *rig) {
			r.server.Next(modelslabtest.Submit, modelslabtest.Fault{Accept: true, Reset: true}) // its webhook comes at 20 s
			id := r.submit()
			r.after(time.Minute)
			require.NoError(r, r.event().Err)
			require.Equal(r, 2, r.server.Accepted(id))
			require.Equal(r, 1, r.observed()[durable.OutcomeDuplicate])
		})
	})
	t.Run("is asked for by hand", func(t *testing.T) {
		t.Parallel()
		bubble(t, durable.Config{Grace: time.Minute}, func(r *rig) {
			r.server.Next(modelslabtest.Submit, lost)
			id := r.submit()
			require.ErrorContains(r, r.engine.Resubmit(r.Context(), id), "not dead")
			r.after(2 * time.Minute)
			require.NoError(r, r.engine.Resubmit(r.Context(), id))
			r.after(time.Minute)
			require.Len(r, r.all(), 2)
			require.NoError(r, r.all()[1].Err)
			require.Equal(r, 2, r.server.Accepted(id))
		})
	})
}

func TestALateWebhookRevivesADeadJob(t *testing.T) {
	t.Parallel()
	bubble(t, durable.Config{Grace: time.Minute}, func(r *rig) {
		r.server.Next(modelslabtest.Submit, modelslabtest.Fault{Accept: true, Reset: true, Late: time.Hour})
		id := r.submit()
		r.after(10 * time.Minute)
		require.Equal(r, durable.StateDead, r.job(id).State)
		require.Error(r, r.event().Err)
		r.after(time.Hour)
		require.Equal(r, durable.StateDone, r.job(id).State)
		require.Len(r, r.all(), 2)
		require.NoError(r, r.all()[1].Err)
		require.Equal(r, 1, r.server.Accepted(id))
	})
}

func TestRedriveNeverSendsTwice(t *testing.T) {
	t.Parallel()
	t.Run("a failed callback", func(t *testing.T) {
		t.Parallel()
		bubble(t, durable.Config{MaxCallbacks: 3}, func(r *rig) {
			r.failing(func(durable.Event) error { return errors.New("disk on fire") })
			id := r.submit()
			r.after(time.Hour)
			require.Equal(r, durable.ReasonCallback, r.job(id).Reason)
			require.EqualValues(r, 3, r.stats().CallbackErrors)
			require.Empty(r, r.all())
			r.failing(nil)
			require.NoError(r, r.engine.Redrive(r.Context(), id))
			r.after(time.Second)
			require.NoError(r, r.event().Err)
			require.Equal(r, 1, r.server.Accepted(id))
		})
	})
	t.Run("an unknown submit", func(t *testing.T) {
		t.Parallel()
		bubble(t, durable.Config{Grace: time.Minute}, func(r *rig) {
			r.server.Next(modelslabtest.Submit, modelslabtest.Fault{Reset: true})
			id := r.submit()
			r.after(2 * time.Minute)
			require.NoError(r, r.engine.Redrive(r.Context(), id))
			r.after(30 * time.Second)
			require.Equal(r, durable.StateUnknown, r.job(id).State)
			r.after(time.Minute)
			require.Equal(r, durable.StateDead, r.job(id).State)
			require.Equal(r, 1, r.count(modelslabtest.Submit))
		})
	})
	t.Run("a refusal that was cured", func(t *testing.T) {
		t.Parallel()
		bubble(t, durable.Config{}, func(r *rig) {
			r.server.Next(modelslabtest.Submit, modelslabtest.Fault{Status: 403, Body: `{"status":"error","message":"This model needs a premium plan."}`})
			id := r.submit()
			r.after(time.Second)
			require.NoError(r, r.engine.Redrive(r.Context(), id))
			r.after(time.Minute)
			require.Equal(r, durable.StateDone, r.job(id).State)
			require.Equal(r, 1, r.job(id).Submits)
		})
	})
	t.Run("an expired job", func(t *testing.T) {
		t.Parallel()
		bubble(t, durable.Config{}, func(r *rig) {
			r.server.Next(modelslabtest.Submit, modelslabtest.Fault{Took: time.Hour, Lost: true, ETAFactor: 0.01})
			id := r.submit()
			r.after(50 * time.Minute)
			require.Equal(r, durable.ReasonExpired, r.job(id).Reason)
			r.after(11 * time.Minute)
			require.NoError(r, r.engine.Redrive(r.Context(), id))
			r.after(time.Second)
			require.Equal(r, durable.StateDone, r.job(id).State)
			require.Equal(r, 1, r.server.Accepted(id))
		})
	})
	t.Run("no living job", func(t *testing.T) {
		t.Parallel()
		bubble(t, durable.Config{}, func(r *rig) {
			id := r.submit()
			require.ErrorContains(r, r.engine.Redrive(r.Context(), id), "not dead")
			require.ErrorIs(r, r.engine.Redrive(r.Context(), "other"), durable.ErrNotFound)
		})
	})
}

func TestACallbackIsRepeatedUntilItCommits(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]func(){"an error": func() {}, "a panic": func() { panic("boom") }} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, durable.Config{}, func(r *rig) {
				tries := 0
				r.failing(func(durable.Event) error {
					if tries++; tries < 4 {
						fault()
						return errors.New("not now")
					}
					return nil
				})
				id := r.submit()
				r.after(22 * time.Second)
				require.Equal(r, durable.StateResult, r.job(id).State)
				require.Empty(r, r.all())
				r.after(time.Minute)
				require.Equal(r, durable.StateDone, r.job(id).State)
				require.NoError(r, r.event().Err)
				require.Equal(r, 4, tries)
			})
		})
	}
}
