package modelslab_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"
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

func TestQueueLimitOptions(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		opt  modelslab.Option
		err  string
	}{
		{"zero", modelslab.WithQueueLimit(0), "queue limit 0: want 1 or more"},
		{"negative", modelslab.WithQueueLimit(-3), "queue limit -3: want 1 or more"},
		{"no limiter", modelslab.WithLimiter(nil), "limiter: it is nil"},
		{"a plan", modelslab.WithQueueLimit(modelslab.Premium), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := modelslab.New("key", tt.opt)
			if tt.err == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, tt.err)
		})
	}
}

// limited runs f with a server whose jobs take d, and a client that holds one
// job at a time.
func limited(t *testing.T, d time.Duration, f func(t *testing.T, srv *modelslabtest.Server, client *modelslab.Client), opts ...modelslab.Option) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := modelslabtest.NewServer(modelslabtest.WithStrict(), modelslabtest.WithLatency(d))
		defer srv.Close()
		f(t, srv, srv.Client(append([]modelslab.Option{modelslab.WithQueueLimit(1)}, opts...)...))
		synctest.Wait()
	})
}

// submitLater submits in the background and returns what becomes of it.
func submitLater(ctx context.Context, client *modelslab.Client, i int) <-chan error {
	done := make(chan error, 1)
	go func() {
		_, err := client.Submit(ctx, prompt(i))
		done <- err
	}()
	return done
}

func pending(t *testing.T, done <-chan error) {
	t.Helper()
	synctest.Wait()
	select {
	case err := <-done:
		require.Fail(t, "the submit did not wait", "it returned %v", err)
	default:
	}
}

func answered(t *testing.T, done <-chan error) {
	t.Helper()
	synctest.Wait()
	select {
	case err := <-done:
		require.NoError(t, err)
	default:
		require.Fail(t, "the submit waits")
	}
}

func TestSlotIsFreedBy(t *testing.T) {
	t.Parallel()
	const took = 20 * time.Second
	for _, tt := range []struct {
		name string
		see  func(t *testing.T, client *modelslab.Client, job *modelslab.Job)
	}{
		{"Wait", func(t *testing.T, client *modelslab.Client, job *modelslab.Job) {
			t.Helper()
			_, err := client.Wait(t.Context(), job, modelslab.PollEvery(took, took))
			require.NoError(t, err)
		}},
		{"Wait by Ref", func(t *testing.T, client *modelslab.Client, job *modelslab.Job) {
			t.Helper()
			_, err := client.Wait(t.Context(), job.Ref)
			require.NoError(t, err)
		}},
		{"Fetch", func(t *testing.T, client *modelslab.Client, job *modelslab.Job) {
			t.Helper()
			<-time.After(took)
			got, err := client.Fetch(t.Context(), job.Ref)
			require.NoError(t, err)
			require.Equal(t, modelslab.StatusSuccess, got.Status)
		}},
		{"Deliver", func(t *testing.T, client *modelslab.Client, job *modelslab.Job) {
			t.Helper()
			<-time.After(took)
			require.NoError(t, client.Deliver(t.Context(), &modelslab.Job{TrackID: job.TrackID, Status: modelslab.StatusFailed}))
		}},
		{"a look at a job that nobody waits for", func(t *testing.T, _ *modelslab.Client, _ *modelslab.Job) {
			t.Helper()
			<-time.After(took + took/5)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			limited(t, took, func(t *testing.T, srv *modelslabtest.Server, client *modelslab.Client) {
				t.Helper()
				job, err := client.Submit(t.Context(), prompt(0))
				require.NoError(t, err)
				second := submitLater(t.Context(), client, 1)
				<-time.After(took / 10)
				pending(t, second)
				tt.see(t, client, job)
				answered(t, second)
				require.Zero(t, srv.Stats().Refused)
			})
		})
	}
}

