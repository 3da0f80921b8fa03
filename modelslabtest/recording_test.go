package modelslabtest_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/modelslabtest"
	"github.com/modelslab-go/modelslab/webhook"
)

const liveKey = `sk-live/0123"456789`

var callbackSecret = []byte("0123456789abcdef0123456789abcdef")

var ship = modelslab.TextToVideoRequest{ModelID: "cogvideox", Prompt: "A spaceship"}

// signed is a transport whose answers have signed URLs, as those of storage.
type signed struct{ next http.RoundTripper }

func (s signed) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := s.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	body = bytes.ReplaceAll(body, []byte(`.mp4"`), []byte(`.mp4?X-Amz-Signature=c0ffee&Expires=9"`))
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	resp.Header.Set("Set-Cookie", "session=c0ffee")
	return resp, err
}

// recordTenMinutes records two jobs of ten minutes with their webhooks, and the
// download of a result.
func recordTenMinutes(t *testing.T, path string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		srv := modelslabtest.NewServer(modelslabtest.WithStrict(), modelslabtest.WithKey(liveKey), modelslabtest.WithLatency(10*time.Minute))
		defer srv.Close()
		recorder := modelslabtest.NewRecorder(signed{srv.HTTPClient().Transport})
		srv.DeliverTo(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			if event, err := webhook.Parse(body); err == nil {
				recorder.AddWebhook(event.TrackID(), body)
			}
		}))
		client, err := modelslab.New(liveKey, modelslab.WithHTTPClient(&http.Client{Transport: recorder}),
			modelslab.WithWebhook("https://your-server.com/hook", callbackSecret))
		require.NoError(t, err)
		for range 2 {
			job, err := client.Run(t.Context(), &ship)
			require.NoError(t, err)
			_, err = client.Download(t.Context(), job.Output[0], io.Discard)
			require.NoError(t, err)
		}
		_, err = client.Models.Tags(t.Context())
		require.NoError(t, err)
		synctest.Wait()
		recording, err := recorder.Recording()
		require.NoError(t, err)
		require.NoError(t, recording.WriteFile(path))
	})
}

func TestRecordingHoldsNoSecrets(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "new", "video.json")
	recordTenMinutes(t, path)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	escaped, err := json.Marshal(liveKey)
	require.NoError(t, err)
	for _, secret := range []string{"sk-live", "456789", string(escaped), "sig=", "X-Amz", "c0ffee", "your-server.com/hook"} {
		require.False(t, bytes.Contains(text, []byte(secret)), secret)
	}
	require.Contains(t, string(text), "[callback]")
	recording, err := modelslabtest.ReadRecording(path)
	require.NoError(t, err)
	require.Len(t, recording.Interactions[0].Webhooks, 1)
	require.InDelta(t, 600, recording.Interactions[0].Webhooks[0].After, 1)
}

func TestReplay(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "video.json")
	recordTenMinutes(t, path)
	modelslabtest.Bubble(t, func(t *testing.T) {
		client := modelslabtest.Record(t, path)
		start, ids := time.Now(), map[string]bool{}
		for range 2 {
			job, err := client.Run(t.Context(), &ship)
			require.NoError(t, err)
			ids[job.Ref.ID] = true
			n, err := client.Download(t.Context(), job.Output[0], io.Discard)
			require.NoError(t, err)
			require.Positive(t, n)
		}
		require.Len(t, ids, 2, "the second submit has the second answer")
		require.Greater(t, time.Since(start), 15*time.Minute, "it takes as long as it took, in virtual time")
		tags, err := client.Models.Tags(t.Context())
		require.NoError(t, err)
		require.NotEmpty(t, tags)

		_, err = client.Video.TextToVideo(t.Context(), &ship)
		require.ErrorIs(t, err, modelslab.ErrNotFound)
		require.ErrorContains(t, err, "2 to POST /v6/video/text2video")
		_, err = client.Account.Balance(t.Context())
		require.ErrorIs(t, err, modelslab.ErrNotFound)
		require.ErrorContains(t, err, "0 to POST /wallet_balance")
	})
}

