package webhook_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/modelslabtest"
	"github.com/modelslab-go/modelslab/webhook"
	"github.com/modelslab-go/modelslab/webhook/storetest"
)

func TestMemoryWatch(t *testing.T) {
	t.Parallel()
	storetest.RunWatch(t, func(testing.TB) webhook.WatchStore { return webhook.NewMemoryWatch() })
}

// sharedWatch is a WatchStore of several replicas, which can be lost.
type sharedWatch struct {
	webhook.WatchStore
	down atomic.Bool
}

func newSharedWatch() *sharedWatch { return &sharedWatch{WatchStore: webhook.NewMemoryWatch()} }

func (s *sharedWatch) Watch(ctx context.Context, e webhook.Watched) error {
	if s.down.Load() {
		<-ctx.Done() // as slow as it may be
		return errBroken
	}
	return s.WatchStore.Watch(ctx, e)
}

func (s *sharedWatch) Due(ctx context.Context, n int, lease time.Duration) ([]webhook.Watched, time.Time, error) {
	if s.down.Load() {
		return nil, time.Time{}, errBroken
	}
	return s.WatchStore.Due(ctx, n, lease)
}

func (s *sharedWatch) Postpone(ctx context.Context, e webhook.Watched) error {
	if s.down.Load() {
		return errBroken
	}
	return s.WatchStore.Postpone(ctx, e)
}

func (s *sharedWatch) Done(ctx context.Context, ref modelslab.Ref) error {
	if s.down.Load() {
		return errBroken
	}
	return s.WatchStore.Done(ctx, ref)
}

// empty reports whether nothing is kept.
func (s *sharedWatch) empty(t *testing.T) bool {
	t.Helper()
	_, next, err := s.WatchStore.Due(t.Context(), 0, time.Minute)
	require.NoError(t, err)
	return next.IsZero()
}

// anotherReplica is a service with a handler of its own, that shares the vendor.
func (s *service) anotherReplica(t *testing.T, opts ...webhook.Option) *service {
	t.Helper()
	other := &service{Server: s.Server, client: s.Client(modelslab.WithWebhook("https://your-server.com"+path, secret)), seen: &events{}}
	h, err := webhook.NewHandler(append([]webhook.Option{
		webhook.WithSecrets(secret), webhook.WithClient(other.client), webhook.OnEvent(other.seen.add),
	}, opts...)...)
	require.NoError(t, err)
	other.handler = h
	return other
}

func TestWithWatchWatchesEverySubmit(t *testing.T) {
	t.Parallel()
	for name, store := range map[string]webhook.WatchStore{"memory": nil, "a store": newSharedWatch()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(t *testing.T, s *service) {
				s.Next(modelslabtest.Submit, modelslabtest.Fault{Lost: true}, modelslabtest.Fault{Status: 402, Body: `{"status":"error","message":"no credits"}`})
				s.submit(t, "lost")
				_, err := s.client.Submit(t.Context(), &modelslab.TextToVideoRequest{ModelID: "m", Prompt: "p", TrackID: "refused"})
				require.Error(t, err)
				s.submit(t, "heard")
				sleepFor(10 * time.Minute)
				tracks := map[string]int{}
				for _, e := range s.seen.all() {
					tracks[e.TrackID()]++
				}
				require.Equal(t, map[string]int{"lost": 1, "heard": 1}, tracks)
				require.Zero(t, s.handler.Stats().Watched)
				require.Equal(t, 1, s.Stats().Fetches-int(s.handler.Stats().Confirmed))
			}, webhook.WithWatch(time.Hour, store))
		})
	}
}

// The answer to a submit is an end like any other.
func TestWithWatchDeliversWhatEndsAtOnce(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, s *service) {
		s.Next(modelslabtest.Submit, modelslabtest.Fault{Sync: true, Lost: true})
		require.Equal(t, modelslab.StatusSuccess, s.submit(t, "a").Status)
		synctest.Wait()
		require.Len(t, s.seen.all(), 1)
		require.Zero(t, s.handler.Stats().Watched)
	}, webhook.WithWatch(time.Hour, nil))
}

// While a Wait polls a job nobody else does.
func TestWithWatchLeavesAJobToItsWait(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, s *service) {
		s.Next(modelslabtest.Submit, modelslabtest.Fault{Never: true})
		job := s.submit(t, "a")
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
		defer cancel()
		_, err := s.client.Wait(ctx, job, modelslab.PollEvery(time.Hour, time.Hour))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, 1, s.Stats().Fetches, "the last one of Wait")
		sleepFor(20 * time.Minute)
		require.Greater(t, s.Stats().Fetches, 2, "the Wait has ended, the watch has not")
	}, webhook.WithWatch(time.Hour, nil))
}

func TestWatchStoreOutlivesAReplica(t *testing.T) {
	t.Parallel()
	store := newSharedWatch()
	inBubble(t, func(t *testing.T, s *service) {
		s.Next(modelslabtest.Submit, modelslabtest.Fault{Lost: true}, modelslabtest.Fault{Lost: true})
		s.submit(t, "a")
		s.submit(t, "b")
		require.NoError(t, s.shutdown(time.Minute), "the jobs are not lost")
		sleepFor(3 * time.Minute)
		due, _, err := store.WatchStore.Due(t.Context(), 1, 2*time.Hour) // by one that was killed then
		require.NoError(t, err)
		require.Len(t, due, 1)
		other := s.anotherReplica(t, webhook.WithWatch(time.Hour, store))
		sleepFor(time.Minute)
		require.Len(t, other.seen.all(), 1)
		sleepFor(2 * time.Hour)
		require.Len(t, other.seen.all(), 2)
		require.True(t, store.empty(t))
		require.Empty(t, s.seen.all())
		require.NoError(t, other.shutdown(time.Minute))
	}, webhook.WithWatch(time.Hour, store))
}

