package modelslab_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
)

const (
	tryAgain = `{"status":"processing","messege":"try again later.","output":"","tip":"x"}`
	done     = `{"status":"success","id":7,"output":["https://example.com/a.mp4"]}`
)

var videoRef = modelslab.Ref{Kind: modelslab.KindVideo, ID: "7"}

func TestFetchShapes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		ref    string
		method string
		path   string
		body   string
		header string
	}{
		{"video/7", "POST", "/api/v6/video/fetch/7", `{"key":"` + testKey + `"}`, ""},
		{"v7/video-fusion/7", "POST", "/api/v7/video-fusion/fetch/7", `{"key":"` + testKey + `"}`, ""},
		{"enterprise/flux/7", "POST", "/api/v1/enterprise/flux/fetch/7", `{"key":"` + testKey + `"}`, ""},
		{"enterprise/abc-def", "POST", "/api/v1/enterprise/fetch", `{"key":"` + testKey + `","request_id":"abc-def"}`, ""},
		{"training/F5j", "POST", "/api/v3/fine_tune_status/F5j", `{"key":"` + testKey + `"}`, ""},
		{"workflow/wf_1/12345", "GET", "/api/v1/workflows/wf_1/runs/12345", "", testKey},
		{"/v9/new/fetch/7", "POST", "/api/v9/new/fetch/7", `{"key":"` + testKey + `"}`, ""},
		{"video/a%2Fb", "POST", "/api/v6/video/fetch/a%2Fb", `{"key":"` + testKey + `"}`, ""},
	} {
		t.Run(tt.ref, func(t *testing.T) {
			t.Parallel()
			client := stubClient(t, func(r *http.Request) (*http.Response, error) {
				body := ""
				if r.Body != nil {
					b, _ := io.ReadAll(r.Body)
					body = string(b)
				}
				require.Equal(t, tt.method, r.Method)
				require.Equal(t, tt.path, r.URL.EscapedPath())
				require.Equal(t, tt.body, body)
				require.Equal(t, tt.header, r.Header.Get("key"))
				require.Empty(t, r.URL.RawQuery)
				return jsonResponse(200, tryAgain), nil
			})
			ref, err := modelslab.ParseRef(tt.ref)
			require.NoError(t, err)
			job, err := client.Fetch(t.Context(), ref)
			require.NoError(t, err)
			require.Equal(t, ref, job.Ref, "a fetch reply has no id of its own")
			require.Equal(t, modelslab.StatusProcessing, job.Status)
		})
	}
}

func TestFetchRefusesWhatCannotBeFetched(t *testing.T) {
	t.Parallel()
	client := stubClient(t, func(*http.Request) (*http.Response, error) { return nil, errors.New("something was sent") })
	for _, target := range []modelslab.Target{
		nil, (*modelslab.Job)(nil), &modelslab.Job{},
		modelslab.Ref{ID: "7"},
		modelslab.Ref{Kind: "video"},
		modelslab.Ref{Kind: "video", ID: ".."},
		modelslab.Ref{Kind: "nonsense", ID: "7"},
		modelslab.Ref{Kind: modelslab.KindWorkflow, ID: "only-one"},
	} {
		_, err := client.Fetch(t.Context(), target)
		require.ErrorIs(t, err, modelslab.ErrInvalid, "%v", target)
		require.NotContains(t, err.Error(), "something was sent")
		_, err = client.Wait(t.Context(), target)
		require.ErrorIs(t, err, modelslab.ErrInvalid, "%v", target)
	}
}

func TestFetchTriesTheOtherID(t *testing.T) {
	t.Parallel()
	var paths []string
	client := stubClient(t, func(r *http.Request) (*http.Response, error) {
		paths = append(paths, r.URL.Path)
		switch r.URL.Path {
		case "/api/v6/images/text2img":
			return jsonResponse(200, `{"status":"processing","id":134711525,"eta":1,"fetch_result":"https:\/\/modelslab.com\/api\/v6\/images\/fetch\/134701497"}`), nil
		case "/api/v6/images/fetch/134711525":
			return jsonResponse(200, done), nil
		default:
			return jsonResponse(200, `{"status":"failed","id":"","message":"Request not found","output":""}`), nil
		}
	})
	job, err := client.Submit(t.Context(), modelslab.RawRequest{Path: "/v6/images/text2img", FetchPath: "/v6/images/fetch", Body: json.RawMessage(`{}`)})
	require.NoError(t, err)
	require.Equal(t, "images/134701497", job.Ref.String())
	job, err = client.Fetch(t.Context(), job)
	require.NoError(t, err)
	require.Equal(t, modelslab.StatusSuccess, job.Status)
	require.Equal(t, []string{"/api/v6/images/text2img", "/api/v6/images/fetch/134701497", "/api/v6/images/fetch/134711525"}, paths)
}

