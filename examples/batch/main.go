// Batch makes a picture, a film or a sound of every line of a file, a queue
// limit's worth at a time, and saves the results in the folder out:
//
//	go run ./examples/batch prompts.txt
//
// With MODELSLAB_API_KEY set it talks to ModelsLab, else to a test server that
// it starts in-process, whose account may have five jobs open. Without a file it
// takes prompts of its own.
//
// Ctrl-C stops sending and finishes the jobs that are open; a second one leaves
// them, and names them. The command modelslab batch does the same and goes on
// later, without sending anything twice.
package main

import (
	"bufio"
	"context"
	_ "embed" // the prompts
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/modelslabtest"
)

//go:embed prompts.txt
var ownPrompts string

func main() {
	log.SetFlags(0)
	prompts, err := readPrompts(os.Args[1:])
	if err != nil {
		log.Fatal(err)
	}
	client, end, err := connect()
	if err != nil {
		log.Fatal(err)
	}
	defer end()
	ctx, leave := context.WithCancel(context.Background())
	defer leave()
	interrupted, stop := signal.NotifyContext(ctx, os.Interrupt)
	defer stop()
	context.AfterFunc(interrupted, func() {
		again, stop := signal.NotifyContext(ctx, os.Interrupt)
		defer stop()
		<-again.Done()
		leave()
	})
	failed := run(ctx, interrupted, client, prompts, "out", os.Stdout)
	if failed > 0 {
		fmt.Printf("%d of %d prompts have no result\n", failed, len(prompts))
	}
}

// run runs a job for every prompt until interrupted ends, and returns how many
// have no result.
func run(ctx, interrupted context.Context, client *modelslab.Client, prompts []string, dir string, out io.Writer) int {
	requests := func(yield func(modelslab.Request) bool) {
		for _, prompt := range prompts {
			if interrupted.Err() != nil || !yield(request(prompt)) {
				return
			}
		}
	}
	start, saved, ended := time.Now(), 0, 0
	for i, o := range client.SaveAll(ctx, client.RunAll(ctx, requests), dir) {
		ended++
		what := strings.Join(o.Files, ", ")
		if o.Err != nil {
			what = o.Err.Error() // one that stopped waiting names its job
		} else {
			saved++
		}
		left := time.Since(start) / time.Duration(ended) * time.Duration(len(prompts)-ended)
		fmt.Fprintf(out, "%d/%d, %s left: %q: %s\n", ended, len(prompts), left.Round(time.Second), prompts[i], what)
	}
	return len(prompts) - saved
}

// request is what a prompt asks for.
func request(prompt string) modelslab.Request {
	if film, ok := strings.CutPrefix(prompt, "video:"); ok {
		return &modelslab.TextToVideoRequest{ModelID: "cogvideox", Prompt: strings.TrimSpace(film), NumFrames: new(25)}
	}
	if sound, ok := strings.CutPrefix(prompt, "sound:"); ok {
		return &modelslab.SFXRequest{Prompt: strings.TrimSpace(sound), Duration: new(8)}
	}
	return &modelslab.TextToImageRequest{ModelID: "flux", Prompt: prompt, Width: new(768), Height: new(512)}
}

// readPrompts reads one prompt a line.
func readPrompts(args []string) ([]string, error) {
	var file io.Reader = strings.NewReader(ownPrompts)
	if len(args) > 0 {
		f, err := os.Open(args[0])
		if err != nil {
			return nil, err
		}
		defer f.Close()
		file = f
	}
	var prompts []string
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		if line := strings.TrimSpace(lines.Text()); line != "" && line[0] != '#' {
			prompts = append(prompts, line)
		}
	}
	return prompts, lines.Err()
}

// connect returns a client of ModelsLab, or of a test server where there is no
// key.
func connect() (*modelslab.Client, func(), error) {
	limit := modelslab.WithQueueLimit(modelslab.PayAsYouGo)
	if os.Getenv("MODELSLAB_API_KEY") != "" {
		client, err := modelslab.New("", limit)
		return client, func() {}, err
	}
	fmt.Println("MODELSLAB_API_KEY is not set: using a test server in this process")
	server := modelslabtest.NewServer(modelslabtest.WithLatency(500 * time.Millisecond))
	return server.Client(limit), server.Close, nil
}
