package modelslab_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/internal/download/downloadtest"
)

// links answers each URL with its own script.
type links map[string]*downloadtest.Server

func (l links) RoundTrip(r *http.Request) (*http.Response, error) {
	return l["https://"+r.URL.Host+r.URL.Path].RoundTrip(r)
}

// serves is a server of a file that is there.
func serves(file string, contentType string) *downloadtest.Server {
	return &downloadtest.Server{File: []byte(file), Script: []downloadtest.Reply{{Header: http.Header{"Content-Type": {contentType}}}}}
}

// heads of files, long enough to be told by.
const (
	pngHead  = "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
	wavHead  = "RIFF\x24\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00"
	glbHead  = "glTF\x02\x00\x00\x00\x10\x00\x00\x00"
	flacHead = "fLaC\x00\x00\x00\x22"
	mp4Head  = "\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"
	m4aHead  = "\x00\x00\x00\x18ftypM4A \x00\x00\x00\x00mp42isom"
	aviHead  = "\x00\x00\x00\x1cftypavif\x00\x00\x00\x00avifmif1"
	mp3Head  = "\xff\xfb\x90\x64\x00\x00\x00\x00"
)

func videoJob(outputs ...string) *modelslab.Job {
	return &modelslab.Job{
		Ref: modelslab.Ref{Kind: modelslab.KindVideo, ID: "12202888"}, Status: modelslab.StatusSuccess, Output: outputs,
	}
}

func filesIn(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	files := map[string]string{}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		require.NoError(t, err)
		files[e.Name()] = string(data)
	}
	return files
}

func TestSaveNamesByContent(t *testing.T) {
	t.Parallel()
	encoded := base64.StdEncoding.EncodeToString([]byte(pngHead + strings.Repeat("x", 1000)))
	decoded := pngHead + strings.Repeat("x", 1000)
	tests := []struct {
		name, path, contentType, file, ext string
		decoded                            string // "" when the file stays as it is
	}{
		{"png", "/a.png", "image/png", pngHead, ".png", ""},
		{"jpeg that is a png", "/a.jpeg", "image/jpeg", pngHead, ".png", ""},
		{"no extension", "/a", "application/octet-stream", mp4Head, ".mp4", ""},
		{"jpeg keeps its spelling", "/a.jpeg", "image/jpeg", "\xff\xd8\xff\xe0\x00\x10JFIF", ".jpeg", ""},
		{"jpg", "/a", "image/jpeg", "\xff\xd8\xff\xe0\x00\x10JFIF", ".jpg", ""},
		{"wav", "/a", "", wavHead, ".wav", ""},
		{"m4a", "/a.m4a", "audio/mp4", m4aHead, ".m4a", ""},
		{"avif", "/a.png", "image/png", aviHead, ".avif", ""},
		{"mp3 without tags", "/a", "", mp3Head, ".mp3", ""},
		{"flac", "/a", "", flacHead, ".flac", ""},
		{"glb", "/a", "model/gltf-binary", glbHead, ".glb", ""},
		{"obj, by its name", "/mesh.obj", "text/plain", "v 1 2 3\nv 1 2 4\n", ".obj", ""},
		{"by its type alone", "/mesh", "model/obj", "v 1 2 3\nv 1 2 4\n", ".obj", ""},
		{"usdz, which is a zip", "/mesh.usdz", "application/zip", "PK\x03\x04", ".usdz", ""},
		{"text", "/a.txt", "text/plain; charset=utf-8", "Hello there", ".txt", ""},
		{"subtitles", "/a.srt", "text/plain", "1\n00:00:01,000 --> 00:00:02,000\nHi\n", ".srt", ""},
		{"an unknown thing", "/a.exe", "application/x-msdownload", "MZ\x90\x00\x03\x00\x00", ".bin", ""},
		{"a script is text", "/a.php", "application/x-php", "<?php echo 1;", ".txt", ""},
		{"base64", "/a-0.base64", "text/plain", encoded, ".png", decoded},
		{"base64 with prefix", "/a-0.base64", "binary/octet-stream", "data:image/png;base64," + encoded, ".png", decoded},
		{"data URI by another name", "/a.png", "text/plain", "data:image/png;base64," + encoded, ".png", decoded},
		{"base64 by another name", "/a", "text/plain", encoded, ".png", decoded},
		{"base64 of text", "/a.srt.base64", "text/plain", base64.StdEncoding.EncodeToString([]byte("1\n00:00 hello")), ".srt", "1\n00:00 hello"},
		{"text that could be base64", "/a.txt", "text/plain", "Hello1234567", ".txt", ""},
		{"text that mentions data", "/a.txt", "text/plain", "data: one, two", ".txt", ""},
		{"one word", "/a", "text/plain", "Word", ".txt", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			client := stubClient(t, links{"https://cdn.example.com" + tt.path: serves(tt.file, tt.contentType)}.RoundTrip)
			want := tt.decoded
			if want == "" {
				want = tt.file
			}
			for range 2 { // saving again replaces
				paths, err := client.Save(t.Context(), videoJob("https://cdn.example.com"+tt.path+"?sig=1"), dir)
				require.NoError(t, err)
				require.Equal(t, []string{filepath.Join(dir, "video-12202888-0"+tt.ext)}, paths)
				require.Equal(t, map[string]string{"video-12202888-0" + tt.ext: want}, filesIn(t, dir))
			}
		})
	}
}

