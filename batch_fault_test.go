package modelslab_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/modelslabtest"
)

// between is a script that spoils what comes within a time.
func between(from, to time.Duration, fault func(r *modelslabtest.Request) *modelslabtest.Fault) func(*modelslabtest.Request) *modelslabtest.Fault {
	start := time.Now()
	return func(r *modelslabtest.Request) *modelslabtest.Fault {
		if since := time.Since(start); since < from || since >= to {
			return nil
		}
		return fault(r)
	}
}

func TestRunAllThroughFaults(t *testing.T) {
	t.Parallel()
	storm := 0
	for _, tt := range []struct {
		name  string
		fault func(r *modelslabtest.Request) *modelslabtest.Fault
		sent  int // how many submits may have been sent and refused
		took  time.Duration
	}{
		{"a storm of refusals", func(r *modelslabtest.Request) *modelslabtest.Fault {
			if storm++; r.Call != modelslabtest.Submit || storm%3 == 0 {
				return nil
			}
			return &modelslabtest.Fault{Status: 429, Body: `{"status":"error","message":"Rate limit exceeded.","retry_after":5}`}
		}, 60, 8 * time.Minute},
		{"refusals without an advice", func(r *modelslabtest.Request) *modelslabtest.Fault {
			if r.Call != modelslabtest.Submit {
				return nil
			}
			return &modelslabtest.Fault{Body: `{"status":"error","message":"Too many requests"}`}
		}, 10, 8 * time.Minute},
		{"the network is gone", func(*modelslabtest.Request) *modelslabtest.Fault {
			return &modelslabtest.Fault{NoConnection: true}
		}, 100, 8 * time.Minute},
		{"the server restarts", func(r *modelslabtest.Request) *modelslabtest.Fault {
			if r.Call == modelslabtest.Submit {
				return &modelslabtest.Fault{NoConnection: true}
			}
			return &modelslabtest.Fault{Status: 503, Body: "<html>restarting</html>"}
		}, 100, 8 * time.Minute},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				srv := modelslabtest.NewServer(modelslabtest.WithStrict(), modelslabtest.WithLatencyFunc(uneven))
				defer srv.Close()
				srv.Script(between(30*time.Second, 90*time.Second, tt.fault))
				start := time.Now()
				all := collect(t, srv.Client().RunAll(t.Context(), prompts(200)))
				require.Less(t, time.Since(start), tt.took)
				require.Len(t, all, 200)
				attempts := 0
				for i, o := range all {
					require.NoError(t, o.Err, i)
					require.Equal(t, 1, srv.Accepted(o.TrackID))
					attempts += o.Attempts
				}
				require.Equal(t, 200, srv.Stats().Submits)
				require.LessOrEqual(t, attempts-200, tt.sent)
			})
		})
	}
}

// TestRunAllAfterAReset loses the answers of submits that were queued: they
// are told as unknown, and not sent again.
func TestRunAllAfterAReset(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := modelslabtest.NewServer(modelslabtest.WithStrict(), modelslabtest.WithLatencyFunc(uneven))
		defer srv.Close()
		srv.Script(between(30*time.Second, 40*time.Second, func(r *modelslabtest.Request) *modelslabtest.Fault {
			if r.Call != modelslabtest.Submit {
				return nil
			}
			return &modelslabtest.Fault{Reset: true, Accept: true}
		}))
		all := collect(t, srv.Client().RunAll(t.Context(), prompts(100)))
		require.Len(t, all, 100)
		unknown := 0
		for _, o := range all {
			require.Equal(t, 1, srv.Accepted(o.TrackID))
			if o.Err == nil {
				continue
			}
			unknown++
			var lost *modelslab.SubmitError
			require.ErrorAs(t, o.Err, &lost)
			require.Equal(t, o.TrackID, lost.TrackID)
		}
		require.Positive(t, unknown)
		require.Zero(t, srv.Stats().Refused, "the jobs that may run keep their slots")
	})
}

// TestRunAllGivesUpOnARequestThatIsRefusedForEver waits half an hour for it.
func TestRunAllGivesUpOnARequestThatIsRefusedForEver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv := modelslabtest.NewServer(modelslabtest.WithStrict())
		defer srv.Close()
		srv.Script(func(r *modelslabtest.Request) *modelslabtest.Fault {
			if r.TrackID == "track-1" {
				return &modelslabtest.Fault{Status: 429, Body: `{"status":"error","message":"Rate limit exceeded.","retry_after":60}`}
			}
			return nil
		})
		start := time.Now()
		all := collect(t, srv.Client().RunAll(t.Context(), prompts(3)))
		require.ErrorIs(t, all[1].Err, modelslab.ErrRateLimited)
		require.NoError(t, all[0].Err)
		require.NoError(t, all[2].Err)
		require.InDelta(t, 30*time.Minute, time.Since(start), float64(2*time.Minute))
	})
}

func TestRunAllUploadsWhatRequestsShareOnce(t *testing.T) {
	t.Parallel()
	small, large := bytes.Repeat([]byte("s"), 4<<20), bytes.Repeat([]byte("l"), 6<<20)
	for _, tt := range []struct {
		name     string
		file     []byte
		requests int
		uploads  int
		inline   bool
	}{
		{"small", small, 6, 1, false},
		{"large", large, 1, 0, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				srv := modelslabtest.NewServer(modelslabtest.WithStrict())
				defer srv.Close()
				requests := func(yield func(modelslab.Request) bool) {
					for i := range tt.requests {
						if !yield(&modelslab.ImageToImageRequest{
							ModelID: "flux", Prompt: fmt.Sprint("variation ", i), InitImage: modelslab.MediaBytes(tt.file),
						}) {
							return
						}
					}
				}
				for _, o := range srv.Client().RunAll(t.Context(), requests) {
					require.NoError(t, o.Err)
				}
				uploads := 0
				for _, r := range srv.Requests() {
					switch {
					case r.Path == "/v6/base64_to_url":
						uploads++
					case r.Call == modelslabtest.Submit:
						var sent struct {
							InitImage string `json:"init_image"`
						}
						require.NoError(t, json.Unmarshal(r.Body, &sent))
						require.Equal(t, tt.inline, len(sent.InitImage) > len(tt.file), "%.60s", sent.InitImage)
					}
				}
				require.Equal(t, tt.uploads, uploads)
			})
		})
	}
}

// TestRunAllOverConnections does all of it over a listener, with the default
// transport and in real time.
func TestRunAllOverConnections(t *testing.T) {
	t.Parallel()
	srv := modelslabtest.NewServer(modelslabtest.WithStrict(), modelslabtest.WithLatency(20*time.Millisecond))
	defer srv.Close()
	client, err := modelslab.New("test-key", modelslab.WithBaseURL(srv.URL()), modelslab.WithQueueLimit(5),
		modelslab.WithHTTPClient(&http.Client{Transport: http.DefaultTransport.(*http.Transport).Clone()}))
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	n := 0
	for _, o := range client.SaveAll(ctx, client.RunAll(ctx, prompts(40)), t.TempDir()) {
		require.NoError(t, o.Err)
		require.Len(t, o.Files, 1)
		n++
	}
	require.Equal(t, 40, n)
	require.Zero(t, srv.Stats().Refused)
	require.LessOrEqual(t, srv.Stats().MaxOpen, 5)
}
