package upload_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/internal/upload"
)

func opener(text string) upload.Opener {
	return func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }
}

// uploads counts what was sent, each under a URL of its own.
type uploads struct {
	sent []string
	err  error
}

func (u *uploads) send(open upload.Opener) (string, error) {
	r, err := open()
	if err != nil {
		return "", err
	}
	defer r.Close()
	data, err := io.ReadAll(r)
	if err != nil {
		return "", err
	}
	u.sent = append(u.sent, string(data))
	return fmt.Sprint("https://cdn.example.com/", len(u.sent)), u.err
}

func TestOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var cache upload.Cache
		var server uploads
		once := func(text, want string) {
			t.Helper()
			url, err := cache.Once(t.Context(), opener(text), server.send)
			require.NoError(t, err)
			require.Equal(t, "https://cdn.example.com/"+want, url)
		}
		once("one", "1")
		once("one", "1")
		once("two", "2")
		cache.Forget("https://cdn.example.com/1", "https://cdn.example.com/7")
		once("two", "2")
		once("one", "3")
		<-time.After(23*time.Hour - time.Second)
		once("one", "3")
		<-time.After(time.Second)
		once("one", "4")
		require.Equal(t, []string{"one", "two", "one", "one"}, server.sent)
	})
}

// TestAChangedContent: a file that changes between the look at it and the
// upload is known as what was sent, whoever asks for either.
func TestAChangedContent(t *testing.T) {
	t.Parallel()
	var cache upload.Cache
	var server uploads
	opened := 0
	changing := func() (io.ReadCloser, error) {
		if opened++; opened == 1 {
			return opener("before")()
		}
		return opener("after")()
	}
	for i, tt := range []struct {
		open upload.Opener
		want string
	}{
		{changing, "1"}, {opener("after"), "1"}, {opener("before"), "2"}, {opener("after"), "1"}, {opener("before"), "2"},
	} {
		url, err := cache.Once(t.Context(), tt.open, server.send)
		require.NoError(t, err)
		require.Equal(t, "https://cdn.example.com/"+tt.want, url, i)
	}
	require.Equal(t, []string{"after", "before"}, server.sent)
}

// TestAChangedContentAmongMany: those who waited for the content as it was get
// an upload of it.
func TestAChangedContentAmongMany(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var cache upload.Cache
		var server uploads
		opened := 0
		changing := func() (io.ReadCloser, error) {
			if opened++; opened == 1 {
				return opener("before")()
			}
			return opener("after")()
		}
		slow := func(open upload.Opener) (string, error) {
			<-time.After(time.Second)
			return server.send(open)
		}
		urls := make(chan string, 4)
		run := func(open upload.Opener) {
			url, err := cache.Once(t.Context(), open, slow)
			if err != nil {
				url = err.Error()
			}
			urls <- url
		}
		go run(changing)
		synctest.Wait()
		for range 3 {
			go run(opener("before"))
		}
		require.Equal(t, "https://cdn.example.com/1", <-urls)
		for range 3 {
			require.Equal(t, "https://cdn.example.com/2", <-urls)
		}
		require.Equal(t, []string{"after", "before"}, server.sent)
	})
}

// TestARepeat: what counts is the reading that reached the server.
func TestARepeat(t *testing.T) {
	t.Parallel()
	var cache upload.Cache
	var server uploads
	twice := func(open upload.Opener) (string, error) {
		r, err := open()
		require.NoError(t, err)
		_, err = io.CopyN(io.Discard, r, 2)
		require.NoError(t, err)
		require.NoError(t, r.Close())
		return server.send(open)
	}
	for range 2 {
		url, err := cache.Once(t.Context(), opener("content"), twice)
		require.NoError(t, err)
		require.Equal(t, "https://cdn.example.com/1", url)
	}
}

