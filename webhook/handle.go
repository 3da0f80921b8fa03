package webhook

import (
	"context"
	"errors"
	"time"

	"github.com/modelslab-go/modelslab"
)

// handle takes a verified delivery to its answer.
func (h *Handler) handle(ctx context.Context, d *delivery) *httpAnswer {
	state, why, err := h.admit(ctx, d)
	switch {
	case err != nil:
		a := h.report.refused(ctx, why, d, err)
		if why == unconfirmed {
			h.runner.leave(d)
		} else {
			h.failed(d, err)
		}
		return a
	case state == Claimed && h.runner.workers > 0:
		return h.acknowledge(ctx, d)
	case state == Claimed:
		return h.answerOf(ctx, d, h.runner.run(d.ctx, d))
	case state == Busy:
		h.runner.leave(d) // it is in the hands of who has the claim
		return h.report.refused(ctx, stillBusy, d, nil)
	default:
		h.handledBefore(ctx, d, state)
		return &received
	}
}

// acknowledge is the answer of WithAsync.
func (h *Handler) acknowledge(ctx context.Context, d *delivery) *httpAnswer {
	if h.runner.acknowledge(d) {
		return &received
	}
	h.release(d)
	h.runner.leave(d)
	return h.report.refused(ctx, queueFull, d, nil)
}

// answerOf is the answer to a delivery whose callbacks ended with err.
func (h *Handler) answerOf(ctx context.Context, d *delivery, err error) *httpAnswer {
	switch {
	case err == nil:
		return &received
	case errors.Is(err, errCallbackSlow):
		return h.report.refused(ctx, callbackSlow, d, context.DeadlineExceeded)
	case errors.Is(err, errStore):
		return &tryLater
	default:
		return &callbackFailed
	}
}

// handledBefore ends a delivery that brings nothing new. A Wait in this process
// may still wait, and the job be under watch, where the first was handled in
// another.
func (h *Handler) handledBefore(ctx context.Context, d *delivery, state State) {
	if final(d.event) {
		h.watcher.done(d.job.Ref)
	}
	if state == Conflict {
		h.report.decided(ctx, OutcomeConflict, d, 0, nil)
	} else {
		h.report.decided(ctx, OutcomeDuplicate, d, 0, nil)
		h.client.wake(d)
	}
	h.runner.leave(d)
}

// admit confirms a delivery where that is called for, and claims it.
func (h *Handler) admit(ctx context.Context, d *delivery) (State, reason, error) {
	if odd := h.anomaly(d); odd != "" {
		if why, err := h.confirm(ctx, d, odd); err != nil {
			return 0, why, err
		}
	}
	state, err := h.ledger.claim(ctx, d)
	if state == Conflict && !d.confirmed && h.confirmPolicy == OnAnomaly && d.fromWebhook {
		h.report.decided(ctx, OutcomeConflict, d, 0, nil)
		why, confirmErr := h.confirm(ctx, d, "another end than the first")
		if confirmErr != nil || !d.confirmed {
			return Conflict, why, confirmErr
		}
		state, err = h.ledger.claim(ctx, d)
	}
	if err != nil {
		return 0, storeFailed, err
	}
	if state == Claimed && h.bus != nil {
		h.share(d)
	}
	return state, accepted, nil
}

// share says on the bus that a job has ended or reached a stage: before the
// callbacks run, since a slot is not theirs to hold up.
func (h *Handler) share(d *delivery) {
	_, stage := d.event.(*TrainingUpdated)
	if !d.shared && (stage || final(d.event)) {
		d.shared = true
		h.bus.publish(d)
	}
}

// stands reports whether a delivery is claimed that had to wait for a worker. A
// claim that has run out meanwhile is made anew.
func (h *Handler) stands(d *delivery) bool {
	if h.ledger.stands(d) {
		return true
	}
	claimed, err := h.claimAgain(d)
	if errors.Is(err, errBusy) {
		h.runner.leave(d)
	}
	return claimed
}

// retry tries a delivery once more that failed. What comes of it is counted,
// logged and tried again like the first try.
func (h *Handler) retry(d *delivery) {
	if d.handled { // only the store failed
		_ = h.commit(d)
		return
	}
	claimed, err := h.claimAgain(d)
	switch {
	case claimed:
		h.runner.perform(d)
	case errors.Is(err, errBusy):
		h.failed(d, err)
	}
}

var errBusy = errors.New("webhook: the job is claimed by another")

// claimAgain admits a delivery anew. Unless it is claimed, or the error is
// errBusy, the delivery has ended or is tried again.
func (h *Handler) claimAgain(d *delivery) (claimed bool, err error) {
	d.at, d.deadline = time.Now(), time.Time{}
	state, why, err := h.admit(d.ctx, d)
	switch {
	case err != nil && why == unconfirmed:
		h.report.rejected(d.ctx, why, d, err)
		h.runner.leave(d)
		return false, err
	case err != nil:
		h.failed(d, err)
		return false, err
	case state == Claimed:
		return true, nil
	case state == Busy:
		return false, errBusy
	default:
		h.handledBefore(d.ctx, d, state)
		return false, nil
	}
}

// ended ends a claim as the callbacks have ended. What failed is tried again, by
// ModelsLab or from here.
func (h *Handler) ended(d *delivery) error {
	if err := d.failure; err != nil {
		h.report.decided(d.ctx, OutcomeFailed, d, d.took, err)
		h.release(d)
		h.client.wake(d) // the job is what it is, whatever became of the callback
		h.failed(d, err)
		return err
	}
	h.report.decided(d.ctx, OutcomeDelivered, d, d.took, nil)
	d.handled = true
	if final(d.event) {
		h.watcher.done(d.job.Ref)
	}
	h.client.wake(d)
	return h.commit(d)
}

func (h *Handler) commit(d *delivery) error {
	if err := h.ledger.commit(d); err != nil {
		h.failed(d, err)
		return err
	}
	h.runner.leave(d)
	return nil
}

func (h *Handler) release(d *delivery) {
	if err := h.ledger.release(d); err != nil {
		h.report.rejected(d.ctx, storeFailed, d, err)
	}
}

// failed sees to it that a delivery is tried again.
func (h *Handler) failed(d *delivery, cause error) {
	if d.fromWebhook && h.runner.workers == 0 && d.kind == modelslab.KindWorkflow && !d.handled {
		h.runner.leave(d) // it was not acknowledged, so ModelsLab sends it again
		return
	}
	if err := h.runner.tryAgain(d, cause); err != nil {
		h.report.decided(d.ctx, OutcomeGaveUp, d, 0, err)
		h.runner.leave(d)
	}
}
