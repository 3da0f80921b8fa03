package webhook

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/modelslab-go/modelslab"
)

var errShutDown = errors.New("webhook: the handler was shut down")

// Shutdown ends the handler: deliveries are answered 503 from now on, the
// client is free for another handler, running callbacks are waited for, the
// queue of WithAsync is drained, and what is to be tried again is tried once
// more, now. It waits for all that until ctx ends. Call it after the HTTP
// server's own Shutdown.
//
// It returns a *[ShutdownError] when anything was left undone.
func (h *Handler) Shutdown(ctx context.Context) error {
	if !h.runner.close() {
		return nil
	}
	h.client.detach()
	h.watcher.stop()
	h.runner.tryAllNow()
	left, err := h.runner.wait(ctx)
	watched := h.watcher.flush(ctx)
	if h.bus != nil {
		h.bus.stop(ctx)
	}
	if len(left) == 0 && len(watched) == 0 && err == nil {
		return nil
	}
	return &ShutdownError{Events: left, Watched: watched, Err: err}
}

// ShutdownError says what a [Handler.Shutdown] left undone.
type ShutdownError struct {
	Events  []Event         // acknowledged or retried, and not handled: their callbacks failed, wait or run still
	Watched []modelslab.Ref // jobs under watch that have not ended; with a [WatchStore] those that are not in it
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
