package queue

import (
	"hash/maphash"
	"sync"
	"time"

	"github.com/modelslab-go/modelslab/internal/recent"
)

// Spacing is kept between equal requests: ModelsLab refuses those of the last
// 30 seconds.
const Spacing = 31 * time.Second

const requestsKept = 1 << 14

// Spacer remembers what was sent of late, to keep equal requests apart. A
// request goes by a fingerprint; one of 0 has no equal. The zero value is
// ready for use, and gives the seed for fingerprints.
type Spacer struct {
	mu   sync.Mutex
	seed maphash.Seed
	free *recent.Map[uint64, time.Time] // when an equal request may be sent
}

// Seed is for the fingerprints of this spacer's requests.
func (s *Spacer) Seed() maphash.Seed {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.free == nil {
		s.seed = maphash.MakeSeed()
		s.free = recent.New[uint64, time.Time](requestsKept, time.Hour)
	}
	return s.seed
}

// Reserve returns the time at which a request may be sent, for which it counts
// as sent, or zero for now.
func (s *Spacer) Reserve(fingerprint uint64) (due time.Time) {
	if fingerprint == 0 {
		return due
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	at, ok := s.free.Get(fingerprint, now)
	if ok && at.After(now) {
		due = at
	} else {
		at = now
	}
	s.free.Put(fingerprint, at.Add(Spacing), 1, now)
	return due
}

// Sent takes note of when a request that was reserved was really sent.
func (s *Spacer) Sent(fingerprint uint64) {
	if fingerprint == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if at, _ := s.free.Get(fingerprint, now); at.Before(now.Add(Spacing)) {
		s.free.Put(fingerprint, now.Add(Spacing), 1, now)
	}
}
