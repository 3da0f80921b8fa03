package body_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/internal/body"
)

// bodyOf puts each file between two pieces of JSON.
func bodyOf(t *testing.T, files ...body.Content) *body.Body {
	t.Helper()
	b := &body.Body{JSON: []byte(`{"key":"k","a":1`)}
	for i, m := range files {
		size, err := m.Size()
		require.NoError(t, err)
		b.JSON = fmt.Appendf(b.JSON, `,"f%d":""`, i)
		b.Gaps = append(b.Gaps, body.Gap{At: len(b.JSON) - 1, Content: m, Size: size})
	}
	b.JSON = append(b.JSON, '}')
	return b
}

func open(t *testing.T, b *body.Body) (body.Stream, error) {
	t.Helper()
	return b.Attach(new(http.Request))
}

// onDisk is a file on disk that remembers what it was opened as.
type onDisk struct {
	*body.Source
	opened io.ReadCloser
}

func (f *onDisk) Open() (r io.ReadCloser, err error) {
	f.opened, err = f.Source.Open()
	return f.opened, err
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

func TestStream(t *testing.T) {
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
				files := make([]body.Content, len(data))
				for i := range data {
					files[i] = body.FromBytes(data[i])
				}
				keyed := bodyOf(t, files...)
				want := wantBody(data...)
				require.Equal(t, int64(len(want)), keyed.Len())
				for _, n := range []int{1, 2, 3, 5, 7, 512, 4093, 32 << 10, 1 << 20} {
					if size > 10_000 && n < 5 && len(others) > 0 {
						continue // byte by byte is slow, and the same once more
					}
					r, err := open(t, keyed)
					require.NoError(t, err)
					got, err := io.ReadAll(chunks{r, n})
					require.NoError(t, err)
					require.True(t, want == string(got), "read by %d", n) //nolint:testifylint // Equal would print it all
					n, err := r.Read(make([]byte, 8))
					require.Zero(t, n)
					require.Equal(t, io.EOF, err)
					require.NoError(t, r.Close())
				}
				got, err := keyed.Bytes()
				require.NoError(t, err)
				require.True(t, want == string(got)) //nolint:testifylint // Equal would print it all
			}
		})
	}
}

func TestStreamSources(t *testing.T) {
	t.Parallel()
	data := noise(50_000)
	path := filepath.Join(t.TempDir(), "a.bin")
	require.NoError(t, os.WriteFile(path, data, 0o600))
	seekable := bytes.NewReader(append([]byte("skipped"), data...))
	_, err := seekable.Seek(7, io.SeekStart)
	require.NoError(t, err)
	sources := map[string]*body.Source{
		"bytes":                body.FromBytes(data),
		"file":                 body.FromFile(path),
		"reader, from a place": body.FromReader(seekable, 50_000),
		"one byte at a time":   body.FromReader(iotest.OneByteReader(bytes.NewReader(data)), 50_000),
		"half reads":           body.FromReader(iotest.HalfReader(bytes.NewReader(data)), 50_000),
		"data with the error":  body.FromReader(iotest.DataErrReader(bytes.NewReader(data)), 50_000),
	}
	for name, m := range sources {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := bodyOf(t, m)
			got, err := b.Bytes()
			require.NoError(t, err)
			require.True(t, wantBody(data) == string(got)) //nolint:testifylint // Equal would print it all
			got, err = b.Bytes()
			if m.Repeatable() {
				require.NoError(t, err)
				require.True(t, wantBody(data) == string(got)) //nolint:testifylint // Equal would print it all
			} else {
				require.ErrorIs(t, err, body.ErrUsed)
			}
		})
	}
	t.Run("the same reader twice", func(t *testing.T) {
		t.Parallel()
		m := body.FromReader(bytes.NewReader(data), 50_000)
		twice := bodyOf(t, m, m)
		got, err := twice.Bytes()
		require.NoError(t, err)
		require.True(t, wantBody(data, data) == string(got)) //nolint:testifylint // Equal would print it all
		stream := body.FromReader(iotest.OneByteReader(bytes.NewReader(data)), 50_000)
		_, err = bodyOf(t, stream, stream).Bytes()
		require.ErrorIs(t, err, body.ErrUsed)
	})
}

