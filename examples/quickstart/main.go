// Quickstart makes an image from a prompt and saves it.
//
//	go run ./examples/quickstart
//
// With MODELSLAB_API_KEY set it talks to ModelsLab, else to a test server that
// it starts in-process.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/modelslabtest"
)

func main() {
	prompt := flag.String("prompt", "a lighthouse in a storm, oil on canvas", "what to paint")
	dir := flag.String("out", "out", "where to save it")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *prompt, *dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, prompt, dir string) error {
	client, closeServer, err := connect()
	if err != nil {
		return err
	}
	defer closeServer()

	job, err := client.Image.TextToImage(ctx, &modelslab.TextToImageRequest{
		ModelID: "flux", Prompt: prompt, Width: new(768), Height: new(512), Samples: new(1),
	})
	if err != nil {
		return err
	}
	fmt.Printf("submitted %s: %s, about %s to go\n", job.Ref, job.Status, job.ETA)

	show := newBar(job.ETA)
	job, err = client.Wait(ctx, job, modelslab.OnUpdate(show.update))
	show.stop()
	if err != nil {
		return err
	}
	files, err := client.Save(ctx, job, dir)
	if err != nil {
		return err
	}
	for _, file := range files {
		fmt.Println("saved", file)
	}
	return nil
}

// connect returns a client of the real API, or of a test server of its own.
func connect() (*modelslab.Client, func(), error) {
	if os.Getenv("MODELSLAB_API_KEY") != "" {
		client, err := modelslab.New("")
		return client, func() {}, err
	}
	fmt.Println("MODELSLAB_API_KEY is not set: using an in-process test server")
	server := modelslabtest.NewServer(modelslabtest.WithLatency(3 * time.Second))
	return server.Client(), server.Close, nil
}
