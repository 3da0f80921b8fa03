package modelslab

import (
	"errors"
	"fmt"
	"time"

	"github.com/modelslab-go/modelslab/internal/fault"
)

// Sentinels that [Error] answers to through [errors.Is]. They also match
// through a *[WaitError] or *[SubmitError] that wraps such an Error.
var (
	// ErrAuth: the API key is missing, wrong or disabled (HTTP 401).
	ErrAuth = fault.Auth
	// ErrCredits: the account has no credits left, or its plan is used up (HTTP 402).
	ErrCredits = fault.Credits
	// ErrForbidden: the plan does not include the feature (HTTP 403).
	ErrForbidden = fault.Forbidden
	// ErrInvalid: the request is wrong and would be refused again (HTTP 400, 422).
	ErrInvalid = fault.Invalid
	// ErrNotFound: no such job, model, workflow or endpoint (HTTP 404).
	ErrNotFound = fault.NotFound
	// ErrRateLimited: too many requests, or too many open jobs; see RetryAfter (HTTP 429).
	ErrRateLimited = fault.RateLimited
	// ErrQueueFull: every slot of the client's own queue limit is held, and the call
	// waits for none; see [WithQueueLimit] and [Once].
	ErrQueueFull = fault.QueueFull
	// ErrUnavailable: the service or the network failed; a fetch may be repeated (HTTP 5xx).
	ErrUnavailable = fault.Unavailable
)

// Error is a refusal: the API, or a check before sending, turned the request
// down. Nothing runs and nothing is billed.
type Error struct {
	Op         string        // what was asked, "POST /v6/video/text2video"
	HTTPStatus int           // 0 when nothing was sent; 200 is possible, the API refuses with it
	Message    string        // the API's own words, or what to do
	Field      string        // JSON name of the field at fault, when one is named
	RetryAfter time.Duration // how long the API asks to wait; 0 when it does not say

	reason error // one of the sentinels, or nil
	cause  error // what went wrong underneath, or nil
}

// Error says what was refused and why.
func (e *Error) Error() string {
	f := fault.Error{
		Op: e.Op, HTTPStatus: e.HTTPStatus, Message: e.Message, Field: e.Field, RetryAfter: e.RetryAfter, Cause: e.cause,
	}
	return f.Error()
}

// Is reports whether target is the sentinel of this refusal.
func (e *Error) Is(target error) bool { return e.reason != nil && target == e.reason }

// Unwrap returns the error underneath, such as a network error, or nil.
func (e *Error) Unwrap() error { return e.cause }

// ReplyStatus is a status for a server to answer its own caller with, as in
// http.Error(w, message, e.ReplyStatus()): the API's where that is 4xx or 5xx,
// else what the reason stands for, 503 for a call that was not sent.
func (e *Error) ReplyStatus() int {
	if e.HTTPStatus >= 400 && e.HTTPStatus < 600 {
		return e.HTTPStatus
	}
	return fault.StatusOf(e.reason)
}

// public makes the error of the machinery one that callers know. Every exported
// function returns through it.
func public(err error) error {
	f, ok := errors.AsType[*fault.Error](err)
	if !ok {
		return err
	}
	return publicError(f)
}

// refuse is fault.Refuse for an exported function.
func refuse(op, field, message string) error { return publicError(fault.Refuse(op, field, message)) }

func publicError(f *fault.Error) *Error {
	return &Error{
		Op: f.Op, HTTPStatus: f.HTTPStatus, Message: f.Message, Field: f.Field, RetryAfter: f.RetryAfter,
		reason: f.Reason, cause: f.Cause,
	}
}

// JobError is a job that was accepted and then failed or was cancelled.
type JobError struct {
	Job *Job
}

// Error names the job and the API's reason.
func (e *JobError) Error() string {
	what := "failed"
	if e.Job.Status == StatusCancelled {
		what = "was cancelled"
	}
	reason := e.Job.Message
	if reason == "" {
		reason = "no reason given"
	}
	return fmt.Sprintf("modelslab: job %s %s: %s", e.Job.name(), what, reason)
}

// WaitError means that waiting stopped, not the job: it may still run, finish
// and be billed. Resume with client.Wait(ctx, e.Ref).
type WaitError struct {
	Ref Ref
	Job *Job  // the last state seen; nil when none was
	Err error // why waiting stopped: ctx.Err(), or the *Error of the last fetch
}

// Error says that the job may still run, or that the API knows no such job.
func (e *WaitError) Error() string {
	if errors.Is(e.Err, ErrNotFound) {
		return fmt.Sprintf("modelslab: no such job under this kind: %s: %v", e.Ref, e.Err)
	}
	return fmt.Sprintf("modelslab: stopped waiting for job %s, which may still run: %v", e.Ref, e.Err)
}

// Unwrap returns the reason, context.Canceled or context.DeadlineExceeded among them.
func (e *WaitError) Unwrap() error { return e.Err }

// SubmitError is a submit with an unknown outcome: the request may have
// reached the API and the job may run and be billed, so it was not sent again.
//
// Where Ref is not zero the answer named the job, and client.Wait(ctx, e.Ref)
// tells what became of it. Otherwise its webhook tells, or the durable engine,
// which receives it; [AssetService.List] lists results, by which a
// job that has ended can be recognised. No endpoint takes a track id.
type SubmitError struct {
	Op      string
	TrackID string
	Ref     Ref
	Err     error
}

// Error says that the outcome is unknown.
func (e *SubmitError) Error() string {
	if e.Ref.IsZero() {
		return fmt.Sprintf("modelslab: %s: outcome unknown, a job with track id %q may run: %v", e.Op, e.TrackID, e.Err)
	}
	return fmt.Sprintf("modelslab: %s: outcome unknown, job %s may run: %v", e.Op, e.Ref, e.Err)
}

// Unwrap returns what went wrong.
func (e *SubmitError) Unwrap() error { return e.Err }

func isSubmitError(err error) bool {
	_, ok := errors.AsType[*SubmitError](err)
	return ok
}
