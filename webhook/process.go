package webhook

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/internal/token"
)

const (
	busyPause    = 5 * time.Millisecond
	maxBusyPause = 500 * time.Millisecond

	// Waking a goroutine costs more than all else that the handler does. So
	// callbacks that only hand the event on, and never took longer than
	// quickCall in the last quickCalls, run on the goroutine of the request. When
	// one of them gets stuck, those that come after it have goroutines again.
	quickCall  = time.Millisecond
	quickCalls = 64
)

// handle takes a verified delivery to its answer.
func (h *Handler) handle(ctx context.Context, d *delivery) *answer {
	if h.door != nil {
		h.door.Heard(d.job, token.Job(d.track))
	}
	if !h.open.enter(d) {
		h.rejected(ctx, shuttingDown, d, nil)
		return &tryLater
	}
	d.ctx = context.WithoutCancel(ctx)
	deadline := d.at.Add(h.timeout)
	state, why, err := h.admit(ctx, d, deadline)
	switch {
	case err != nil:
		h.rejected(ctx, why, d, err)
		if why == unconfirmed {
			h.open.leave(d)
			return &unauthorized
		}
		h.failed(d, err)
		return &tryLater
	case state == Claimed:
		return h.answerClaimed(ctx, d, deadline)
	case state == Busy:
		h.open.leave(d) // it is in the hands of who holds the claim
		h.rejected(ctx, stillBusy, d, nil)
		return &tryLater
	default:
		h.handledBefore(ctx, d, state)
		return &received
	}
}

// answerClaimed runs the callbacks, or lets them be run.
func (h *Handler) answerClaimed(ctx context.Context, d *delivery, deadline time.Time) *answer {
	if h.queue != nil {
		if h.queue.put(h, d) {
			return &received
		}
		h.release(d)
		h.open.leave(d)
		h.rejected(ctx, queueFull, d, nil)
		return &tryLater
	}
	ok, err := h.start(d.ctx, d, deadline)
	switch {
	case !ok:
		h.rejected(ctx, callbackSlow, d, context.DeadlineExceeded)
		return &tryLater
	case err == nil:
		return &received
	case errors.Is(err, errStore):
		return &tryLater
	default:
		return &callbackFailed
	}
}

// start runs the callbacks beside the caller, who waits until the deadline or
// the end of ctx. It is not ok when they go on after that.
func (h *Handler) start(ctx context.Context, d *delivery, deadline time.Time) (ok bool, err error) {
	if h.quick.Load() >= quickCalls && !h.stuck(d.at) {
		return true, h.run(d)
	}
	done := make(chan error, 3)
	// Nothing but the callbacks runs on the goroutine, so that its stack stays small.
	go func() {
		err := h.call(d)
		if d.waited.CompareAndSwap(false, true) {
			done <- err
			return
		}
		_ = h.settle(d, err) // it is counted, logged and tried again there
	}()
	leave := func() { done <- errCallbackSlow }
	timer := time.AfterFunc(time.Until(deadline), leave)
	defer timer.Stop()
	if ctx.Done() != nil {
		defer context.AfterFunc(ctx, leave)()
	}
	err = <-done
	if errors.Is(err, errCallbackSlow) {
		if d.waited.CompareAndSwap(false, true) {
			return false, nil
		}
		err = <-done
	}
	return true, h.settle(d, err)
}

var errCallbackSlow = errors.New("webhook: the callbacks take longer than WithTimeout")

// found is where the client delivers what a submit's answer, a poll or a watch
// has told. A claim that is busy is in good hands, so nothing waits for it: a
// callback may well be calling Wait for its own job.
func (h *Handler) found(ctx context.Context, job any) (accepted bool, err error) {
	d := h.fromClient(job.(*modelslab.Job))
	if d.job.Ref.ID == "" && d.track == (TrackKey{}) {
		return false, errors.New("webhook: the job has neither a Ref nor a track id to know it by")
	}
	if !h.open.enter(d) {
		return true, nil
	}
	d.ctx = context.WithoutCancel(ctx)
	switch state, _, err := h.admit(ctx, d, atOnce); {
	case err != nil:
		h.failed(d, err)
		return true, err
	case state == Claimed:
		_, err := h.start(ctx, d, time.Now().Add(h.timeout))
		return true, err
	case state == Busy:
		h.open.leave(d)
		return true, nil
	default:
		h.handledBefore(ctx, d, state)
		return state == Done, nil
	}
}

// handledBefore is the end of a delivery that has nothing to tell. A Wait in
// this process may not have heard, where the first was handled in another.
func (h *Handler) handledBefore(ctx context.Context, d *delivery, state State) {
	if state == Conflict {
		h.decided(ctx, OutcomeConflict, d, 0, nil)
	} else {
		h.decided(ctx, OutcomeDuplicate, d, 0, nil)
		h.wake(d)
	}
	h.open.leave(d)
}

// errStore marks an error of the store, not of a callback.
var errStore = errors.New("webhook: the store failed")

// atOnce is the deadline of who does not wait for a claim that is busy.
var atOnce time.Time

