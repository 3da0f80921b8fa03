package schedule

import "time"

// Polls is the schedule of one job's polls. It starts anew when the API corrects
// the ETA.
type Polls struct {
	Pace *Pace // nil for Usual

	eta      time.Duration // counted from epoch
	epoch    time.Duration // when the ETA was reported
	reported time.Duration // the ETA as the API gave it
	polls    int           // since epoch
	pause    time.Duration // the last one, without jitter
	after    time.Duration // how long the API asks to wait; 0 when it does not
	first    time.Duration // of Every
	longest  time.Duration
}

// New returns the schedule for a job that was accepted with that ETA.
func New(eta time.Duration) Polls {
	p := Polls{eta: UnknownETA}
	p.Report(eta, 0)
	return p
}

// Every has the ETA decide nothing: the first poll comes after first, then
// pauses grow by half up to longest.
func (p *Polls) Every(first, longest time.Duration) { p.first, p.longest = first, longest }

// Next returns how long to sleep before the next poll, when the wait has taken
// waited so far.
func (p *Polls) Next(waited time.Duration) time.Duration {
	if p.after > 0 {
		pause := p.after
		p.after = 0
		return pause
	}
	switch {
	case p.longest == 0:
		pace := p.Pace
		if pace == nil {
			pace = &Usual
		}
		p.pause = pace.Pause(p.eta, p.polls, p.pause, waited-p.epoch)
	case p.pause == 0:
		p.pause = p.first
	default:
		p.pause = min(scale(p.pause, Usual.far), p.longest)
	}
	p.polls++
	return Jitter(p.pause)
}

// Report takes over an ETA that the API corrected. A repeated one is an echo,
// and an absurd one no better than none.
func (p *Polls) Report(eta, waited time.Duration) {
	if eta > 0 && eta != p.reported && eta <= MaxETA {
		p.reported, p.eta, p.epoch, p.polls = eta, eta, waited, 0
	}
}

// After takes over how long the API asks to wait: the next poll comes then.
func (p *Polls) After(pause time.Duration) { p.after = pause }
