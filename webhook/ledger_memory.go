package webhook

import (
	"context"
	"hash/maphash"
	"sync"
	"time"
)

const (
	memoryNames    = 1 << 18
	memoryLifetime = 30 * 24 * time.Hour // that of a callback's token
	eventsPerName  = 64
)

// MemoryStore is a [Store] for one process. It keeps 262,144 names, which are
// two or three a job, for 30 days, and forgets the oldest when there are more:
// some 20 MB when full. A restart forgets everything; what is delivered again
// after it is handled again.
type MemoryStore struct {
	seed  maphash.Seed
	limit int

	mu      sync.Mutex
	index   map[memoryKey]int32 // among the entries
	entries []memoryEntry
	oldest  int // among the entries, once there are as many as may be
}

// memoryKey is the hash of a name, or of a name and an event that ends nothing.
// It is seeded, so that nobody can make two of them meet; by chance two of all
// that are kept meet in one store of 500 million.
type memoryKey uint64

// memoryEntry is the end of a job under one of its names, or another of its
// events under that name.
type memoryEntry struct {
	key    memoryKey
	until  int64  // end of the claim in Unix nanoseconds
	since  int64  // in Unix nanoseconds
	event  uint64 // hash of the claimed or committed one
	state  memoryState
	others uint8 // events under this name that end nothing
}

type memoryState uint8

const (
	unclaimed memoryState = iota
	claimed
	committed
)

// NewMemoryStore returns an empty store.
func NewMemoryStore() *MemoryStore { return newMemoryStore(memoryNames) }

func newMemoryStore(limit int) *MemoryStore {
	return &MemoryStore{seed: maphash.MakeSeed(), limit: limit, index: map[memoryKey]int32{}}
}

// Claim implements [Store]. It returns no error.
func (s *MemoryStore) Claim(_ context.Context, names []string, event string, lease time.Duration) (State, error) {
	var c memoryClaim
	s.fill(&c, names, event)
	return s.claim(&c, lease, time.Now()), nil
}

// Commit implements [Store]. It returns no error.
func (s *MemoryStore) Commit(_ context.Context, names []string, event string) error {
	var c memoryClaim
	s.fill(&c, names, event)
	s.commit(&c, time.Now())
	return nil
}

// Release implements [Store]. It returns no error.
func (s *MemoryStore) Release(_ context.Context, names []string, event string) error {
	var c memoryClaim
	s.fill(&c, names, event)
	s.release(&c, time.Now())
	return nil
}

// memoryClaim is an event under all names of its job, by their keys.
type memoryClaim struct {
	event uint64
	ends  bool // the event is the end of the job
	names []memoryName
	space [4]memoryName // for most
}

// memoryName is a name with the key of the claimed event, which is the name's
// own for an event that ends the job.
type memoryName struct{ name, event memoryKey }

func (n memoryName) final() bool { return n.name == n.event }

func (s *MemoryStore) fill(c *memoryClaim, names []string, event string) {
	s.start(c, event)
	for _, name := range names {
		s.name(c, maphash.String(s.seed, name))
	}
}

// start makes c a claim of the event, without a name.
func (s *MemoryStore) start(c *memoryClaim, event string) {
	c.event, c.ends, c.names = maphash.String(s.seed, event), isFinal(event), c.space[:0]
}

// name adds a name by its hash.
func (s *MemoryStore) name(c *memoryClaim, name uint64) {
	n := memoryName{name: memoryKey(name), event: memoryKey(name)}
	if !c.ends {
		n.event = memoryKey(maphash.Comparable(s.seed, [2]uint64{name, c.event}))
	}
	c.names = append(c.names, n)
}

func (s *MemoryStore) claim(c *memoryClaim, lease time.Duration, at time.Time) State {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := at.UnixNano()
	// The strongest answer of all names is the job's.
	strongest := memoryAnswer{state: Claimed}
	for _, n := range c.names {
		if a := s.answer(n, c.event, now); a.state > strongest.state {
			strongest = a
		}
	}
	switch strongest.state {
	case Claimed:
		for _, n := range c.names {
			s.set(n, claimed, c.event, now, now+int64(lease))
		}
	case Done, Conflict:
		for _, n := range c.names { // one of them may be new for the job
			if strongest.ends {
				n.event = n.name
			}
			if e := s.find(n.event, now); strongest.event != 0 && (e == nil || e.state != committed) {
				s.set(n, committed, strongest.event, now, 0)
			}
		}
	case Busy:
	}
	return strongest.state
}

func (s *MemoryStore) commit(c *memoryClaim, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range c.names {
		s.set(n, committed, c.event, at.UnixNano(), 0)
	}
}

func (s *MemoryStore) release(c *memoryClaim, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range c.names {
		if e := s.find(n.event, at.UnixNano()); e != nil && e.state == claimed && e.event == c.event {
			e.state = unclaimed
		}
	}
}

// memoryAnswer is that of one name to a claim.
type memoryAnswer struct {
	state State
	event uint64 // the committed one that decided
	ends  bool   // it is the job's end
}

func (s *MemoryStore) answer(n memoryName, event uint64, now int64) memoryAnswer {
	others := uint8(0)
	if last := s.find(n.name, now); last != nil {
		others = last.others
		switch {
		case last.state == committed && n.final() && last.event != event:
			return memoryAnswer{Conflict, last.event, true}
		case last.state == committed:
			return memoryAnswer{Done, last.event, true}
		case last.state == claimed && now < last.until:
			return memoryAnswer{state: Busy}
		}
	}
	if n.final() {
		return memoryAnswer{state: Claimed}
	}
	switch e := s.find(n.event, now); {
	case e == nil && others >= eventsPerName:
		return memoryAnswer{state: Done} // no job has so many stages: somebody makes them up
	case e != nil && e.state == committed:
		return memoryAnswer{Done, e.event, false}
	case e != nil && e.state == claimed && now < e.until:
		return memoryAnswer{state: Busy}
	default:
		return memoryAnswer{state: Claimed}
	}
}

// find returns what is kept under a key, or nil.
func (s *MemoryStore) find(key memoryKey, now int64) *memoryEntry {
	i, ok := s.index[key]
	if !ok || now-s.entries[i].since >= int64(memoryLifetime) {
		return nil
	}
	return &s.entries[i]
}

// set records a state, and counts the events that end nothing under their name.
func (s *MemoryStore) set(n memoryName, state memoryState, event uint64, now, until int64) {
	e := s.find(n.event, now)
	if e == nil {
		if !n.final() {
			s.count(n.name, now)
		}
		e = s.add(n.event, now)
	}
	e.state, e.event, e.until = state, event, until
}

func (s *MemoryStore) count(name memoryKey, now int64) {
	e := s.find(name, now)
	if e == nil {
		e = s.add(name, now)
	}
	e.others = min(e.others, eventsPerName-1) + 1
}

// add makes an entry, in the place of the oldest when there may be no more.
func (s *MemoryStore) add(key memoryKey, now int64) *memoryEntry {
	i, kept := s.index[key] // its time is over
	switch {
	case kept:
	case len(s.entries) < s.limit:
		i = int32(len(s.entries)) //nolint:gosec // below the limit
		s.entries = append(s.entries, memoryEntry{})
		s.index[key] = i
	default:
		i = int32(s.oldest) //nolint:gosec // below the limit
		s.oldest = (s.oldest + 1) % s.limit
		delete(s.index, s.entries[i].key)
		s.index[key] = i
	}
	s.entries[i] = memoryEntry{key: key, since: now}
	return &s.entries[i]
}
