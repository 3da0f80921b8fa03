package storetest

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/modelslab-go/modelslab/webhook"
)

// RunBus tests that a bus keeps what [webhook.Bus] promises. Every call of open
// returns an end of one bus, as another replica has it; it may be the same value
// each time. Tests run in parallel and tell their messages apart.
func RunBus(t *testing.T, open func(t testing.TB) webhook.Bus) {
	t.Helper()
	for _, test := range []struct {
		name string
		run  func(*busKit)
	}{
		{"EverySubscriberReceives", (*busKit).everySubscriber},
		{"AnyBytesUpToTheSizeAreCarried", (*busKit).anyBytes},
		{"ManyPublishAtATime", (*busKit).concurrent},
		{"NobodyNeedListen", (*busKit).nobody},
		{"TheContextEndsASubscription", (*busKit).ends},
		{"TheContextEndsAPublish", (*busKit).endsPublish},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.run(&busKit{TB: t, open: func() webhook.Bus { return open(t) }, prefix: rand.Text()})
		})
	}
}

// busKit is one test with a bus.
type busKit struct {
	testing.TB

	open   func() webhook.Bus
	prefix string // of every message
}

// subscription collects the messages of one test.
type subscription struct {
	prefix []byte
	cancel context.CancelFunc
	ended  chan error

	mu       sync.Mutex
	messages map[string]int
	changed  chan struct{}
}

func (s *subscription) receive(message []byte) {
	if !bytes.HasPrefix(message, s.prefix) {
		return
	}
	s.mu.Lock()
	s.messages[string(message)]++
	s.mu.Unlock()
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

func (s *subscription) has(message []byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.messages[string(message)] > 0
}

// subscribe returns a subscription that receives.
func (k *busKit) subscribe(bus webhook.Bus) *subscription {
	k.Helper()
	ctx, cancel := context.WithCancel(k.Context())
	s := &subscription{
		prefix: []byte(k.prefix), cancel: cancel, ended: make(chan error, 1),
		messages: map[string]int{}, changed: make(chan struct{}, 1),
	}
	go func() { s.ended <- bus.Subscribe(ctx, s.receive) }()
	k.Cleanup(cancel)
	hello := k.message(rand.Text())
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	deadline := time.NewTimer(time.Minute)
	defer deadline.Stop()
	for !s.has(hello) { // there is no other sign that a subscription has begun
		k.publish(bus, hello)
		select {
		case <-s.changed:
		case <-ticker.C:
		case err := <-s.ended:
			k.Fatalf("Subscribe returned: %v", err)
		case <-deadline.C:
			k.Fatalf("nothing is received within a minute")
		}
	}
	return s
}

func (k *busKit) message(text string) []byte { return append([]byte(k.prefix), text...) }

func (k *busKit) publish(bus webhook.Bus, message []byte) {
	k.Helper()
	ctx, cancel := context.WithTimeout(k.Context(), time.Minute)
	defer cancel()
	if err := bus.Publish(ctx, message); err != nil {
		k.Fatalf("Publish: %v", err)
	}
}

// await waits until all the messages have been received.
func (k *busKit) await(s *subscription, messages ...[]byte) {
	k.Helper()
	deadline := time.NewTimer(time.Minute)
	defer deadline.Stop()
	for _, message := range messages {
		for !s.has(message) {
			select {
			case <-s.changed:
			case err := <-s.ended:
				k.Fatalf("Subscribe returned: %v", err)
			case <-deadline.C:
				k.Fatalf("a message of %d bytes is not received within a minute", len(message))
			}
		}
	}
}

func (k *busKit) everySubscriber() {
	first, second := k.open(), k.open()
	a, b := k.subscribe(first), k.subscribe(second)
	fromFirst, fromSecond := k.message("first"), k.message("second")
	k.publish(first, fromFirst)
	k.publish(second, fromSecond)
	k.await(a, fromFirst, fromSecond)
	k.await(b, fromFirst, fromSecond)
}

func (k *busKit) anyBytes() {
	bus := k.open()
	s := k.subscribe(bus)
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	large := k.message(string(bytes.Repeat(all, webhook.MaxBusMessage/len(all))))[:webhook.MaxBusMessage]
	messages := [][]byte{k.message(""), k.message(string(all)), k.message("it's \"quoted\"\\ $1 %s"), k.message("\xff\xfe\x00"), large}
	for _, message := range messages {
		k.publish(bus, message)
	}
	k.await(s, messages...)
}

func (k *busKit) concurrent() {
	bus := k.open()
	s := k.subscribe(bus)
	var publishers sync.WaitGroup
	messages := make([][]byte, 64)
	for i := range messages {
		messages[i] = k.message(rand.Text())
		publishers.Go(func() {
			if err := bus.Publish(k.Context(), messages[i]); err != nil {
				k.Errorf("Publish: %v", err)
			}
		})
	}
	publishers.Wait()
	k.await(s, messages...)
}

func (k *busKit) nobody() { k.publish(k.open(), k.message("x")) }

func (k *busKit) ends() {
	bus := k.open()
	s, other := k.subscribe(bus), k.subscribe(bus)
	s.cancel()
	timer := time.NewTimer(time.Minute)
	defer timer.Stop()
	select {
	case err := <-s.ended:
		if !errors.Is(err, context.Canceled) {
			k.Fatalf("Subscribe returned %v, want that of the context", err)
		}
	case <-timer.C:
		k.Fatal("Subscribe has not returned a minute after its context ended")
	}
	message := k.message("afterwards")
	k.publish(bus, message)
	k.await(other, message)
}

func (k *busKit) endsPublish() {
	bus := k.open()
	ctx, cancel := context.WithCancel(k.Context())
	cancel()
	returned := make(chan struct{})
	go func() {
		_ = bus.Publish(ctx, k.message("x")) // with or without an error
		close(returned)
	}()
	timer := time.NewTimer(time.Minute)
	defer timer.Stop()
	select {
	case <-returned:
	case <-timer.C:
		k.Fatal("Publish has not returned a minute after its context ended")
	}
}
