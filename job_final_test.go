package modelslab_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/modelslabtest"
)

func TestFinal(t *testing.T) {
	t.Parallel()
	video := modelslab.Ref{Kind: modelslab.KindVideo, ID: "7"}
	training := modelslab.Ref{Kind: modelslab.KindTraining, ID: "F5jvdz"}
	result := []string{"https://example.com/a.mp4"}
	for _, tt := range []struct {
		name string
		job  modelslab.Job
		want bool
	}{
		{"nothing said", modelslab.Job{Ref: video}, false},
		{"processing", modelslab.Job{Ref: video, Status: modelslab.StatusProcessing}, false},
		{"processing, with links already", modelslab.Job{Ref: video, Status: modelslab.StatusProcessing, Output: result}, false},
		{"an unknown status", modelslab.Job{Ref: video, Status: "warming_up"}, false},
		{"failed", modelslab.Job{Ref: video, Status: modelslab.StatusFailed}, true},
		{"cancelled", modelslab.Job{Ref: video, Status: modelslab.StatusCancelled}, true},
		{"success with output", modelslab.Job{Ref: video, Status: modelslab.StatusSuccess, Output: result}, true},
		{"success with text", modelslab.Job{Ref: video, Status: modelslab.StatusSuccess, Text: "a cat"}, true},
		{"success without a result", modelslab.Job{Ref: video, Status: modelslab.StatusSuccess}, false},
		{"success with promised links alone", modelslab.Job{Ref: video, Status: modelslab.StatusSuccess, FutureLinks: result}, false},
		{"success that cannot be fetched", modelslab.Job{Status: modelslab.StatusSuccess}, true},
		{"a workflow run without output", modelslab.Job{
			Ref: modelslab.Ref{Kind: modelslab.KindWorkflow, ID: "5/77"}, Status: modelslab.StatusSuccess,
		}, true},
		{"a workflow run under way", modelslab.Job{
			Ref: modelslab.Ref{Kind: modelslab.KindWorkflow, ID: "5/77"}, Status: modelslab.StatusProcessing,
		}, false},
		{"a training with its model", modelslab.Job{
			Ref: training, Status: modelslab.StatusSuccess, Stage: modelslab.TrainingModelReady,
		}, true},
		{"a training's good report", modelslab.Job{Ref: training, Status: modelslab.StatusSuccess, Stage: "deploying_gpu"}, false},
		{"a training that failed", modelslab.Job{Ref: training, Status: modelslab.StatusFailed}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tt.want, tt.job.Final())
		})
	}
}

func TestNextLook(t *testing.T) {
	t.Parallel()
	job := &modelslab.Job{Ref: modelslab.Ref{Kind: modelslab.KindVideo, ID: "7"}, ETA: 100 * time.Second}
	var waited time.Duration
	looks, pause := 0, time.Duration(0)
	for ok := true; ok; looks++ {
		waited += pause
		if pause, ok = job.NextLook(waited); ok {
			require.Positive(t, pause)
		}
		switch looks {
		case 0:
			require.Equal(t, 50*time.Second, pause, "half the ETA")
		case 1:
			require.Equal(t, 6*time.Second, pause)
		}
	}
	require.GreaterOrEqual(t, waited, 30*time.Minute)
	require.Less(t, looks, 30)
	for _, tt := range []struct {
		name     string
		job      modelslab.Job
		patience time.Duration
	}{
		{"without an ETA", modelslab.Job{}, 30 * time.Minute},
		{"with a short one", modelslab.Job{ETA: time.Minute}, 30 * time.Minute},
		{"with a long one", modelslab.Job{ETA: 10 * time.Minute}, 2 * time.Hour},
		{"with an absurd one", modelslab.Job{ETA: 25 * time.Hour}, 30 * time.Minute},
		{"a training", modelslab.Job{Ref: modelslab.Ref{Kind: modelslab.KindTraining, ID: "a"}}, 24 * time.Hour},
	} {
		_, ok := tt.job.NextLook(tt.patience - 1)
		require.True(t, ok, tt.name)
		_, ok = tt.job.NextLook(tt.patience)
		require.False(t, ok, tt.name)
	}
}