func TestSaveNamesByJob(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		job  modelslab.Job
		want string // a pattern
	}{
		{"enterprise", modelslab.Job{Ref: modelslab.Ref{Kind: "enterprise/flux", ID: "7"}}, "enterprise-flux-7-????????????????-0.png"},
		{"workflow", modelslab.Job{Ref: modelslab.Ref{Kind: modelslab.KindWorkflow, ID: "wf_1/42"}}, "workflow-wf_1-42-????????????????-0.png"},
		{"fetch path", modelslab.Job{Ref: modelslab.Ref{Kind: "/v9/new/fetch", ID: "7"}}, "v9-new-fetch-7-????????????????-0.png"},
		{"track id", modelslab.Job{TrackID: "video_001"}, "job-video_001-0.png"},
		{"id alone", modelslab.Job{ID: "99"}, "job-99-0.png"},
		{"nothing", modelslab.Job{}, "job-????????????????-0.png"},
		{"climbing id", modelslab.Job{Ref: modelslab.Ref{Kind: modelslab.KindVideo, ID: "../../etc/passwd"}}, "video-?*-????????????????-0.png"},
		{"climbing track id", modelslab.Job{TrackID: `..\..\x`}, "job-?*-????????????????-0.png"},
		{"spaces and more", modelslab.Job{TrackID: "Ein Bild: größer?"}, "job-Ein-Bild*-????????????????-0.png"},
		{"endless", modelslab.Job{TrackID: strings.Repeat("a", 5000)}, "job-aaa*-????????????????-0.png"},
		{"NUL", modelslab.Job{TrackID: "a\x00b"}, "job-a-b-????????????????-0.png"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "out", "deep")
			client := stubClient(t, links{"https://cdn.example.com/a": serves(pngHead, "image/png")}.RoundTrip)
			tt.job.Status, tt.job.Output = modelslab.StatusSuccess, []string{"https://cdn.example.com/a"}
			paths, err := client.Save(t.Context(), &tt.job, dir)
			require.NoError(t, err)
			require.Equal(t, dir, filepath.Dir(paths[0]))
			base := filepath.Base(paths[0])
			ok, err := filepath.Match(tt.want, base)
			require.NoError(t, err)
			require.True(t, ok, base)
			require.Less(t, len(base), 140)
			require.Len(t, filesIn(t, dir), 1)
		})
	}
}

// TestSaveTellsJobsApart: no two of these jobs share a file, and none replaces
// the text of another one, where capitals are folded either.
func TestSaveTellsJobsApart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	client := stubClient(t, links{"https://cdn.example.com/a.txt": serves("a text", "text/plain")}.RoundTrip)
	jobs := []modelslab.Job{
		{Ref: modelslab.Ref{Kind: modelslab.KindVideo, ID: "7"}},
		{Ref: modelslab.Ref{Kind: "enterprise/video", ID: "7"}},
		{Ref: modelslab.Ref{Kind: "enterprise", ID: "video/7"}},
		{Ref: modelslab.Ref{ID: "7"}},
		{TrackID: "7"},
		{TrackID: "8", ID: "7"},
		{ID: "8"},
		{ID: "abc"},
		{TrackID: "abc"},
		{TrackID: "ABC"},
		{TrackID: "Abc"},
		{TrackID: "a"},
		{TrackID: "a-0"},
		{TrackID: "a/0"},
		{TrackID: "a-0-0"},
		{TrackID: "tenant/1-7"},
		{TrackID: "tenant-1/7"},
		{TrackID: "a b"},
		{TrackID: "a.b"},
		{TrackID: "a:b"},
		{TrackID: "a%b"},
		{TrackID: "con"},
		{},
	}
	names := map[string]int{}
	for i := range jobs {
		jobs[i].Status, jobs[i].Output, jobs[i].Text = modelslab.StatusSuccess, []string{"https://cdn.example.com/a.txt"}, "another text"
		paths, err := client.Save(t.Context(), &jobs[i], dir)
		require.NoError(t, err)
		for _, path := range paths {
			name := strings.ToLower(filepath.Base(path))
			require.NotContains(t, names, name, "jobs %d and %d", i, names[name])
			names[name] = i
		}
	}
	require.Len(t, filesIn(t, dir), 2*len(jobs))
}

