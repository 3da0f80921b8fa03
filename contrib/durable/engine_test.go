package durable_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/modelslabtest"

	"github.com/modelslab-go/modelslab/contrib/durable"
)

const callbackURL = "https://shop.example/hook"

var secret = []byte("0123456789abcdef0123456789abcdef")

type memTx = *durable.MemoryTx

// rig is an engine over the memory store with a test server, in virtual time.
type rig struct {
	*testing.T

	server *modelslabtest.Server
	store  durable.Store[memTx]
	engine *durable.Engine[memTx]
	ran    chan error
	stop   context.CancelFunc

	mu       sync.Mutex
	fail     func(durable.Event) error
	events   []durable.Event
	outcomes map[durable.Outcome]int
	path     map[string][]durable.State
}

// bubble runs test with a rig that is running.
func bubble(t *testing.T, cfg durable.Config, test func(r *rig), opts ...modelslabtest.Option) {
	t.Helper()
	bubbleWith(t, cfg, nil, test, opts...)
}

// bubbleWith is bubble with more options of the client.
func bubbleWith(t *testing.T, cfg durable.Config, client []modelslab.Option, test func(r *rig), opts ...modelslabtest.Option) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		t.Helper()
		opts = append([]modelslabtest.Option{modelslabtest.WithLatency(20 * time.Second), modelslabtest.WithQueueLimit(0)}, opts...)
		r := &rig{
			T: t, server: modelslabtest.NewServer(append(opts, modelslabtest.WithStrict())...), ran: make(chan error, 1),
			outcomes: map[durable.Outcome]int{}, path: map[string][]durable.State{},
		}
		t.Cleanup(r.server.Close)
		cfg.Client = r.server.Client(append(client, modelslab.WithWebhook(callbackURL, secret))...)
		cfg.Secrets = [][]byte{secret}
		cfg.Hooks.Moved, cfg.Hooks.Received = r.moved, r.received
		r.store = durable.NewMemoryStore()
		engine, err := durable.New(r.store, nil, cfg)
		require.NoError(t, err)
		r.engine = engine
		engine.OnEvent(r.onEvent)
		r.server.DeliverTo(engine.Handler())
		r.start()
		t.Cleanup(func() {
			require.NoError(t, engine.Shutdown(context.WithoutCancel(t.Context())))
			require.NoError(t, <-r.ran)
		})
		test(r)
	})
}

func (r *rig) start() {
	ctx, cancel := context.WithCancel(r.Context())
	r.stop = cancel
	go func() { r.ran <- r.engine.Run(ctx) }()
}

func (r *rig) onEvent(_ context.Context, tx memTx, ev durable.Event) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := len(r.events)
	r.events = append(r.events, ev)
	tx.OnRollback(func() { r.events = r.events[:n] })
	if r.fail != nil {
		return r.fail(ev)
	}
	return nil
}

func (r *rig) moved(_ context.Context, tr durable.Transition) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.path[tr.TrackID] = append(r.path[tr.TrackID], tr.To)
}

func (r *rig) received(_ context.Context, o durable.Outcome) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.outcomes[o]++
}

func (r *rig) submit(opts ...durable.Option) string {
	r.Helper()
	id, err := r.engine.Submit(r.Context(), video("a lighthouse"), opts...)
	require.NoError(r, err)
	return id
}

func video(prompt string) *modelslab.TextToVideoRequest {
	return &modelslab.TextToVideoRequest{ModelID: "cogvideox", Prompt: prompt}
}

// after lets d pass and everything settle.
func (r *rig) after(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

func (r *rig) job(id string) *durable.Job {
	r.Helper()
	job, err := r.engine.Job(r.Context(), id)
	require.NoError(r, err)
	return job
}

func (r *rig) stats() durable.Stats {
	r.Helper()
	s, err := r.engine.Stats(r.Context())
	require.NoError(r, err)
	return s
}

func (r *rig) count(call modelslabtest.Call) (n int) {
	for _, req := range r.server.Requests() {
		if req.Call == call {
			n++
		}
	}
	return n
}

func (r *rig) failing(fail func(durable.Event) error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fail = fail
}

func (r *rig) all() []durable.Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.events)
}

