package modelslabtest_test

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/modelslabtest"
)

func ExampleNewServer() {
	srv := modelslabtest.NewServer(modelslabtest.WithLatency(100 * time.Millisecond))
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
	srv := modelslabtest.NewServer()
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

// Webhooks reach a handler of the same process, whatever host the callback URL
// names.
func ExampleServer_DeliverTo() {
	srv := modelslabtest.NewServer(modelslabtest.WithLatency(0))
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
