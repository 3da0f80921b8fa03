package webhook_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/modelslabtest"
	"github.com/modelslab-go/modelslab/webhook"
	"github.com/modelslab-go/modelslab/webhook/storetest"
)

// localBus is a Bus within a process, which can be lost.
type localBus struct {
	mu          sync.Mutex
	subscribers []*localSubscriber
	log         [][]byte
	down        error
	stuck       bool // Publish does not return before its context ends
	subscribed  []time.Time
}

type localSubscriber struct {
	receive func([]byte)
	lost    chan error
}

func (b *localBus) Publish(ctx context.Context, message []byte) error {
	b.mu.Lock()
	down, stuck, subscribers := b.down, b.stuck, slices.Clone(b.subscribers)
	b.log = append(b.log, bytes.Clone(message))
	b.mu.Unlock()
	if stuck {
		<-ctx.Done()
		return ctx.Err()
	}
	if down != nil {
		return down
	}
	for _, s := range subscribers {
		s.receive(bytes.Clone(message))
	}
	return nil
}

func (b *localBus) Subscribe(ctx context.Context, f func([]byte)) error {
	s := &localSubscriber{f, make(chan error, 1)}
	b.mu.Lock()
	b.subscribed = append(b.subscribed, time.Now())
	down := b.down
	if down == nil {
		b.subscribers = append(b.subscribers, s)
	}
	b.mu.Unlock()
	if down != nil {
		return down
	}
	defer func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.subscribers = slices.DeleteFunc(b.subscribers, func(x *localSubscriber) bool { return x == s })
	}()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case err := <-s.lost:
		return err
	}
}

// lose ends all subscriptions, and refuses new ones until restore.
func (b *localBus) lose() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.down = errors.New("connection refused")
	for _, s := range b.subscribers {
		s.lost <- b.down
	}
}

func (b *localBus) set(f func(b *localBus)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f(b)
}

func TestLocalBus(t *testing.T) {
	t.Parallel()
	bus := &localBus{}
	storetest.RunBus(t, func(testing.TB) webhook.Bus { return bus })
}

// twoReplicas are a service whose webhooks all reach the second replica, while
// the first submits and waits.
func twoReplicas(t *testing.T, bus *localBus, f func(t *testing.T, first, second *service), opts ...modelslab.Option) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		srv := modelslabtest.NewServer(modelslabtest.WithStrict(), modelslabtest.WithQueueLimit(0), modelslabtest.WithLatency(40*time.Second))
		defer srv.Close()
		store := &brokenStore{MemoryStore: webhook.NewMemoryStore()}
		seen := &events{}
		replica := func() *service {
			s := &service{Server: srv, client: srv.Client(append(opts, modelslab.WithWebhook("https://your-server.com"+path, secret))...), seen: seen}
			h, err := webhook.NewHandler(webhook.WithSecrets(secret), webhook.WithClient(s.client), webhook.WithStore(store),
				webhook.WithBus(bus), webhook.OnEvent(seen.add))
			require.NoError(t, err)
			s.handler = h
			return s
		}
		first, second := replica(), replica()
		srv.DeliverTo(second.handler)
		synctest.Wait()
		f(t, first, second)
		synctest.Wait()
		require.NoError(t, first.shutdown(time.Minute))
		require.NoError(t, second.shutdown(time.Minute))
	})
}

