package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/modelslab-go/modelslab"
)

// batch is one run of the program.
type batch struct {
	config   config
	client   *modelslab.Client
	display  display
	items    []*item
	byTrack  map[string]*item
	stopping atomic.Bool // no more submits

	mu sync.Mutex // guards the items while jobs run
}

func newBatch(c config, items []*item) *batch {
	b := &batch{config: c, items: items, byTrack: map[string]*item{}}
	for _, it := range items {
		b.byTrack[it.TrackID] = it
	}
	return b
}

// startOver makes jobs that are gone unsent again. Only a server that is gone
// too has surely forgotten them.
func (b *batch) startOver() {
	for _, it := range b.items {
		if it.State == open {
			it.State, it.Ref = unsent, modelslab.Ref{}
		}
	}
}

// run does what is left to do, until it is done or interrupted, and writes down
// what came of it.
func (b *batch) run(interrupts <-chan os.Signal) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ended := make(chan struct{})
	var watch sync.WaitGroup
	watch.Go(func() { b.watch(interrupts, cancel, ended) })

	b.collect(ctx, b.with(open), b.waitAll)
	b.collect(ctx, b.with(unsent), b.runAll)

	close(ended)
	watch.Wait()
	b.display.close()
	return b.finish()
}

// watch turns the first interrupt into a gentle stop, the second into a quick one.
func (b *batch) watch(interrupts <-chan os.Signal, cancel func(), ended <-chan struct{}) {
	for n := 1; ; n++ {
		select {
		case <-interrupts:
		case <-ended:
			return
		}
		switch n {
		case 1:
			b.stopping.Store(true)
			b.display.say("stopping: no more prompts are sent, open jobs are finished (Ctrl-C again to leave them)")
		case 2:
			cancel()
			b.display.say("leaving: only the answers of submits under way are awaited")
		}
	}
}

func (b *batch) with(s state) []*item {
	var items []*item
	for _, it := range b.items {
		if it.State == s {
			items = append(items, it)
		}
	}
	return items
}

// collect saves the results of items as their jobs end, several at a time, and
// takes note of each.
func (b *batch) collect(ctx context.Context, items []*item, jobs func(context.Context, []*item) iter.Seq2[int, modelslab.Outcome]) {
	for i, outcome := range b.client.SaveAll(ctx, jobs(ctx, items), b.config.out) {
		b.end(items[i], outcome)
	}
}

// runAll submits the items and waits for their jobs, within the queue limit.
func (b *batch) runAll(ctx context.Context, items []*item) iter.Seq2[int, modelslab.Outcome] {
	requests := func(yield func(modelslab.Request) bool) {
		for _, it := range items {
			if b.stopping.Load() || !yield(it.request()) {
				return
			}
		}
	}
	return b.client.RunAll(ctx, requests, modelslab.OnUpdate(b.update))
}

// waitAll waits for jobs that an earlier run has submitted. The queue limit
// allows few of them, so each may have its goroutine.
func (b *batch) waitAll(ctx context.Context, items []*item) iter.Seq2[int, modelslab.Outcome] {
	type result struct {
		index   int
		outcome modelslab.Outcome
	}
	return func(yield func(int, modelslab.Outcome) bool) {
		results := make(chan result, len(items))
		for i, it := range items {
			go func() {
				b.display.opened(it, 0)
				job, err := b.client.Wait(ctx, it.Ref)
				results <- result{i, modelslab.Outcome{Job: job, Ref: it.Ref, TrackID: it.TrackID, Err: err, Took: it.Took}}
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
func (b *batch) update(job *modelslab.Job) {
	it := b.byTrack[job.TrackID]
	b.mu.Lock()
	defer b.mu.Unlock()
	if it.State == unsent && !job.Ref.IsZero() {
		it.State, it.Ref = open, job.Ref
		b.display.opened(it, job.ETA)
	}
	if job.Status.Terminal() {
		b.display.closed(it)
	}
}

// end takes note of what became of an item.
func (b *batch) end(it *item, o modelslab.Outcome) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !o.Ref.IsZero() {
		it.Ref = o.Ref
	}
	if it.Took = o.Took; o.Job != nil && o.Job.Took > 0 {
		it.Took = o.Job.Took
	}
	it.Error = ""
	if o.Err != nil {
		it.Error = o.Err.Error()
	}
	if it.State = stateOf(o); it.State == done {
		if err := it.rename(o.Files); err != nil {
			it.State, it.Error = open, err.Error()
		}
	}
	b.display.ended(it)
}

// stateOf decides what -resume would have to do.
func stateOf(o modelslab.Outcome) state {
	var lost *modelslab.SubmitError
	var ended *modelslab.JobError
	switch {
	case o.Err == nil:
		return done
	case errors.As(o.Err, &lost):
		return unknown
	case errors.As(o.Err, &ended), errors.Is(o.Err, modelslab.ErrNotFound) && o.Job == nil:
		return failed
	case !o.Ref.IsZero():
		return open // not waited for to the end, or not saved
	case errors.Is(o.Err, modelslab.ErrRateLimited), errors.Is(o.Err, modelslab.ErrUnavailable):
		return unsent // refused, or never left: nothing was queued
	default:
		return failed
	}
}

// rename gives the files of an item names that tell which it is.
func (it *item) rename(files []string) error {
	it.Files = nil
	for i, file := range files {
		name := it.name()
		if len(files) > 1 {
			name += "-" + strconv.Itoa(i+1)
		}
		name += filepath.Ext(file)
		if err := os.Rename(file, filepath.Join(filepath.Dir(file), name)); err != nil {
			return err
		}
		it.Files = append(it.Files, name)
	}
	return nil
}

// finish writes resume.json and the gallery.
func (b *batch) finish() error {
	left, err := saveResume(b.config.out, b.items)
	if left && err == nil {
		b.stopping.Store(true)
	}
	return errors.Join(err, writeGallery(filepath.Join(b.config.out, "index.html"), b.items))
}

// report says how it went.
func (b *batch) report(w io.Writer) error {
	count := map[state]int{}
	for _, it := range b.items {
		count[it.State]++
	}
	_, err := fmt.Fprintf(w, "%d of %d saved, %d failed: open %s\n",
		count[done], len(b.items), count[failed]+count[unknown], filepath.Join(b.config.out, "index.html"))
	if n := count[open] + count[unsent]; n > 0 {
		return errors.Join(err, fmt.Errorf("%d jobs are open and %d prompts unsent: go on with -resume", count[open], count[unsent]))
	}
	return err
}

// seconds is a duration as people read it.
func seconds(d time.Duration) string {
	if d < time.Minute {
		return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + " s"
	}
	return d.Round(time.Second).String()
}
