package modelslabtest_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/modelslabtest"
)

// A test that calls the API once, with MODELSLAB_RECORD=1 in the environment, and
// replays its answers from then on, ten minutes of waiting in no time.
func ExampleRecord() {
	_ = func(t *testing.T) { // func TestVideo(t *testing.T)
		modelslabtest.Bubble(t, func(t *testing.T) {
			client := modelslabtest.Record(t, "testdata/video.json")
			job, err := client.Run(t.Context(), &modelslab.TextToVideoRequest{
				ModelID: "cogvideox", Prompt: "A spaceship flying through an asteroid field",
			})
			if err != nil || len(job.Output) != 1 {
				t.Fatal(job, err)
			}
		})
	}
}

func ExampleWithRecording() {
	srv := modelslabtest.NewServer(modelslabtest.WithStrict(), modelslabtest.WithRecording("testdata/recording.json"))
	defer srv.Close()

	job, err := srv.Client().Submit(context.Background(), &modelslab.TextToVideoRequest{
		ModelID: "cogvideox", Prompt: "A spaceship flying through an asteroid field", TrackID: "c0ffee00-0000-4000-8000-000000000001",
	})
	fmt.Println(job.Ref, job.TrackID, err)
	for range 2 {
		job, err = srv.Client().Fetch(context.Background(), job.Ref)
		fmt.Println(job.Status, len(job.Output), err)
	}

	// Output:
	// video/271 c0ffee00-0000-4000-8000-000000000001 <nil>
	// processing 0 <nil>
	// success 1 <nil>
}

// A program of the caller's records what it does.
func ExampleRecorder() {
	srv := modelslabtest.NewServer(modelslabtest.WithStrict(), modelslabtest.WithLatency(0)) // or the API itself
	defer srv.Close()
	recorder := modelslabtest.NewRecorder(srv.HTTPClient().Transport)
	client := srv.Client(modelslab.WithHTTPClient(&http.Client{Transport: recorder}))

	if _, err := client.Account.Balance(context.Background()); err != nil {
		fmt.Println(err)
		return
	}
	recording, err := recorder.Recording()
	for _, in := range recording.Interactions {
		fmt.Println(in.Method, in.Path, string(in.Request), in.Status)
	}
	fmt.Println(err)

	// Output:
	// POST /wallet_balance {} 200
	// <nil>
}