func (r *rig) told() map[durable.Outcome]int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.outcomes)
}

func (r *rig) states(id string) []durable.State {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.path[id])
}

// event is the only one there was.
func (r *rig) event() durable.Event {
	r.Helper()
	require.Len(r, r.all(), 1)
	return r.all()[0]
}

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
			require.Equal(r, 1, r.told()[durable.OutcomeDuplicate])
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

func TestSubmitInsideTheCallback(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := modelslabtest.NewServer(modelslabtest.WithStrict(), modelslabtest.WithLatency(time.Second))
		defer server.Close()
		engine, err := durable.New(durable.NewMemoryStore(), nil, durable.Config{Client: server.Client()})
		require.NoError(t, err)
		var ids []string
		engine.OnEvent(func(ctx context.Context, tx memTx, ev durable.Event) error {
			ids = append(ids, ev.TrackID)
			if len(ids) > 2 {
				return nil
			}
			if _, err := engine.Submit(ctx, video("next")); err == nil {
				return errors.New("Submit must refuse")
			}
			_, err := engine.SubmitTx(ctx, tx, video("next"))
			return err
		})
		ran := make(chan error, 1)
		go func() { ran <- engine.Run(t.Context()) }()
		_, err = engine.Submit(t.Context(), video("first"))
		require.NoError(t, err)
		<-time.After(time.Minute)
		synctest.Wait()
		require.Len(t, ids, 3)
		require.NoError(t, engine.Shutdown(t.Context()))
		require.NoError(t, <-ran)
	})
}

func TestSubmit(t *testing.T) {
	t.Parallel()
	t.Run("records before anything is sent", func(t *testing.T) {
		t.Parallel()
		bubble(t, durable.Config{}, func(r *rig) {
			r.server.Next(modelslabtest.Submit, modelslabtest.Fault{Slow: time.Hour})
			id := r.submit()
			require.Equal(r, "/v6/video/text2video", r.job(id).Request.Path)
			require.NotContains(r, string(r.job(id).Request.Body), "test-key")
		})
	})
	t.Run("takes the same key for the same job", func(t *testing.T) {
		t.Parallel()
		bubble(t, durable.Config{}, func(r *rig) {
			id := r.submit(durable.IdempotencyKey("order 7"))
			require.Equal(r, id, r.submit(durable.IdempotencyKey("order 7")))
			require.NotEqual(r, id, r.submit(durable.IdempotencyKey("order 8")))
			r.after(time.Minute)
			require.Equal(r, id, r.submit(durable.IdempotencyKey("order 7")))
			r.after(time.Minute)
			require.Equal(r, 2, r.count(modelslabtest.Submit))
		})
	})
	t.Run("takes the same track id for the same job", func(t *testing.T) {
		t.Parallel()
		bubble(t, durable.Config{}, func(r *rig) {
			for range 3 {
				req := video("x")
				req.TrackID = "video_001"
				id, err := r.engine.Submit(r.Context(), req)
				require.NoError(r, err)
				require.Equal(r, "video_001", id)
			}
			r.after(time.Minute)
			require.Equal(r, 1, r.server.Accepted("video_001"))
		})
	})
	t.Run("refuses what ModelsLab would refuse", func(t *testing.T) {
		t.Parallel()
		bubble(t, durable.Config{}, func(r *rig) {
			_, err := r.engine.Submit(r.Context(), video(""))
			require.ErrorIs(r, err, modelslab.ErrInvalid)
			_, err = r.engine.Submit(r.Context(), video("x"), durable.OnUnknown("perhaps"))
			require.ErrorContains(r, err, "unknown policy")
		})
	})
	t.Run("is undone with the caller's transaction", func(t *testing.T) {
		t.Parallel()
		bubble(t, durable.Config{}, func(r *rig) {
			undo := errors.New("undo")
			err := r.engine.Tx(r.Context(), func(ctx context.Context, tx memTx) error {
				_, err := r.engine.SubmitTx(ctx, tx, video("x"))
				return errors.Join(err, undo)
			})
			require.ErrorIs(r, err, undo)
			r.after(time.Minute)
			require.Zero(r, r.count(modelslabtest.Submit))
		})
	})
}

