package webhook

import (
	"context"
	"log/slog"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

const (
	maxLogged   = 256 // bytes of a text from outside
	refusalsLog = time.Second
)

// decided counts, observes and logs what was decided about a delivery.
func (h *Handler) decided(ctx context.Context, o Outcome, d *delivery, took time.Duration, err error) {
	h.count(o)
	switch o {
	case OutcomeDelivered, OutcomeFailed:
		h.counters.callbackTime.Add(int64(took))
	case OutcomeConfirmed:
		h.counters.confirmTime.Add(int64(took))
	default:
	}
	if h.observer != nil {
		h.observer(Observation{
			Outcome: o, Webhook: d.fromWebhook, Kind: d.kind, Ref: d.job.Ref, TrackID: d.job.TrackID, Duration: took, Err: err,
		})
	}
	level := slog.LevelDebug
	switch o {
	case OutcomeConflict:
		level = slog.LevelWarn
	case OutcomeFailed, OutcomeGaveUp:
		level = slog.LevelError
	default:
	}
	if h.log.Enabled(ctx, level) {
		h.log.LogAttrs(ctx, level, "modelslab delivery "+string(o), h.attrs(d, took, err)...)
	}
}

func (h *Handler) attrs(d *delivery, took time.Duration, err error) []slog.Attr {
	attrs := []slog.Attr{
		slog.String("job", oneLine(d.job.Ref.String(), maxLogged)),
		slog.String("kind", oneLine(string(d.kind), maxLogged)),
		slog.String("track_id", oneLine(d.job.TrackID, maxLogged)),
		slog.String("status", oneLine(string(d.job.Status), maxLogged)),
	}
	if d.job.Message != "" {
		attrs = append(attrs, slog.String("message", oneLine(d.job.Message, maxLogged)))
	}
	if took > 0 {
		attrs = append(attrs, slog.Duration("took", took))
	}
	if err != nil {
		attrs = append(attrs, slog.String("error", oneLine(err.Error(), maxLogged*4)))
	}
	if h.loggedBody > 0 && d.fromWebhook {
		attrs = append(attrs, slog.String("body", oneLine(string(d.job.Raw), h.loggedBody)))
	}
	return attrs
}

// refuse is rejected with the answer to the request.
func (h *Handler) refuse(ctx context.Context, why reason, d *delivery, err error) *answer {
	h.rejected(ctx, why, d, err)
	return refusals[why].answer
}

// rejected counts, observes and logs a request that is answered with an error.
// Forged ones can come by the thousand, so one a second is logged.
func (h *Handler) rejected(ctx context.Context, why reason, d *delivery, err error) {
	h.counters.rejected[why].Add(1)
	if h.observer != nil {
		o := Observation{Outcome: OutcomeRejected, Webhook: d == nil || d.fromWebhook, Reason: refusals[why].name, Err: err}
		if d != nil {
			o.Kind, o.Ref, o.TrackID = d.kind, d.job.Ref, d.job.TrackID
		}
		h.observer(o)
	}
	level := slog.LevelWarn
	if why == bodyConsumed || why == storeFailed {
		level = slog.LevelError
	}
	if !h.log.Enabled(ctx, level) {
		return
	}
	now := time.Now().UnixNano()
	last := h.lastRefusal.Load()
	if d == nil && (now-last < int64(refusalsLog) || !h.lastRefusal.CompareAndSwap(last, now)) {
		h.quietRefusals.Add(1)
		return
	}
	attrs := []slog.Attr{slog.String("reason", refusals[why].name)}
	if n := h.quietRefusals.Swap(0); n > 0 {
		attrs = append(attrs, slog.Int64("not_logged", n))
	}
	if d != nil {
		attrs = append(attrs, h.attrs(d, 0, err)...)
	} else if err != nil {
		attrs = append(attrs, slog.String("error", oneLine(err.Error(), maxLogged)))
	}
	h.log.LogAttrs(ctx, level, "modelslab delivery refused", attrs...)
}

// oneLine makes a text from outside harmless to logs that do not quote: no
// control characters, no more than max bytes.
func oneLine(s string, max int) string {
	if len(s) > max {
		for max > 0 && !utf8.RuneStart(s[max]) {
			max--
		}
		s = s[:max] + "…"
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, s)
}
