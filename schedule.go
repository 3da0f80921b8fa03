package modelslab

import (
	"errors"
	"math/rand/v2"
	"time"

	"github.com/modelslab-go/modelslab/internal/fault"
	"github.com/modelslab-go/modelslab/internal/schedule"
)

const jitter = 0.05 // of every pause, up or down

// waitSchedule is the schedule of Wait: schedule.Pause with a memory.
type waitSchedule struct {
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
	pauses   func(eta time.Duration, look int, before, elapsed time.Duration) time.Duration
}

func newSchedule(job *Job, kind Kind, o *callOptions) *waitSchedule {
	s := &waitSchedule{eta: schedule.UnknownETA, training: kind == KindTraining, random: rand.Float64, pauses: schedule.Pause}
	if job != nil {
		s.refresh(job.ETA, 0)
	}
	if s.pause, s.pollMax = o.pollFirst, o.pollMax; o.pauses != nil {
		s.pauses = o.pauses
	}
	return s
}

// next returns how long to sleep, given the time since waiting began.
func (s *waitSchedule) next(elapsed time.Duration) time.Duration {
	if s.asked > 0 {
		d := s.asked
		s.asked = 0
		return d
	}
	switch {
	case s.pollMax == 0 && s.net:
		s.pause = schedule.Net(s.eta, s.look, s.pause)
	case s.pollMax == 0:
		s.pause = s.pauses(s.eta, s.look, s.pause, elapsed-s.epoch)
	case s.looked:
		s.pause = min(schedule.Scale(s.pause, schedule.GrowthFar), s.pollMax)
	}
	s.look++
	s.looked = true
	return schedule.Scale(s.pause, 1+jitter*(2*s.random()-1))
}

// refresh takes over an ETA that the API corrected: the schedule starts anew. A
// repeated ETA is an echo, and an absurd one no better than none.
func (s *waitSchedule) refresh(eta, elapsed time.Duration) {
	if eta > 0 && eta != s.told && eta <= schedule.MaxETA {
		s.told, s.eta, s.epoch, s.look = eta, eta, elapsed, 0
	}
}

// failed takes over how long the API asks to wait.
func (s *waitSchedule) failed(err error) {
	if e, ok := errors.AsType[*fault.Error](err); ok {
		s.asked = e.RetryAfter
	}
}

// patience is how long to wait where the caller sets no deadline.
func (s *waitSchedule) patience() time.Duration {
	return schedule.Patience(s.eta, s.training)
}
