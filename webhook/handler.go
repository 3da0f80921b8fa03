package webhook

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/modelslab-go/modelslab"
)

const defaultTimeout = 25 * time.Second

// Handler receives deliveries. It is safe for concurrent use. It starts nothing
// before it is used, save what [WithBus] and [WithWatch] say; [Handler.Shutdown]
// ends what it then started.
//
// It has four parts: the verifier takes a request to a delivery, the ledger
// claims its event, the runner runs the callbacks, and the watcher polls what
// was not delivered.
type Handler struct {
	verifier *Verifier
	ledger   ledger
	runner   runner
	watcher  watcher

	client        submitter
	bus           *busLink // nil without one
	confirmPolicy ConfirmPolicy
	store         Store // of WithStore
	onEvent       []func(context.Context, Event) error
	report        reporter
}

// NewHandler returns a handler. It needs [WithSecrets] or the environment
// variable MODELSLAB_WEBHOOK_SECRET, or [WithInsecureNoAuth] in their place;
// everything else has a default. Without callbacks it still wakes client.Wait.
//
// It returns an error, and never panics, for an option that cannot be: a short
// secret, no authentication, both kinds of it, a policy that needs a client,
// or a client that has a handler.
func NewHandler(opts ...Option) (*Handler, error) {
	h := &Handler{verifier: newVerifier()}
	h.runner.timeout = defaultTimeout
	h.report.log = slog.New(slog.DiscardHandler)
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
	switch {
	case h.bus != nil && len(h.verifier.keys) == 0:
		return nil, errors.New("webhook: WithBus: the messages are signed: give WithSecrets the secrets of modelslab.WithWebhook")
	case h.client.Client == nil && h.watcher.within > 0:
		return nil, errors.New("webhook: WithWatch: a poll needs WithClient")
	case h.client.Client == nil && h.confirmPolicy > Never:
		return nil, errors.New("webhook: WithConfirm: a fetch needs WithClient")
	case h.client.Client == nil:
		h.confirmPolicy = Never
	case h.confirmPolicy == 0:
		h.confirmPolicy = OnAnomaly
	}
	h.ledger = newLedger(h.store, h.runner.timeout)
	h.runner.callbacks = append(h.runner.callbacks, h.onEvent...)
	h.runner.init(h)
	h.watcher.init(h)
	var submitted func(*modelslab.Job)
	if h.watcher.within > 0 {
		submitted = h.submitted
	}
	if err := h.client.attach(h.deliver, submitted); err != nil {
		return nil, err
	}
	h.watcher.start()
	if h.bus != nil {
		h.bus.start(h)
	}
	return h, nil
}

// ServeHTTP receives one delivery. Refusals are JSON errors, in this order: 405
// for the method, 401 for the token before the body is read, 415 for an encoded
// body or, without authentication, a content type that is not JSON's, 413 for
// the size, 400 for the JSON, and the same 401 for a body about another job than
// the token's. 200 means that the callbacks have returned nil, or that they had
// before; 500 that one of them failed; 503, with Retry-After, that the delivery
// was not handled in time.
//
// ModelsLab repeats the delivery of a workflow run that is not answered 2xx,
// and no other: those the handler retries by itself.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.receive(w, r).write(w) }

func (h *Handler) receive(w http.ResponseWriter, r *http.Request) *httpAnswer {
	h.report.received()
	ctx := r.Context()
	d, why, err := h.verifier.verify(w, r, time.Now())
	if why != accepted {
		return h.report.refused(ctx, why, d, err)
	}
	h.client.recall(d)
	h.verifier.classify(d)
	h.report.decided(ctx, OutcomeVerified, d, 0, nil)
	h.client.arrived(d)
	if !h.runner.enter(d) {
		return h.report.refused(ctx, shuttingDown, d, nil)
	}
	d.ctx, d.deadline = context.WithoutCancel(ctx), d.at.Add(h.runner.timeout)
	return h.handle(ctx, d)
}

// deliver takes a job that the client delivers: of a submit's answer, a poll or
// a watch. A claim that is busy is in good hands, so it is not waited for: a
// callback may well be calling Wait for its own job.
func (h *Handler) deliver(ctx context.Context, job *modelslab.Job) (accepted bool, err error) {
	d := h.fromClient(job)
	if d.job.Ref.ID == "" && d.track == (TrackKey{}) {
		return false, errors.New("webhook: the job has neither a Ref nor a track id to identify it by")
	}
	if !h.runner.enter(d) {
		return true, nil
	}
	d.ctx = context.WithoutCancel(ctx)
	switch state, _, err := h.admit(ctx, d); {
	case err != nil:
		h.failed(d, err)
		return true, err
	case state == Claimed:
		d.deadline = time.Now().Add(h.runner.timeout)
		err := h.runner.run(ctx, d)
		if errors.Is(err, errCallbackSlow) {
			err = nil // they go on
		}
		return true, err
	case state == Busy:
		h.runner.leave(d)
		return true, nil
	default:
		h.handledBefore(ctx, d, state)
		return state == Done, nil
	}
}