func TestBusWakesTheWaitsOfOtherReplicas(t *testing.T) {
	t.Parallel()
	bus := &localBus{}
	twoReplicas(t, bus, func(t *testing.T, first, second *service) {
		start := time.Now()
		job := first.submit(t, "video_001")
		done, err := first.client.Wait(t.Context(), job, modelslab.PollEvery(time.Hour, time.Hour))
		require.NoError(t, err)
		require.Equal(t, 40*time.Second, time.Since(start))
		require.NotEmpty(t, done.Output)
		require.Equal(t, "video_001", done.TrackID)
		synctest.Wait()
		confirmed := second.handler.Stats().Confirmed // a host of results that is new there
		require.EqualValues(t, 1+confirmed, first.Stats().Fetches)
		require.Len(t, first.seen.all(), 1, "the two share a store")
		require.Equal(t, webhook.BusStats{Received: 1}, first.handler.Stats().Bus)
		require.Equal(t, webhook.BusStats{Published: 1, Own: 1}, second.handler.Stats().Bus)
	})
	require.Len(t, bus.log, 1)
	require.LessOrEqual(t, len(bus.log[0]), webhook.MaxBusMessage)
	require.NotContains(t, string(bus.log[0]), "output")
}

func TestBusFreesTheSlotsOfOtherReplicas(t *testing.T) {
	t.Parallel()
	twoReplicas(t, &localBus{}, func(t *testing.T, first, _ *service) {
		first.submit(t, "a")
		start := time.Now()
		first.submit(t, "b")
		require.Equal(t, 40*time.Second, time.Since(start))
	}, modelslab.WithQueueLimit(1))
}

func TestBusReportsTheStagesOfATraining(t *testing.T) {
	t.Parallel()
	bus := &localBus{}
	inBubble(t, func(t *testing.T, s *service) {
		synctest.Wait() // it listens
		for _, body := range []string{
			`{"status":"success","training_status":"training_started","logs":"x","id":"1"}`,
			`{"status":"success","training_status":"model_ready","logs":"x","id":"1"}`,
		} {
			require.Equal(t, 200, serve(s.handler, post(sign("training", "a"), body)).Code)
			require.Equal(t, 200, serve(s.handler, post(sign("training", "a"), body)).Code)
		}
		require.Equal(t, 200, serve(s.handler, post(sign("video", "b"), `{"status":"processing","id":2}`)).Code)
		synctest.Wait()
		require.Equal(t, webhook.BusStats{Published: 2, Own: 2}, s.handler.Stats().Bus, "once each, and no progress")
	}, webhook.WithBus(bus))
}

func TestBusIsLostAndReturns(t *testing.T) {
	t.Parallel()
	bus := &localBus{}
	twoReplicas(t, bus, func(t *testing.T, first, second *service) {
		bus.lose()
		start := time.Now()
		job := first.submit(t, "a")
		_, err := first.client.Wait(t.Context(), job)
		require.NoError(t, err)
		require.Less(t, time.Since(start), 3*job.ETA, "polls find it")
		synctest.Wait()
		require.Zero(t, first.handler.Stats().Bus.Received)
		require.EqualValues(t, 1, second.handler.Stats().Bus.Dropped)

		bus.set(func(b *localBus) { b.down, b.subscribed = nil, nil })
		sleepFor(time.Minute)
		bus.set(func(b *localBus) { require.Len(t, b.subscribed, 2, "at most half a minute after it is there again") })
		_, err = first.client.Wait(t.Context(), first.submit(t, "b"), modelslab.PollEvery(time.Hour, time.Hour))
		require.NoError(t, err)
		require.EqualValues(t, 1, first.handler.Stats().Bus.Received)
	})
}

// A subscription that fails is renewed soon, then less and less often.
func TestBusBacksOff(t *testing.T) {
	t.Parallel()
	bus := &localBus{down: errors.New("connection refused")}
	inBubble(t, func(t *testing.T, _ *service) {
		sleepFor(10 * time.Minute)
		bus.set(func(b *localBus) {
			require.Less(t, b.subscribed[1].Sub(b.subscribed[0]), 2*time.Second)
			require.Greater(t, len(b.subscribed), 18)
			require.Less(t, len(b.subscribed), 50)
		})
	}, webhook.WithBus(bus))
}

