package modelslabtest

import (
	"slices"
	"time"
)

// records are the requests, the deliveries and the counters of a server.
type records struct {
	requests   []Request
	deliveries []Delivery
	accepted   map[string]int // jobs by track id
	bodies     map[uint64]int // jobs by path and whole body
	recent     map[uint64]time.Time
	calls      map[string][]time.Time // of what is limited per minute
	stats      Stats
}

// Stats are the server's counters.
type Stats struct {
	Submits   int           // accepted: jobs, trainings and workflow runs
	Repeats   int           // of those, the ones whose path and body equalled an earlier one's
	Refused   int           // by the queue limit, a rate limit or the spam filter
	Fetches   int           // answered
	Open      int           // jobs that are queued or running now
	MaxOpen   int           // the most there ever were
	Succeeded int           // jobs
	Failed    int           // jobs, cancelled ones too
	Busy      time.Duration // that jobs ran, summed over the ended ones
}

// Stats returns the counters as they are now.
func (s *Server) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.records.stats
}

// Accepted returns how many jobs were queued under a track id, to prove that
// nothing was sent twice.
func (s *Server) Accepted(trackID string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.records.accepted[trackID]
}

// Deliveries returns every webhook so far that was answered, or failed.
func (s *Server) Deliveries() []Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.records.deliveries)
}

func (s *Server) record(x *incoming) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := &s.records
	if d := s.config.retention; d > 0 {
		oldest := time.Now().Add(-d)
		l.requests = dropBefore(l.requests, func(r *Request) bool { return r.Time.Before(oldest) })
		l.deliveries = dropBefore(l.deliveries, func(d *Delivery) bool { return d.Time.Before(oldest) })
	}
	l.requests = append(l.requests, x.Request)
}

// dropBefore removes the old head of a list that is in order of time. It does so
// once half of the list is old, which keeps the cost of a call constant.
func dropBefore[T any](list []T, old func(*T) bool) []T {
	if len(list) < 16 || !old(&list[len(list)/2]) {
		return list
	}
	i := len(list) / 2
	for i < len(list) && old(&list[i]) {
		i++
	}
	return append([]T(nil), list[i:]...)
}
