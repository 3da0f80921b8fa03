package webhook_test

import (
	"context"
	"expvar"
	"fmt"
	"net/http"
	"time"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/modelslabtest"
	"github.com/modelslab-go/modelslab/webhook"
)

// A service adds the handler to the mux it has. Sent here by hand is what
// ModelsLab sends when the job is done, and once more.
func ExampleNewHandler() {
	secret := []byte("32 random bytes, from the configuration")
	handler, err := webhook.NewHandler(webhook.WithSecrets(secret),
		webhook.OnSuccess(func(_ context.Context, e *webhook.Succeeded) error {
			fmt.Println(e.TrackID(), "is at", e.Job().Output[0])
			return nil // an error has it called again
		}))
	if err != nil {
		panic(err)
	}
	mux := http.NewServeMux()
	mux.Handle("POST /webhook/modelslab", handler)

	body := `{"status":"success","id":"abc123-def456","output":["https://modelslab.com/abc123.mp4"],"track_id":"video_001"}`
	for range 2 {
		resp := modelslabtest.Deliver(mux, modelslabtest.SignedRequest("/webhook/modelslab", secret, modelslab.KindVideo, "video_001", body))
		fmt.Println(resp.Status)
	}
	// Output:
	// video_001 is at https://modelslab.com/abc123.mp4
	// 200 OK
	// 200 OK
}

func ExampleParse() {
	for _, body := range []string{
		`{"status":"failed","id":12202888,"message":"Invalid input dimensions","track_id":"video_001"}`,
		`{"status":"success","training_status":"deploying_gpu","logs":"it will take upto 25 minutes","model_id":"F5jvdzGnYi"}`,
		`{"event":"workflow.completed","execution_id":12345,"workflow_id":"wf_abc123","status":"completed"}`,
	} {
		event, err := webhook.Parse([]byte(body))
		if err != nil {
			panic(err)
		}
		switch e := event.(type) {
		case *webhook.Failed:
			fmt.Println(e.TrackID(), "failed:", e.Job().Message)
		case *webhook.TrainingUpdated:
			fmt.Println(e.Ref(), "is at", e.Stage)
		case *webhook.WorkflowFinished:
			fmt.Println(e.Ref(), "ended:", e.Job().Status)
		}
	}
	// Output:
	// video_001 failed: Invalid input dimensions
	// training/F5jvdzGnYi is at deploying_gpu
	// workflow/wf_abc123/12345 ended: success
}

// A service that only hears of its jobs by webhook has them watched, in case
// one is lost.
func ExampleHandler_Watch() {
	secret := []byte("32 random bytes, from the configuration")
	server := modelslabtest.NewServer(modelslabtest.WithLatency(10 * time.Millisecond))
	defer server.Close()
	client := server.Client(modelslab.WithWebhook("https://your-server.com/webhook/modelslab", secret))
	done := make(chan struct{})
	handler, err := webhook.NewHandler(webhook.WithSecrets(secret), webhook.WithClient(client),
		webhook.OnSuccess(func(_ context.Context, e *webhook.Succeeded) error {
			fmt.Println(e.TrackID(), "succeeded")
			close(done)
			return nil
		}))
	if err != nil {
		panic(err)
	}
	server.Next(modelslabtest.Submit, modelslabtest.Fault{Lost: true})

	ctx := context.Background()
	job, err := client.Video.TextToVideo(ctx, &modelslab.TextToVideoRequest{
		ModelID: "cogvideox", Prompt: "a spaceship", TrackID: "video_001",
	})
	if err != nil {
		panic(err)
	}
	if err := handler.Watch(job, time.Now().Add(time.Hour)); err != nil {
		panic(err)
	}
	<-done
	fmt.Println(handler.Shutdown(ctx))
	// Output:
	// video_001 succeeded
	// <nil>
}

func ExampleHandler_Stats() {
	handler, err := webhook.NewHandler(webhook.WithInsecureNoAuth())
	if err != nil {
		panic(err)
	}
	expvar.Publish("webhooks", expvar.Func(func() any { return handler.Stats() }))
}
