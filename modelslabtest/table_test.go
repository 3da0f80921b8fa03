package modelslabtest_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/internal/endpoint"
	"github.com/modelslab-go/modelslab/modelslabtest"
)

// requestFor is a body with every required field of an operation, and where the
// key is not in the body, the header or the query that has it.
func requestFor(t *testing.T, e *endpoint.Endpoint, path, key string) (at, body string, header []string) {
	t.Helper()
	fields := map[string]string{"track_id": "t"}
	required := slices.Clone(e.Required)
	for _, s := range e.Enterprise {
		required = append(required, s.Required...)
	}
	for _, name := range required {
		if fields[name] = "https://example.com/" + name; strings.Contains(e.Path, "base64") {
			fields[name] = "YWJj"
		}
	}
	switch e.Auth {
	case endpoint.AuthHeader:
		header = []string{"key", key}
	case endpoint.AuthQuery:
		path += "?key=" + key
	case endpoint.AuthBody:
		fields["key"] = key
	}
	text, err := json.Marshal(fields)
	require.NoError(t, err)
	return path, `{"width":64,"height":64,` + string(text[1:]), header
}

func TestEveryEndpointOfTheTable(t *testing.T) {
	t.Parallel()
	for _, e := range endpoint.All() {
		at := strings.NewReplacer("{server}", "flux", "{model_id}", "flux").Replace(e.Path)
		for _, name := range e.Args() {
			at = strings.Replace(at, "{"+name+"}", "x1", 1)
		}
		paths := []string{at}
		for _, s := range e.Enterprise {
			paths = append(paths, s.Path())
		}
		for _, path := range paths {
			t.Run(strings.TrimPrefix(path, "/"), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					runEndpoint(t, e, path)
				})
			})
		}
	}
}

func runEndpoint(t *testing.T, e *endpoint.Endpoint, path string) {
	t.Helper()
	srv := start(t, modelslabtest.WithLatency(time.Minute))
	c := inProcess(t, srv)
	status, text := c.do(e.Method, path, `{}`)
	require.Equal(t, 401, status, text)
	at, sent, header := requestFor(t, e, path, "wrong")
	status, text = c.do(e.Method, at, sent, header...)
	require.Equal(t, 401, status, text)
	if len(e.Required) > 0 && path == e.Path {
		_, text = c.do(e.Method, path, `{"key":"test-key"}`)
		require.Contains(t, text, "field is required")
	}
	at, sent, header = requestFor(t, e, path, "test-key")
	status, text = c.do(e.Method, at, sent, header...)
	if len(e.Args()) == 2 && e.Auth == endpoint.AuthHeader { // of a run that is not there
		require.Equal(t, 404, status)
		require.Contains(t, text, "Execution not found")
		return
	}
	if strings.Contains(e.Path, "{training_id}") { // of a training that is not there
		require.Equal(t, 404, status)
		require.Contains(t, text, "Training ID does not exist")
		return
	}
	require.Less(t, status, 300, text)
	require.True(t, json.Valid([]byte(text)))
	if e.Kind == "" || e.Training || e.Kind == "workflow" {
		return
	}
	var job body
	require.NoError(t, json.Unmarshal([]byte(text), &job))
	if job.Status == "queued" { // this one server answers in its own way
		require.Len(t, job.Links, 1)
		return
	}
	require.Equal(t, "processing", job.Status)
	kind, _, ok := endpoint.KindOfFetchPath(strings.TrimPrefix(job.FetchResult, "https://modelslab.test"))
	require.True(t, ok, job.FetchResult)
	require.NotEmpty(t, kind)
	if kind != "whisper" {
		require.Equal(t, srv.Requests()[len(srv.Requests())-1].Kind, kind)
	}
	require.Equal(t, "processing", c.fetch(job).Status)
	pass(time.Minute)
	got := c.fetch(job)
	require.Equal(t, "success", got.Status)
	require.True(t, len(got.Output) > 2 || len(got.Links) > 0, string(got.Output))
	for _, url := range job.FutureLinks {
		status, _ = c.do(http.MethodGet, url, "")
		require.Equal(t, 200, status, url)
	}
}

func TestEnterpriseServersAreOperated(t *testing.T) {
	t.Parallel()
	srv := startLenient(t)
	c := inProcess(t, srv)
	for _, server := range []string{"", "/flux", "/voice", "/ultra_video"} {
		for _, op := range []string{"system_details", "restart_server", "update_server", "update", "clear_cache", "clear_queue"} {
			status, text := c.do(http.MethodPost, "/v1/enterprise"+server+"/"+op, `{"key":"test-key"}`)
			require.Equal(t, 200, status, server+"/"+op)
			require.Contains(t, text, `"status":`)
		}
	}
	for _, op := range []string{"get_all_models", "sync_models", "schedulers_list", "load_model"} {
		status, _ := c.do(http.MethodPost, "/v1/enterprise/"+op, `{"key":"test-key"}`)
		require.Equal(t, 200, status, op)
	}
	status, _ := c.do(http.MethodPost, "/v1/enterprise/nobody/system_details", `{"key":"test-key"}`)
	require.Equal(t, 404, status)
}

