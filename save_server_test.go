package modelslab_test

import (
	"bytes"
	"image/png"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/internal/download/downloadtest"
	"github.com/modelslab-go/modelslab/modelslabtest"
)

// TestSaveFromServer saves what the test server makes, on its bad days too.
func TestSaveFromServer(t *testing.T) {
	t.Parallel()
	video := &modelslab.TextToVideoRequest{ModelID: "cogvideox", Prompt: "a ship", OutputType: "mp4"}
	image := &modelslab.TextToImageRequest{ModelID: "flux", Prompt: "a ship", Samples: new(2)}
	encoded := &modelslab.TextToImageRequest{ModelID: "flux", Prompt: "a ship", Base64: new(true)}
	tests := []struct {
		name   string
		req    modelslab.Request
		submit modelslabtest.Fault
		files  []modelslabtest.Fault
		exts   []string
		least  time.Duration // that saving takes
		loads  int
	}{
		{name: "a video", req: video, exts: []string{".mp4"}, loads: 1},
		{name: "two images", req: image, exts: []string{".png", ".png"}, loads: 2},
		{name: "an image as text", req: encoded, exts: []string{".png"}, loads: 1},
		{name: "not there yet", req: video, submit: modelslabtest.Fault{NotReady: 45 * time.Second}, exts: []string{".mp4"}, least: 44 * time.Second},
		{name: "broken off", req: video, files: []modelslabtest.Fault{{BreakAfter: 600}, {BreakAfter: 30}}, exts: []string{".mp4"}, loads: 3},
		{name: "broken off as text", req: encoded, files: []modelslabtest.Fault{{BreakAfter: 61}}, exts: []string{".png"}, loads: 2},
		{name: "reset and unavailable", req: video, files: []modelslabtest.Fault{{Reset: true}, {NoConnection: true}, {Status: 503}}, exts: []string{".mp4"}, loads: 4},
		{name: "a page first", req: video, files: []modelslabtest.Fault{{Body: "<html>wait</html>"}}, exts: []string{".mp4"}, loads: 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				srv := modelslabtest.NewServer(modelslabtest.WithStrict())
				defer srv.Close()
				client := srv.Client()
				srv.Next(modelslabtest.Submit, tt.submit)
				srv.Next(modelslabtest.File, tt.files...)
				job, err := client.Run(t.Context(), tt.req)
				require.NoError(t, err)
				start := time.Now()
				paths, err := client.Save(t.Context(), job, dir)
				require.NoError(t, err)
				require.GreaterOrEqual(t, time.Since(start), tt.least)
				require.Len(t, paths, len(tt.exts))
				for i, path := range paths {
					require.Equal(t, tt.exts[i], filepath.Ext(path))
					data, err := os.ReadFile(path)
					require.NoError(t, err)
					if tt.exts[i] == ".png" {
						_, err = png.Decode(bytes.NewReader(data))
						require.NoError(t, err)
					} else {
						require.Contains(t, string(data[:12]), "ftyp")
					}
				}
				require.Len(t, filesIn(t, dir), len(paths))
				loads := 0
				for _, r := range srv.Requests() {
					if r.Call == modelslabtest.File {
						loads++
						require.Empty(t, r.Key, "the key went to a file server")
					}
				}
				if tt.loads > 0 {
					require.Equal(t, tt.loads, loads)
				}
			})
		})
	}
}

func TestSaveOverLoopback(t *testing.T) {
	t.Parallel()
	srv := modelslabtest.NewServer(modelslabtest.WithStrict(), modelslabtest.WithLatency(10*time.Millisecond))
	t.Cleanup(srv.Close)
	client, err := modelslab.New("test-key", modelslab.WithBaseURL(srv.URL()))
	require.NoError(t, err)
	job, err := client.Run(t.Context(), &modelslab.TextToImageRequest{ModelID: "flux", Prompt: "a ship"},
		modelslab.PollEvery(20*time.Millisecond, time.Second))
	require.NoError(t, err)
	paths, err := client.Save(t.Context(), job, t.TempDir())
	require.NoError(t, err)
	f, err := os.Open(paths[0])
	require.NoError(t, err)
	_, err = png.Decode(f)
	require.NoError(t, err)
	require.NoError(t, f.Close())
}

// TestUploadToServer uploads a file once for two jobs, and gets it back.
func TestUploadToServer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := modelslabtest.NewServer(modelslabtest.WithStrict())
		defer srv.Close()
		client := srv.Client()
		data := pngHead + strings.Repeat("x", 5000)
		for range 2 {
			_, err := client.Video.ImageToVideo(t.Context(), &modelslab.ImageToVideoRequest{ModelID: "svd", InitImage: modelslab.MediaBytes([]byte(data))})
			require.NoError(t, err)
		}
		uploads := 0
		for _, r := range srv.Requests() {
			if r.Path == "/v6/base64_to_url" {
				uploads++
			}
		}
		require.Equal(t, 1, uploads)
		url, err := client.Account.Base64ToURL(t.Context(), "", modelslab.MediaBytes([]byte(data)))
		require.NoError(t, err)
		var got strings.Builder
		_, err = client.Download(t.Context(), url, &got)
		require.NoError(t, err)
		require.Equal(t, data, got.String())
	})
}

// TestDownloadAllocations holds a transfer to 1 MiB, whatever the file's size.
func TestDownloadAllocations(t *testing.T) { //nolint:paralleltest // it counts what the process allocates
	if raceEnabled {
		t.Log("the race detector allocates on its own account")
		return
	}
	file := content(20 << 20)
	client := clientOf(t, &downloadtest.Server{File: file, Script: []downloadtest.Reply{{}}})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := client.Save(t.Context(), videoJob(fileURL), t.TempDir())
	require.NoError(t, err)
	runtime.ReadMemStats(&after)
	require.LessOrEqual(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<20))
}
