// Minimal is the first program of the README. It needs MODELSLAB_API_KEY.
package main

import (
	"context"
	"fmt"
	"log"

	"github.com/modelslab-go/modelslab"
)

func main() {
	ctx := context.Background()
	client, err := modelslab.New("") // reads MODELSLAB_API_KEY
	if err != nil {
		log.Fatal(err)
	}
	job, err := client.Run(ctx, &modelslab.TextToImageRequest{ModelID: "flux", Prompt: "a lighthouse in a storm"})
	if err != nil {
		log.Fatal(err)
	}
	files, err := client.Save(ctx, job, "out")
	fmt.Println(files, err)
}
