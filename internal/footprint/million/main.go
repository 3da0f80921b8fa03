// Million runs a sequence of lazily made requests against the server at a base
// URL and prints how many a second it did, and the most memory it held:
//
//	million http://127.0.0.1:8080/api 1000000
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/modelslab-go/modelslab"
)

func main() {
	n, err := strconv.Atoi(os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	client, err := modelslab.New("test-key", modelslab.WithBaseURL(os.Args[1]), modelslab.WithQueueLimit(modelslab.Premium))
	if err != nil {
		log.Fatal(err)
	}
	requests := func(yield func(modelslab.Request) bool) {
		for i := range n {
			if !yield(&modelslab.TextToImageRequest{ModelID: "flux", Prompt: "study number " + strconv.Itoa(i)}) {
				return
			}
		}
	}
	start := time.Now()
	done := 0
	for i, outcome := range client.RunAll(context.Background(), requests) {
		if outcome.Err != nil {
			log.Fatalf("request %d: %v", i, outcome.Err)
		}
		done++
	}
	if done != n {
		log.Fatalf("%d outcomes of %d requests", done, n)
	}
	_, _ = fmt.Fprintln(os.Stdout, int(float64(n)/time.Since(start).Seconds()), peak())
}

// peak is the most memory that was resident, in KiB; 0 where the system does
// not tell.
func peak() int {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if value, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kib, err := strconv.Atoi(strings.Fields(value)[0])
			if err != nil {
				log.Fatal(err)
			}
			return kib
		}
	}
	return 0
}