func TestFetchNeverFollowsTheFetchResultHost(t *testing.T) {
	t.Parallel()
	client := stubClient(t, func(r *http.Request) (*http.Response, error) {
		require.Equal(t, "modelslab.com", r.URL.Host, "the key went to another host")
		return jsonResponse(200, `{"status":"processing","id":7,"fetch_result":"https://evil.example/api/v6/video/fetch/7"}`), nil
	})
	job, err := client.Submit(t.Context(), textToVideo())
	require.NoError(t, err)
	_, err = client.Fetch(t.Context(), job)
	require.NoError(t, err)
}

func TestFetchRetriesTransientFailures(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		first *http.Response
		err   error
	}{
		{"500", jsonResponse(500, `{"status":"error","message":"Internal server error."}`), nil},
		{"503 as HTML", jsonResponse(503, `<html>`), nil},
		{"429", jsonResponse(429, `{"status":"error","message":"Rate limit exceeded.","retry_after":3}`), nil},
		{"HTML", jsonResponse(200, `<html>`), nil},
		{"truncated", jsonResponse(200, `{"status":"suc`), nil},
		{"reset", nil, io.ErrUnexpectedEOF},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				n := 0
				client := stubClient(t, func(*http.Request) (*http.Response, error) {
					if n++; n == 1 {
						return tt.first, tt.err
					}
					return jsonResponse(200, done), nil
				})
				job, err := client.Fetch(t.Context(), videoRef)
				require.NoError(t, err)
				require.Equal(t, modelslab.StatusSuccess, job.Status)
				require.Equal(t, 2, n)
			})
		})
	}
}

func TestWaitUntilDone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		client := stubClient(t, func(*http.Request) (*http.Response, error) {
			switch took := time.Since(start); {
			case took < 20*time.Second:
				return jsonResponse(200, tryAgain), nil
			case took < 25*time.Second:
				return jsonResponse(200, `{"status":"mystery"}`), nil
			case took < 30*time.Second:
				return nil, io.ErrUnexpectedEOF
			default:
				return jsonResponse(200, done), nil
			}
		}, modelslab.WithFetchRetries(0))
		var seen []modelslab.Status
		job := &modelslab.Job{Ref: videoRef, Status: modelslab.StatusProcessing, TrackID: "t", ETA: 20 * time.Second}
		got, err := client.Wait(t.Context(), job, modelslab.OnUpdate(func(j *modelslab.Job) { seen = append(seen, j.Status) }))
		require.NoError(t, err)
		require.Equal(t, []string{"https://example.com/a.mp4"}, got.Output)
		require.Equal(t, "t", got.TrackID)
		require.Contains(t, seen, modelslab.Status("mystery"), "an unknown status keeps waiting")
		require.Equal(t, modelslab.StatusSuccess, seen[len(seen)-1])
		require.Less(t, time.Since(start), 35*time.Second)
	})
}

func TestWaitEnds(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		answer *http.Response
		job    bool // a *JobError, else a *WaitError
		is     error
	}{
		{"the job failed", jsonResponse(200, `{"status":"failed","id":"","message":"Failed, Try Again","output":""}`), true, nil},
		{"the job failed with status error", jsonResponse(200, `{"status":"error","message":"Processing failed: Invalid input dimensions"}`), true, nil},
		{"the job was cancelled", jsonResponse(200, `{"status":"cancelled","id":7}`), true, nil},
		{"the job failed and names a thing it did not find", jsonResponse(200, `{"status":"failed","id":7,"message":"Model not found"}`), true, nil},
		{"not found", jsonResponse(200, `{"status":"failed","id":"","message":"Request not found","output":""}`), false, modelslab.ErrNotFound},
		{"HTTP 404", jsonResponse(404, `{"status":"error","message":"no"}`), false, modelslab.ErrNotFound},
		{"wrong key", jsonResponse(401, `{"status":"error","message":"Invalid API key"}`), false, modelslab.ErrAuth},
		{"no credits", jsonResponse(402, `{"status":"error","message":"Insufficient credits"}`), false, modelslab.ErrCredits},
		{"forbidden", jsonResponse(403, `{"status":"error","message":"no"}`), false, modelslab.ErrForbidden},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var n atomic.Int64
				client := stubClient(t, answers(&n, tt.answer))
				job, err := client.Wait(t.Context(), videoRef)
				require.Equal(t, int64(1), n.Load())
				if tt.job {
					var failed *modelslab.JobError
					require.ErrorAs(t, err, &failed)
					require.Equal(t, videoRef, job.Ref)
					return
				}
				var wait *modelslab.WaitError
				require.ErrorAs(t, err, &wait)
				require.ErrorIs(t, err, tt.is)
				require.Equal(t, videoRef, wait.Ref)
			})
		})
	}
}

