package webhook_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/internal/endpoint"
	"github.com/modelslab-go/modelslab/internal/token"
	"github.com/modelslab-go/modelslab/webhook"
)

var (
	secret      = bytes.Repeat([]byte("s"), token.MinSecret)
	otherSecret = bytes.Repeat([]byte("o"), token.MinSecret)
)

const path = "/webhook/modelslab"

// sign returns the path of a callback URL for a job.
func sign(kind modelslab.Kind, trackID string) string {
	return signUntil(secret, kind, trackID, time.Now().Add(time.Hour))
}

func signUntil(secret []byte, kind modelslab.Kind, trackID string, expiry time.Time) string {
	key, err := token.NewKey(secret)
	if err != nil {
		panic(err)
	}
	return path + "?sig=" + key.Sign(token.Claims{
		Kind: endpoint.CodeOf(string(kind)), Expiry: expiry, Job: token.JobOf(trackID),
	})
}

func signWorkflow(workflowID string) string {
	key, err := token.NewKey(secret)
	if err != nil {
		panic(err)
	}
	return path + "?sig=" + key.Sign(token.Claims{Kind: token.AnyRun, Expiry: token.Never, Job: token.JobOfWorkflow(workflowID)})
}

func post(target, body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, target, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	return r
}

func serve(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// events records what the callbacks were given.
type events struct {
	mu   sync.Mutex
	list []webhook.Event
}

func (e *events) add(_ context.Context, event webhook.Event) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.list = append(e.list, event)
	return nil
}

func (e *events) all() []webhook.Event {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]webhook.Event(nil), e.list...)
}

func newHandler(t testing.TB, opts ...webhook.Option) *webhook.Handler {
	t.Helper()
	h, err := webhook.NewHandler(append([]webhook.Option{webhook.WithSecrets(secret)}, opts...)...)
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = h.Shutdown(ctx)
	})
	return h
}

func TestNewHandler(t *testing.T) {
	t.Parallel()
	client, err := modelslab.New("k")
	require.NoError(t, err)
	taken, err := modelslab.New("k")
	require.NoError(t, err)
	newHandler(t, webhook.WithClient(taken))
	good := webhook.WithSecrets(secret)
	tests := []struct {
		name string
		opts []webhook.Option
		want string // of the error, "" for none
	}{
		{"nothing", nil, "no authentication"},
		{"no secrets", []webhook.Option{webhook.WithSecrets()}, "no authentication"},
		{"a short secret", []webhook.Option{webhook.WithSecrets(secret, []byte("short"))}, "32 random bytes"},
		{"a nil secret", []webhook.Option{webhook.WithSecrets(nil)}, "32 random bytes"},
		{"secrets", []webhook.Option{good}, ""},
		{"a nil option", []webhook.Option{good, nil}, ""},
		{"no auth", []webhook.Option{webhook.WithInsecureNoAuth()}, ""},
		{"both", []webhook.Option{good, webhook.WithInsecureNoAuth()}, "exclude"},
		{"a client", []webhook.Option{good, webhook.WithClient(client)}, ""},
		{"a nil client", []webhook.Option{good, webhook.WithClient(nil)}, "nil"},
		{"a client with a handler", []webhook.Option{good, webhook.WithClient(taken)}, "has a handler already"},
		{"confirm without a client", []webhook.Option{good, webhook.WithConfirm(webhook.Always)}, "WithClient"},
		{"confirm never", []webhook.Option{good, webhook.WithConfirm(webhook.Never)}, ""},
		{"confirm nonsense", []webhook.Option{good, webhook.WithConfirm(7)}, "WithConfirm(7)"},
		{"a nil store", []webhook.Option{good, webhook.WithStore(nil)}, "nil"},
		{"no body", []webhook.Option{good, webhook.WithMaxBody(0)}, "WithMaxBody(0)"},
		{"no time", []webhook.Option{good, webhook.WithTimeout(0)}, "WithTimeout"},
		{"no workers", []webhook.Option{good, webhook.WithAsync(0, 1)}, "worker"},
		{"no queue", []webhook.Option{good, webhook.WithAsync(1, 0)}, "queue"},
		{"a nil logger", []webhook.Option{good, webhook.WithLogger(nil)}, "nil"},
		{"a nil callback", []webhook.Option{good, webhook.OnSuccess(nil)}, "Succeeded"},
		{"a nil callback for all", []webhook.Option{good, webhook.OnEvent(nil)}, "OnEvent"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h, err := webhook.NewHandler(tt.opts...)
			if tt.want != "" {
				require.ErrorContains(t, err, tt.want)
				require.Nil(t, h)
				return
			}
			require.NoError(t, err)
			require.NoError(t, h.Shutdown(t.Context()))
		})
	}
}

