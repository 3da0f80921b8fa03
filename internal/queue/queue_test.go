package queue_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/internal/delivery"
	"github.com/modelslab-go/modelslab/internal/fault"
	"github.com/modelslab-go/modelslab/internal/queue"
	"github.com/modelslab-go/modelslab/internal/retry"
	"github.com/modelslab-go/modelslab/internal/schedule"
)

// state is a job as these tests have it: what a table reads of it.
type state = *delivery.Report

func job(id string) state {
	return &delivery.Report{Identity: delivery.Identity{Kind: "video", ID: id, OtherID: id}, TrackID: "track" + id}
}

func ended(id string) state {
	j := job(id)
	j.Ended, j.Final = true, true
	return j
}

// api is what the queue's fetches bring.
type api struct {
	mu      sync.Mutex
	table   *delivery.Table[state]
	ended   map[string]bool
	fetches map[string]int
	err     error
	hang    string // the id whose fetches never return
}

func (a *api) fetch(ctx context.Context, id delivery.Identity) (state, error) {
	a.mu.Lock()
	a.fetches[id.ID]++
	err, hang, end := a.err, a.hang == id.ID, a.ended[id.ID]
	a.mu.Unlock()
	if hang {
		<-ctx.Done()
		return nil, &fault.Error{Reason: fault.Unavailable, Cause: ctx.Err()}
	}
	if err != nil {
		return nil, err
	}
	if !end {
		return job(id.ID), nil
	}
	a.table.Observe(ended(id.ID), delivery.TrackOf(""))
	return ended(id.ID), nil
}

func (a *api) end(id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ended[id] = true
}

func (a *api) count(id string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.fetches[id]
}

const patience = 30 * time.Minute

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func noCount(context.Context) (int, error) { return 0, errors.New("not asked") }

func newQueue(n int) (*queue.Queue[state], *api) {
	a := &api{
		ended: map[string]bool{}, fetches: map[string]int{},
		table: delivery.New(func(s state) delivery.Report { return *s }),
	}
	q := queue.New(queue.Hooks[state]{
		Table: a.table, Log: quiet(), Report: func(s state) delivery.Report { return *s },
		Polls: func(state) (schedule.Polls, time.Duration) { return schedule.New(20 * time.Second), patience },
		Fetch: a.fetch,
	})
	q.Limiter = queue.NewAccount(n, quiet(), noCount)
	return q, a
}

// submit passes a gate with an answer that names the job.
func submit(t *testing.T, q *queue.Queue[state], answer state) {
	t.Helper()
	g := queue.Gate[state]{Queue: q, Limiter: q.Limiter}
	_, e := g.Enter(t.Context(), "submit")
	require.Nil(t, e)
	g.Leave(answer, answer.TrackID, nil)
}

// full reports whether every slot is held.
func full(t *testing.T, q *queue.Queue[state]) bool {
	t.Helper()
	g := queue.Gate[state]{Queue: q, Limiter: q.Limiter, Once: true}
	_, e := g.Enter(t.Context(), "submit")
	if e != nil {
		require.ErrorIs(t, e, fault.QueueFull)
		require.EqualError(t, e, "modelslab: submit: not sent, every slot of the queue limit is held")
		return true
	}
	g.Slot.Release()
	return false
}

// TestWhatASubmitLeavesInItsSlot has one slot, and one answer to a submit.
func TestWhatASubmitLeavesInItsSlot(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		job  state
		err  *fault.Error
		held bool
	}{
		{"a job that runs", job("1"), nil, true},
		{"a job that has ended", ended("1"), nil, false},
		{"a refusal that names a job", job("1"), &fault.Error{Reason: fault.RateLimited}, true},
		{"a refusal", nil, &fault.Error{Reason: fault.Invalid}, false},
		{"a duplicate", nil, &fault.Error{Reason: fault.RateLimited, Duplicate: true}, false},
		{"an unknown outcome", nil, &fault.Error{Reason: fault.Unavailable, Unknown: true}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			q, _ := newQueue(1)
			g := queue.Gate[state]{Queue: q, Limiter: q.Limiter}
			_, e := g.Enter(t.Context(), "submit")
			require.Nil(t, e)
			require.True(t, full(t, q), "while it is out")
			g.Leave(tt.job, "track1", tt.err)
			require.Equal(t, tt.held, full(t, q))
		})
	}
}

func TestASlotIsFreedByTheEndOfItsJob(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		see  func(a *api)
		free bool
	}{
		{"observed", func(a *api) { a.table.Observe(ended("1"), delivery.TrackOf("")) }, true},
		{"delivered by track id", func(a *api) {
			a.table.Observe(&delivery.Report{Ended: true}, delivery.TrackOf("track1"))
		}, true},
		{"of another job", func(a *api) { a.table.Observe(ended("2"), delivery.TrackOf("")) }, false},
		{"of another job under the same track id", func(a *api) {
			a.table.Observe(ended("2"), delivery.TrackOf("track1"))
		}, false},
		{"that is none yet", func(a *api) { a.table.Observe(job("1"), delivery.TrackOf("")) }, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			q, a := newQueue(1)
			submit(t, q, job("1"))
			tt.see(a)
			require.Equal(t, !tt.free, full(t, q))
			tt.see(a)
			require.Equal(t, !tt.free, full(t, q), "a repeat frees nothing more")
		})
	}
}

func TestAnEndThatOvertakesTheAnswer(t *testing.T) {
	t.Parallel()
	q, a := newQueue(1)
	a.table.Wake(ended("1"), delivery.TrackOf("track1"))
	submit(t, q, job("1"))
	require.False(t, full(t, q))
}