// A job of ten minutes is replayed in less than 50 milliseconds of the clock on
// the wall. A busy machine may need some of the tries.
func TestReplayTakesNoTime(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "video.json")
	recordTenMinutes(t, path)
	quickest := time.Hour
	for range 20 {
		start := time.Now()
		modelslabtest.Bubble(t, func(t *testing.T) {
			client := modelslabtest.Record(t, path)
			begin := time.Now()
			_, err := client.Run(t.Context(), &ship)
			require.NoError(t, err)
			require.Greater(t, time.Since(begin), 9*time.Minute)
		})
		if quickest = min(quickest, time.Since(start)); quickest < 50*time.Millisecond {
			return
		}
	}
	require.Less(t, quickest, 50*time.Millisecond)
}

func TestReplayedWebhooks(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "video.json")
	recordTenMinutes(t, path)
	synctest.Test(t, func(t *testing.T) {
		srv := modelslabtest.NewServer(modelslabtest.WithRecording(path))
		defer srv.Close()
		client := srv.Client(modelslab.WithWebhook("https://other.example/callback", callbackSecret))
		came := make(chan webhook.Event, 1)
		v, err := webhook.NewVerifier(webhook.WithSecrets(callbackSecret))
		require.NoError(t, err)
		srv.DeliverTo(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if event, err := v.Verify(w, r); err == nil { // the body names the present track id
				came <- event
			}
		}))
		job, err := client.Video.TextToVideo(t.Context(), &ship)
		require.NoError(t, err)
		require.Equal(t, 1, srv.Accepted(job.TrackID))
		require.Equal(t, 1, srv.Stats().Submits)
		require.Equal(t, "https://other.example/callback?sig="+strings.Repeat("*", 52), stringOf(t, job.Meta, "webhook"))
		event := <-came
		require.Equal(t, job.TrackID, event.TrackID())
		require.Equal(t, job.Ref, event.Ref())
		require.IsType(t, (*webhook.Succeeded)(nil), event)

		balance, err := client.Account.Balance(t.Context())
		require.NoError(t, err, "without WithStrict the rest is as ever")
		require.Positive(t, balance.Amount)
	})
}

func stringOf(t *testing.T, object json.RawMessage, name string) string {
	t.Helper()
	fields := map[string]json.RawMessage{}
	require.NoError(t, json.Unmarshal(object, &fields))
	var s string
	require.NoError(t, json.Unmarshal(fields[name], &s))
	return s
}

