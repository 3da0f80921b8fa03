package modelslab

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/modelslab-go/modelslab/internal/delivery"
	"github.com/modelslab-go/modelslab/internal/fault"
	"github.com/modelslab-go/modelslab/internal/queue"
	"github.com/modelslab-go/modelslab/internal/schedule"
)

// The queue limits of ModelsLab's plans, for [WithQueueLimit]: how many jobs an
// account may have open, queued and running together.
const (
	PayAsYouGo = 5
	Standard   = 10
	Premium    = 15
)

// WithQueueLimit keeps the client's submits within the account's queue limit
// of n open jobs, which ModelsLab refuses to exceed. A submit that finds no
// free slot waits for one, first come first served, until its context ends. A
// slot is held from before the submit until Wait, Fetch, Deliver or the
// webhook handler observes its end; a job that nobody waits for is polled while
// somebody waits for its slot. It is given up after the longer
// of 30 minutes and 12 ETAs, of a training after 24 hours.
//
// When ModelsLab refuses a job in spite of it, because another process uses the
// account, the client pauses for as long as the API asks, holds fewer slots, and
// then tries one more at a time. Processes that share an account share its
// limit too: see [WithLimiter].
//
// n is the number of the plan: [PayAsYouGo], [Standard], [Premium]. Defaults to
// no limit, except in [Client.RunAll].
func WithQueueLimit(n int) Option {
	return func(c *Client) error {
		if n <= 0 {
			return fmt.Errorf("queue limit %d: want 1 or more", n)
		}
		c.limits.set = func() { c.queue().Limiter = newAccount(n, c) }
		return nil
	}
}

// WithLimiter is [WithQueueLimit] by a limiter of the caller's own, such as one
// that several processes share through Redis. Defaults to no limit.
func WithLimiter(l Limiter) Option {
	return func(c *Client) error {
		if l == nil {
			return errors.New("limiter: it is nil")
		}
		c.limits.set = func() { c.queue().Limiter = ownLimiter{l} }
		return nil
	}
}

// Limiter hands out the slots of an account's queue limit. It is used by many
// goroutines at once.
type Limiter interface {
	// Acquire takes a slot. Where none is free it waits in line for one and
	// returns ctx.Err() when ctx ends first; with wait false it returns
	// ErrQueueFull at once, also when others stand in line.
	Acquire(ctx context.Context, wait bool) (Slot, error)
}

// Slot is the right to have one job open. Exactly one of its methods is called,
// once. One that is shared between processes should also end by itself, a day
// later, in case its process dies.
type Slot interface {
	// Release gives the slot back: its job ended, or was never queued.
	Release()
	// Refused gives the slot back because the API had no room for the job,
	// which means that the account holds more jobs than the Limiter has slots for.
	// Nothing should be submitted for the RetryAfter of the refusal.
	Refused(refusal *Error)
}

// limits is the queue limit of a client. A program that sets none, and runs no
// batch, does not link package queue.
type limits struct {
	set func() // once the client has all its options; nil without a limit

	mu    sync.Mutex
	queue gatekeeper // nil until there is a limit or a batch
}

// gatekeeper is a clientQueue.
type gatekeeper interface {
	gate(once bool) gate // for one submit; nil where there is no limit
}

// gate returns what a submit has to pass, or nil.
func (c *Client) gate(once bool) gate {
	c.limits.mu.Lock()
	q := c.limits.queue
	c.limits.mu.Unlock()
	if q == nil {
		return nil
	}
	return q.gate(once)
}

type clientQueue struct{ *queue.Queue[*Job] }

func (q clientQueue) gate(once bool) gate {
	if q.Limiter == nil { // of the client, as opposed to a batch's own
		return nil
	}
	return &queue.Gate[*Job]{Queue: q.Queue, Limiter: q.Limiter, Once: once}
}

// queue returns the client's queue, made by the first call.
func (c *Client) queue() *queue.Queue[*Job] {
	c.limits.mu.Lock()
	defer c.limits.mu.Unlock()
	if c.limits.queue == nil {
		hooks := queue.Hooks[*Job]{
			Table: c.deliveries, Report: report, Log: c.log,
			Polls: func(j *Job) (schedule.Polls, time.Duration) {
				return schedule.New(j.ETA), schedule.Patience(j.ETA, j.Ref.Kind == KindTraining)
			},
			Fetch: func(ctx context.Context, job delivery.Identity) (*Job, error) {
				return c.fetch(ctx, Ref{Kind(job.Kind), job.ID}, nil, 1, "")
			},
		}
		if c.tracing != nil {
			hooks.Line = func(ctx context.Context) (context.Context, func(error)) {
				ctx, end := c.begin(ctx, Op{Name: OpSlot})
				return ctx, func(err error) { end(Result{Err: err}) }
			}
		}
		c.limits.queue = clientQueue{queue.New(hooks)}
	}
	return c.limits.queue.(clientQueue).Queue
}

func newAccount(n int, c *Client) *queue.Account {
	return queue.NewAccount(n, c.log, func(ctx context.Context) (int, error) { return c.Account.RequestCount(ctx, Once()) })
}

// ownLimiter is a Limiter of the caller's.
type ownLimiter struct{ Limiter }

func (l ownLimiter) Acquire(ctx context.Context, wait bool) (queue.Slot, error) {
	slot, err := l.Limiter.Acquire(ctx, wait)
	if err != nil {
		return nil, err
	}
	return ownSlot{slot}, nil
}

type ownSlot struct{ Slot }

func (s ownSlot) Refused(refusal *fault.Error) { s.Slot.Refused(publicError(refusal)) }