func TestDeliveriesReachTheirCallbacks(t *testing.T) {
	t.Parallel()
	var got []string
	note := func(name string) error {
		got = append(got, name)
		return nil
	}
	h := newHandler(t,
		webhook.OnEvent(func(context.Context, webhook.Event) error { return note("event") }),
		webhook.OnSuccess(func(_ context.Context, e *webhook.Succeeded) error { return note("success " + e.TrackID()) }),
		webhook.OnFailure(func(_ context.Context, e *webhook.Failed) error { return note("failure " + e.Job().Message) }),
		webhook.OnProgress(func(_ context.Context, e *webhook.Progress) error { return note("progress " + e.Ref().String()) }),
		webhook.OnTraining(func(_ context.Context, e *webhook.TrainingUpdated) error { return note("training " + string(e.Stage)) }),
		webhook.OnWorkflow(func(_ context.Context, e *webhook.WorkflowFinished) error { return note("workflow " + e.ExecutionID) }),
	)
	for _, tt := range []struct{ target, body, want string }{
		{sign("video", "video_001"), processingBody, "progress video/abc123-def456"},
		{sign("video", "video_001"), successBody, "success video_001"},
		{sign("images", "b"), `{"status":"error","message":"no","track_id":"b","id":5}`, "failure no"},
		{sign("training", "c"), trainingBody, "training deploying_gpu"},
		{sign("training", "c"), readyBody, "training model_ready"},
		{sign("workflow", "d"), nestedBody, "workflow exec_xyz789"},
		{signWorkflow("uuid-1"), flatBody, "workflow 12345"},
		{sign("video", "e"), `{"status":"strange","id":6}`, ""},
	} {
		got = nil
		w := serve(h, post(tt.target, tt.body))
		require.Equal(t, http.StatusOK, w.Code, tt.body)
		require.JSONEq(t, `{"received":true}`, w.Body.String())
		require.Equal(t, "application/json", w.Header().Get("Content-Type"))
		want := []string{tt.want, "event"}
		if tt.want == "" {
			want = want[1:]
		}
		require.Equal(t, want, got)
	}
	stats := h.Stats()
	require.EqualValues(t, 8, stats.Received)
	require.EqualValues(t, 8, stats.Verified)
	require.EqualValues(t, 8, stats.Delivered)
	require.Empty(t, stats.Rejected)
	require.Zero(t, stats.Open)
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	good := sign("video", "video_001")
	big := `{"status":"success","x":"` + strings.Repeat("a", 2000) + `"}`
	with := func(r *http.Request, header, value string) *http.Request {
		r.Header.Set(header, value)
		return r
	}
	method := func(m string) *http.Request {
		r := post(good, successBody)
		r.Method = m
		return r
	}
	chunked := func(r *http.Request) *http.Request {
		r.ContentLength = -1
		return r
	}
	expired := signUntil(secret, "video", "video_001", time.Now().Add(-time.Second))
	tests := []struct {
		name   string
		r      *http.Request
		status int
		reason string
	}{
		{"GET", method(http.MethodGet), 405, "method"},
		{"OPTIONS", method(http.MethodOptions), 405, "method"},
		{"no token", post(path, successBody), 401, "token"},
		{"an empty token", post(path+"?sig=", successBody), 401, "token"},
		{"a made-up token", post(path+"?sig="+strings.Repeat("A", 52), successBody), 401, "token"},
		{"two tokens", post(good+"&"+strings.SplitN(good, "?", 2)[1], successBody), 401, "token"},
		{"another parameter's name", post(strings.Replace(good, "sig=", "SIG=", 1), successBody), 401, "token"},
		{"an expired token", post(expired, successBody), 401, "token"},
		{"a foreign secret's token", post(signUntil(otherSecret, "video", "video_001", time.Now().Add(time.Hour)), successBody), 401, "token"},
		{"a token before a bad body", post(path, "nonsense"), 401, "token"},
		{"gzip", with(post(good, successBody), "Content-Encoding", "gzip"), 415, "encoding"},
		{"too large", post(good, big), 413, "too_large"},
		{"too large, chunked", chunked(post(good, big)), 413, "too_large"},
		{"not JSON", post(good, "status=success"), 400, "json"},
		{"a list", post(good, "[]"), 400, "json"},
		{"nothing", post(good, ""), 400, "json"},
		{"nothing, chunked", chunked(post(good, "")), 400, "json"},
		{"two statuses", post(good, `{"status":"failed","status":"success","track_id":"video_001"}`), 400, "json"},
		{"a stored job", post(good, `{"$ref":"images/1","status":"success"}`), 400, "json"},
		{"another job's body", post(sign("video", "other"), successBody), 401, "track_id"},
		{"another job's body, in meta", post(good, `{"status":"failed","meta":{"track_id":"other"}}`), 401, "track_id"},
		{"a workflow's body for a video", post(good, flatBody), 401, "kind"},
		{"a training's body for a video", post(good, trainingBody), 401, "kind"},
		{"another workflow's body", post(signWorkflow("uuid-2"), flatBody), 401, "track_id"},
		{"a video's body for a workflow", post(signWorkflow("uuid-1"), `{"status":"success","id":1,"output":["https://a/b"]}`), 401, "track_id"},
	}
	var unauthorized http.Header
	for _, tt := range tests {
		seen := &events{}
		var observed []webhook.Observation
		h := newHandler(t, webhook.WithMaxBody(1000), webhook.OnEvent(seen.add),
			webhook.WithObserver(func(o webhook.Observation) { observed = append(observed, o) }))
		w := serve(h, tt.r)
		require.Equal(t, tt.status, w.Code, tt.name)
		require.Contains(t, w.Body.String(), `{"error":"`, tt.name)
		require.Equal(t, "application/json", w.Header().Get("Content-Type"))
		require.Empty(t, seen.all(), tt.name)
		require.Equal(t, map[string]uint64{tt.reason: 1}, h.Stats().Rejected, tt.name)
		require.Equal(t, webhook.OutcomeReceived, observed[0].Outcome)
		last := observed[len(observed)-1]
		require.Equal(t, webhook.OutcomeRejected, last.Outcome, tt.name)
		require.Equal(t, tt.reason, last.Reason)
		if tt.status == 405 {
			require.Equal(t, "POST", w.Header().Get("Allow"))
		}
		if tt.status == 401 {
			require.Equal(t, `{"error":"unauthorized"}`, w.Body.String(), "one answer for every cause")
			if unauthorized == nil {
				unauthorized = w.Header()
			}
			require.Equal(t, unauthorized, w.Header(), tt.name)
		}
	}
}

