package modelslabtest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/modelslabtest"
)

const base = "https://modelslab.test/api"

// text2video is a request that lacks nothing.
const text2video = `{"key":"test-key","model_id":"cogvideox","prompt":"a ship","width":256}`

// caller sends requests to a server and reads its answers.
type caller struct {
	t    *testing.T
	http *http.Client
	base string
}

// start makes a strict server that ends with the test.
func start(t *testing.T, opts ...modelslabtest.Option) *modelslabtest.Server {
	t.Helper()
	return startLenient(t, append(opts, modelslabtest.WithStrict())...)
}

// startLenient makes a server for what other clients send.
func startLenient(t *testing.T, opts ...modelslabtest.Option) *modelslabtest.Server {
	t.Helper()
	srv := modelslabtest.NewServer(opts...)
	t.Cleanup(srv.Close)
	return srv
}

// pass lets virtual time go by, and what happens in it happen.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

func inProcess(t *testing.T, srv *modelslabtest.Server) caller {
	t.Helper()
	return caller{t, srv.HTTPClient(), base}
}

type body struct {
	Status      string          `json:"status"`
	ID          json.RawMessage `json:"id"`
	Message     json.RawMessage `json:"message"`
	ETA         json.RawMessage `json:"eta"`
	FetchResult string          `json:"fetch_result"`
	Output      json.RawMessage `json:"output"`
	Links       []string        `json:"links"`
	FutureLinks []string        `json:"future_links"`
	RetryAfter  json.RawMessage `json:"retry_after"`
	TrackID     json.RawMessage `json:"track_id"`
	Meta        map[string]json.RawMessage
}

func (b *body) outputs(t *testing.T) (urls []string) {
	t.Helper()
	require.NoError(t, json.Unmarshal(b.Output, &urls))
	return urls
}

func (c caller) do(method, url, text string, header ...string) (int, string) {
	c.t.Helper()
	if strings.HasPrefix(url, "/") {
		url = c.base + url
	}
	r, err := http.NewRequestWithContext(c.t.Context(), method, url, strings.NewReader(text))
	require.NoError(c.t, err)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	resp, err := c.http.Do(r)
	require.NoError(c.t, err)
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	require.NoError(c.t, err)
	return resp.StatusCode, string(data)
}

func (c caller) post(url, text string, header ...string) (int, body) {
	c.t.Helper()
	status, data := c.do(http.MethodPost, url, text, header...)
	var b body
	require.NoError(c.t, json.Unmarshal([]byte(data), &b), data)
	return status, b
}

// fetch asks for the job that a submit was answered with.
func (c caller) fetch(submitted body) body {
	c.t.Helper()
	_, b := c.post(submitted.FetchResult, `{"key":"test-key"}`)
	return b
}

func TestJobFromSubmitToFile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := start(t, modelslabtest.WithLatency(10*time.Second))
		c := inProcess(t, srv)

		status, job := c.post("/v6/video/text2video", `{"key":"test-key","model_id":"cogvideox","prompt":"a ship","output_type":"mp4","track_id":7}`)
		require.Equal(t, 200, status)
		require.Equal(t, "processing", job.Status)
		require.JSONEq(t, `10`, string(job.ETA))
		require.JSONEq(t, `"7"`, string(job.Meta["track_id"]))
		require.Regexp(t, `^https://modelslab\.test/api/v6/video/fetch/\d+$`, job.FetchResult)
		require.Len(t, job.FutureLinks, 1)
		require.JSONEq(t, `["`+job.FutureLinks[0]+`"]`, string(job.Meta["output"]))

		pass(9 * time.Second)
		b := c.fetch(job)
		require.Equal(t, "processing", b.Status)
		require.Empty(t, b.ID)
		require.Empty(t, b.ETA)
		require.JSONEq(t, `""`, string(b.Output))
		status, _ = c.do(http.MethodGet, job.FutureLinks[0], "")
		require.Equal(t, 404, status)

		pass(time.Second)
		b = c.fetch(job)
		require.Equal(t, "success", b.Status)
		require.Equal(t, job.ID, b.ID)
		require.Equal(t, job.FutureLinks, b.outputs(t))
		status, film := c.do(http.MethodGet, job.FutureLinks[0], "")
		require.Equal(t, 200, status)
		require.Equal(t, "ftyp", film[4:8])
	})
}

func TestClientRunsAJob(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := start(t, modelslabtest.WithKey("secret"), modelslabtest.WithLatency(time.Minute))
		began := time.Now()
		job, err := srv.Client().Run(t.Context(), &modelslab.TextToVideoRequest{ModelID: "cogvideox", Prompt: "a ship"})
		require.NoError(t, err)
		require.Equal(t, modelslab.StatusSuccess, job.Status)
		require.Len(t, job.Output, 1)
		require.WithinDuration(t, began.Add(time.Minute), time.Now(), 10*time.Second)
		require.Equal(t, 1, srv.Accepted(job.TrackID))
	})
}

