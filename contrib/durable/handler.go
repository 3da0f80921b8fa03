package durable

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"net/http"
	"reflect"
	"time"

	"github.com/modelslab-go/modelslab/webhook"
)

// answerWithin is how long a delivery waits for its commit. ModelsLab gives up
// after 30 seconds.
const answerWithin = 25 * time.Second

// newHandler makes the handler that verifies deliveries and answers them once
// the inbox has committed them.
func (e *Engine[TTx]) newHandler() (http.Handler, error) {
	if len(e.cfg.Secrets) == 0 {
		return http.HandlerFunc(e.noSecrets), nil
	}
	verifier, err := webhook.NewVerifier(webhook.WithSecrets(e.cfg.Secrets...))
	if err != nil {
		return nil, err
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if refused := e.handle(verifier, w, r); refused != nil {
			e.counters.refused.Add(1)
			e.cfg.Logger.WarnContext(r.Context(), "modelslab delivery refused", "reason", refused.Reason, "status", refused.Status)
			refused.Write(w)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"received":true}`)
	}), nil
}

func (e *Engine[TTx]) noSecrets(w http.ResponseWriter, r *http.Request) {
	e.counters.refused.Add(1)
	e.cfg.Logger.ErrorContext(r.Context(), "modelslab delivery refused: Config.Secrets is empty, nothing can be verified")
	(&webhook.Refusal{Status: http.StatusUnauthorized, Reason: "token"}).Write(w)
}

func (e *Engine[TTx]) handle(verifier *webhook.Verifier, w http.ResponseWriter, r *http.Request) *webhook.Refusal {
	ev, err := verifier.Verify(w, r)
	if refused, ok := errors.AsType[*webhook.Refusal](err); ok {
		return refused
	}
	ctx, cancel := context.WithTimeout(r.Context(), answerWithin)
	defer cancel()
	switch err := e.receive(ctx, ev); {
	case errors.Is(err, ErrClosed):
		return &webhook.Refusal{Status: http.StatusServiceUnavailable, Reason: "shutdown"}
	case err != nil:
		return &webhook.Refusal{Status: http.StatusServiceUnavailable, Reason: "store"}
	}
	return nil
}

// receive returns when the delivery is in the inbox. Trainings and workflow
// runs are reported without a track id: the key of the callback URL names the
// job.
func (e *Engine[TTx]) receive(ctx context.Context, ev webhook.Event) error {
	if e.closed.Load() {
		return ErrClosed
	}
	job := *ev.Job() // it is shared
	if job.Ref.Kind == "" {
		job.Ref.Kind = ev.Kind()
	}
	raw := ev.Raw()
	return e.inbox.receive(ctx, Delivery{
		Token: ev.TrackKey(), Digest: sha256.Sum256(raw), Event: reflect.TypeOf(ev).Elem().Name(), Body: raw,
	}, &job)
}
