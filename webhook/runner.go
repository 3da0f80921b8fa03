package webhook

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/modelslab-go/modelslab"
)

var (
	errCallbackSlow = errors.New("webhook: the callbacks take longer than WithTimeout")
	errGoexit       = errors.New("webhook: a callback ended its goroutine")
)

// runner has the deliveries that were taken on, from their arrival to their
// end, and runs their callbacks: each on a goroutine of its own, or on one of
// the workers of WithAsync. No callback runs under the lock.
type runner struct {
	callbacks []func(context.Context, Event) error
	timeout   time.Duration
	workers   int // of WithAsync; 0 without
	places    int // for deliveries that wait for a worker

	// The handler's, for what comes before and after the callbacks.
	context func(*delivery) (context.Context, context.CancelFunc) // that of the callbacks
	stands  func(*delivery) bool                                  // reports whether a delivery that had to wait is claimed still
	ended   func(*delivery) error                                 // records how the callbacks ended, and returns that
	again   func(*delivery)                                       // tries a delivery once more
	tracer  modelslab.Tracer                                      // of the client; nil for none

	work func() // runNext, as a value that a go statement need not allocate

	mu      sync.Mutex
	open    openSet
	queue   deliveryQueue
	taken   int // deliveries that are queued for a worker of WithAsync or with one
	working int // workers of WithAsync that run
	alarm   alarm
	retries retrySet
}

func (r *runner) init(h *Handler) {
	r.context, r.stands, r.ended, r.again = h.ledger.context, h.stands, h.ended, h.retry
	if h.client.Client != nil {
		r.tracer = h.client.Tracer()
	}
	r.work = r.runNext
	r.retries.timers = map[*delivery]*time.Timer{}
	r.retries.slots = make(chan struct{}, retryWorkers)
}

// run runs the callbacks and returns how they ended. At the delivery's deadline,
// and when ctx ends, it returns errCallbackSlow, and they go on.
func (r *runner) run(ctx context.Context, d *delivery) error {
	if len(r.callbacks) == 0 {
		return r.ended(d)
	}
	d.answered.Add(1)
	r.mu.Lock()
	d.waited = true
	r.queue.push(d)
	r.alarmAt(d.deadline)
	r.mu.Unlock()
	go r.work()
	if ctx.Done() != nil {
		defer context.AfterFunc(ctx, func() { r.giveUp(d) })()
	}
	d.answered.Wait()
	if d.late {
		return errCallbackSlow
	}
	return r.ended(d)
}

// runNext is the work of a goroutine that run has started. It runs nothing but
// the callbacks while somebody waits for them, since its stack is a new one.
func (r *runner) runNext() {
	r.mu.Lock()
	d := r.queue.pop()
	r.mu.Unlock()
	defer func() { // after runtime.Goexit too, which t.FailNow calls
		if r.returned(d) {
			_ = r.ended(d) // it is counted, logged and tried again there
		}
	}()
	r.call(d)
}

// returned ends the wait for a delivery. It reports whether that had ended
// before.
func (r *runner) returned(d *delivery) (late bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if d.waited {
		d.waited = false
		d.answered.Done()
	}
	return d.late
}

// giveUp ends the wait for a delivery whose callbacks have not returned.
func (r *runner) giveUp(d *delivery) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.giveUpLocked(d)
}

func (r *runner) giveUpLocked(d *delivery) {
	if d.waited {
		d.waited, d.late, d.deadline = false, true, time.Time{}
		d.answered.Done()
	}
}

// call calls the callbacks until one fails, and notes how it went.
func (r *runner) call(d *delivery) {
	ctx, cancel := r.context(d)
	defer cancel()
	ctx, end := r.follow(ctx, d)
	start := time.Now()
	d.failure = errGoexit
	defer func() {
		d.called = time.Now()
		d.took = d.called.Sub(start)
		if p := recover(); p != nil {
			d.failure = fmt.Errorf("webhook: a callback panicked: %v\n%s", p, debug.Stack())
		}
		if end != nil {
			end(modelslab.Result{Job: d.job, Err: d.failure})
		}
	}()
	d.failure = r.callAll(ctx, d.event)
}

// follow begins the operation of a delivery's callbacks where there is a Tracer.
func (r *runner) follow(ctx context.Context, d *delivery) (context.Context, func(modelslab.Result)) {
	if r.tracer == nil {
		return ctx, nil
	}
	return r.tracer.Begin(ctx, modelslab.Op{Name: modelslab.OpDelivery, Kind: d.kind, TrackID: d.job.TrackID, Link: d.link})
}

func (r *runner) callAll(ctx context.Context, event Event) error {
	for _, f := range r.callbacks {
		if err := f(ctx, event); err != nil {
			return err
		}
	}
	return nil
}
