package modelslabtest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/modelslabtest"
)

func ExampleNewServer() {
	srv := modelslabtest.NewServer(modelslabtest.WithStrict(), modelslabtest.WithLatency(100*time.Millisecond))
	defer srv.Close()

	job, err := srv.Client().Run(context.Background(), &modelslab.TextToVideoRequest{
		ModelID: "cogvideox", Prompt: "A spaceship flying through an asteroid field",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(job.Status, len(job.Output), "file")
	for _, r := range srv.Requests() {
		fmt.Println(r.Method, r.Call)
		if r.Call == modelslabtest.Submit {
			fmt.Println(r.Path)
		}
	}

	// Output:
	// success 1 file
	// POST submit
	// /v6/video/text2video
	// POST fetch
}

// The first submit is answered with a server error although the job was queued,
// so its outcome is unknown and the client does not send it again.
func ExampleServer_Next() {
	srv := modelslabtest.NewServer(modelslabtest.WithStrict())
	defer srv.Close()
	srv.Next(modelslabtest.Submit, modelslabtest.Fault{Status: http.StatusInternalServerError, Accept: true})

	_, err := srv.Client().Video.TextToVideo(context.Background(), &modelslab.TextToVideoRequest{
		ModelID: "cogvideox", Prompt: "A spaceship flying through an asteroid field", TrackID: "video_001",
	})
	fmt.Printf("%T\n", err)
	fmt.Println("queued:", srv.Accepted("video_001"))

	// Output:
	// *modelslab.SubmitError
	// queued: 1
}

// The API is down for a while, and the proxy before it answers in its place. The
// client repeats what changes nothing.
func ExampleServer_During() {
	srv := modelslabtest.NewServer(modelslabtest.WithStrict(), modelslabtest.WithLatency(0))
	defer srv.Close()
	srv.During(100*time.Millisecond, modelslabtest.Helper, modelslabtest.Page(http.StatusServiceUnavailable))

	balance, err := srv.Client().Account.Balance(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(balance.Amount, balance.Currency)

	// Output:
	// 43.6 USD
}

// The connection breaks after the job was queued and before the answer came.
func ExampleLostAnswer() {
	srv := modelslabtest.NewServer(modelslabtest.WithStrict())
	defer srv.Close()
	srv.Next(modelslabtest.Submit, modelslabtest.LostAnswer())

	_, err := srv.Client().Video.TextToVideo(context.Background(), &modelslab.TextToVideoRequest{
		ModelID: "cogvideox", Prompt: "A spaceship flying through an asteroid field", TrackID: "video_001",
	})
	var unknown *modelslab.SubmitError
	fmt.Println(errors.As(err, &unknown), unknown.TrackID)
	fmt.Println("queued:", srv.Accepted("video_001"))

	// Output:
	// true video_001
	// queued: 1
}

// The answer stops after ten bytes of its body, on a connection that stays open.
func ExampleFault() {
	srv := modelslabtest.NewServer(modelslabtest.WithStrict())
	defer srv.Close()
	srv.Next("/wallet_balance", modelslabtest.Fault{Stall: -1, StallAfter: 10})

	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	_, err := srv.Client().Account.Balance(ctx)
	fmt.Println(errors.Is(err, context.DeadlineExceeded))

	// Output:
	// true
}

// Webhooks reach a handler of the same process, whatever host the callback URL
// names.
func ExampleServer_DeliverTo() {
	srv := modelslabtest.NewServer(modelslabtest.WithStrict(), modelslabtest.WithLatency(0))
	defer srv.Close()
	arrived := make(chan string)
	srv.DeliverTo(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { arrived <- r.URL.Path }))

	_, err := srv.Client().Video.TextToVideo(context.Background(), &modelslab.TextToVideoRequest{
		ModelID: "cogvideox", Prompt: "A spaceship flying through an asteroid field",
		Webhook: "https://your-server.com/webhook/modelslab",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(<-arrived)

	// Output:
	// /webhook/modelslab
}