func TestSlotIsFreeWhereNothingIsOpen(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		fault modelslabtest.Fault
		check func(t *testing.T, err error)
	}{
		{"success at once", modelslabtest.Fault{Sync: true}, func(t *testing.T, err error) {
			t.Helper()
			require.NoError(t, err)
		}},
		{"failure at once", modelslabtest.Fault{Sync: true, Fail: "out of memory"}, func(t *testing.T, err error) {
			t.Helper()
			var failed *modelslab.JobError
			require.ErrorAs(t, err, &failed)
		}},
		{"refused", modelslabtest.Fault{Status: 400, Body: `{"status":"error","message":"no such model"}`}, func(t *testing.T, err error) {
			t.Helper()
			require.ErrorIs(t, err, modelslab.ErrInvalid)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			limited(t, time.Hour, func(t *testing.T, srv *modelslabtest.Server, client *modelslab.Client) {
				t.Helper()
				srv.Next(modelslabtest.Submit, tt.fault)
				_, err := client.Submit(t.Context(), prompt(0))
				tt.check(t, err)
				answered(t, submitLater(t.Context(), client, 1))
			})
		})
	}
}

func TestSlotOfAnUnknownOutcomeIsHeldForAMinute(t *testing.T) {
	limited(t, time.Hour, func(t *testing.T, srv *modelslabtest.Server, client *modelslab.Client) {
		t.Helper()
		srv.Next(modelslabtest.Submit, modelslabtest.Fault{Reset: true, Accept: false}, modelslabtest.Fault{})
		_, err := client.Submit(t.Context(), prompt(0))
		var unknown *modelslab.SubmitError
		require.ErrorAs(t, err, &unknown)
		second := submitLater(t.Context(), client, 1)
		<-time.After(59 * time.Second)
		pending(t, second)
		<-time.After(time.Second)
		answered(t, second)
	})
}

func TestSlotOfAnUnknownOutcomeIsFreedByItsWebhook(t *testing.T) {
	limited(t, time.Second, func(t *testing.T, srv *modelslabtest.Server, client *modelslab.Client) {
		t.Helper()
		srv.Next(modelslabtest.Submit, modelslabtest.Fault{Reset: true, Accept: true})
		_, err := client.Submit(t.Context(), prompt(0))
		require.Error(t, err)
		second := submitLater(t.Context(), client, 1)
		pending(t, second)
		<-time.After(time.Second)
		require.NoError(t, client.Deliver(t.Context(), &modelslab.Job{
			TrackID: "track-0", Status: modelslab.StatusSuccess, ID: "12202888", Output: []string{"https://example.com/a.mp4"},
		}))
		answered(t, second)
	})
}

func TestSlotIsGivenUpInTheEnd(t *testing.T) {
	limited(t, time.Second, func(t *testing.T, srv *modelslabtest.Server, client *modelslab.Client) {
		t.Helper()
		srv.Next(modelslabtest.Submit, modelslabtest.Fault{Never: true})
		_, err := client.Submit(t.Context(), prompt(0))
		require.NoError(t, err)
		srv.Next(modelslabtest.Submit, modelslabtest.Fault{})
		second := submitLater(t.Context(), client, 1)
		<-time.After(29 * time.Minute)
		pending(t, second)
		<-time.After(2 * time.Minute)
		answered(t, second)
	})
}

func TestSlotOfADeliveryThatOvertakesTheAnswer(t *testing.T) {
	limited(t, time.Hour, func(t *testing.T, srv *modelslabtest.Server, client *modelslab.Client) {
		t.Helper()
		srv.DeliverTo(deliverTo(client))
		srv.Next(modelslabtest.Submit, modelslabtest.Fault{Early: true})
		_, err := client.Submit(t.Context(), withWebhook(0))
		require.NoError(t, err)
		answered(t, submitLater(t.Context(), client, 1))
	})
}

func withWebhook(i int) modelslab.Request {
	r := prompt(i)
	r.Webhook = "https://shop.example/webhook"
	return r
}

// deliverTo is a receiver of webhooks without any of the precautions of package
// webhook.
func deliverTo(client *modelslab.Client) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var job modelslab.Job
		if err := json.NewDecoder(r.Body).Decode(&job); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		if err := client.Deliver(r.Context(), &job); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	})
}

