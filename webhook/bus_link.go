package webhook

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/modelslab-go/modelslab/internal/retry"
	"github.com/modelslab-go/modelslab/internal/token"
)

const (
	maxPublishing  = 1024 // messages that wait to be published
	publishTimeout = 5 * time.Second
	// busSettled is how long a subscription has stood that did not fail at once.
	busSettled = time.Minute
)

var errBusFull = errors.New("webhook: too many messages wait for the bus")

// BusStats are the messages between replicas, counted since the handler was
// made. A message is published, or dropped; it is received, or one's own, or
// refused.
type BusStats struct {
	Published uint64 `json:"published"`
	Dropped   uint64 `json:"dropped"`  // not published: the bus failed, or too many waited
	Received  uint64 `json:"received"` // of other replicas
	Own       uint64 `json:"own"`
	Refused   uint64 `json:"refused"` // not verified by any of the secrets, or not readable
}

// busLink is a handler's end of the bus.
type busLink struct {
	bus     Bus
	origin  string
	keys    []*token.Key
	pollNow func(m *busMessage) // nil without a client
	log     *slog.Logger

	published, dropped, received, own, refused atomic.Uint64

	mu      sync.Mutex
	queue   []busMessage // to be published
	sending bool         // publish runs
	closed  bool

	ctx        context.Context //nolint:containedctx // that of all calls of the bus, ended by stop
	cancel     context.CancelFunc
	sent       sync.WaitGroup // by publish
	subscribed sync.WaitGroup // by subscribe
}

func newBusLink(bus Bus) *busLink {
	b := &busLink{bus: bus, origin: rand.Text()}
	b.ctx, b.cancel = context.WithCancel(context.Background())
	return b
}

// start begins to listen, where there is a client to poll with.
func (b *busLink) start(h *Handler) {
	b.keys, b.log = h.verifier.keys, h.report.log
	if h.client.Client == nil {
		return
	}
	b.pollNow = h.client.pollNow
	b.subscribed.Go(b.subscribe)
}

// publish says to the other replicas what has been delivered here. It takes no
// time and does not fail.
func (b *busLink) publish(d *delivery) {
	job := d.event.Job()
	m := busMessage{
		Version: busVersion, Origin: b.origin, Kind: string(d.kind), ID: job.Ref.ID, Status: string(job.Status),
	}
	if job.ID != job.Ref.ID {
		m.OtherID = job.ID
	}
	if d.track != (TrackKey{}) {
		m.Track = d.track[:]
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed || len(b.queue) == maxPublishing {
		b.drop(errBusFull)
		return
	}
	b.queue = append(b.queue, m)
	if !b.sending {
		b.sending = true
		b.sent.Go(b.send)
	}
}

// send publishes until nothing waits any more.
func (b *busLink) send() {
	for m, ok := b.next(); ok; m, ok = b.next() {
		text, err := m.seal(b.keys[0])
		if err == nil {
			ctx, cancel := context.WithTimeout(b.ctx, publishTimeout)
			err = b.bus.Publish(ctx, text)
			cancel()
		}
		if err != nil {
			b.drop(err)
		} else {
			b.published.Add(1)
		}
	}
}

func (b *busLink) next() (m busMessage, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.queue) == 0 {
		b.queue, b.sending = nil, false
		return m, false
	}
	m, b.queue = b.queue[0], b.queue[1:]
	return m, true
}

// drop counts a message that is not published. The first of each thousand is
// logged.
func (b *busLink) drop(err error) {
	if n := b.dropped.Add(1); n%1000 == 1 {
		b.log.Warn("modelslab bus: a message was not published, so other replicas poll for its job", "dropped", n, "error", err)
	}
}

// subscribe listens until stop, again and again.
func (b *busLink) subscribe() {
	pauses := retry.Backoff()
	for {
		start := time.Now()
		err := b.bus.Subscribe(b.ctx, b.receive)
		if b.ctx.Err() != nil {
			return
		}
		if time.Since(start) >= busSettled {
			pauses.Reset()
		}
		pause := pauses.NextBackOff()
		b.log.Warn("modelslab bus: the subscription ended", "again_in", pause, "error", err)
		if retry.Sleep(b.ctx, pause) != nil {
			return
		}
	}
}

// receive takes a message of the bus, whoever wrote it.
func (b *busLink) receive(text []byte) {
	m, err := openBusMessage(b.keys, text)
	switch {
	case err != nil:
		if n := b.refused.Add(1); n%1000 == 1 {
			b.log.Warn("modelslab bus: a message was refused", "refused", n, "error", err)
		}
	case m.Origin == b.origin:
		b.own.Add(1)
	default:
		b.received.Add(1)
		b.pollNow(&m)
	}
}

// stop publishes what waits, as far as ctx allows, and ends the subscription.
func (b *busLink) stop(ctx context.Context) {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	defer context.AfterFunc(ctx, b.cancel)()
	b.sent.Wait()
	b.cancel()
	b.subscribed.Wait()
}

func (b *busLink) stats() BusStats {
	return BusStats{
		Published: b.published.Load(), Dropped: b.dropped.Load(),
		Received: b.received.Load(), Own: b.own.Load(), Refused: b.refused.Load(),
	}
}
