package modelslab_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
)

// pages answers with as many pages of two assets as last says, and fails on one.
func pages(t *testing.T, last, fails int, asked *[]string) *modelslab.Client {
	t.Helper()
	return stubClient(t, func(r *http.Request) (*http.Response, error) {
		text, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		var body struct {
			Type string
			Page int
		}
		require.NoError(t, json.Unmarshal(text, &body))
		*asked = append(*asked, fmt.Sprintf("%s %d", body.Type, body.Page))
		if body.Page == fails {
			return jsonResponse(http.StatusOK, `{"status":"error","message":"Invalid API key"}`), nil
		}
		return jsonResponse(http.StatusOK, fmt.Sprintf(
			`{"data":[{"id":%d1},{"id":%d2}],"pagination":{"current_page":%d,"last_page":%d}}`, body.Page, body.Page, body.Page, last)), nil
	})
}

func TestAllAssets(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name               string
		first, last, fails int
		leave              int // after so many assets
		ids, asked         []string
		err                bool
	}{
		{name: "all", last: 3, ids: []string{"11", "12", "21", "22", "31", "32"}, asked: []string{"video 1", "video 2", "video 3"}},
		{name: "from the second on", first: 2, last: 3, ids: []string{"21", "22", "31", "32"}, asked: []string{"video 2", "video 3"}},
		{name: "left early", last: 3, leave: 3, ids: []string{"11", "12", "21"}, asked: []string{"video 1", "video 2"}},
		{name: "left at the end of a page", last: 3, leave: 2, ids: []string{"11", "12"}, asked: []string{"video 1"}},
		{name: "a failing page", last: 3, fails: 2, ids: []string{"11", "12"}, asked: []string{"video 1", "video 2"}, err: true},
		{name: "no word of pages", ids: []string{"11", "12"}, asked: []string{"video 1"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var asked, ids []string
			req := &modelslab.AssetsGeneratedRequest{Type: "video"}
			if tt.first > 0 {
				req.Page = &tt.first
			}
			var failed error
			for asset, err := range pages(t, tt.last, tt.fails, &asked).Assets.All(t.Context(), req) {
				if err != nil {
					require.NoError(t, failed, "the loop goes on after an error")
					failed = err
					continue
				}
				if ids = append(ids, asset.ID); len(ids) == tt.leave {
					break
				}
			}
			require.Equal(t, tt.ids, ids)
			require.Equal(t, tt.asked, asked)
			require.Equal(t, tt.err, failed != nil)
			require.Equal(t, tt.first > 0, req.Page != nil, "the caller's struct was modified")
		})
	}
}

func TestAllAssetsOfNothing(t *testing.T) {
	t.Parallel()
	var asked []string
	client := pages(t, 1, 0, &asked)
	for _, req := range []*modelslab.AssetsGeneratedRequest{nil, {}} {
		n := 0
		for _, err := range client.Assets.All(t.Context(), req) {
			require.ErrorIs(t, err, modelslab.ErrInvalid)
			n++
		}
		require.Equal(t, 1, n)
	}
	empty := stubClient(t, func(*http.Request) (*http.Response, error) {
		return jsonResponse(http.StatusOK, `{"data":[],"pagination":{"last_page":9}}`), nil
	})
	for range empty.Assets.All(t.Context(), &modelslab.AssetsGeneratedRequest{Type: "3d"}) {
		require.Fail(t, "there is nothing")
	}
	require.Empty(t, asked)
}
