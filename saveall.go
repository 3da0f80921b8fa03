package modelslab

import (
	"context"
	"fmt"
	"iter"
	"sync"
)

const defaultParallel = 8

// Parallel is how many jobs [Client.SaveAll] saves at the same time. Defaults
// to 8. Serves SaveAll.
func Parallel(n int) CallOption {
	return func(o *callOptions) {
		if !o.serves("Parallel", verbSaveAll) {
			return
		}
		if n <= 0 {
			o.fail(fmt.Errorf("modelslab: Parallel(%d): want 1 or more", n))
			return
		}
		o.parallel = n
	}
}

// SaveAll saves the results of jobs into dir as their outcomes come, several at
// a time, and yields each outcome when that is done: with Files, and with Err
// where it failed. Outcomes without a success pass through. It takes what
// [Client.RunAll] yields,
//
//	for i, outcome := range client.SaveAll(ctx, client.RunAll(ctx, requests), "out") {
//
// or any other sequence of outcomes that have a Job. Saving is [Client.Save]
// with its options, and [Parallel]: a transfer that breaks off is resumed, what
// is no file of the type and size that was announced is not taken for one, and
// a file has its name only when it is complete. A file of an earlier run with
// the same name is replaced.
//
// The sequence of outcomes runs on another goroutine than the loop. A break
// waits for the outcome that is next; to be quick, end ctx first, which yields
// the rest unsaved.
func (c *Client) SaveAll(ctx context.Context, outcomes iter.Seq2[int, Outcome], dir string, opts ...CallOption) iter.Seq2[int, Outcome] {
	return c.SaveAllTo(ctx, outcomes, folder(dir), opts...)
}

// SaveAllTo is [Client.SaveAll] into a sink, such as a bucket. Files of an
// outcome are the keys that the sink gave. The sink is used by several
// goroutines at the same time; its panic comes out of the loop.
func (c *Client) SaveAllTo(ctx context.Context, outcomes iter.Seq2[int, Outcome], sink Sink, opts ...CallOption) iter.Seq2[int, Outcome] {
	return func(yield func(int, Outcome) bool) {
		o, err := newCallOptions(verbSaveAll, opts)
		if err != nil {
			yield(0, Outcome{Err: err})
			return
		}
		if o.parallel == 0 {
			o.parallel = defaultParallel
		}
		ctx, cancel := context.WithCancel(ctx)
		s := newStream()
		go s.run(func() {
			room := make(chan struct{}, o.parallel)
			var saves sync.WaitGroup
			defer saves.Wait()
			for i, outcome := range outcomes {
				if s.left() {
					return
				}
				if outcome.Err != nil || outcome.Job == nil {
					s.results <- result{outcome, i}
					continue
				}
				room <- struct{}{}
				saves.Go(func() {
					defer func() { <-room }()
					defer s.catch()
					outcome.Files, outcome.Err = c.save(ctx, outcome.Job, sink, o)
					s.results <- result{outcome, i}
				})
			}
		})
		s.yield(yield, cancel)
	}
}
