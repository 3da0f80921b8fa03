package modelslab_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
)

// scripted answers calls with each body in turn, the last one again and again.
// A body may begin with a status and a colon.
func scripted(n *atomic.Int64, bodies ...string) roundTripper {
	return func(*http.Request) (*http.Response, error) {
		body := bodies[min(int(n.Add(1)), len(bodies))-1]
		status := http.StatusOK
		if code, rest, ok := strings.Cut(body, ":"); ok && len(code) == 3 {
			_, _ = fmt.Sscan(code, &status)
			body = rest
		}
		return jsonResponse(status, body), nil
	}
}

const finished = `{"status":"success","id":12,"output":["https://cdn.example.com/a.png"]}`

func TestWaitTellsAnOutageFromAFailure(t *testing.T) {
	t.Parallel()
	video := modelslab.Ref{Kind: modelslab.KindVideo, ID: "12"}
	for name, tt := range map[string]struct {
		answers []string
		err     any // nil for a success
		least   time.Duration
		most    time.Duration
	}{
		"an outage, then the result":  {[]string{`{"status":"error","message":"Server is busy, please retry"}`, finished}, nil, 0, time.Minute},
		"nothing, then the result":    {[]string{`{"status":"error","message":""}`, finished}, nil, 0, time.Minute},
		"odd words, then the result":  {[]string{`{"status":"error","message":"Something went wrong"}`, finished}, nil, 0, time.Minute},
		"an outage that never ends":   {[]string{`{"status":"error","message":"Gateway Time-out"}`}, new(*modelslab.WaitError), 30 * time.Minute, 30 * time.Minute},
		"the same odd words again":    {[]string{`{"status":"error","message":"Something went wrong"}`}, new(*modelslab.JobError), 20 * time.Second, 10 * time.Minute},
		"a failure that says so":      {[]string{`{"status":"error","message":"Processing failed: no face"}`}, new(*modelslab.JobError), 0, 10 * time.Second},
		"a failure with an id":        {[]string{`{"status":"error","id":12,"message":"no face"}`}, new(*modelslab.JobError), 0, 10 * time.Second},
		"no such job":                 {[]string{`{"status":"failed","id":"","message":"Request not found"}`}, new(*modelslab.WaitError), 0, 10 * time.Second},
		"a page of a proxy":           {[]string{`403:<html>Just a moment</html>`, `404:<html>`, finished}, nil, 0, time.Minute},
		"nothing but pages":           {[]string{`403:<html>`}, new(*modelslab.WaitError), 40 * time.Second, 10 * time.Minute},
		"a status with space around":  {[]string{strings.Replace(finished, "success", " Success\\n", 1)}, nil, 0, time.Minute},
		"a RetryAfter of ten minutes": {[]string{`503:{"message":"later","retry_after":600}`, finished}, nil, 10 * time.Minute, 11 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var n atomic.Int64
				client := stubClient(t, scripted(&n, tt.answers...))
				start := time.Now()
				job, err := client.Wait(t.Context(), video)
				require.GreaterOrEqual(t, time.Since(start), tt.least)
				require.LessOrEqual(t, time.Since(start), tt.most)
				if tt.err == nil {
					require.NoError(t, err)
					require.Equal(t, modelslab.StatusSuccess, job.Status)
					return
				}
				require.ErrorAs(t, err, tt.err)
			})
		})
	}
}

func TestThreeEqualAnswersEndEveryLoop(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var n atomic.Int64
		client := stubClient(t, scripted(&n, `{"status":"error","message":"Something went wrong"}`))
		ref := modelslab.Ref{Kind: modelslab.KindVideo, ID: "12"}
		for range 2 {
			_, err := client.Fetch(t.Context(), ref, modelslab.Once())
			require.ErrorIs(t, err, modelslab.ErrUnavailable)
			<-time.NewTimer(10 * time.Second).C
		}
		job, err := client.Fetch(t.Context(), ref, modelslab.Once())
		require.NoError(t, err)
		require.Equal(t, modelslab.StatusFailed, job.Status)
		require.Equal(t, "Something went wrong", job.Message)
		require.Equal(t, ref, job.Ref)
		_, err = client.Fetch(t.Context(), modelslab.Ref{Kind: modelslab.KindVideo, ID: "13"}, modelslab.Once())
		require.ErrorIs(t, err, modelslab.ErrUnavailable, "another job")
	})
}

