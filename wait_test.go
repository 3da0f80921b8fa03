package modelslab_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/internal/retry"
	"github.com/modelslab-go/modelslab/modelslabtest"
	"github.com/modelslab-go/modelslab/webhook"
)

// waitAnswers is a RoundTripper whose answers to the fetches of a Wait are
// scripted; the last one stays.
type waitAnswers struct {
	fetches atomic.Int32
	script  []func(r *http.Request) (*http.Response, error)
}

func (a *waitAnswers) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		_, _ = io.Copy(io.Discard, r.Body)
	}
	n := min(int(a.fetches.Add(1)), len(a.script))
	return a.script[n-1](r)
}

func reply(status int, body string) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) {
		return &http.Response{
			StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}},
			Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)), Request: r,
		}, nil
	}
}

// hang answers nothing until the request is given up.
func hang(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

const (
	waitDone    = `{"status":"success","id":12,"output":["https://modelslab.com/a.png"]}`
	waitRunning = `{"status":"processing","id":12}`
	waitLimited = `{"status":"error","message":"Rate limit exceeded","retry_after":300}`
)

// TestEveryPollHasItsOwnLimit polls a job in vain; the next poll finds it done.
func TestEveryPollHasItsOwnLimit(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		first func(*http.Request) (*http.Response, error)
		took  time.Duration // about
	}{
		{"it hangs", hang, 32500 * time.Millisecond},
		{"its body stops", func(r *http.Request) (*http.Response, error) {
			body, _ := io.Pipe()
			return &http.Response{StatusCode: 200, Header: http.Header{}, Body: body, ContentLength: 100, Request: r}, nil
		}, 32500 * time.Millisecond},
		{"it breaks", func(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF }, 2500 * time.Millisecond},
		{"it is unavailable", reply(503, `{"status":"error","message":"down"}`), 2500 * time.Millisecond},
		{"it is limited", reply(429, waitLimited), 301 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				api := &waitAnswers{script: []func(*http.Request) (*http.Response, error){tt.first, reply(200, waitDone)}}
				client, err := modelslab.New("key", modelslab.WithHTTPClient(&http.Client{Transport: api}))
				require.NoError(t, err)
				start := time.Now()
				_, err = client.Wait(t.Context(), modelslab.Ref{Kind: modelslab.KindImages, ID: "12"}, modelslab.PollEvery(time.Second, time.Hour))
				require.NoError(t, err)
				require.Equal(t, int32(2), api.fetches.Load(), "the schedule of Wait alone repeats")
				require.InEpsilon(t, tt.took, time.Since(start), 0.06)
			})
		})
	}
}

// TestADeliveryEndsThePoll delivers the end of a job while a poll hangs, or
// while the API asks to wait.
func TestADeliveryEndsThePoll(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]func(*http.Request) (*http.Response, error){
		"hanging":     hang,
		"rate limits": reply(429, waitLimited),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				api := &waitAnswers{script: []func(*http.Request) (*http.Response, error){first}}
				client, err := modelslab.New("key", modelslab.WithHTTPClient(&http.Client{Transport: api}))
				require.NoError(t, err)
				ref := modelslab.Ref{Kind: modelslab.KindImages, ID: "12"}
				start := time.Now()
				go func() {
					if retry.Sleep(t.Context(), 5*time.Second) == nil {
						_ = client.Deliver(t.Context(), &modelslab.Job{Ref: ref, Status: modelslab.StatusProcessing})
					}
					if retry.Sleep(t.Context(), 5*time.Second) == nil {
						_ = client.Deliver(t.Context(), &modelslab.Job{Ref: ref, Status: modelslab.StatusSuccess, Output: []string{"https://a.example/a.png"}})
					}
				}()
				job, err := client.Wait(t.Context(), ref, modelslab.PollEvery(time.Second, time.Second))
				require.NoError(t, err)
				require.Equal(t, modelslab.StatusSuccess, job.Status)
				require.Equal(t, 10*time.Second, time.Since(start))
			})
		})
	}
}

