package webhook_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/webhook"
)

func newVerifier(t *testing.T, opts ...webhook.VerifierOption) *webhook.Verifier {
	t.Helper()
	v, err := webhook.NewVerifier(append([]webhook.VerifierOption{webhook.WithSecrets(secret)}, opts...)...)
	require.NoError(t, err)
	return v
}

func TestNewVerifier(t *testing.T) {
	t.Parallel()
	good := webhook.WithSecrets(secret)
	for name, tt := range map[string]struct {
		opts []webhook.VerifierOption
		want string // of the error, "" for none
	}{
		"nothing":        {nil, "no authentication"},
		"no secrets":     {[]webhook.VerifierOption{webhook.WithSecrets()}, "no authentication"},
		"a short secret": {[]webhook.VerifierOption{webhook.WithSecrets(secret[1:])}, "32 random bytes"},
		"secrets":        {[]webhook.VerifierOption{good}, ""},
		"a nil option":   {[]webhook.VerifierOption{nil, good}, ""},
		"no auth":        {[]webhook.VerifierOption{webhook.WithInsecureNoAuth()}, ""},
		"both":           {[]webhook.VerifierOption{good, webhook.WithInsecureNoAuth()}, "exclude"},
		"no body":        {[]webhook.VerifierOption{good, webhook.WithMaxBody(0)}, "WithMaxBody(0)"},
	} {
		v, err := webhook.NewVerifier(tt.opts...)
		if tt.want == "" {
			require.NoError(t, err, name)
			require.NotNil(t, v, name)
			continue
		}
		require.ErrorContains(t, err, tt.want, name)
		require.Nil(t, v, name)
	}
	h, err := webhook.NewHandler(good, webhook.VerifierOption(nil))
	require.NoError(t, err)
	require.NoError(t, h.Shutdown(t.Context()))
}

func TestVerify(t *testing.T) {
	t.Parallel()
	v := newVerifier(t, webhook.WithKindFunc(func(trackID string) modelslab.Kind { return modelslab.Kind("images/" + trackID)[:6] }))
	for _, tt := range []struct {
		target, body string
		kind         modelslab.Kind
		ref, track   string
		key          webhook.TrackKey
	}{
		{sign("video", "video_001"), successBody, "video", "video/abc123-def456", "video_001", webhook.KeyOf("video_001")},
		{sign("training", "c"), trainingBody, "training", "training/F5jvdzGnYi", "", webhook.KeyOf("c")},
		{sign("", "d"), `{"status":"success","id":5,"output":["https://a/b"],"track_id":"d"}`, "images", "images/5", "d", webhook.KeyOf("d")},
		{signWorkflow("uuid-1"), flatBody, "workflow", "workflow/uuid-1/12345", "", webhook.TrackKey{}},
	} {
		for range 2 { // nothing is remembered
			e, err := v.Verify(httptest.NewRecorder(), post(tt.target, tt.body))
			require.NoError(t, err, tt.body)
			require.Equal(t, tt.kind, e.Kind(), tt.body)
			require.Equal(t, tt.ref, e.Ref().String())
			require.Equal(t, tt.track, e.TrackID())
			require.Equal(t, tt.key, e.TrackKey(), tt.body)
			require.JSONEq(t, tt.body, string(e.Raw()))
		}
	}
	e, err := v.Verify(nil, post(sign("video", "video_001"), successBody))
	require.NoError(t, err, "a writer is for the deadline only")
	require.IsType(t, &webhook.Succeeded{}, e)
}

// A refusal says why, and answers as the handler does, which says less.
func TestVerifyRefuses(t *testing.T) {
	t.Parallel()
	good := sign("video", "video_001")
	get := func() *http.Request {
		r := post(good, successBody)
		r.Method = http.MethodGet
		return r
	}
	consumed := func() *http.Request {
		r := post(good, successBody)
		r.Body = http.NoBody
		return r
	}
	for _, tt := range []struct {
		request func() *http.Request
		status  int
		reason  string
		is      error
	}{
		{get, 405, "method", nil},
		{func() *http.Request { return post(path, successBody) }, 401, "token", nil},
		{func() *http.Request { return post(sign("video", "other"), successBody) }, 401, "track_id", nil},
		{func() *http.Request { return post(good, trainingBody) }, 401, "kind", nil},
		{func() *http.Request { return post(good, `{"x":"`+strings.Repeat("a", 2000)+`"}`) }, 413, "too_large", nil},
		{func() *http.Request { return post(good, "[]") }, 400, "json", nil},
		{consumed, 500, "body_consumed", webhook.ErrBodyConsumed},
	} {
		e, err := newVerifier(t, webhook.WithMaxBody(1000)).Verify(httptest.NewRecorder(), tt.request())
		require.Nil(t, e, tt.reason)
		var refusal *webhook.Refusal
		require.ErrorAs(t, err, &refusal, tt.reason)
		require.Equal(t, tt.status, refusal.Status, tt.reason)
		require.Equal(t, tt.reason, refusal.Reason)
		require.ErrorContains(t, err, tt.reason)
		if tt.is != nil {
			require.ErrorIs(t, err, tt.is)
		}
		w := httptest.NewRecorder()
		refusal.Write(w)
		want := serve(newHandler(t, webhook.WithMaxBody(1000)), tt.request())
		require.Equal(t, want.Code, w.Code)
		require.Equal(t, want.Body.String(), w.Body.String())
		require.Equal(t, want.Header(), w.Header())
	}
	w := httptest.NewRecorder()
	(&webhook.Refusal{Status: http.StatusTooManyRequests, Reason: "mine"}).Write(w)
	require.Equal(t, http.StatusTooManyRequests, w.Code)
	require.JSONEq(t, `{"error":"too many requests"}`, w.Body.String())
}

