package modelslab_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
)

const (
	savedFiles    = 200
	savedSize     = 5 << 20
	savedParallel = 8
)

// BenchmarkSaveAll saves 200 files of 5 MB from loopback.
func BenchmarkSaveAll(b *testing.B) {
	urls := filmServer(b)
	client, err := modelslab.New(testKey, modelslab.WithBaseURL("http://127.0.0.1/api"))
	require.NoError(b, err)
	parent := b.TempDir()
	b.ReportAllocs()
	b.SetBytes(savedFiles * savedSize)
	for b.Loop() {
		for _, o := range client.SaveAll(b.Context(), outcomesOf(urls...), emptyDir(b, parent), modelslab.Parallel(savedParallel)) {
			require.NoError(b, o.Err)
		}
	}
}

// BenchmarkSaveAllFloor does it with io.Copy and nothing around it.
func BenchmarkSaveAllFloor(b *testing.B) {
	urls := filmServer(b)
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 256
	client := &http.Client{Transport: transport}
	defer client.CloseIdleConnections()
	parent := b.TempDir()
	b.ReportAllocs()
	b.SetBytes(savedFiles * savedSize)
	for b.Loop() {
		dir := emptyDir(b, parent)
		room := make(chan struct{}, savedParallel)
		var saves sync.WaitGroup
		for i, url := range urls {
			room <- struct{}{}
			saves.Go(func() {
				defer func() { <-room }()
				if err := copyToFile(client, url, filepath.Join(dir, fmt.Sprintf("%d.mp4", i))); err != nil {
					b.Error(err)
				}
			})
		}
		saves.Wait()
	}
}

func copyToFile(client *http.Client, url, name string) error {
	resp, err := client.Get(url)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, resp.Body)
	if closed := f.Close(); err == nil {
		err = closed
	}
	return err
}

// emptyDir is a folder for the files of one round.
func emptyDir(b *testing.B, parent string) string {
	b.Helper()
	b.StopTimer()
	defer b.StartTimer()
	dir := filepath.Join(parent, "out")
	require.NoError(b, os.RemoveAll(dir))
	require.NoError(b, os.Mkdir(dir, 0o700))
	return dir
}

func filmServer(b *testing.B) (urls []string) {
	b.Helper()
	film := append([]byte(mp4Head), make([]byte, savedSize-len(mp4Head))...)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Etag", `"one"`)
		http.ServeContent(w, r, "a.mp4", time.Time{}, bytes.NewReader(film))
	}))
	b.Cleanup(srv.Close)
	for i := range savedFiles {
		urls = append(urls, fmt.Sprintf("%s/%d.mp4", srv.URL, i))
	}
	return urls
}
