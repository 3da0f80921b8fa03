package modelslab_test

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"strings"
	"time"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/modelslabtest"
)

// A gallery keeps results in memory.
type gallery map[string][]byte

func (g gallery) Create(_ context.Context, f modelslab.File) (modelslab.FileWriter, error) {
	return &picture{gallery: g, name: f.Name}, nil
}

type picture struct {
	bytes.Buffer

	gallery gallery
	name    string
}

func (p *picture) Commit() (key string, err error) {
	p.gallery[p.name] = p.Bytes()
	return "gallery/" + p.name, nil
}

func (p *picture) Abort() error { return nil }

func ExampleClient_SaveTo() {
	server := modelslabtest.NewServer(modelslabtest.WithStrict())
	defer server.Close()
	client := server.Client()
	ctx := context.Background()

	job, err := client.Run(ctx, &modelslab.TextToImageRequest{ModelID: "flux", Prompt: "a ship"}, modelslab.PollEvery(50*time.Millisecond, time.Second))
	if err != nil {
		log.Fatal(err)
	}
	keys, err := client.SaveTo(ctx, job, gallery{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(strings.HasPrefix(keys[0], "gallery/"))
	// Output: true
}