func TestTheQueueLimitHolds(t *testing.T) {
	t.Parallel()
	bubble(t, durable.Config{QueueLimit: 3}, func(r *rig) {
		for range 12 {
			r.submit()
		}
		r.after(5 * time.Second)
		require.Equal(r, 3, r.stats().Jobs[durable.StateWaiting])
		require.Equal(r, 9, r.stats().Jobs[durable.StateNew])
		r.after(20 * time.Second)
		require.Equal(r, 3, r.stats().Jobs[durable.StateDone])
		r.after(70 * time.Second)
		require.Equal(r, 12, r.stats().Jobs[durable.StateDone])
		for _, req := range r.server.Requests() {
			require.NotEqual(r, modelslabtest.Helper, req.Call)
		}
		require.Equal(r, 12, r.count(modelslabtest.Submit))
	}, modelslabtest.WithQueueLimit(3))
}

func TestDeliveries(t *testing.T) {
	t.Parallel()
	post := func(r *rig, id, body string) int {
		r.Helper()
		return modelslabtest.Deliver(r.engine.Handler(), modelslabtest.SignedRequest(callbackURL, secret, modelslab.KindVideo, id, body)).StatusCode
	}
	start := func(r *rig) (id, vendorID string) {
		r.server.Next(modelslabtest.Submit, modelslabtest.Fault{Never: true})
		id = r.submit()
		r.after(time.Second)
		return id, r.job(id).Ref.ID
	}
	t.Run("contradicting the result are counted, and lose", func(t *testing.T) {
		t.Parallel()
		bubble(t, durable.Config{}, func(r *rig) {
			id, vendorID := start(r)
			require.Equal(r, 200, post(r, id, fmt.Sprintf(`{"status":"success","id":%s,"track_id":%q,"output":["https://cdn.example/0.mp4"]}`, vendorID, id)))
			require.Equal(r, 200, post(r, id, fmt.Sprintf(`{"status":"failed","id":%s,"track_id":%q,"message":"no"}`, vendorID, id)))
			r.after(time.Second)
			require.NoError(r, r.event().Err)
			require.Equal(r, map[durable.Outcome]int{durable.OutcomeApplied: 1, durable.OutcomeConflict: 1}, r.told())
		})
	})
	t.Run("of another job of ModelsLab cause a fetch and nothing else", func(t *testing.T) {
		t.Parallel()
		bubble(t, durable.Config{}, func(r *rig) {
			id, _ := start(r)
			before := r.count(modelslabtest.Fetch)
			require.Equal(r, 200, post(r, id, fmt.Sprintf(`{"status":"success","id":1,"track_id":%q,"output":["https://evil.example/0.mp4"]}`, id)))
			r.after(time.Millisecond)
			require.Equal(r, durable.StateWaiting, r.job(id).State)
			require.Equal(r, before+1, r.count(modelslabtest.Fetch))
			require.Equal(r, 1, r.told()[durable.OutcomeDoubted])
		})
	})
	t.Run("are only a hint where every one is confirmed", func(t *testing.T) {
		t.Parallel()
		bubble(t, durable.Config{Confirm: true}, func(r *rig) {
			id, vendorID := start(r)
			require.Equal(r, 200, post(r, id, fmt.Sprintf(`{"status":"success","id":%s,"track_id":%q,"output":["https://evil.example/0.mp4"]}`, vendorID, id)))
			r.after(time.Second)
			require.Equal(r, durable.StateWaiting, r.job(id).State)
			id = r.submit()
			r.after(21 * time.Second)
			require.Equal(r, durable.StateDone, r.job(id).State)
			require.NotContains(r, r.event().Job.Output[0], "evil")
		})
	})
	t.Run("of nobody's job are kept", func(t *testing.T) {
		t.Parallel()
		bubble(t, durable.Config{}, func(r *rig) {
			require.Equal(r, 200, post(r, "stranger", `{"status":"success","id":1,"track_id":"stranger","output":["https://cdn.example/0.mp4"]}`))
			require.Equal(r, 1, r.told()[durable.OutcomeStray])
		})
	})
	t.Run("forged or of another job are refused", func(t *testing.T) {
		t.Parallel()
		bubble(t, durable.Config{}, func(r *rig) {
			id, _ := start(r)
			body := fmt.Sprintf(`{"status":"success","id":1,"track_id":%q,"output":["https://evil.example/0.mp4"]}`, id)
			require.Equal(r, http.StatusUnauthorized, post(r, "another", body))
			req, err := http.NewRequestWithContext(r.Context(), http.MethodPost, callbackURL, http.NoBody)
			require.NoError(r, err)
			require.Equal(r, http.StatusUnauthorized, modelslabtest.Deliver(r.engine.Handler(), req).StatusCode)
			require.Empty(r, r.told())
		})
	})
}