// With a valid token nothing that proxies and senders do to a request's headers
// costs a delivery; without one the content type has to be JSON's.
func TestHeadersOfRealSenders(t *testing.T) {
	t.Parallel()
	const isJSON, isNot = 200, 415
	for _, tt := range []struct {
		name, header string
		values       []string
		verified     int
		noAuth       int
	}{
		{"JSON", "Content-Type", []string{"application/json"}, 200, isJSON},
		{"charset", "Content-Type", []string{"application/json; charset=utf-8"}, 200, isJSON},
		{"upper case", "Content-Type", []string{"Application/JSON"}, 200, isJSON},
		{"vendor JSON", "Content-Type", []string{"application/vnd.modelslab+json"}, 200, isJSON},
		{"none", "Content-Type", nil, 200, isNot},
		{"empty", "Content-Type", []string{""}, 200, isNot},
		{"two headers", "Content-Type", []string{"application/json", "application/json"}, 200, isJSON},
		{"doubled", "Content-Type", []string{"application/json, application/json"}, 200, isNot},
		{"doubled charset", "Content-Type", []string{"application/json; charset=utf-8; charset=utf-8"}, 200, isJSON},
		{"open quote", "Content-Type", []string{`application/json; charset="utf-8`}, 200, isNot},
		{"text", "Content-Type", []string{"text/plain; charset=utf-8"}, 200, isNot},
		{"text/json", "Content-Type", []string{"text/json"}, 200, isNot},
		{"bytes", "Content-Type", []string{"application/octet-stream"}, 200, isNot},
		{"a form", "Content-Type", []string{"application/x-www-form-urlencoded"}, 200, isNot},
		{"identity", "Content-Encoding", []string{"identity"}, 200, isJSON},
		{"a charset for an encoding", "Content-Encoding", []string{"UTF-8"}, 200, isJSON},
		{"an empty encoding", "Content-Encoding", []string{""}, 200, isJSON},
		{"gzip", "Content-Encoding", []string{"gzip"}, 415, isNot},
		{"GZIP", "Content-Encoding", []string{" GZIP "}, 415, isNot},
		{"brotli", "Content-Encoding", []string{"br"}, 415, isNot},
		{"deflate", "Content-Encoding", []string{"deflate"}, 415, isNot},
		{"zstd", "Content-Encoding", []string{"zstd"}, 415, isNot},
		{"compress", "Content-Encoding", []string{"compress"}, 415, isNot},
		{"a list", "Content-Encoding", []string{"identity, gzip"}, 415, isNot},
		{"two encodings", "Content-Encoding", []string{"identity", "br"}, 415, isNot},
	} {
		request := func(target string) *http.Request {
			r := post(target, successBody)
			r.Header[tt.header] = tt.values
			return r
		}
		seen := &events{}
		require.Equal(t, tt.verified, serve(newHandler(t, webhook.OnEvent(seen.add)), request(sign("video", "video_001"))).Code, tt.name)
		require.Len(t, seen.all(), map[int]int{200: 1}[tt.verified], tt.name)
		open, err := webhook.NewHandler(webhook.WithInsecureNoAuth())
		require.NoError(t, err)
		require.Equal(t, tt.noAuth, serve(open, request(path+"?kind=video")).Code, tt.name)
		require.NoError(t, open.Shutdown(t.Context()))
	}
}