func TestSlotsOfJobsThatShareATrackID(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := modelslabtest.NewServer(modelslabtest.WithStrict(), modelslabtest.WithLatency(time.Minute))
		defer srv.Close()
		client := srv.Client(modelslab.WithQueueLimit(2))
		srv.Next(modelslabtest.Submit, modelslabtest.Fault{}, modelslabtest.Fault{Took: time.Hour})
		var jobs [2]*modelslab.Job
		for i := range jobs {
			r := prompt(i)
			r.TrackID = "the same"
			var err error
			jobs[i], err = client.Submit(t.Context(), r)
			require.NoError(t, err)
		}
		<-time.After(time.Minute)
		for range 3 { // a delivery and its duplicates free one slot, not two
			require.NoError(t, client.Deliver(t.Context(), &modelslab.Job{
				ID: jobs[0].ID, TrackID: "the same", Status: modelslab.StatusFailed, Message: "out of memory",
			}))
		}
		answered(t, submitLater(t.Context(), client, 2))
		third := submitLater(t.Context(), client, 3)
		pending(t, third)
		require.NoError(t, client.Deliver(t.Context(), &modelslab.Job{
			ID: jobs[1].ID, TrackID: "the same", Status: modelslab.StatusFailed, Message: "out of memory",
		}))
		answered(t, third)
	})
}

func TestSubmitsWaitInLine(t *testing.T) {
	limited(t, time.Second, func(t *testing.T, srv *modelslabtest.Server, client *modelslab.Client) {
		t.Helper()
		var mu sync.Mutex
		var order []string
		var all sync.WaitGroup
		for i := range 50 {
			all.Go(func() {
				job, err := client.Run(t.Context(), prompt(i))
				if err == nil {
					mu.Lock()
					defer mu.Unlock()
					order = append(order, job.TrackID)
				}
			})
			synctest.Wait()
		}
		all.Wait()
		require.Len(t, order, 50)
		for i, track := range order {
			require.Equal(t, prompt(i).TrackID, track)
		}
		require.Equal(t, 1, srv.Stats().MaxOpen)
	})
}

func TestWaitingForASlotEndsWithItsContext(t *testing.T) {
	var out syncBuffer
	log := slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
	limited(t, time.Hour, func(t *testing.T, srv *modelslabtest.Server, client *modelslab.Client) {
		t.Helper()
		_, err := client.Submit(t.Context(), prompt(0))
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		_, err = client.Submit(ctx, prompt(1))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		var refused *modelslab.Error
		require.ErrorAs(t, err, &refused, "nothing was sent")
		require.Equal(t, "modelslab: POST /v6/video/text2video: not sent, after waiting 3s for a slot of the queue limit: "+
			"context deadline exceeded", err.Error())
		require.Equal(t, 1, srv.Stats().Submits)
		require.Contains(t, out.String(), "submit waits for a slot of the queue limit")
	}, modelslab.WithLogger(log))
}

// syncBuffer is a bytes.Buffer for several goroutines.
type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// TestSubmitWithinAWebhookCallback submits the next job when one has ended,
// which needs the slot of that one.
func TestSubmitWithinAWebhookCallback(t *testing.T) {
	limited(t, 10*time.Second, func(t *testing.T, srv *modelslabtest.Server, client *modelslab.Client) {
		t.Helper()
		ended := make(chan struct{})
		n := 0
		h, err := webhook.NewHandler(webhook.WithSecrets(secret), webhook.WithClient(client), webhook.OnSuccess(
			func(ctx context.Context, _ *webhook.Succeeded) error {
				if n++; n == 5 {
					close(ended)
					return nil
				}
				_, err := client.Submit(ctx, prompt(n))
				return err
			},
		))
		require.NoError(t, err)
		srv.DeliverTo(h)
		start := time.Now()
		_, err = client.Submit(t.Context(), prompt(0))
		require.NoError(t, err)
		<-ended
		require.Equal(t, 50*time.Second, time.Since(start))
		require.NoError(t, h.Shutdown(t.Context()))
	}, modelslab.WithWebhook("https://shop.example/webhook", secret))
}

func TestRefusedInSpiteOfTheLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := modelslabtest.NewServer(modelslabtest.WithStrict(), modelslabtest.WithLatency(10*time.Second))
		defer srv.Close()
		other := srv.Client() // two slots are another process's, for ten minutes
		srv.Next(modelslabtest.Submit, modelslabtest.Fault{Took: 10 * time.Minute}, modelslabtest.Fault{Took: 10 * time.Minute})
		for i := range 2 {
			_, err := other.Submit(t.Context(), prompt(1000+i))
			require.NoError(t, err)
		}
		var out syncBuffer
		log := slog.New(slog.NewTextHandler(&out, nil))
		start := time.Now()
		all := collect(t, srv.Client(modelslab.WithQueueLimit(5), modelslab.WithLogger(log)).RunAll(t.Context(), prompts(300)))
		took := time.Since(start)
		require.Len(t, all, 300)
		for _, o := range all {
			require.NoError(t, o.Err)
		}
		stats := srv.Stats()
		require.LessOrEqual(t, stats.Refused, 5, "those that were sent before the first refusal came")
		require.Equal(t, 5, stats.MaxOpen)
		require.Contains(t, out.String(), "another process may be using the account")
		// Three slots for ten minutes are 180 jobs; with five the rest takes four minutes more.
		t.Logf("%d refused, %s", stats.Refused, took)
		require.Less(t, took, 16*time.Minute)
		requireSeldom(t, srv, "/v6/processing/request_count", 2)
	})
}

// requireSeldom checks that a path was called, and at most n times in any minute.
func requireSeldom(t *testing.T, srv *modelslabtest.Server, path string, n int) {
	t.Helper()
	var calls []time.Time
	for _, r := range srv.Requests() {
		if r.Path == path {
			calls = append(calls, r.Time)
		}
	}
	require.NotEmpty(t, calls)
	for i := n; i < len(calls); i++ {
		require.GreaterOrEqual(t, calls[i].Sub(calls[i-n]), time.Minute)
	}
}

func TestRefusalIsWaitedOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := modelslabtest.NewServer(modelslabtest.WithStrict())
		defer srv.Close()
		refusal := modelslabtest.Fault{Status: 429, Body: `{"status":"error","message":"Rate limit exceeded.","retry_after":45}`}
		srv.Next(modelslabtest.Submit, refusal)
		client := srv.Client(modelslab.WithQueueLimit(5))
		first := submitLater(t.Context(), client, 0)
		synctest.Wait()
		second := submitLater(t.Context(), client, 1)
		<-time.After(45*time.Second - 1)
		pending(t, first)
		pending(t, second)
		require.Equal(t, 1, submits(srv), "nothing is sent during the pause")
		<-time.After(1)
		answered(t, second)
		<-time.After(10 * time.Second) // the limit is one, until it rises
		answered(t, first)
	})
}

func submits(srv *modelslabtest.Server) int {
	n := 0
	for _, r := range srv.Requests() {
		if r.Call == modelslabtest.Submit {
			n++
		}
	}
	return n
}

// TestLimitAboveTheAccounts is a client that was told of a greater plan than
// the account has, by a server that says which it is, or does not.
func TestLimitAboveTheAccounts(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		says    bool
		refused int
	}{
		{"it says", true, 10}, // of the fifteen sent at first
		{"it does not say", false, 20},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				srv := modelslabtest.NewServer(modelslabtest.WithStrict(), modelslabtest.WithLatency(10*time.Second))
				defer srv.Close()
				srv.Script(func(r *modelslabtest.Request) *modelslabtest.Fault {
					if tt.says || r.Call != modelslabtest.Submit || srv.Stats().Open < 5 {
						return nil
					}
					return &modelslabtest.Fault{Status: 429, Body: `{"status":"error","message":"Too many requests","retry_after":30}`}
				})
				start := time.Now()
				all := collect(t, srv.Client(modelslab.WithQueueLimit(modelslab.Premium)).RunAll(t.Context(), prompts(400)))
				refused := -400
				for _, o := range all {
					require.NoError(t, o.Err)
					refused += o.Attempts
				}
				require.Len(t, all, 400)
				t.Logf("%d refused, %s", refused, time.Since(start))
				require.LessOrEqual(t, refused, tt.refused)
				require.Less(t, time.Since(start), 18*time.Minute, "13 minutes and 20 seconds is the least")
			})
		})
	}
}

// countingLimiter is a Limiter of a user's own.
type countingLimiter struct {
	free               chan struct{}
	released, refusals atomic.Int64
}

