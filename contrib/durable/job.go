package durable

import (
	"fmt"
	"time"

	"github.com/modelslab-go/modelslab"
)

// State says where a job stands.
type State string

// The states of a job. Done and dead are final, but for what [Engine.Redrive]
// and [Engine.Resubmit] say, and for a result that comes after all.
const (
	StateNew        State = "new"        // recorded, nothing was sent
	StateSubmitting State = "submitting" // being sent
	StateUnknown    State = "unknown"    // sent, perhaps, and the answer was lost
	StateWaiting    State = "waiting"    // accepted; a webhook or a poll will bring the result
	StateResult     State = "result"     // the last word is recorded, the callback has not committed yet
	StateDone       State = "done"       // the callback has committed
	StateDead       State = "dead"       // given up; see Reason
)

// States are all of them, in the order of a job's life.
var States = []State{StateNew, StateSubmitting, StateUnknown, StateWaiting, StateResult, StateDone, StateDead}

// Final reports whether nothing is left to do.
func (s State) Final() bool { return s == StateDone || s == StateDead }

// Open reports whether ModelsLab may be running the job, so that it holds a
// slot of the queue limit.
func (s State) Open() bool { return s == StateSubmitting || s == StateUnknown || s == StateWaiting }

// Reason says why a job is dead.
type Reason string

// The reasons of dead jobs.
const (
	ReasonRefused  Reason = "refused"  // ModelsLab refused it: nothing runs, nothing is billed
	ReasonUnknown  Reason = "unknown"  // the answer to the submit was lost and no webhook came
	ReasonExpired  Reason = "expired"  // accepted, but no result came in time
	ReasonMissing  Reason = "missing"  // accepted, but ModelsLab has no such job now
	ReasonCallback Reason = "callback" // the callback failed too often; the result is kept

	ReasonCancelled Reason = "cancelled" // by Cancel or Discard; ModelsLab may run it all the same
)

// Policy says what becomes of a job whose submit has an unknown outcome and
// whose webhook does not come within the grace period.
type Policy string

// The policies.
const (
	// AtMostOnce gives the job up and reports it dead. It is never billed twice.
	AtMostOnce Policy = "at_most_once"
	// Resubmit sends it again: it runs, and it may be billed twice.
	Resubmit Policy = "resubmit"
)

// Job is the row of a job.
type Job struct {
	TrackID string
	Key     string         // the idempotency key, "" without one
	Kind    modelslab.Kind // where results are fetched from
	Policy  Policy
	State   State
	Reason  Reason // why it is dead, "" otherwise
	Message string // the last error, for people

	// Problem says why this version cannot work on the row: it is damaged, or of
	// a kind that only a newer version knows. "" otherwise. Such a job waits, for
	// a newer process, [Engine.Discard] or [Engine.Delete].
	Problem string
	Digest  []byte // of the request without its track id; nil in rows of old versions

	Request  modelslab.RawRequest // as Freeze stores it; left out by List
	Ref      modelslab.Ref        // zero until ModelsLab has accepted the job
	Result   *modelslab.Job       // the last word of ModelsLab, nil before
	ETA      time.Duration        // counted from Since, while waiting
	Submits  int                  // how often it was sent, or may have been
	Attempts int                  // failed tries of the present step

	Created time.Time // by the clock of the store
	Since   time.Time // when it entered its state
	Due     time.Time // when somebody will look at it; zero when nobody has to

	Fence int64         // grows with every claim, so that a stopped worker writes nothing
	Age   time.Duration // time in its state when the row was read
}

// Event is the last word on a job, handed to the callback of OnEvent.
type Event struct {
	TrackID string
	Key     string
	// Job is the result; nil when the job died without one.
	Job *modelslab.Job
	// Err is nil for a success, a *[modelslab.JobError] for a job that failed
	// or was cancelled, and a *[DeadError] for one that was given up.
	Err error
}

// DeadError says that a job was given up.
type DeadError struct {
	TrackID string
	Reason  Reason
	Message string
}

// Error names the job and the reason.
func (e *DeadError) Error() string {
	s := fmt.Sprintf("durable: job %q is dead (%s)", e.TrackID, e.Reason)
	if e.Message != "" {
		s += ": " + e.Message
	}
	return s
}

func (j *Job) event() Event {
	e := Event{TrackID: j.TrackID, Key: j.Key, Job: j.Result}
	switch {
	case j.Reason != "":
		e.Job, e.Err = nil, &DeadError{TrackID: j.TrackID, Reason: j.Reason, Message: j.Message}
	case j.Result.Status != modelslab.StatusSuccess:
		e.Err = &modelslab.JobError{Job: j.Result}
	}
	return e
}
