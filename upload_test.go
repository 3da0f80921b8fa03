package modelslab_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
)

// uploadServer takes uploads and submits, and remembers both.
type uploadServer struct {
	mu          sync.Mutex
	uploads     []string // the data URIs
	submits     []string // the init_image of each
	answer      func(upload int) (*http.Response, error)
	firstAnswer string // the answer to the first submit; "" accepts it
}

func (s *uploadServer) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, fmt.Errorf("the client's body broke off: %w", err)
	}
	var fields map[string]any
	if err := json.Unmarshal(body, &fields); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.URL.Path != "/api/v6/base64_to_url" {
		s.submits = append(s.submits, fields["init_image"].(string))
		if s.firstAnswer != "" && len(s.submits) == 1 {
			return jsonResponse(http.StatusOK, s.firstAnswer), nil
		}
		return jsonResponse(http.StatusOK, fmt.Sprintf(`{"status":"processing","id":%d}`, len(s.submits))), nil
	}
	s.uploads = append(s.uploads, fields["base64_string"].(string))
	if s.answer != nil {
		return s.answer(len(s.uploads))
	}
	return uploaded(len(s.uploads)), nil
}

func uploaded(n int) *http.Response {
	return jsonResponse(http.StatusOK, fmt.Sprintf(`{"status":"success","id":%d,"output":["https:\/\/cdn.example.com\/%d.png"]}`, n, n))
}

func (s *uploadServer) submit(ctx context.Context, client *modelslab.Client, m modelslab.Media) error {
	_, err := client.Video.ImageToVideo(ctx, &modelslab.ImageToVideoRequest{ModelID: "svd", InitImage: m})
	return err
}

func TestUploadBeforeSubmit(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := func(name, data string) modelslab.Media {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(data), 0o600))
		return modelslab.MediaFile(path)
	}
	png := pngHead + strings.Repeat("x", 2000)
	tests := []struct {
		name        string
		media       modelslab.Media
		contentType string
		data        string
	}{
		{"bytes", modelslab.MediaBytes([]byte(png)), "image/png", png},
		{"one byte", modelslab.MediaBytes([]byte("x")), "text/plain", "x"},
		{"file", file("a.png", png), "image/png", png},
		{"file that its name tells", file("mesh.obj", "v 1 2 3"), "model/obj", "v 1 2 3"},
		{"file that its content tells", file("sound.png", wavHead), "audio/wav", wavHead},
		{"unknown", file("a.xyz", "\x00\x01\x02"), "application/octet-stream", "\x00\x01\x02"},
		{"iPhone photo", file("a.heic", "\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"), "image/heic", "\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"},
		{"voice memo", file("a.m4a", mp4Head), "audio/mp4", mp4Head},
		{"data URI of a voice memo", modelslab.MediaURL("data:audio/x-m4a;base64," + base64.StdEncoding.EncodeToString([]byte(mp4Head))), "audio/mp4", mp4Head},
		{"drawing", modelslab.MediaBytes([]byte("<!-- a tool --><svg/>")), "image/svg+xml", "<!-- a tool --><svg/>"},
		{"model", modelslab.MediaBytes([]byte(glbHead)), "model/glb", glbHead},
		{"video", modelslab.MediaBytes([]byte(mp4Head)), "video/mp4", mp4Head},
		{"seekable reader", modelslab.MediaReader(strings.NewReader(png), int64(len(png))), "image/png", png},
		{"stream", modelslab.MediaReader(iotest.OneByteReader(strings.NewReader(png)), int64(len(png))), "image/png", png},
		{"short stream", modelslab.MediaReader(iotest.OneByteReader(strings.NewReader(wavHead)), int64(len(wavHead))), "audio/wav", wavHead},
		{"as large as it may be", modelslab.MediaBytes(make([]byte, 5<<20)), "application/octet-stream", string(make([]byte, 5<<20))},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := &uploadServer{}
			require.NoError(t, server.submit(t.Context(), stubClient(t, server.RoundTrip), tt.media))
			require.Len(t, server.uploads, 1)
			prefix, encoded, _ := strings.Cut(server.uploads[0], ",")
			require.Equal(t, "data:"+tt.contentType+";base64", prefix)
			data, err := base64.StdEncoding.DecodeString(encoded)
			require.NoError(t, err)
			require.True(t, tt.data == string(data), "the content arrived changed") //nolint:testifylint // Equal would print megabytes
			require.Equal(t, []string{"https://cdn.example.com/1.png"}, server.submits)
		})
	}
}

