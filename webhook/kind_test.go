package webhook_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/webhook"
)

func TestInsecureNoAuth(t *testing.T) {
	t.Parallel()
	seen := &events{}
	h, err := webhook.NewHandler(webhook.WithInsecureNoAuth(), webhook.OnEvent(seen.add))
	require.NoError(t, err)
	require.Equal(t, 200, serve(h, post(path+"?kind=video", successBody)).Code)
	require.Equal(t, 200, serve(h, post(path+"?kind=nonsense", `{"status":"failed","id":1}`)).Code)
	require.Equal(t, 200, serve(h, post(path, `{"status":"failed","id":2,"fetch_result":"https://modelslab.com/api/v6/images/fetch/3"}`)).Code)
	require.Equal(t, 200, serve(h, post(path, flatBody)).Code)
	got := seen.all()
	require.Equal(t, modelslab.Ref{Kind: "video", ID: "abc123-def456"}, got[0].Ref())
	require.Empty(t, got[1].Kind())
	require.Empty(t, got[2].Kind(), "a body does not choose its kind")
	require.Equal(t, modelslab.KindWorkflow, got[3].Kind())
}

func TestWithKindFunc(t *testing.T) {
	t.Parallel()
	seen := &events{}
	h, err := webhook.NewHandler(webhook.WithInsecureNoAuth(), webhook.OnEvent(seen.add),
		webhook.WithKindFunc(func(trackID string) modelslab.Kind {
			if _, kind, ok := strings.Cut(trackID, ":"); ok {
				return modelslab.Kind(kind)
			}
			return ""
		}))
	require.NoError(t, err)
	for _, body := range []string{
		`{"status":"failed","id":1,"track_id":"7:images"}`, `{"status":"failed","id":2,"track_id":"8"}`,
	} {
		require.Equal(t, 200, serve(h, post(path, body)).Code)
	}
	require.Equal(t, 200, serve(h, post(path+"?kind=video", `{"status":"failed","id":3,"track_id":"9:images"}`)).Code)
	got := seen.all()
	require.Equal(t, "images/1", got[0].Ref().String())
	require.Equal(t, "2", got[1].Ref().String())
	require.Equal(t, "video/3", got[2].Ref().String(), "the callback URL knows better")
}
