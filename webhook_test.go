package modelslab_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/internal/endpoint"
	"github.com/modelslab-go/modelslab/internal/token"
)

const callbackURL = "https://your-server.com/webhook/modelslab"

var (
	callbackSecret = bytes.Repeat([]byte("s"), token.MinSecret)
	otherSecret    = bytes.Repeat([]byte("o"), token.MinSecret)
)

// wireCallback submits and returns the webhook and track_id that went out.
func wireCallback(t *testing.T, req modelslab.Request, opts []modelslab.Option, calls ...modelslab.CallOption) (webhook, trackID string, err error) {
	t.Helper()
	sent := map[string]json.RawMessage{}
	client := stubClient(t, func(r *http.Request) (*http.Response, error) {
		body, _ := io.ReadAll(r.Body)
		require.NoError(t, json.Unmarshal(body, &sent))
		return jsonResponse(http.StatusOK, `{"status":"processing","id":1}`), nil
	}, opts...)
	_, err = client.Submit(context.Background(), req, calls...)
	if raw, ok := sent["webhook"]; ok {
		require.NoError(t, json.Unmarshal(raw, &webhook))
	}
	if raw, ok := sent["track_id"]; ok {
		require.NoError(t, json.Unmarshal(raw, &trackID))
	}
	return webhook, trackID, err
}

func video(webhook, trackID string) modelslab.Request {
	return &modelslab.TextToVideoRequest{ModelID: "cogvideox", Prompt: "a spaceship", Webhook: webhook, TrackID: trackID}
}

func requireSigned(t *testing.T, webhook string, secret []byte, want token.Claims) {
	t.Helper()
	u, err := url.Parse(webhook)
	require.NoError(t, err)
	sig := u.Query().Get("sig")
	require.Len(t, sig, 52)
	key, err := token.NewKey(secret)
	require.NoError(t, err)
	got, ok := token.Verify([]*token.Key{key}, sig, time.Now())
	require.True(t, ok)
	require.Equal(t, want.Kind, got.Kind)
	require.Equal(t, want.Job, got.Job)
	if want.Expiry.IsZero() {
		want.Expiry = time.Now().Add(30 * 24 * time.Hour)
	}
	require.WithinDuration(t, want.Expiry, got.Expiry, time.Minute)
}

func TestWebhookIsSigned(t *testing.T) {
	t.Parallel()
	videoCode := endpoint.CodeOf("video")
	signing := []modelslab.Option{modelslab.WithWebhook("", callbackSecret, otherSecret)}
	defaults := []modelslab.Option{modelslab.WithWebhook(callbackURL, callbackSecret)}

	t.Run("the request's own URL", func(t *testing.T) {
		t.Parallel()
		webhook, trackID, err := wireCallback(t, video(callbackURL, "video_001"), signing)
		require.NoError(t, err)
		require.Equal(t, "video_001", trackID)
		require.True(t, strings.HasPrefix(webhook, callbackURL+"?sig="), webhook)
		requireSigned(t, webhook, callbackSecret, token.Claims{Kind: videoCode, Job: token.JobOf("video_001")})
	})
	t.Run("the client's URL and a generated track id", func(t *testing.T) {
		t.Parallel()
		webhook, trackID, err := wireCallback(t, video("", ""), defaults)
		require.NoError(t, err)
		require.Len(t, trackID, 36)
		requireSigned(t, webhook, callbackSecret, token.Claims{Kind: videoCode, Job: token.JobOf(trackID)})
	})
	t.Run("the request's URL before the client's", func(t *testing.T) {
		t.Parallel()
		webhook, _, err := wireCallback(t, video("https://other.example/hook?tenant=7", "a"), defaults)
		require.NoError(t, err)
		require.True(t, strings.HasPrefix(webhook, "https://other.example/hook?tenant=7&sig="), webhook)
	})
	t.Run("a raw request of a kind that has no code", func(t *testing.T) {
		t.Parallel()
		req := modelslab.RawRequest{Path: "/v9/new/thing", FetchPath: "/v9/new/fetch", Webhook: callbackURL, TrackID: "a"}
		webhook, _, err := wireCallback(t, req, signing)
		require.NoError(t, err)
		requireSigned(t, webhook, callbackSecret, token.Claims{Job: token.JobOf("a")})
	})
	t.Run("no callback, nothing to sign", func(t *testing.T) {
		t.Parallel()
		webhook, _, err := wireCallback(t, video("", "a"), signing)
		require.NoError(t, err)
		require.Empty(t, webhook)
	})
	t.Run("NoWebhook", func(t *testing.T) {
		t.Parallel()
		for _, own := range []string{"", callbackURL} {
			webhook, trackID, err := wireCallback(t, video(own, "a"), defaults, modelslab.NoWebhook())
			require.NoError(t, err)
			require.Empty(t, webhook)
			require.Equal(t, "a", trackID)
		}
	})
	t.Run("UnsignedWebhook", func(t *testing.T) {
		t.Parallel()
		webhook, _, err := wireCallback(t, video(callbackURL, "a"), defaults, modelslab.UnsignedWebhook())
		require.NoError(t, err)
		require.Equal(t, callbackURL+"?kind=video", webhook)
	})
	t.Run("without secrets the kind travels", func(t *testing.T) {
		t.Parallel()
		webhook, _, err := wireCallback(t, video(callbackURL+"?a=b&", "a"), nil)
		require.NoError(t, err)
		require.Equal(t, callbackURL+"?a=b&kind=video", webhook)
	})
}