func TestUploadRefusedBeforeSending(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		media modelslab.Media
		text  string
	}{
		{"too large", modelslab.MediaBytes(make([]byte, 5<<20+1)), "MediaURL"},
		{"too large, from a stream", modelslab.MediaReader(iotest.ErrReader(io.EOF), 1<<40), "MediaURL"},
		{"empty", modelslab.MediaBytes(nil), "empty"},
		{"missing", modelslab.MediaFile(filepath.Join(t.TempDir(), "none.png")), "none.png"},
		{"folder", modelslab.MediaFile(t.TempDir()), "regular file"},
		{"broken", modelslab.MediaReader(iotest.ErrReader(errors.New("disk on fire")), 100), "disk on fire"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := &uploadServer{}
			err := server.submit(t.Context(), stubClient(t, server.RoundTrip), tt.media)
			require.ErrorIs(t, err, modelslab.ErrInvalid)
			require.ErrorContains(t, err, tt.text)
			var e *modelslab.Error
			require.ErrorAs(t, err, &e)
			require.Zero(t, e.HTTPStatus)
			require.NotEmpty(t, e.Field)
			require.Empty(t, server.uploads)
			require.Empty(t, server.submits)
		})
	}
}

func TestUploadOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &uploadServer{}
		client := stubClient(t, server.RoundTrip)
		path := filepath.Join(t.TempDir(), "a.bin")
		require.NoError(t, os.WriteFile(path, []byte("content"), 0o600))
		for _, m := range []modelslab.Media{
			modelslab.MediaBytes([]byte("content")), modelslab.MediaFile(path),
			modelslab.MediaReader(strings.NewReader("content"), 7), modelslab.MediaBytes([]byte("content")),
		} {
			require.NoError(t, server.submit(t.Context(), client, m))
		}
		require.Len(t, server.uploads, 1)
		require.NoError(t, server.submit(t.Context(), client, modelslab.MediaBytes([]byte("another"))))
		require.Len(t, server.uploads, 2)
		require.NoError(t, server.submit(t.Context(), client, modelslab.MediaReader(iotest.OneByteReader(strings.NewReader("content")), 7)))
		require.Len(t, server.uploads, 3, "a stream cannot be looked at first")

		// The link lives for 24 hours, and the job needs some of them.
		<-time.After(22*time.Hour + 59*time.Minute)
		require.NoError(t, server.submit(t.Context(), client, modelslab.MediaBytes([]byte("content"))))
		require.Len(t, server.uploads, 3)
		<-time.After(2 * time.Minute)
		require.NoError(t, server.submit(t.Context(), client, modelslab.MediaBytes([]byte("content"))))
		require.Len(t, server.uploads, 4)
		require.Equal(t, "https://cdn.example.com/4.png", server.submits[len(server.submits)-1])
	})
}

// TestUploadOfAChangedFile: a file that changes between the look at it and its
// upload is not taken for what it was.
func TestUploadOfAChangedFile(t *testing.T) {
	t.Parallel()
	server := &uploadServer{}
	client := stubClient(t, server.RoundTrip)
	changing := &changingReader{texts: []string{"old one", "new one"}}
	require.NoError(t, server.submit(t.Context(), client, modelslab.MediaReader(changing, 7)))
	require.NoError(t, server.submit(t.Context(), client, modelslab.MediaBytes([]byte("old one"))))
	require.NoError(t, server.submit(t.Context(), client, modelslab.MediaBytes([]byte("new one"))))
	require.Len(t, server.uploads, 2)
	require.Equal(t, []string{"https://cdn.example.com/1.png", "https://cdn.example.com/2.png", "https://cdn.example.com/1.png"}, server.submits)
}

// changingReader has another text whenever it has been read to its end.
type changingReader struct {
	texts []string
	at    int
}

func (r *changingReader) Read(p []byte) (int, error) {
	n := copy(p, r.texts[0][r.at:])
	if r.at += n; n > 0 {
		return n, nil
	}
	if len(r.texts) > 1 {
		r.texts = r.texts[1:]
	}
	return 0, io.EOF
}

func (r *changingReader) Seek(offset int64, _ int) (int64, error) {
	r.at = int(offset)
	return offset, nil
}

