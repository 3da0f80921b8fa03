package modelslabtest_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"image/gif"
	"image/png"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/modelslabtest"
)

// output runs one job that is done at once and returns its first file.
func (c caller) output(path, text string) (url string, data []byte) {
	c.t.Helper()
	_, job := c.post(path, text)
	require.Equal(c.t, "success", job.Status, string(job.Message))
	url = job.outputs(c.t)[0]
	status, got := c.do(http.MethodGet, url, "")
	require.Equal(c.t, 200, status)
	return url, []byte(got)
}

func TestFilesAreReal(t *testing.T) {
	t.Parallel()
	srv := start(t, modelslabtest.WithLatency(0))
	tests := []struct {
		name, path, body, suffix string
		check                    func(t *testing.T, data []byte)
	}{
		{
			name: "picture", path: "/v6/images/text2img", body: `{"key":"test-key","model_id":"flux","prompt":"p","width":320,"height":200}`, suffix: ".png",
			check: func(t *testing.T, data []byte) {
				t.Helper()
				img, err := png.Decode(bytes.NewReader(data))
				require.NoError(t, err)
				require.Equal(t, "(320,200)", img.Bounds().Max.String())
			},
		},
		{
			name: "picture as text", path: "/v6/images/text2img", body: `{"key":"test-key","model_id":"flux","prompt":"p","base64":"yes"}`, suffix: ".base64",
			check: func(t *testing.T, data []byte) {
				t.Helper()
				decoded, err := base64.StdEncoding.DecodeString(string(data))
				require.NoError(t, err)
				_, err = png.Decode(bytes.NewReader(decoded))
				require.NoError(t, err)
			},
		},
		{
			name: "animation", path: "/v6/video/text2video", body: text2video, suffix: ".gif",
			check: func(t *testing.T, data []byte) {
				t.Helper()
				g, err := gif.DecodeAll(bytes.NewReader(data))
				require.NoError(t, err)
				require.Greater(t, len(g.Image), 1)
			},
		},
		{
			name: "film", path: "/v6/video/text2video", body: `{"key":"test-key","model_id":"m","prompt":"p","output_type":"mp4"}`, suffix: ".mp4",
			check: func(t *testing.T, data []byte) {
				t.Helper()
				require.Equal(t, "video/mp4", http.DetectContentType(data))
			},
		},
		{
			name: "sound", path: "/v6/voice/music_gen", body: `{"key":"test-key","prompt":"p"}`, suffix: ".wav",
			check: func(t *testing.T, data []byte) {
				t.Helper()
				require.Equal(t, "audio/wave", http.DetectContentType(data))
				require.Len(t, data, int(binary.LittleEndian.Uint32(data[4:8]))+8)
			},
		},
		{
			name: "compressed sound", path: "/v6/voice/music_gen", body: `{"key":"test-key","prompt":"p","output_format":"mp3"}`, suffix: ".mp3",
			check: func(t *testing.T, data []byte) {
				t.Helper()
				require.Equal(t, "audio/mpeg", http.DetectContentType(data))
			},
		},
		{
			name: "mesh", path: "/v6/3d/text_to_3d", body: `{"key":"test-key","prompt":"p","output_format":"obj"}`, suffix: ".obj",
			check: func(t *testing.T, data []byte) {
				t.Helper()
				require.Contains(t, string(data), "f 1 2 3")
			},
		},
		{
			name: "model", path: "/v6/3d/text_to_3d", body: `{"key":"test-key","prompt":"p"}`, suffix: ".glb",
			check: func(t *testing.T, data []byte) {
				t.Helper()
				require.Equal(t, "glTF", string(data[:4]))
				require.Len(t, data, int(binary.LittleEndian.Uint32(data[8:12])))
				scene := data[20 : 20+binary.LittleEndian.Uint32(data[12:16])]
				require.True(t, json.Valid(scene))
			},
		},
		{
			name: "text", path: "/v6/voice/speech_to_text", body: `{"key":"test-key","init_audio":"https://example.com/a.wav","language":"en"}`, suffix: ".txt",
			check: func(t *testing.T, data []byte) {
				t.Helper()
				require.Contains(t, string(data), "quick brown fox")
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			url, data := inProcess(t, srv).output(tt.path, tt.body)
			require.True(t, strings.HasSuffix(url, tt.suffix), url)
			tt.check(t, data)
		})
	}
}

