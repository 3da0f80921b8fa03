package webhook

import (
	"context"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"
	"unicode"
	"unicode/utf8"
)

const (
	maxLogged   = 256 // bytes of a text from outside
	refusalsLog = time.Second
)

// reporter counts, observes and logs what is decided.
type reporter struct {
	log        *slog.Logger
	loggedBody int
	observer   Observer
	counters   outcomeCounts

	lastRefusal atomic.Int64 // that was logged, in Unix nanoseconds
	unlogged    atomic.Int64 // refusals since
}

// received counts a request.
func (p *reporter) received() {
	p.count(OutcomeReceived)
	if p.observer != nil {
		p.observer(Observation{Outcome: OutcomeReceived, Webhook: true})
	}
}

// decided counts, observes and logs what was decided about a delivery.
func (p *reporter) decided(ctx context.Context, o Outcome, d *delivery, took time.Duration, err error) {
	p.count(o)
	switch o {
	case OutcomeDelivered, OutcomeFailed:
		p.counters.callbackTime.Add(int64(took))
	case OutcomeConfirmed:
		p.counters.confirmTime.Add(int64(took))
	default:
	}
	if p.observer != nil {
		p.observer(Observation{
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
	if p.log.Enabled(ctx, level) {
		p.log.LogAttrs(ctx, level, "modelslab delivery "+string(o), p.attrs(d, took, err)...)
	}
}

// unconfirmable logs an odd delivery that cannot be fetched.
func (p *reporter) unconfirmable(ctx context.Context, d *delivery, anomaly string) {
	if p.log.Enabled(ctx, slog.LevelWarn) {
		p.log.LogAttrs(ctx, slog.LevelWarn, "modelslab delivery cannot be confirmed",
			append(p.attrs(d, 0, nil), slog.String("anomaly", anomaly))...)
	}
}

func (p *reporter) attrs(d *delivery, took time.Duration, err error) []slog.Attr {
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
	if p.loggedBody > 0 && d.fromWebhook {
		attrs = append(attrs, slog.String("body", oneLine(string(d.job.Raw), p.loggedBody)))
	}
	return attrs
}

// refused is rejected with the answer to the request.
func (p *reporter) refused(ctx context.Context, why reason, d *delivery, err error) *httpAnswer {
	p.rejected(ctx, why, d, err)
	return refusals[why].answer
}

// rejected counts, observes and logs a request that is answered with an error.
// Forged ones can come by the thousand, so one a second is logged.
func (p *reporter) rejected(ctx context.Context, why reason, d *delivery, err error) {
	p.counters.rejected[why].Add(1)
	if p.observer != nil {
		o := Observation{Outcome: OutcomeRejected, Webhook: d == nil || d.fromWebhook, Reason: refusals[why].name, Err: err}
		if d != nil {
			o.Kind, o.Ref, o.TrackID = d.kind, d.job.Ref, d.job.TrackID
		}
		p.observer(o)
	}
	level := slog.LevelWarn
	if why == bodyConsumed || why == storeFailed {
		level = slog.LevelError
	}
	if !p.log.Enabled(ctx, level) {
		return
	}
	now := time.Now().UnixNano()
	last := p.lastRefusal.Load()
	if d == nil && (now-last < int64(refusalsLog) || !p.lastRefusal.CompareAndSwap(last, now)) {
		p.unlogged.Add(1)
		return
	}
	attrs := []slog.Attr{slog.String("reason", refusals[why].name)}
	if n := p.unlogged.Swap(0); n > 0 {
		attrs = append(attrs, slog.Int64("not_logged", n))
	}
	if d != nil {
		attrs = append(attrs, p.attrs(d, 0, err)...)
	} else if err != nil {
		attrs = append(attrs, slog.String("error", oneLine(err.Error(), maxLogged)))
	}
	p.log.LogAttrs(ctx, level, "modelslab delivery refused", attrs...)
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