// TestADeliveryInDoubtEndsThePollOnceItIsConfirmed delivers a result on a new
// host: the poll that hangs goes on until ModelsLab has confirmed it.
func TestADeliveryInDoubtEndsThePollOnceItIsConfirmed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		confirm := func(r *http.Request) (*http.Response, error) {
			if err := retry.Sleep(r.Context(), 3*time.Second); err != nil {
				return nil, err
			}
			return reply(200, `{"status":"success","id":12,"output":["https://new.example/true.png"]}`)(r)
		}
		api := &waitAnswers{script: []func(*http.Request) (*http.Response, error){
			reply(200, `{"status":"processing","id":12,"eta":4}`), hang, confirm,
		}}
		client, err := modelslab.New("key", modelslab.WithHTTPClient(&http.Client{Transport: api}),
			modelslab.WithWebhook("https://shop.example/webhook", secret))
		require.NoError(t, err)
		h, err := webhook.NewHandler(webhook.WithSecrets(secret), webhook.WithClient(client))
		require.NoError(t, err)
		job, err := client.Submit(t.Context(), &modelslab.TextToImageRequest{ModelID: "flux", Prompt: "a hat", TrackID: "a"})
		require.NoError(t, err)
		url, err := webhook.Sign("https://shop.example/webhook", secret, modelslab.KindImages, "a")
		require.NoError(t, err)
		start := time.Now()
		answered, polls := make(chan int, 1), int32(0)
		go func() {
			_ = retry.Sleep(t.Context(), 10*time.Second)
			polls = api.fetches.Load()
			answered <- deliverBody(t.Context(), h, url, `{"status":"success","id":12,"track_id":"a","output":["https://new.example/forged.png"]}`)
		}()
		job, err = client.Wait(t.Context(), job)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, <-answered)
		require.Equal(t, int32(2), polls, "the second one hung")
		require.Equal(t, []string{"https://new.example/true.png"}, job.Output)
		require.Equal(t, 13*time.Second, time.Since(start))
		require.Equal(t, int32(3), api.fetches.Load())
		require.NoError(t, h.Shutdown(t.Context()))
	})
}

// deliverBody posts a body to a handler and returns the status of its answer.
func deliverBody(ctx context.Context, h http.Handler, url, body string) int {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		return 0
	}
	w := &statusWriter{header: http.Header{}, status: http.StatusOK}
	h.ServeHTTP(w, r)
	return w.status
}

type statusWriter struct {
	header http.Header
	status int
}

func (w *statusWriter) Header() http.Header         { return w.header }
func (w *statusWriter) WriteHeader(status int)      { w.status = status }
func (w *statusWriter) Write(b []byte) (int, error) { return len(b), nil }

func TestAWaitThatIsAskedToWaitTooLong(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := &waitAnswers{script: []func(*http.Request) (*http.Response, error){
			reply(429, `{"status":"error","message":"Rate limit exceeded","retry_after":86400}`), reply(200, waitRunning),
		}}
		client, err := modelslab.New("key", modelslab.WithHTTPClient(&http.Client{Transport: api}))
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		start := time.Now()
		_, err = client.Wait(ctx, modelslab.Ref{Kind: modelslab.KindImages, ID: "12"})
		var stopped *modelslab.WaitError
		require.ErrorAs(t, err, &stopped)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, time.Minute, time.Since(start))
		require.Equal(t, int32(2), api.fetches.Load(), "the last poll is made all the same")
	})
}

// TestASubmitWhoseAnswerStops is of unknown outcome, and not sent again.
func TestASubmitWhoseAnswerStops(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := modelslabtest.NewServer()
		defer srv.Close()
		srv.Next(modelslabtest.Submit, modelslabtest.Fault{Accept: true, Stall: -1, StallAfter: 1})
		start := time.Now()
		_, err := srv.Client().Submit(t.Context(), prompt(0))
		var unknown *modelslab.SubmitError
		require.ErrorAs(t, err, &unknown)
		require.ErrorContains(t, err, "nothing came for 30s")
		require.Equal(t, 30*time.Second, time.Since(start))
		require.Equal(t, 1, srv.Stats().Submits)
	})
}