func TestSaveEveryOutput(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	client := stubClient(t, links{
		"https://cdn.example.com/0": serves(pngHead, ""), "https://cdn.example.com/1": serves(wavHead, ""),
	}.RoundTrip)
	job := videoJob("https://cdn.example.com/0", "https://cdn.example.com/1")
	job.Text = "and a caption"
	var progress []int64
	paths, err := client.Save(t.Context(), job, dir, modelslab.OnTransfer(func(done, total int64) { progress = append(progress, done, total) }))
	require.NoError(t, err)
	require.Equal(t, []string{
		filepath.Join(dir, "video-12202888-0.png"), filepath.Join(dir, "video-12202888-1.wav"), filepath.Join(dir, "video-12202888.txt"),
	}, paths)
	require.Equal(t, map[string]string{
		"video-12202888-0.png": pngHead, "video-12202888-1.wav": wavHead, "video-12202888.txt": "and a caption",
	}, filesIn(t, dir))
	png, wav := int64(len(pngHead)), int64(len(wavHead))
	require.Equal(t, []int64{png, png, wav, wav}, progress)
}

func TestSaveNothing(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		job  *modelslab.Job
		text string
	}{
		{"nil", nil, "nil"},
		{"done without output", &modelslab.Job{Status: modelslab.StatusSuccess, TrackID: "t"}, "no output to save"},
		{"running", &modelslab.Job{Status: modelslab.StatusProcessing, FutureLinks: []string{fileURL}, ProxyLinks: []string{fileURL}}, "Wait for it first"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "out")
			paths, err := clientOf(t, &downloadtest.Server{}).Save(t.Context(), tt.job, dir)
			require.ErrorIs(t, err, modelslab.ErrInvalid)
			require.ErrorContains(t, err, tt.text)
			require.Empty(t, paths)
			require.NoDirExists(t, dir)
		})
	}
	failed := &modelslab.Job{Status: modelslab.StatusFailed, Message: "Failed, Try Again", TrackID: "t"}
	_, err := clientOf(t, &downloadtest.Server{}).Save(t.Context(), failed, t.TempDir())
	var e *modelslab.JobError
	require.ErrorAs(t, err, &e)
	require.Equal(t, failed, e.Job)
}

func TestSaveFallsBack(t *testing.T) {
	t.Parallel()
	const main, proxy, future = "https://cdn.example.com/main", "https://cdn.example.com/proxy", "https://cdn.example.com/future"
	missing := func() *downloadtest.Server { return &downloadtest.Server{Script: []downloadtest.Reply{{Status: 404}}} }
	down := func() *downloadtest.Server {
		return &downloadtest.Server{Script: []downloadtest.Reply{{Err: errors.New("connection refused")}}}
	}
	tests := []struct {
		name   string
		main   *downloadtest.Server
		proxy  *downloadtest.Server
		limit  time.Duration
		failed error
	}{
		{"main works", serves(pngHead, ""), missing(), 0, nil},
		{"main missing", missing(), serves(pngHead, ""), 20 * time.Second, nil},
		{"main down", down(), serves(pngHead, ""), 20 * time.Second, nil},
		{"main is broken base64", serves("data:image/png;base64,####", ""), serves(pngHead, ""), 0, nil},
		{"both missing", missing(), missing(), 3 * time.Minute, modelslab.ErrNotFound},
		{"main down, proxy missing", down(), missing(), 3 * time.Minute, modelslab.ErrUnavailable},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				client := stubClient(t, links{main: tt.main, proxy: tt.proxy}.RoundTrip) // the future link would panic
				job := videoJob(main)
				job.ProxyLinks, job.FutureLinks = []string{proxy}, []string{future}
				start := time.Now()
				_, err := client.Save(t.Context(), job, dir)
				require.LessOrEqual(t, time.Since(start), tt.limit)
				if tt.failed != nil {
					require.ErrorIs(t, err, tt.failed)
					require.Empty(t, filesIn(t, dir))
					return
				}
				require.NoError(t, err)
				require.Equal(t, map[string]string{"video-12202888-0.png": pngHead}, filesIn(t, dir))
			})
		})
	}
	t.Run("the limit holds everywhere", func(t *testing.T) {
		t.Parallel()
		large, other := serves(mp4Head+strings.Repeat("x", 1000), ""), serves(pngHead, "")
		job := videoJob(main)
		job.ProxyLinks = []string{proxy}
		_, err := stubClient(t, links{main: large, proxy: other}.RoundTrip).Save(t.Context(), job, t.TempDir(), modelslab.MaxSize(500))
		require.ErrorContains(t, err, "MaxSize")
		require.Empty(t, other.Requests, "another link has no smaller file")
	})
	t.Run("proxy alone", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		job := videoJob()
		job.ProxyLinks = []string{proxy}
		_, err := stubClient(t, links{proxy: serves(pngHead, "")}.RoundTrip).Save(t.Context(), job, dir)
		require.NoError(t, err)
		require.Len(t, filesIn(t, dir), 1)
	})
}