func TestStreamFailures(t *testing.T) {
	t.Parallel()
	broken := errors.New("disk on fire")
	tests := []struct {
		name  string
		media *body.Source
		err   error
	}{
		{"shorter", body.FromReader(strings.NewReader("abc"), 4), body.ErrSize},
		{"much shorter", body.FromReader(strings.NewReader("abc"), 1<<30), body.ErrSize},
		{"empty", body.FromReader(strings.NewReader(""), 1), body.ErrSize},
		{"longer", body.FromReader(strings.NewReader("abcd"), 3), body.ErrSize},
		{"longer than nothing", body.FromReader(strings.NewReader("a"), 0), body.ErrSize},
		{"longer, by single bytes", body.FromReader(iotest.OneByteReader(strings.NewReader("abcd")), 3), body.ErrSize},
		{"broken", body.FromReader(io.MultiReader(strings.NewReader("abc"), iotest.ErrReader(broken)), 9), broken},
		{"broken at the end", body.FromReader(io.MultiReader(strings.NewReader("abc"), iotest.ErrReader(broken)), 3), broken},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, err := open(t, bodyOf(t, tt.media))
			require.NoError(t, err)
			require.NoError(t, r.Failure())
			_, err = io.ReadAll(r)
			require.ErrorIs(t, err, tt.err)
			require.ErrorIs(t, r.Failure(), tt.err)
			_, again := r.Read(make([]byte, 100))
			require.Equal(t, err, again, "a failure is final")
		})
	}
	_, err := open(t, bodyOf(t, body.FromBytes(nil)))
	require.NoError(t, err)
	missing := &body.Body{JSON: []byte(`{"a":""}`), Gaps: []body.Gap{{At: 6, Content: body.FromFile("/nonexistent/a.png"), Size: 3}}}
	_, err = open(t, missing)
	require.ErrorIs(t, err, os.ErrNotExist)
}

// TestStreamClosed: nobody reads the user's files once Close has returned.
func TestStreamClosed(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.bin")
	require.NoError(t, os.WriteFile(path, noise(100_000), 0o600))
	file := &onDisk{Source: body.FromFile(path)}
	r, err := open(t, bodyOf(t, file))
	require.NoError(t, err)
	_, err = io.CopyN(io.Discard, r, 1000)
	require.NoError(t, err)
	require.NoError(t, r.Close())
	require.NoError(t, r.Close())
	require.ErrorIs(t, file.opened.Close(), os.ErrClosed)
	_, err = r.Read(make([]byte, 10))
	require.ErrorIs(t, err, body.ErrClosed)

	// A stream that blocks does not hold up Close; the file beside it is closed later.
	synctest.Test(t, func(t *testing.T) {
		stream, feed := io.Pipe()
		file := &onDisk{Source: body.FromFile(path)}
		r, err := open(t, bodyOf(t, body.FromReader(stream, 10), file))
		require.NoError(t, err)
		read := make(chan error)
		go func() {
			_, err := io.ReadAll(r)
			read <- err
		}()
		synctest.Wait()
		require.NoError(t, r.Close())
		require.NoError(t, feed.Close())
		require.Error(t, <-read)
		require.ErrorIs(t, file.opened.Close(), os.ErrClosed)
	})
}

// slowSeeker is a seekable source whose reads take a second.
type slowSeeker struct{ io.ReadSeeker }

func (s slowSeeker) Read(p []byte) (int, error) {
	<-time.After(time.Second)
	return s.ReadSeeker.Read(p)
}

// TestStreamCloseWaits: a source that will be read again is not read any
// more once Close has returned.
func TestStreamCloseWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r, err := open(t, bodyOf(t, body.FromReader(slowSeeker{strings.NewReader("abcdef")}, 6)))
		require.NoError(t, err)
		go func() { _, _ = r.Read(make([]byte, 100)) }()
		synctest.Wait()
		start := time.Now()
		require.NoError(t, r.Close())
		require.GreaterOrEqual(t, time.Since(start), time.Second)
	})
}

func TestContentTypeOfWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	broken := errors.New("disk on fire")
	_, err := body.FromReader(iotest.ErrReader(broken), 3).ContentType()
	require.ErrorIs(t, err, broken)
	_, err = body.FromFile(filepath.Join(t.TempDir(), "none.png")).ContentType()
	require.ErrorIs(t, err, os.ErrNotExist)
}
