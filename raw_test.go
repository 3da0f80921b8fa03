package modelslab_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
)

// TestRawRequestPlaces: a raw request whose result could not be fetched costs
// nothing, and one whose result can be is named by the kind it says.
func TestRawRequestPlaces(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		req   modelslab.RawRequest
		ref   string // of the job, "" when the request is refused
		field string
	}{
		{"a known path", modelslab.RawRequest{Path: "/v6/video/text2video"}, "video/7", ""},
		{"a known path and another kind", modelslab.RawRequest{Path: "/v6/video/text2video", Kind: modelslab.KindImages}, "images/7", ""},
		{"a known path and a kind of no table", modelslab.RawRequest{Path: "/v6/video/text2video", Kind: "/v9/film/fetch"}, "/v9/film/fetch/7", ""},
		{"a known path and an unknown kind", modelslab.RawRequest{Path: "/v6/video/text2video", Kind: "vidoe"}, "", "kind"},
		{"a new path and a known kind", modelslab.RawRequest{Path: "/v9/film", Kind: modelslab.KindVideo}, "video/7", ""},
		{"a new path and an unknown kind", modelslab.RawRequest{Path: "/v9/film", Kind: "film"}, "", "kind"},
		{"an unknown kind before a fetch path", modelslab.RawRequest{Path: "/v9/film", Kind: "film", FetchPath: "/v6/video/fetch"}, "", "kind"},
		{"a new path and a known fetch path", modelslab.RawRequest{Path: "/v9/film", FetchPath: "/v6/video/fetch"}, "video/7", ""},
		{"a new path and a new fetch path", modelslab.RawRequest{Path: "/v9/film", FetchPath: "/v9/film/fetch"}, "/v9/film/fetch/7", ""},
		{"a fetch path that is a kind", modelslab.RawRequest{Path: "/v9/film", FetchPath: "video"}, "", "fetch_path"},
		{"a fetch path without its slash", modelslab.RawRequest{Path: "/v9/film", FetchPath: "v6/video/fetch"}, "", "fetch_path"},
		{"a path without its slash", modelslab.RawRequest{Path: "v6/video/text2video"}, "", "path"},
		{"a URL for a path", modelslab.RawRequest{Path: "https://modelslab.com/api/v6/video/text2video"}, "", "path"},
		{"no path", modelslab.RawRequest{Kind: modelslab.KindVideo}, "", "path"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			sent := 0
			client := stubClient(t, func(*http.Request) (*http.Response, error) {
				sent++
				return jsonResponse(200, `{"status":"processing","id":7}`), nil
			})
			tt.req.Body = json.RawMessage(`{"prompt":"p"}`)
			job, err := client.Submit(t.Context(), tt.req)
			if tt.ref == "" {
				require.ErrorIs(t, err, modelslab.ErrInvalid)
				var e *modelslab.Error
				require.ErrorAs(t, err, &e)
				require.Equal(t, tt.field, e.Field)
				require.Zero(t, sent)
				return
			}
			require.NoError(t, err)
			require.Equal(t, tt.ref, job.Ref.String())
		})
	}
}
