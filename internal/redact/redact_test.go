package redact_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/internal/redact"
)

func TestText(t *testing.T) {
	t.Parallel()
	token := strings.Repeat("A", 52)
	for _, tt := range []struct{ name, text, key, want string }{
		{"nothing", "", "top-secret", ""},
		{"nothing to hide", "the prompt is required", "top-secret", "the prompt is required"},
		{"the key, twice", "top-secret is not top-secret", "top-secret", "[redacted] is not [redacted]"},
		{"no key", "the prompt is required", "", "the prompt is required"},
	} {
		require.Equal(t, tt.want, redact.Text(tt.text, tt.key), tt.name)
	}
	require.NotContains(t, redact.Text("no answer from https://a.example/cb?sig="+token, "top-secret"), token)
}

func TestErrorKeepsTheChain(t *testing.T) {
	t.Parallel()
	cause := &url.Error{Op: "Get", URL: "https://modelslab.com/api/v7/models?key=top-secret", Err: context.DeadlineExceeded}
	err := redact.Error(fmt.Errorf("trying: %w", cause), func() string { return "top-secret" })
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.NotContains(t, err.Error(), "top-secret")
	require.NotContains(t, err.Error(), "modelslab.com")

	err = redact.Error(errors.New("the header said top-secret"), func() string { return "top-secret" })
	require.EqualError(t, err, "the header said [redacted]")
}
