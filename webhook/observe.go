package webhook

import (
	"sync/atomic"
	"time"

	"github.com/modelslab-go/modelslab"
)

// Outcome is a decision about a delivery.
type Outcome string

// The decisions. A request is received, then rejected or verified; what is
// verified is a duplicate, a conflict, delivered or failed. Jobs that a poll or
// a watch brought are not received and not verified.
const (
	OutcomeReceived  Outcome = "received"
	OutcomeVerified  Outcome = "verified"  // the token is good and the body is about its job
	OutcomeRejected  Outcome = "rejected"  // answered with an error, for Reason
	OutcomeDuplicate Outcome = "duplicate" // it was handled before
	OutcomeConflict  Outcome = "conflict"  // the job has ended in another way; it was not handed on
	OutcomeConfirmed Outcome = "confirmed" // a fetch took the place of what was delivered
	OutcomeDelivered Outcome = "delivered" // the callbacks returned nil
	OutcomeFailed    Outcome = "failed"    // a callback returned an error or panicked
	OutcomeGaveUp    Outcome = "gave_up"   // it is not tried again, or no longer watched: it may be lost
)

// Observation is one decision, for metrics.
type Observation struct {
	Outcome  Outcome
	Webhook  bool   // it came as a request, not from a submit's answer, a poll or a watch
	Reason   string // of a rejection: one word, such as token, json or queue_full
	Kind     modelslab.Kind
	Ref      modelslab.Ref
	TrackID  string
	Duration time.Duration // of the callbacks, or of the fetch that confirmed; else 0
	Err      error         // what went wrong, when something did
}

// Observer is called with every decision.
type Observer func(Observation)

// Stats is what a handler has done since it was made, and what it has to do.
type Stats struct {
	Received   uint64            `json:"received"`
	Verified   uint64            `json:"verified"`
	Rejected   map[string]uint64 `json:"rejected"` // by reason
	Duplicates uint64            `json:"duplicates"`
	Conflicts  uint64            `json:"conflicts"`
	Confirmed  uint64            `json:"confirmed"`
	Delivered  uint64            `json:"delivered"`
	Failed     uint64            `json:"failed"`
	GaveUp     uint64            `json:"gave_up"`

	CallbackTime time.Duration `json:"callback_ns"` // of all callbacks together
	ConfirmTime  time.Duration `json:"confirm_ns"`  // of all confirming fetches together

	Open    int `json:"open"`    // deliveries that wait for their callbacks to run or to run again
	Watched int `json:"watched"` // jobs under watch; with a [WatchStore] those that are not in it yet

	Bus BusStats `json:"bus"` // of WithBus
}

type outcomeCounts struct {
	received, verified, duplicates, conflicts, confirmed, delivered, failed, gaveUp atomic.Uint64

	rejected     [reasons]atomic.Uint64
	callbackTime atomic.Int64
	confirmTime  atomic.Int64
}

// Stats returns a snapshot, ready for expvar:
//
//	expvar.Publish("webhooks", expvar.Func(func() any { return handler.Stats() }))
func (h *Handler) Stats() Stats {
	c := &h.report.counters
	s := Stats{
		Received: c.received.Load(), Verified: c.verified.Load(), Rejected: map[string]uint64{},
		Duplicates: c.duplicates.Load(), Conflicts: c.conflicts.Load(), Confirmed: c.confirmed.Load(),
		Delivered: c.delivered.Load(), Failed: c.failed.Load(), GaveUp: c.gaveUp.Load(),
		CallbackTime: time.Duration(c.callbackTime.Load()), ConfirmTime: time.Duration(c.confirmTime.Load()),
		Open: h.runner.len(), Watched: h.watcher.len(),
	}
	if h.bus != nil {
		s.Bus = h.bus.stats()
	}
	for i := range c.rejected {
		if n := c.rejected[i].Load(); n > 0 {
			s.Rejected[refusals[i].name] = n
		}
	}
	return s
}

func (p *reporter) count(o Outcome) {
	c := &p.counters
	switch o {
	case OutcomeReceived:
		c.received.Add(1)
	case OutcomeVerified:
		c.verified.Add(1)
	case OutcomeDuplicate:
		c.duplicates.Add(1)
	case OutcomeConflict:
		c.conflicts.Add(1)
	case OutcomeConfirmed:
		c.confirmed.Add(1)
	case OutcomeDelivered:
		c.delivered.Add(1)
	case OutcomeFailed:
		c.failed.Add(1)
	case OutcomeGaveUp:
		c.gaveUp.Add(1)
	case OutcomeRejected: // counted by reason
	}
}
