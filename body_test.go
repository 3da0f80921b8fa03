package modelslab

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// bodyOf puts each file between two pieces of JSON.
func bodyOf(t *testing.T, files ...Media) *body {
	t.Helper()
	b := &body{json: []byte(`{"a":1`)}
	for i, m := range files {
		size, err := m.size()
		require.NoError(t, err)
		b.json = fmt.Appendf(b.json, `,"f%d":""`, i)
		b.gaps = append(b.gaps, gap{at: len(b.json) - 1, media: m, size: size})
	}
	b.json = append(b.json, '}')
	return b
}

func wantBody(files ...[]byte) string {
	b := []byte(`{"key":"k","a":1`)
	for i, f := range files {
		b = fmt.Appendf(b, `,"f%d":"%s"`, i, base64.StdEncoding.EncodeToString(f))
	}
	return string(append(b, '}'))
}

func noise(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i*7 + i>>8)
	}
	return b
}

// chunks reads n bytes at a time.
type chunks struct {
	r io.Reader
	n int
}

func (c chunks) Read(p []byte) (int, error) { return c.r.Read(p[:min(c.n, len(p))]) }

func TestBodyReader(t *testing.T) {
	t.Parallel()
	sizes := []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 1000, 24575, 24576, 24577, 70_001}
	for _, size := range sizes {
		t.Run(strconv.Itoa(size), func(t *testing.T) {
			t.Parallel()
			for _, others := range [][]int{{}, {0}, {1}, {5, 24577}} {
				data := [][]byte{noise(size)}
				for _, n := range others {
					data = append(data, noise(n))
				}
				files := make([]Media, len(data))
				for i := range data {
					files[i] = MediaBytes(data[i])
				}
				keyed := bodyOf(t, files...).withKey("k")
				want := wantBody(data...)
				require.Equal(t, int64(len(want)), keyed.length())
				for _, n := range []int{1, 2, 3, 5, 7, 512, 4093, 32 << 10, 1 << 20} {
					if size > 10_000 && n < 5 && len(others) > 0 {
						continue // byte by byte is slow, and the same once more
					}
					r, err := keyed.open()
					require.NoError(t, err)
					got, err := io.ReadAll(chunks{r, n})
					require.NoError(t, err)
					require.True(t, want == string(got), "read by %d", n) //nolint:testifylint // Equal would print it all
					n, err := r.Read(make([]byte, 8))
					require.Zero(t, n)
					require.Equal(t, io.EOF, err)
					require.NoError(t, r.Close())
				}
				got, err := keyed.bytes()
				require.NoError(t, err)
				require.True(t, want == string(got)) //nolint:testifylint // Equal would print it all
			}
		})
	}
}

func TestBodyReaderSources(t *testing.T) {
	t.Parallel()
	data := noise(50_000)
	path := filepath.Join(t.TempDir(), "a.bin")
	require.NoError(t, os.WriteFile(path, data, 0o600))
	seekable := bytes.NewReader(append([]byte("skipped"), data...))
	_, err := seekable.Seek(7, io.SeekStart)
	require.NoError(t, err)
	sources := map[string]Media{
		"bytes":                MediaBytes(data),
		"file":                 MediaFile(path),
		"reader, from a place": MediaReader(seekable, 50_000),
		"one byte at a time":   MediaReader(iotest.OneByteReader(bytes.NewReader(data)), 50_000),
		"half reads":           MediaReader(iotest.HalfReader(bytes.NewReader(data)), 50_000),
		"data with the error":  MediaReader(iotest.DataErrReader(bytes.NewReader(data)), 50_000),
	}
	for name, m := range sources {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := bodyOf(t, m).withKey("k")
			got, err := b.bytes()
			require.NoError(t, err)
			require.True(t, wantBody(data) == string(got)) //nolint:testifylint // Equal would print it all
			got, err = b.bytes()
			if m.repeatable() {
				require.NoError(t, err)
				require.True(t, wantBody(data) == string(got)) //nolint:testifylint // Equal would print it all
			} else {
				require.ErrorIs(t, err, errMediaUsed)
			}
		})
	}
	t.Run("the same reader twice", func(t *testing.T) {
		t.Parallel()
		m := MediaReader(bytes.NewReader(data), 50_000)
		twice := bodyOf(t, m, m).withKey("k")
		got, err := twice.bytes()
		require.NoError(t, err)
		require.True(t, wantBody(data, data) == string(got)) //nolint:testifylint // Equal would print it all
		stream := MediaReader(iotest.OneByteReader(bytes.NewReader(data)), 50_000)
		_, err = bodyOf(t, stream, stream).bytes()
		require.ErrorIs(t, err, errMediaUsed)
	})
}

