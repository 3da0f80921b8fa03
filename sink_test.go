package modelslab_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/internal/download/downloadtest"
	"github.com/modelslab-go/modelslab/modelslabtest"
)

// A shelf is a Sink that notes what is done with it, and has faults on demand.
type shelf struct {
	create, write, commit, abort error
	bug                          string // in which call it panics

	mu    sync.Mutex
	calls []string
	files map[string]string
	types map[string]string
}

func (s *shelf) note(call, name string) {
	s.mu.Lock()
	s.calls = append(s.calls, call+" "+name)
	s.mu.Unlock()
	if s.bug == call {
		panic("a bug in " + call)
	}
}

func (s *shelf) Create(_ context.Context, f modelslab.File) (modelslab.FileWriter, error) {
	s.note("create", f.Name)
	if s.create != nil {
		return nil, s.create
	}
	return &slip{shelf: s, file: f}, nil
}

type slip struct {
	bytes.Buffer

	shelf *shelf
	file  modelslab.File
}

func (w *slip) Write(p []byte) (int, error) {
	if w.shelf.bug == "write" {
		panic("a bug in write")
	}
	if w.shelf.write != nil && w.Len() > 1000 {
		return 0, w.shelf.write
	}
	return w.Buffer.Write(p)
}

func (w *slip) Commit() (string, error) {
	w.shelf.note("commit", w.file.Name)
	if w.shelf.commit != nil {
		return "", w.shelf.commit
	}
	w.shelf.mu.Lock()
	defer w.shelf.mu.Unlock()
	if w.shelf.files == nil {
		w.shelf.files, w.shelf.types = map[string]string{}, map[string]string{}
	}
	w.shelf.files[w.file.Name], w.shelf.types[w.file.Name] = w.String(), w.file.ContentType
	return "shelf:" + w.file.Name, nil
}

func (w *slip) Abort() error {
	w.shelf.note("abort", w.file.Name)
	return w.shelf.abort
}

func TestSaveTo(t *testing.T) {
	t.Parallel()
	const cdn = "https://cdn.example.com/"
	encoded := base64.StdEncoding.EncodeToString([]byte(wavHead + strings.Repeat("x", 9000)))
	client := stubClient(t, links{
		cdn + "0.jpeg":   serves(pngHead, "image/jpeg"),
		cdn + "1.base64": serves(encoded, "text/plain"),
		cdn + "2.mp4":    serves(string(content(600_000)), "binary/octet-stream"),
		cdn + "3":        serves("Grüße, alle", "text/plain; charset=UTF-8"),
	}.RoundTrip)
	job := videoJob(cdn+"0.jpeg", cdn+"1.base64", cdn+"2.mp4", cdn+"3")
	job.Text = "Grüße"
	sink := &shelf{}
	keys, err := client.SaveTo(t.Context(), job, sink)
	require.NoError(t, err)
	require.Equal(t, []string{
		"shelf:video-12202888-0.png", "shelf:video-12202888-1.wav", "shelf:video-12202888-2.mp4", "shelf:video-12202888-3.txt", "shelf:video-12202888.txt",
	}, keys)
	require.Equal(t, map[string]string{
		"video-12202888-0.png": "image/png", "video-12202888-1.wav": "audio/wav", "video-12202888-2.mp4": "video/mp4",
		"video-12202888-3.txt": "text/plain; charset=UTF-8", "video-12202888.txt": "text/plain; charset=utf-8",
	}, sink.types)
	require.Equal(t, map[string]string{
		"video-12202888-0.png": pngHead, "video-12202888-1.wav": wavHead + strings.Repeat("x", 9000),
		"video-12202888-2.mp4": string(content(600_000)), "video-12202888-3.txt": "Grüße, alle", "video-12202888.txt": "Grüße",
	}, sink.files)
	_, err = client.SaveTo(t.Context(), job, nil)
	require.ErrorIs(t, err, modelslab.ErrInvalid)
}

// TestSaveToNamesTheOutput: a sink may name files by itself.
func TestSaveToNamesTheOutput(t *testing.T) {
	t.Parallel()
	client := stubClient(t, links{"https://cdn.example.com/a": serves(pngHead, "")}.RoundTrip)
	job := videoJob("https://cdn.example.com/a")
	job.Text = "a caption"
	var files []modelslab.File
	_, err := client.SaveTo(t.Context(), job, sinkFunc(func(_ context.Context, f modelslab.File) (modelslab.FileWriter, error) {
		files = append(files, f)
		return &slip{shelf: &shelf{}, file: f}, nil
	}))
	require.NoError(t, err)
	require.Equal(t, []modelslab.File{
		{Name: "video-12202888-0.png", ContentType: "image/png", Job: job, Index: 0},
		{Name: "video-12202888.txt", ContentType: "text/plain; charset=utf-8", Job: job, Index: -1},
	}, files)
}

