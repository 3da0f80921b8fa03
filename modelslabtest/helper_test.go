package modelslabtest_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/modelslabtest"
)

func TestHelpers(t *testing.T) {
	t.Parallel()
	tests := []struct{ method, path, body, want string }{
		{"POST", "/wallet_balance", ``, `{"status":"success","data":{"balance":43.6,"currency":"USD"}}`},
		{"POST", "/v6/processing/request_count", ``, `{"status":"success","processing_count":0,"message":"Current processing request count retrieved successfully"}`},
		{"GET", "/v5/clear_cache", ``, `{"status":"success","message":"Cache cleared"}`},
		{"GET", "/subscribed_products", ``, `{"status":"success","data":{` +
			`"imagen":{"total_api_call":3250,"api_call_remaining":2600,"percentage_used":20},` +
			`"videofusion":{"total_api_call":100,"api_call_remaining":50,"percentage_used":50}}}`},
		{"POST", "/check_nsfw_cp", `"prompt":"p"`, `{"status":"success","is_cp":false,"is_nsfw":false,"original_prompt":"p","filtered_prompt":"p"}`},
		{"POST", "/v3/nsfw_image_check", `"init_image":"https://example.com/1.png"`, `{"images":"https://example.com/1.png","has_nsfw_concept":[false]}`},
		{"POST", "/v3/delete_image", `"request_id":1`, `{"status":"error","message":"Request not found"}`},
		{"POST", "/v3/load_model", `"url":"u","model_id":"m","model_format":"ckpt","model_category":"flux","model_visibility":"public","model_name":"n"`, `{"status":"success","message":"model load started"}`},
		{"POST", "/v6/images/model_reload", `"model_id":"m"`, `{"status":"success","message":"Model reloaded"}`},
		{"POST", "/v6/base64_to_url", `"base64_string":"%%%"`, `{"status":"error","message":"Invalid base64 string"}`},
	}
	for _, tt := range tests {
		t.Run(strings.Trim(tt.path, "/"), func(t *testing.T) {
			t.Parallel()
			c := inProcess(t, start(t))
			text := `{"key":"test-key"}`
			if tt.body != "" {
				text = `{"key":"test-key",` + tt.body + `}`
			}
			status, got := c.do(tt.method, tt.path, text)
			require.Equal(t, 200, status)
			require.JSONEq(t, tt.want, got)
		})
	}
}

func TestListsOfModels(t *testing.T) {
	t.Parallel()
	srv := start(t)
	c := inProcess(t, srv)
	var list []struct {
		ModelID string `json:"model_id"`
	}
	_, text := c.do(http.MethodPost, "/v4/dreambooth/model_list", `{"key":"test-key"}`)
	require.NoError(t, json.Unmarshal([]byte(text), &list))
	require.NotEmpty(t, list)
	_, text = c.do(http.MethodGet, "/v7/models?key=test-key&search=video", "")
	require.Contains(t, text, "cogvideox")
	require.NotContains(t, text, "midjourney")
	require.Equal(t, "test-key", srv.Requests()[1].Key)
}

func TestUploads(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := inProcess(t, start(t))
		for path, field := range map[string]string{
			"/v6/base64_to_url": "base64_string", "/v6/image_editing/base64_to_url": "init_image",
			"/v6/video/base64_to_url": "init_obj", "/v6/3d/base64_to_url": "init_obj", "/v6/voice/base64_to_url": "init_audio",
		} {
			content := "content of " + path
			for _, prefix := range []string{"", "data:image/png;base64,"} {
				encoded := prefix + base64.StdEncoding.EncodeToString([]byte(content))
				_, got := c.post(path, `{"key":"test-key","`+field+`":"`+encoded+`"}`)
				require.Equal(t, "success", got.Status, string(got.Message))
				url := got.outputs(t)[0]
				status, data := c.do(http.MethodGet, url, "")
				require.Equal(t, 200, status)
				require.Equal(t, content, data)
				if prefix == "" {
					continue
				}
				pass(25 * time.Hour)
				status, _ = c.do(http.MethodGet, url, "")
				require.Equal(t, 404, status)
			}
		}
		_, got := c.post("/v6/base64_to_url", `{"key":"test-key","base64_string":"`+strings.Repeat("AAAA", 5<<20/3+1)+`"}`)
		require.JSONEq(t, `"File size should be less than 5 MB"`, string(got.Message))
	})
}

