package webhook_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/modelslabtest"
	"github.com/modelslab-go/modelslab/webhook"
)

func TestHideToken(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, query, shown string }{
		{"no query", "", ""},
		{"nothing to hide", "a=1&signature=2", "a=1&signature=2"},
		{"the token alone", "sig=secret", ""},
		{"between others", "ref=7&sig=secret&kind=video", "ref=7&kind=video"},
		{"twice", "sig=secret&sig=secret", ""},
		{"its name escaped", "a=1&%73ig=secret", "a=1"},
		{"without a value", "sig&a=1", "a=1"},
		{"a broken escape", "%zz=1&sig=secret", "%zz=1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			target := "/hook"
			if tt.query != "" {
				target += "?" + tt.query
			}
			want := "/hook"
			if tt.shown != "" {
				want += "?" + tt.shown
			}
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, target, http.NoBody)
			var query, uri string
			webhook.HideToken(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				query, uri = r.URL.RawQuery, r.RequestURI
			})).ServeHTTP(httptest.NewRecorder(), r)
			require.Equal(t, tt.shown, query)
			require.Equal(t, want, uri)
			require.Equal(t, tt.query, r.URL.RawQuery, "the caller's request is as it was")
		})
	}
}

func TestAHiddenTokenIsVerified(t *testing.T) {
	t.Parallel()
	secret := []byte("32 bytes that only we and our URLs")
	body := `{"status":"success","id":1,"output":["https://modelslab.com/1.mp4"],"track_id":"video_001"}`
	for _, tt := range []struct {
		name   string
		secret []byte
		status int
	}{
		{"ours", secret, http.StatusOK},
		{"forged", []byte("32 bytes of somebody who is not us"), http.StatusUnauthorized},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			delivered := 0
			handler, err := webhook.NewHandler(webhook.WithSecrets(secret), webhook.OnSuccess(func(context.Context, *webhook.Succeeded) error {
				delivered++
				return nil
			}))
			require.NoError(t, err)
			r := modelslabtest.SignedRequest("/hook", tt.secret, modelslab.KindVideo, "video_001", body)
			resp := modelslabtest.Deliver(webhook.HideToken(handler), r)
			require.Equal(t, tt.status, resp.StatusCode)
			require.Equal(t, tt.status == http.StatusOK, delivered == 1)
		})
	}
}
