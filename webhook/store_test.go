package webhook_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/webhook"
)

func claim(t *testing.T, s webhook.Store, event string, names ...string) webhook.State {
	t.Helper()
	state, err := s.Claim(t.Context(), names, event, time.Minute)
	require.NoError(t, err)
	return state
}

func TestMemoryStore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := webhook.NewMemoryStore()
		is := func(want webhook.State, event string, names ...string) {
			t.Helper()
			require.Equal(t, want.String(), claim(t, s, event, names...).String())
		}
		is(webhook.Claimed, "final:success", "video/1", "token/a")
		is(webhook.Busy, "final:success", "video/1")
		is(webhook.Busy, "final:failed", "token/a")
		is(webhook.Busy, "progress:1", "token/a", "else")
		is(webhook.Claimed, "final:success", "video/2")
		require.NoError(t, s.Release(t.Context(), []string{"video/1", "token/a"}, "final:success"))
		is(webhook.Claimed, "progress:1", "token/a")
		is(webhook.Claimed, "final:failed", "token/a", "video/1")
		require.NoError(t, s.Commit(t.Context(), []string{"video/1", "token/a"}, "final:failed"))
		is(webhook.Done, "final:failed", "video/1")
		is(webhook.Conflict, "final:success", "token/a")
		is(webhook.Done, "progress:1", "video/1")
		is(webhook.Done, "stage:x", "token/a")
		is(webhook.Done, "final:failed", "token/a", "track/a/1")
		is(webhook.Conflict, "final:success", "track/a/1")
		require.NoError(t, s.Release(t.Context(), []string{"video/1"}, "final:failed"))
		is(webhook.Done, "final:failed", "video/1")

		is(webhook.Claimed, "stage:a", "training/1")
		is(webhook.Busy, "stage:a", "training/1")
		is(webhook.Claimed, "stage:b", "training/1")
		require.NoError(t, s.Commit(t.Context(), []string{"training/1"}, "stage:a"))
		is(webhook.Done, "stage:a", "training/1")
		require.NoError(t, s.Release(t.Context(), []string{"training/1"}, "stage:b"))
		is(webhook.Claimed, "stage:b", "training/1")
		sleepFor(time.Minute)
		is(webhook.Claimed, "stage:b", "training/1") // the lease has ended
		for i := range 100 {
			claim(t, s, fmt.Sprint("progress:", i), "training/1")
		}
		is(webhook.Done, "progress:100", "training/1") // nobody makes it grow without end
		is(webhook.Claimed, "final:success", "training/1")

		sleepFor(30 * 24 * time.Hour)
		is(webhook.Claimed, "final:success", "video/1")
	})
}

func TestMemoryStoreIsBounded(t *testing.T) {
	t.Parallel()
	const limit, n = 6400, 20_000
	s := webhook.NewMemoryStoreOf(limit)
	for i := range n {
		name := []string{fmt.Sprint("video/", i)}
		require.Equal(t, webhook.Claimed, claim(t, s, "final:success", name...))
		require.NoError(t, s.Commit(t.Context(), name, "final:success"))
	}
	known := 0
	for i := n - 1; i >= 0; i-- { // the newest first, since a probe makes room for itself
		if claim(t, s, "probe", fmt.Sprint("video/", i)) == webhook.Done {
			known++
			require.Greater(t, i, n-2*limit, "the oldest go first")
		}
	}
	require.LessOrEqual(t, known, limit)
	require.Greater(t, known, limit*9/10)
}

// Who makes up events for one job makes the store forget no other.
func TestMadeUpEventsEvictNobody(t *testing.T) {
	t.Parallel()
	s := webhook.NewMemoryStoreOf(200)
	require.Equal(t, webhook.Claimed, claim(t, s, "final:success", "video/1"))
	require.NoError(t, s.Commit(t.Context(), []string{"video/1"}, "final:success"))
	for i := range 1000 {
		claim(t, s, fmt.Sprint("progress:", i), "video/2")
	}
	require.Equal(t, webhook.Done, claim(t, s, "final:success", "video/1"))
	require.Equal(t, webhook.Claimed, claim(t, s, "final:success", "video/2"))
}

// Claims under overlapping names, in every order, must neither deadlock nor both win.
func TestMemoryStoreClaimsOnce(t *testing.T) {
	t.Parallel()
	s := webhook.NewMemoryStore()
	for round := range 200 {
		all := []string{fmt.Sprint("a", round), fmt.Sprint("b", round), fmt.Sprint("c", round), fmt.Sprint("d", round)}
		var won atomic.Int32
		var group sync.WaitGroup
		for i := range 8 {
			names := append([]string{all[0]}, all[i%4], all[(i*7)%4], all[3-i%4])
			group.Go(func() {
				state, err := s.Claim(context.Background(), names, "final:success", time.Hour)
				if err == nil && state == webhook.Claimed {
					won.Add(1)
				}
			})
		}
		group.Wait()
		require.EqualValues(t, 1, won.Load())
	}
}

// brokenStore fails where it is told to.
type brokenStore struct {
	*webhook.MemoryStore
	claims, commits, releases atomic.Bool
	answer                    atomic.Int32 // in place of the right one
}

var errBroken = errors.New("connection refused")

func (s *brokenStore) Claim(ctx context.Context, names []string, event string, lease time.Duration) (webhook.State, error) {
	if s.claims.Load() {
		return 0, errBroken
	}
	if a := s.answer.Load(); a != 0 {
		return webhook.State(a), nil
	}
	return s.MemoryStore.Claim(ctx, names, event, lease)
}

