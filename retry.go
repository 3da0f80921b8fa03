package modelslab

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/cenkalti/backoff/v4"

	"github.com/modelslab-go/modelslab/internal/fault"
	"github.com/modelslab-go/modelslab/internal/retry"
)

// retryHandler repeats what may be repeated: a submit only on proof that
// nothing was queued, anything else on every transient failure.
type retryHandler struct {
	next     handler
	log      *slog.Logger
	patience time.Duration // how long to repeat, in place of a number of tries; 0 for that number
}

func (h *retryHandler) do(ctx context.Context, c *call) (*reply, error) {
	var intervals *backoff.ExponentialBackOff
	start := time.Now()
	for try := 1; ; try++ {
		r, err := h.next.do(ctx, c)
		if err == nil {
			if h.log.Enabled(ctx, slog.LevelDebug) {
				h.log.DebugContext(ctx, "modelslab call", "op", c.op, "status", r.status)
			}
			return r, nil
		}
		spent := try >= c.tries
		if h.patience > 0 {
			spent = time.Since(start) >= h.patience
		}
		if spent || ctx.Err() != nil || !repeatable(c, err) {
			h.log.DebugContext(ctx, "modelslab call failed", "op", c.op, "error", err)
			return nil, err
		}
		if intervals == nil {
			intervals = retry.Backoff()
		}
		pause := intervals.NextBackOff()
		e, _ := errors.AsType[*fault.Error](err)
		if e.RetryAfter > 0 {
			pause = e.RetryAfter
		}
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= pause {
			return nil, err
		}
		h.log.WarnContext(ctx, "modelslab call repeated", "op", c.op, "try", try, "pause", pause, "error", err)
		if stopped := retry.Sleep(ctx, pause); stopped != nil {
			refused := *e
			refused.Cause = stopped
			return nil, &refused
		}
	}
}

func repeatable(c *call, err error) bool {
	e, ok := errors.AsType[*fault.Error](err)
	if !ok || e.Duplicate || !c.body.Repeatable() {
		return false
	}
	if c.submit {
		return !isSubmitError(err) && (errors.Is(e, ErrRateLimited) || e.Cause != nil && errors.Is(e, ErrUnavailable))
	}
	return errors.Is(e, ErrRateLimited) || !c.change && errors.Is(e, ErrUnavailable)
}

func isSubmitError(err error) bool {
	_, ok := errors.AsType[*SubmitError](err)
	return ok
}