func TestBodiesOfRealSenders(t *testing.T) {
	t.Parallel()
	chunked := func(r *http.Request) *http.Request {
		r.ContentLength = -1
		return r
	}
	good := sign("video", "video_001")
	for name, r := range map[string]*http.Request{
		"byte order mark": post(good, "\xef\xbb\xbf"+successBody),
		"white space":     post(good, "\r\n "+successBody+"\r\n"),
		"chunked":         chunked(post(good, successBody)),
		"more query":      post(strings.Replace(good, "?", "?tenant=7&", 1)+"&x", successBody),
		"escaped sig":     post(strings.NewReplacer("-", "%2D", "_", "%5F").Replace(good), successBody),
	} {
		e, err := newVerifier(t).Verify(nil, r)
		require.NoError(t, err, name)
		require.Equal(t, "video_001", e.TrackID(), name)
		require.True(t, strings.HasPrefix(strings.TrimSpace(string(e.Raw())), "{"), name)
	}
}

func TestSign(t *testing.T) {
	t.Parallel()
	v := newVerifier(t)
	for _, tt := range []struct {
		kind       modelslab.Kind
		name, body string
	}{
		{modelslab.KindVideo, "video_001", successBody},
		{modelslab.KindTraining, "t", trainingBody},
		{modelslab.KindWorkflow, "uuid-1", flatBody},
	} {
		for _, url := range []string{"https://your-server.com/hook", "https://your-server.com/hook?tenant=7", "http://127.0.0.1:8080/hook"} {
			signed, err := webhook.Sign(url, secret, tt.kind, tt.name)
			require.NoError(t, err, url)
			e, err := v.Verify(nil, post(signed, tt.body))
			require.NoError(t, err, tt.body)
			require.Equal(t, tt.kind, e.Kind())
			_, err = v.Verify(nil, post(strings.Replace(signed, "sig=", "sig=A", 1), tt.body))
			require.Error(t, err)
		}
	}
	for name, tt := range map[string]struct {
		url, track string
		secret     []byte
	}{
		"a short secret": {"https://a.b/", "t", secret[1:]},
		"no track id":    {"https://a.b/", "", secret},
		"plain HTTP":     {"http://a.b/", "t", secret},
		"a path":         {"/hook", "t", secret},
		"a user":         {"https://u:p@a.b/", "t", secret},
		"signed already": {"https://a.b/?sig=x", "t", secret},
		"too long":       {"https://a.b/" + strings.Repeat("x", 130), "t", secret},
	} {
		_, err := webhook.Sign(tt.url, tt.secret, modelslab.KindVideo, tt.track)
		require.ErrorContains(t, err, "webhook: sign: ", name)
	}
}

// What Sign makes is what the client sends.
func TestSignIsTheClients(t *testing.T) {
	t.Parallel()
	inBubble(t, func(t *testing.T, s *service) {
		job := s.submit(t, "video_001")
		sleepFor(time.Minute)
		signed, err := webhook.Sign("https://your-server.com"+path, secret, job.Ref.Kind, "video_001")
		require.NoError(t, err)
		sent := s.Deliveries()[0].URL
		require.Len(t, sent, len(signed))
		e, err := newVerifier(t).Verify(nil, post(sent, `{"status":"failed","id":1}`))
		require.NoError(t, err)
		require.Equal(t, webhook.KeyOf("video_001"), e.TrackKey())
	})
}

func TestTrackKeys(t *testing.T) {
	t.Parallel()
	require.Zero(t, webhook.KeyOf(""))
	require.NotEqual(t, webhook.KeyOf("a"), webhook.KeyOf("b"))
	e, err := webhook.Parse([]byte(successBody))
	require.NoError(t, err)
	require.Equal(t, webhook.KeyOf("video_001"), e.TrackKey())
}

// An event keeps its body when the next delivery is read, and Parse leaves the
// caller's slice as it is.
func TestEventsOwnTheirBodies(t *testing.T) {
	t.Parallel()
	v, err := webhook.NewVerifier(webhook.WithInsecureNoAuth())
	require.NoError(t, err)
	verify := func(body string) webhook.Event {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		event, err := v.Verify(nil, r)
		require.NoError(t, err)
		return event
	}
	const body = `{"status":"failed","id":%d,"meta":{"a":%[1]d}}`
	var events []webhook.Event
	for i := range 20 {
		events = append(events, verify(fmt.Sprintf(body, 10+i)))
	}
	for i, event := range events {
		require.Equal(t, fmt.Sprintf(body, 10+i), string(event.Raw()))
		require.Equal(t, fmt.Sprintf(`{"a":%d}`, 10+i), string(event.Job().Meta))
	}
	const signed = `{"status":"failed","meta":{"webhook":"https://a.example/?sig=%s"}}`
	given := fmt.Appendf(nil, signed, strings.Repeat("A", 52))
	event, err := webhook.Parse(given)
	require.NoError(t, err)
	require.Equal(t, fmt.Sprintf(signed, strings.Repeat("A", 52)), string(given))
	require.Equal(t, fmt.Sprintf(signed, strings.Repeat("*", 52)), string(event.Raw()))
}
