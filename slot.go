package modelslab

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/modelslab-go/modelslab/internal/fault"
)

// chain is the client's chain, with a slotHandler in it where there is a limit:
// a refused submit is repeated without a slot in its hands.
func (s *slots) chain(kind Kind, once bool) handler {
	if s.limiter == nil { // of the client, as opposed to a RunAll's own
		return s.client.chain
	}
	return s.through(&slotHandler{limiter: s.limiter, kind: kind, once: once}, 0)
}

func (s *slots) through(h *slotHandler, patience time.Duration) handler {
	retry := *s.client.chain.(*retryHandler)
	h.next, h.slots = retry.next, s
	retry.next, retry.patience = h, patience
	return &retry
}

// slotHandler lets one submit out, only while it holds a slot of the queue
// limit.
type slotHandler struct {
	next     handler
	slots    *slots
	limiter  Limiter
	kind     Kind
	once     bool // it waits for no slot
	slot     Slot // when it has one from the start
	answered bool // once sent the answer is awaited, even when the context ends
	attempts int  // how often it was sent
}

func (h *slotHandler) do(ctx context.Context, c *call) (*reply, error) {
	slot := h.slot
	if h.slot = nil; slot == nil {
		var err error
		if slot, err = h.slots.acquire(ctx, h.limiter, c.op, h.once); err != nil {
			return nil, err
		}
	}
	if err := ctx.Err(); err != nil {
		slot.Release()
		return nil, slotError(c.op, 0, err)
	}
	if h.answered {
		ctx = context.WithoutCancel(ctx)
	}
	h.attempts++
	r, err := h.next.do(ctx, c)
	e, refused := errors.AsType[*fault.Error](err)
	switch {
	case err == nil:
		r.job.adopt(h.kind, c.path, c.trackID)
		h.slots.took(slot, r.job)
	case isSubmitError(err):
		h.slots.doubt(slot, c.trackID)
	case refused && errors.Is(e, ErrRateLimited) && !e.Duplicate:
		slot.Refused(publicError(e))
	default:
		slot.Release()
	}
	return r, err
}

// acquire takes a slot for a submit.
func (s *slots) acquire(ctx context.Context, l Limiter, op string, once bool) (Slot, error) {
	slot, err := l.Acquire(ctx, false)
	if err == nil || !errors.Is(err, ErrQueueFull) {
		return slot, slotError(op, 0, err)
	}
	if once {
		return nil, &fault.Error{Op: op, Reason: ErrQueueFull, Message: "not sent, every slot of the queue limit is held"}
	}
	log := s.client.log
	log.DebugContext(ctx, "modelslab submit waits for a slot of the queue limit", "op", op)
	start := time.Now()
	defer s.wait()()
	slot, err = l.Acquire(ctx, true)
	waited := time.Since(start)
	if err == nil && log.Enabled(ctx, slog.LevelDebug) {
		log.DebugContext(ctx, "modelslab submit has its slot", "op", op, "waited", waited)
	}
	return slot, slotError(op, waited, err)
}

func slotError(op string, waited time.Duration, err error) error {
	if err == nil {
		return nil
	}
	return &fault.Error{
		Op: op, Cause: err, Reason: reasonOf(err),
		Message: fmt.Sprintf("not sent, after waiting %s for a slot of the queue limit: %v", waited.Round(time.Millisecond), err),
	}
}

func reasonOf(err error) error {
	if errors.Is(err, ErrQueueFull) {
		return ErrQueueFull
	}
	return nil
}