func TestLoopback(t *testing.T) {
	t.Parallel()
	srv := start(t, modelslabtest.WithLatency(0))
	require.True(t, strings.HasSuffix(srv.URL(), "/api"))
	c := caller{t, http.DefaultClient, srv.URL()}
	_, job := c.post("/v6/video/text2video", text2video)
	require.Equal(t, "success", job.Status)
	url := job.outputs(t)[0]
	require.True(t, strings.HasPrefix(url, strings.TrimSuffix(srv.URL(), "/api")+"/files/"))
	status, film := c.do(http.MethodGet, url, "")
	require.Equal(t, 200, status)
	require.Equal(t, "GIF89a", film[:6])
	status, part := c.do(http.MethodGet, url, "", "Range", "bytes=3-5")
	require.Equal(t, 206, status)
	require.Equal(t, "89a", part)
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	srv := start(t)
	c := inProcess(t, srv)
	tests := []struct {
		name, path, body string
		status           int
		message          string
	}{
		{"unknown path", "/v6/video/nothing", text2video, 404, `"The route /v6/video/nothing could not be found."`},
		{"wrong key", "/v6/video/text2video", `{"key":"x"}`, 401, `"Invalid API key"`},
		{"no key", "/v6/video/text2video", `{"prompt":"x"}`, 401, `"API key required"`},
		{"no prompt", "/v6/video/text2video", `{"key":"test-key","model_id":"m","prompt":""}`, 200, `{"prompt":["The prompt field is required."]}`},
		{"no JSON", "/v6/video/text2video", `key=test-key`, 400, `"Invalid JSON in request body"`},
		{"base64 for a URL", "/v6/video/img2video", `{"key":"test-key","model_id":"svd","init_image":"YWJj"}`, 400, `"Unable to fetch image from provided URL"`},
		{"base64 unannounced", "/v6/video/img2video_ultra", `{"key":"test-key","model_id":"m","prompt":"p","init_image":"YWJj"}`, 400, `"Unable to fetch image from provided URL"`},
		{"a URL for base64", "/v6/video/img2video_ultra", `{"key":"test-key","model_id":"m","prompt":"p","base64":true,"init_image":"https://example.com/1.png"}`, 400, `"Invalid base64 string in init_image"`},
		{"no base64", "/v6/image_editing/face_gen", `{"key":"test-key","prompt":"p","face_image":"%"}`, 400, `"Invalid base64 string in face_image"`},
		{"a list", "/v6/video/text2video", `[]`, 400, `"Invalid JSON in request body"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			status, b := inProcess(t, srv).post(tt.path, tt.body)
			require.Equal(t, tt.status, status)
			require.Equal(t, "error", b.Status)
			require.JSONEq(t, tt.message, string(b.Message))
		})
	}
	_, b := c.post("/v6/video/fetch/99", `{"key":"test-key"}`)
	require.Equal(t, "failed", b.Status)
	require.JSONEq(t, `""`, string(b.ID))
	require.JSONEq(t, `"Request not found"`, string(b.Message))
}

func TestRequestsAreRecordedWithoutTheKey(t *testing.T) {
	t.Parallel()
	srv := start(t)
	c := inProcess(t, srv)
	c.post("/v6/video/text2video", `{"model_id":"m", "key" : "test-key", "prompt":"p","track_id":"t1"}`)
	c.post("/v6/video/text2video", `{"key":"test-key"}`)
	c.post("/v6/video/fetch/1", "{}", "Authorization", "Bearer test-key")
	got := srv.Requests()
	require.Len(t, got, 3)
	require.Equal(t, modelslabtest.Submit, got[0].Call)
	require.Equal(t, "video", got[0].Kind)
	require.Equal(t, "/v6/video/text2video", got[0].Path)
	require.Equal(t, "t1", got[0].TrackID)
	require.JSONEq(t, `{"model_id":"m","prompt":"p","track_id":"t1"}`, string(got[0].Body))
	require.JSONEq(t, `{}`, string(got[1].Body))
	require.Equal(t, modelslabtest.Fetch, got[2].Call)
	require.Empty(t, got[2].Header.Get("Authorization"))
	for _, r := range got {
		require.Equal(t, "test-key", r.Key)
	}
	require.Equal(t, 1, srv.Accepted("t1"))
}

func TestQueueLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := start(t, modelslabtest.WithQueueLimit(2), modelslabtest.WithSequential())
		c := inProcess(t, srv)
		_, first := c.post("/v6/video/text2video", text2video)
		_, second := c.post("/v6/video/text2video", text2video)
		status, b := c.post("/v6/video/text2video", text2video)
		require.Equal(t, 429, status)
		require.JSONEq(t, `30`, string(b.RetryAfter))
		require.JSONEq(t, `"Rate limit exceeded. Maximum 2 queued requests allowed."`, string(b.Message))
		pass(time.Second)
		require.Equal(t, "success", c.fetch(first).Status)
		require.Equal(t, "processing", c.fetch(second).Status)
		_, b = c.post("/v6/video/text2video", text2video)
		require.Equal(t, "processing", b.Status)
		pass(2 * time.Second)
		stats := srv.Stats()
		require.Equal(t, 1, stats.Refused)
		require.Equal(t, 3, stats.Submits)
		require.Equal(t, 2, stats.Repeats)
		require.Equal(t, 2, stats.MaxOpen)
		require.Equal(t, 0, stats.Open)
		require.Equal(t, 3*time.Second, stats.Busy)
	})
}
