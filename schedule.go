package modelslab

import (
	"errors"
	"math/rand/v2"
	"time"
)

// The schedule of Wait trades requests for delay: looks are dense from half the
// ETA to twice the ETA, where most jobs end, and thin out after that.
const (
	unknownETA    = 10 * time.Second
	maxETA        = 24 * time.Hour
	firstLook     = 0.5  // of the ETA
	firstStep     = 0.06 // of the ETA, between the first look and the second
	growthNear    = 1.12 // of the step, up to twice the ETA
	growthFar     = 1.5  // of the step, after that
	minPause      = 500 * time.Millisecond
	maxPause      = 5 * time.Minute
	maxFirstPause = 30 * time.Minute
	jitter        = 0.05 // of every pause, up or down

	minPatience   = 30 * time.Minute
	trainPatience = 24 * time.Hour
	patienceETAs  = 12
)

// nextPause is the schedule: how long to sleep before look number look (from
// 0), after a pause of before, when waiting has taken elapsed so far.
func nextPause(eta time.Duration, look int, before, elapsed time.Duration) time.Duration {
	switch {
	case look == 0:
		return min(max(scale(eta, firstLook), minPause), maxFirstPause)
	case look == 1:
		return clampPause(scale(eta, firstStep))
	case elapsed < 2*eta:
		return clampPause(scale(before, growthNear))
	default:
		return clampPause(scale(before, growthFar))
	}
}

// netPause is the schedule where a delivery is expected: looks are only there
// to catch a lost one.
func netPause(eta time.Duration, look int, before time.Duration) time.Duration {
	switch look {
	case 0:
		return min(max(2*eta, minPause), maxFirstPause)
	case 1:
		return clampPause(eta)
	default:
		return clampPause(scale(before, growthFar))
	}
}

func scale(d time.Duration, f float64) time.Duration { return time.Duration(float64(d) * f) }

func clampPause(d time.Duration) time.Duration { return min(max(d, minPause), maxPause) }

// schedule is nextPause with a memory.
type schedule struct {
	eta      time.Duration // counted from epoch
	epoch    time.Duration // when the ETA was learned, since waiting began
	told     time.Duration // the ETA as the API gave it
	look     int
	looked   bool
	pause    time.Duration // the last one, before jitter
	asked    time.Duration // how long the API asked to wait; 0 when it did not
	pollMax  time.Duration // of PollEvery; 0 without
	net      bool          // a delivery is expected, looks are only in case it is lost
	training bool
	random   func() float64 // in [0,1)
}

func newSchedule(job *Job, kind Kind, o *callOptions) *schedule {
	s := &schedule{eta: unknownETA, training: kind == KindTraining, random: rand.Float64}
	if job != nil {
		s.refresh(job.ETA, 0)
	}
	s.pause, s.pollMax = o.pollFirst, o.pollMax
	return s
}

// next returns how long to sleep, given the time since waiting began.
func (s *schedule) next(elapsed time.Duration) time.Duration {
	if s.asked > 0 {
		d := s.asked
		s.asked = 0
		return d
	}
	switch {
	case s.pollMax == 0 && s.net:
		s.pause = netPause(s.eta, s.look, s.pause)
	case s.pollMax == 0:
		s.pause = nextPause(s.eta, s.look, s.pause, elapsed-s.epoch)
	case s.looked:
		s.pause = min(scale(s.pause, growthFar), s.pollMax)
	}
	s.look++
	s.looked = true
	return scale(s.pause, 1+jitter*(2*s.random()-1))
}

// refresh takes over an ETA that the API corrected: the schedule starts anew. A
// repeated ETA is an echo, and an absurd one no better than none.
func (s *schedule) refresh(eta, elapsed time.Duration) {
	if eta > 0 && eta != s.told && eta <= maxETA {
		s.told, s.eta, s.epoch, s.look = eta, eta, elapsed, 0
	}
}

// failed takes over how long the API asks to wait.
func (s *schedule) failed(err error) {
	if e, ok := errors.AsType[*Error](err); ok {
		s.asked = e.RetryAfter
	}
}

// patience is how long to wait where the caller sets no deadline.
func (s *schedule) patience() time.Duration {
	if s.training {
		return trainPatience
	}
	return max(minPatience, patienceETAs*s.eta)
}