// Neither a slow store nor one that is down holds a submit up, and what was not
// written is polled from memory.
func TestWatchStoreIsDown(t *testing.T) {
	t.Parallel()
	store := newSharedWatch()
	store.down.Store(true)
	inBubble(t, func(t *testing.T, s *service) {
		s.Next(modelslabtest.Submit, modelslabtest.Fault{Lost: true}, modelslabtest.Fault{Never: true})
		start := time.Now()
		s.submit(t, "a")
		never := s.submit(t, "b")
		require.Equal(t, start, time.Now())
		require.Equal(t, 2, s.handler.Stats().Watched)
		sleepFor(10 * time.Minute)
		require.Len(t, s.seen.all(), 1)
		require.Equal(t, 1, s.handler.Stats().Watched)
		require.True(t, store.empty(t))
		store.down.Store(false)
		sleepFor(2 * time.Minute)
		require.Zero(t, s.handler.Stats().Watched, "it is written now")
		require.False(t, store.empty(t))
		fetches := s.Stats().Fetches
		sleepFor(20 * time.Minute)
		require.Greater(t, s.Stats().Fetches, fetches, "and polled from there")

		store.down.Store(true)
		s.Next(modelslabtest.Submit, modelslabtest.Fault{Never: true})
		unwritten := s.submit(t, "c")
		start = time.Now()
		var left *webhook.ShutdownError
		require.ErrorAs(t, s.shutdown(time.Minute), &left)
		require.Equal(t, []modelslab.Ref{unwritten.Ref}, left.Watched)
		require.Equal(t, time.Minute, time.Since(start))
		require.NotEqual(t, never.Ref, unwritten.Ref)
	}, webhook.WithWatch(3*time.Hour, store))
}

// A job stays in the store until its callbacks have returned nil, in whichever
// replica.
func TestWatchStoreKeepsWhatIsNotHandled(t *testing.T) {
	t.Parallel()
	watch, store := newSharedWatch(), &brokenStore{MemoryStore: webhook.NewMemoryStore()}
	errNo := errors.New("not here")
	inBubble(t, func(t *testing.T, s *service) {
		s.submit(t, "a")
		sleepFor(41 * time.Second) // its webhook has come, and the callback failed
		require.NotEmpty(t, s.seen.all())
		require.Error(t, s.shutdown(time.Minute))
		require.False(t, watch.empty(t))
		other := s.anotherReplica(t, webhook.WithWatch(time.Hour, watch), webhook.WithStore(store))
		sleepFor(20 * time.Minute)
		require.Len(t, other.seen.all(), 1)
		require.True(t, watch.empty(t))
		require.NoError(t, other.shutdown(time.Minute))
	}, webhook.WithWatch(time.Hour, watch), webhook.WithStore(store),
		webhook.OnEvent(func(context.Context, webhook.Event) error { return errNo }))
}

// A claim that stands, of a replica that was killed in a callback, ends.
func TestWatchStoreOutwaitsADeadClaim(t *testing.T) {
	t.Parallel()
	watch, store := newSharedWatch(), &brokenStore{MemoryStore: webhook.NewMemoryStore()}
	inBubble(t, func(t *testing.T, s *service) {
		s.Next(modelslabtest.Submit, modelslabtest.Fault{Lost: true})
		job := s.submit(t, "a")
		sleepFor(time.Minute)
		state, err := store.MemoryStore.Claim(t.Context(), []string{job.Ref.String()}, "final:success", 10*time.Minute)
		require.NoError(t, err)
		require.Equal(t, webhook.Claimed, state)
		sleepFor(8 * time.Minute)
		require.Empty(t, s.seen.all(), "it is in the hands of another")
		sleepFor(10 * time.Minute)
		require.Len(t, s.seen.all(), 1)
		require.True(t, watch.empty(t))
		require.LessOrEqual(t, s.Stats().Fetches, 3)
	}, webhook.WithWatch(time.Hour, watch), webhook.WithStore(store))
}

// What another replica has handled is polled no more, in none of them.
func TestWatchStoreForgetsWhatWasHandledElsewhere(t *testing.T) {
	t.Parallel()
	watch, store := newSharedWatch(), &brokenStore{MemoryStore: webhook.NewMemoryStore()}
	opts := []webhook.Option{webhook.WithWatch(time.Hour, watch), webhook.WithStore(store)}
	inBubble(t, func(t *testing.T, s *service) {
		other := s.anotherReplica(t, opts...)
		s.DeliverTo(other.handler)
		s.submit(t, "a")
		synctest.Wait()
		require.False(t, watch.empty(t))
		sleepFor(41 * time.Second)
		require.True(t, watch.empty(t))
		require.Len(t, other.seen.all(), 1)
		require.NoError(t, other.shutdown(time.Minute))
	}, opts...)
}

func TestWithWatchRefuses(t *testing.T) {
	t.Parallel()
	_, err := webhook.NewHandler(webhook.WithSecrets(secret), webhook.WithWatch(time.Hour, nil))
	require.ErrorContains(t, err, "WithClient")
	client, err := modelslab.New("k")
	require.NoError(t, err)
	_, err = webhook.NewHandler(webhook.WithSecrets(secret), webhook.WithClient(client), webhook.WithWatch(0, nil))
	require.ErrorContains(t, err, "want more than 0")
}