func TestWaitSaysWhenThereIsNoSuchJob(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var n atomic.Int64
		client := stubClient(t, scripted(&n, `{"status":"failed","id":"","message":"Request not found"}`))
		_, err := client.Wait(t.Context(), modelslab.Ref{Kind: modelslab.KindVideo, ID: "12"})
		require.ErrorIs(t, err, modelslab.ErrNotFound)
		require.ErrorContains(t, err, "no such job under this kind: video/12")
		require.NotContains(t, err.Error(), "may still run")
	})
}

func TestSubmitThatNamedAJobIsNeverRepeated(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{
		"a rate limit":           `{"status":"error","id":777,"message":"Too many requests at the provider, your request was queued","retry_after":0.1}`,
		"HTTP 429":               `429:{"status":"error","id":777,"message":"Rate limit exceeded","retry_after":0.1}`,
		"HTTP 503":               `503:{"status":"error","id":777,"message":"busy"}`,
		"an outage":              `{"status":"error","id":777,"message":"Server is busy"}`,
		"the filter":             `{"status":"error","id":777,"message":"spam filter"}`,
		"a fetch URL alone":      `429:{"status":"error","fetch_result":"https://modelslab.com/api/v6/video/fetch/777"}`,
		"half an answer":         `{"status":"processing","id":777,"eta":`,
		"half an answer of 502":  `502:{"status":"processing","id":777,"eta":`,
		"an unknown fetch URL":   `429:{"status":"error","fetch_result":"https://modelslab.com/api/v6/video/fetch/777","message":"limit"}`,
		"a page that shows it":   `{"id":777,"x":<html>`,
		"credits, and yet a job": `{"status":"error","id":777,"message":"Insufficient credits"}`,
	} {
		for _, limited := range []bool{false, true} {
			t.Run(fmt.Sprint(name, limited), func(t *testing.T) {
				t.Parallel()
				var n atomic.Int64
				var opts []modelslab.Option
				if limited {
					opts = append(opts, modelslab.WithQueueLimit(2))
				}
				client := stubClient(t, scripted(&n, body), opts...)
				var updates int
				job, err := client.Submit(t.Context(), textToVideo(), modelslab.OnUpdate(func(*modelslab.Job) { updates++ }))
				require.Equal(t, int64(1), n.Load())
				var unknown *modelslab.SubmitError
				require.ErrorAs(t, err, &unknown)
				require.Equal(t, modelslab.Ref{Kind: modelslab.KindVideo, ID: "777"}, unknown.Ref)
				require.Equal(t, unknown.Ref, job.Ref)
				require.False(t, job.Final(), "it can be waited for")
				require.Equal(t, 1, updates)
				require.ErrorContains(t, err, "job video/777 may run")
			})
		}
	}
}

func TestSubmitTakesTheAnswersOwnFetchURL(t *testing.T) {
	t.Parallel()
	var n atomic.Int64
	var paths []string
	client := stubClient(t, func(r *http.Request) (*http.Response, error) {
		paths = append(paths, r.URL.Host+r.URL.Path)
		return scripted(&n, `{"status":"processing","id":8,"fetch_result":"https:\/\/modelslab.com\/api\/v8\/new\/fetch\/7"}`, finished)(r)
	})
	job, err := client.Submit(t.Context(), textToVideo())
	require.NoError(t, err)
	require.Equal(t, modelslab.Ref{Kind: "/v8/new/fetch", ID: "7"}, job.Ref)
	ref, err := modelslab.ParseRef(job.Ref.String())
	require.NoError(t, err)
	require.Equal(t, job.Ref, ref)
	_, err = client.Fetch(t.Context(), ref)
	require.NoError(t, err)
	require.Equal(t, "modelslab.com/api/v8/new/fetch/7", paths[1])

	var read modelslab.Job
	require.NoError(t, read.UnmarshalJSON([]byte(`{"status":"processing","id":8,"fetch_result":"https://modelslab.com/api/v8/new/fetch/7"}`)))
	require.Equal(t, modelslab.Ref{ID: "8"}, read.Ref, "a body that anybody may have sent")
}

