// Batch makes a picture, a film or a sound of every line of a file, a queue
// limit's worth at a time, and leaves the files and a gallery of them:
//
//	go run ./examples/batch prompts.txt
//
// With MODELSLAB_API_KEY set it talks to ModelsLab, else to a test server that
// it starts in-process, whose account may have five jobs open.
//
// Ctrl-C stops sending and finishes the jobs that are open. A second Ctrl-C
// stops waiting for them too; the answers of submits under way are awaited all
// the same. What is left then stands in out/resume.json, and
//
//	go run ./examples/batch -resume
//
// goes on from there, without sending anything twice.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/modelslabtest"
)

type config struct {
	prompts string // file
	out     string // folder
	resume  bool
	limit   int
	most    int   // prompts
	seed    int64 // of the first
	server  string
}

func main() {
	var c config
	flag.BoolVar(&c.resume, "resume", false, "go on where out/resume.json says that the last run stopped")
	flag.StringVar(&c.out, "out", "out", "folder for the files, the gallery and resume.json")
	flag.IntVar(&c.limit, "limit", modelslab.PayAsYouGo, "jobs that the account may have open: 5, 10 or 15 by plan")
	flag.IntVar(&c.most, "n", 0, "take the first n prompts only")
	flag.Int64Var(&c.seed, "seed", 1, "seed of the first prompt; each other has the next one")
	flag.StringVar(&c.server, "server", "", "API to use, such as http://127.0.0.1:8080/api of cmd/modelslab-emulator")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: batch [flags] [prompts.txt]")
		flag.PrintDefaults()
	}
	flag.Parse()
	c.prompts = flag.Arg(0)

	interrupts := make(chan os.Signal, 2)
	signal.Notify(interrupts, os.Interrupt, syscall.SIGTERM)
	if err := start(c, interrupts); err != nil {
		fmt.Fprintln(os.Stderr, "batch:", err)
		os.Exit(1)
	}
}

func start(c config, interrupts <-chan os.Signal) error {
	api, err := connect(c)
	if err != nil {
		return err
	}
	defer api.close()
	b, err := load(c)
	if err != nil {
		return err
	}
	if api.forgetful {
		b.startOver()
	}
	b.client, b.display = api.client, newDisplay(os.Stdout, len(b.items))
	if err = b.run(interrupts); err != nil {
		return err
	}
	return b.report(os.Stdout)
}

// api is ModelsLab, or what stands in for it.
type api struct {
	client    *modelslab.Client
	close     func()
	forgetful bool // it does not know the jobs of an earlier run
}

func connect(c config) (*api, error) {
	opts := []modelslab.Option{modelslab.WithQueueLimit(c.limit)}
	key := os.Getenv("MODELSLAB_API_KEY")
	if c.server != "" {
		if opts = append(opts, modelslab.WithBaseURL(c.server)); key == "" {
			key = "test-key"
		}
	}
	if key != "" {
		client, err := modelslab.New(key, opts...)
		return &api{client: client, close: func() {}}, err
	}
	if c.limit <= 0 {
		return nil, errors.New("-limit must be 1 or more")
	}
	fmt.Println("MODELSLAB_API_KEY is not set: using an in-process test server, where jobs take seconds and some fail")
	server := modelslabtest.NewServer(modelslabtest.WithQueueLimit(c.limit), modelslabtest.WithLatencyFunc(latency))
	server.Script(mishaps)
	return &api{client: server.Client(opts...), close: server.Close, forgetful: true}, nil
}

// latency makes films slower than pictures, and no two jobs equally quick.
func latency(r *modelslabtest.Request) time.Duration {
	d := 400 * time.Millisecond
	if r.Kind != string(modelslab.KindImages) {
		d = 1200 * time.Millisecond
	}
	sum := 0
	for _, b := range r.Body {
		sum += int(b)
	}
	return d + time.Duration(sum%16)*50*time.Millisecond
}

// mishaps lets one job in thirty fail.
func mishaps(r *modelslabtest.Request) *modelslabtest.Fault {
	index, err := strconv.Atoi(r.TrackID[strings.LastIndexByte(r.TrackID, '-')+1:])
	if r.Call == modelslabtest.Submit && err == nil && index%30 == 12 {
		return &modelslabtest.Fault{Fail: "CUDA out of memory"}
	}
	return nil
}
