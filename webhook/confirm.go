package webhook

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/modelslab-go/modelslab"
)

// doubtPatience is how long a job is watched whose end was reported, but not
// confirmed.
const doubtPatience = time.Hour

// anomaly says what is odd about a delivery, "" when nothing is.
func (h *Handler) anomaly(d *delivery) string {
	if !d.fromWebhook || d.confirmed || h.confirmPolicy == Never {
		return ""
	}
	if h.confirmPolicy == Always {
		return "confirmed always"
	}
	if d.oddID {
		return "another id than the submit's answer named"
	}
	switch e := d.event.(type) {
	case *Failed:
		if d.matched && d.submit.Succeeded {
			return "a failure after a success"
		}
	case *Progress:
		if e.job.Status == modelslab.StatusSuccess {
			return "a success without a result"
		}
	case *Succeeded, *WorkflowFinished:
		for _, url := range e.Job().Output {
			if !h.client.trusts(url) {
				return "a result on a new host"
			}
		}
	}
	return ""
}

// confirm fetches the job and puts the answer in the place of what was
// delivered. What cannot be fetched, for want of a kind or an id, stays.
func (h *Handler) confirm(ctx context.Context, d *delivery, anomaly string) (reason, error) {
	target := &modelslab.Job{Ref: d.job.Ref, ID: d.job.ID, TrackID: d.job.TrackID}
	if d.submit.ID != "" { // never what a body names in its place
		target.Ref = modelslab.Ref{Kind: modelslab.Kind(d.submit.Kind), ID: d.submit.ID}
		target.ID = d.submit.OtherID
	}
	if target.Ref.Kind == "" || target.Ref.ID == "" {
		h.report.unconfirmable(ctx, d, anomaly)
		return accepted, nil
	}
	start := time.Now()
	ctx, cancel := h.ledger.bounded(ctx, d)
	defer cancel()
	job, err := h.client.Fetch(ctx, target)
	took := time.Since(start)
	switch {
	case err != nil && (errors.Is(err, modelslab.ErrNotFound) || errors.Is(err, modelslab.ErrInvalid)) && d.submit.ID == "":
		return unconfirmed, fmt.Errorf("webhook: ModelsLab does not know the delivered job (%s): %w", anomaly, err)
	case err != nil:
		return confirmFailed, fmt.Errorf("webhook: a delivery could not be confirmed (%s): %w", anomaly, err)
	}
	h.client.fetched(job)
	d.confirmed, d.oddID = true, false
	d.job, d.kind = job, job.Ref.Kind
	d.event = eventOf(job, d.kind, d.track)
	h.report.decided(ctx, OutcomeConfirmed, d, took, nil)
	if !job.Final() {
		// No webhook will report the end again.
		_ = h.Watch(job, time.Now().Add(doubtPatience))
	}
	return accepted, nil
}
