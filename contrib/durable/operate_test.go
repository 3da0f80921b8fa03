package durable_test

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/modelslabtest"
	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/contrib/durable"
)

func TestCancelAndDiscard(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		fault modelslabtest.Fault
		wait  time.Duration
		state durable.State
	}{
		{"new", modelslabtest.Fault{NoConnection: true}, 100 * time.Millisecond, durable.StateNew},
		{"submitting", modelslabtest.Fault{Slow: 10 * time.Second}, time.Second, durable.StateSubmitting},
		{"unknown", modelslabtest.Fault{Accept: true, Reset: true}, time.Second, durable.StateUnknown},
		{"waiting", modelslabtest.Fault{}, time.Second, durable.StateWaiting},
	} {
		for _, discard := range []bool{false, true} {
			name := tt.name + " cancelled"
			if discard {
				name = tt.name + " discarded"
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				bubble(t, durable.Config{}, func(r *rig) {
					r.server.Next(modelslabtest.Submit, tt.fault)
					id := r.submit()
					r.after(tt.wait)
					require.Equal(r, tt.state, r.job(id).State)
					give := r.engine.Cancel
					if discard {
						give = r.engine.Discard
					}
					require.NoError(r, give(r.Context(), id))
					r.after(time.Hour) // webhook and answer come meanwhile, where there are any
					require.Equal(r, durable.StateDead, r.job(id).State)
					require.Equal(r, durable.ReasonCancelled, r.job(id).Reason)
					require.Equal(r, 1, r.count(modelslabtest.Submit), "it is not sent again")
					if discard {
						require.Empty(r, r.events)
					} else {
						require.Len(r, r.events, 1)
						var dead *durable.DeadError
						require.ErrorAs(r, r.event().Err, &dead)
						require.Equal(r, durable.ReasonCancelled, dead.Reason)
					}
					require.Error(r, give(r.Context(), id), "it has ended")
					require.NoError(r, r.engine.Delete(r.Context(), id))
					_, err := r.engine.Job(r.Context(), id)
					require.ErrorIs(r, err, durable.ErrNotFound)
				})
			})
		}
	}
	t.Run("not a job that is done", func(t *testing.T) {
		t.Parallel()
		bubble(t, durable.Config{}, func(r *rig) {
			id := r.submit()
			require.ErrorContains(r, r.engine.Delete(r.Context(), id), "neither done nor dead")
			r.after(time.Minute)
			require.ErrorContains(r, r.engine.Cancel(r.Context(), id), "is done")
			require.ErrorIs(r, r.engine.Discard(r.Context(), "nobody"), durable.ErrNotFound)
		})
	})
}

func TestDiscardGivesUpACallback(t *testing.T) {
	t.Parallel()
	bubble(t, durable.Config{}, func(r *rig) {
		r.failing(func(durable.Event) error { return errors.New("not now") })
		id := r.submit()
		r.after(30 * time.Second)
		require.Equal(r, durable.StateResult, r.job(id).State)
		require.ErrorContains(r, r.engine.Cancel(r.Context(), id), "Discard gives up its callback")
		require.NoError(r, r.engine.Discard(r.Context(), id))
		r.failing(nil)
		r.after(time.Hour)
		require.Empty(r, r.all(), "the callback is called no more")
		job := r.job(id)
		require.Equal(r, durable.ReasonCallback, job.Reason)
		require.NotNil(r, job.Result)
		require.ErrorContains(r, r.engine.Discard(r.Context(), id), "is dead already")
		require.NoError(r, r.engine.Redrive(r.Context(), id))
		r.after(time.Second)
		require.NoError(r, r.event().Err)
		require.Equal(r, durable.StateDone, r.job(id).State)
	})
}

func TestOldRowsArePrunedAtTheStartAndThenHourly(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name       string
		cfg        durable.Config
		done, dead bool // kept
	}{
		{"done ones", durable.Config{Retention: time.Hour}, false, true},
		{"dead ones", durable.Config{Retention: -1, DeadRetention: time.Hour}, true, false},
		{"none", durable.Config{Retention: -1}, true, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			bubble(t, tt.cfg, func(r *rig) {
				round := func() (done, dead string) {
					done, dead = r.submit(), r.submit()
					require.NoError(r, r.engine.Discard(r.Context(), dead))
					r.after(time.Minute)
					return done, dead
				}
				check := func(id string, kept bool) {
					_, err := r.engine.Job(r.Context(), id)
					require.Equal(r, kept, err == nil, "%v", err)
				}
				done, dead := round()
				r.stop()
				require.NoError(r, <-r.ran)
				r.after(2 * time.Hour)
				check(done, true)
				check(dead, true)
				r.start()
				r.after(time.Second)
				check(done, tt.done)
				check(dead, tt.dead)
				done, dead = round()
				r.after(4 * time.Hour)
				check(done, tt.done)
				check(dead, tt.dead)
			})
		})
	}
}