func TestPicturesDifferByRequest(t *testing.T) {
	t.Parallel()
	srv := start(t, modelslabtest.WithLatency(0))
	c := inProcess(t, srv)
	seen := map[string]bool{}
	for _, prompt := range []string{"a", "b", "c", "a"} {
		_, data := c.output("/v6/images/text2img", `{"key":"test-key","model_id":"flux","prompt":"`+prompt+`"}`)
		seen[string(data)] = true
	}
	require.Len(t, seen, 3)
	_, job := c.post("/v6/images/text2img", `{"key":"test-key","model_id":"flux","prompt":"a","samples":3}`)
	require.Len(t, job.outputs(t), 3)
}

func TestFilesAreServedInParts(t *testing.T) {
	t.Parallel()
	srv := start(t, modelslabtest.WithLatency(0))
	for name, c := range map[string]caller{
		"in process": inProcess(t, srv), "over loopback": {t, http.DefaultClient, srv.URL()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := c
			c.t = t
			url, whole := c.output("/v6/voice/music_gen", `{"key":"test-key","prompt":"p"}`)
			r, err := http.NewRequestWithContext(t.Context(), http.MethodHead, url, nil)
			require.NoError(t, err)
			resp, err := c.http.Do(r)
			require.NoError(t, err)
			resp.Body.Close()
			require.Equal(t, int64(len(whole)), resp.ContentLength)
			require.Regexp(t, "^audio/(x-)?wav", resp.Header.Get("Content-Type"))
			tag := resp.Header.Get("Etag")
			require.NotEmpty(t, tag)

			status, rest := c.do(http.MethodGet, url, "", "Range", "bytes=100-", "If-Range", tag)
			require.Equal(t, 206, status)
			require.Equal(t, string(whole[100:]), rest)
			status, all := c.do(http.MethodGet, url, "", "Range", "bytes=100-", "If-Range", `"other"`)
			require.Equal(t, 200, status)
			require.Equal(t, string(whole), all)
			status, _ = c.do(http.MethodGet, url, "", "If-None-Match", tag)
			require.Equal(t, 304, status)
		})
	}
}

func TestFilesThatAreNotThere(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := start(t, modelslabtest.WithLatency(10*time.Second))
		c := inProcess(t, srv)
		srv.Next(modelslabtest.Submit, modelslabtest.Fault{NotReady: 5 * time.Second})
		_, job := c.post("/v6/video/text2video", text2video)
		url := job.FutureLinks[0]
		for _, other := range []string{
			url, strings.Replace(url, "-0.", "-1.", 1), strings.Replace(url, ".gif", ".base64", 1),
			"https://modelslab.test/files/x", "https://modelslab.test/files/9-0.png",
		} {
			status, page := c.do(http.MethodGet, other, "")
			require.Equal(t, 404, status, other)
			require.Contains(t, page, "html")
		}
		pass(10 * time.Second)
		require.Equal(t, "success", c.fetch(job).Status)
		status, _ := c.do(http.MethodGet, url, "")
		require.Equal(t, 404, status)
		pass(5 * time.Second)
		srv.Next(modelslabtest.File, modelslabtest.Fault{Status: 200}, modelslabtest.Fault{Body: "<html>wait</html>"})
		status, empty := c.do(http.MethodGet, url, "")
		require.Equal(t, 200, status)
		require.Empty(t, empty)
		_, page := c.do(http.MethodGet, url, "")
		require.Equal(t, "<html>wait</html>", page)
		status, data := c.do(http.MethodGet, url, "")
		require.Equal(t, 200, status)
		require.Equal(t, "GIF89a", data[:6])
	})
}