func TestSecretRotation(t *testing.T) {
	t.Parallel()
	h := newHandler(t, webhook.WithSecrets(otherSecret))
	old := signUntil(otherSecret, "video", "a", time.Now().Add(time.Hour))
	require.Equal(t, 200, serve(h, post(old, `{"status":"failed","track_id":"a"}`)).Code)
	require.Equal(t, 200, serve(h, post(sign("video", "b"), `{"status":"failed","track_id":"b"}`)).Code)
	require.Equal(t, 401, serve(newHandler(t), post(old, `{"status":"failed","track_id":"a"}`)).Code)
}

// The token is checked before the body: a forger cannot make the handler read.
func TestForgedBodiesAreNotRead(t *testing.T) {
	t.Parallel()
	r := post(path, "")
	r.Body = io.NopCloser(failingReader{t})
	r.ContentLength = 1 << 30
	require.Equal(t, 401, serve(newHandler(t), r).Code)
	r = post(sign("video", "a"), "")
	r.Body = io.NopCloser(failingReader{t})
	r.ContentLength = 1 << 30
	require.Equal(t, 413, serve(newHandler(t), r).Code)
}

type failingReader struct{ t *testing.T }

func (r failingReader) Read([]byte) (int, error) {
	r.t.Error("the body was read")
	return 0, io.EOF
}

