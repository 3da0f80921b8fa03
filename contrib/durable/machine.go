package durable

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/modelslab-go/modelslab"
)

// The state machine, as pure functions: each changes a job that was read from
// the store and returns how long from now it is due.

const (
	maxETA     = 24 * time.Hour // a longer one of a poll is not believed
	maxMisses  = 5              // fetches in a row that ModelsLab refuses before a job is missing
	maxMessage = 1 << 10
)

// fate is what a failed submit means.
type fate int

const (
	fateUnknown  fate = iota // it may have been queued
	fateAccepted             // it was, whatever became of the job
	fateRefused              // it was not, and never would be
	fateLater                // it was not, and may be another time
)

// fateOf reads the error of a submit. Only the API refuses a job, or the check
// of the request before it is sent: a context that ended, a limiter that is
// down, a full queue, the account's credits or key mean later.
func fateOf(err error) fate {
	var lost *modelslab.SubmitError
	var failed *modelslab.JobError
	var refused *modelslab.Error
	switch {
	case err == nil || errors.As(err, &failed):
		return fateAccepted
	case errors.As(err, &lost) || !errors.As(err, &refused):
		return fateUnknown
	}
	for _, reason := range []error{modelslab.ErrInvalid, modelslab.ErrForbidden, modelslab.ErrNotFound} {
		if errors.Is(err, reason) {
			return fateRefused
		}
	}
	return fateLater
}

// submitFailed moves a job whose submit returned err.
func (j *Job) submitFailed(err error, grace time.Duration) time.Duration {
	j.say(err.Error())
	switch fateOf(err) {
	case fateRefused:
		return j.die(ReasonRefused)
	case fateLater:
		j.State = StateNew
		j.Submits-- // it proved that nothing was queued
		if errors.Is(err, context.Canceled) {
			return 0 // this process stops; the next one sends it
		}
		j.Attempts++
		return max(askedPause(err), backoff(j.Attempts, 30*time.Second))
	default:
		j.State = StateUnknown
		return grace
	}
}

// crashed moves a job whose submitting worker was lost.
func (j *Job) crashed(grace time.Duration) time.Duration {
	j.State = StateUnknown
	j.say("the process that sent it was lost")
	return grace
}

// resolve moves an unknown job whose grace has passed.
func (j *Job) resolve(grace time.Duration, maxSubmits int) time.Duration {
	if left := grace - j.Age; left > 0 {
		return left
	}
	if j.Policy == Resubmit && j.Submits < maxSubmits {
		j.State = StateNew
		j.Attempts = 0
		return 0
	}
	return j.die(ReasonUnknown)
}

// learn takes over what ModelsLab says about a job, whoever heard it: the
// submit, a poll or a delivery. It reports what that changed; where the outcome
// is not OutcomeApplied or OutcomeDoubted the job is as it was.
func (j *Job) learn(told *modelslab.Job) (time.Duration, Outcome) {
	if j.Reason == ReasonCancelled {
		return 0, OutcomeIgnored
	}
	if j.settled() {
		switch {
		case !told.Status.Terminal():
			return 0, OutcomeIgnored
		case told.Status == j.Result.Status:
			return 0, OutcomeDuplicate
		default:
			return 0, OutcomeConflict
		}
	}
	switch {
	case j.Submits == 0:
		return 0, OutcomeIgnored // nothing of it can run
	case !told.Status.Terminal():
		return j.progress(told)
	case j.Submits <= 1 && j.another(told):
		if j.State == StateWaiting {
			return 0, OutcomeDoubted
		}
		return 0, OutcomeIgnored
	case !j.named(told).Final():
		j.remember(told)
		j.State, j.Reason = StateWaiting, ""
		return 0, OutcomeApplied // a success that names no result: the next fetch will
	default:
		return j.conclude(told), OutcomeApplied
	}
}

// conclude takes over the last word.
func (j *Job) conclude(told *modelslab.Job) time.Duration {
	j.remember(told)
	j.State, j.Reason, j.Message, j.Attempts = StateResult, "", "", 0
	return 0
}

// confirm takes what a delivery says for a hint to ask.
func (j *Job) confirm(told *modelslab.Job) (time.Duration, Outcome) {
	if j.settled() || !told.Status.Terminal() || told.Ref.ID == "" && told.ID == "" && j.Ref.IsZero() {
		return j.learn(told)
	}
	if j.Ref.IsZero() {
		hint := modelslab.Job{Ref: told.Ref, ID: told.ID, Status: modelslab.StatusProcessing}
		j.remember(&hint)
	}
	j.State, j.Reason, j.Attempts = StateWaiting, "", 0
	return 0, OutcomeDoubted
}