func TestBodyReaderFailures(t *testing.T) {
	t.Parallel()
	broken := errors.New("disk on fire")
	tests := []struct {
		name  string
		media Media
		err   error
	}{
		{"shorter", MediaReader(strings.NewReader("abc"), 4), errMediaSize},
		{"much shorter", MediaReader(strings.NewReader("abc"), 1<<30), errMediaSize},
		{"empty", MediaReader(strings.NewReader(""), 1), errMediaSize},
		{"longer", MediaReader(strings.NewReader("abcd"), 3), errMediaSize},
		{"longer than nothing", MediaReader(strings.NewReader("a"), 0), errMediaSize},
		{"longer, by single bytes", MediaReader(iotest.OneByteReader(strings.NewReader("abcd")), 3), errMediaSize},
		{"broken", MediaReader(io.MultiReader(strings.NewReader("abc"), iotest.ErrReader(broken)), 9), broken},
		{"broken at the end", MediaReader(io.MultiReader(strings.NewReader("abc"), iotest.ErrReader(broken)), 3), broken},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, err := bodyOf(t, tt.media).open()
			require.NoError(t, err)
			require.NoError(t, r.failure())
			_, err = io.ReadAll(r)
			require.ErrorIs(t, err, tt.err)
			require.ErrorIs(t, r.failure(), tt.err)
			_, again := r.Read(make([]byte, 100))
			require.Equal(t, err, again, "a failure is final")
		})
	}
	_, err := bodyOf(t, MediaBytes(nil)).open()
	require.NoError(t, err)
	missing := &body{json: []byte(`{"a":""}`), gaps: []gap{{at: 6, media: MediaFile("/nonexistent/a.png"), size: 3}}}
	_, err = missing.open()
	require.ErrorIs(t, err, os.ErrNotExist)
}

// TestBodyReaderClosed: nobody reads the user's files once Close has returned.
func TestBodyReaderClosed(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.bin")
	require.NoError(t, os.WriteFile(path, noise(100_000), 0o600))
	r, err := bodyOf(t, MediaFile(path)).open()
	require.NoError(t, err)
	_, err = io.CopyN(io.Discard, r, 1000)
	require.NoError(t, err)
	file := r.sources[0].(*os.File)
	require.NoError(t, r.Close())
	require.NoError(t, r.Close())
	require.ErrorIs(t, file.Close(), os.ErrClosed)
	_, err = r.Read(make([]byte, 10))
	require.ErrorIs(t, err, errBodyClosed)

	// A stream that blocks does not hold up Close; the file beside it is closed later.
	synctest.Test(t, func(t *testing.T) {
		stream, feed := io.Pipe()
		r, err := bodyOf(t, MediaReader(stream, 10), MediaFile(path)).open()
		require.NoError(t, err)
		file := r.sources[1].(*os.File)
		read := make(chan error)
		go func() {
			_, err := io.ReadAll(r)
			read <- err
		}()
		synctest.Wait()
		require.NoError(t, r.Close())
		require.NoError(t, feed.Close())
		require.Error(t, <-read)
		require.ErrorIs(t, file.Close(), os.ErrClosed)
	})
}

// slowSeeker is a seekable source whose reads take a second.
type slowSeeker struct{ io.ReadSeeker }

func (s slowSeeker) Read(p []byte) (int, error) {
	<-time.After(time.Second)
	return s.ReadSeeker.Read(p)
}

// TestBodyReaderCloseWaits: a source that will be read again is not read any
// more once Close has returned.
func TestBodyReaderCloseWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r, err := bodyOf(t, MediaReader(slowSeeker{strings.NewReader("abcdef")}, 6)).open()
		require.NoError(t, err)
		go func() { _, _ = r.Read(make([]byte, 100)) }()
		synctest.Wait()
		start := time.Now()
		require.NoError(t, r.Close())
		require.GreaterOrEqual(t, time.Since(start), time.Second)
	})
}

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
	used := MediaReader(iotest.OneByteReader(strings.NewReader("abc")), 3)
	_, err := used.open()
	require.NoError(t, err)
	tests := map[string]Media{
		"shorter":     MediaReader(bytes.NewReader(noise(100_000)), 200_000),
		"longer":      MediaReader(bytes.NewReader(noise(100_000)), 50_000),
		"broken":      MediaReader(io.MultiReader(bytes.NewReader(noise(100_000)), iotest.ErrReader(errors.New("disk on fire"))), 200_000),
		"read before": used,
		"missing":     MediaFile(filepath.Join(t.TempDir(), "none.png")),
		"a folder":    MediaFile(unreadable),
	}
	plain, err := New("key", WithBaseURL(srv.URL+"/api"))
	require.NoError(t, err)
	custom, err := New("key", WithHTTPClient(&http.Client{Transport: readsAll{}}))
	require.NoError(t, err)
	for name, m := range tests {
		for _, client := range []*Client{plain, custom} {
			_, err := client.Submit(t.Context(), &ImageToVideoUltraRequest{ModelID: "wan2.2", Prompt: "p", InitImage: m})
			require.ErrorIs(t, err, ErrInvalid, name)
			var unknown *SubmitError
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
	data := noise(4 << 20)
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
	client, err := New("key", WithBaseURL(srv.URL+"/api"))
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	_, err = client.Submit(ctx, &ImageToVideoUltraRequest{
		ModelID: "wan2.2", Prompt: "p", InitImage: MediaReader(bytes.NewReader(data), int64(len(data))),
	})
	require.NoError(t, err)
	require.Equal(t, 2, calls)
}