func TestStuckBusDelaysNoDelivery(t *testing.T) {
	t.Parallel()
	bus := &localBus{stuck: true}
	inBubble(t, func(t *testing.T, s *service) {
		start := time.Now()
		for i := range 1100 {
			require.Equal(t, 200, serve(s.handler, post(failure(i))).Code)
		}
		require.Equal(t, start, time.Now())
		synctest.Wait()
		require.InDelta(t, 76, s.handler.Stats().Bus.Dropped, 2, "1024 wait")
		require.NoError(t, s.shutdown(time.Second))
		require.Equal(t, time.Second, time.Since(start), "as long as it may take")
		require.EqualValues(t, 1100, s.handler.Stats().Bus.Dropped)
	}, webhook.WithBus(bus))
}

// What is on the bus is believed from nobody else, and only as to when to poll.
func TestBusRefusesForgeries(t *testing.T) {
	t.Parallel()
	bus := &localBus{}
	twoReplicas(t, bus, func(t *testing.T, first, _ *service) {
		first.submit(t, "a")
		sleepFor(time.Minute)
		bus.set(func(b *localBus) { require.Len(t, b.log, 1) })
		good := bus.log[0]
		job := first.submit(t, "b")
		waited := make(chan error, 1)
		go func() {
			_, err := first.client.Wait(t.Context(), job, modelslab.PollEvery(time.Hour, time.Hour))
			waited <- err
		}()
		synctest.Wait()
		fetches := first.Stats().Fetches
		send := func(message []byte) {
			require.NoError(t, bus.Publish(t.Context(), message))
			synctest.Wait()
		}
		refused := first.handler.Stats().Bus.Refused
		for i := range good {
			forged := bytes.Clone(good)
			forged[i] ^= 1
			send(forged)
		}
		send(nil)
		send(make([]byte, webhook.MaxBusMessage+1))
		require.EqualValues(t, len(good)+2, first.handler.Stats().Bus.Refused-refused)
		for range 100 {
			send(good)
		}
		require.Equal(t, fetches, first.Stats().Fetches, "nobody waits for that job")
		require.EqualValues(t, 101, first.handler.Stats().Bus.Received)
		require.NoError(t, <-waited)
		synctest.Wait()
		require.Len(t, first.seen.all(), 2)
	})
}

func TestBusNeedsSecrets(t *testing.T) {
	t.Parallel()
	_, err := webhook.NewHandler(webhook.WithInsecureNoAuth(), webhook.WithBus(&localBus{}))
	require.ErrorContains(t, err, "WithSecrets")
	_, err = webhook.NewHandler(webhook.WithSecrets(secret), webhook.WithBus(nil))
	require.ErrorContains(t, err, "nil")
}

// A handler without a client publishes, and has nobody to wake.
func TestBusWithoutAClient(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		bus := &localBus{}
		h := newHandler(t, webhook.WithBus(bus))
		require.Equal(t, 200, serve(h, post(failure(1))).Code)
		synctest.Wait()
		require.Equal(t, webhook.BusStats{Published: 1}, h.Stats().Bus)
		require.NoError(t, h.Shutdown(t.Context()))
		require.Empty(t, bus.subscribed)
	})
}

// Replicas that have the new secret first, and those that have it second,
// understand each other.
func TestBusWhileSecretsChange(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		bus := &localBus{}
		newer := bytes.Repeat([]byte("n"), 32)
		var handlers []*webhook.Handler
		for _, secrets := range [][][]byte{{secret, newer}, {newer, secret}} {
			client, err := modelslab.New("k")
			require.NoError(t, err)
			h, err := webhook.NewHandler(webhook.WithSecrets(secrets...), webhook.WithClient(client), webhook.WithBus(bus))
			require.NoError(t, err)
			handlers = append(handlers, h)
		}
		synctest.Wait()
		for i, h := range handlers {
			require.Equal(t, 200, serve(h, post(failure(i))).Code)
		}
		synctest.Wait()
		for _, h := range handlers {
			require.Equal(t, webhook.BusStats{Published: 1, Received: 1, Own: 1}, h.Stats().Bus)
			require.NoError(t, h.Shutdown(t.Context()))
		}
	})
}