// waiting submits in the background, and returns when it had its slot.
func waiting(t *testing.T, q *queue.Queue[state]) <-chan time.Duration {
	t.Helper()
	start, had := time.Now(), make(chan time.Duration, 1)
	go func() {
		g := queue.Gate[state]{Queue: q, Limiter: q.Limiter}
		if _, e := g.Enter(t.Context(), "submit"); e == nil {
			had <- time.Since(start)
			g.Slot.Release()
		}
	}()
	synctest.Wait()
	return had
}

func TestJobsAreNotPolledWhileNobodyWaitsForASlot(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q, a := newQueue(1)
		submit(t, q, job("1"))
		require.NoError(t, retry.Sleep(t.Context(), 10*time.Minute))
		require.Zero(t, a.count("1"))
		a.end("1")
		require.Less(t, <-waiting(t, q), time.Second, "it is long due")
		require.Equal(t, 1, a.count("1"))
	})
}

func TestWhoWaitsForASlotPollsTheJobs(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		setUp    func(a *api)
		from, to time.Duration // when the slot was had
		fetches  int           // at least
	}{
		{"a job that has ended", func(a *api) { a.end("1") }, 9 * time.Second, 11 * time.Second, 1},
		{"a fetch that hangs stops no other", func(a *api) { a.end("1"); a.hang = "2" }, 9 * time.Second, 11 * time.Second, 1},
		{"a refused key is asked once", func(a *api) { a.err = &fault.Error{Reason: fault.Auth} }, patience, patience + time.Second, 1},
		{"an outage is asked again", func(a *api) { a.err = &fault.Error{Reason: fault.Unavailable} }, patience, patience + time.Second, 10},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				q, a := newQueue(2)
				tt.setUp(a)
				submit(t, q, job("1"))
				submit(t, q, job("2"))
				had := <-waiting(t, q)
				require.GreaterOrEqual(t, had, tt.from)
				require.LessOrEqual(t, had, tt.to)
				require.GreaterOrEqual(t, a.count("1"), tt.fetches)
				if errors.Is(a.err, fault.Auth) {
					require.Equal(t, 1, a.count("1"))
				}
				require.NoError(t, retry.Sleep(t.Context(), time.Minute), "the polls end")
			})
		})
	}
}

func TestAJobThatSomebodyWaitsForIsNotPolled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q, a := newQueue(1)
		submit(t, q, job("1"))
		w := a.table.Wait(job("1").Identity, "track1")
		had := waiting(t, q)
		require.NoError(t, retry.Sleep(t.Context(), time.Minute))
		require.Zero(t, a.count("1"))
		a.end("1")
		w.Away(func() { <-had })
		require.Equal(t, 1, a.count("1"), "its callback runs: somebody else polls")
		require.True(t, w.Delivered())
		require.True(t, w.Take().Final, "and hands the end on")
		w.Close()
	})
}

func TestASlotInDoubtIsFreeAfterAMinute(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q, a := newQueue(1)
		g := queue.Gate[state]{Queue: q, Limiter: q.Limiter}
		_, e := g.Enter(t.Context(), "submit")
		require.Nil(t, e)
		g.Leave(nil, "track1", &fault.Error{Unknown: true})
		require.Equal(t, time.Minute, <-waiting(t, q))
		require.Empty(t, a.fetches)
	})
}

func TestGateAndItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q, _ := newQueue(1)
		over, cancel := context.WithCancel(t.Context())
		cancel()
		g := queue.Gate[state]{Queue: q, Limiter: q.Limiter}
		_, e := g.Enter(over, "submit")
		require.ErrorIs(t, e, context.Canceled)
		require.ErrorContains(t, e, "not sent")
		require.False(t, full(t, q), "the slot is given back")

		submit(t, q, job("1"))
		short, stop := context.WithTimeout(t.Context(), 3*time.Second)
		defer stop()
		_, e = g.Enter(short, "submit")
		require.EqualError(t, e, "modelslab: submit: not sent, after waiting 3s for a slot of the queue limit: context deadline exceeded")

		q, _ = newQueue(1)
		ctx, stop := context.WithCancel(t.Context())
		g = queue.Gate[state]{Queue: q, Limiter: q.Limiter, Awaits: true}
		sending, e := g.Enter(ctx, "submit")
		require.Nil(t, e)
		stop()
		require.NoError(t, sending.Err(), "what was sent is answered")
	})
}

type brokenLimiter struct{}

func (brokenLimiter) Acquire(context.Context, bool) (queue.Slot, error) {
	return nil, errors.New("redis is down")
}

func TestALimiterThatFails(t *testing.T) {
	t.Parallel()
	q, _ := newQueue(1)
	_, e := q.Acquire(t.Context(), brokenLimiter{}, "submit")
	require.EqualError(t, e, "modelslab: submit: not sent, after waiting 0s for a slot of the queue limit: redis is down")
}

func TestPollNowFreesASlot(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q, a := newQueue(2)
		submit(t, q, job("1"))
		submit(t, q, job("2"))
		had := waiting(t, q)
		a.end("1")
		start := time.Now()
		a.table.PollNow(job("1").Identity, delivery.TrackOf("track1"))
		<-had
		require.Equal(t, start, time.Now())
		require.Equal(t, 1, a.count("1"))
		require.Zero(t, a.count("2"))

		for range 100 {
			a.table.PollNow(job("2").Identity, delivery.TrackOf("track2"))
			synctest.Wait()
		}
		require.InDelta(t, 12, a.count("2"), 5, "who repeats messages causes few polls")
	})
}
