package modelslabtest_test

import (
	"bytes"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/modelslabtest"
)

// TestRequestsOfOtherPrograms sends the bodies that public programs send, which
// testdata/programs.json holds with their values neutralised.
func TestRequestsOfOtherPrograms(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/programs.json")
	require.NoError(t, err)
	var requests []struct {
		What, Path string
		Body       json.RawMessage
		Header     bool   // the key is in a header
		Want       string // the status of the answer; "" for a result without one
	}
	require.NoError(t, json.Unmarshal(text, &requests))
	require.Greater(t, len(requests), 30)
	for _, r := range requests {
		t.Run(r.What, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := inProcess(t, startLenient(t, modelslabtest.WithKey("k")))
				method := http.MethodPost
				if r.Body == nil {
					method = http.MethodGet
				}
				header := []string{"Content-Type", "application/json"}
				if r.Header {
					header = append(header, "key", "k")
				}
				status, answer := c.do(method, r.Path, string(r.Body), header...)
				require.Equal(t, 200, status, answer)
				var got body
				require.NoError(t, json.Unmarshal([]byte(answer), &got))
				require.Equal(t, r.Want, got.Status, answer)
				if r.Want != "processing" {
					return
				}
				require.Equal(t, "https://modelslab.test/api", got.FetchResult[:len("https://modelslab.test/api")])
				pass(time.Second)
				_, answer = c.do(http.MethodPost, got.FetchResult, `{"key":"k"}`)
				require.NoError(t, json.Unmarshal([]byte(answer), &got))
				require.Equal(t, "success", got.Status, answer)
				for _, url := range got.outputs(t) {
					status, file := c.do(http.MethodGet, url, "")
					require.Equal(t, 200, status)
					require.NotEmpty(t, file)
				}
			})
		})
	}
}

func TestForms(t *testing.T) {
	t.Parallel()
	srv := startLenient(t)
	c := inProcess(t, srv)
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	require.NoError(t, w.WriteField("key", "test-key"))
	file, err := w.CreateFormFile("file", "a.png")
	require.NoError(t, err)
	_, err = io.WriteString(file, "the picture")
	require.NoError(t, err)
	require.NoError(t, w.Close())
	_, got := c.post("/v6/realtime/upload", form.String(), "Content-Type", w.FormDataContentType())
	require.Equal(t, "success", got.Status, string(got.Message))
	_, content := c.do(http.MethodGet, got.outputs(t)[0], "")
	require.Equal(t, "the picture", content)

	_, got = c.post("/v6/realtime/text2img", "key=test-key&prompt=a+ship&width=256", "Content-Type", "application/x-www-form-urlencoded")
	require.Equal(t, "processing", got.Status)
	require.JSONEq(t, `"a ship"`, string(got.Meta["prompt"]))
	_, got = c.post("/v7/images/text-to-image?key=test-key&prompt=p", "")
	require.Equal(t, "processing", got.Status)
	for _, bad := range []string{"application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", ";"} {
		status, _ := c.post("/v6/realtime/text2img", "key=%zz", "Content-Type", bad)
		require.Equal(t, 400, status, bad)
	}
}

// What a lenient server answers with a job, a strict one refuses.
func TestStrict(t *testing.T) {
	t.Parallel()
	const image = `"init_image":"https://example.com/1.png"`
	tests := []struct {
		name, path, body string
		header           []string
		status           int
		message          string
	}{
		{"another spelling", "/v6/deepfake/single_video_swap", `{"key":"test-key",` + image + `,"init_video":"https://example.com/1.mp4"}`, nil, 404, "could not be found"},
		{"an older path", "/v3/text2img", `{"key":"test-key","prompt":"p","model_id":"m"}`, nil, 404, "could not be found"},
		{"an operation in no table", "/v7/images/upscale", `{"key":"test-key"}`, nil, 404, "could not be found"},
		{"a product in no table", "/v9/images/upscale", `{"key":"test-key"}`, nil, 404, ""},
		{"an operation of another server", "/v1/enterprise/interior/scenario", `{"key":"test-key","prompt":"p",` + image + `}`, nil, 404, "could not be found"},
		{"no model", "/v7/images/text-to-image", `{"key":"test-key","prompt":"p"}`, nil, 200, "model_id"},
		{"no model of ultra", "/v6/video/text2video_ultra", `{"key":"test-key","prompt":"p"}`, nil, 200, "model_id"},
		{"another name", "/v6/voice/speech_to_text", `{"key":"test-key","audio_url":"https://example.com/1.wav","language":"en"}`, nil, 200, "init_audio"},
		{"inline base64", "/v7/images/image-to-image", `{"key":"test-key","prompt":"p","model_id":"m","init_image":"YWJj"}`, nil, 400, "Unable to fetch"},
		{"a data URI", "/v7/video-fusion/image-to-video", `{"key":"test-key","model_id":"m","init_image":["data:image/png;base64,YWJj"]}`, nil, 400, "Unable to fetch"},
		{"the key in a header", "/v6/realtime/text2img", `{"prompt":"p"}`, []string{"key", "test-key"}, 401, "API key required"},
		{"the key in the query", "/v6/realtime/text2img?key=test-key", `{"prompt":"p"}`, nil, 401, "API key required"},
		{"the prompt in the query", "/v6/realtime/text2img?prompt=p", `{"key":"test-key"}`, nil, 200, "prompt"},
		{"the key in the body of a run", "/v1/workflows/w/run", `{"key":"test-key"}`, nil, 401, "API key required"},
		{"null", "/v6/realtime/text2img", `{"key":"test-key","prompt":"p","webhook":null}`, nil, 200, "The webhook field must not be null."},
		{"a number as a string", "/v6/realtime/text2img", `{"key":"test-key","prompt":"p","samples":"2"}`, nil, 200, "The samples field must be a number."},
		{"a form", "/v6/realtime/text2img", `key=test-key&prompt=p`, []string{"Content-Type", "application/x-www-form-urlencoded"}, 400, "Invalid JSON"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			status, text := inProcess(t, start(t)).do(http.MethodPost, tt.path, tt.body, tt.header...)
			require.Equal(t, tt.status, status, text)
			require.Contains(t, text, `"status":"error"`)
			require.Contains(t, text, tt.message)
			_, text = inProcess(t, startLenient(t)).do(http.MethodPost, tt.path, tt.body, tt.header...)
			require.Equal(t, !strings.HasPrefix(tt.path, "/v9"), !strings.Contains(text, `"status":"error"`), text)
		})
	}
}

