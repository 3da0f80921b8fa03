package webhook

import (
	"context"
	"strings"
	"time"
)

// State is what a [Store] answers to a claim.
type State int

// The answers to a claim.
const (
	Claimed  State = iota + 1 // it is the caller's: run the callbacks, then Commit or Release
	Busy                      // another caller has it, and may yet release it
	Done                      // it was handled, or the job has ended
	Conflict                  // the job has ended in another way
)

// String names the state in lower case.
func (s State) String() string {
	switch s {
	case Claimed:
		return "claimed"
	case Busy:
		return "busy"
	case Done:
		return "done"
	case Conflict:
		return "conflict"
	default:
		return "invalid"
	}
}

// Store remembers which events were handled, so that each is handled once. A
// store that several processes share, in a database, makes it once for all of
// them.
//
// The names are all that one job goes by: they mean the same job, so what is
// recorded under one of them holds for the others, and is recorded under those
// too. They are printable and at most 200 bytes long. The event is
// "final:success", "final:failed" or "final:cancelled" for the end of a job, of
// which the first wins; a training's stage; or the word progress or unknown
// with a hash of the body.
//
// Methods are called concurrently. After an error the delivery is not
// acknowledged, and is tried again. Package webhook/storetest tests a store.
type Store interface {
	// Claim takes an event for the caller, for as long as lease. It answers Busy
	// while another claim of the event stands, Done when the event was
	// committed or the job has ended, and Conflict when the event is an end and
	// the job has ended differently.
	Claim(ctx context.Context, names []string, event string, lease time.Duration) (State, error)
	// Commit records that a claimed event was handled.
	Commit(ctx context.Context, names []string, event string) error
	// Release gives up a claim, so that the event can be claimed again.
	Release(ctx context.Context, names []string, event string) error
}

// The names of the events that end a job start with finalEvent; what follows is
// the outcome.
const finalEvent = "final:"

func isFinal(event string) bool {
	return strings.HasPrefix(event, finalEvent) || event == "final"
}
