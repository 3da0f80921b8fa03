package modelslab_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/internal/download/downloadtest"
)

// The benchmark of saving 200 files of 5 MB from loopback, eight at a time, and
// its floor: a plain GET and io.Copy to a file.

const (
	savedFiles    = 200
	savedFileSize = 5_000_000
	savedAtOnce   = 8
)

func newFiles(tb testing.TB) *httptest.Server {
	tb.Helper()
	file := downloadtest.Video(savedFileSize)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"v1"`)
		http.ServeContent(w, r, "a.mp4", time.Time{}, bytes.NewReader(file))
	}))
	tb.Cleanup(srv.Close)
	return srv
}

// benchmarkSave runs save for every file, in a few goroutines.
func benchmarkSave(b *testing.B, save func(ctx context.Context, n int) error) {
	b.SetBytes(savedFiles * savedFileSize)
	b.ReportAllocs()
	for b.Loop() {
		var workers sync.WaitGroup
		next := make(chan int)
		for range savedAtOnce {
			workers.Go(func() {
				for n := range next {
					if err := save(b.Context(), n); err != nil {
						b.Error(err)
					}
				}
			})
		}
		for n := range savedFiles {
			next <- n
		}
		close(next)
		workers.Wait()
	}
}

func BenchmarkSave(b *testing.B) {
	srv, dir := newFiles(b), b.TempDir()
	client, err := modelslab.New(testKey, modelslab.WithBaseURL(srv.URL+"/api"))
	require.NoError(b, err)
	benchmarkSave(b, func(ctx context.Context, n int) error {
		job := videoJob(srv.URL + "/a.mp4")
		job.Ref.ID = strconv.Itoa(n)
		_, err := client.Save(ctx, job, dir)
		return err
	})
}

func BenchmarkSaveAll(b *testing.B) {
	srv, dir := newFiles(b), b.TempDir()
	client, err := modelslab.New(testKey, modelslab.WithBaseURL(srv.URL+"/api"))
	require.NoError(b, err)
	urls := make([]string, savedFiles)
	for i := range urls {
		urls[i] = srv.URL + "/a.mp4"
	}
	b.SetBytes(savedFiles * savedFileSize)
	b.ReportAllocs()
	for b.Loop() {
		for _, o := range client.SaveAll(b.Context(), outcomesOf(urls...), dir, modelslab.Parallel(savedAtOnce)) {
			if o.Err != nil {
				b.Fatal(o.Err)
			}
		}
	}
}

func BenchmarkSaveFloor(b *testing.B) {
	srv, dir := newFiles(b), b.TempDir()
	hc := srv.Client()
	benchmarkSave(b, func(ctx context.Context, n int) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, srv.URL+"/a.mp4", nil)
		if err != nil {
			return err
		}
		resp, err := hc.Do(req)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		f, err := os.Create(filepath.Join(dir, strconv.Itoa(n)))
		if err != nil {
			return err
		}
		if _, err = io.Copy(f, resp.Body); err != nil {
			return err
		}
		return f.Close()
	})
}
