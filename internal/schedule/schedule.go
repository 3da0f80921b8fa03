// Package schedule says when to poll a job. It trades requests for delay: polls
// are dense from half the ETA to twice the ETA, where most jobs end, and thin
// out after that.
package schedule

import (
	"math/rand/v2"
	"time"
)

// UnknownETA is assumed where the API gave no ETA, and MaxETA is the longest
// that is believed.
const (
	UnknownETA = 10 * time.Second
	MaxETA     = 24 * time.Hour
)

const (
	maxPause      = 5 * time.Minute
	maxFirstPause = 30 * time.Minute
	jitter        = 0.05 // of every pause, up or down

	minPatience   = 30 * time.Minute
	trainPatience = 24 * time.Hour
	patienceETAs  = 12
)

// Pace is how closely polls follow each other.
type Pace struct {
	first  float64       // pause, in ETAs
	second float64       // pause, in ETAs
	near   float64       // growth of the later pauses up to twice the ETA
	far    float64       // and after it
	least  time.Duration // pause
}

// The paces: Usual; Dense where a late poll costs more than a fetch, with about
// twice the polls for half the delay; and Backstop where a delivery is expected,
// so that polls are there for a lost one alone.
var (
	Usual    = Pace{0.5, 0.06, 1.12, 1.5, 500 * time.Millisecond}
	Dense    = Pace{0.5, 0.05, 1.03, 1.1, 250 * time.Millisecond}
	Backstop = Pace{2, 1, 1.5, 1.5, 500 * time.Millisecond}
)

// Pause is how long to sleep before poll number n (from 0), after a pause of
// before, when the wait has taken waited so far.
func (p *Pace) Pause(eta time.Duration, n int, before, waited time.Duration) time.Duration {
	longest, pause := maxPause, scale(before, p.far)
	switch {
	case n == 0:
		longest, pause = maxFirstPause, scale(eta, p.first)
	case n == 1:
		pause = scale(eta, p.second)
	case waited < 2*eta:
		pause = scale(before, p.near)
	}
	return min(max(pause, p.least), longest)
}

// Nth is how long to sleep before poll number n (from 0), for a caller that
// remembers only the number and the ETA.
func (p *Pace) Nth(eta time.Duration, n int) (pause time.Duration) {
	for i := range n + 1 {
		longer := p.Pause(eta, i, pause, 2*eta)
		if i > 1 && longer == pause {
			break // the longest
		}
		pause = longer
	}
	return pause
}

// Until is how long to sleep until the next poll at the usual pace, for a caller
// that remembers only the ETA and how long ago it was given.
func Until(eta, waited time.Duration) time.Duration {
	eta = Believed(eta)
	var at, pause time.Duration
	for n := 0; at <= waited; n++ {
		pause = Usual.Pause(eta, n, pause, at)
		at += pause
	}
	return at - waited
}

// Patience is how long to poll where the caller sets no deadline.
func Patience(eta time.Duration, training bool) time.Duration {
	if training {
		return trainPatience
	}
	return max(minPatience, patienceETAs*Believed(eta))
}

// Believed is the ETA to reckon with: an absurd one is no better than none.
func Believed(eta time.Duration) time.Duration {
	if eta <= 0 || eta > MaxETA {
		return UnknownETA
	}
	return eta
}

// MaxLast is the longest time between the last poll and the deadline.
const MaxLast = 2 * time.Second

// Last is how long before a deadline, which is left away, the last poll is made.
func Last(left time.Duration) time.Duration {
	return min(left/10, MaxLast)
}

// Jitter spreads a pause by up to a twentieth, so that many jobs that were
// submitted together are not polled together.
func Jitter(pause time.Duration) time.Duration {
	return scale(pause, 1+jitter*(2*rand.Float64()-1))
}

func scale(d time.Duration, f float64) time.Duration { return time.Duration(float64(d) * f) }