func TestVoices(t *testing.T) {
	t.Parallel()
	c := inProcess(t, start(t))
	_, text := c.do(http.MethodPost, "/v6/voice/voice_upload", `{"key":"test-key","name":"mine","init_audio":"https://example.com/a.wav","language":"english"}`)
	require.Contains(t, text, `"voice_id":"voice_1"`)
	_, text = c.do(http.MethodPost, "/v6/voice/voice_list", `{"key":"test-key"}`)
	require.Contains(t, text, `"name":"mine"`)
}

func TestRequestCountIsThrottled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := inProcess(t, start(t))
		for range 30 {
			status, _ := c.do(http.MethodGet, "/v6/processing/request_count", `{"key":"test-key"}`)
			require.Equal(t, 200, status)
		}
		pass(15 * time.Second)
		status, got := c.post("/v6/processing/request_count", `{"key":"test-key"}`)
		require.Equal(t, 429, status)
		require.JSONEq(t, `45`, string(got.RetryAfter))
		pass(45 * time.Second)
		status, _ = c.post("/v6/processing/request_count", `{"key":"test-key"}`)
		require.Equal(t, 200, status)
	})
}

func TestAssets(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := inProcess(t, start(t, modelslabtest.WithLatency(0)))
		for range 20 {
			c.post("/v6/video/text2video", text2video)
			c.post("/v6/images/text2img", `{"key":"test-key","model_id":"m","prompt":"p"}`)
		}
		var page struct {
			Data       []struct{ ID json.RawMessage }
			Pagination struct{ Total, From, To int }
		}
		_, text := c.do(http.MethodPost, "/assets_generated", `{"key":"test-key","type":"video","page":2}`)
		require.NoError(t, json.Unmarshal([]byte(text), &page))
		require.Len(t, page.Data, 5)
		require.Equal(t, 20, page.Pagination.Total)
		require.Equal(t, 16, page.Pagination.From)
		id := string(page.Data[0].ID)
		_, text = c.do(http.MethodPost, "/v3/delete_image", `{"key":"test-key","request_id":`+id+`,"type":"video"}`)
		require.JSONEq(t, `{"status":"success","messege":"video deleted"}`, text)
		_, got := c.post("/v6/video/fetch/"+id, `{"key":"test-key"}`)
		require.Equal(t, "failed", got.Status)
	})
}

func TestSpamFilter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := inProcess(t, start(t, modelslabtest.WithSpamFilter(), modelslabtest.WithQueueLimit(0)))
		send := func(track string) body {
			status, got := c.post("/v6/video/text2video", `{"key":"test-key","model_id":"m","prompt":"p","track_id":"`+track+`"}`)
			require.Equal(t, 200, status)
			return got
		}
		require.Equal(t, "processing", send("a").Status)
		pass(29 * time.Second)
		got := send("b")
		require.Equal(t, "error", got.Status)
		require.Contains(t, string(got.Message), "spam filter is enabled")
		pass(time.Second)
		require.Equal(t, "processing", send("c").Status)
	})
}

func TestLimitAs200(t *testing.T) {
	t.Parallel()
	c := inProcess(t, start(t, modelslabtest.WithQueueLimit(1), modelslabtest.WithLimitAs200()))
	c.post("/v6/video/text2video", text2video)
	status, got := c.post("/v6/video/text2video", text2video)
	require.Equal(t, 200, status)
	require.Equal(t, "error", got.Status)
	require.JSONEq(t, `30`, string(got.RetryAfter))
}