func TestPausesOfACallAreBounded(t *testing.T) {
	t.Parallel()
	reset := func(at int64) func(*http.Response) {
		return func(r *http.Response) { r.Header.Set("X-RateLimit-Reset", fmt.Sprint(at)) }
	}
	for name, tt := range map[string]struct {
		body  string
		alter func(*http.Response)
		waits time.Duration // until the last answer
		sent  int64
		asks  time.Duration
	}{
		"a week":                      {`429:{"message":"Rate limit","retry_after":604800}`, nil, 0, 1, 7 * 24 * time.Hour},
		"two minutes and a bit":       {`429:{"message":"Rate limit","retry_after":121}`, nil, 0, 1, 121 * time.Second},
		"a minute":                    {`429:{"message":"Rate limit","retry_after":60}`, nil, 2 * time.Minute, 3, time.Minute},
		"a reset in milliseconds":     {`429:{"message":"Rate limit"}`, reset(946684860000), 2 * time.Minute, 3, 0},
		"a reset in seconds":          {`429:{"message":"Rate limit"}`, reset(946684860), 2 * time.Minute, 3, 0},
		"nobody says":                 {`429:{"message":"Rate limit"}`, nil, 90 * time.Second, 4, 30 * time.Second},
		"an HTTP date of the far end": {`429:{"message":"Rate limit"}`, func(r *http.Response) { r.Header.Set("Retry-After", "Fri, 31 Dec 2100 23:59:59 GMT") }, 0, 1, 24 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var n atomic.Int64
				client := stubClient(t, func(r *http.Request) (*http.Response, error) {
					resp, err := scripted(&n, tt.body)(r)
					if tt.alter != nil && n.Load() == 1 {
						tt.alter(resp)
					} else if tt.alter != nil {
						resp.Header.Set("Retry-After", "60")
					}
					return resp, err
				})
				start := time.Now()
				_, err := client.Submit(t.Context(), textToVideo())
				var e *modelslab.Error
				require.ErrorAs(t, err, &e)
				require.ErrorIs(t, err, modelslab.ErrRateLimited)
				require.Equal(t, tt.waits, time.Since(start))
				require.Equal(t, tt.sent, n.Load())
				if tt.asks > 0 {
					require.Equal(t, tt.asks, e.RetryAfter)
				}
			})
		})
	}
}

func TestSubmitOfAContextThatEndedIsNotSent(t *testing.T) {
	t.Parallel()
	var n atomic.Int64
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, opts := range [][]modelslab.Option{nil, {modelslab.WithQueueLimit(1)}} {
		_, err := stubClient(t, scripted(&n, finished), opts...).Submit(ctx, textToVideo())
		var e *modelslab.Error
		require.ErrorAs(t, err, &e)
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorContains(t, err, "not sent")
		var unknown *modelslab.SubmitError
		require.NotErrorAs(t, err, &unknown)
	}
	require.Zero(t, n.Load())
}