func TestClearQueueCancelsWhatDoesNotRunYet(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := start(t, modelslabtest.WithSequential())
		c := inProcess(t, srv)
		var all []body
		for range 3 {
			_, job := c.post("/v1/enterprise/flux/text2img", `{"key":"test-key","model_id":"flux","prompt":"p"}`)
			all = append(all, job)
		}
		c.post("/v1/enterprise/flux/clear_queue", `{"key":"test-key"}`)
		require.Equal(t, 1, srv.Stats().Open)
		pass(time.Hour)
		require.Equal(t, "success", c.fetch(all[0]).Status)
		require.Equal(t, "failed", c.fetch(all[2]).Status)
	})
}

func TestOtherSpellings(t *testing.T) {
	t.Parallel()
	const image = `"init_image":"https://example.com/1.png"`
	tests := []struct{ path, body, fetch string }{
		{"/v6/images/controlnet", `{"key":"test-key","prompt":"p"}`, "/v6/images/fetch/"},
		{"/v6/deepfake/single_video_swap", `{"key":"test-key",` + image + `,"init_video":"https://example.com/1.mp4"}`, "/v6/deepfake/fetch/"},
		{"/v6/deepfake/specific_face_swap", `{"key":"test-key",` + image + `,"target_image":"https://example.com/1.png","reference_image":"https://example.com/1.png"}`, "/v6/faceswap/fetch/"},
		{"/v6/whisper/transcribe", `{"key":"test-key","audio_url":"https://example.com/1.wav","input_language":"en"}`, "/v6/voice/fetch/"},
		{"/v6/audio/text_to_speech", `{"key":"test-key","text":"hello"}`, "/v6/audio/fetch/"},
		{"/v6/fashion", `{"key":"test-key",` + image + `,"cloth_image":"https://example.com/1.png","cloth_type":"dresses"}`, "/v6/fashion/fetch/"},
		{"/v3/text2img", `{"key":"test-key","model_id":"m","prompt":"p","samples":"1"}`, "/v3/fetch/"},
		{"/v4/dreambooth", `{"key":"test-key","model_id":"m","prompt":"p"}`, "/v4/dreambooth/fetch/"},
		{"/v6/3d/image_to_3d", `{"key":"test-key","image":"https://example.com/1.png"}`, "/v6/3d/fetch/"},
		{"/v6/interior/scenario", `{"key":"test-key",` + image + `,"scenario":"beach","prompt":"p"}`, "/v6/interior/fetch/"},
		{"/v1/enterprise/images/text2img/", `{"key":"test-key","model_id":"m","prompt":"p"}`, "/v1/enterprise/fetch/"},
		{"//v6/images//text2img", `{"key":"test-key","model_id":"m","prompt":"p"}`, "//v6/images/fetch/"},
	}
	for _, tt := range tests {
		t.Run(strings.Trim(tt.path, "/"), func(t *testing.T) {
			t.Parallel()
			c := inProcess(t, startLenient(t))
			_, job := c.post(tt.path, tt.body)
			require.Equal(t, "processing", job.Status, string(job.Message))
			_, got := c.post(tt.fetch+string(job.ID), `{"key":"test-key"}`)
			require.Equal(t, "processing", got.Status)
		})
	}
}

func TestKeyInAnyPlace(t *testing.T) {
	t.Parallel()
	c := inProcess(t, startLenient(t))
	_, job := c.post("/v6/images/text2img", `{"model_id":"m","prompt":"p"}`, "key", "test-key")
	require.Equal(t, "processing", job.Status)
	for _, header := range [][]string{{"Key", "test-key"}, {"Authorization", "Bearer test-key"}} {
		_, got := c.post("/v6/images/fetch/"+string(job.ID), ``, header...)
		require.Equal(t, "processing", got.Status)
	}
	_, got := c.post("/v6/images/fetch/"+string(job.ID)+"?key=test-key", ``)
	require.Equal(t, "processing", got.Status)
	_, got = c.post("/v6/images/fetch", `{"key":"test-key","request_id":"`+string(job.ID)+`"}`)
	require.Equal(t, "processing", got.Status)
	_, got = c.post("/v6/video/fetch/"+string(job.ID), `{"key":"test-key"}`)
	require.Equal(t, "failed", got.Status)
	status, _ := c.post("/v6/images/fetch/"+string(job.ID), `{"key":"wrong"}`, "key", "test-key")
	require.Equal(t, 401, status)

	c = inProcess(t, startLenient(t, modelslabtest.WithKey("")))
	status, _ = c.post("/v6/images/fetch/1", `{"key":"whatever"}`)
	require.Equal(t, 200, status)
	status, _ = c.post("/v6/images/fetch/1", `{}`)
	require.Equal(t, 401, status)
}