func TestBodyConsumed(t *testing.T) {
	t.Parallel()
	for name, consume := range map[string]func(*http.Request){
		"read":         func(r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) },
		"in part":      func(r *http.Request) { _, _ = io.CopyN(io.Discard, r.Body, 10) },
		"no body left": func(r *http.Request) { r.Body = http.NoBody },
		"closed":       func(r *http.Request) { r.Body = io.NopCloser(errorReader{http.ErrBodyReadAfterClose}) },
	} {
		var got error
		h := newHandler(t, webhook.WithObserver(func(o webhook.Observation) { got = o.Err }))
		r := post(sign("video", "video_001"), successBody)
		consume(r)
		w := serve(h, r)
		require.Equal(t, 500, w.Code, name)
		require.Contains(t, w.Body.String(), "was read before", name)
		require.ErrorIs(t, got, webhook.ErrBodyConsumed, name)
	}
	r := post(sign("video", "video_001"), successBody)
	body, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	r.Body = io.NopCloser(bytes.NewReader(body))
	require.Equal(t, 200, serve(newHandler(t), r).Code, "put back")
}

type errorReader struct{ err error }

func (r errorReader) Read([]byte) (int, error) { return 0, r.err }

func TestBrokenBody(t *testing.T) {
	t.Parallel()
	r := post(sign("video", "video_001"), successBody)
	r.Body = io.NopCloser(io.MultiReader(strings.NewReader(successBody[:50]), errorReader{io.ErrUnexpectedEOF}))
	h := newHandler(t)
	require.Equal(t, 400, serve(h, r).Code)
	require.Equal(t, map[string]uint64{"broken_off": 1}, h.Stats().Rejected)
}

func TestStripPrefix(t *testing.T) {
	t.Parallel()
	seen := &events{}
	mux := http.NewServeMux()
	mux.Handle("POST /hooks/", http.StripPrefix("/hooks", newHandler(t, webhook.OnEvent(seen.add))))
	require.Equal(t, 200, serve(mux, post("/hooks"+sign("video", "video_001"), successBody)).Code)
	require.Len(t, seen.all(), 1)
}

func TestCallbackContext(t *testing.T) {
	t.Parallel()
	type key struct{}
	errs := make(chan error, 1)
	h := newHandler(t, webhook.OnEvent(func(ctx context.Context, _ webhook.Event) error {
		if ctx.Value(key{}) != "value" {
			errs <- errors.New("the request's values are gone")
		}
		errs <- ctx.Err()
		return nil
	}))
	ctx, cancel := context.WithCancel(context.WithValue(t.Context(), key{}, "value"))
	r := post(sign("video", "video_001"), successBody).WithContext(ctx)
	cancel() // the sender hung up
	serve(h, r)
	require.NoError(t, <-errs)
}
