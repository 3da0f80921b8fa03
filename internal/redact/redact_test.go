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

// TestErrorHidesQueries: whatever quotes a URL may quote what signs it.
func TestErrorHidesQueries(t *testing.T) {
	t.Parallel()
	const signed = "https://cdn.example.com/a.png?Expires=1&X-Amz-Signature=top-secret"
	inner := &url.Error{Op: "parse", URL: signed, Err: url.EscapeError("%.p")}
	for _, tt := range []struct {
		name string
		err  error
		want string
	}{
		{"in quotes", fmt.Errorf("failed to parse Location header %q: bad", signed), `failed to parse Location header "https://cdn.example.com/a.png?*": bad`},
		{"at the end", errors.New("no answer from " + signed), "no answer from https://cdn.example.com/a.png?*"},
		{"two of them", errors.New(signed + " leads to /b?sig=top-secret twice"), "https://cdn.example.com/a.png?* leads to /b?* twice"},
		{"with a second question mark", errors.New("/a?b=1?sig=top-secret. again"), "/a?* again"},
		{"an error within an error", &url.Error{Op: "Get", URL: signed, Err: inner}, `invalid URL escape "%.p"`},
		{"wrapped in between", &url.Error{Op: "Get", URL: signed, Err: fmt.Errorf("moved: %w", inner)}, `invalid URL escape "%.p"`},
		{"a question", errors.New("is it up? x=1"), "is it up? x=1"},
		{"no query", errors.New("what? /a?b"), "what? /a?*"},
	} {
		err := redact.Error(tt.err, func() string { return "" })
		require.EqualError(t, err, tt.want, tt.name)
	}
}
