package modelslab_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
)

func TestNewRefuses(t *testing.T) {
	t.Setenv("MODELSLAB_API_KEY", "")
	for _, tt := range []struct {
		name string
		key  string
		opt  modelslab.Option
		text string
	}{
		{"no key", "", nil, "MODELSLAB_API_KEY"},
		{"a blank key", " \n", nil, "MODELSLAB_API_KEY"},
		{"a key with a newline in it", "a\nb", nil, "control character"},
		{"a base URL that does not parse", "k", modelslab.WithBaseURL("://"), "parse"},
		{"a relative base URL", "k", modelslab.WithBaseURL("/api"), "absolute"},
		{"plain HTTP", "k", modelslab.WithBaseURL("http://example.com/api"), "use https"},
		{"another scheme", "k", modelslab.WithBaseURL("ftp://example.com/api"), "absolute"},
		{"a base URL without /api", "k", modelslab.WithBaseURL("https://example.com"), "/api"},
		{"a user in the base URL", "k", modelslab.WithBaseURL("https://u:p@example.com/api"), "no user"},
		{"a query in the base URL", "k", modelslab.WithBaseURL("https://example.com/api?x=1"), "query"},
		{"no HTTP client", "k", modelslab.WithHTTPClient(nil), "nil"},
		{"no logger", "k", modelslab.WithLogger(nil), "nil"},
		{"a broken user agent", "k", modelslab.WithUserAgent("a\r\nb"), "ASCII"},
		{"negative submit retries", "k", modelslab.WithSubmitRetries(-1), "0 or more"},
		{"negative fetch retries", "k", modelslab.WithFetchRetries(-1), "0 or more"},
		{"a short secret", "k", modelslab.WithWebhook("https://example.com/h", []byte("short")), "32"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			client, err := modelslab.New(tt.key, tt.opt)
			require.Nil(t, client)
			require.ErrorContains(t, err, tt.text)
			require.NotContains(t, err.Error(), "u:p")
		})
	}
}

func TestNewReadsTheEnvironment(t *testing.T) {
	t.Setenv("MODELSLAB_API_KEY", " from-env\n")
	for _, base := range []string{"http://127.0.0.1:1/api", "http://localhost/api", "http://[::1]:8080/api/", "https://example.com/v/api"} {
		_, err := modelslab.New("", modelslab.WithBaseURL(base))
		require.NoError(t, err, base)
	}
	var got *http.Request
	client, err := modelslab.New("", modelslab.WithUserAgent("shop/1.4"), modelslab.WithHTTPClient(&http.Client{
		Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
			got = r
			return jsonResponse(200, `{"status":"success","workflows":[]}`), nil
		}),
	}))
	require.NoError(t, err)
	_, err = client.Fetch(t.Context(), modelslab.Ref{Kind: modelslab.KindWorkflow, ID: "a/b"})
	require.NoError(t, err)
	require.Equal(t, "from-env", got.Header.Get("key"))
	require.Equal(t, "shop/1.4 modelslab-go/"+modelslab.Version, got.Header.Get("User-Agent"))
}

func TestEnterprise(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		opts []modelslab.Option
		call []modelslab.CallOption
		path string
		kind modelslab.Kind
	}{
		{"the public API", nil, nil, "/api/v6/video/text2video", "video"},
		{"the default server", []modelslab.Option{modelslab.WithEnterprise()}, nil, "/api/v1/enterprise/video/text2video", "enterprise/video"},
		{"a server for one call", nil, []modelslab.CallOption{modelslab.Server("video")}, "/api/v1/enterprise/video/text2video", "enterprise/video"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			client := stubClient(t, func(r *http.Request) (*http.Response, error) {
				require.Equal(t, tt.path, r.URL.Path)
				return jsonResponse(200, processing), nil
			}, tt.opts...)
			job, err := client.Submit(t.Context(), textToVideo(), tt.call...)
			require.NoError(t, err)
			require.Equal(t, modelslab.Ref{Kind: tt.kind, ID: "7"}, job.Ref)
		})
	}
	client := stubClient(t, nil, modelslab.WithEnterprise())
	_, err := client.Submit(t.Context(), &modelslab.WatermarkRemoverRequest{InitVideo: modelslab.MediaURL("https://example.com/a.mp4")})
	require.ErrorIs(t, err, modelslab.ErrInvalid)
	require.ErrorContains(t, err, "no enterprise server")
}
