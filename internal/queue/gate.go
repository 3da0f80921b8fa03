package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/modelslab-go/modelslab/internal/fault"
)

// Gate lets one submit out, while it holds a slot. A submit that is refused is
// repeated without a slot in its hands.
type Gate[J comparable] struct {
	Queue   *Queue[J]
	Limiter Limiter
	Once    bool // it waits for no slot
	Awaits  bool // once sent the answer is awaited, even when the context ends
	Slot    Slot // when it has one from the start, or while the submit is out
}

// Enter waits for a slot. It returns the context to send the submit with.
func (g *Gate[J]) Enter(ctx context.Context, op string) (context.Context, *fault.Error) {
	if g.Slot == nil {
		slot, e := g.Queue.acquire(ctx, g.Limiter, op, !g.Once)
		if e != nil {
			return ctx, e
		}
		g.Slot = slot
	}
	if err := ctx.Err(); err != nil {
		g.Slot.Release()
		g.Slot = nil
		return ctx, notSent(op, 0, err)
	}
	if g.Awaits {
		ctx = context.WithoutCancel(ctx)
	}
	return ctx, nil
}

// Leave gives the slot to the job that the answer names, zero for none, or back.
func (g *Gate[J]) Leave(job J, trackID string, e *fault.Error) {
	slot := g.Slot
	g.Slot = nil
	var none J
	switch {
	case job != none:
		g.Queue.took(slot, job)
	case e.Unknown:
		g.Queue.doubt(slot, trackID)
	case errors.Is(e, fault.RateLimited) && !e.Duplicate:
		slot.Refused(e)
	default:
		slot.Release()
	}
}

// Acquire takes a slot, and waits for it.
func (q *Queue[J]) Acquire(ctx context.Context, l Limiter, op string) (Slot, *fault.Error) {
	return q.acquire(ctx, l, op, true)
}

func (q *Queue[J]) acquire(ctx context.Context, l Limiter, op string, wait bool) (Slot, *fault.Error) {
	slot, err := l.Acquire(ctx, false)
	if err == nil {
		return slot, nil
	}
	if !errors.Is(err, fault.QueueFull) {
		return nil, notSent(op, 0, err)
	}
	if !wait {
		q.pollDue()
		return nil, &fault.Error{Op: op, Reason: fault.QueueFull, Message: "not sent, every slot of the queue limit is held"}
	}
	log := q.hooks.Log
	log.DebugContext(ctx, "modelslab submit waits for a slot of the queue limit", "op", op)
	start := time.Now()
	defer q.wait()()
	slot, err = q.line(ctx, l)
	waited := time.Since(start)
	if err != nil {
		return nil, notSent(op, waited, err)
	}
	if log.Enabled(ctx, slog.LevelDebug) {
		log.DebugContext(ctx, "modelslab submit has its slot", "op", op, "waited", waited)
	}
	return slot, nil
}

// line stands in line for a slot.
func (q *Queue[J]) line(ctx context.Context, l Limiter) (slot Slot, err error) {
	if q.hooks.Line != nil {
		var done func(error)
		ctx, done = q.hooks.Line(ctx)
		defer func() { done(err) }()
	}
	return l.Acquire(ctx, true)
}

func notSent(op string, waited time.Duration, err error) *fault.Error {
	e := &fault.Error{
		Op: op, Cause: err,
		Message: fmt.Sprintf("not sent, after waiting %s for a slot of the queue limit: %v", waited.Round(time.Millisecond), err),
	}
	if errors.Is(err, fault.QueueFull) {
		e.Reason = fault.QueueFull
	}
	return e
}
