package progress

import (
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/modelslab-go/modelslab"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

const (
	red   = "\x1b[31m"
	plain = "\x1b[0m"
	steps = 1000 // of a job's bar
	title = 38   // columns
)

// NewBars returns a display for terminals: a bar for each open job, failures in
// red above them, and, where there are several jobs, a bar for all.
func NewBars(out io.Writer, total int) Display {
	b := &bars{start: time.Now(), total: total, stop: make(chan struct{}), open: map[int]*jobBar{}}
	b.progress = mpb.New(mpb.WithOutput(out), mpb.WithAutoRefresh(), mpb.WithRefreshRate(100*time.Millisecond))
	if total > 1 {
		b.all = b.progress.New(int64(total), style(), mpb.BarPriority(math.MaxInt),
			mpb.PrependDecorators(decor.Name("all", decor.WC{W: title, C: decor.DindentRight})),
			mpb.AppendDecorators(decor.Any(b.summary, decor.WCSyncSpaceR)))
	}
	b.ticking.Go(b.tick)
	return b
}

type bars struct {
	progress *mpb.Progress
	all      *mpb.Bar // nil for one job
	start    time.Time
	total    int
	stop     chan struct{}
	ticking  sync.WaitGroup

	mu     sync.Mutex
	open   map[int]*jobBar
	count  int
	failed int
}

type jobBar struct {
	bar   *mpb.Bar
	start time.Time
	eta   time.Duration
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

func (b *bars) Opened(job Job, _ modelslab.Ref, eta time.Duration) {
	j := &jobBar{start: time.Now(), eta: eta}
	left := func(decor.Statistics) string {
		if rest := j.eta - time.Since(j.start); rest > 0 {
			return "ETA " + rest.Round(time.Second).String()
		}
		return time.Since(j.start).Round(time.Second).String() + " so far"
	}
	j.bar = b.progress.New(steps, style(), mpb.BarRemoveOnComplete(), mpb.BarPriority(job.Index),
		mpb.PrependDecorators(decor.Name(b.short(job), decor.WC{W: title, C: decor.DindentRight})),
		mpb.AppendDecorators(decor.Any(left, decor.WCSyncSpaceR)))
	b.mu.Lock()
	defer b.mu.Unlock()
	b.open[job.Index] = j
}

// short is what the terminal has room for.
func (b *bars) short(job Job) string {
	text := []rune(job.Title)
	if b.total > 1 {
		text = []rune(fmt.Sprintf("%3d %s", job.Index+1, job.Title))
	}
	if len(text) >= title {
		text = append(text[:title-2], '…')
	}
	return string(text)
}

func (b *bars) Closed(job Job) {
	b.mu.Lock()
	j := b.open[job.Index]
	delete(b.open, job.Index)
	b.mu.Unlock()
	if j != nil {
		j.bar.Abort(true)
	}
}

func (b *bars) Ended(job Job, line string, failed bool) {
	b.Closed(job)
	b.mu.Lock()
	b.count++
	if failed {
		b.failed++
	}
	b.mu.Unlock()
	if b.all != nil {
		b.all.Increment()
	}
	if failed {
		b.Say(red + line + plain)
	}
}

func (b *bars) Say(line string) { fmt.Fprintln(b.progress, line) }

func (b *bars) Close() {
	close(b.stop)
	b.ticking.Wait()
	for _, j := range b.opens() {
		j.bar.Abort(true)
	}
	if b.all != nil {
		b.all.Abort(false) // where it is not complete
	}
	b.progress.Wait()
}