func TestRedriveAllTakesWhatTheFilterPicks(t *testing.T) {
	t.Parallel()
	bubble(t, durable.Config{}, func(r *rig) {
		r.server.Next(modelslabtest.Submit, repeat(4, modelslabtest.Fault{Status: 403, Body: `{"status":"error","message":"This model needs a premium plan."}`})...)
		for range 4 {
			r.submit()
			r.after(time.Second)
		}
		lost := r.submit()
		require.NoError(r, r.engine.Discard(r.Context(), lost))
		require.Equal(r, 5, r.stats().Jobs[durable.StateDead])
		n, err := r.engine.RedriveAll(r.Context(), durable.Filter{Reason: durable.ReasonRefused, Limit: 3})
		require.NoError(r, err)
		require.Equal(r, 3, n)
		r.after(time.Minute)
		require.Equal(r, map[durable.State]int{durable.StateDone: 3, durable.StateDead: 2}, r.stats().Jobs)
		n, err = r.engine.RedriveAll(r.Context(), durable.Filter{Kind: modelslab.KindImages})
		require.NoError(r, err)
		require.Zero(r, n)
	})
}

func TestOneKeyIsOneRequest(t *testing.T) {
	t.Parallel()
	bubble(t, durable.Config{}, func(r *rig) {
		submit := func(prompt, trackID, key string) (string, error) {
			req := video(prompt)
			req.TrackID = trackID
			return r.engine.Submit(r.Context(), req, durable.IdempotencyKey(key))
		}
		first, err := submit("a cat", "", "order 1")
		require.NoError(r, err)
		again, err := submit("a cat", "", "order 1")
		require.NoError(r, err)
		require.Equal(r, first, again)
		_, err = submit("a dog", "", "order 1")
		require.ErrorIs(r, err, durable.ErrKeyTaken)
		require.ErrorContains(r, err, "order 1")
		require.ErrorContains(r, err, first)

		_, err = submit("one", "t", "k1")
		require.NoError(r, err)
		_, err = submit("two", "t", "k2")
		require.ErrorIs(r, err, durable.ErrKeyTaken, "another request under a track id")
		_, err = submit("one", "t", "k2")
		require.ErrorIs(r, err, durable.ErrKeyTaken, "a second key for a job")
		require.ErrorContains(r, err, "k1")

		_, err = submit("bare", "bare", "")
		require.NoError(r, err)
		got, err := submit("bare", "bare", "k3")
		require.NoError(r, err)
		require.Equal(r, "bare", got)
		got, err = submit("bare", "", "k3")
		require.NoError(r, err)
		require.Equal(r, "bare", got, "the key is recorded")
	})
}

func TestAJobOfANewerVersionStopsNoOther(t *testing.T) {
	t.Parallel()
	bubble(t, durable.Config{}, func(r *rig) {
		newer := &durable.Job{TrackID: "newer", Kind: "hologram", Policy: durable.AtMostOnce}
		require.NoError(r, r.engine.Tx(r.Context(), func(ctx context.Context, tx memTx) error {
			_, _, err := r.store.Insert(ctx, tx, newer, []byte(`{"kind":"hologram","path":"/v9/hologram"}`))
			return err
		}))
		id := r.submit()
		r.after(5 * time.Minute)
		require.Equal(r, durable.StateDone, r.job(id).State)
		job := r.job("newer")
		require.Equal(r, durable.StateNew, job.State)
		require.Contains(r, job.Problem, "hologram")
		require.Contains(r, job.Message, "parked")
		require.Zero(r, job.Submits)
		jobs, err := r.engine.List(r.Context(), durable.Filter{})
		require.NoError(r, err)
		require.Len(r, jobs, 2)
		require.Equal(r, 1, r.count(modelslabtest.Submit))
		require.ErrorContains(r, r.engine.Redrive(r.Context(), "newer"), "not dead")
		require.NoError(r, r.engine.Discard(r.Context(), "newer"))
		require.ErrorContains(r, r.engine.Redrive(r.Context(), "newer"), "hologram")
		require.NoError(r, r.engine.Delete(r.Context(), "newer"))
	})
}

func TestNewRefusesSecretsThatAreNotTheClients(t *testing.T) {
	t.Parallel()
	server := modelslabtest.NewServer()
	t.Cleanup(server.Close)
	other := bytes.Repeat([]byte("x"), 32)
	for _, tt := range []struct {
		name   string
		client *modelslab.Client
		ok     bool
	}{
		{"the same secret", server.Client(modelslab.WithWebhook(callbackURL, secret)), true},
		{"another secret", server.Client(modelslab.WithWebhook(callbackURL, other)), false},
		{"no secret", server.Client(modelslab.WithWebhook(callbackURL)), false},
	} {
		engine, err := durable.New(durable.NewMemoryStore(), nil, durable.Config{Client: tt.client, Secrets: [][]byte{secret}})
		if !tt.ok {
			require.ErrorContains(t, err, "Secrets", tt.name)
			continue
		}
		require.NoError(t, err)
		require.NoError(t, engine.Shutdown(t.Context()))
	}
}
