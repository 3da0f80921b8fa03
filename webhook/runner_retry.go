package webhook

import (
	"errors"
	"fmt"
	"time"

	"github.com/modelslab-go/modelslab/internal/retry"
)

const (
	maxRetries    = 1024 // deliveries that wait to be tried again
	retryWorkers  = 8    // of them at a time
	maxRetryPause = 5 * time.Minute
	retryPatience = time.Hour // after that a delivery is given up
)

var errTooManyRetries = errors.New("webhook: too many deliveries wait to be tried again")

// retrySet are the open deliveries that failed and that ModelsLab will not send
// again.
type retrySet struct {
	timers   map[*delivery]*time.Timer
	slots    chan struct{}
	draining bool // what fails now is left
}

// tryAgain has a delivery tried again after a pause. It returns the error to
// give it up with when there have been enough tries. After a shutdown the
// delivery is left.
func (r *runner) tryAgain(d *delivery, cause error) error {
	if d.pauses == nil {
		d.pauses = retry.Backoff()
		d.pauses.MaxInterval, d.pauses.MaxElapsedTime = maxRetryPause, retryPatience
	}
	pause := d.pauses.NextBackOff()
	d.deadline = time.Time{} // nobody waits
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.retries.draining:
		r.open.left = append(r.open.left, d)
		r.leaveLocked(d)
	case pause == retry.Stop:
		return cause
	case len(r.retries.timers) >= maxRetries:
		return fmt.Errorf("%w: %w", errTooManyRetries, cause)
	default:
		r.retries.timers[d] = time.AfterFunc(pause, func() { r.try(d) })
	}
	return nil
}

func (r *runner) try(d *delivery) {
	r.retries.slots <- struct{}{}
	defer func() { <-r.retries.slots }()
	r.mu.Lock()
	delete(r.retries.timers, d)
	r.mu.Unlock()
	r.again(d)
}

// tryAllNow tries everything once more, without a pause.
func (r *runner) tryAllNow() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.retries.draining = true
	for d, timer := range r.retries.timers {
		if timer.Stop() {
			go r.try(d)
		}
	}
}