//nolint:paralleltest // counts the allocations of the process
func TestAListingIsNotCopiedOften(t *testing.T) {
	one := `{"model_id":"flux","model_name":"a design","status":"model_ready","description":"` + strings.Repeat("x", 900) + `","screenshots":"https://a/b.png"},`
	bare := "[" + strings.TrimSuffix(strings.Repeat(one, 16<<20/len(one)), ",") + "]"
	for name, body := range map[string]string{"bare": bare, "in an envelope": `{"status":"success","data":` + bare + `}`} {
		for _, announced := range []bool{true, false} {
			client := stubClient(t, func(*http.Request) (*http.Response, error) {
				r := &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), ContentLength: -1}
				if announced {
					r.ContentLength = int64(len(body))
				}
				return r, nil
			})
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			models, err := client.Models.List(t.Context())
			runtime.ReadMemStats(&after)
			require.NoError(t, err)
			require.Len(t, models, 16<<20/len(one))
			times := float64(after.TotalAlloc-before.TotalAlloc) / float64(len(body))
			t.Logf("%s, announced %t: %.2f times its size", name, announced, times)
			limit := 4.5 // the body, its text, each model's Raw, and the models
			if !announced {
				limit += 2 // the body grows
			}
			if raceEnabled {
				limit += 2 // its allocations are larger
			}
			require.Less(t, times, limit, name)
		}
	}
}

// outages are words that never end a job, and failures those that may.
var (
	outages  = []string{"busy", "gateway", "time-out", "timeout", "timed out", "server error", "too many", "maintenance", "curl"}
	failures = []string{"failed", "error", "cancelled", "canceled"}
)

// FuzzAnswers drives answers through Submit and Wait.
func FuzzAnswers(f *testing.F) {
	text, err := os.ReadFile("internal/reply/testdata/answers.jsonl")
	require.NoError(f, err)
	for i, body := range bytes.Split(bytes.TrimSpace(text), []byte("\n")) {
		f.Add(body, []byte(finished), 200+(i%2)*229)
		f.Add([]byte(`{"status":"processing","id":12,"eta":3}`), body, 200)
	}
	f.Add([]byte(`{"status":"error","id":7,"message":"Rate limit exceeded","retry_after":1}`), []byte(`{"status":"error","message":"Server is busy"}`), 429)
	f.Fuzz(func(t *testing.T, submit, fetch []byte, status int) {
		if status < 200 || status > 599 {
			return
		}
		synctest.Test(t, func(t *testing.T) {
			var submits, fetches int
			client := stubClient(t, func(r *http.Request) (*http.Response, error) {
				if !strings.Contains(r.URL.Path, "fetch") && !strings.Contains(r.URL.Path, "fine_tune_status") && !strings.Contains(r.URL.Path, "/runs/") {
					submits++
					return jsonResponse(status, string(submit)), nil
				}
				fetches++
				return jsonResponse(http.StatusOK, string(fetch)), nil
			})
			start := time.Now()
			job, err := client.Submit(t.Context(), textToVideo())
			require.LessOrEqual(t, time.Since(start), 2*time.Minute, "a wait without bound")
			if job != nil {
				require.Equal(t, 1, submits, "a second submit after an answer that named a job")
			}
			requireReason(t, err, string(submit), 1)
			if job == nil || job.Ref.IsZero() {
				return
			}
			start = time.Now()
			_, err = client.Wait(t.Context(), job)
			require.LessOrEqual(t, time.Since(start), 8*24*time.Hour, "a wait without bound")
			require.Equal(t, 1, submits)
			requireReason(t, err, string(submit)+string(fetch), fetches)
		})
	})
}

// requireReason fails for a job that is called failed although no answer says so.
func requireReason(t *testing.T, err error, answers string, count int) {
	t.Helper()
	var failed *modelslab.JobError
	if !errors.As(err, &failed) {
		return
	}
	says := func(words []string) bool {
		for _, word := range words {
			if strings.Contains(strings.ToLower(answers), word) {
				return true
			}
		}
		return false
	}
	unescaped := strings.Contains(answers, `\u`) // a word may be spelled with escapes
	require.True(t, unescaped || says(failures), "a failure without a word that says so: %q", answers)
	if failed.Job.ID == "" && failed.Job.Message == "" {
		require.True(t, count >= 3 || unescaped || says([]string{"cancel", "failed"}), "a failure without a word: %q", answers)
	}
	for _, word := range outages {
		if failed.Job.ID == "" && strings.EqualFold(failed.Job.Message, word) {
			require.Fail(t, "an outage is called a failure", "%q", answers)
		}
	}
}
