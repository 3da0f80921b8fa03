package main

import (
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/cwriter"
	"github.com/vbauerster/mpb/v8/decor"
)

// display shows how far a batch is. It is used by several goroutines.
type display interface {
	opened(it *item, eta time.Duration) // its job was accepted
	closed(it *item)                    // its job has ended
	ended(it *item)                     // it is saved, or will not be
	say(line string)
	close()
}

func newDisplay(out *os.File, total int) display {
	if !cwriter.IsTerminal(int(out.Fd())) {
		return &lines{w: out, total: total}
	}
	return newBars(out, total)
}

// lines is the display for what is no terminal.
type lines struct {
	mu    sync.Mutex
	w     io.Writer
	total int
	count int
}

func (l *lines) opened(it *item, eta time.Duration) {
	l.say(fmt.Sprintf("submitted %s as %s, about %s", it.name(), it.Ref, seconds(eta)))
}

func (l *lines) closed(*item) {}

func (l *lines) ended(it *item) {
	l.mu.Lock()
	l.count++
	n := l.count
	l.mu.Unlock()
	l.say(fmt.Sprintf("%d/%d %s", n, l.total, ending(it)))
}

func (l *lines) say(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	fmt.Fprintln(l.w, line)
}

func (l *lines) close() {}

// ending is the end of an item in one line.
func ending(it *item) string {
	switch it.State {
	case done:
		return fmt.Sprintf("saved %s after %s", strings.Join(it.Files, ", "), seconds(it.Took))
	case open:
		return fmt.Sprintf("left %s open: %s", it.name(), it.Error)
	case failed, unknown, unsent:
	}
	return fmt.Sprintf("%s %s: %s", it.State, it.name(), it.Error)
}

const (
	red   = "\x1b[31m"
	plain = "\x1b[0m"
	steps = 1000 // of a job's bar
	title = 38   // columns
)

// bars is the display for terminals: a bar for all, one for each open job, and
// failures in red above them.
type bars struct {
	progress *mpb.Progress
	all      *mpb.Bar
	start    time.Time
	total    int
	stop     chan struct{}
	ticking  sync.WaitGroup

	mu     sync.Mutex
	open   map[*item]*jobBar
	count  int
	failed int
}

type jobBar struct {
	bar   *mpb.Bar
	start time.Time
	eta   time.Duration
}

func newBars(out io.Writer, total int) *bars {
	b := &bars{start: time.Now(), total: total, stop: make(chan struct{}), open: map[*item]*jobBar{}}
	b.progress = mpb.New(mpb.WithOutput(out), mpb.WithAutoRefresh(), mpb.WithRefreshRate(100*time.Millisecond))
	b.all = b.progress.New(int64(total), style(), mpb.BarPriority(math.MaxInt),
		mpb.PrependDecorators(decor.Name("all", decor.WC{W: title, C: decor.DindentRight})),
		mpb.AppendDecorators(decor.Any(b.summary, decor.WCSyncSpaceR)))
	b.ticking.Go(b.tick)
	return b
}

func style() mpb.BarStyleComposer {
	return mpb.BarStyle().Lbound(" ").Filler("━").Tip("╸").Padding("─").Rbound(" ")
}

// summary is how many are done, have failed, and how long the rest may take.
func (b *bars) summary(decor.Statistics) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	text := fmt.Sprintf("%d/%d", b.count, b.total)
	if b.count > 0 && b.count < b.total {
		left := time.Since(b.start) / time.Duration(b.count) * time.Duration(b.total-b.count)
		text += fmt.Sprintf("  ETA %s", left.Round(time.Second))
	}
	if b.failed > 0 {
		text += fmt.Sprintf("  %s%d failed%s", red, b.failed, plain)
	}
	return text
}

// tick moves the bars of the jobs, whose progress nobody tells but the clock.
func (b *bars) tick() {
	every := time.NewTicker(100 * time.Millisecond)
	defer every.Stop()
	for {
		select {
		case <-every.C:
		case <-b.stop:
			return
		}
		for _, j := range b.opens() {
			part := float64(time.Since(j.start)) / float64(max(j.eta, time.Second))
			j.bar.SetCurrent(int64(steps * min(part, 0.99)))
		}
	}
}

// opens returns the bars of the open jobs. The mutex must not be held while a
// bar moves, because the bar may be waiting for summary, and so for the mutex.
func (b *bars) opens() []*jobBar {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Collect(maps.Values(b.open))
}

func (b *bars) opened(it *item, eta time.Duration) {
	j := &jobBar{start: time.Now(), eta: eta}
	left := func(decor.Statistics) string {
		if rest := j.eta - time.Since(j.start); rest > 0 {
			return "ETA " + rest.Round(time.Second).String()
		}
		return time.Since(j.start).Round(time.Second).String() + " so far"
	}
	j.bar = b.progress.New(steps, style(), mpb.BarRemoveOnComplete(), mpb.BarPriority(it.Index),
		mpb.PrependDecorators(decor.Name(short(it), decor.WC{W: title, C: decor.DindentRight})),
		mpb.AppendDecorators(decor.Any(left, decor.WCSyncSpaceR)))
	b.mu.Lock()
	defer b.mu.Unlock()
	b.open[it] = j
}

// short is a title of the item for the terminal.
func short(it *item) string {
	text := []rune(fmt.Sprintf("%3d %s", it.Index+1, it.Prompt))
	if len(text) >= title {
		text = append(text[:title-2], '…')
	}
	return string(text)
}

func (b *bars) closed(it *item) {
	b.mu.Lock()
	j := b.open[it]
	delete(b.open, it)
	b.mu.Unlock()
	if j != nil {
		j.bar.Abort(true)
	}
}

func (b *bars) ended(it *item) {
	b.closed(it)
	b.mu.Lock()
	b.count++
	if it.State != done {
		b.failed++
	}
	b.mu.Unlock()
	b.all.Increment()
	if it.State != done {
		b.say(red + ending(it) + plain)
	}
}

func (b *bars) say(line string) { fmt.Fprintln(b.progress, line) }

func (b *bars) close() {
	close(b.stop)
	b.ticking.Wait()
	for _, j := range b.opens() {
		j.bar.Abort(true)
	}
	b.all.Abort(false) // where it is not complete
	b.progress.Wait()
}
