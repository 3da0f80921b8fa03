package webhook

import "time"

// alarm is the one timer for all deliveries whose answer is waited for. A timer
// for each would cost more than the callbacks of most.
type alarm struct {
	timer *time.Timer // nil while none is set
	at    time.Time
}

// alarmSteps bounds how often the deliveries are gone through: that many times
// in the span of one timeout. An answer is late by at most one step.
const alarmSteps = 256

// alarmAt sees to it that the alarm goes off by then. The caller holds mu.
func (r *runner) alarmAt(deadline time.Time) {
	if r.alarm.timer != nil {
		if !deadline.Before(r.alarm.at) {
			return
		}
		r.alarm.timer.Stop()
	}
	r.alarm.at = deadline
	r.alarm.timer = time.AfterFunc(time.Until(deadline), r.answerLate)
}

// answerLate ends the wait for every delivery whose deadline has passed, and
// sets the alarm for the next.
func (r *runner) answerLate() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.alarm.timer = nil
	now := time.Now()
	var next time.Time
	for d := r.open.youngest; d != nil; d = d.older {
		switch {
		case !d.waited:
		case !now.Before(d.deadline):
			r.giveUpLocked(d)
		case next.IsZero() || d.deadline.Before(next):
			next = d.deadline
		}
	}
	if next.IsZero() {
		return
	}
	if soonest := now.Add(r.timeout / alarmSteps); next.Before(soonest) {
		next = soonest
	}
	r.alarmAt(next)
}
