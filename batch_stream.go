package modelslab

import "sync/atomic"

// A stream carries outcomes from the goroutines that make them to a loop.
type stream struct {
	results  chan result
	gone     atomic.Bool         // the loop was left
	panicked atomic.Pointer[any] // by code of the caller's; the first of them
}

type result struct {
	Outcome

	index int
}

func newStream() *stream { return &stream{results: make(chan result)} }

// run calls the function that makes the outcomes, and ends the stream.
func (s *stream) run(produce func()) {
	defer close(s.results)
	defer s.catch()
	produce()
}

// catch, deferred, keeps a panic for the goroutine of the loop.
func (s *stream) catch() {
	if p := recover(); p != nil {
		s.panicked.CompareAndSwap(nil, &p)
	}
}

// yield hands the outcomes to a loop. When that is left, stop is called and
// what is still under way waited for.
func (s *stream) yield(yield func(int, Outcome) bool, stop func()) {
	defer func() {
		s.gone.Store(true)
		stop()
		for range s.results { // until all is answered
		}
	}()
	for r := range s.results {
		if !yield(r.index, r.Outcome) {
			return
		}
	}
	if p := s.panicked.Load(); p != nil {
		panic(*p)
	}
}

// left reports that no more outcomes are wanted.
func (s *stream) left() bool { return s.gone.Load() || s.panicked.Load() != nil }
