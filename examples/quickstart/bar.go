package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/modelslab-go/modelslab"
)

// bar shows how far a job is by its ETA: a bar on a terminal, elsewhere a line
// for each state.
type bar struct {
	start    time.Time
	eta      time.Duration
	terminal bool
	status   chan modelslab.Status
	done     chan struct{}
}

func newBar(eta time.Duration) *bar {
	b := &bar{
		start: time.Now(), eta: max(eta, time.Second),
		status: make(chan modelslab.Status), done: make(chan struct{}),
	}
	if info, err := os.Stdout.Stat(); err == nil {
		b.terminal = info.Mode()&os.ModeCharDevice != 0
	}
	go b.run()
	return b
}

func (b *bar) update(job *modelslab.Job) { b.status <- job.Status }

func (b *bar) stop() {
	close(b.status)
	<-b.done
}

func (b *bar) run() {
	defer close(b.done)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	status := modelslab.StatusProcessing
	for {
		select {
		case <-tick.C:
			if b.terminal {
				b.draw(status)
			}
		case s, ok := <-b.status:
			if !ok {
				if b.terminal {
					fmt.Println()
				}
				return
			}
			status = s
			b.draw(status)
		}
	}
}

func (b *bar) draw(status modelslab.Status) {
	const width = 30
	took := time.Since(b.start)
	full := min(int(width*took/b.eta), width-1)
	if status.Terminal() {
		full = width
	}
	line := fmt.Sprintf("[%s%s] %-10s %4.1fs", strings.Repeat("#", full), strings.Repeat("-", width-full), status, took.Seconds())
	if b.terminal {
		fmt.Print("\r" + line)
	} else {
		fmt.Println(line)
	}
}
