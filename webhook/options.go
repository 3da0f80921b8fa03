package webhook

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/internal/token"
)

// Option configures a [Handler].
type Option interface{ apply(h *Handler) error }

type handlerOption func(*Handler) error

func (o handlerOption) apply(h *Handler) error { return o(h) }

// VerifierOption configures a [Verifier], and so is an option of a [Handler] too.
type VerifierOption func(*Verifier) error

func (o VerifierOption) apply(h *Handler) error {
	if o == nil {
		return nil
	}
	return o(h.verifier)
}

// WithSecrets sets the secrets of which one signed a delivery's callback URL:
// those given to modelslab.WithWebhook, each of 32 bytes or more. The handler
// verifies with all of them, so that a secret can be replaced: add the new one
// here, then make it the first of WithWebhook, then, 30 days later, drop the
// old one. Defaults to the environment variable MODELSLAB_WEBHOOK_SECRET, as
// that of modelslab.WithWebhook does; without it [WithInsecureNoAuth] is
// required. With MODELSLAB_DEV=1 the variable takes the place of both options.
func WithSecrets(secrets ...[]byte) VerifierOption {
	return func(v *Verifier) error {
		for _, secret := range secrets {
			key, err := token.NewKey(secret)
			if err != nil {
				return err
			}
			v.keys = append(v.keys, key)
		}
		return nil
	}
}

// WithInsecureNoAuth accepts deliveries from anybody who knows the URL. It is
// for receivers behind something else that authenticates. Defaults to refusing
// to be made without secrets.
func WithInsecureNoAuth() VerifierOption {
	return func(v *Verifier) error {
		v.noAuth = true
		return nil
	}
}

// WithClient connects the handler to the client that submits the jobs: a
// delivery wakes client.Wait, the end of a job that a poll brings runs the
// callbacks, odd deliveries are confirmed by a fetch, and [Handler.Watch] works. A client has
// one handler at a time; mount it at several paths if need be. Defaults to none.
func WithClient(client *modelslab.Client) Option {
	return handlerOption(func(h *Handler) error {
		if client == nil {
			return errors.New("WithClient: the client is nil")
		}
		h.client.Client = client
		return nil
	})
}

// ConfirmPolicy says which deliveries are confirmed by a fetch.
type ConfirmPolicy int

// The policies of [WithConfirm].
const (
	Never     ConfirmPolicy = iota + 1
	OnAnomaly               // those that contradict what ModelsLab answered; see WithConfirm
	Always
)

// WithConfirm sets which deliveries are fetched with the client, over TLS,
// before anything is done. What the fetch says is handed on, so that a leaked
// callback URL can cause a fetch and nothing else. An anomaly is another id
// than the submit's answer named, a result on a host that ModelsLab's own
// answers have not named, a failure after a success, or a success without a
// result. Defaults to OnAnomaly with a client and to Never without one.
func WithConfirm(policy ConfirmPolicy) Option {
	return handlerOption(func(h *Handler) error {
		if policy < Never || policy > Always {
			return fmt.Errorf("WithConfirm(%d): want Never, OnAnomaly or Always", policy)
		}
		h.confirmPolicy = policy
		return nil
	})
}

// WithKindFunc sets how a job's kind follows from its track id, for deliveries
// whose callback URL does not say it. f returns "" for none. Defaults to the
// kind in the callback URL alone.
func WithKindFunc(f func(trackID string) modelslab.Kind) VerifierOption {
	return func(v *Verifier) error {
		v.kindFunc = f
		return nil
	}
}

// WithStore sets the store of what was handled. Defaults to a new [MemoryStore],
// which is for one process.
func WithStore(store Store) Option {
	return handlerOption(func(h *Handler) error {
		if store == nil {
			return errors.New("WithStore: the store is nil")
		}
		h.store = store
		return nil
	})
}

// WithMaxBody sets how many bytes a delivery may have; a longer one is answered
// 413. Defaults to 1 MiB.
func WithMaxBody(n int64) VerifierOption {
	return func(v *Verifier) error {
		if n <= 0 {
			return fmt.Errorf("WithMaxBody(%d): want more than 0 bytes", n)
		}
		v.maxBody = n
		return nil
	}
}

