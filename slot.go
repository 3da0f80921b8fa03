package modelslab

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/modelslab-go/modelslab/internal/fault"
)

// gate is the way out for one submit; nil where there is no limit.
func (s *slots) gate(once bool) gate {
	if s.limiter == nil { // of the client, as opposed to a RunAll's own
		return nil
	}
	return &slotGate{slots: s, limiter: s.limiter, once: once}
}

// slotGate lets one submit out, only while it holds a slot of the queue limit.
// A submit that is refused is repeated without a slot in its hands.
type slotGate struct {
	slots   *slots
	limiter Limiter
	once    bool // it waits for no slot
	awaits  bool // once sent the answer is awaited, even when the context ends
	slot    Slot // when it has one from the start, or while the submit is out
}

func (g *slotGate) enter(ctx context.Context, op string) (context.Context, *fault.Error) {
	if g.slot == nil {
		slot, err := g.slots.acquire(ctx, g.limiter, op, g.once)
		if err != nil {
			return ctx, err
		}
		g.slot = slot
	}
	if err := ctx.Err(); err != nil {
		g.slot.Release()
		g.slot = nil
		return ctx, slotError(op, 0, err)
	}
	if g.awaits {
		ctx = context.WithoutCancel(ctx)
	}
	return ctx, nil
}

func (g *slotGate) leave(job *Job, trackID string, e *fault.Error) {
	slot := g.slot
	g.slot = nil
	switch {
	case job != nil:
		g.slots.took(slot, job)
	case e.Unknown:
		g.slots.doubt(slot, trackID)
	case errors.Is(e, ErrRateLimited) && !e.Duplicate:
		slot.Refused(publicError(e))
	default:
		slot.Release()
	}
}

// acquire takes a slot for a submit.
func (s *slots) acquire(ctx context.Context, l Limiter, op string, once bool) (Slot, *fault.Error) {
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

func slotError(op string, waited time.Duration, err error) *fault.Error {
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
