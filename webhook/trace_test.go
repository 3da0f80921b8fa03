package webhook_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/modelslabtest"
	"github.com/modelslab-go/modelslab/webhook"
)

// operations is a Tracer that keeps those of package webhook.
type operations struct {
	mu    sync.Mutex
	begun []modelslab.Op
	ended []modelslab.Result
}

type insideOperation struct{}

func (o *operations) Begin(ctx context.Context, op modelslab.Op) (context.Context, func(modelslab.Result)) {
	if op.Name != modelslab.OpDelivery {
		return ctx, func(modelslab.Result) {}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.begun = append(o.begun, op)
	return context.WithValue(ctx, insideOperation{}, true), func(r modelslab.Result) {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.ended = append(o.ended, r)
	}
}

func TestTracerFollowsDeliveries(t *testing.T) {
	t.Parallel()
	secret := []byte("32 bytes that only we and our URLs")
	refused := errors.New("the database is away")
	for _, tt := range []struct {
		name, query string
		callback    func() error
		link, class string
		status      int
	}{
		{"linked", "&tl=aZ0-_", func() error { return nil }, "aZ0-_", "", 200},
		{"not linked", "", func() error { return nil }, "", "", 200},
		{"no link", "&tl=a%20b", func() error { return nil }, "", "", 200},
		{"too long", "&tl=" + strings.Repeat("a", 33), func() error { return nil }, "", "", 200},
		{"two links", "&tl=a&tl=b", func() error { return nil }, "", "", 200},
		{"failed", "&tl=a", func() error { return refused }, "a", "other", 500},
		{"panicked", "&tl=a", func() error { panic("boom") }, "a", "other", 500},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := modelslabtest.NewServer(modelslabtest.WithStrict())
			defer server.Close()
			var seen operations
			inside := false
			handler, err := webhook.NewHandler(
				webhook.WithSecrets(secret), webhook.WithClient(server.Client(modelslab.WithTracer(&seen))), webhook.WithConfirm(webhook.Never),
				webhook.OnSuccess(func(ctx context.Context, _ *webhook.Succeeded) error {
					inside = ctx.Value(insideOperation{}) != nil
					return tt.callback()
				}),
			)
			require.NoError(t, err)
			defer func() { _ = handler.Shutdown(t.Context()) }()
			r := modelslabtest.SignedRequest("/hook", secret, modelslab.KindVideo, "video_001",
				`{"status":"success","id":1,"output":["https://modelslab.com/1.mp4"],"track_id":"video_001"}`)
			r.URL.RawQuery += tt.query
			require.Equal(t, tt.status, modelslabtest.Deliver(handler, r).StatusCode)
			require.True(t, inside, "the callback has the context of the operation")
			require.Equal(t, []modelslab.Op{{Name: modelslab.OpDelivery, Kind: modelslab.KindVideo, TrackID: "video_001", Link: tt.link}}, seen.begun)
			require.Len(t, seen.ended, 1)
			require.Equal(t, tt.class, seen.ended[0].Class())
			require.Equal(t, modelslab.StatusSuccess, seen.ended[0].Job.Status)
		})
	}
}

func TestAForgedLinkIsNotFollowed(t *testing.T) {
	t.Parallel()
	var seen operations
	server := modelslabtest.NewServer(modelslabtest.WithStrict())
	defer server.Close()
	handler, err := webhook.NewHandler(webhook.WithInsecureNoAuth(), webhook.WithClient(server.Client(modelslab.WithTracer(&seen))),
		webhook.WithConfirm(webhook.Never), webhook.OnSuccess(func(context.Context, *webhook.Succeeded) error { return nil }))
	require.NoError(t, err)
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/hook?kind=video&tl=abc",
		strings.NewReader(`{"status":"success","id":1,"output":["https://modelslab.com/1.mp4"]}`))
	r.Header.Set("Content-Type", "application/json")
	require.Equal(t, 200, modelslabtest.Deliver(handler, r).StatusCode)
	require.Len(t, seen.begun, 1)
	require.Empty(t, seen.begun[0].Link, "nobody has vouched for the URL")
}