func TestSaveResumes(t *testing.T) {
	t.Parallel()
	file := content(600_000)
	encoded := []byte("data:video/mp4;base64," + base64.StdEncoding.EncodeToString(file))
	tests := []struct {
		name   string
		file   []byte
		script []downloadtest.Reply
	}{
		{"broken", file, []downloadtest.Reply{{Cut: 100_001}, {Cut: 200_003}, {}}},
		{"broken base64", encoded, []downloadtest.Reply{{Cut: 100_001}, {Cut: 200_003}, {}}},
		{"changed on the way", file, []downloadtest.Reply{{Cut: 100_001, Data: content(700_000)}, {ETag: `"two"`, Whole: true}, {ETag: `"two"`}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				server := &downloadtest.Server{File: tt.file, Script: tt.script}
				paths, err := clientOf(t, server).Save(t.Context(), videoJob(fileURL), dir)
				require.NoError(t, err)
				got, err := os.ReadFile(paths[0])
				require.NoError(t, err)
				require.True(t, bytes.Equal(file, got))
				require.Len(t, filesIn(t, dir), 1)
				require.Len(t, server.Requests, 3)
			})
		})
	}
}

// TestSaveLeavesNothingHalf checks the folder at the moment of every failure,
// and that an earlier file survives it.
func TestSaveLeavesNothingHalf(t *testing.T) {
	t.Parallel()
	broken := errors.New("connection reset by peer")
	tests := []struct {
		name string
		body io.Reader
		opts []modelslab.CallOption
		stop bool
	}{
		{name: "broken for good", body: iotest.ErrReader(broken)},
		{name: "too large", body: bytes.NewReader(content(9000)), opts: []modelslab.CallOption{modelslab.MaxSize(5000)}},
		{name: "base64 that ends in the middle", body: strings.NewReader("data:image/png;base64,iVBORw0KGgoAA")},
		{name: "cancelled", body: bytes.NewReader(content(9000)), stop: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			const kept = "video-12202888-0.mp4"
			require.NoError(t, os.WriteFile(filepath.Join(dir, kept), []byte("from before"), 0o600))
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				client := stubClient(t, func(r *http.Request) (*http.Response, error) {
					body := tt.body
					if tt.stop {
						body = io.MultiReader(body, downloadtest.Silent(r.Context()))
						time.AfterFunc(time.Second, cancel)
					}
					return &http.Response{StatusCode: 200, ContentLength: -1, Header: http.Header{}, Body: io.NopCloser(body)}, nil
				})
				looking := modelslab.OnTransfer(func(int64, int64) {
					require.Equal(t, "from before", filesIn(t, dir)[kept])
				})
				paths, err := client.Save(ctx, videoJob(fileURL), dir, append([]modelslab.CallOption{looking}, tt.opts...)...)
				require.Error(t, err)
				require.Empty(t, paths)
				require.Equal(t, map[string]string{kept: "from before"}, filesIn(t, dir))
			})
		})
	}
}

