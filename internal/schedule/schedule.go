// Package schedule says when to look at a job. It trades requests for delay:
// looks are dense from half the ETA to twice the ETA, where most jobs end, and
// thin out after that.
package schedule

import "time"

// UnknownETA is assumed where the API gave no ETA, and MaxETA is the longest
// that is believed.
const (
	UnknownETA = 10 * time.Second
	MaxETA     = 24 * time.Hour
)

// GrowthFar is how pauses grow once a job is long overdue.
const GrowthFar = 1.5

// No pause is shorter than MinPause, none longer than MaxPause but the first.
const (
	MinPause      = 500 * time.Millisecond
	MaxPause      = 5 * time.Minute
	MaxFirstPause = 30 * time.Minute
)

const (
	firstLook  = 0.5  // of the ETA
	firstStep  = 0.06 // of the ETA, between the first look and the second
	growthNear = 1.12 // of the step, up to twice the ETA

	denseStep       = 0.05
	denseGrowthNear = 1.03
	denseGrowthFar  = 1.1
	leastDense      = 250 * time.Millisecond

	minPatience   = 30 * time.Minute
	trainPatience = 24 * time.Hour
	patienceETAs  = 12
)

// Pause is how long to sleep before look number look (from 0), after a pause of
// before, when waiting has taken elapsed so far.
func Pause(eta time.Duration, look int, before, elapsed time.Duration) time.Duration {
	switch {
	case look == 0:
		return min(max(Scale(eta, firstLook), MinPause), MaxFirstPause)
	case look == 1:
		return clamp(Scale(eta, firstStep))
	case elapsed < 2*eta:
		return clamp(Scale(before, growthNear))
	default:
		return clamp(Scale(before, GrowthFar))
	}
}

// Dense is Pause where a late look costs more than a fetch: twice the looks for
// half the delay.
func Dense(eta time.Duration, look int, before, elapsed time.Duration) time.Duration {
	longest, pause := MaxPause, Scale(before, denseGrowthFar)
	switch {
	case look == 0:
		longest, pause = MaxFirstPause, Scale(eta, firstLook)
	case look == 1:
		pause = Scale(eta, denseStep)
	case elapsed < 2*eta:
		pause = Scale(before, denseGrowthNear)
	}
	return min(max(pause, leastDense), longest)
}

// Net is the schedule where a delivery is expected: looks are only there to
// catch a lost one.
func Net(eta time.Duration, look int, before time.Duration) time.Duration {
	switch look {
	case 0:
		return min(max(2*eta, MinPause), MaxFirstPause)
	case 1:
		return clamp(eta)
	default:
		return clamp(Scale(before, GrowthFar))
	}
}

// Until is how long to sleep until the next look, for a caller that remembers
// only the ETA and how long ago it was given.
func Until(eta, elapsed time.Duration) time.Duration {
	eta = believed(eta)
	var at, pause time.Duration
	for look := 0; at <= elapsed; look++ {
		pause = Pause(eta, look, pause, at)
		at += pause
	}
	return at - elapsed
}

// Patience is how long to look where the caller sets no deadline.
func Patience(eta time.Duration, training bool) time.Duration {
	if training {
		return trainPatience
	}
	return max(minPatience, patienceETAs*believed(eta))
}

// believed is the ETA to reckon with: an absurd one is no better than none.
func believed(eta time.Duration) time.Duration {
	if eta <= 0 || eta > MaxETA {
		return UnknownETA
	}
	return eta
}

// Scale multiplies a duration.
func Scale(d time.Duration, f float64) time.Duration { return time.Duration(float64(d) * f) }

func clamp(d time.Duration) time.Duration { return min(max(d, MinPause), MaxPause) }