func TestTokensOfOneTrackIDDiffer(t *testing.T) {
	t.Parallel()
	var sent []string
	client := stubClient(t, func(r *http.Request) (*http.Response, error) {
		var body struct{ Webhook string }
		require.NoError(t, json.NewDecoder(r.Body).Decode(&body))
		sent = append(sent, body.Webhook)
		return jsonResponse(http.StatusOK, fmt.Sprintf(`{"status":"processing","id":%d}`, len(sent))), nil
	}, modelslab.WithWebhook(callbackURL, callbackSecret))
	seen := map[string]bool{}
	for range 50 {
		_, err := client.Submit(context.Background(), video("", "video_001"))
		require.NoError(t, err)
		seen[sent[len(sent)-1]] = true
	}
	require.Len(t, seen, 50, "deliveries of jobs that share a track id could not be told apart")
}

func TestWebhookRefused(t *testing.T) {
	t.Parallel()
	long := "https://your-server.com/" + strings.Repeat("a", 191-len("https://your-server.com/?sig=")-52)
	webhook, _, err := wireCallback(t, video(long, "a"), []modelslab.Option{modelslab.WithWebhook("", callbackSecret)})
	require.NoError(t, err)
	require.Len(t, webhook, 191)

	tests := []struct{ name, webhook, want string }{
		{"one character too long", long + "a", "192 characters long, token included; ModelsLab keeps 191"},
		{"relative", "/webhook", "absolute and HTTPS"},
		{"plain HTTP", "http://your-server.com/webhook", "absolute and HTTPS"},
		{"loopback", "http://127.0.0.1:8080/webhook", "WithLoopbackWebhooks"},
		{"no host", "https:///webhook", "absolute and HTTPS"},
		{"a user", "https://user:pass@your-server.com/", "user or password"},
		{"a fragment", callbackURL + "#x", "fragment"},
		{"a token of its own", callbackURL + "?sig=abc", `"sig"`},
		{"a kind of its own", callbackURL + "?kind=abc", `"kind"`},
		{"not a URL", "https://a b/", "does not parse"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			client := stubClient(t, func(*http.Request) (*http.Response, error) {
				t.Error("it was sent")
				return nil, io.ErrUnexpectedEOF
			}, modelslab.WithWebhook("", callbackSecret))
			_, err := client.Submit(context.Background(), video(tt.webhook, "a"))
			require.ErrorIs(t, err, modelslab.ErrInvalid)
			require.ErrorContains(t, err, tt.want)
			require.NotContains(t, err.Error(), "pass@")
		})
	}
}

func TestLoopbackWebhooks(t *testing.T) {
	t.Parallel()
	for _, own := range []string{"http://127.0.0.1:8080/hook", "http://localhost/hook", "http://[::1]:1/hook"} {
		webhook, _, err := wireCallback(t, video(own, "a"), []modelslab.Option{modelslab.WithLoopbackWebhooks()})
		require.NoError(t, err)
		require.Equal(t, own+"?kind=video", webhook)
	}
}