func TestOnce(t *testing.T) {
	t.Parallel()
	busy := modelslabtest.Fault{Status: http.StatusTooManyRequests, Body: `{"status":"error","message":"Rate limit exceeded"}`}
	down := modelslabtest.Fault{Status: http.StatusBadGateway}
	t.Run("a submit is sent once", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			srv := modelslabtest.NewServer(modelslabtest.WithStrict())
			defer srv.Close()
			srv.Next(modelslabtest.Submit, busy, busy)
			start := time.Now()
			_, err := srv.Client().Submit(t.Context(), prompt(0), modelslab.Once())
			require.ErrorIs(t, err, modelslab.ErrRateLimited)
			require.Zero(t, time.Since(start))
		})
	})
	t.Run("a fetch is made once", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			srv := modelslabtest.NewServer(modelslabtest.WithStrict())
			defer srv.Close()
			client := srv.Client()
			job, err := client.Submit(t.Context(), prompt(0))
			require.NoError(t, err)
			srv.Next(modelslabtest.Fetch, down)
			start := time.Now()
			_, err = client.Fetch(t.Context(), job, modelslab.Once())
			require.ErrorIs(t, err, modelslab.ErrUnavailable)
			require.Zero(t, time.Since(start))
		})
	})
	t.Run("a submit waits for no slot", func(t *testing.T) {
		limited(t, time.Minute, func(t *testing.T, srv *modelslabtest.Server, client *modelslab.Client) {
			t.Helper()
			_, err := client.Submit(t.Context(), prompt(0), modelslab.Once())
			require.NoError(t, err)
			start := time.Now()
			_, err = client.Run(t.Context(), prompt(1), modelslab.Once())
			require.ErrorIs(t, err, modelslab.ErrQueueFull)
			require.EqualError(t, err, "modelslab: POST /v6/video/text2video: not sent, every slot of the queue limit is held")
			require.Zero(t, time.Since(start))
			require.Equal(t, 1, srv.Stats().Submits)
		})
	})
}

func TestSignsWith(t *testing.T) {
	t.Parallel()
	secret := func(b byte) []byte {
		s := make([]byte, 32)
		s[0] = b
		return s
	}
	const url = "https://shop.example/webhook"
	for _, tt := range []struct {
		name    string
		signs   []modelslab.Option
		secrets [][]byte
		want    bool
	}{
		{"its own", []modelslab.Option{modelslab.WithWebhook(url, secret(1))}, [][]byte{secret(1)}, true},
		{"one of several", []modelslab.Option{modelslab.WithWebhook(url, secret(2))}, [][]byte{secret(1), secret(2), secret(3)}, true},
		{"only the first of its own signs", []modelslab.Option{modelslab.WithWebhook(url, secret(1), secret(2))}, [][]byte{secret(2)}, false},
		{"another", []modelslab.Option{modelslab.WithWebhook(url, secret(1))}, [][]byte{secret(2)}, false},
		{"a longer one", []modelslab.Option{modelslab.WithWebhook(url, secret(1))}, [][]byte{append(secret(1), 1)}, false},
		{"none", []modelslab.Option{modelslab.WithWebhook(url, secret(1))}, nil, false},
		{"one that is too short", []modelslab.Option{modelslab.WithWebhook(url, secret(1))}, [][]byte{{1}}, false},
		{"a client that does not sign", nil, [][]byte{secret(1)}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			client, err := modelslab.New("key", tt.signs...)
			require.NoError(t, err)
			require.Equal(t, tt.want, client.SignsWith(tt.secrets...))
		})
	}
}

func ExampleJob_NextLook() {
	// A queue's worker decides when its next look at a stored job is due.
	job := &modelslab.Job{Ref: modelslab.Ref{Kind: modelslab.KindVideo, ID: "12202888"}, ETA: 40 * time.Second}
	for _, waited := range []time.Duration{0, 20 * time.Second, 5 * time.Minute, time.Hour} {
		pause, ok := job.NextLook(waited)
		fmt.Println(pause.Round(time.Second), ok)
	}
	// Output:
	// 20s true
	// 2s true
	// 1m19s true
	// 0s false
}

func ExampleJob_Final() {
	running := &modelslab.Job{Status: modelslab.StatusProcessing}
	done := &modelslab.Job{Status: modelslab.StatusSuccess, Output: []string{"https://example.com/a.mp4"}}
	fmt.Println(running.Final(), done.Final())
	// Output: false true
}

func ExampleOnce() {
	server := modelslabtest.NewServer(modelslabtest.WithStrict())
	defer server.Close()
	client := server.Client(modelslab.WithQueueLimit(1))
	ctx := context.Background()

	for i := range 2 {
		_, err := client.Submit(ctx, &modelslab.SFXRequest{Prompt: fmt.Sprintf("thunder %d", i)}, modelslab.Once())
		fmt.Println(errors.Is(err, modelslab.ErrQueueFull))
	}
	// Output:
	// false
	// true
}

func ExampleClient_SignsWith() {
	secret := []byte("32 random bytes, from a keyring!!")
	client, err := modelslab.New("key", modelslab.WithWebhook("https://your-server.com/webhook/modelslab", secret))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(client.SignsWith(secret))
	// Output: true
}
