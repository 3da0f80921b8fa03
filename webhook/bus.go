package webhook

import (
	"context"
	"errors"
)

// MaxBusMessage is the size of the largest message that a [Bus] carries, in
// bytes.
const MaxBusMessage = 4096

// Bus carries messages between the replicas of a service, such as PostgreSQL's
// NOTIFY or the channels of Redis. It may lose, repeat and reorder them, and
// need not keep any: what a message says is looked up at the API, and what is
// lost is polled for as without a bus.
//
// Its methods are called concurrently. Package webhook/storetest tests a bus.
type Bus interface {
	// Publish sends a message of up to MaxBusMessage bytes, of any value, to
	// every subscriber, those of this process included. It does not keep the
	// message's bytes. It returns when the message is on its way, and at the
	// latest when ctx ends.
	Publish(ctx context.Context, message []byte) error

	// Subscribe calls f with every message that is published from now on, one
	// at a time, until ctx ends, whose error it then returns, or until the bus
	// fails. f returns at once and does not keep the message's bytes. After an
	// error the handler subscribes again, with pauses of one second up to 30;
	// a library that connects again by itself may do so within one call.
	Subscribe(ctx context.Context, f func(message []byte)) error
}

// WithBus has the handler tell those of other replicas of every event that ends
// a job, or is a stage of a training, as soon as it is verified and claimed, and
// listen to theirs. Such a message makes the other client's Waits for that job,
// and its queue limit where the job holds a slot, poll once, at once; what the
// poll brings then runs no callback twice when the replicas share a [Store].
//
// A message holds the job's kind, ids and track key and the event's status, and
// is authenticated by the first secret of [WithSecrets]; every secret verifies.
// Nothing else in it is believed: who writes on the bus can cause polls, a few
// per job, and no more. A slow bus delays no delivery: up to 1024 messages wait,
// and what is beyond that is dropped. See [Stats]. While the bus is lost, Waits
// poll as they would without it. [Handler.Shutdown] publishes what waits and
// ends the subscription, which begins in [NewHandler].
//
// It is an error without secrets. Without [WithClient] the handler only
// publishes. Defaults to none.
func WithBus(bus Bus) Option {
	return handlerOption(func(h *Handler) error {
		if bus == nil {
			return errors.New("WithBus: the bus is nil")
		}
		h.bus = newBusLink(bus)
		return nil
	})
}
