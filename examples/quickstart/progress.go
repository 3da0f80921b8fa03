package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/modelslab-go/modelslab"
)

// progress shows how far a job is by its ETA: a bar on a terminal, a line for
// each look elsewhere.
type progress struct {
	start    time.Time
	eta      time.Duration
	terminal bool
	status   chan modelslab.Status
	done     chan struct{}
}

func newProgress(eta time.Duration) *progress {
	p := &progress{
		start: time.Now(), eta: max(eta, time.Second),
		status: make(chan modelslab.Status), done: make(chan struct{}),
	}
	if info, err := os.Stdout.Stat(); err == nil {
		p.terminal = info.Mode()&os.ModeCharDevice != 0
	}
	go p.run()
	return p
}

func (p *progress) update(job *modelslab.Job) { p.status <- job.Status }

func (p *progress) stop() {
	close(p.status)
	<-p.done
}

func (p *progress) run() {
	defer close(p.done)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	status := modelslab.StatusProcessing
	for {
		select {
		case <-tick.C:
			if p.terminal {
				p.draw(status)
			}
		case s, ok := <-p.status:
			if !ok {
				if p.terminal {
					fmt.Println()
				}
				return
			}
			status = s
			p.draw(status)
		}
	}
}

func (p *progress) draw(status modelslab.Status) {
	const width = 30
	took := time.Since(p.start)
	full := min(int(width*took/p.eta), width-1)
	if status.Terminal() {
		full = width
	}
	line := fmt.Sprintf("[%s%s] %-10s %4.1fs", strings.Repeat("#", full), strings.Repeat("-", width-full), status, took.Seconds())
	if p.terminal {
		fmt.Print("\r" + line)
	} else {
		fmt.Println(line)
	}
}