func TestWaitDeadlines(t *testing.T) {
	t.Parallel()
	never := func(n *int) roundTripper {
		return func(*http.Request) (*http.Response, error) {
			*n++
			return jsonResponse(200, tryAgain), nil
		}
	}
	t.Run("one look remains before a deadline shorter than the first pause", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			n := 0
			client := stubClient(t, never(&n))
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
			defer cancel()
			start := time.Now()
			job := &modelslab.Job{Ref: videoRef, ETA: 10 * time.Minute}
			_, err := client.Wait(ctx, job)
			var wait *modelslab.WaitError
			require.ErrorAs(t, err, &wait)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			require.Equal(t, 3*time.Second, time.Since(start))
			require.Equal(t, 1, n)
			require.NotNil(t, wait.Job)
		})
	})
	t.Run("the last look finds a job that ended just in time", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			client := stubClient(t, func(*http.Request) (*http.Response, error) {
				if time.Since(start) < 55*time.Second {
					return jsonResponse(200, tryAgain), nil
				}
				return jsonResponse(200, done), nil
			})
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			_, err := client.Wait(ctx, &modelslab.Job{Ref: videoRef, ETA: 100 * time.Second})
			require.NoError(t, err)
		})
	})
	t.Run("without a deadline after 30 minutes or 12 ETAs", func(t *testing.T) {
		t.Parallel()
		for _, tt := range []struct {
			job  *modelslab.Job
			want time.Duration
		}{
			{&modelslab.Job{Ref: videoRef}, 30 * time.Minute},
			{&modelslab.Job{Ref: videoRef, ETA: 10 * time.Minute}, 2 * time.Hour},
			{&modelslab.Job{Ref: modelslab.Ref{Kind: modelslab.KindTraining, ID: "x"}}, 24 * time.Hour},
		} {
			synctest.Test(t, func(t *testing.T) {
				n := 0
				client := stubClient(t, never(&n))
				start := time.Now()
				_, err := client.Wait(t.Context(), tt.job)
				require.ErrorIs(t, err, context.DeadlineExceeded)
				require.Equal(t, tt.want, time.Since(start))
				require.Less(t, n, 400)
			})
		}
	})
	t.Run("cancelling never returns nil", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			n := 0
			client := stubClient(t, never(&n))
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(7*time.Second, cancel)
			job, err := client.Wait(ctx, videoRef)
			var wait *modelslab.WaitError
			require.ErrorAs(t, err, &wait)
			require.ErrorIs(t, err, context.Canceled)
			require.Equal(t, modelslab.StatusProcessing, job.Status)
		})
	})
	t.Run("cancelling in the middle of a fetch", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			client := stubClient(t, func(r *http.Request) (*http.Response, error) {
				cancel()
				<-r.Context().Done()
				return nil, r.Context().Err()
			})
			_, err := client.Wait(ctx, videoRef)
			var wait *modelslab.WaitError
			require.ErrorAs(t, err, &wait)
			require.ErrorIs(t, err, context.Canceled)
		})
	})
	t.Run("already cancelled", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		client := stubClient(t, func(*http.Request) (*http.Response, error) { return nil, ctx.Err() })
		_, err := client.Wait(ctx, videoRef)
		require.ErrorIs(t, err, context.Canceled)
		finished := &modelslab.Job{Ref: videoRef, Status: modelslab.StatusSuccess, Output: []string{"https://example.com/a"}}
		job, err := client.Wait(ctx, finished)
		require.NoError(t, err, "a job that is done needs no wait")
		require.Same(t, finished, job)
	})
}

func TestWaitWithOddETAs(t *testing.T) {
	t.Parallel()
	for _, eta := range []string{"-1", "0", "1e9", `"NaN"`, "null", `"12"`, "0.25", "20.9379869184"} {
		t.Run(eta, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				client := stubClient(t, func(r *http.Request) (*http.Response, error) {
					if r.URL.Path == "/api/v6/video/text2video" {
						return jsonResponse(200, `{"status":"processing","id":7,"eta":`+eta+`}`), nil
					}
					if time.Since(start) < 8*time.Second {
						return jsonResponse(200, tryAgain), nil
					}
					return jsonResponse(200, done), nil
				})
				_, err := client.Run(t.Context(), textToVideo())
				require.NoError(t, err)
				require.Less(t, time.Since(start), 15*time.Second)
			})
		})
	}
}

func TestPollEvery(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var at []time.Duration
		client := stubClient(t, func(*http.Request) (*http.Response, error) {
			at = append(at, time.Since(start).Round(time.Second))
			if len(at) == 5 {
				return jsonResponse(200, done), nil
			}
			return jsonResponse(200, tryAgain), nil
		})
		_, err := client.Wait(t.Context(), &modelslab.Job{Ref: videoRef, ETA: time.Hour}, modelslab.PollEvery(4*time.Second, 6*time.Second))
		require.NoError(t, err)
		require.InDeltaSlice(t, []float64{4, 10, 16, 22, 28}, seconds(at), 1.5)
	})
	client := stubClient(t, nil)
	for _, tt := range [][2]time.Duration{{0, time.Second}, {-1, 1}, {2, 1}} {
		_, err := client.Wait(t.Context(), videoRef, modelslab.PollEvery(tt[0], tt[1]))
		require.ErrorContains(t, err, "PollEvery")
	}
}

func seconds(list []time.Duration) []float64 {
	out := make([]float64, len(list))
	for i, d := range list {
		out[i] = d.Seconds()
	}
	return out
}
