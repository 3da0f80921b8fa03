package modelslab_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
)

func textToVideo() *modelslab.TextToVideoRequest {
	return &modelslab.TextToVideoRequest{ModelID: "cogvideox", Prompt: "a ship", TrackID: "video_001"}
}

// answers replies to one call after another, the last answer for good.
func answers(n *atomic.Int64, list ...*http.Response) roundTripper {
	bodies := make([]string, len(list))
	for i, r := range list {
		b, _ := io.ReadAll(r.Body)
		bodies[i] = string(b)
	}
	return func(*http.Request) (*http.Response, error) {
		i := min(int(n.Add(1)), len(list)) - 1
		r := *list[i]
		r.Body = io.NopCloser(strings.NewReader(bodies[i]))
		return &r, nil
	}
}

const processing = `{"status":"processing","id":7,"eta":5}`

func TestSubmitRefusals(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		status int
		body   string
		is     error
		text   string
	}{
		{"wrong key", 401, `{"status":"error","message":"Invalid API key"}`, modelslab.ErrAuth, "Invalid API key (HTTP 401)"},
		{"wrong key with HTTP 200", 200, `{"status":"error","messege":"Invalid Api Key","tips":"x"}`, modelslab.ErrAuth, "Invalid Api Key"},
		{"no credits", 402, `{"status":"error","message":"Insufficient credits."}`, modelslab.ErrCredits, "Insufficient credits"},
		{"monthly limit with HTTP 200", 200, `{"status":"error","message":"Your monthly limit exceeded, upgrade subscription now"}`, modelslab.ErrCredits, "monthly limit"},
		{"plan", 403, `{"status":"error","message":"This feature requires a premium subscription"}`, modelslab.ErrForbidden, "premium"},
		{"unknown path", 404, `<html>no</html>`, modelslab.ErrNotFound, "Not Found (HTTP 404)"},
		{"validation message as an object", 200, `{"status":"error","message":{"prompt":["The prompt field is required."]}}`, modelslab.ErrInvalid, "prompt"},
		{"validation with HTTP 400", 400, `{"status":"error","message":"height must be divisible by 8"}`, modelslab.ErrInvalid, "divisible"},
		{"workflow parameters", 422, `{"status":"error","message":"missing parameters"}`, modelslab.ErrInvalid, "missing parameters"},
		{"failed without an id", 200, `{"status":"failed","id":"","message":"Failed, Try Again"}`, modelslab.ErrInvalid, "Failed, Try Again"},
		{"redirect", 302, ``, modelslab.ErrUnavailable, "base URL"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var n atomic.Int64
			client := stubClient(t, answers(&n, jsonResponse(tt.status, tt.body)))
			job, err := client.Video.TextToVideo(t.Context(), textToVideo())
			require.Nil(t, job)
			var e *modelslab.Error
			require.ErrorAs(t, err, &e)
			require.ErrorIs(t, err, tt.is)
			require.Contains(t, err.Error(), tt.text)
			require.Contains(t, err.Error(), "POST /v6/video/text2video")
			require.Equal(t, int64(1), n.Load(), "a refusal is final")
			var unknown *modelslab.SubmitError
			require.NotErrorAs(t, err, &unknown, "nothing runs")
		})
	}
}

func TestSubmitNamesTheFieldOfAValidationMessage(t *testing.T) {
	t.Parallel()
	var n atomic.Int64
	client := stubClient(t, answers(&n, jsonResponse(200, `{"status":"error","message":{"prompt":["The prompt field is required."]}}`)))
	_, err := client.Submit(t.Context(), textToVideo())
	var e *modelslab.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, "prompt", e.Field)
	require.Equal(t, 200, e.HTTPStatus)
}

