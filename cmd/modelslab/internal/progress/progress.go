// Package progress shows on a terminal how far jobs are, or writes a line for
// each step of them.
package progress

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/modelslab-go/modelslab"
	"github.com/vbauerster/mpb/v8/cwriter"
)

// Job is a job as a display names it. Jobs are told apart by their index.
type Job struct {
	Index int
	Title string
}

// Display shows how far the jobs of a command are. It is used by several
// goroutines.
type Display interface {
	Opened(job Job, ref modelslab.Ref, eta time.Duration) // it was accepted
	Closed(job Job)                                       // it has ended
	Ended(job Job, line string, failed bool)              // its results are saved, or will not be
	Say(line string)
	Close()
}

// Terminal reports whether w is one.
func Terminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	return ok && cwriter.IsTerminal(int(file.Fd()))
}

// Silent is a display that shows nothing.
type Silent struct{}

// Opened shows nothing.
func (Silent) Opened(Job, modelslab.Ref, time.Duration) {}

// Closed shows nothing.
func (Silent) Closed(Job) {}

// Ended shows nothing.
func (Silent) Ended(Job, string, bool) {}

// Say shows nothing.
func (Silent) Say(string) {}

// Close ends it.
func (Silent) Close() {}

// NewLines returns a display that writes a line for each step of a number of
// jobs.
func NewLines(w io.Writer, total int) Display { return &lines{w: w, total: total} }

type lines struct {
	mu    sync.Mutex
	w     io.Writer
	total int
	count int
}

func (l *lines) Opened(job Job, ref modelslab.Ref, eta time.Duration) {
	l.Say(fmt.Sprintf("submitted %s as %s, about %s", job.Title, ref, Seconds(eta)))
}

func (l *lines) Closed(Job) {}

func (l *lines) Ended(_ Job, line string, _ bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.count++
	fmt.Fprintf(l.w, "%d/%d %s\n", l.count, l.total, line)
}

func (l *lines) Say(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	fmt.Fprintln(l.w, line)
}

func (l *lines) Close() {}

// Seconds is a duration as people read it.
func Seconds(d time.Duration) string {
	if d < time.Minute {
		return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + " s"
	}
	return d.Round(time.Second).String()
}
