package modelslabtest

import (
	"slices"
	"time"
)

// noFault is shared by all calls without a fault.
var noFault Fault

// spell is a fault that lasts for a time.
type spell struct {
	what  Call
	until time.Time
	fault Fault
}

// Script sets a function that picks the fault of each call; nil means none. It
// runs one call at a time and may use the server. It replaces an earlier one;
// faults given to Next come first.
func (s *Server) Script(f func(*Request) *Fault) {
	s.scripting.Lock()
	defer s.scripting.Unlock()
	s.script = f
}

// During makes every call that matches suffer f for the time d from now; what
// matches is as with Next. Faults given to Next come first, those of Script last.
func (s *Server) During(d time.Duration, what Call, f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.spells = append(s.spells, spell{what, time.Now().Add(d), f})
}

// Next appends faults to a queue, of which each following call that matches
// takes one. What matches is a [Call], the kind of a submit such as "video", or
// the path of any request such as "/v6/video/text2video"; the most exact comes
// first.
func (s *Server) Next(what Call, faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next[what] = append(s.next[what], faults...)
}

// takeNext returns the fault that Next queued for the call, or one of During; nil
// when there is neither.
func (s *Server) takeNext(x *incoming) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	matching := []Call{Call(x.Path), x.Call}
	if x.Call == Submit {
		matching = []Call{Call(x.Path), Call(x.Kind), Submit}
	}
	for _, what := range matching {
		if q := s.next[what]; len(q) > 0 {
			s.next[what] = q[1:]
			return &q[0]
		}
	}
	s.spells = slices.DeleteFunc(s.spells, func(sp spell) bool { return !x.Time.Before(sp.until) })
	for _, sp := range s.spells {
		if slices.Contains(matching, sp.what) {
			return &sp.fault
		}
	}
	return nil
}

// scripted returns the fault that the script picks.
func (s *Server) scripted(x *incoming) *Fault {
	s.scripting.Lock()
	defer s.scripting.Unlock()
	if s.script != nil {
		r := x.Request
		if f := s.script(&r); f != nil {
			own := *f
			return &own
		}
	}
	return &noFault
}
