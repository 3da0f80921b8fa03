package modelslabtest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/modelslabtest"
)

// FuzzRequests sends any body of any content type to any path below the base URL,
// which a lenient server answers with JSON.
func FuzzRequests(f *testing.F) {
	for _, path := range []string{
		"/v6/video/text2video", "/v7/images/upscale", "/v8/images/fetch/1", "/v1/enterprise/flux/text2img", "/v1/enterprise/x/fetch/%2F",
		"/v6/realtime/upload", "/v6/images/fetch?key=k&id=1", "/v7/llm/chat/completions", "//v3//text2img/", "/v6/%zz", "/..", "",
	} {
		f.Add(path, "application/json", `{"key":"k","prompt":"p","samples":"2","webhook":null}`)
		f.Add(path, "application/x-www-form-urlencoded", "key=k&prompt=p")
	}
	f.Add("/v6/realtime/upload", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nx\r\n--b--\r\n")
	f.Fuzz(func(t *testing.T, path, contentType, body string) {
		u, err := url.Parse(base + path)
		if err != nil || u.Host != "modelslab.test" || !strings.HasPrefix(u.Path, "/api/") || strings.Contains(u.Path, "..") {
			return
		}
		srv := modelslabtest.NewServer(modelslabtest.WithKey("k"), modelslabtest.WithLatency(0))
		defer srv.Close()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, u.String(), strings.NewReader(body))
		if err != nil {
			return
		}
		r.Header.Set("Content-Type", contentType)
		resp, err := srv.HTTPClient().Do(r)
		require.NoError(t, err)
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		require.True(t, json.Valid(text), string(text))
		require.Len(t, srv.Requests(), 1)
	})
}