func TestSubmitWaitsOutARateLimit(t *testing.T) {
	t.Parallel()
	limited := func(status int, body string, header ...string) *http.Response {
		r := jsonResponse(status, body)
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		return r
	}
	for _, tt := range []struct {
		name   string
		answer *http.Response
		least  time.Duration
		most   time.Duration
	}{
		{"retry_after as an int", limited(429, `{"status":"error","message":"Rate limit exceeded.","retry_after":12}`), 12 * time.Second, 12 * time.Second},
		{"as a float", limited(429, `{"status":"error","message":"Rate limit exceeded.","retry_after":2.5}`), 2500 * time.Millisecond, 2500 * time.Millisecond},
		{"as a string", limited(429, `{"status":"error","message":"Rate limit exceeded.","retry_after":"3"}`), 3 * time.Second, 3 * time.Second},
		{"in a header", limited(429, `{"status":"error","message":"Rate limit exceeded."}`, "Retry-After", "4"), 4 * time.Second, 4 * time.Second},
		{"the body before the header", limited(429, `{"status":"error","message":"slow down","retry_after":5}`, "Retry-After", "40"), 5 * time.Second, 5 * time.Second},
		{"HTML", limited(429, `<html>`, "Content-Type", "text/html", "Retry-After", "6"), 6 * time.Second, 6 * time.Second},
		{"HTTP 200 and text only", limited(200, `{"status":"error","message":"Rate limit exceeded. Maximum 5 queued requests allowed."}`), 30 * time.Second, 30 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var n atomic.Int64
				client := stubClient(t, answers(&n, tt.answer, jsonResponse(200, processing)))
				start := time.Now()
				job, err := client.Submit(t.Context(), textToVideo())
				require.NoError(t, err)
				require.Equal(t, modelslab.Ref{Kind: modelslab.KindVideo, ID: "7"}, job.Ref)
				require.Equal(t, int64(2), n.Load())
				require.GreaterOrEqual(t, time.Since(start), tt.least)
				require.LessOrEqual(t, time.Since(start), tt.most)
			})
		})
	}
}

func TestSubmitGivesUpOnARateLimit(t *testing.T) {
	t.Parallel()
	refuse := jsonResponse(429, `{"status":"error","message":"Rate limit exceeded.","retry_after":30}`)

	t.Run("after the last retry", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			var n atomic.Int64
			client := stubClient(t, answers(&n, refuse), modelslab.WithSubmitRetries(2))
			_, err := client.Submit(t.Context(), textToVideo())
			require.ErrorIs(t, err, modelslab.ErrRateLimited)
			var e *modelslab.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, 30*time.Second, e.RetryAfter)
			require.Equal(t, int64(3), n.Load())
		})
	})
	t.Run("at once when the deadline comes first", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			var n atomic.Int64
			client := stubClient(t, answers(&n, jsonResponse(429, `{"status":"error","message":"Rate limit exceeded.","retry_after":30}`)))
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			start := time.Now()
			_, err := client.Submit(ctx, textToVideo())
			require.ErrorIs(t, err, modelslab.ErrRateLimited)
			require.Zero(t, time.Since(start))
			require.Equal(t, int64(1), n.Load())
		})
	})
	t.Run("the spam filter is not waited out", func(t *testing.T) {
		t.Parallel()
		var n atomic.Int64
		client := stubClient(t, answers(&n, jsonResponse(200, `{"status":"error","messege":"you are sending same request multiple times, spam filter is enabled, please wait for 30 seconds and try again"}`)))
		_, err := client.Submit(t.Context(), textToVideo())
		require.ErrorIs(t, err, modelslab.ErrRateLimited)
		require.Equal(t, int64(1), n.Load(), "an equal request may be the lost first one: repeating it may bill twice")
	})
}

// faultyServer misbehaves on the first request and counts them all.
func faultyServer(t *testing.T, first http.HandlerFunc) (*modelslab.Client, *atomic.Int64) {
	t.Helper()
	var n atomic.Int64
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n.Add(1) == 1 {
			first(w, r)
			return
		}
		_, _ = io.WriteString(w, processing)
	}))
	t.Cleanup(srv.Close)
	client, err := modelslab.New(testKey, modelslab.WithBaseURL(srv.URL+"/api"), modelslab.WithHTTPClient(srv.Client()))
	require.NoError(t, err)
	return client, &n
}

func hangUp(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err == nil {
		_ = conn.(*net.TCPConn).SetLinger(0)
		_ = conn.Close()
	}
}

