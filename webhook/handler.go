package webhook

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/internal/link"
)

const (
	defaultMaxBody = 1 << 20
	defaultTimeout = 25 * time.Second
	// readTimeout is how long a sender may take over its body.
	readTimeout = 10 * time.Second
	// claimLease is how long a claim stands in a store that other processes
	// share, should this one die. The callbacks' context ends with it.
	claimLease = 10 * time.Minute
	// memoryLease is that of a store that dies with this process.
	memoryLease = 24 * time.Hour
)

// Handler receives deliveries. It is safe for concurrent use. It starts nothing
// before it is used; [Handler.Shutdown] ends what it then started.
type Handler struct {
	verifier      *Verifier
	client        *modelslab.Client
	door          link.Client // of client; nil without one
	detach        func()
	confirmPolicy ConfirmPolicy
	store         Store
	memory        *MemoryStore // store, when it is one
	lease         time.Duration
	timeout       time.Duration
	callbacks     []func(context.Context, Event) error
	onEvent       []func(context.Context, Event) error

	log        *slog.Logger
	loggedBody int
	observer   Observer
	counters   counters

	lastRefusal   atomic.Int64
	quietRefusals atomic.Int64

	quick   atomic.Int64 // callbacks in a row that were
	calling atomic.Int64 // since when one of them runs, in Unix nanoseconds; 0 for none
	open    openDeliveries
	queue   *queue // nil without WithAsync
	retries retries
	watched watcher
}

// NewHandler returns a handler. It needs [WithSecrets], or [WithInsecureNoAuth]
// in their place; everything else has a default. Without callbacks it still
// wakes client.Wait.
//
// It returns an error, and never panics, for an option that cannot be: a short
// secret, no authentication, both kinds of it, a policy that needs a client,
// or a client that has a handler.
func NewHandler(opts ...Option) (*Handler, error) {
	h := &Handler{
		verifier: newVerifier(),
		log:      slog.New(slog.DiscardHandler),
		timeout:  defaultTimeout,
		lease:    claimLease,
	}
	for _, opt := range opts {
		if opt == nil {
			continue
		}
		if err := opt.apply(h); err != nil {
			return nil, fmt.Errorf("webhook: %w", err)
		}
	}
	if err := h.verifier.check(); err != nil {
		return nil, err
	}
	if h.confirmPolicy > Never && h.client == nil {
		return nil, errors.New("webhook: WithConfirm: a fetch needs WithClient")
	}
	if h.store == nil {
		h.store = NewMemoryStore()
	}
	if memory, ok := h.store.(*MemoryStore); ok {
		h.memory, h.lease = memory, memoryLease
	}
	h.callbacks = append(h.callbacks, h.onEvent...)
	h.open.init()
	h.retries.init()
	h.watched.init(h)
	if h.client == nil {
		h.confirmPolicy = Never
		return h, nil
	}
	if h.confirmPolicy == 0 {
		h.confirmPolicy = OnAnomaly
	}
	h.door = h.client.Link()
	var ok bool
	if h.detach, ok = h.door.Attach(h.found); !ok {
		return nil, errors.New("webhook: the client has a handler already: mount that one at several paths, or shut it down first")
	}
	return h, nil
}

// ServeHTTP receives one delivery. Refusals are JSON errors, in this order: 405
// for the method, 401 for the token before the body is read, 415 for the
// content type or encoding, 413 for the size, 400 for the JSON, and the same
// 401 for a body about another job than the token's. 200 means that the
// callbacks have returned nil, or that they had before; 500 that one of them
// failed; 503, with Retry-After, that the delivery was not handled in time.
//
// ModelsLab repeats the delivery of a workflow run that is not answered 2xx,
// and no other: those the handler retries by itself.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a := h.serve(w, r)
	a.write(w)
}

func (h *Handler) serve(w http.ResponseWriter, r *http.Request) *answer {
	ctx := r.Context()
	h.count(OutcomeReceived)
	if h.observer != nil {
		h.observer(Observation{Outcome: OutcomeReceived, Webhook: true})
	}
	d, why, err := h.verifier.verify(w, r, time.Now())
	if why != accepted {
		return h.refuse(ctx, why, d, err)
	}
	h.recall(d)
	h.verifier.classify(d)
	h.decided(ctx, OutcomeVerified, d, 0, nil)
	return h.handle(ctx, d)
}
