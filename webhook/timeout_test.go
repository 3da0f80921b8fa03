package webhook_test

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/webhook"
)

// WithTimeout holds for the first slow callback, however many quick ones there
// have been.
func TestTimeoutAlwaysHolds(t *testing.T) {
	t.Parallel()
	for _, quick := range []int{0, 1, 64, 500} {
		synctest.Test(t, func(t *testing.T) {
			release := make(chan struct{})
			h, err := webhook.NewHandler(webhook.WithInsecureNoAuth(), webhook.WithTimeout(200*time.Millisecond),
				webhook.OnSuccess(func(_ context.Context, e *webhook.Succeeded) error {
					if e.TrackID() == "slow" {
						<-release
					}
					return nil
				}))
			require.NoError(t, err)
			send := func(trackID string) int {
				return serve(h, post(path+"?kind=video", fmt.Sprintf(`{"status":"success","track_id":%q,"output":["https://a/b"]}`, trackID))).Code
			}
			for i := range quick {
				require.Equal(t, 200, send(fmt.Sprint("quick", i)))
			}
			start := time.Now()
			require.Equal(t, 503, send("slow"), "after %d quick callbacks", quick)
			require.Equal(t, 200*time.Millisecond, time.Since(start))
			require.Equal(t, 200, send("quick"), "others are not held up")
			require.Equal(t, 1, h.Stats().Open)
			require.EqualValues(t, 1, h.Stats().Rejected["timeout"])
			close(release)
			synctest.Wait()
			require.Equal(t, 200, send("slow"), "it went on and was recorded")
			require.EqualValues(t, quick+2, h.Stats().Delivered)
			require.Zero(t, h.Stats().Open)
		})
	}
}

// One timer serves all deliveries. Each is answered at its own deadline.
func TestTimeoutOfMany(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const n, timeout, apart = 300, 10 * time.Second, 10 * time.Millisecond
		release := make(chan struct{})
		h, err := webhook.NewHandler(webhook.WithSecrets(secret), webhook.WithTimeout(timeout),
			webhook.OnFailure(func(context.Context, *webhook.Failed) error {
				<-release
				return nil
			}))
		require.NoError(t, err)
		var senders sync.WaitGroup
		for i := range n {
			senders.Go(func() {
				sleepFor(time.Duration(i) * apart)
				start := time.Now()
				require.Equal(t, 503, serve(h, post(failure(i))).Code)
				require.GreaterOrEqual(t, time.Since(start), timeout)
				require.LessOrEqual(t, time.Since(start), timeout+timeout/100)
			})
		}
		senders.Wait()
		require.Equal(t, n, h.Stats().Open)
		close(release)
		synctest.Wait()
		require.EqualValues(t, n, h.Stats().Delivered)
		require.NoError(t, h.Shutdown(t.Context()))
	})
}

// A Wait whose context ends leaves a callback that runs for it.
func TestWaitLeavesASlowCallback(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		client, err := modelslab.New("k")
		require.NoError(t, err)
		h, err := webhook.NewHandler(webhook.WithSecrets(secret), webhook.WithClient(client),
			webhook.OnEvent(func(context.Context, webhook.Event) error {
				<-release
				return nil
			}))
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		require.NoError(t, client.Deliver(ctx, &modelslab.Job{
			Ref: modelslab.Ref{Kind: modelslab.KindVideo, ID: "1"}, Status: modelslab.StatusFailed,
		}))
		require.Equal(t, time.Second, time.Since(start))
		require.Equal(t, 1, h.Stats().Open)
		close(release)
		require.NoError(t, h.Shutdown(t.Context()))
		require.EqualValues(t, 1, h.Stats().Delivered)
	})
}

// A callback that ends its goroutine, as t.FailNow does, has failed.
func TestCallbackEndsItsGoroutine(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]webhook.Option{
		"awaited": nil,
		"async":   {webhook.WithAsync(1, 10)},
	} {
		synctest.Test(t, func(t *testing.T) {
			var mu sync.Mutex
			calls := map[string]int{}
			h, err := webhook.NewHandler(append(opts, webhook.WithSecrets(secret),
				webhook.OnEvent(func(_ context.Context, e webhook.Event) error {
					mu.Lock()
					defer mu.Unlock()
					if calls[e.TrackID()]++; e.TrackID() == "job0" && calls["job0"] == 1 {
						runtime.Goexit()
					}
					return nil
				}))...)
			require.NoError(t, err)
			start := time.Now()
			want := 500
			if name == "async" {
				want = 200
			}
			require.Equal(t, want, serve(h, post(failure(0))).Code, name)
			require.Equal(t, 200, serve(h, post(failure(1))).Code, name)
			require.Equal(t, start, time.Now(), name)
			sleepFor(time.Minute)
			require.NoError(t, h.Shutdown(t.Context()))
			mu.Lock()
			defer mu.Unlock()
			require.Equal(t, map[string]int{"job0": 2, "job1": 1}, calls, name)
			require.EqualValues(t, 1, h.Stats().Failed, name)
			require.EqualValues(t, 2, h.Stats().Delivered, name)
		})
	}
}

// What has waited longer for a worker than WithTimeout allows an answer to wait
// is recorded all the same, in a store that takes contexts seriously.
func TestAsyncOutlivesTheTimeout(t *testing.T) {
	t.Parallel()
	c := &crew{took: time.Minute}
	store := &strictStore{MemoryStore: webhook.NewMemoryStore()}
	inBubble(t, func(t *testing.T, s *service) {
		for i := range 15 { // the last ones wait longer than their claims stand
			require.Equal(t, 200, serve(s.handler, post(failure(i))).Code)
		}
		sleepFor(time.Hour)
		require.EqualValues(t, 15, c.all.Load())
		require.EqualValues(t, 15, s.handler.Stats().Delivered)
		require.Zero(t, s.handler.Stats().Open)
	}, webhook.WithStore(store), webhook.WithAsync(1, 100), webhook.OnEvent(c.work))
}

// strictStore is shared by its type, and does nothing for who does not wait any more.
type strictStore struct{ *webhook.MemoryStore }

func (s *strictStore) Claim(ctx context.Context, names []string, event string, lease time.Duration) (webhook.State, error) {
	if ctx.Err() != nil {
		return 0, ctx.Err()
	}
	return s.MemoryStore.Claim(ctx, names, event, lease)
}

func (s *strictStore) Commit(ctx context.Context, names []string, event string) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return s.MemoryStore.Commit(ctx, names, event)
}

// A commit that hangs is timed with the callbacks, and tried again.
func TestCommitThatHangs(t *testing.T) {
	t.Parallel()
	store := &hangingStore{strictStore: strictStore{webhook.NewMemoryStore()}}
	inBubble(t, func(t *testing.T, s *service) {
		start := time.Now()
		require.Equal(t, 503, serve(s.handler, post(failure(1))).Code)
		require.Equal(t, 25*time.Second, time.Since(start))
		sleepFor(time.Minute)
		require.Equal(t, 200, serve(s.handler, post(failure(1))).Code)
		require.Len(t, s.seen.all(), 1)
		require.Zero(t, s.handler.Stats().Open)
	}, webhook.WithStore(store))
}

type hangingStore struct {
	strictStore

	commits int
}

func (s *hangingStore) Commit(ctx context.Context, names []string, event string) error {
	if s.commits++; s.commits == 1 {
		<-ctx.Done()
	}
	return s.strictStore.Commit(ctx, names, event)
}
