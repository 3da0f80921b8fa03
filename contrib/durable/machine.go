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
	j.note(err.Error())
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
		return max(retryAfter(err), backoff(j.Attempts, 30*time.Second))
	default:
		j.State = StateUnknown
		return grace
	}
}

// crashed moves a job whose submitting worker was lost.
func (j *Job) crashed(grace time.Duration) time.Duration {
	j.State = StateUnknown
	j.note("the process that sent it was lost")
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

// observe takes over what ModelsLab reported about a job, by whichever way: the
// submit, a poll or a delivery. It reports what that changed; where the outcome
// is not OutcomeApplied or OutcomeDoubted the job is as it was.
func (j *Job) observe(reported *modelslab.Job) (time.Duration, Outcome) {
	if j.Reason == ReasonCancelled {
		return 0, OutcomeIgnored
	}
	if j.settled() {
		switch {
		case !reported.Status.Terminal():
			return 0, OutcomeIgnored
		case reported.Status == j.Result.Status:
			return 0, OutcomeDuplicate
		default:
			return 0, OutcomeConflict
		}
	}
	switch {
	case j.Submits == 0:
		return 0, OutcomeIgnored // nothing of it can run
	case !reported.Status.Terminal():
		return j.progress(reported)
	case j.Submits <= 1 && j.another(reported):
		if j.State == StateWaiting {
			return 0, OutcomeDoubted
		}
		return 0, OutcomeIgnored
	case !j.named(reported).Final():
		j.remember(reported)
		j.State, j.Reason = StateWaiting, ""
		return 0, OutcomeApplied // a success that names no result: the next fetch will
	default:
		return j.conclude(reported), OutcomeApplied
	}
}

// conclude takes over the last word.
func (j *Job) conclude(reported *modelslab.Job) time.Duration {
	j.remember(reported)
	j.State, j.Reason, j.Message, j.Attempts = StateResult, "", "", 0
	return 0
}

// confirm takes a delivery for the occasion of a poll.
func (j *Job) confirm(reported *modelslab.Job) (time.Duration, Outcome) {
	if j.settled() || !reported.Status.Terminal() || reported.Ref.ID == "" && reported.ID == "" && j.Ref.IsZero() {
		return j.observe(reported)
	}
	if j.Ref.IsZero() {
		hint := modelslab.Job{Ref: reported.Ref, ID: reported.ID, Status: modelslab.StatusProcessing}
		j.remember(&hint)
	}
	j.State, j.Reason, j.Attempts = StateWaiting, "", 0
	return 0, OutcomeDoubted
}

// progress takes over that a job runs.
func (j *Job) progress(reported *modelslab.Job) (time.Duration, Outcome) {
	if j.State == StateWaiting || reported.Ref.ID == "" && reported.ID == "" {
		return 0, OutcomeIgnored
	}
	j.remember(reported)
	j.State, j.Reason, j.Message, j.Attempts = StateWaiting, "", "", 0
	j.ETA = reported.ETA
	pause, _ := reported.NextLook(0)
	return pause, OutcomeApplied
}

// polled moves a waiting job after a fetch.
func (j *Job) polled(reported *modelslab.Job, err error) time.Duration {
	if err != nil {
		return j.pollFailed(err)
	}
	j.Attempts, j.Message = 0, ""
	if reported.Status.Terminal() { // of a fetch that is the last word, with a result or without
		return j.conclude(reported)
	}
	if reported.ETA > 0 && reported.ETA <= maxETA && (j.Result == nil || reported.ETA != j.Result.ETA) {
		j.ETA = j.Age + reported.ETA
	}
	j.remember(reported)
	return j.again(0)
}

func (j *Job) pollFailed(err error) time.Duration {
	j.note(err.Error())
	if errors.Is(err, modelslab.ErrNotFound) || errors.Is(err, modelslab.ErrInvalid) {
		if j.Attempts++; j.Attempts >= maxMisses {
			return j.die(ReasonMissing)
		}
	}
	return j.again(retryAfter(err))
}

// again is the next poll by the schedule of the client's Wait.
func (j *Job) again(atLeast time.Duration) time.Duration {
	submitted := modelslab.Job{Ref: modelslab.Ref{Kind: j.kind()}, ETA: j.ETA}
	pause, ok := submitted.NextLook(j.Age)
	if !ok {
		return j.die(ReasonExpired)
	}
	return max(atLeast, pause)
}

// callbackFailed moves a job whose callback returned err.
func (j *Job) callbackFailed(err error, maxCallbacks int) time.Duration {
	j.note(err.Error())
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

// die gives the job up; the callback gets it first.
func (j *Job) die(reason Reason) time.Duration {
	j.State, j.Reason, j.Attempts = StateResult, reason, 0
	return 0
}

// settled reports whether the last word of ModelsLab is recorded.
func (j *Job) settled() bool {
	return j.Result != nil && (j.State == StateResult || j.State.Final()) &&
		j.Result.Status.Terminal() && (j.Reason == "" || j.Reason == ReasonCallback)
}

// another reports whether reported is about a job of ModelsLab that is not ours.
func (j *Job) another(reported *modelslab.Job) bool {
	if j.Result == nil || reported.ID == "" || j.Ref.ID == "" {
		return false
	}
	return reported.ID != j.Ref.ID && reported.ID != j.Result.ID && reported.Ref.ID != j.Ref.ID
}

func (j *Job) kind() modelslab.Kind {
	if j.Ref.Kind != "" {
		return j.Ref.Kind
	}
	return j.Kind
}

// named returns what was reported with all names of the job.
func (j *Job) named(reported *modelslab.Job) *modelslab.Job {
	next := *reported
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

// remember keeps what was reported, and the name to poll by.
func (j *Job) remember(reported *modelslab.Job) {
	j.Result = j.named(reported)
	if ref := j.Result.Ref; ref.ID != "" && ref.Kind != "" {
		j.Ref = ref
	}
}

func (j *Job) note(message string) {
	if len(message) > maxMessage {
		message = message[:maxMessage]
	}
	j.Message = strings.ReplaceAll(strings.ToValidUTF8(message, "\uFFFD"), "\x00", "\uFFFD")
}

// retryAfter is how long the API asked to wait.
func retryAfter(err error) time.Duration {
	if e, ok := errors.AsType[*modelslab.Error](err); ok {
		return e.RetryAfter
	}
	return 0
}

// backoff doubles from a second to most.
func backoff(attempts int, most time.Duration) time.Duration {
	return min(time.Second<<min(max(attempts-1, 0), 20), most)
}