type sinkFunc func(context.Context, modelslab.File) (modelslab.FileWriter, error)

func (f sinkFunc) Create(ctx context.Context, file modelslab.File) (modelslab.FileWriter, error) {
	return f(ctx, file)
}

// TestSaveToAFaultySink: what was created is committed, or else aborted once, and
// a fault of the sink sends nobody to another link.
func TestSaveToAFaultySink(t *testing.T) {
	t.Parallel()
	const name = "video-12202888-0.mp4"
	full := errors.New("the bucket is full")
	tests := []struct {
		name  string
		sink  *shelf
		err   string
		calls []string
	}{
		{"create", &shelf{create: full}, "modelslab: save: the bucket is full", []string{"create " + name}},
		{"write", &shelf{write: full}, "modelslab: save: writing: the bucket is full", []string{"create " + name, "abort " + name}},
		{"commit", &shelf{commit: full}, "modelslab: save: the bucket is full", []string{"create " + name, "commit " + name, "abort " + name}},
		{
			"write and abort",
			&shelf{write: full, abort: errors.New("no answer")},
			"modelslab: save: writing: the bucket is full; part of the file may be left: no answer",
			[]string{"create " + name, "abort " + name},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			proxy := &downloadtest.Server{}
			client := stubClient(t, links{"https://cdn.example.com/a": serves(string(content(900_000)), ""), "https://cdn.example.com/b": proxy}.RoundTrip)
			job := videoJob("https://cdn.example.com/a")
			job.ProxyLinks = []string{"https://cdn.example.com/b"}
			keys, err := client.SaveTo(t.Context(), job, tt.sink)
			require.EqualError(t, err, tt.err)
			require.ErrorIs(t, err, full)
			require.Empty(t, keys)
			require.Equal(t, tt.calls, tt.sink.calls)
			require.Empty(t, proxy.Requests)
		})
	}
	t.Run("a write that is short", func(t *testing.T) {
		t.Parallel()
		client := stubClient(t, links{"https://cdn.example.com/a": serves(pngHead, "")}.RoundTrip)
		_, err := client.SaveTo(t.Context(), videoJob("https://cdn.example.com/a"), sinkFunc(func(context.Context, modelslab.File) (modelslab.FileWriter, error) {
			return lazy{&slip{shelf: &shelf{}}}, nil
		}))
		require.ErrorIs(t, err, io.ErrShortWrite)
	})
}

type lazy struct{ *slip }

func (lazy) Write([]byte) (int, error) { return 1, nil }

func TestSaveToASinkThatPanics(t *testing.T) {
	t.Parallel()
	const name = "video-12202888-0.png"
	for bug, calls := range map[string][]string{
		"create": {"create " + name},
		"write":  {"create " + name, "abort " + name},
		"commit": {"create " + name, "commit " + name, "abort " + name},
	} {
		sink := &shelf{bug: bug}
		client := stubClient(t, links{"https://cdn.example.com/a": serves(pngHead, "")}.RoundTrip)
		require.PanicsWithValue(t, "a bug in "+bug, func() {
			_, _ = client.SaveTo(t.Context(), videoJob("https://cdn.example.com/a"), sink)
		})
		require.Equal(t, calls, sink.calls)
	}
}