func (s *brokenStore) Commit(ctx context.Context, names []string, event string) error {
	if s.commits.Load() {
		return errBroken
	}
	return s.MemoryStore.Commit(ctx, names, event)
}

func (s *brokenStore) Release(ctx context.Context, names []string, event string) error {
	if s.releases.Load() {
		return errBroken
	}
	return s.MemoryStore.Release(ctx, names, event)
}

func TestStoreFails(t *testing.T) {
	t.Parallel()
	const body = `{"status":"failed","id":1,"track_id":"a","message":"m"}`
	newStore := func() *brokenStore { return &brokenStore{MemoryStore: webhook.NewMemoryStore()} }

	t.Run("at the claim", func(t *testing.T) {
		t.Parallel()
		store := newStore()
		inBubble(t, func(t *testing.T, s *service) {
			store.claims.Store(true)
			for range 3 {
				w := serve(s.handler, post(sign("video", "a"), body))
				require.Equal(t, 503, w.Code)
				require.Equal(t, "5", w.Header().Get("Retry-After"))
			}
			require.Equal(t, map[string]uint64{"store": 3}, s.handler.Stats().Rejected)
			require.Empty(t, s.seen.all())
			store.claims.Store(false)
			sleepFor(time.Minute)
			require.Len(t, s.seen.all(), 1, "three are tried again, one is handled")
			require.Zero(t, s.handler.Stats().Open)
		}, webhook.WithStore(store))
	})
	t.Run("at the claim, with a queue", func(t *testing.T) {
		t.Parallel()
		store := newStore()
		inBubble(t, func(t *testing.T, s *service) {
			store.claims.Store(true)
			require.Equal(t, 503, serve(s.handler, post(sign("video", "a"), body)).Code, "nothing is acknowledged")
			store.claims.Store(false)
		}, webhook.WithStore(store), webhook.WithAsync(1, 1))
	})
	t.Run("with nonsense", func(t *testing.T) {
		t.Parallel()
		store := newStore()
		inBubble(t, func(t *testing.T, s *service) {
			store.answer.Store(99)
			require.Equal(t, 503, serve(s.handler, post(sign("video", "a"), body)).Code)
			store.answer.Store(0)
		}, webhook.WithStore(store))
	})
	t.Run("at the commit", func(t *testing.T) {
		t.Parallel()
		store := newStore()
		inBubble(t, func(t *testing.T, s *service) {
			store.commits.Store(true)
			require.Equal(t, 503, serve(s.handler, post(sign("video", "a"), body)).Code)
			require.Len(t, s.seen.all(), 1)
			store.commits.Store(false)
			sleepFor(time.Minute)
			require.Equal(t, 200, serve(s.handler, post(sign("video", "a"), body)).Code)
			require.Len(t, s.seen.all(), 1, "the commit is repeated, the callback is not")
			require.Zero(t, s.handler.Stats().Open)
		}, webhook.WithStore(store))
	})
	t.Run("at the release", func(t *testing.T) {
		t.Parallel()
		store := newStore()
		var calls atomic.Int32
		inBubble(t, func(t *testing.T, s *service) {
			store.releases.Store(true)
			require.Equal(t, 500, serve(s.handler, post(sign("video", "a"), body)).Code)
			require.EqualValues(t, 1, calls.Load())
			sleepFor(9 * time.Minute)
			require.EqualValues(t, 1, calls.Load(), "the claim stands until its lease ends")
			sleepFor(20 * time.Minute)
			require.EqualValues(t, 2, calls.Load())
		}, webhook.WithStore(store), webhook.OnFailure(func(context.Context, *webhook.Failed) error {
			if calls.Add(1) == 1 {
				return errors.New("not now")
			}
			return nil
		}))
	})
}

// In a store that outlives the process, the callbacks' time ends with the claim.
func TestSharedStoreBoundsTheCallback(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, s *service) {
		start := time.Now()
		require.Equal(t, 503, serve(s.handler, post(sign("video", "a"), `{"status":"failed","id":1}`)).Code)
		sleepFor(time.Hour)
		require.Equal(t, 10*time.Minute, s.handler.Stats().CallbackTime)
		require.NotEqual(t, start, time.Now())
	}, webhook.WithStore(&brokenStore{MemoryStore: webhook.NewMemoryStore()}), webhook.OnFailure(func(ctx context.Context, _ *webhook.Failed) error {
		<-ctx.Done()
		return nil
	}))
}

// Two replicas share a store and a vendor, not a process.
func TestReplicasHandleOnce(t *testing.T) {
	t.Parallel()
	store := &brokenStore{MemoryStore: webhook.NewMemoryStore()}
	seen := &events{}
	var replicas []*webhook.Handler
	for range 2 {
		replicas = append(replicas, newHandler(t, webhook.WithStore(store), webhook.OnEvent(seen.add)))
	}
	var group sync.WaitGroup
	for i := range 40 {
		group.Go(func() {
			trackID := fmt.Sprint("job", i/4)
			w := serve(replicas[i%2], post(sign("video", trackID), fmt.Sprintf(`{"status":"failed","id":%d,"track_id":%q}`, i/4, trackID)))
			if w.Code != 200 {
				t.Error(w.Code)
			}
		})
	}
	group.Wait()
	require.Len(t, seen.all(), 10)
}