// progress takes over that a job runs.
func (j *Job) progress(told *modelslab.Job) (time.Duration, Outcome) {
	if j.State == StateWaiting || told.Ref.ID == "" && told.ID == "" {
		return 0, OutcomeIgnored
	}
	j.remember(told)
	j.State, j.Reason, j.Message, j.Attempts = StateWaiting, "", "", 0
	j.ETA = told.ETA
	pause, _ := told.NextLook(0)
	return pause, OutcomeApplied
}

// polled moves a waiting job after a fetch.
func (j *Job) polled(told *modelslab.Job, err error) time.Duration {
	if err != nil {
		return j.pollFailed(err)
	}
	j.Attempts, j.Message = 0, ""
	if told.Status.Terminal() { // of a fetch that is the last word, with a result or without
		return j.conclude(told)
	}
	if told.ETA > 0 && told.ETA <= maxETA && (j.Result == nil || told.ETA != j.Result.ETA) {
		j.ETA = j.Age + told.ETA
	}
	j.remember(told)
	return j.again(0)
}

func (j *Job) pollFailed(err error) time.Duration {
	j.say(err.Error())
	if errors.Is(err, modelslab.ErrNotFound) || errors.Is(err, modelslab.ErrInvalid) {
		if j.Attempts++; j.Attempts >= maxMisses {
			return j.die(ReasonMissing)
		}
	}
	return j.again(askedPause(err))
}

// again is the next look by the schedule of the client's Wait.
func (j *Job) again(asked time.Duration) time.Duration {
	submitted := modelslab.Job{Ref: modelslab.Ref{Kind: j.kind()}, ETA: j.ETA}
	pause, ok := submitted.NextLook(j.Age)
	if !ok {
		return j.die(ReasonExpired)
	}
	return max(asked, pause)
}

// callbackFailed moves a job whose callback returned err.
func (j *Job) callbackFailed(err error, maxCallbacks int) time.Duration {
	j.say(err.Error())
	if j.Attempts++; j.Attempts < maxCallbacks {
		return backoff(j.Attempts, 10*time.Minute)
	}
	if j.Reason == "" {
		j.Reason = ReasonCallback
	}
	j.State = StateDead
	return Never
}

// finish is the end of a job whose callback has run.
func (j *Job) finish() time.Duration {
	j.State = StateDone
	if j.Reason != "" {
		j.State = StateDead
	}
	return Never
}

// die gives the job up; the callback is told first.
func (j *Job) die(reason Reason) time.Duration {
	j.State, j.Reason, j.Attempts = StateResult, reason, 0
	return 0
}

// settled reports whether the last word of ModelsLab is known.
func (j *Job) settled() bool {
	return j.Result != nil && (j.State == StateResult || j.State.Final()) &&
		j.Result.Status.Terminal() && (j.Reason == "" || j.Reason == ReasonCallback)
}

// another reports whether told is about a job of ModelsLab that is not ours.
func (j *Job) another(told *modelslab.Job) bool {
	if j.Result == nil || told.ID == "" || j.Ref.ID == "" {
		return false
	}
	return told.ID != j.Ref.ID && told.ID != j.Result.ID && told.Ref.ID != j.Ref.ID
}

func (j *Job) kind() modelslab.Kind {
	if j.Ref.Kind != "" {
		return j.Ref.Kind
	}
	return j.Kind
}

// named returns what was told with all the names that the job is known by.
func (j *Job) named(told *modelslab.Job) *modelslab.Job {
	next := *told
	if next.Ref.ID == "" {
		next.Ref.ID = next.ID
	}
	if next.Ref.Kind == "" {
		next.Ref.Kind = j.kind()
	}
	if next.TrackID == "" {
		next.TrackID = j.TrackID
	}
	if j.Result != nil && next.ID == "" {
		next.ID = j.Result.ID
	}
	if !j.Ref.IsZero() {
		next.Ref = j.Ref
	}
	return &next
}

// remember keeps what was told, and by which name to ask again.
func (j *Job) remember(told *modelslab.Job) {
	j.Result = j.named(told)
	if ref := j.Result.Ref; ref.ID != "" && ref.Kind != "" {
		j.Ref = ref
	}
}

func (j *Job) say(message string) {
	if len(message) > maxMessage {
		message = message[:maxMessage]
	}
	j.Message = strings.ReplaceAll(strings.ToValidUTF8(message, "\uFFFD"), "\x00", "\uFFFD")
}

// askedPause is how long the API asked to wait.
func askedPause(err error) time.Duration {
	if e, ok := errors.AsType[*modelslab.Error](err); ok {
		return e.RetryAfter
	}
	return 0
}

// backoff doubles from a second to most.
func backoff(attempts int, most time.Duration) time.Duration {
	return min(time.Second<<min(max(attempts-1, 0), 20), most)
}
