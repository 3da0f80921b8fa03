package modelslab_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
)

// wireLog keeps every body, uploads included, in the order of sending.
type wireLog struct {
	mu     sync.Mutex
	bodies []string
}

func (l *wireLog) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.bodies = append(l.bodies, r.URL.Path+" "+string(body))
	if strings.HasSuffix(r.URL.Path, "/base64_to_url") {
		return uploaded(len(l.bodies)), nil
	}
	return jsonResponse(http.StatusOK, `{"status":"processing","id":1}`), nil
}

// sent submits a request through a new client and returns what went out.
func sent(t *testing.T, req modelslab.Request) []string {
	t.Helper()
	log := &wireLog{}
	_, err := stubClient(t, log.RoundTrip).Submit(t.Context(), req)
	require.NoError(t, err)
	return log.bodies
}

// TestFreezeMedia stores requests with files in them and submits what was
// stored: the API sees no difference.
func TestFreezeMedia(t *testing.T) {
	t.Parallel()
	png := []byte(pngHead + strings.Repeat("\x00\xff<&>", 100))
	path := filepath.Join(t.TempDir(), "a.png")
	require.NoError(t, os.WriteFile(path, png, 0o600))
	stream := func() modelslab.Media {
		return modelslab.MediaReader(iotest.OneByteReader(bytes.NewReader(png)), int64(len(png)))
	}
	url := modelslab.MediaURL("https://example.com/a.png?x=1&y=<2>")
	tests := []struct {
		name    string
		req     func() modelslab.Request // anew each time: a stream is used up
		files   bool                     // wanted in Files
		uploads int
	}{
		{"inline", func() modelslab.Request {
			return &modelslab.FaceGenRequest{Prompt: "p", FaceImage: modelslab.MediaFile(path), TrackID: "t"}
		}, false, 0},
		{"inline, from a stream", func() modelslab.Request {
			return &modelslab.FaceGenRequest{Prompt: "p", FaceImage: stream(), TrackID: "t"}
		}, false, 0},
		{"flag", func() modelslab.Request {
			return &modelslab.ImageToVideoUltraRequest{ModelID: "m", Prompt: "p", InitImage: modelslab.MediaBytes(png), TrackID: "t"}
		}, false, 0},
		{"flag, with a URL", func() modelslab.Request {
			return &modelslab.ImageToVideoUltraRequest{ModelID: "m", Prompt: "p", InitImage: url, TrackID: "t"}
		}, false, 0},
		{"flag, with a file and a URL", func() modelslab.Request {
			return &modelslab.MultipleFaceSwapRequest{InitImage: modelslab.MediaBytes(png), TargetImage: url, TrackID: "t"}
		}, true, 1},
		{"flag, with two files", func() modelslab.Request {
			return &modelslab.MultipleFaceSwapRequest{InitImage: modelslab.MediaBytes(png), TargetImage: modelslab.MediaFile(path), TrackID: "t"}
		}, false, 0},
		{"upload", func() modelslab.Request {
			return &modelslab.ImageToVideoRequest{ModelID: "svd", InitImage: modelslab.MediaFile(path), FPS: new(8), TrackID: "t"}
		}, true, 1},
		{"upload of a stream", func() modelslab.Request {
			return &modelslab.ImageToVideoRequest{ModelID: "svd", InitImage: stream(), FPS: new(8), TrackID: "t"}
		}, true, 1},
		{"upload of a list", func() modelslab.Request {
			return &modelslab.QwenEditRequest{
				Prompt: "p", TrackID: "t",
				InitImage: []modelslab.Media{modelslab.MediaBytes(png), url, modelslab.MediaBytes([]byte(wavHead))},
			}
		}, true, 2},
		{"a list of one", func() modelslab.Request {
			return &modelslab.QwenEditRequest{Prompt: "p", TrackID: "t", InitImage: []modelslab.Media{modelslab.MediaBytes(png)}}
		}, true, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			frozen, err := modelslab.Freeze(tt.req())
			require.NoError(t, err)
			require.Equal(t, tt.files, len(frozen.Files) > 0)
			stored, err := json.Marshal(frozen)
			require.NoError(t, err)
			var thawed modelslab.RawRequest
			require.NoError(t, json.Unmarshal(stored, &thawed))
			again, err := json.Marshal(thawed)
			require.NoError(t, err)
			require.Equal(t, string(stored), string(again))

			want := sent(t, tt.req())
			require.Len(t, want, tt.uploads+1)
			for _, raw := range []modelslab.RawRequest{frozen, thawed, thawed} {
				got := sent(t, raw)
				require.Equal(t, want[:tt.uploads], got[:tt.uploads])
				pathOf := func(s string) string { return s[:strings.IndexByte(s, ' ')] }
				require.Equal(t, pathOf(want[tt.uploads]), pathOf(got[tt.uploads]))
				// The fields of uploaded files come last; JSON does not mind.
				require.JSONEq(t, want[tt.uploads][strings.IndexByte(want[tt.uploads], ' '):], got[tt.uploads][strings.IndexByte(got[tt.uploads], ' '):])
			}
		})
	}
}

