package modelslab

import (
	"errors"
	"strings"
	"time"

	"github.com/modelslab-go/modelslab/internal/fault"
	"github.com/modelslab-go/modelslab/internal/retry"
)

// defaultRetryAfter is what the API's own samples ask for.
const defaultRetryAfter = 30 * time.Second

// refusal returns the *Error that an answer stands for, or nil. ModelsLab
// refuses with HTTP statuses and, as often, with HTTP 200 and a status field.
func refusal(c *call, r *reply) *fault.Error {
	refused := false
	switch {
	case r.status >= 300 && r.status < 400:
		return &fault.Error{
			Op: c.op, HTTPStatus: r.status, Reason: ErrUnavailable,
			Message: "the API redirects, which is not followed because it would take the key along: check the base URL",
		}
	case r.status >= 400:
		refused = true
	case r.extras.RawStatus != "error" && r.extras.RawStatus != "failed":
	case c.fetch:
		refused = aboutTheFetch(r)
	case r.extras.RawStatus == "error":
		refused = true
	default:
		// A failed job was accepted first and has an id; without one the answer is a refusal.
		refused = r.job == nil || r.job.ID == "" && r.job.Ref.ID == ""
	}
	if !refused {
		return nil
	}
	e := &fault.Error{
		Op: c.op, HTTPStatus: r.status, Message: r.message, Field: r.extras.Field,
		RetryAfter: r.extras.RetryAfter, Reason: fault.OfStatus(r.status),
	}
	if e.RetryAfter == 0 {
		e.RetryAfter = retry.After(r.header)
	}
	if r.status < 300 {
		e.Reason = reasonOfText(r.message)
	}
	if e.Field != "" && e.Reason == nil {
		e.Reason = ErrInvalid
	}
	e.Duplicate = spamFilter(r.message)
	if e.Duplicate {
		e.Reason = ErrRateLimited
	}
	if errors.Is(e.Reason, ErrRateLimited) && e.RetryAfter == 0 {
		e.RetryAfter = defaultRetryAfter
	}
	return e
}

// aboutTheFetch tells a fetch that was refused from a job that failed: both
// come as HTTP 200 with an error status.
func aboutTheFetch(r *reply) bool {
	if r.job.ID != "" || r.job.Ref.ID != "" {
		return false // it names the job
	}
	reason := reasonOfText(r.message)
	if r.extras.RawStatus == "failed" {
		// A reply that names the job is about the job, whatever words its failure has.
		return !r.extras.IsJob && (errors.Is(reason, ErrNotFound) || errors.Is(reason, ErrAuth))
	}
	return !errors.Is(reason, ErrInvalid)
}

// reasonOfText classifies the refusals that come with HTTP 200, most telling
// words first: "monthly limit exceeded" is about credits, not about rates.
func reasonOfText(message string) error {
	m := strings.ToLower(message)
	has := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(m, w) {
				return true
			}
		}
		return false
	}
	switch {
	case has("api key", "apikey", "unauthorized", "unauthenticated"):
		return ErrAuth
	case has("credit", "balance", "monthly limit", "limit exceeded, upgrade", "wallet"):
		return ErrCredits
	case has("premium", "subscription", "not allowed for your plan"):
		return ErrForbidden
	case has("rate limit", "queued requests", "queue is full", "queue limit", "too many request"):
		return ErrRateLimited
	case has("request not found", "not found", "does not exist"):
		return ErrNotFound
	case has("internal server error", "temporarily unavailable", "try again later"):
		return ErrUnavailable
	default:
		return ErrInvalid
	}
}

// spamFilter recognises the refusal of a request that equals a recent one.
func spamFilter(message string) bool {
	m := strings.ToLower(message)
	return strings.Contains(m, "spam") || strings.Contains(m, "same request")
}
