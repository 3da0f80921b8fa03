package modelslabtest_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/modelslabtest"
	"github.com/modelslab-go/modelslab/webhook"
)

func TestSignedRequest(t *testing.T) {
	t.Parallel()
	secret := []byte("0123456789abcdef0123456789abcdef")
	var seen []string
	handler, err := webhook.NewHandler(webhook.WithSecrets(secret), webhook.OnEvent(func(_ context.Context, e webhook.Event) error {
		seen = append(seen, e.Ref().String())
		return nil
	}))
	require.NoError(t, err)
	mux := http.NewServeMux()
	mux.Handle("POST /webhook/modelslab", handler)

	const video = `{"status":"success","id":1,"output":["https://modelslab.com/1.mp4"],"track_id":"video_001"}`
	const workflow = `{"event":"workflow.completed","execution_id":2,"workflow_id":"wf_1","status":"completed"}`
	for _, tt := range []struct {
		target string
		secret []byte
		kind   modelslab.Kind
		track  string
		body   string
		status int
	}{
		{"/webhook/modelslab", secret, modelslab.KindVideo, "video_001", video, 200},
		{"/webhook/modelslab", secret, modelslab.KindVideo, "video_001", video, 200},
		{"https://your-server.com/webhook/modelslab?tenant=1", secret, modelslab.KindWorkflow, "wf_1", workflow, 200},
		{"/webhook/modelslab", secret, modelslab.KindVideo, "video_002", video, 401},
		{"/webhook/modelslab", []byte("another secret, of 32 characters"), modelslab.KindVideo, "video_001", video, 401},
		{"/webhook/modelslab", nil, modelslab.KindVideo, "video_001", video, 401},
		{"/elsewhere", secret, modelslab.KindVideo, "video_001", video, 404},
	} {
		resp := modelslabtest.Deliver(mux, modelslabtest.SignedRequest(tt.target, tt.secret, tt.kind, tt.track, tt.body))
		require.Equal(t, tt.status, resp.StatusCode, tt)
	}
	require.Equal(t, []string{"video/1", "workflow/wf_1/2"}, seen)

	require.Equal(t, "kind=images", modelslabtest.SignedRequest("/", nil, modelslab.KindImages, "a", "{}").URL.RawQuery)
	require.PanicsWithValue(t, "modelslabtest: webhook secret of 5 bytes: want at least 32 random bytes", func() {
		modelslabtest.SignedRequest("/", []byte("short"), modelslab.KindImages, "a", "{}")
	})
	require.Panics(t, func() { modelslabtest.SignedRequest("https://a b/", secret, modelslab.KindImages, "a", "{}") })
}
