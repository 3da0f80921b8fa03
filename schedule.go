package modelslab

import (
	"errors"
	"math/rand/v2"
	"time"
)

// The schedule of Wait. It trades requests for delay: looks are dense around
// the ETA, where most jobs end, and thin out after it.
const (
	minPause        = 500 * time.Millisecond
	maxPause        = 5 * time.Minute
	unknownETA      = 10 * time.Second
	growthNear      = 1.12 // up to twice the ETA
	growthFar       = 1.5  // after it
	minPatience     = 30 * time.Minute
	trainPatience   = 24 * time.Hour
	patienceFactor  = 12
	jitterFraction  = 0.05
	firstPauseShare = 0.5
	stepShare       = 0.16 // of the ETA, the first interval after the first look
)

type schedule struct {
	eta      time.Duration // since start
	training bool
	fixed    bool // PollEvery
	max      time.Duration
	pause    time.Duration // the next one before jitter
	override time.Duration // asked for by the API
	looked   bool
	jitter   func() float64 // in [0,1)
}

func newSchedule(job *Job, kind Kind, o *callOptions) *schedule {
	s := &schedule{eta: unknownETA, training: kind == KindTraining, jitter: rand.Float64, max: maxPause}
	if job != nil && job.ETA > 0 {
		s.eta = job.ETA
	}
	if o.pollFirst > 0 {
		s.fixed, s.pause, s.max = true, o.pollFirst, o.pollMax
	}
	return s
}

// next returns how long to sleep, given the time since waiting began.
func (s *schedule) next(elapsed time.Duration) time.Duration {
	if s.override > 0 {
		d := s.override
		s.override = 0
		return d
	}
	d := interval(s.eta, s.pause, elapsed, s.looked, s.fixed)
	if s.fixed && !s.looked {
		d = s.pause
	}
	d = min(d, s.max)
	s.pause, s.looked = d, true
	return d + time.Duration(float64(d)*jitterFraction*(2*s.jitter()-1))
}

// interval is the schedule as a pure function of what is known: the ETA, the
// pause before, the time since waiting began.
func interval(eta, before, elapsed time.Duration, looked, fixed bool) time.Duration {
	switch {
	case fixed:
		return scale(before, growthFar)
	case !looked:
		return clamp(scale(eta, firstPauseShare))
	case elapsed < eta/2+eta/10 || before > scale(eta, stepShare)*3:
		return clamp(scale(eta, stepShare))
	case elapsed < 2*eta:
		return clamp(scale(before, growthNear))
	default:
		return clamp(scale(before, growthFar))
	}
}

func scale(d time.Duration, f float64) time.Duration { return time.Duration(float64(d) * f) }

func clamp(d time.Duration) time.Duration { return min(max(d, minPause), maxPause) }

// refresh takes over an ETA that the API corrected.
func (s *schedule) refresh(job *Job, elapsed time.Duration) {
	if job.ETA > 0 && !s.fixed {
		s.eta, s.looked = elapsed+job.ETA, false
	}
}

// failed takes over how long the API asks to wait.
func (s *schedule) failed(err error) {
	var e *Error
	if errors.As(err, &e) && e.RetryAfter > 0 {
		s.override = e.RetryAfter
	}
}

// patience is how long to wait where the caller sets no deadline.
func (s *schedule) patience() time.Duration {
	if s.training {
		return trainPatience
	}
	return max(minPatience, patienceFactor*s.eta)
}
