package modelslab_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/modelslabtest"
	"github.com/modelslab-go/modelslab/webhook"
)

func ExampleClient_Submit() {
	server := modelslabtest.NewServer(modelslabtest.WithStrict())
	defer server.Close()
	client := server.Client()
	ctx := context.Background()

	job, err := client.Video.TextToVideo(ctx, &modelslab.TextToVideoRequest{
		ModelID: "cogvideox", Prompt: "A spaceship flying through an asteroid field",
		NumFrames: new(25), Seed: new(int64(7)),
		Webhook: "https://your-server.com/webhook/modelslab", TrackID: "video_001",
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(job.Ref.Kind, job.TrackID, job.Status)
	// Output: video video_001 processing
}

func ExampleClient_Wait() {
	server := modelslabtest.NewServer(modelslabtest.WithStrict(), modelslabtest.WithLatency(100*time.Millisecond))
	defer server.Close()
	client := server.Client()
	ctx := context.Background()

	// One process submits and keeps the reference.
	job, err := client.Submit(ctx, &modelslab.SFXRequest{Prompt: "thunder"})
	if err != nil {
		log.Fatal(err)
	}
	saved := job.Ref.String()

	// Another one, perhaps tomorrow, goes on waiting.
	ref, err := modelslab.ParseRef(saved)
	if err != nil {
		log.Fatal(err)
	}
	job, err = client.Wait(ctx, ref, modelslab.PollEvery(50*time.Millisecond, time.Second))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(job.Status, len(job.Output))
	// Output: success 1
}

func ExampleClient_Run_errors() {
	server := modelslabtest.NewServer(modelslabtest.WithStrict())
	defer server.Close()
	client := server.Client()
	ctx := context.Background()

	job, err := client.Run(ctx, &modelslab.TextToImageRequest{ModelID: "flux", Prompt: ""})
	var (
		refused *modelslab.Error
		unknown *modelslab.SubmitError
		failed  *modelslab.JobError
		stopped *modelslab.WaitError
	)
	switch {
	case err == nil:
		fmt.Println(job.Output)
	case errors.As(err, &unknown):
		fmt.Println("it may run: look for", unknown.TrackID)
	case errors.As(err, &stopped):
		fmt.Println("it still runs: wait for", stopped.Ref, "later")
	case errors.As(err, &failed):
		fmt.Println("it failed:", failed.Job.Message)
	case errors.Is(err, modelslab.ErrCredits):
		fmt.Println("top up the account")
	case errors.As(err, &refused):
		fmt.Println("nothing runs:", refused.Field, "is wrong")
	}
	// Output: nothing runs: prompt is wrong
}

func ExampleWithWebhook() {
	mux := http.NewServeMux()
	secret := []byte(os.Getenv("WEBHOOK_SECRET")) // 32 random bytes or more

	client, err := modelslab.New("", modelslab.WithWebhook("https://your-server.com/webhook/modelslab", secret))
	if err != nil {
		log.Fatal(err)
	}
	handler, err := webhook.NewHandler(webhook.WithSecrets(secret), webhook.WithClient(client),
		webhook.OnSuccess(func(ctx context.Context, e *webhook.Succeeded) error {
			_, err := client.Save(ctx, e.Job(), "out")
			return err // not nil: it will be tried again
		}),
		webhook.OnFailure(func(_ context.Context, e *webhook.Failed) error {
			log.Println(e.TrackID(), e.Job().Message)
			return nil
		}))
	if err != nil {
		log.Fatal(err)
	}
	mux.Handle("POST /webhook/modelslab", handler)
	log.Fatal(http.ListenAndServe(":8080", mux))
}

// orderTable stands for a table of a service's database, by track id.
type orderTable map[string]string

func (t orderTable) insert(_ context.Context, trackID string) error {
	t[trackID] = "submitting"
	return nil
}

// The row of an order is written before its job is submitted, because the
// webhook can be faster than the answer to the submit.
func ExampleWithWebhook_rowFirst() {
	server := modelslabtest.NewServer(modelslabtest.WithStrict())
	defer server.Close()
	client := server.Client()
	orders := orderTable{}

	order := func(ctx context.Context, prompt string) error {
		trackID := uuid.NewString()
		if err := orders.insert(ctx, trackID); err != nil { // the row first
			return err
		}
		job, err := client.Video.TextToVideo(ctx, &modelslab.TextToVideoRequest{
			ModelID: "cogvideox", Prompt: prompt, TrackID: trackID,
		})
		if err != nil {
			return err // with a *SubmitError the job may run, and its webhook has a row to update
		}
		fmt.Println(orders[job.TrackID], job.Status)
		return nil
	}
	if err := order(context.Background(), "a spaceship"); err != nil {
		log.Fatal(err)
	}
	// Output: submitting processing
}

func ExampleClient_RunAll() {
	server := modelslabtest.NewServer(modelslabtest.WithStrict(), modelslabtest.WithLatency(10*time.Millisecond))
	defer server.Close()
	client := server.Client(modelslab.WithQueueLimit(modelslab.PayAsYouGo))
	ctx := context.Background()
	prompts := []string{"a hat", "a glove", "a scarf", "a boot", "a coat", "a shirt"}

	requests := func(yield func(modelslab.Request) bool) {
		for _, prompt := range prompts {
			if !yield(&modelslab.TextToImageRequest{ModelID: "flux", Prompt: prompt}) {
				return
			}
		}
	}
	failed := 0
	for i, outcome := range client.RunAll(ctx, requests) {
		if outcome.Err != nil {
			failed++
			log.Println(prompts[i], outcome.Err)
		}
	}
	fmt.Println(len(prompts), "prompts,", failed, "failed")
	// Output: 6 prompts, 0 failed
}

func ExampleMediaFile() {
	req := &modelslab.ImageToImageRequest{
		ModelID: "flux-kontext-dev", Prompt: "make it night",
		InitImage: modelslab.MediaFile("house.png"), // or MediaURL, MediaBytes, MediaReader
	}
	fmt.Println(req.InitImage)
	// Output: file house.png
}

func ExampleRawRequest() {
	server := modelslabtest.NewServer(modelslabtest.WithStrict())
	defer server.Close()
	client := server.Client()

	job, err := client.Submit(context.Background(), modelslab.RawRequest{
		Path: "/v6/voice/sfx", Body: []byte(`{"prompt":"thunder"}`),
	}, modelslab.WithExtra("brand_new_field", 3))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(job.Ref.Kind)
	// Output: voice
}

func ExampleFreeze() {
	frozen, err := modelslab.Freeze(&modelslab.SFXRequest{Prompt: "thunder", Duration: new(5), TrackID: "t1"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(frozen.Path, string(frozen.Body), frozen.TrackID)
	// Output: /v6/voice/sfx {"prompt":"thunder","duration":5} t1
}

// The test of the README: a service tested without ModelsLab.
func TestThumbnail(t *testing.T) {
	t.Parallel()
	server := modelslabtest.NewServer(modelslabtest.WithStrict(), modelslabtest.WithLatency(10*time.Millisecond))
	defer server.Close()

	job, err := server.Client().Run(t.Context(), &modelslab.TextToImageRequest{ModelID: "flux", Prompt: "a hat"})

	require.NoError(t, err)
	require.Len(t, job.Output, 1)
	require.Len(t, server.Requests(), 2) // one submit, one fetch
}
