package modelslab

import (
	"context"
	"errors"
	"fmt"
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
// webhook handler sees the job ended; a job that nobody looks at any more is
// looked at while somebody waits for its slot. It is given up after the longer
// of 30 minutes and 12 ETAs, of a training after 24 hours.
//
// When ModelsLab refuses a job in spite of it, because another process uses the
// account, the client pauses for as long as it is told, holds fewer slots, and
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
		c.keepSlots().limiter = newQueueLimiter(n, c)
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
		c.keepSlots().limiter = l
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
	// which means that the account holds more jobs than the Limiter knows of.
	// Nothing should be submitted for the RetryAfter of the refusal.
	Refused(refusal *Error)
}

// slotTable is slots. The rest of the package reaches it through this interface
// alone, so that a program without a queue limit does not link it.
type slotTable interface {
	gate(once bool) gate // for one submit
}

// keepSlots returns the client's table, from the first call on.
func (c *Client) keepSlots() *slots {
	c.slots.Lock()
	defer c.slots.Unlock()
	if c.slots.table == nil {
		s := newSlots(c)
		c.slots.table = s
		c.deliveries.OnEnd(s.ended)
	}
	return c.slots.table.(*slots)
}

func (c *Client) slotTable() slotTable {
	c.slots.Lock()
	defer c.slots.Unlock()
	return c.slots.table
}
