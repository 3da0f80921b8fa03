package webhook

import (
	"container/heap"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/internal/schedule"
)

const (
	watchWorkers     = 32 // fetches at a time
	pollTimeout      = 30 * time.Second
	maxWatchedString = 1 << 16
)

var (
	errNoClient   = errors.New("webhook: Watch fetches with the client: give NewHandler WithClient")
	errWatchEnded = errors.New("webhook: the job had not ended at the deadline of Watch")
)

// Watch sees to it that the end of a job is delivered even when its webhook is
// not: the job is fetched at twice its ETA, then less and less often, and its
// end takes the path of a webhook. After the deadline the job is fetched no
// more. A job that has ended already is delivered at once. Watch
// returns without waiting; the watched jobs of a handler share one goroutine.
//
// target is the *[modelslab.Job] that Submit returned, or a [modelslab.Ref] from
// an earlier run of the program. Watching a job again extends its deadline.
//
// It returns an error without [WithClient], for a job that cannot be fetched,
// for a deadline that has passed, and after [Handler.Shutdown].
func (h *Handler) Watch(target modelslab.Target, deadline time.Time) error {
	if h.client.Client == nil {
		return errNoClient
	}
	var job *modelslab.Job
	switch t := target.(type) {
	case *modelslab.Job:
		job = t
	case modelslab.Ref:
		job = &modelslab.Job{Ref: t}
	}
	switch {
	case job == nil:
		return errors.New("webhook: Watch: the target is nil")
	case job.Final():
		return h.watcher.deliver(job)
	case job.Ref.Kind == "" || job.Ref.ID == "":
		return fmt.Errorf("webhook: Watch: the job %q has no kind and id to fetch it by", job.Ref)
	case !time.Now().Before(deadline):
		return fmt.Errorf("webhook: Watch: the deadline of job %s has passed", job.Ref)
	default:
		return h.watcher.add(job, deadline)
	}
}

// watcher polls the watched jobs, from one goroutine that runs while there are
// any.
type watcher struct {
	h *Handler

	mu      sync.Mutex
	due     watchHeap
	byRef   map[string]*watchedJob // those being fetched too
	running bool
	stopped bool
	changed chan struct{} // the first to be due is another one

	ctx    context.Context //nolint:containedctx // that of all fetches, ended by stop
	cancel context.CancelFunc
	slots  chan struct{}
	busy   sync.WaitGroup
}

func (w *watcher) init(h *Handler) {
	w.h = h
	w.byRef = map[string]*watchedJob{}
	w.changed = make(chan struct{}, 1)
	w.slots = make(chan struct{}, watchWorkers)
	w.ctx, w.cancel = context.WithCancel(context.Background())
}

func (w *watcher) add(job *modelslab.Job, deadline time.Time) error {
	key := watchKey(job.Ref)
	text := key + job.ID + job.TrackID
	if len(text) >= maxWatchedString {
		return errors.New("webhook: Watch: the ids of the job are too long")
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stopped {
		return errShutDown
	}
	if j, ok := w.byRef[key]; ok {
		j.deadline = max(j.deadline, deadline.UnixNano())
		return nil
	}
	j := &watchedJob{
		deadline: deadline.UnixNano(), eta: schedule.Believed(job.ETA), text: text, index: -1,
		kindEnd: uint16(len(job.Ref.Kind)), refEnd: uint16(len(key)), otherEnd: uint16(len(key) + len(job.ID)), //nolint:gosec // bounded above
	}
	j.schedule(time.Now())
	w.byRef[j.key()] = j
	w.push(j)
	return nil
}

// push adds to the heap and wakes the scheduler, or starts it. The caller holds mu.
func (w *watcher) push(j *watchedJob) {
	heap.Push(&w.due, j)
	if !w.running {
		w.running = true
		w.busy.Add(1)
		go w.run()
	} else if j.index == 0 {
		select {
		case w.changed <- struct{}{}:
		default:
		}
	}
}

// run is the scheduler.
func (w *watcher) run() {
	defer w.busy.Done()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		j, wait, ok := w.next(time.Now())
		if !ok {
			return
		}
		if j == nil {
			timer.Reset(wait)
			select {
			case <-timer.C:
			case <-w.changed:
			case <-w.ctx.Done():
				return
			}
			continue
		}
		select {
		case w.slots <- struct{}{}:
			go func() {
				defer w.busy.Done()
				w.poll(j)
				<-w.slots
			}()
		case <-w.ctx.Done():
			w.busy.Done()
			return
		}
	}
}

// next takes the job that is due, or says how long until one is. It is not ok
// when there is nothing left to do.
func (w *watcher) next(now time.Time) (j *watchedJob, wait time.Duration, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.due) == 0 || w.stopped {
		w.running = false
		return nil, 0, false
	}
	if first := w.due[0]; first.at > now.UnixNano() {
		return nil, time.Duration(first.at - now.UnixNano()), true
	}
	w.busy.Add(1)
	return heap.Pop(&w.due).(*watchedJob), 0, true
}

// poll fetches a job and delivers what is new about it.
func (w *watcher) poll(j *watchedJob) {
	job, err := w.fetch(j)
	if w.ctx.Err() != nil {
		return // it counts as watched still
	}
	if err == nil {
		w.h.client.polled(w.ctx, job)
		if job.Final() {
			w.done(job.Ref)
			return
		}
	}
	fatal := errors.Is(err, modelslab.ErrNotFound) || errors.Is(err, modelslab.ErrInvalid)
	w.mu.Lock()
	now := time.Now()
	over := fatal || j.last && !j.extended(now)
	if over {
		delete(w.byRef, j.key())
	} else if w.byRef[j.key()] == j { // else its webhook came meanwhile
		j.schedule(now)
		w.push(j)
	}
	w.mu.Unlock()
	if over {
		if err == nil {
			err = errWatchEnded
		}
		d := &delivery{job: j.job(), kind: j.ref().Kind}
		w.h.report.decided(w.ctx, OutcomeGaveUp, d, 0, err)
	}
}

// fetch gives up on an answer that does not come: the next poll may get one.
func (w *watcher) fetch(j *watchedJob) (*modelslab.Job, error) {
	ctx, cancel := context.WithTimeout(w.ctx, pollTimeout)
	defer cancel()
	return w.h.client.Fetch(ctx, j.job())
}

// done forgets a job that has ended.
func (w *watcher) done(ref modelslab.Ref) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.byRef) == 0 {
		return
	}
	key := watchKey(ref)
	j, ok := w.byRef[key]
	if !ok {
		return
	}
	delete(w.byRef, key)
	if j.index >= 0 {
		heap.Remove(&w.due, int(j.index))
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

func (w *watcher) len() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.byRef)
}

// stop ends the scheduler and returns the jobs that have not ended.
func (w *watcher) stop() []modelslab.Ref {
	w.mu.Lock()
	w.stopped = true
	w.mu.Unlock()
	w.cancel()
	w.busy.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	left := make([]modelslab.Ref, 0, len(w.byRef))
	for _, j := range w.byRef {
		ref := j.ref()
		left = append(left, modelslab.Ref{Kind: ref.Kind, ID: strings.Clone(ref.ID)})
	}
	clear(w.byRef)
	w.due = nil
	return left
}
