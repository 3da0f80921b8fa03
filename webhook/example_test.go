package webhook_test

import (
	"context"
	"errors"
	"expvar"
	"fmt"
	"net/http"
	"strings"
	"sync"
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
	server := modelslabtest.NewServer(modelslabtest.WithStrict(), modelslabtest.WithLatency(10*time.Millisecond))
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

// A service that only puts deliveries into a queue needs no handler: it
// verifies, stores and answers by itself.
func ExampleVerifier_Verify() {
	secret := []byte("32 random bytes, from the configuration")
	verifier, err := webhook.NewVerifier(webhook.WithSecrets(secret))
	if err != nil {
		panic(err)
	}
	queue := make(chan []byte, 10)
	receive := func(w http.ResponseWriter, r *http.Request) {
		event, err := verifier.Verify(w, r)
		if refusal, ok := errors.AsType[*webhook.Refusal](err); ok {
			fmt.Println("refused:", refusal.Reason)
			refusal.Write(w)
			return
		}
		select {
		case queue <- event.Raw():
			w.WriteHeader(http.StatusOK)
		default:
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}

	body := `{"status":"success","id":1,"output":["https://modelslab.com/1.mp4"],"track_id":"video_001"}`
	for _, trackID := range []string{"video_001", "video_002"} { // the second URL is another job's
		r := modelslabtest.SignedRequest("/webhook/modelslab", secret, modelslab.KindVideo, trackID, body)
		resp := modelslabtest.Deliver(http.HandlerFunc(receive), r)
		fmt.Println(resp.Status, len(queue))
	}
	// Output:
	// 200 OK 1
	// refused: track_id
	// 401 Unauthorized 1
}

// A program that sends its requests with another client signs the callback URL
// itself.
func ExampleSign() {
	secret := []byte("32 random bytes, from the configuration")
	url, err := webhook.Sign("https://your-server.com/webhook/modelslab", secret, modelslab.KindVideo, "video_001")
	if err != nil {
		panic(err)
	}
	before, sig, _ := strings.Cut(url, "sig=")
	fmt.Println(before, len(sig))
	// Output: https://your-server.com/webhook/modelslab? 52
}

// The key of a track id finds the job of a delivery whose body names none, as a
// training's.
func ExampleKeyOf() {
	secret := []byte("32 random bytes, from the configuration")
	verifier, err := webhook.NewVerifier(webhook.WithSecrets(secret))
	if err != nil {
		panic(err)
	}
	orders := map[webhook.TrackKey]string{webhook.KeyOf("order-17/face"): "order 17"}

	body := `{"status":"success","training_status":"deploying_gpu","model_id":"F5jvdzGnYi"}`
	event, err := verifier.Verify(nil, modelslabtest.SignedRequest("/", secret, modelslab.KindTraining, "order-17/face", body))
	if err != nil {
		panic(err)
	}
	fmt.Println(orders[event.TrackKey()])
	// Output: order 17
}

// The row of an order is written before the job is submitted, since the delivery
// can be faster than the answer to the submit. Without a row the callback
// fails, and is called again.
func ExampleOnSuccess_rowFirst() {
	secret := []byte("32 random bytes, from the configuration")
	server := modelslabtest.NewServer(modelslabtest.WithLatency(10 * time.Millisecond))
	defer server.Close()
	client := server.Client(modelslab.WithWebhook("https://your-server.com/webhook/modelslab", secret))
	var orders sync.Map // a table with the track id as its key
	handler, err := webhook.NewHandler(webhook.WithSecrets(secret), webhook.WithClient(client),
		webhook.OnSuccess(func(_ context.Context, e *webhook.Succeeded) error {
			// UPDATE orders SET state = 'done' WHERE track_id = $1
			if !orders.CompareAndSwap(e.TrackID(), "submitting", "done") {
				return fmt.Errorf("order %s has no row", e.TrackID())
			}
			return nil
		}))
	if err != nil {
		panic(err)
	}
	server.DeliverTo(handler)
	server.Next(modelslabtest.Submit, modelslabtest.Fault{Early: true}) // before the answer

	ctx := context.Background()
	orders.Store("order-17", "submitting") // INSERT INTO orders
	_, err = client.Video.TextToVideo(ctx, &modelslab.TextToVideoRequest{
		ModelID: "cogvideox", Prompt: "a spaceship", TrackID: "order-17",
	})
	if err != nil {
		panic(err)
	}
	fmt.Println(orders.Load("order-17"))
	fmt.Println(handler.Shutdown(ctx))
	// Output:
	// done true
	// <nil>
}