func TestRunEndsGracefully(t *testing.T) {
	t.Parallel()
	t.Run("and the next one goes on", func(t *testing.T) {
		t.Parallel()
		bubble(t, durable.Config{}, func(r *rig) {
			r.server.Next(modelslabtest.Submit, modelslabtest.Fault{Slow: 10 * time.Second})
			id := r.submit()
			r.after(time.Second)
			r.stop()
			require.NoError(r, <-r.ran)
			require.Equal(r, durable.StateWaiting, r.job(id).State)
			r.start()
			r.after(time.Minute)
			require.NoError(r, r.event().Err)
			require.Equal(r, 1, r.server.Accepted(id))
		})
	})
	t.Run("and cancels what takes too long", func(t *testing.T) {
		t.Parallel()
		bubble(t, durable.Config{Drain: 5 * time.Second}, func(r *rig) {
			r.server.Next(modelslabtest.Submit, modelslabtest.Fault{Slow: time.Hour, Took: 2 * time.Minute})
			id := r.submit()
			r.after(time.Second)
			began := time.Now()
			r.stop()
			require.NoError(r, <-r.ran)
			require.Equal(r, 5*time.Second, time.Since(began))
			require.Equal(r, durable.StateUnknown, r.job(id).State)
			r.start()
			r.after(3 * time.Minute)
			require.NoError(r, r.event().Err)
			require.Equal(r, 1, r.server.Accepted(id))
		})
	})
}

func TestAnEngineThatIsShutDown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := modelslabtest.NewServer(modelslabtest.WithStrict())
		defer server.Close()
		engine, err := durable.New(durable.NewMemoryStore(), nil, durable.Config{
			Client: server.Client(modelslab.WithWebhook(callbackURL, secret)), Secrets: [][]byte{secret},
		})
		require.NoError(t, err)
		require.ErrorContains(t, engine.Run(t.Context()), "OnEvent")
		engine.OnEvent(func(context.Context, memTx, durable.Event) error { return nil })
		require.NoError(t, engine.Shutdown(t.Context()))
		require.NoError(t, engine.Shutdown(t.Context()))
		require.NoError(t, engine.Run(t.Context()))
		_, err = engine.Submit(t.Context(), video("x"))
		require.Error(t, err)
		_, err = engine.Step(t.Context(), "x")
		require.Error(t, err)
	})
}

func TestAWrongConfigIsAnError(t *testing.T) {
	t.Parallel()
	server := modelslabtest.NewServer(modelslabtest.WithStrict())
	t.Cleanup(server.Close)
	for name, cfg := range map[string]durable.Config{
		"no client":         {},
		"unknown policy":    {Client: server.Client(), Policy: "perhaps"},
		"negative duration": {Client: server.Client(), Lease: -1},
		"negative number":   {Client: server.Client(), Workers: -1},
		"short secret":      {Client: server.Client(modelslab.WithWebhook(callbackURL, secret)), Secrets: [][]byte{secret, []byte("short")}},
		"another secret":    {Client: server.Client(modelslab.WithWebhook(callbackURL, secret)), Secrets: [][]byte{bytes.Repeat([]byte("x"), 32)}},
		"unsigned client":   {Client: server.Client(), Secrets: [][]byte{secret}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := durable.New(durable.NewMemoryStore(), nil, cfg)
			require.Error(t, err)
		})
	}
}
