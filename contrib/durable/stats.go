package durable

import (
	"context"
	"sync/atomic"
	"time"
)

type counters struct {
	submits, resubmits, polls, delivered, callbackErrors      atomic.Int64
	refused, received, applied, duplicates, conflicts, strays atomic.Int64
}

// Stats reports how an engine is doing. Jobs and Late are about the database, the
// rest about this process since it began.
type Stats struct {
	Jobs map[State]int
	Late time.Duration // how long the longest due job has been due

	// Pause is not zero while this process sends nothing but a probe now and
	// then, because the account or the API is in trouble.
	Pause Pause

	Submits        int64 // calls that submit
	Resubmits      int64 // of these, of jobs that may have been sent before
	Polls          int64
	Delivered      int64 // callbacks committed
	CallbackErrors int64
	Refused        int64 // deliveries that were not verified or could not be stored
	Received       int64 // verified deliveries
	Applied        int64 // of these, those that changed their job
	Duplicates     int64
	Conflicts      int64 // another result than the first: look into it
	Strays         int64 // about no job of this database
}

// Stats counts the jobs in each state.
func (e *Engine[TTx]) Stats(ctx context.Context) (Stats, error) {
	c := &e.counters
	s := Stats{
		Pause:   e.pace.state(),
		Submits: c.submits.Load(), Resubmits: c.resubmits.Load(), Polls: c.polls.Load(),
		Delivered: c.delivered.Load(), CallbackErrors: c.callbackErrors.Load(),
		Refused: c.refused.Load(), Received: c.received.Load(), Applied: c.applied.Load(), Duplicates: c.duplicates.Load(),
		Conflicts: c.conflicts.Load(), Strays: c.strays.Load(),
	}
	err := e.store.View(ctx, func(ctx context.Context, tx TTx) (err error) {
		s.Jobs, s.Late, err = e.store.Count(ctx, tx)
		return err
	})
	return s, err
}