// TestSaveToStartsAgain: a transfer that cannot go on is aborted, and what is
// kept is one file's.
func TestSaveToStartsAgain(t *testing.T) {
	t.Parallel()
	const name = "video-12202888-0.mp4"
	again := []string{"create " + name, "abort " + name, "create " + name, "commit " + name}
	tests := []struct {
		name   string
		script []downloadtest.Reply
		calls  []string
	}{
		{"resumed", []downloadtest.Reply{{Cut: 100_001}, {Cut: 200_003}, {}}, again[2:]},
		{"changed on the way", []downloadtest.Reply{{Cut: 100_001, Data: content(700_000)}, {ETag: `"two"`, Whole: true}, {ETag: `"two"`}}, again},
		{"not there", []downloadtest.Reply{{Status: 404}, {Page: true}, {}}, again[2:]},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				sink := &shelf{}
				server := &downloadtest.Server{File: content(600_000), Script: tt.script}
				_, err := clientOf(t, server).SaveTo(t.Context(), videoJob(fileURL), sink)
				require.NoError(t, err)
				require.Equal(t, tt.calls, sink.calls)
				require.True(t, sink.files[name] == string(content(600_000)), "%d bytes were kept", len(sink.files[name])) //nolint:testifylint // Equal would print them
			})
		})
	}
	t.Run("no base64 after all", func(t *testing.T) {
		t.Parallel()
		sink := &shelf{}
		broken := "data:video/mp4;base64," + base64.StdEncoding.EncodeToString(content(9000)) + "#"
		client := stubClient(t, links{"https://cdn.example.com/a": serves(broken, ""), "https://cdn.example.com/b": serves(mp4Head, "")}.RoundTrip)
		job := videoJob("https://cdn.example.com/a")
		job.ProxyLinks = []string{"https://cdn.example.com/b"}
		_, err := client.SaveTo(t.Context(), job, sink)
		require.NoError(t, err)
		require.Equal(t, again, sink.calls)
		require.Equal(t, map[string]string{name: mp4Head}, sink.files)
	})
}

// TestSaveToCancelled: nothing is committed after the context has ended, however
// late that is.
func TestSaveToCancelled(t *testing.T) {
	t.Parallel()
	const name = "video-12202888-0.mp4"
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		client := stubClient(t, func(r *http.Request) (*http.Response, error) {
			time.AfterFunc(time.Second, cancel)
			return &http.Response{StatusCode: 200, ContentLength: -1, Header: http.Header{}, Body: io.NopCloser(
				io.MultiReader(bytes.NewReader(content(9000)), downloadtest.Silent(r.Context())),
			)}, nil
		})
		sink := &shelf{}
		_, err := client.SaveTo(ctx, videoJob(fileURL), sink)
		require.ErrorIs(t, err, context.Canceled)
		require.Equal(t, []string{"create " + name, "abort " + name}, sink.calls)
	})
	t.Run("at the last byte", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		client := stubClient(t, links{"https://cdn.example.com/a": serves(mp4Head, "")}.RoundTrip)
		sink := &shelf{}
		job := videoJob("https://cdn.example.com/a")
		job.Text = "is not saved either"
		_, err := client.SaveTo(ctx, job, sink, modelslab.OnTransfer(func(done, total int64) {
			if done == total {
				cancel()
			}
		}))
		require.ErrorIs(t, err, context.Canceled)
		require.Equal(t, []string{"create " + name, "abort " + name}, sink.calls)
	})
	t.Run("before a text", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		job := videoJob()
		job.Text = "a caption"
		sink := &shelf{}
		_, err := stubClient(t, nil).SaveTo(ctx, job, sink)
		require.ErrorIs(t, err, context.Canceled)
		var refused *modelslab.Error
		require.ErrorAs(t, err, &refused)
		require.Empty(t, sink.files)
	})
}

func TestSaveAllTo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := modelslabtest.NewServer(modelslabtest.WithStrict())
		defer srv.Close()
		client := srv.Client()
		sink := &shelf{}
		all := collect(t, client.SaveAllTo(t.Context(), client.RunAll(t.Context(), prompts(20)), sink))
		require.Len(t, all, 20)
		for _, o := range all {
			require.NoError(t, o.Err)
			require.Len(t, o.Files, 1)
			require.Contains(t, sink.files, strings.TrimPrefix(o.Files[0], "shelf:"))
		}
		require.Len(t, sink.files, 20)
	})
}

// TestSaveAllToASinkThatPanics: the panic reaches the loop's goroutine, after
// what was under way is saved.
func TestSaveAllToASinkThatPanics(t *testing.T) {
	t.Parallel()
	client := stubClient(t, func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, ContentLength: -1, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(mp4Head))}, nil
	})
	sink := &shelf{bug: "commit"}
	urls := make([]string, 100)
	for i := range urls {
		urls[i] = "https://cdn.example.com/a.mp4"
	}
	require.PanicsWithValue(t, "a bug in commit", func() {
		for range client.SaveAllTo(t.Context(), outcomesOf(urls...), sink, modelslab.Parallel(2)) {
			require.Fail(t, "nothing was saved")
		}
	})
	require.Less(t, len(sink.calls), 20, "it went on")
	require.Empty(t, sink.files)
}
