package webhook

import (
	"context"
	"sync"
	"time"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/internal/retry"
)

const (
	watchWorkers = 32 // fetches at a time
	storeTimeout = 10 * time.Second
)

// watcher polls the jobs under watch: those in memory and, with a store, those
// that the store has due. With a store memory holds what is not yet written.
type watcher struct {
	h      *Handler
	within time.Duration // of every submit; 0 without WithWatch
	store  WatchStore    // nil without one

	memory *memoryWatch
	local  *watchLoop // over memory
	shared *watchLoop // over store; nil without one
	slots  chan struct{}

	mu      sync.Mutex
	stopped bool
	pending map[modelslab.Ref]struct{} // to be written: as in memory, or as removed
	writing bool                       // write runs

	ctx       context.Context //nolint:containedctx // that of all polls, ended by stop
	cancel    context.CancelFunc
	busy      sync.WaitGroup
	writes    context.Context //nolint:containedctx // that of write, ended by flush
	endWrites context.CancelFunc
	written   sync.WaitGroup
}

func (w *watcher) init(h *Handler) {
	w.h = h
	w.memory = newMemoryWatch()
	w.local = newWatchLoop(w, w.memory)
	w.slots = make(chan struct{}, watchWorkers)
	w.ctx, w.cancel = context.WithCancel(context.Background())
	if w.store != nil {
		w.pending = map[modelslab.Ref]struct{}{}
		w.shared = newWatchLoop(w, w.store)
		w.shared.lasting = true
		w.writes, w.endWrites = context.WithCancel(context.Background())
	}
}

// start polls what the store has due from the beginning.
func (w *watcher) start() {
	if w.shared != nil {
		w.shared.dueAt(time.Now())
	}
}

// add watches a job.
func (w *watcher) add(e Watched) error {
	w.mu.Lock()
	if w.stopped {
		w.mu.Unlock()
		return errShutDown
	}
	err := w.memory.Watch(w.ctx, e)
	if err == nil {
		w.writeLater(e.Ref)
	}
	w.mu.Unlock()
	if err == nil {
		w.local.dueAt(e.Next)
	}
	return err
}

// done forgets a job that has ended.
func (w *watcher) done(ref modelslab.Ref) {
	_ = w.memory.Done(w.ctx, ref) // which cannot fail
	if w.store != nil {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.writeLater(ref)
	}
}

// deliver hands on a job that has ended, in the background.
func (w *watcher) deliver(job *modelslab.Job) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stopped {
		return errShutDown
	}
	w.busy.Go(func() {
		_ = w.h.client.Deliver(w.ctx, job) // an error is counted, logged and tried again by the handler
	})
	return nil
}

// writeLater has the store told of a job. The caller holds mu.
func (w *watcher) writeLater(ref modelslab.Ref) {
	if w.store == nil {
		return
	}
	w.pending[ref] = struct{}{}
	if !w.writing {
		w.writing = true
		w.written.Go(w.writeAll)
	}
}

// writeAll writes until nothing is pending. What fails is tried again, after a
// pause.
func (w *watcher) writeAll() {
	pauses := retry.Backoff()
	for ref, ok := w.nextWrite(); ok; ref, ok = w.nextWrite() {
		err := w.write(ref)
		if err == nil {
			pauses.Reset()
			continue
		}
		w.mu.Lock()
		w.pending[ref] = struct{}{}
		n := len(w.pending)
		w.mu.Unlock()
		pause := pauses.NextBackOff()
		w.h.report.log.Warn("modelslab watch: the store failed, so a kill would forget jobs", "not_written", n, "again_in", pause, "error", err)
		_ = retry.Sleep(w.writes, pause) // nextWrite ends too
	}
}

func (w *watcher) nextWrite() (ref modelslab.Ref, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.writes.Err() == nil {
		for ref := range w.pending {
			delete(w.pending, ref)
			return ref, true
		}
	}
	w.writing = false
	return ref, false
}

// write brings one job to the store, from memory, or out of it.
func (w *watcher) write(ref modelslab.Ref) error {
	ctx, cancel := context.WithTimeout(w.writes, storeTimeout)
	defer cancel()
	e, ok := w.memory.get(ref)
	if !ok {
		return w.store.Done(ctx, ref)
	}
	if err := w.store.Watch(ctx, e); err != nil {
		return err
	}
	w.mu.Lock()
	if _, again := w.pending[ref]; !again {
		_ = w.memory.Done(ctx, ref) // which cannot fail
	}
	w.mu.Unlock()
	w.shared.dueAt(e.Next)
	return nil
}

func (w *watcher) len() int { return w.memory.len() }

// stop ends the polls. Jobs that end can still be done.
func (w *watcher) stop() {
	w.mu.Lock()
	w.stopped = true
	w.mu.Unlock()
	w.cancel()
	w.busy.Wait()
}

// flush writes what is pending, until ctx ends, and returns the jobs that are
// not watched any more.
func (w *watcher) flush(ctx context.Context) []modelslab.Ref {
	if w.store != nil {
		defer context.AfterFunc(ctx, w.endWrites)()
		w.written.Wait()
		w.endWrites()
	}
	return w.memory.refs()
}
