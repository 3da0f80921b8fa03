package durable

import (
	"context"
	"crypto/sha256"
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"time"

	"github.com/modelslab-go/modelslab/internal/token"
	"github.com/modelslab-go/modelslab/webhook"
)

// newHandler makes the webhook handler whose record of what was handled is the
// inbox: it verifies and decodes, its callback only takes down the event, and
// its store commits that.
func (e *Engine[TTx]) newHandler() (http.Handler, error) {
	if len(e.cfg.Secrets) == 0 {
		return http.HandlerFunc(e.noSecrets), nil
	}
	h, err := webhook.NewHandler(
		webhook.WithSecrets(e.cfg.Secrets...), webhook.WithLogger(e.cfg.Logger),
		webhook.WithStore(inboxStore{e.receive}), webhook.OnEvent(takeDown),
	)
	if err != nil {
		return nil, err
	}
	e.webhooks = h
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Trainings and workflow runs are reported without a track id: the token
		// says which job it is. Nothing uses it before the handler has verified it.
		claims, _ := token.Verify(nil, sigOf(r.URL.RawQuery), time.Now())
		ctx := context.WithValue(r.Context(), arrivalKey{}, &arrival{token: claims.Job})
		h.ServeHTTP(w, r.WithContext(ctx))
	}), nil
}

func (e *Engine[TTx]) noSecrets(w http.ResponseWriter, r *http.Request) {
	e.cfg.Logger.ErrorContext(r.Context(), "modelslab delivery refused: Config.Secrets is empty, nothing can be verified")
	http.Error(w, `{"error":"unauthorized"}`, http.StatusUnauthorized)
}

func sigOf(query string) string {
	for part := range strings.SplitSeq(query, "&") {
		if value, ok := strings.CutPrefix(part, token.Param+"="); ok {
			if unescaped, err := url.QueryUnescape(value); err == nil {
				return unescaped
			}
		}
	}
	return ""
}

// arrival is a delivery on its way through the webhook handler.
type arrival struct {
	token token.Job
	event webhook.Event
}

type arrivalKey struct{}

func takeDown(ctx context.Context, ev webhook.Event) error {
	a, ok := ctx.Value(arrivalKey{}).(*arrival)
	if !ok {
		return errors.New("durable: a delivery without a request")
	}
	a.event = ev
	return nil
}

// inboxStore is the handler's view of the inbox. Claims need no lease: the
// inbox knows a repeat by its digest, and jobs guard themselves.
type inboxStore struct {
	receive func(context.Context, *arrival) error
}

// Claim lets every delivery through to the inbox.
func (inboxStore) Claim(context.Context, []string, string, time.Duration) (webhook.State, error) {
	return webhook.Claimed, nil
}

// Commit returns when the delivery is in the inbox. Its error is answered 503.
func (s inboxStore) Commit(ctx context.Context, _ []string, _ string) error {
	a, ok := ctx.Value(arrivalKey{}).(*arrival)
	if !ok || a.event == nil {
		return errors.New("durable: a delivery without an event")
	}
	return s.receive(ctx, a)
}

// Release has nothing to give up.
func (inboxStore) Release(context.Context, []string, string) error { return nil }

func (e *Engine[TTx]) receive(ctx context.Context, a *arrival) error {
	job := *a.event.Job() // the handler shares it
	if job.Ref.Kind == "" {
		job.Ref.Kind = a.event.Kind()
	}
	raw := a.event.Raw()
	return e.inbox.receive(ctx, Delivery{
		Token: a.token, Digest: sha256.Sum256(raw), Event: reflect.TypeOf(a.event).Elem().Name(), Body: raw,
	}, &job)
}