// What other clients of the vendor leave out, call otherwise or send to servers
// that no page lists.
func TestLenient(t *testing.T) {
	t.Parallel()
	const image = `"init_image":"https://example.com/1.png"`
	for path, fields := range map[string]string{
		"/v3/text2img":                                 `"prompt":"p"`,
		"/v3/inpaint":                                  `"prompt":"p",` + image + `,"mask_image":"iVBORw0KGgo="`,
		"/v7/images/image-to-image":                    `"prompt":"p","init_image":"data:image/png;base64,iVBORw0KGgo="`,
		"/v7/video-fusion/motion-control":              image,
		"/v7/voice/create-dubbing":                     `"init_video":"https://example.com/1.mp4","target_language":"fr"`,
		"/v7/voice/text-to-speech":                     `"text":"hello"`,
		"/v7/audio/voice-clone":                        `"init_audio":"UklGRg=="`,
		"/v7/3d/image-to-3d":                           image,
		"/v8/images/flux-2-dev":                        `"prompt":"p","samples":"2"`,
		"/v8/images/background-removal":                `"image_url":"https://example.com/1.png","base64":"yes"`,
		"/v8/video-fusion/text-to-video":               `"prompt":"p","duration":5`,
		"/v6/video/text2video_ultra":                   `"prompt":"p"`,
		"/v6/video/kling_motion_control":               image,
		"/v6/image_editing/magic_mix":                  `"image":"https://example.com/1.png"`,
		"/v1/enterprise/interior/scenario":             `"prompt":"p",` + image,
		"/v1/enterprise/video/img2video_ultra":         `"prompt":"p",` + image,
		"/v1/enterprise/image_editing/magic_mix":       `"prompt":"p","image":"https://example.com/1.png"`,
		"/v1/enterprise/flux_2_dev/text2img":           `"prompt":"p","model_id":"flux-2-dev"`,
		"/v1/enterprise/qwen/text2img":                 `"prompt":"p"`,
		"/v1/enterprise/ultra_video/text2video":        `"prompt":"p"`,
		"/v1/enterprise/deepfake/specific_face_swap":   image + `,"target_image":"https://example.com/1.png","reference_image":"https://example.com/1.png"`,
		"/v1/enterprise/voice/text_to_speech":          `"prompt":"p"`,
		"/v1/enterprise/image_editing/inpaint":         `"prompt":"p",` + image + `,"mask_image":"https://example.com/1.png"`,
		"/v1/enterprise/images/controlnet":             `"prompt":"p","model_id":"m"`,
		"/v1/enterprise/voice-cloning/song_generator/": `"prompt":"p","track_id":null`,
	} {
		t.Run(strings.Trim(path, "/"), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				srv := startLenient(t)
				c := inProcess(t, srv)
				_, job := c.post(path, `{"key":"test-key","webhook":null,`+fields+`}`)
				require.Equal(t, "processing", job.Status, string(job.Message))
				pass(time.Second)
				got := c.fetch(job)
				require.Equal(t, "success", got.Status, string(got.Message))
				for _, url := range got.outputs(t) {
					status, _ := c.do(http.MethodGet, url, "")
					require.Equal(t, 200, status, url)
				}
				require.NotEmpty(t, srv.Requests()[0].Kind)
			})
		})
	}
}

func TestChat(t *testing.T) {
	t.Parallel()
	c := inProcess(t, startLenient(t))
	status, text := c.do(http.MethodPost, "/v7/llm/chat/completions", `{"model":"m","messages":[{"role":"user","content":"hello"}]}`, "Authorization", "Bearer test-key")
	require.Equal(t, 200, status)
	var got struct {
		Model   string
		Choices []struct{ Message struct{ Content string } }
	}
	require.NoError(t, json.Unmarshal([]byte(text), &got))
	require.Equal(t, "m", got.Model)
	require.NotEmpty(t, got.Choices[0].Message.Content)
	for _, path := range []string{"/v7/llm/other", "/v7", "/v7/images", "/v8/images/fetch/1/2", "/v1/enterprise", "/v1/enterprise/flux", "/v1/enterprise/flux/nothing", "/v6/images/nothing"} {
		status, _ = c.do(http.MethodPost, path, `{"key":"test-key"}`)
		require.Equal(t, 404, status, path)
	}
}
