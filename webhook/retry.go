package webhook

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/cenkalti/backoff/v4"
)

const (
	maxRetries      = 1024 // deliveries that wait to be tried again
	retryWorkers    = 8    // of them at a time
	firstRetryPause = time.Second
	maxRetryPause   = 5 * time.Minute
	retryPatience   = time.Hour // after that a delivery is given up
)

var errTooManyRetries = errors.New("webhook: too many deliveries wait to be tried again")

// retries are the deliveries whose callbacks failed and that ModelsLab will not
// send again.
type retries struct {
	mu       sync.Mutex
	timers   map[*delivery]*time.Timer
	slots    chan struct{}
	draining bool
}

func (r *retries) init() {
	r.timers = map[*delivery]*time.Timer{}
	r.slots = make(chan struct{}, retryWorkers)
}

func (r *retries) add(h *Handler, d *delivery, cause error) {
	if d.retry == nil {
		d.retry = backoff.NewExponentialBackOff(
			backoff.WithInitialInterval(firstRetryPause),
			backoff.WithMultiplier(2),
			backoff.WithMaxInterval(maxRetryPause),
			backoff.WithMaxElapsedTime(retryPatience),
		)
	}
	pause := d.retry.NextBackOff()
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.draining:
		h.open.abandon(d)
	case pause == backoff.Stop:
		h.giveUp(d, cause)
	case len(r.timers) >= maxRetries:
		h.giveUp(d, fmt.Errorf("%w: %w", errTooManyRetries, cause))
	default:
		r.timers[d] = time.AfterFunc(pause, func() { r.try(h, d) })
	}
}

func (h *Handler) giveUp(d *delivery, cause error) {
	h.decided(d.ctx, OutcomeGaveUp, d, 0, cause)
	h.open.leave(d)
}

// try runs on its timer's goroutine.
func (r *retries) try(h *Handler, d *delivery) {
	r.slots <- struct{}{}
	defer func() { <-r.slots }()
	r.mu.Lock()
	delete(r.timers, d)
	r.mu.Unlock()
	if d.handled {
		_ = h.commit(d)
		return
	}
	ctx := d.ctx
	d.at = time.Now()
	state, why, err := h.admit(ctx, d, atOnce)
	switch {
	case err != nil && why == unconfirmed:
		h.rejected(ctx, why, d, err)
		h.open.leave(d)
	case err != nil:
		r.add(h, d, err)
	case state == Claimed:
		_ = h.run(d)
	case state == Busy:
		r.add(h, d, errors.New("webhook: the job is claimed by another"))
	default:
		h.handledBefore(ctx, d, state)
	}
}

// drain tries everything once more, now.
func (r *retries) drain(h *Handler) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.draining = true
	for d, timer := range r.timers {
		if timer.Stop() {
			go r.try(h, d)
		}
	}
}