func TestFailures(t *testing.T) {
	t.Parallel()
	var cache upload.Cache
	refused, onFire := errors.New("refused"), errors.New("disk on fire")
	server := uploads{err: refused}
	_, err := cache.Once(t.Context(), opener("content"), server.send)
	require.ErrorIs(t, err, refused)
	server.err = nil
	url, err := cache.Once(t.Context(), opener("content"), server.send)
	require.NoError(t, err, "a failure is not remembered")
	require.Equal(t, "https://cdn.example.com/2", url)

	_, err = cache.Once(t.Context(), func() (io.ReadCloser, error) { return nil, onFire }, server.send)
	require.ErrorIs(t, err, onFire)
	_, err = cache.Once(t.Context(), func() (io.ReadCloser, error) { return io.NopCloser(iotest.ErrReader(onFire)), nil }, server.send)
	require.ErrorIs(t, err, onFire)
	opened := 0
	_, err = cache.Once(t.Context(), func() (io.ReadCloser, error) {
		if opened++; opened > 1 {
			return nil, onFire
		}
		return opener("gone")()
	}, server.send)
	require.ErrorIs(t, err, onFire)
	require.Len(t, server.sent, 2)

	require.PanicsWithValue(t, "a bug", func() {
		_, _ = cache.Once(t.Context(), opener("panics"), func(upload.Opener) (string, error) { panic("a bug") })
	})
	_, err = cache.Once(t.Context(), opener("panics"), server.send)
	require.NoError(t, err, "a panic leaves nobody waiting")
}

// TestAmongMany: the failure of one upload is everybody's who waited for it,
// but one who gave up passes it on.
func TestAmongMany(t *testing.T) {
	t.Parallel()
	refused := errors.New("refused")
	tests := []struct {
		name string
		err  error // of the first upload
		ok   int
		sent int
	}{
		{"sent", nil, 10, 1},
		{"refused", refused, 0, 1},
		{"cancelled", context.Canceled, 9, 2},
		{"late", fmt.Errorf("sending: %w", context.DeadlineExceeded), 9, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var cache upload.Cache
				server := uploads{err: tt.err}
				errs := make(chan error, 10)
				for range 10 {
					go func() {
						_, err := cache.Once(t.Context(), opener("content"), func(open upload.Opener) (string, error) {
							<-time.After(time.Second)
							defer func() { server.err = nil }()
							return server.send(open)
						})
						errs <- err
					}()
				}
				ok := 0
				for range 10 {
					if err := <-errs; err == nil {
						ok++
					} else {
						require.ErrorIs(t, err, tt.err)
					}
				}
				require.Equal(t, tt.ok, ok)
				require.Len(t, server.sent, tt.sent)
			})
		})
	}
}

func TestWaitingIsCancellable(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var cache upload.Cache
		var server uploads
		uploaded := make(chan error, 1)
		go func() {
			_, err := cache.Once(t.Context(), opener("content"), func(open upload.Opener) (string, error) {
				<-time.After(time.Hour)
				return server.send(open)
			})
			uploaded <- err
		}()
		synctest.Wait()
		cache.Forget("") // an upload under way is nobody's to forget
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		_, err := cache.Once(ctx, opener("content"), server.send)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, time.Second, time.Since(start))
		require.NoError(t, <-uploaded)
	})
}

func TestTheOldestMakeRoom(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var cache upload.Cache
		var server uploads
		once := func(n int) {
			<-time.After(time.Second)
			_, err := cache.Once(t.Context(), opener(fmt.Sprint("file ", n)), server.send)
			require.NoError(t, err)
		}
		for n := range 1025 {
			once(n)
		}
		once(1024)
		once(1)
		require.Len(t, server.sent, 1025)
		once(0)
		require.Len(t, server.sent, 1026)
	})
}

func TestUnfetchable(t *testing.T) {
	t.Parallel()
	for _, message := range []string{
		"Unable to fetch image from provided URL", "Failed to download init_image", "the image is not accessible", "Invalid image url",
		"could not retrieve the file", "The LINK has expired", "host unreachable",
	} {
		require.True(t, upload.Unfetchable(message), message)
	}
	for _, message := range []string{"", "prompt is required", "Invalid API key", "width must be divisible by 8", "out of credits"} {
		require.False(t, upload.Unfetchable(message), message)
	}
}