func TestWebhookSecrets(t *testing.T) {
	t.Parallel()
	for _, secrets := range [][][]byte{{callbackSecret[:31]}, {{}}, {nil}, {callbackSecret, otherSecret[:31]}} {
		_, err := modelslab.New(testKey, modelslab.WithWebhook(callbackURL, secrets...))
		require.ErrorContains(t, err, "want at least 32 random bytes")
	}
	secret := []byte("hunter2-hunter2-hunter2-hunter2-")
	client, err := modelslab.New(testKey, modelslab.WithWebhook(callbackURL, secret))
	require.NoError(t, err)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
		text := fmt.Sprintf(verb, client)
		require.NotContains(t, text, "hunter2")
		require.NotContains(t, text, "68756e74657232")
	}
}

func TestWorkflowCallbackURL(t *testing.T) {
	t.Parallel()
	newClient := func(opts ...modelslab.Option) *modelslab.Client {
		client, err := modelslab.New(testKey, opts...)
		require.NoError(t, err)
		return client
	}
	webhook, err := newClient(modelslab.WithWebhook(callbackURL, callbackSecret)).WorkflowCallbackURL("wf_abc123")
	require.NoError(t, err)
	requireSigned(t, webhook, callbackSecret, token.Claims{
		Kind: token.AnyRun, Job: token.JobOfWorkflow("wf_abc123"), Expiry: token.Never,
	})
	again, err := newClient(modelslab.WithWebhook(callbackURL, callbackSecret)).WorkflowCallbackURL("wf_abc123")
	require.NoError(t, err)
	require.Equal(t, webhook, again, "it is configured once")

	webhook, err = newClient(modelslab.WithWebhook(callbackURL)).WorkflowCallbackURL("wf_abc123")
	require.NoError(t, err)
	require.Equal(t, callbackURL+"?kind=workflow", webhook)

	for name, f := range map[string]func() (string, error){
		"no URL": func() (string, error) { return newClient().WorkflowCallbackURL("wf") },
		"no id":  func() (string, error) { return newClient(modelslab.WithWebhook(callbackURL)).WorkflowCallbackURL("") },
	} {
		webhook, err := f()
		require.ErrorIs(t, err, modelslab.ErrInvalid, name)
		require.Empty(t, webhook, name)
	}
}

func TestNewChecksTheCallbackURL(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]string{
		"too long":          callbackURL + "/" + strings.Repeat("a", 200),
		"not HTTPS":         "http://your-server.com/",
		"loopback":          "http://127.0.0.1:8080/cb",
		"a path":            "/cb",
		"no URL":            "https://%zz",
		"a password":        "https://u:p@your-server.com/cb",
		"a fragment":        callbackURL + "#x",
		"a token already":   callbackURL + "?sig=x",
		"a kind of its own": callbackURL + "?kind=x",
	} {
		_, err := modelslab.New(testKey, modelslab.WithWebhook(url, callbackSecret))
		require.ErrorContains(t, err, "callback URL", name)
	}
	for _, opts := range [][]modelslab.Option{ // whichever comes first
		{modelslab.WithLoopbackWebhooks(), modelslab.WithWebhook("http://127.0.0.1:8080/cb")},
		{modelslab.WithWebhook("http://127.0.0.1:8080/cb"), modelslab.WithLoopbackWebhooks()},
		{modelslab.WithWebhook("nonsense"), modelslab.WithWebhook("", callbackSecret)},
	} {
		_, err := modelslab.New(testKey, opts...)
		require.NoError(t, err)
	}
}

func TestCallbackTokenIsNeverShown(t *testing.T) {
	t.Parallel()
	var webhook string
	client := stubClient(t, func(r *http.Request) (*http.Response, error) {
		var body struct{ Webhook string }
		require.NoError(t, json.NewDecoder(r.Body).Decode(&body))
		webhook = body.Webhook
		echo, err := json.Marshal(webhook)
		require.NoError(t, err)
		return jsonResponse(http.StatusOK, `{"status":"processing","id":1,"meta":{"webhook":`+string(echo)+`}}`), nil
	}, modelslab.WithWebhook(callbackURL, callbackSecret))
	job, err := client.Submit(context.Background(), video("", "a"))
	require.NoError(t, err)
	sig := webhook[strings.Index(webhook, "sig=")+4:]
	require.Len(t, sig, 52)
	stored, err := json.Marshal(job)
	require.NoError(t, err)
	for _, text := range []string{string(job.Raw), string(job.Meta), string(stored), fmt.Sprintf("%+v %#v", job, *job)} {
		require.NotContains(t, text, sig)
	}
}
