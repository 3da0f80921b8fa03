package fault_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/internal/fault"
)

func TestErrorText(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		err  fault.Error
		want string
	}{
		{"nothing known", fault.Error{}, "modelslab: refused"},
		{"an operation", fault.Error{Op: "POST /v6/video/text2video"}, "modelslab: POST /v6/video/text2video: refused"},
		{"a field", fault.Error{Op: "op", Field: "prompt", Message: "too long"}, "modelslab: op: prompt: too long"},
		{"a field that the message names", fault.Error{Field: "prompt", Message: "the prompt field is required"}, "modelslab: the prompt field is required"},
		{"a message before its cause", fault.Error{Message: "no", Cause: errors.New("because")}, "modelslab: no"},
		{"a cause alone", fault.Error{Cause: errors.New("because")}, "modelslab: because"},
		{"status and pause", fault.Error{Message: "busy", HTTPStatus: 429, RetryAfter: 3 * time.Second}, "modelslab: busy (HTTP 429); retry after 3s"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			require.EqualError(t, &tt.err, tt.want)
		})
	}
}

func TestErrorIs(t *testing.T) {
	t.Parallel()
	err := &fault.Error{Reason: fault.Auth, Cause: context.Canceled}
	require.ErrorIs(t, err, fault.Auth)
	require.ErrorIs(t, err, context.Canceled)
	require.NotErrorIs(t, err, fault.Credits)
	require.NotErrorIs(t, &fault.Error{}, fault.Auth)
	require.ErrorIs(t, fault.Refuse("op", "field", "message"), fault.Invalid)
}

func TestOfStatus(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]error{
		200: nil, 202: nil, 302: nil, 400: fault.Invalid, 401: fault.Auth, 402: fault.Credits, 403: fault.Forbidden,
		404: fault.NotFound, 408: fault.Unavailable, 418: fault.Invalid, 422: fault.Invalid, 429: fault.RateLimited,
		500: fault.Unavailable, 503: fault.Unavailable, 521: fault.Unavailable,
	} {
		require.Equal(t, want, fault.OfStatus(status), "HTTP %d", status)
	}
}
