package webhook

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
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
		if d.isKnown && d.known.Succeeded {
			return "a failure after a success"
		}
	case *Progress:
		if e.job.Status == modelslab.StatusSuccess {
			return "a success without a result"
		}
	case *Succeeded, *WorkflowFinished:
		for _, url := range e.Job().Output {
			if !h.door.Trusts(url) {
				return "a result on a new host"
			}
		}
	}
	return ""
}

// confirm looks the job up and puts what is true in the place of what was
// delivered. What cannot be looked up, for want of a kind or an id, stays.
func (h *Handler) confirm(ctx context.Context, d *delivery, anomaly string) (reason, error) {
	target := &modelslab.Job{Ref: d.job.Ref, ID: d.job.ID, TrackID: d.job.TrackID}
	if known := d.known; known.ID != "" { // never what a body names in its place
		target.Ref = modelslab.Ref{Kind: modelslab.Kind(known.Kind), ID: known.ID}
		target.ID = known.OtherID
	}
	if target.Ref.Kind == "" || target.Ref.ID == "" {
		if h.log.Enabled(ctx, slog.LevelWarn) {
			h.log.LogAttrs(ctx, slog.LevelWarn, "modelslab delivery cannot be confirmed",
				append(h.attrs(d, 0, nil), slog.String("anomaly", anomaly))...)
		}
		return 0, nil
	}
	start := time.Now()
	ctx, cancel := context.WithTimeout(ctx, h.timeout)
	defer cancel()
	job, err := h.client.Fetch(ctx, target)
	took := time.Since(start)
	switch {
	case err != nil && (errors.Is(err, modelslab.ErrNotFound) || errors.Is(err, modelslab.ErrInvalid)) && d.known.ID == "":
		return unconfirmed, fmt.Errorf("webhook: ModelsLab does not know the delivered job (%s): %w", anomaly, err)
	case err != nil:
		return confirmFailed, fmt.Errorf("webhook: a delivery could not be confirmed (%s): %w", anomaly, err)
	}
	h.door.Learn(job)
	d.confirmed, d.oddID = true, false
	d.job, d.kind = job, job.Ref.Kind
	d.event = eventOf(job, d.kind, d.track)
	h.decided(ctx, OutcomeConfirmed, d, took, nil)
	if !final(d.event) {
		// ModelsLab will not tell again.
		_ = h.Watch(job, time.Now().Add(doubtPatience))
	}
	return 0, nil
}