// TestSaveTakesAllThatCanBeHad: an output that cannot be had is named, and keeps
// nobody from the others.
func TestSaveTakesAllThatCanBeHad(t *testing.T) {
	t.Parallel()
	const cdn = "https://cdn.example.com/"
	gone := func() *downloadtest.Server {
		return &downloadtest.Server{Script: []downloadtest.Reply{{Status: 410}}}
	}
	tests := []struct {
		name    string
		outputs []string
		text    string
		saved   []string
		errs    []string // texts in the error
	}{
		{"all", []string{cdn + "0", cdn + "2"}, "", []string{"-0.png", "-1.wav"}, nil},
		{"the first is gone", []string{cdn + "gone", cdn + "0"}, "", []string{"-1.png"}, []string{"output 0: modelslab: GET https://cdn.example.com/gone: the file is gone"}},
		{"one in the middle is gone", []string{cdn + "0", cdn + "gone", cdn + "2"}, "", []string{"-0.png", "-2.wav"}, []string{"output 1: "}},
		{"two are gone", []string{cdn + "gone", cdn + "0", cdn + "gone?sig=topsecret"}, "and text", []string{"-1.png", ".txt"}, []string{"output 0: ", "output 2: "}},
		{"a URL is refused", []string{"https://10.0.0.1/a?sig=topsecret", cdn + "0"}, "", []string{"-1.png"}, []string{"output 0: ", "WithPrivateDownloads"}},
		{"a data URI does not decode", []string{"data:image/png;base64,#", "data:image/png;base64,iVBORw0KGgo="}, "", []string{"-1.png"}, []string{"output 0: modelslab: a data URI: "}},
		{"the only one is gone", []string{cdn + "gone"}, "and text", []string{".txt"}, []string{"modelslab: GET "}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			client := stubClient(t, links{cdn + "0": serves(pngHead, ""), cdn + "2": serves(wavHead, ""), cdn + "gone": gone()}.RoundTrip)
			job := videoJob(tt.outputs...)
			job.Text = tt.text
			paths, err := client.Save(t.Context(), job, dir)
			var want []string
			for _, suffix := range tt.saved {
				want = append(want, filepath.Join(dir, "video-12202888"+suffix))
			}
			require.Equal(t, want, paths)
			require.Len(t, filesIn(t, dir), len(want))
			if tt.errs == nil {
				require.NoError(t, err)
				return
			}
			var e *modelslab.Error
			require.ErrorAs(t, err, &e)
			for _, text := range tt.errs {
				require.ErrorContains(t, err, text)
			}
			require.NotContains(t, err.Error(), "topsecret")
		})
	}
}

func TestSaveStopsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	asked := 0
	client := stubClient(t, func(*http.Request) (*http.Response, error) {
		asked++
		cancel()
		return nil, ctx.Err()
	})
	_, err := client.Save(ctx, videoJob("https://cdn.example.com/0", "https://cdn.example.com/1"), t.TempDir())
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, 1, asked)
}

func TestSaveIntoTheCurrentFolder(t *testing.T) { //nolint:paralleltest // the current folder is the process's
	dir := t.TempDir()
	t.Chdir(dir)
	client := stubClient(t, links{"https://cdn.example.com/a": serves(pngHead, "")}.RoundTrip)
	paths, err := client.Save(t.Context(), videoJob("https://cdn.example.com/a"), "")
	require.NoError(t, err)
	require.Equal(t, []string{"video-12202888-0.png"}, paths)
	require.Len(t, filesIn(t, dir), 1)
}

func TestSaveLeavesNothingWhenACallbackPanics(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	client := stubClient(t, links{"https://cdn.example.com/a": serves(pngHead, "")}.RoundTrip)
	require.PanicsWithValue(t, "a bug", func() {
		_, _ = client.Save(t.Context(), videoJob("https://cdn.example.com/a"), dir, modelslab.OnTransfer(func(int64, int64) { panic("a bug") }))
	})
	require.Empty(t, filesIn(t, dir))
}

func TestSaveWhereNothingCanBeWritten(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	client := stubClient(t, links{"https://cdn.example.com/0": serves(pngHead, "")}.RoundTrip)
	_, err := client.Save(t.Context(), videoJob("https://cdn.example.com/0"), filepath.Join(file, "out"))
	var e *os.PathError
	require.ErrorAs(t, err, &e)

	dir := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(dir, "video-12202888-0.png"), 0o700))
	_, err = client.Save(t.Context(), videoJob("https://cdn.example.com/0"), dir)
	require.Error(t, err)
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 1, "the temporary file stayed")
}
