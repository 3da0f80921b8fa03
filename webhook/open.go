package webhook

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/modelslab-go/modelslab"
)

var errShutDown = errors.New("webhook: the handler was shut down")

// openDeliveries are those that were taken on and are not settled.
type openDeliveries struct {
	mu       sync.Mutex
	youngest *delivery
	n        int
	left     []*delivery // given up by a shutdown
	closed   bool
	idle     chan struct{} // closed when the last one leaves after closed
}

func (o *openDeliveries) init() { o.idle = make(chan struct{}) }

// enter reports false when the handler is shutting down.
func (o *openDeliveries) enter(d *delivery) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return false
	}
	if d.older = o.youngest; d.older != nil {
		d.older.younger = d
	}
	o.youngest = d
	o.n++
	return true
}

// leave is called once for every delivery that entered.
func (o *openDeliveries) leave(d *delivery) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.remove(d)
}

// abandon is leave for a delivery that was not handled.
func (o *openDeliveries) abandon(d *delivery) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.left = append(o.left, d)
	o.remove(d)
}

func (o *openDeliveries) remove(d *delivery) {
	if d.younger != nil {
		d.younger.older = d.older
	} else {
		o.youngest = d.older
	}
	if d.older != nil {
		d.older.younger = d.younger
	}
	d.older, d.younger = nil, nil
	if o.n--; o.closed && o.n == 0 {
		close(o.idle)
	}
}

func (o *openDeliveries) len() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.n
}

// close lets nothing more in. It reports whether it was open.
func (o *openDeliveries) close() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return false
	}
	o.closed = true
	if o.n == 0 {
		close(o.idle)
	}
	return true
}

// wait waits until all have left and returns those that were not handled.
func (o *openDeliveries) wait(ctx context.Context) (left []Event, err error) {
	select {
	case <-o.idle:
	case <-ctx.Done():
		err = ctx.Err()
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, d := range o.left {
		left = append(left, d.event)
	}
	for d := o.youngest; d != nil; d = d.older {
		left = append(left, d.event)
	}
	return left, err
}

// ShutdownError says what a [Handler.Shutdown] left undone.
type ShutdownError struct {
	Events  []Event         // acknowledged or retried, and not handled: their callbacks failed, wait or run still
	Watched []modelslab.Ref // jobs that [Handler.Watch] was given and that have not ended
	Err     error           // ctx.Err() when the time did not suffice
}

// Error lists up to three of each.
func (e *ShutdownError) Error() string {
	var b strings.Builder
	b.WriteString("webhook: shut down")
	if e.Err != nil {
		fmt.Fprintf(&b, " (%v)", e.Err)
	}
	if len(e.Events) > 0 {
		fmt.Fprintf(&b, "; %d deliveries were not handled:", len(e.Events))
		for i, event := range e.Events {
			if i == 3 {
				b.WriteString(" ...")
				break
			}
			b.WriteString(" " + oneLine(event.Ref().String(), maxLogged))
		}
	}
	if len(e.Watched) > 0 {
		fmt.Fprintf(&b, "; %d jobs are not watched any more:", len(e.Watched))
		for i, ref := range e.Watched {
			if i == 3 {
				b.WriteString(" ...")
				break
			}
			b.WriteString(" " + ref.String())
		}
	}
	return b.String()
}

// Unwrap returns Err.
func (e *ShutdownError) Unwrap() error { return e.Err }

// Shutdown ends the handler: deliveries are answered 503 from now on, the
// client is free for another handler, running callbacks are waited for, the
// queue of WithAsync is drained, and what is to be tried again is tried once
// more, now. It waits for all that until ctx ends. Call it after the HTTP
// server's own Shutdown.
//
// It returns a *[ShutdownError] when anything was left undone.
func (h *Handler) Shutdown(ctx context.Context) error {
	if !h.open.close() {
		return nil
	}
	if h.detach != nil {
		h.detach()
	}
	watched := h.watched.stop()
	h.retries.drain(h)
	left, err := h.open.wait(ctx)
	if len(left) == 0 && len(watched) == 0 && err == nil {
		return nil
	}
	return &ShutdownError{Events: left, Watched: watched, Err: err}
}
