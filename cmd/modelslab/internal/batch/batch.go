// Package batch runs the requests of a file, as many at a time as the account
// may have open, and writes down what becomes of each, so that a run that was
// interrupted or killed can go on without sending anything twice.
package batch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"sync"

	"github.com/modelslab-go/modelslab"

	"github.com/modelslab-go/modelslab/cmd/modelslab/internal/operation"
	"github.com/modelslab-go/modelslab/cmd/modelslab/internal/progress"
)

// Config is where a batch is sent to and where its results go.
type Config struct {
	Dir     string // folder of the results, the gallery and the journal
	Client  *modelslab.Client
	Files   operation.Files
	API     string // what the client calls, for the journal
	Forgets bool   // the API is an emulator that forgets its jobs with this process
}

// A Batch is one run. It is made by [New].
type Batch struct {
	config  Config
	journal *journal
	display progress.Display

	mu       sync.Mutex // guards the items, the journal and what follows
	items    []*Item
	stopping bool
	failure  error // of the journal: without it nothing more is sent
}

// New prepares a batch of items, or of those that the folder's journal has when
// there are none. Every request is checked before anything is sent. The folder
// is made.
func New(c Config, items []*Item) (*Batch, error) {
	for _, it := range items {
		if _, err := it.request(c.Files); err != nil {
			return nil, fmt.Errorf("request %d: %w", it.Index+1, err)
		}
	}
	if err := os.MkdirAll(c.Dir, 0o755); err != nil { //nolint:gosec // as open as any folder; the umask decides
		return nil, err
	}
	if c.Forgets && len(items) > 0 {
		// Jobs of an earlier emulator are gone, and cost nothing.
		if j, _, err := openJournal(c.Dir, c.API); err != nil {
			return nil, err
		} else if err := errors.Join(j.close(), remove(c.Dir)); err != nil {
			return nil, err
		}
	}
	j, earlier, err := openJournal(c.Dir, c.API)
	if err != nil {
		return nil, err
	}
	b := &Batch{config: c, journal: j}
	if b.items, err = continued(earlier, items); err == nil && len(b.items) == 0 {
		err = fmt.Errorf("there is no batch in %s to go on with", c.Dir)
	}
	if err == nil {
		err = b.settle(len(earlier))
	}
	if err != nil {
		return nil, errors.Join(err, j.close())
	}
	return b, nil
}

// settle brings the states of an earlier run up to date, and writes down the
// items that are new.
func (b *Batch) settle(earlier int) error {
	for _, it := range b.items[:earlier] {
		switch it.State {
		case Sending:
			it.State, it.Error = Unknown, "the run was killed while it was sent; it may have been billed, so it is not sent again"
		case Refused:
			it.State, it.Error = Unsent, ""
		default:
			continue
		}
		if err := b.journal.state(it); err != nil {
			return err
		}
	}
	for _, it := range b.items[earlier:] {
		if err := b.journal.write(it); err != nil {
			return err
		}
	}
	return nil
}

// Len is how many items the batch has.
func (b *Batch) Len() int { return len(b.items) }

// Run does what is left to do. When soft ends nothing more is sent, and open
// jobs are waited for; when hard ends they are left open. It closes the display.
func (b *Batch) Run(soft, hard context.Context, d progress.Display) error {
	b.display = d
	defer context.AfterFunc(soft, b.stop)()
	b.collect(hard, b.With(Open), b.waitAll)
	b.collect(hard, b.With(Unsent), b.runAll)
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, it := range b.items {
		if it.State == Sending { // taken from the sequence, and not sent before the end
			it.State = Unsent
			b.write(it)
		}
	}
	d.Close()
	return errors.Join(b.failure, b.journal.close(), writeGallery(filepath.Join(b.config.Dir, "index.html"), b.items))
}

// stop ends the sequence of requests.
func (b *Batch) stop() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.stopping = true
}

// With returns the items in a state.
func (b *Batch) With(s State) []*Item {
	b.mu.Lock()
	defer b.mu.Unlock()
	var items []*Item
	for _, it := range b.items {
		if it.State == s {
			items = append(items, it)
		}
	}
	return items
}

// collect saves the results of items as their jobs end, several at a time, and
// takes note of each.
func (b *Batch) collect(ctx context.Context, items []*Item, jobs func(context.Context, []*Item) iter.Seq2[int, modelslab.Outcome]) {
	for i, outcome := range b.config.Client.SaveAll(ctx, jobs(ctx, items), b.config.Dir) {
		b.end(items[i], outcome)
	}
}

// runAll submits the items and waits for their jobs, within the queue limit.
func (b *Batch) runAll(ctx context.Context, items []*Item) iter.Seq2[int, modelslab.Outcome] {
	requests := func(yield func(modelslab.Request) bool) {
		for _, it := range items {
			if req, ok := b.next(it); !ok || !yield(req) {
				return
			}
		}
	}
	return b.config.Client.RunAll(ctx, requests, modelslab.OnItem(func(i int, job *modelslab.Job) { b.update(items[i], job) }))
}

// next makes the request of an item, and writes down that it is on its way
// before it is.
func (b *Batch) next(it *Item) (modelslab.Request, bool) {
	req, err := it.request(b.config.Files)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.stopping {
		return nil, false
	}
	if err != nil { // it was fine when the batch was made
		b.failure, b.stopping = fmt.Errorf("request %d: %w", it.Index+1, err), true
		return nil, false
	}
	it.State = Sending
	return req, b.write(it)
}

// waitAll waits for jobs that an earlier run has submitted. The queue limit
// allows few of them, so each may have its goroutine.
func (b *Batch) waitAll(ctx context.Context, items []*Item) iter.Seq2[int, modelslab.Outcome] {
	type result struct {
		index   int
		outcome modelslab.Outcome
	}
	return func(yield func(int, modelslab.Outcome) bool) {
		results := make(chan result, len(items))
		for i, it := range items {
			go func() {
				b.display.Opened(it.job(), it.Ref, 0)
				job, err := b.config.Client.Wait(ctx, it.Ref)
				results <- result{i, modelslab.Outcome{Job: job, Ref: it.Ref, Err: err, Took: it.Took}}
			}()
		}
		for range items {
			if r := <-results; !yield(r.index, r.outcome) {
				return
			}
		}
	}
}

// update takes note of every state of a job. It is called by several goroutines.
func (b *Batch) update(it *Item, job *modelslab.Job) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if it.State == Sending && !job.Ref.IsZero() {
		it.State, it.Ref = Open, job.Ref
		b.write(it)
		b.display.Opened(it.job(), job.Ref, job.ETA)
	}
	if job.Status.Terminal() {
		b.display.Closed(it.job())
	}
}

// write records an item. Without a record nothing more is sent.
func (b *Batch) write(it *Item) bool {
	if err := b.journal.state(it); err != nil {
		b.failure, b.stopping = err, true
		return false
	}
	return true
}

// Report says how it went, and returns an error when something is left to do.
func (b *Batch) Report(w io.Writer) error {
	count := map[State]int{}
	for _, it := range b.items {
		count[it.State]++
	}
	failed := count[Failed] + count[Refused] + count[Unknown]
	fmt.Fprintf(w, "%d of %d saved, %d failed: open %s\n",
		count[Done], len(b.items), failed, filepath.Join(b.config.Dir, "index.html"))
	switch left := count[Open] + count[Unsent]; {
	case left > 0:
		return fmt.Errorf("%d jobs are open and %d requests unsent: the same command goes on", count[Open], count[Unsent])
	case failed > 0:
		return fmt.Errorf("%d of %d failed", failed, len(b.items))
	default:
		return nil
	}
}