func TestFreezeOfMissingFile(t *testing.T) {
	t.Parallel()
	none := modelslab.MediaFile(filepath.Join(t.TempDir(), "none.png"))
	for _, req := range []modelslab.Request{
		&modelslab.FaceGenRequest{Prompt: "p", FaceImage: none},
		&modelslab.ImageToVideoRequest{ModelID: "svd", InitImage: none},
	} {
		_, err := modelslab.Freeze(req)
		require.ErrorIs(t, err, modelslab.ErrInvalid)
		require.ErrorIs(t, err, os.ErrNotExist)
	}
}

func TestMediaJSON(t *testing.T) {
	t.Parallel()
	type holder struct {
		M modelslab.Media `json:"m,omitzero"`
	}
	path := filepath.Join(t.TempDir(), "a.bin")
	require.NoError(t, os.WriteFile(path, []byte("abc"), 0o600))
	tests := []struct {
		name  string
		media modelslab.Media
		json  string
	}{
		{"unset", modelslab.Media{}, `{}`},
		{"URL", modelslab.MediaURL("https://example.com/a.png"), `{"m":"https://example.com/a.png"}`},
		{"claimed type", modelslab.MediaURL("data:audio/mp4;codecs=x;base64,AAAA"), `{"m":"data:audio/mp4;base64,AAAA"}`},
		{"data URI without base64", modelslab.MediaURL("data:text/plain,a%20b"), `{"m":"data:text/plain;base64,YSBi"}`},
		{"data URI as URL", modelslab.MediaURL("data:image/png;base64,AAAA"), `{"m":"data:image/png;base64,AAAA"}`},
		{"bytes", modelslab.MediaBytes([]byte("abc")), `{"m":"data:;base64,YWJj"}`},
		{"no bytes", modelslab.MediaBytes(nil), `{"m":"data:;base64,"}`},
		{"file", modelslab.MediaFile(path), `{"m":"data:;base64,YWJj"}`},
		{"reader", modelslab.MediaReader(strings.NewReader("abc"), 3), `{"m":"data:;base64,YWJj"}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			text, err := json.Marshal(holder{tt.media})
			require.NoError(t, err)
			require.Equal(t, tt.json, string(text))
			var back holder
			require.NoError(t, json.Unmarshal(text, &back))
			require.Equal(t, tt.media.IsZero(), back.M.IsZero())
			again, err := json.Marshal(back)
			require.NoError(t, err)
			require.Equal(t, tt.json, string(again))
		})
	}
	for _, bad := range []string{`{"m":"data:;base64,%%%"}`, `{"m":7}`} {
		require.ErrorContains(t, json.Unmarshal([]byte(bad), new(holder)), "media", bad)
	}
}