func TestSubmitWithAnUnknownOutcomeIsSentOnce(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		first http.HandlerFunc
	}{
		{"500", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(500)
			_, _ = io.WriteString(w, `{"status":"error","message":"Internal server error. Please try again."}`)
		}},
		{"503 as HTML", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(503)
			_, _ = io.WriteString(w, `<html>busy</html>`)
		}},
		{"reset before the body is read", func(w http.ResponseWriter, _ *http.Request) { hangUp(w) }},
		{"reset after the body is read", func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			hangUp(w)
		}},
		{"truncated JSON", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"status":"proc`) }},
		{"HTML with HTTP 200", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `<html>hello</html>`) }},
		{"JSON about something else", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"hello":"world"}`) }},
		{"nothing", func(http.ResponseWriter, *http.Request) {}},
		{"broken off", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = io.WriteString(w, `{"status":"processing",`)
		}},
		{"300 MB", func(w http.ResponseWriter, r *http.Request) {
			chunk := []byte(strings.Repeat(" ", 1<<20))
			for range 300 {
				if _, err := w.Write(chunk); err != nil || r.Context().Err() != nil {
					return
				}
			}
		}},
		{"request timeout", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(408) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			client, n := faultyServer(t, tt.first)
			_, err := client.Submit(t.Context(), textToVideo())
			var unknown *modelslab.SubmitError
			require.ErrorAs(t, err, &unknown)
			require.Equal(t, "video_001", unknown.TrackID)
			require.ErrorIs(t, err, modelslab.ErrUnavailable)
			require.Equal(t, int64(1), n.Load(), "the submit was sent again")
		})
	}
}

func TestSubmitTimeoutIsAnUnknownOutcome(t *testing.T) {
	t.Parallel()
	arrived := make(chan struct{})
	client, n := faultyServer(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		close(arrived)
		<-r.Context().Done()
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-arrived
		cancel()
	}()
	_, err := client.Submit(ctx, textToVideo())
	var unknown *modelslab.SubmitError
	require.ErrorAs(t, err, &unknown)
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, int64(1), n.Load())
}

func TestSubmitRetriesWhenNothingLeft(t *testing.T) {
	t.Parallel()
	dial := &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
	for _, tt := range []struct {
		name string
		err  error
		sent int64
	}{
		{"no connection was made", dial, 4},
		{"no such host", &net.DNSError{Err: "no such host", Name: "modelslab.com", IsNotFound: true}, 4},
		{"a custom transport that says nothing proves nothing", errors.New("broken"), 1},
		{"a connection that broke", &net.OpError{Op: "write", Net: "tcp", Err: errors.New("broken pipe")}, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var n atomic.Int64
				client := stubClient(t, func(*http.Request) (*http.Response, error) {
					n.Add(1)
					return nil, tt.err
				})
				_, err := client.Submit(t.Context(), textToVideo())
				require.ErrorIs(t, err, modelslab.ErrUnavailable)
				require.Equal(t, tt.sent, n.Load())
				var unknown *modelslab.SubmitError
				require.Equal(t, tt.sent == 1, errors.As(err, &unknown))
			})
		})
	}
}

func TestSubmitToAClosedPortIsRetriedAndRefused(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	base := "http://" + l.Addr().String() + "/api"
	require.NoError(t, l.Close())
	client, err := modelslab.New(testKey, modelslab.WithBaseURL(base), modelslab.WithSubmitRetries(0))
	require.NoError(t, err)
	_, err = client.Submit(t.Context(), textToVideo())
	var e *modelslab.Error
	require.ErrorAs(t, err, &e)
	var unknown *modelslab.SubmitError
	require.NotErrorAs(t, err, &unknown, "nothing was sent")
}

func TestSubmitChecksBeforeSending(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		req   modelslab.Request
		opts  []modelslab.CallOption
		field string
	}{
		{"a required string", &modelslab.TextToVideoRequest{ModelID: "cogvideox"}, nil, "prompt"},
		{"a required file", &modelslab.ImageToVideoRequest{ModelID: "svd"}, nil, "init_image"},
		{"a file that is not there", &modelslab.ImageToVideoUltraRequest{ModelID: "m", Prompt: "p", InitImage: modelslab.MediaFile("testdata/none.png")}, nil, "init_image"},
		{"a nil request", (*modelslab.TextToVideoRequest)(nil), nil, ""},
		{"no request", nil, nil, ""},
		{"a struct around a request", struct{ *modelslab.TextToVideoRequest }{textToVideo()}, nil, ""},
		{"a nil raw request", (*modelslab.RawRequest)(nil), nil, ""},
		{"a relative webhook", &modelslab.TextToVideoRequest{ModelID: "m", Prompt: "p", Webhook: "/hook"}, nil, "webhook"},
		{"a plain webhook", &modelslab.TextToVideoRequest{ModelID: "m", Prompt: "p", Webhook: "http://example.com/hook"}, nil, "webhook"},
		{"a loopback webhook without the option", &modelslab.TextToVideoRequest{ModelID: "m", Prompt: "p", Webhook: "http://127.0.0.1:8080/hook"}, nil, "webhook"},
		{"an unknown enterprise server", textToVideo(), []modelslab.CallOption{modelslab.Server("nowhere")}, ""},
		{"a raw body that is no object", modelslab.RawRequest{Path: "/v6/x", Body: json.RawMessage(`[1]`)}, nil, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			client := stubClient(t, func(*http.Request) (*http.Response, error) {
				return nil, errors.New("something was sent")
			})
			_, err := client.Submit(t.Context(), tt.req, tt.opts...)
			var e *modelslab.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, tt.field, e.Field)
			require.Zero(t, e.HTTPStatus)
			require.NotContains(t, err.Error(), "something was sent")
		})
	}
}

func TestSubmitDoneAtOnce(t *testing.T) {
	t.Parallel()
	var n atomic.Int64
	client := stubClient(t, answers(&n, jsonResponse(200, `{"status":"success","generationTime":3,"output":["https://example.com/a.png"]}`)))
	var seen []modelslab.Status
	job, err := client.Run(t.Context(), textToVideo(), modelslab.OnUpdate(func(j *modelslab.Job) { seen = append(seen, j.Status) }))
	require.NoError(t, err)
	require.Equal(t, []string{"https://example.com/a.png"}, job.Output)
	require.Equal(t, "video_001", job.TrackID)
	require.Equal(t, []modelslab.Status{modelslab.StatusSuccess}, seen)
	require.Equal(t, int64(1), n.Load(), "a job that is done needs no fetch, even without an id")
}

func TestSubmitAcceptedAndFailed(t *testing.T) {
	t.Parallel()
	var n atomic.Int64
	client := stubClient(t, answers(&n, jsonResponse(200, `{"status":"failed","id":9,"message":"Failed, Try Again"}`)))
	job, err := client.Run(t.Context(), textToVideo())
	var failed *modelslab.JobError
	require.ErrorAs(t, err, &failed)
	require.Equal(t, "9", job.Ref.ID)
	require.Same(t, job, failed.Job)
	require.Contains(t, err.Error(), "video/9 failed: Failed, Try Again")
	require.Equal(t, int64(1), n.Load())
}

func TestWithExtra(t *testing.T) {
	t.Parallel()
	var body []byte
	client := stubClient(t, func(r *http.Request) (*http.Response, error) {
		body, _ = io.ReadAll(r.Body)
		return jsonResponse(200, processing), nil
	})
	_, err := client.Submit(t.Context(), textToVideo(),
		modelslab.WithExtra("new\"field", 3), modelslab.WithExtra("prompt", []string{"replaced"}))
	require.NoError(t, err)
	require.JSONEq(t, `{"key":"`+testKey+`","model_id":"cogvideox","track_id":"video_001","new\"field":3,"prompt":["replaced"]}`, string(body))
	require.Equal(t, 1, strings.Count(string(body), `"prompt"`))

	for _, name := range []string{"", "key", "webhook", "track_id"} {
		_, err := client.Submit(t.Context(), textToVideo(), modelslab.WithExtra(name, 1))
		require.ErrorContains(t, err, "WithExtra", "%q", name)
	}
	_, err = client.Submit(t.Context(), textToVideo(), modelslab.WithExtra("f", func() {}))
	require.Error(t, err)
}

// TestTheKeyNeverLeaks looks for the key and for a callback token in everything
// a program could print.
func TestTheKeyNeverLeaks(t *testing.T) {
	t.Parallel()
	secret := []byte("0123456789abcdef0123456789abcdef")
	var log strings.Builder
	var token string
	client := stubClient(t, func(r *http.Request) (*http.Response, error) {
		body, _ := io.ReadAll(r.Body)
		if _, after, ok := strings.Cut(string(body), "sig="); ok {
			token = after[:52]
		}
		return jsonResponse(400, fmt.Sprintf(`{"status":"error","message":"wrong: %s at https://example.com/h?sig=%s"}`, testKey, token)), nil
	}, modelslab.WithLogger(newTextLogger(&log)), modelslab.WithWebhook("https://example.com/hook", secret))
	req := textToVideo()
	_, err := client.Submit(t.Context(), req)
	require.Error(t, err)
	require.Len(t, token, 52)
	text, jerr := json.Marshal(client)
	require.NoError(t, jerr)
	errText, jerr := json.Marshal(err)
	require.NoError(t, jerr)
	for _, s := range []string{
		log.String(), err.Error(), fmt.Sprintf("%+v", err), fmt.Sprintf("%#v", err), string(errText),
		fmt.Sprint(client), fmt.Sprintf("%+v", client), fmt.Sprintf("%#v", client), string(text),
	} {
		require.NotContains(t, s, testKey)
		require.NotContains(t, s, token)
		require.NotContains(t, s, string(secret))
		require.NotContains(t, s, fmt.Sprint(secret))
	}
	require.NotEmpty(t, log.String())
}

func TestTheKeyDoesNotFollowARedirect(t *testing.T) {
	t.Parallel()
	var stolen atomic.Int64
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { stolen.Add(1) }))
	defer other.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		client, n := faultyServer(t, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, other.URL+"/api/steal", status)
		})
		_, err := client.Submit(t.Context(), textToVideo())
		require.ErrorContains(t, err, "redirects", "%d", status)
		require.Equal(t, int64(1), n.Load())
	}
	require.Zero(t, stolen.Load())
}