// admit confirms a delivery where that is called for, and claims it.
func (h *Handler) admit(ctx context.Context, d *delivery, deadline time.Time) (State, reason, error) {
	if odd := h.anomaly(d); odd != "" {
		if why, err := h.confirm(ctx, d, odd); err != nil {
			return 0, why, err
		}
	}
	state, err := h.take(ctx, d, deadline)
	if state == Conflict && !d.confirmed && h.confirmPolicy == OnAnomaly && d.fromWebhook {
		h.decided(ctx, OutcomeConflict, d, 0, nil)
		why, confirmErr := h.confirm(ctx, d, "another end than the first")
		if confirmErr != nil || !d.confirmed {
			return Conflict, why, confirmErr
		}
		state, err = h.take(ctx, d, deadline)
	}
	if err != nil {
		return 0, storeFailed, fmt.Errorf("%w: %w", errStore, err)
	}
	return state, 0, nil
}

// take claims the event. Until the deadline it waits while another has it.
func (h *Handler) take(ctx context.Context, d *delivery, deadline time.Time) (State, error) {
	var space [256]byte // for most
	names := d.collect(space[:])
	if d.name = d.eventName(); h.memory != nil {
		names.hashed(h.memory, &d.claim, d.name)
	} else {
		d.names = names.list()
	}
	now := d.at
	for pause := busyPause; ; pause = min(2*pause, maxBusyPause) {
		state, err := h.claim(ctx, d, now)
		if err == nil && (state < Claimed || state > Conflict) {
			err = fmt.Errorf("the claim was answered with state %d", state)
		}
		if err != nil {
			return 0, err
		}
		if state != Busy || deadline.IsZero() {
			return state, nil
		}
		if left := time.Until(deadline); left <= 0 || !sleep(ctx, min(pause, left)) {
			return Busy, nil
		}
		now = time.Now()
	}
}

func (h *Handler) claim(ctx context.Context, d *delivery, now time.Time) (State, error) {
	if h.memory != nil {
		return h.memory.claim(&d.claim, h.lease, now), nil
	}
	d.until = now.Add(h.lease)
	ctx, cancel := h.storeContext(ctx)
	defer cancel()
	return h.store.Claim(ctx, d.names, d.name, h.lease)
}

// storeContext bounds a call of a store that can keep one waiting.
func (h *Handler) storeContext(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, h.timeout)
}

// run calls the callbacks of a claimed delivery and settles it.
func (h *Handler) run(d *delivery) error { return h.settle(d, h.call(d)) }

// settle ends a claim as the callbacks have ended. What failed is tried again,
// by ModelsLab or from here.
func (h *Handler) settle(d *delivery, err error) error {
	if err != nil {
		h.decided(d.ctx, OutcomeFailed, d, d.took, err)
		h.release(d)
		h.wake(d) // the job is what it is, whatever became of the callback
		h.failed(d, err)
		return err
	}
	h.decided(d.ctx, OutcomeDelivered, d, d.took, nil)
	d.handled = true
	if h.door != nil && final(d.event) {
		h.watched.done(d.job.Ref)
	}
	h.wake(d)
	return h.commit(d)
}

func (h *Handler) commit(d *delivery) error {
	if h.memory != nil {
		h.memory.commit(&d.claim, d.called)
		h.open.leave(d)
		return nil
	}
	ctx, cancel := h.storeContext(d.ctx)
	defer cancel()
	if err := h.store.Commit(ctx, d.names, d.name); err != nil {
		err = fmt.Errorf("%w to record a delivery, which may be handled again: %w", errStore, err)
		h.failed(d, err)
		return err
	}
	h.open.leave(d)
	return nil
}

func (h *Handler) release(d *delivery) {
	if h.memory != nil {
		h.memory.release(&d.claim, time.Now())
		return
	}
	ctx, cancel := h.storeContext(d.ctx)
	defer cancel()
	if err := h.store.Release(ctx, d.names, d.name); err != nil {
		// The claim ends with its lease.
		h.rejected(ctx, storeFailed, d, fmt.Errorf("%w to release a claim: %w", errStore, err))
	}
}

// failed sees to it that a delivery is tried again.
func (h *Handler) failed(d *delivery, err error) {
	if d.fromWebhook && h.queue == nil && d.kind == modelslab.KindWorkflow && !d.handled {
		h.open.leave(d) // it was not acknowledged, so ModelsLab sends it again
		return
	}
	h.retries.add(h, d, err)
}

// call calls the callbacks of an event until one fails.
func (h *Handler) call(d *delivery) (err error) {
	ctx, start := d.ctx, time.Now()
	if h.memory == nil {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, d.until)
		defer cancel()
	}
	first := h.calling.CompareAndSwap(0, start.UnixNano())
	defer func() {
		if first {
			h.calling.Store(0)
		}
		d.called = time.Now()
		d.took = d.called.Sub(start)
		if d.took >= quickCall {
			h.quick.Store(0)
		} else {
			h.quick.Add(1)
		}
		if p := recover(); p != nil {
			err = fmt.Errorf("webhook: a callback panicked: %v\n%s", p, debug.Stack())
		}
	}()
	for _, f := range h.callbacks {
		if err := f(ctx, d.event); err != nil {
			return err
		}
	}
	return nil
}

// stuck reports whether a callback that was to be quick is not.
func (h *Handler) stuck(now time.Time) bool {
	since := h.calling.Load()
	return since != 0 && now.UnixNano()-since > int64(quickCall)
}

// wake hands the job to every Wait for it.
func (h *Handler) wake(d *delivery) {
	if h.door != nil {
		h.door.Wake(d.event.Job(), token.Job(d.track))
	}
}

// sleep reports false when ctx ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
