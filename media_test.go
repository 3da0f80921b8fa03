package modelslab_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
)

// TestSubmitOfBadMedia: a body that never was whole is a refusal and no unknown
// outcome, with a real transport as with any other.
func TestSubmitOfBadMedia(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err == nil {
			t.Error("a whole body arrived")
		}
	}))
	defer srv.Close()
	unreadable := filepath.Join(t.TempDir(), "socket")
	require.NoError(t, os.Mkdir(unreadable, 0o700))
	used := modelslab.MediaReader(iotest.OneByteReader(strings.NewReader("abc")), 3)
	_, err := json.Marshal(used)
	require.NoError(t, err)
	tests := map[string]modelslab.Media{
		"shorter":     modelslab.MediaReader(bytes.NewReader(content(100_000)), 200_000),
		"longer":      modelslab.MediaReader(bytes.NewReader(content(100_000)), 50_000),
		"broken":      modelslab.MediaReader(io.MultiReader(bytes.NewReader(content(100_000)), iotest.ErrReader(errors.New("disk on fire"))), 200_000),
		"read before": used,
		"missing":     modelslab.MediaFile(filepath.Join(t.TempDir(), "none.png")),
		"a folder":    modelslab.MediaFile(unreadable),
	}
	plain, err := modelslab.New("key", modelslab.WithBaseURL(srv.URL+"/api"))
	require.NoError(t, err)
	custom, err := modelslab.New("key", modelslab.WithHTTPClient(&http.Client{Transport: readsAll{}}))
	require.NoError(t, err)
	for name, m := range tests {
		for _, client := range []*modelslab.Client{plain, custom} {
			_, err := client.Submit(t.Context(), &modelslab.ImageToVideoUltraRequest{ModelID: "wan2.2", Prompt: "p", InitImage: m})
			require.ErrorIs(t, err, modelslab.ErrInvalid, name)
			var unknown *modelslab.SubmitError
			require.NotErrorAs(t, err, &unknown, name)
		}
	}
}

// readsAll is a RoundTripper that has its own words for a broken body.
type readsAll struct{}

func (readsAll) RoundTrip(r *http.Request) (*http.Response, error) {
	defer r.Body.Close()
	if _, err := io.Copy(io.Discard, r.Body); err != nil {
		return nil, errors.New("sending failed")
	}
	return nil, errors.New("the body was whole")
}

// TestRetryOfSeekableMedia answers early and repeats: the second body must not
// be read from where the first one's transport still reads.
func TestRetryOfSeekableMedia(t *testing.T) {
	t.Parallel()
	data := content(4 << 20)
	want := base64.StdEncoding.EncodeToString(data)
	var calls int
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if calls++; calls == 1 {
			_, _ = io.CopyN(io.Discard, r.Body, 10_000)
			w.WriteHeader(http.StatusTooManyRequests)
			_, _ = io.WriteString(w, `{"status":"error","message":"Rate limit exceeded.","retry_after":0.001}`)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil || !bytes.Contains(body, []byte(want)) {
			t.Errorf("the second body is not the first: %v", err)
		}
		_, _ = io.WriteString(w, `{"status":"processing","id":1}`)
	}))
	defer srv.Close()
	client, err := modelslab.New("key", modelslab.WithBaseURL(srv.URL+"/api"))
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	_, err = client.Submit(ctx, &modelslab.ImageToVideoUltraRequest{
		ModelID: "wan2.2", Prompt: "p", InitImage: modelslab.MediaReader(bytes.NewReader(data), int64(len(data))),
	})
	require.NoError(t, err)
	require.Equal(t, 2, calls)
}

// TestMediaURL: what ModelsLab cannot fetch is refused before anything is sent,
// uploads of other files included, and a data URI is sent as its bytes.
func TestMediaURL(t *testing.T) {
	t.Parallel()
	frames := func(m modelslab.Media) modelslab.Request {
		return &modelslab.QwenEditRequest{Prompt: "p", InitImage: []modelslab.Media{modelslab.MediaBytes([]byte(pngHead)), m}}
	}
	requests := map[string]func(m modelslab.Media) modelslab.Request{
		"uploaded": func(m modelslab.Media) modelslab.Request {
			return &modelslab.ImageToVideoRequest{ModelID: "svd", InitImage: m}
		},
		"in the body": func(m modelslab.Media) modelslab.Request {
			return &modelslab.FaceGenRequest{Prompt: "p", FaceImage: m}
		},
		"in a list": frames,
		"stored": func(m modelslab.Media) modelslab.Request {
			return modelslab.RawRequest{Path: "/v6/video/img2video", Files: map[string]modelslab.RawFiles{"init_image": {Media: []modelslab.Media{m}}}}
		},
	}
	for name, request := range requests {
		for _, url := range []string{"house.png", "./x", `C:\me\house.png`, "file:///house.png", "data:image/png;base64,*"} {
			t.Run(name+" "+url, func(t *testing.T) {
				t.Parallel()
				sent := 0
				client := stubClient(t, func(*http.Request) (*http.Response, error) {
					sent++
					return jsonResponse(200, `{"status":"processing","id":7}`), nil
				})
				_, err := client.Submit(t.Context(), request(modelslab.MediaURL(url)))
				require.ErrorIs(t, err, modelslab.ErrInvalid)
				require.ErrorContains(t, err, "MediaFile")
				require.Zero(t, sent)
			})
		}
		t.Run(name+" data URI", func(t *testing.T) {
			t.Parallel()
			encoded := base64.StdEncoding.EncodeToString([]byte(pngHead))
			want := sent(t, request(modelslab.MediaBytes([]byte(pngHead))))
			require.Contains(t, strings.Join(want, " "), encoded)
			got := sent(t, request(modelslab.MediaURL(" data:image/png;base64,"+encoded+"\n")))
			require.Len(t, got, len(want))
			for i := range want {
				require.Equal(t, withoutUUID(t, want[i]), withoutUUID(t, got[i]))
			}
		})
	}
	_, err := modelslab.Freeze(frames(modelslab.MediaURL("house.png")))
	require.ErrorIs(t, err, modelslab.ErrInvalid)
	require.Equal(t, "https://example.com/a.png", modelslab.MediaURL(" https://example.com/a.png\n").String())
	require.True(t, modelslab.MediaURL(" ").IsZero())
}

// FuzzMediaUnmarshalJSON: a Media that was read writes what reads the same.
func FuzzMediaUnmarshalJSON(f *testing.F) {
	for _, seed := range []string{`""`, `"https://example.com/a.png"`, `"data:;base64,YWJj"`, `"data:text/csv,a%2Cb"`, `"/etc/passwd"`, `"file:///etc/passwd"`, `7`, `"data:;base64,%%%"`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var m, back modelslab.Media
		if json.Unmarshal([]byte(text), &m) != nil {
			return
		}
		written, err := json.Marshal(m)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(written, &back))
		again, err := json.Marshal(back)
		require.NoError(t, err)
		require.Equal(t, string(written), string(again))
		require.Equal(t, m.IsZero(), back.IsZero())
	})
}