func (l *countingLimiter) Acquire(ctx context.Context, wait bool) (modelslab.Slot, error) {
	select {
	case <-l.free:
		return countingSlot{l}, nil
	default:
	}
	if !wait {
		return nil, modelslab.ErrQueueFull
	}
	select {
	case <-l.free:
		return countingSlot{l}, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

type countingSlot struct{ l *countingLimiter }

func (s countingSlot) Release() {
	s.l.released.Add(1)
	s.l.free <- struct{}{}
}

func (s countingSlot) Refused(*modelslab.Error) {
	s.l.refusals.Add(1)
	s.l.free <- struct{}{}
}

func TestLimiterOfOnesOwn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := modelslabtest.NewServer(modelslabtest.WithStrict())
		defer srv.Close()
		srv.Next(modelslabtest.Submit, modelslabtest.Fault{Status: 429, Body: `{"status":"error","message":"Rate limit exceeded."}`})
		l := &countingLimiter{free: make(chan struct{}, 3)}
		for range cap(l.free) {
			l.free <- struct{}{}
		}
		all := collect(t, srv.Client(modelslab.WithLimiter(l)).RunAll(t.Context(), prompts(40)))
		require.Len(t, all, 40)
		for _, o := range all {
			require.NoError(t, o.Err)
		}
		require.Equal(t, 3, srv.Stats().MaxOpen)
		require.Equal(t, int64(1), l.refusals.Load())
		require.Len(t, l.free, 3, "every slot was given back")
	})
}

// TestLimiterOfSeveralProcesses lets two clients share the limit of an account.
func TestLimiterOfSeveralProcesses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := modelslabtest.NewServer(modelslabtest.WithStrict(), modelslabtest.WithLatencyFunc(uneven))
		defer srv.Close()
		l := &countingLimiter{free: make(chan struct{}, 5)}
		for range cap(l.free) {
			l.free <- struct{}{}
		}
		var processes sync.WaitGroup
		var done atomic.Int64
		for range 2 {
			client := srv.Client(modelslab.WithLimiter(l))
			processes.Go(func() {
				for _, o := range client.RunAll(t.Context(), prompts(60)) {
					if o.Err == nil {
						done.Add(1)
					}
				}
			})
		}
		processes.Wait()
		require.Equal(t, int64(120), done.Load())
		require.Zero(t, srv.Stats().Refused)
		require.Equal(t, 5, srv.Stats().MaxOpen)
	})
}

func TestLimiterThatFails(t *testing.T) {
	t.Parallel()
	srv := modelslabtest.NewServer(modelslabtest.WithStrict())
	defer srv.Close()
	down := errors.New("redis is down")
	_, err := srv.Client(modelslab.WithLimiter(brokenLimiter{down})).Submit(t.Context(), prompt(0))
	require.ErrorIs(t, err, down)
	require.True(t, strings.HasSuffix(err.Error(), "redis is down"), err)
	require.Empty(t, srv.Requests())
}

// TestOnceFindsSlotsThatAreFreeAgain submits without waiting, as one does who
// tries again by himself: nobody else polls the jobs that hold the slots.
func TestOnceFindsSlotsThatAreFreeAgain(t *testing.T) {
	for _, tt := range []struct {
		name  string
		fault modelslabtest.Fault
		wait  time.Duration
	}{
		{"a submit of unknown outcome", modelslabtest.Fault{Reset: true}, 2 * time.Minute},
		{"a job whose webhook is lost", modelslabtest.Fault{Lost: true}, 5 * time.Minute},
	} {
		t.Run(tt.name, func(t *testing.T) {
			limited(t, time.Minute, func(t *testing.T, srv *modelslabtest.Server, client *modelslab.Client) {
				t.Helper()
				srv.Next(modelslabtest.Submit, tt.fault)
				_, _ = client.Submit(t.Context(), prompt(0), modelslab.Once())
				_, err := client.Submit(t.Context(), prompt(1), modelslab.Once())
				require.ErrorIs(t, err, modelslab.ErrQueueFull)
				<-time.NewTimer(tt.wait).C
				_, err = client.Submit(t.Context(), prompt(2), modelslab.Once())
				require.ErrorIs(t, err, modelslab.ErrQueueFull, "it waits for nothing")
				synctest.Wait()
				<-time.NewTimer(time.Second).C
				_, err = client.Submit(t.Context(), prompt(3), modelslab.Once())
				require.NoError(t, err)
			})
		})
	}
}