func TestEmptyFilesAreRefusedEverywhere(t *testing.T) {
	t.Parallel()
	empty := filepath.Join(t.TempDir(), "empty.png")
	require.NoError(t, os.WriteFile(empty, nil, 0o600))
	for _, m := range []modelslab.Media{modelslab.MediaBytes(nil), modelslab.MediaFile(empty), modelslab.MediaReader(strings.NewReader(""), 0)} {
		for _, req := range []modelslab.Request{
			&modelslab.ImageToVideoRequest{ModelID: "svd", InitImage: m},               // uploaded
			&modelslab.FaceGenRequest{Prompt: "p", FaceImage: m},                       // uploaded or inline
			&modelslab.ImageToImageRequest{ModelID: "flux", Prompt: "p", InitImage: m}, // flagged
		} {
			server := &uploadServer{}
			_, err := stubClient(t, server.RoundTrip).Submit(t.Context(), req)
			require.ErrorIs(t, err, modelslab.ErrInvalid)
			require.ErrorContains(t, err, "empty")
			require.Empty(t, server.uploads)
			require.Empty(t, server.submits)
		}
	}
}

// TestUploadOnceAmongMany starts fifty requests with the same file at once.
func TestUploadOnceAmongMany(t *testing.T) {
	t.Parallel()
	for _, give := range []error{context.Canceled, context.DeadlineExceeded} {
		synctest.Test(t, func(t *testing.T) { uploadAmongMany(t, give) })
	}
}

// uploadAmongMany lets the first one give up in the middle of the upload, so
// that its turn passes on.
func uploadAmongMany(t *testing.T, give error) {
	t.Helper()
	server := &uploadServer{}
	slow := stubClient(t, func(r *http.Request) (*http.Response, error) {
		select {
		case <-time.After(time.Second):
			return server.RoundTrip(r)
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	})
	first, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	if errors.Is(give, context.Canceled) {
		first, cancel = context.WithCancel(t.Context())
		time.AfterFunc(500*time.Millisecond, cancel)
	}
	errs := make(chan error, 51)
	go func() { errs <- server.submit(first, slow, modelslab.MediaBytes([]byte("content"))) }()
	synctest.Wait()
	for range 50 {
		go func() { errs <- server.submit(t.Context(), slow, modelslab.MediaBytes([]byte("content"))) }()
	}
	var failed int
	for range 51 {
		if err := <-errs; err != nil {
			require.ErrorIs(t, err, give)
			failed++
		}
	}
	require.Equal(t, 1, failed)
	require.Len(t, server.submits, 50)
	require.Len(t, server.uploads, 1)
}

func TestUploadWaitIsCancellable(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &uploadServer{}
		client := stubClient(t, func(r *http.Request) (*http.Response, error) {
			<-time.After(time.Hour)
			return server.RoundTrip(r)
		})
		done := make(chan error, 1)
		go func() { done <- server.submit(t.Context(), client, modelslab.MediaBytes([]byte("content"))) }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		require.ErrorIs(t, server.submit(ctx, client, modelslab.MediaBytes([]byte("content"))), context.DeadlineExceeded)
		require.Equal(t, time.Second, time.Since(start))
		require.NoError(t, <-done)
	})
}

func TestUploadFailures(t *testing.T) {
	t.Parallel()
	busy := func() *http.Response {
		return jsonResponse(http.StatusServiceUnavailable, `{"status":"error","message":"Service temporarily unavailable."}`)
	}
	tests := []struct {
		name    string
		answer  func(int) (*http.Response, error)
		stream  bool
		uploads int
		err     error
	}{
		{"repeated", func(n int) (*http.Response, error) {
			if n < 3 {
				return busy(), nil
			}
			return uploaded(n), nil
		}, false, 3, nil},
		{"given up", func(int) (*http.Response, error) { return busy(), nil }, false, 4, modelslab.ErrUnavailable},
		{"a stream is sent once", func(int) (*http.Response, error) { return busy(), nil }, true, 1, modelslab.ErrUnavailable},
		{"refused", func(int) (*http.Response, error) {
			return jsonResponse(http.StatusOK, `{"status":"error","message":"Invalid API key"}`), nil
		}, false, 1, modelslab.ErrAuth},
		{"failed", func(int) (*http.Response, error) {
			return jsonResponse(http.StatusOK, `{"status":"failed","message":"Failed","output":""}`), nil
		}, false, 1, modelslab.ErrInvalid},
		{"no URL", func(int) (*http.Response, error) {
			return jsonResponse(http.StatusOK, `{"status":"success","output":[]}`), nil
		}, false, 1, modelslab.ErrUnavailable},
		{"plain HTTP", func(int) (*http.Response, error) {
			return jsonResponse(http.StatusOK, `{"status":"success","output":["http://cdn.example.com/1.png"]}`), nil
		}, false, 1, modelslab.ErrUnavailable},
		{"no URL at all", func(int) (*http.Response, error) {
			return jsonResponse(http.StatusOK, `{"status":"success","output":["javascript:alert(1)"]}`), nil
		}, false, 1, modelslab.ErrUnavailable},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := &uploadServer{answer: tt.answer}
				client := stubClient(t, server.RoundTrip)
				m := modelslab.MediaBytes([]byte("content"))
				if tt.stream {
					m = modelslab.MediaReader(iotest.OneByteReader(strings.NewReader("content")), 7)
				}
				err := server.submit(t.Context(), client, m)
				require.Len(t, server.uploads, tt.uploads)
				for _, u := range server.uploads {
					require.Equal(t, server.uploads[0], u)
				}
				if tt.err == nil {
					require.NoError(t, err)
					return
				}
				require.ErrorIs(t, err, tt.err)
				var unknown *modelslab.SubmitError
				require.NotErrorAs(t, err, &unknown, "nothing was submitted")
				require.Empty(t, server.submits)
				// A failure is not remembered.
				server.answer = nil
				require.NoError(t, server.submit(t.Context(), client, modelslab.MediaBytes([]byte("content"))))
			})
		})
	}
}

