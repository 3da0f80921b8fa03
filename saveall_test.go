package modelslab_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/internal/download/downloadtest"
	"github.com/modelslab-go/modelslab/modelslabtest"
)

func TestSaveAllOfABatch(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		srv := modelslabtest.NewServer(modelslabtest.WithStrict())
		defer srv.Close()
		srv.Script(func(r *modelslabtest.Request) *modelslabtest.Fault {
			if r.Call == modelslabtest.Submit && strings.HasSuffix(r.TrackID, "3") {
				return &modelslabtest.Fault{Fail: "out of memory"}
			}
			return nil
		})
		client := srv.Client()
		all := collect(t, client.SaveAll(t.Context(), client.RunAll(t.Context(), prompts(20)), dir))
		require.Len(t, all, 20)
		for i, o := range all {
			if i%10 == 3 {
				var failed *modelslab.JobError
				require.ErrorAs(t, o.Err, &failed)
				require.Empty(t, o.Files)
				continue
			}
			require.NoError(t, o.Err)
			require.Len(t, o.Files, 1)
			require.FileExists(t, o.Files[0])
		}
		require.Len(t, filesIn(t, dir), 18)
	})
}

// outcomesOf are the outcomes of jobs with one file each.
func outcomesOf(urls ...string) iter.Seq2[int, modelslab.Outcome] {
	return func(yield func(int, modelslab.Outcome) bool) {
		for i, url := range urls {
			job := videoJob(url)
			job.Ref.ID = fmt.Sprint(i)
			if !yield(i, modelslab.Outcome{Job: job, Ref: job.Ref}) {
				return
			}
		}
	}
}

func TestSaveAllIsBounded(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		opts []modelslab.CallOption
		want int64
	}{
		{"by default", nil, 8},
		{"by Parallel", []modelslab.CallOption{modelslab.Parallel(3)}, 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				var open, most atomic.Int64
				client := stubClient(t, func(*http.Request) (*http.Response, error) {
					if n := open.Add(1); n > most.Load() {
						most.Store(n)
					}
					<-time.After(time.Second)
					open.Add(-1)
					return &http.Response{
						StatusCode: 200, ContentLength: int64(len(mp4Head)), Header: http.Header{}, Body: io.NopCloser(strings.NewReader(mp4Head)),
					}, nil
				})
				urls := make([]string, 30)
				for i := range urls {
					urls[i] = "https://cdn.example.com/a.mp4"
				}
				for _, o := range client.SaveAll(t.Context(), outcomesOf(urls...), dir, tt.opts...) {
					require.NoError(t, o.Err)
				}
				require.Equal(t, tt.want, most.Load())
			})
		})
	}
	client := stubClient(t, nil)
	for _, o := range client.SaveAll(t.Context(), outcomesOf("https://cdn.example.com/a.mp4"), t.TempDir(), modelslab.Parallel(0)) {
		require.EqualError(t, o.Err, "modelslab: Parallel(0): want 1 or more")
	}
}

func TestSaveAllGoesOnAfterAFileThatCannotBeHad(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		const good, gone, page, refusal, short = "https://cdn.example.com/good.mp4", "https://cdn.example.com/gone.mp4",
			"https://cdn.example.com/page.mp4", "https://cdn.example.com/refusal.mp4", "https://cdn.example.com/short.mp4"
		client := stubClient(t, func(r *http.Request) (*http.Response, error) {
			resp := &http.Response{StatusCode: 200, ContentLength: -1, Header: http.Header{"Content-Type": {"video/mp4"}}}
			body := mp4Head
			switch r.URL.String() {
			case gone:
				resp.StatusCode = http.StatusGone
			case page:
				resp.Header.Set("Content-Type", "text/html")
				body = "<!DOCTYPE html><title>Wait</title>"
			case refusal:
				resp.Header.Set("Content-Type", "application/json")
				body = `{"status":"error","message":"expired"}`
			case short:
				resp.ContentLength = int64(len(body)) + 1
			}
			resp.Body = io.NopCloser(strings.NewReader(body))
			return resp, nil
		})
		all := collect(t, client.SaveAll(t.Context(), outcomesOf(good, gone, page, refusal, short), dir))
		require.Len(t, all, 5)
		require.NoError(t, all[0].Err)
		require.Equal(t, []string{filepath.Join(dir, "video-0-0.mp4")}, all[0].Files)
		for i, want := range []error{nil, modelslab.ErrNotFound, modelslab.ErrNotFound, modelslab.ErrNotFound, modelslab.ErrUnavailable} {
			require.ErrorIs(t, all[i].Err, want, i)
			require.NotNil(t, all[i].Job, "the job has succeeded all the same")
		}
		require.Len(t, filesIn(t, dir), 1, "nothing else is left")
	})
}

func TestSaveAllWhenItsContextEnds(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		client := stubClient(t, func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, ContentLength: -1, Header: http.Header{}, Body: io.NopCloser(
				io.MultiReader(strings.NewReader(mp4Head), downloadtest.Silent(r.Context())),
			)}, nil
		})
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		urls := make([]string, 20)
		for i := range urls {
			urls[i] = "https://cdn.example.com/a.mp4"
		}
		all := collect(t, client.SaveAll(ctx, outcomesOf(urls...), dir))
		require.Len(t, all, 20, "each outcome is handed on")
		for _, o := range all {
			require.ErrorIs(t, o.Err, context.Canceled)
			require.NotNil(t, o.Job)
		}
		require.Empty(t, filesIn(t, dir))
	})
}

func TestSaveAllThatIsLeft(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		srv := modelslabtest.NewServer(modelslabtest.WithStrict(), modelslabtest.WithLatencyFunc(uneven))
		defer srv.Close()
		client := srv.Client()
		for range client.SaveAll(t.Context(), client.RunAll(t.Context(), prompts(1000)), dir) {
			break
		}
		require.Less(t, srv.Stats().Submits, 20)
		for name := range filesIn(t, dir) {
			require.False(t, strings.HasPrefix(name, "."), "%s is half a file", name)
		}
		synctest.Wait()
	})
}

func TestSaveAllPassesOnAPanicOfTheSequence(t *testing.T) {
	t.Parallel()
	client := stubClient(t, nil)
	broken := func(func(int, modelslab.Outcome) bool) { panic("no more outcomes") }
	require.PanicsWithValue(t, "no more outcomes", func() {
		for range client.SaveAll(t.Context(), broken, t.TempDir()) {
			require.Fail(t, "there is no outcome")
		}
	})
}

func TestSaveAllPassesFailuresThrough(t *testing.T) {
	t.Parallel()
	refused := errors.New("refused")
	none := func(yield func(int, modelslab.Outcome) bool) {
		_ = yield(7, modelslab.Outcome{Err: refused, TrackID: "seven"}) && yield(8, modelslab.Outcome{})
	}
	dir := filepath.Join(t.TempDir(), "out")
	all := collect(t, stubClient(t, nil).SaveAll(t.Context(), none, dir))
	require.Equal(t, map[int]modelslab.Outcome{7: {Err: refused, TrackID: "seven"}, 8: {}}, all)
	require.NoDirExists(t, dir)
}
