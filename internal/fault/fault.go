// Package fault says why something failed. The public errors of package
// modelslab are made from it at the front doors, so that the machinery below
// need not name them.
package fault

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// The reasons of a failure. Package modelslab exports them as ErrAuth and so on.
var (
	Auth        = errors.New("modelslab: not authenticated")
	Credits     = errors.New("modelslab: out of credits")
	Forbidden   = errors.New("modelslab: forbidden")
	Invalid     = errors.New("modelslab: invalid request")
	NotFound    = errors.New("modelslab: not found")
	RateLimited = errors.New("modelslab: rate limited")
	QueueFull   = errors.New("modelslab: queue full")
	Unavailable = errors.New("modelslab: unavailable")
)

// Error is a call that did not bring what it was made for.
type Error struct {
	Op         string        // "POST /v6/video/text2video"
	HTTPStatus int           // 0 when no answer came
	Message    string        // the API's own words, or what to do
	Field      string        // JSON name of the field at fault
	RetryAfter time.Duration // 0 when the API does not say
	Reason     error         // one of the reasons above, or nil
	Cause      error         // the error underneath, or nil
	Duplicate  bool          // the same-request filter refused it: a repeat may be a second bill
	Unknown    bool          // of a submit: a job may run all the same
	Page       bool          // a proxy answered, not the API
	Doubtful   bool          // of a fetch: the job may have failed, or the question
}

// Refuse is the refusal of a request before it is sent. The field may be "".
func Refuse(op, field, message string) *Error {
	return &Error{Op: op, Field: field, Message: message, Reason: Invalid}
}

// Error says what failed and why.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("modelslab: ")
	if e.Op != "" {
		b.WriteString(e.Op + ": ")
	}
	if e.Field != "" && !strings.Contains(e.Message, e.Field) {
		b.WriteString(e.Field + ": ")
	}
	switch {
	case e.Message != "":
		b.WriteString(e.Message)
	case e.Cause != nil:
		b.WriteString(e.Cause.Error())
	default:
		b.WriteString("refused")
	}
	if e.HTTPStatus != 0 {
		fmt.Fprintf(&b, " (HTTP %d)", e.HTTPStatus)
	}
	if e.RetryAfter > 0 {
		fmt.Fprintf(&b, "; retry after %s", e.RetryAfter)
	}
	return b.String()
}

// Is reports whether target is the reason.
func (e *Error) Is(target error) bool { return e.Reason != nil && target == e.Reason }

// Unwrap returns the error underneath, or nil.
func (e *Error) Unwrap() error { return e.Cause }

// OfStatus is the reason that an HTTP status stands for, nil for one below 400.
func OfStatus(status int) error {
	switch status {
	case http.StatusUnauthorized:
		return Auth
	case http.StatusPaymentRequired:
		return Credits
	case http.StatusForbidden:
		return Forbidden
	case http.StatusNotFound:
		return NotFound
	case http.StatusTooManyRequests:
		return RateLimited
	}
	switch {
	case status >= 500 || status == http.StatusRequestTimeout:
		return Unavailable
	case status >= 400:
		return Invalid
	default:
		return nil
	}
}

// Lasting reports that a repeat of what brought the error would be answered the
// same: it is about the account or the question, not about the moment.
func Lasting(err error) bool {
	for _, reason := range [...]error{Auth, Credits, Forbidden, NotFound, Invalid} {
		if errors.Is(err, reason) {
			return true
		}
	}
	return false
}

// StatusOf is an HTTP status that stands for a reason, always 4xx or 5xx.
func StatusOf(reason error) int {
	switch reason {
	case Auth: //nolint:errorlint // a reason is one of the sentinels itself
		return http.StatusUnauthorized
	case Credits:
		return http.StatusPaymentRequired
	case Forbidden:
		return http.StatusForbidden
	case NotFound:
		return http.StatusNotFound
	case RateLimited, QueueFull:
		return http.StatusTooManyRequests
	case Invalid:
		return http.StatusBadRequest
	default:
		return http.StatusServiceUnavailable
	}
}