// What a request may have otherwise than the recorded one, and what it may not.
func TestMatching(t *testing.T) {
	t.Parallel()
	const uuid, other = `"0d9d7c9e-54a4-4fd9-9c16-0d6cf2a1a001"`, `"7a2f0f0e-54a4-4fd9-9c16-0d6cf2a1a002"`
	for name, tt := range map[string]struct {
		recorded, sent string
		match          bool
	}{
		"the same":               {`{"key":"a","prompt":"p"}`, `{"key":"a","prompt":"p"}`, true},
		"another key":            {`{"key":"a","prompt":"p"}`, `{"prompt":"p","key":"b"}`, true},
		"another order":          {`{"a":1,"b":{"c":[1, 2]}}`, `{"b":{"c":[1,2]},"a":1}`, true},
		"another callback":       {`{"webhook":"https://a/?sig=1"}`, `{"webhook":"https://b/"}`, true},
		"no callback":            {`{"webhook":"https://a/?sig=1"}`, `{}`, true},
		"another UUID":           {`{"track_id":` + uuid + `}`, `{"track_id":` + other + `}`, true},
		"another number":         {`{"track_id":9007199254740991}`, `{"track_id":4503599627370497}`, true},
		"UUID and number":        {`{"track_id":` + uuid + `}`, `{"track_id":12}`, true},
		"the caller's track id":  {`{"track_id":"video_1"}`, `{"track_id":"video_1"}`, true},
		"another of the caller":  {`{"track_id":"video_1"}`, `{"track_id":"video_2"}`, false},
		"digits of the caller":   {`{"track_id":"1"}`, `{"track_id":"2"}`, false},
		"a signed input":         {`{"init_image":"https://s/a.png?sig=x"}`, `{"init_image":"https://s/a.png?sig=y"}`, true},
		"a file":                 {`{"init_image":"` + strings.Repeat("A", 5000) + `"}`, `{"init_image":"` + strings.Repeat("A", 5000) + `"}`, true},
		"another file":           {`{"init_image":"` + strings.Repeat("A", 5000) + `"}`, `{"init_image":"` + strings.Repeat("B", 5000) + `"}`, false},
		"another prompt":         {`{"prompt":"p"}`, `{"prompt":"q"}`, false},
		"a field more":           {`{"prompt":"p"}`, `{"prompt":"p","seed":1}`, false},
		"no object":              {`[1]`, `[1]`, true},
		"another that is no one": {`prompt=p`, `prompt=q`, false},
		"nothing":                {``, ``, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "r.json")
			live := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"status":"success","id":7}`) })
			recorder := modelslabtest.NewRecorder(inMemory{live})
			post(t, recorder, tt.recorded)
			recording, err := recorder.Recording()
			require.NoError(t, err)
			require.NoError(t, recording.WriteFile(path))
			srv := modelslabtest.NewServer(modelslabtest.WithRecording(path), modelslabtest.WithStrict())
			defer srv.Close()
			answer := post(t, srv.HTTPClient().Transport, tt.sent)
			require.Equal(t, tt.match, strings.Contains(answer, `"id":7`), answer)
		})
	}
}

// inMemory calls a handler.
type inMemory struct{ http.Handler }

func (m inMemory) RoundTrip(r *http.Request) (*http.Response, error) {
	w := &answerWriter{header: http.Header{}}
	m.ServeHTTP(w, r)
	return &http.Response{StatusCode: 200, Header: w.header, Body: io.NopCloser(&w.Buffer), Request: r}, nil
}

type answerWriter struct {
	bytes.Buffer

	header http.Header
}

func (w *answerWriter) Header() http.Header { return w.header }
func (w *answerWriter) WriteHeader(int)     {}

func post(t *testing.T, rt http.RoundTripper, body string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+"/v6/video/text2video", strings.NewReader(body))
	require.NoError(t, err)
	resp, err := rt.RoundTrip(r)
	require.NoError(t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return string(text)
}

// The answer reaches the client unchanged, whatever of it is recorded.
func TestRecorderChangesNothing(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 8<<20)
	for name, tt := range map[string]struct {
		answer   string
		recorded int
		problem  string
	}{
		"JSON":       {`{"a": "https://s/x?sig=1", "b": 12345678901234567890.10}`, 1, ""},
		"page":       {"<html>?a=1</html>", 1, ""},
		"bytes":      {"\x89PNG\xff", 1, ""},
		"empty":      {"", 1, ""},
		"long":       {long, 1, ""},
		"too long":   {long + "yz", 0, "more than 8388608 bytes"},
		"broken off": {"broken", 0, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			recorder := modelslabtest.NewRecorder(inMemory{http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, tt.answer) })})
			if name == "broken off" {
				srv := modelslabtest.NewServer(modelslabtest.WithStrict())
				defer srv.Close()
				srv.Next(modelslabtest.Submit, modelslabtest.Fault{Body: "broken", BreakAfter: 3})
				recorder = modelslabtest.NewRecorder(srv.HTTPClient().Transport)
			}
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+"/v6/video/text2video", nil)
			require.NoError(t, err)
			resp, err := recorder.RoundTrip(r)
			require.NoError(t, err)
			defer resp.Body.Close()
			got, err := io.ReadAll(resp.Body)
			if name == "broken off" {
				require.ErrorIs(t, err, io.ErrUnexpectedEOF)
				require.Equal(t, "bro", string(got))
			} else {
				require.NoError(t, err)
				require.Len(t, got, len(tt.answer))
				require.Equal(t, sha256.Sum256([]byte(tt.answer)), sha256.Sum256(got))
			}
			recording, err := recorder.Recording()
			require.Len(t, recording.Interactions, tt.recorded)
			if tt.problem == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, tt.problem)
			}
		})
	}
}

// Record makes the file in one run of a test and replays it in the next.
func TestRecord(t *testing.T) {
	srv := modelslabtest.NewServer(modelslabtest.WithStrict(), modelslabtest.WithLatency(0))
	defer srv.Close()
	path := filepath.Join(t.TempDir(), "video.json")
	run := func(t *testing.T) {
		modelslabtest.Bubble(t, func(t *testing.T) {
			client := modelslabtest.Record(t, path, modelslab.WithBaseURL(srv.URL()))
			job, err := client.Run(t.Context(), &ship)
			require.NoError(t, err)
			require.Len(t, job.Output, 1)
		})
	}
	t.Setenv("MODELSLAB_API_KEY", "test-key")
	t.Setenv("MODELSLAB_RECORD", "1")
	require.True(t, t.Run("recorded", run))
	calls := len(srv.Requests())
	require.NotZero(t, calls)
	t.Setenv("MODELSLAB_RECORD", "")
	t.Setenv("MODELSLAB_API_KEY", "")
	require.True(t, t.Run("replayed", run))
	require.Len(t, srv.Requests(), calls)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NotContains(t, string(text), "test-key")
}

func TestParseRecordingRefuses(t *testing.T) {
	t.Parallel()
	const in = `{"version":1,"interactions":[{"method":"POST","path":"/v6/x","status":200%s}]}`
	for text, want := range map[string]string{
		``:                  "cannot be read",
		`[]`:                "cannot be read",
		`{}`:                "version 0",
		`{"version":2}`:     "version 2",
		`{"version":1}`:     "",
		fmt.Sprintf(in, ""): "",
		fmt.Sprintf(in, `,"text":"a","response":{}`):                                "more than one",
		fmt.Sprintf(in, `,"webhooks":[{"after":1}]`):                                "webhook",
		fmt.Sprintf(in, `,"webhooks":[{"after":-1,"body":{}}]`):                     "webhook",
		fmt.Sprintf(in, `,"webhooks":[{"after":1e9,"body":{}}]`):                    "webhook",
		`{"version":1,"interactions":[{"method":"POST","path":"/v6/x"}]}`:           "status is 0",
		`{"version":1,"interactions":[{"method":"POST","path":"v6","status":200}]}`: "slash",
		`{"version":1,"interactions":[{"path":"/v6/x","status":200}]}`:              "no method",
	} {
		_, err := modelslabtest.ParseRecording([]byte(text))
		if want == "" {
			require.NoError(t, err, text)
		} else {
			require.ErrorContains(t, err, want, text)
		}
	}
	_, err := modelslabtest.ReadRecording(filepath.Join(t.TempDir(), "none.json"))
	require.ErrorIs(t, err, os.ErrNotExist)
	require.Panics(t, func() { modelslabtest.NewServer(modelslabtest.WithRecording("none.json")) })
}

// FuzzRecording decodes any text, and replays what is a recording: every request
// that it has is answered.
func FuzzRecording(f *testing.F) {
	f.Add([]byte(`{"version":1,"interactions":[{"method":"POST","path":"/v6/video/text2video","request":{"prompt":"p","track_id":"a"},"status":200,"response":{"id":1}}]}`))
	f.Add([]byte(`{"version":1,"interactions":[{"method":"GET","path":"/files/a","query":"a=1","status":404,"text":"no","webhooks":[{"after":0,"body":[]}]}]}`))
	f.Add([]byte(`{"version":1,"interactions":[{"method":"POST","path":"/","request":[{"":"[callback]"}],"status":599,"data":"AA=="}]}`))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text []byte) {
		recording, err := modelslabtest.ParseRecording(text)
		if err != nil {
			return
		}
		path := filepath.Join(dir, "r.json")
		require.NoError(t, recording.WriteFile(path))
		again, err := modelslabtest.ReadRecording(path)
		require.NoError(t, err)
		require.Len(t, again.Interactions, len(recording.Interactions))
		srv := modelslabtest.NewServer(modelslabtest.WithRecording(path))
		defer srv.Close()
		for _, in := range again.Interactions {
			u, err := url.Parse(base + in.Path + "?" + in.Query)
			if err != nil || u.Host != "modelslab.test" || slices.Contains([]string{http.MethodConnect}, in.Method) {
				continue
			}
			r, err := http.NewRequestWithContext(t.Context(), in.Method, u.String(), bytes.NewReader(in.Request))
			if err != nil {
				continue
			}
			resp, err := srv.HTTPClient().Transport.RoundTrip(r)
			require.NoError(t, err)
			require.NoError(t, resp.Body.Close())
		}
	})
}
