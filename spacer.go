package modelslab

import (
	"hash/maphash"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/modelslab-go/modelslab/internal/recent"
)

const (
	// spacing is kept between equal requests: ModelsLab refuses those of the last 30 seconds.
	spacing     = 31 * time.Second
	spacerKept  = 1 << 14
	maxHeldBack = 1 << 10 // requests of a RunAll
)

// spacer remembers what was sent of late, to keep equal requests apart.
type spacer struct {
	mu   sync.Mutex
	seed maphash.Seed
	next *recent.Table[uint64, time.Time] // when an equal request may be sent
}

// reserve returns the time at which a request may be sent, for which it counts
// as sent, or zero for now.
func (s *spacer) reserve(sub *submission) (due time.Time) {
	s.mu.Lock()
	if s.next == nil {
		s.seed = maphash.MakeSeed()
		s.next = recent.New[uint64, time.Time](spacerKept, time.Hour)
	}
	seed := s.seed
	s.mu.Unlock()
	sub.digest = sub.fingerprint(seed)
	if sub.digest == 0 {
		return due
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	at, ok := s.next.Get(sub.digest, now)
	if ok && at.After(now) {
		due = at
	} else {
		at = now
	}
	s.next.Put(sub.digest, at.Add(spacing), 1, now)
	return due
}

// sent takes note of when a request was really sent.
func (s *spacer) sent(sub *submission) {
	if sub.digest == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if at, _ := s.next.Get(sub.digest, now); at.Before(now.Add(spacing)) {
		s.next.Put(sub.digest, now.Add(spacing), 1, now)
	}
}

// fingerprint is the same for requests that ModelsLab would take for the same:
// all is equal but callback and track id. 0 means that there is none like it.
func (sub *submission) fingerprint(seed maphash.Seed) uint64 {
	var h maphash.Hash
	h.SetSeed(seed)
	enc := &sub.encoder
	_, _ = h.WriteString(sub.Op)
	_, _ = h.Write(enc.Body.JSON[:enc.Tail])
	for _, x := range enc.Extras {
		_, _ = h.WriteString(x.Name)
		_, _ = h.Write(x.Value)
	}
	for _, gap := range enc.Body.Gaps {
		if !gap.Content.Repeatable() {
			return 0
		}
		r, err := gap.Content.Open()
		if err != nil {
			return 0
		}
		_, err = io.Copy(&h, r)
		if r.Close(); err != nil {
			return 0
		}
	}
	return max(h.Sum64(), 1)
}

// holdBack puts a request aside until it may be sent.
func (b *batch) holdBack(it *item, due time.Time) {
	it.due = due
	b.mu.Lock()
	at, _ := slices.BinarySearchFunc(b.held, it, func(x, y *item) int { return x.due.Compare(y.due) })
	b.held = slices.Insert(b.held, at, it)
	b.mu.Unlock()
	b.tell()
}

// takeBack returns the first request that was held back until now, or nil.
func (b *batch) takeBack() *item {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.held) == 0 || b.held[0].due.After(time.Now()) {
		return nil
	}
	it := b.held[0]
	b.held = slices.Delete(b.held, 0, 1)
	return it
}