// WithTimeout sets after how long a delivery is answered 503 whose callbacks
// have not returned; they go on, and their claim stands. ModelsLab gives up
// after 30 seconds. Defaults to 25 seconds.
func WithTimeout(d time.Duration) Option {
	return handlerOption(func(h *Handler) error {
		if d <= 0 {
			return fmt.Errorf("WithTimeout(%s): want more than 0", d)
		}
		h.runner.timeout = d
		return nil
	})
}

// WithAsync acknowledges a delivery before its callbacks have run: up to
// workers of them run at a time, up to queue deliveries wait, and one beyond
// that is answered 503 with Retry-After. [Handler.Shutdown] drains the queue; a
// crash loses it, although its deliveries were acknowledged. Defaults to
// acknowledging after the callbacks have returned nil.
func WithAsync(workers, queue int) Option {
	return handlerOption(func(h *Handler) error {
		if workers < 1 || queue < 1 {
			return fmt.Errorf("WithAsync(%d, %d): want at least 1 worker and 1 place in the queue", workers, queue)
		}
		h.runner.workers, h.runner.places = workers, queue
		return nil
	})
}

// WithLogger sets where decisions are logged: refusals and conflicts at warn
// level, failures at error level, the rest at debug level. Neither token nor
// key is ever logged, the body only with [WithLoggedBodies], and text from
// outside in one line. Defaults to no logging.
func WithLogger(l *slog.Logger) Option {
	return handlerOption(func(h *Handler) error {
		if l == nil {
			return errors.New("WithLogger: the logger is nil")
		}
		h.report.log = l
		return nil
	})
}

// WithLoggedBodies adds the body of verified deliveries to log records, callback
// tokens blanked, quoted, and cut after max bytes. Bodies hold prompts and links
// to results. Defaults to no bodies.
func WithLoggedBodies(max int) Option {
	return handlerOption(func(h *Handler) error {
		h.report.loggedBody = max
		return nil
	})
}

// WithObserver calls f with every decision, for metrics. f is called from many
// goroutines and must not block. Defaults to none. See also [Handler.Stats].
func WithObserver(f Observer) Option {
	return handlerOption(func(h *Handler) error {
		h.report.observer = f
		return nil
	})
}

// OnSuccess calls f with every generation that succeeded. Like all callbacks it
// is called once a job: again only after it returned an error or panicked. Its
// context carries the values of the delivery's request and outlives it. Several
// callbacks of an event run in the order of the options, those of OnEvent last,
// and the first error ends the row.
func OnSuccess(f func(context.Context, *Succeeded) error) Option { return on(f) }

// OnFailure calls f with every generation that failed or was cancelled.
func OnFailure(f func(context.Context, *Failed) error) Option { return on(f) }

// OnProgress calls f with every report of a generation or workflow run that is
// not done. Reports may be missing or late, but none comes after the end. The
// bytes of a download are reported by modelslab.OnTransfer.
func OnProgress(f func(context.Context, *Progress) error) Option { return on(f) }

// OnTraining calls f with every stage of a training, once a stage, and with its
// failure.
func OnTraining(f func(context.Context, *TrainingUpdated) error) Option { return on(f) }

// OnWorkflow calls f with every workflow run that completed, failed or was
// cancelled.
func OnWorkflow(f func(context.Context, *WorkflowFinished) error) Option { return on(f) }

// OnEvent calls f with every event, of types with a callback of their own too.
func OnEvent(f func(context.Context, Event) error) Option {
	return handlerOption(func(h *Handler) error {
		if f == nil {
			return errors.New("OnEvent: the callback is nil")
		}
		h.onEvent = append(h.onEvent, f)
		return nil
	})
}

func on[E Event](f func(context.Context, E) error) Option {
	return handlerOption(func(h *Handler) error {
		var e E
		if f == nil {
			return fmt.Errorf("the callback for %T is nil", e)
		}
		h.runner.callbacks = append(h.runner.callbacks, func(ctx context.Context, e Event) error {
			if e, ok := e.(E); ok {
				return f(ctx, e)
			}
			return nil
		})
		return nil
	})
}
