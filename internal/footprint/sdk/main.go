// Sdk is the smallest program that submits a job and waits for it. Its size is
// compared with that of package bare.
package main

import (
	"context"
	"log"

	"github.com/modelslab-go/modelslab"
)

func main() {
	ctx := context.Background()
	client, err := modelslab.New("")
	if err != nil {
		log.Fatal(err)
	}
	job, err := client.Video.TextToVideo(ctx, &modelslab.TextToVideoRequest{ModelID: "cogvideox", Prompt: "a ship"})
	if err != nil {
		log.Fatal(err)
	}
	if job, err = client.Wait(ctx, job); err != nil {
		log.Fatal(err)
	}
	log.Println(job.Output)
}