func TestUploadToLoopback(t *testing.T) {
	t.Parallel()
	server := &uploadServer{answer: func(int) (*http.Response, error) {
		return jsonResponse(http.StatusOK, `{"status":"success","output":["http://127.0.0.1:8000/1.png"]}`), nil
	}}
	m := modelslab.MediaBytes([]byte("content"))
	require.NoError(t, server.submit(t.Context(), stubClient(t, server.RoundTrip, modelslab.WithBaseURL("http://127.0.0.1:8000/api")), m))
	require.ErrorIs(t, server.submit(t.Context(), stubClient(t, server.RoundTrip, modelslab.WithBaseURL("http://127.0.0.1:9000/api")), m), modelslab.ErrUnavailable)
}

// TestUploadsForgotten fills the table of uploads; the oldest make room.
func TestUploadsForgotten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server := &uploadServer{}
		client := stubClient(t, server.RoundTrip)
		send := func(n int) {
			<-time.After(time.Second)
			require.NoError(t, server.submit(t.Context(), client, modelslab.MediaBytes(fmt.Appendf(nil, "file %d", n))))
		}
		for n := range 1025 {
			send(n)
		}
		send(1024)
		send(1)
		require.Len(t, server.uploads, 1025)
		send(0)
		require.Len(t, server.uploads, 1026)
	})
}

func TestUploadedMediaAreNotChanged(t *testing.T) {
	t.Parallel()
	server := &uploadServer{}
	client := stubClient(t, server.RoundTrip)
	r := bytes.NewReader([]byte("..content"))
	_, err := r.Seek(2, io.SeekStart)
	require.NoError(t, err)
	require.NoError(t, server.submit(t.Context(), client, modelslab.MediaReader(r, 7)))
	require.True(t, strings.HasSuffix(server.uploads[0], base64.StdEncoding.EncodeToString([]byte("content"))), "it starts where it stood")
}

func TestAnUploadThatCouldNotBeFetchedIsMadeAgain(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, answer string
		uploads      int
	}{
		{"refused for its URL", `{"status":"error","message":"Unable to fetch image from provided URL"}`, 2},
		{"failed for its URL", `{"status":"failed","id":7,"message":"Processing failed: could not download init_image"}`, 2},
		{"refused for something else", `{"status":"error","message":"The prompt is too long"}`, 1},
		{"accepted", `{"status":"processing","id":7}`, 1},
	} {
		for _, frozen := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, frozen %t", tt.name, frozen), func(t *testing.T) {
				t.Parallel()
				server := &uploadServer{firstAnswer: tt.answer}
				client, err := modelslab.New(testKey, modelslab.WithHTTPClient(&http.Client{Transport: server}))
				require.NoError(t, err)
				for range 2 {
					var req modelslab.Request = &modelslab.ImageToVideoRequest{ModelID: "svd", InitImage: modelslab.MediaBytes([]byte(pngHead))}
					if frozen {
						req, err = modelslab.Freeze(req)
						require.NoError(t, err)
					}
					_, _ = client.Submit(t.Context(), req)
				}
				require.Len(t, server.submits, 2)
				require.Len(t, server.uploads, tt.uploads)
			})
		}
	}
}
