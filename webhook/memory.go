package webhook

import (
	"context"
	"hash/maphash"
	"math/bits"
	"sync"
	"time"
)

const (
	memoryShards   = 64
	memoryNames    = 1 << 18
	memoryLifetime = 30 * 24 * time.Hour // that of a callback's token
	eventsPerName  = 64
	memoryPage     = 64 // entries
)

// MemoryStore is a [Store] for one process. It keeps 262,144 names, which are
// two or three a job, for 30 days, and forgets the oldest when there are more:
// some 25 MB when full. A restart forgets everything; what is delivered again
// after it is handled again.
type MemoryStore struct {
	seed   maphash.Seed
	shards [memoryShards]memoryShard
}

// memoryShard is without pointers, so that the garbage collector need not look
// at hundreds of thousands of names.
type memoryShard struct {
	mu     sync.Mutex
	limit  int
	index  map[memoryKey]uint32 // among the entries of all pages
	pages  []*[memoryPage]memoryEntry
	n      int // entries
	oldest int // among them, once there are as many as may be
}

// memoryKey is the hash of a name, or of a name and an event that ends nothing.
// It is seeded, so that nobody can make two of them meet; by chance two of all
// that are kept meet in one store of 500 million.
type memoryKey uint64

// memoryEntry is what is known of the end of the job under one name, or of
// another event of its.
type memoryEntry struct {
	key    memoryKey
	until  int64  // end of the claim in Unix nanoseconds
	event  uint64 // hash of the claimed or committed one
	since  int64  // in Unix nanoseconds
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
	s := &MemoryStore{seed: maphash.MakeSeed()}
	for i := range s.shards {
		s.shards[i].limit = max(limit/memoryShards, 1)
		s.shards[i].index = map[memoryKey]uint32{}
	}
	return s
}

// Claim implements [Store]. It returns no error.
func (s *MemoryStore) Claim(_ context.Context, names []string, event string, lease time.Duration) (State, error) {
	c := s.claimOf(names, event)
	return s.claim(&c, lease, time.Now()), nil
}

// Commit implements [Store]. It returns no error.
func (s *MemoryStore) Commit(_ context.Context, names []string, event string) error {
	c := s.claimOf(names, event)
	s.commit(&c, time.Now())
	return nil
}

// Release implements [Store]. It returns no error.
func (s *MemoryStore) Release(_ context.Context, names []string, event string) error {
	c := s.claimOf(names, event)
	s.release(&c, time.Now())
	return nil
}

// memoryClaim is an event under all names of its job.
type memoryClaim struct {
	event uint64
	ends  bool // the event is the end of the job
	names []memoryName
	space [4]memoryName // for most
}

// memoryName is a name with the key of the claimed event, which is the name's
// own for an event that ends the job.
type memoryName struct {
	name, event memoryKey
}

func (n *memoryName) final() bool { return n.name == n.event }

func (s *MemoryStore) claimOf(names []string, event string) (c memoryClaim) {
	s.start(&c, event)
	for _, name := range names {
		s.add(&c, maphash.String(s.seed, name))
	}
	return c
}

func (s *MemoryStore) start(c *memoryClaim, event string) {
	c.event, c.ends, c.names = maphash.String(s.seed, event), isFinal(event), c.space[:0]
}

// add adds a name by its hash.
func (s *MemoryStore) add(c *memoryClaim, name uint64) {
	n := memoryName{name: memoryKey(name)}
	if n.event = n.name; !c.ends {
		n.event = memoryKey(maphash.Comparable(s.seed, [2]uint64{name, c.event}))
		// In the shard of its name.
		n.event = n.event&^(memoryShards-1) | n.name&(memoryShards-1)
	}
	c.names = append(c.names, n)
}

func (s *MemoryStore) claim(c *memoryClaim, lease time.Duration, at time.Time) State {
	locked := s.lock(c.names)
	defer s.unlock(locked)
	now := at.UnixNano()
	// The strongest answer of all names is the job's.
	state, why := Claimed, memoryAnswer{}
	for _, n := range c.names {
		if answer := s.shard(n.name).claim(n, c.event, now); answer.state > state {
			state, why = answer.state, answer
		}
	}
	switch state {
	case Claimed:
		for _, n := range c.names {
			s.shard(n.name).set(n, claimed, c.event, now, now+int64(lease))
		}
	case Done, Conflict:
		for _, n := range c.names { // one of them may be new for the job
			if why.end {
				n.event = n.name
			}
			if e := s.shard(n.name).find(n.event, now); why.event != 0 && (e == nil || e.state != committed) {
				s.shard(n.name).set(n, committed, why.event, now, 0)
			}
		}
	case Busy:
	}
	return state
}

func (s *MemoryStore) commit(c *memoryClaim, at time.Time) {
	locked := s.lock(c.names)
	defer s.unlock(locked)
	for _, n := range c.names {
		s.shard(n.name).set(n, committed, c.event, at.UnixNano(), 0)
	}
}

func (s *MemoryStore) release(c *memoryClaim, at time.Time) {
	locked := s.lock(c.names)
	defer s.unlock(locked)
	for _, n := range c.names {
		if e := s.shard(n.name).find(n.event, at.UnixNano()); e != nil && e.state == claimed && e.event == c.event {
			e.state = unclaimed
		}
	}
}

func (s *MemoryStore) shard(key memoryKey) *memoryShard { return &s.shards[key%memoryShards] }

// lock takes the shards of all names, always in the same order.
func (s *MemoryStore) lock(names []memoryName) (locked uint64) {
	for i := range names {
		locked |= 1 << (names[i].name % memoryShards)
	}
	for rest := locked; rest != 0; rest &= rest - 1 {
		s.shards[bits.TrailingZeros64(rest)].mu.Lock()
	}
	return locked
}

func (s *MemoryStore) unlock(locked uint64) {
	for ; locked != 0; locked &= locked - 1 {
		s.shards[bits.TrailingZeros64(locked)].mu.Unlock()
	}
}

// memoryAnswer is that of one name to a claim.
type memoryAnswer struct {
	state State
	event uint64 // the committed one that decided
	end   bool   // which is the job's end
}

func (s *memoryShard) claim(n memoryName, hash uint64, now int64) memoryAnswer {
	others := uint8(0)
	if last := s.find(n.name, now); last != nil {
		others = last.others
		switch {
		case last.state == committed && n.final() && last.event != hash:
			return memoryAnswer{Conflict, last.event, true}
		case last.state == committed:
			return memoryAnswer{Done, last.event, true}
		case last.state == claimed && now < last.until:
			return memoryAnswer{Busy, 0, true}
		}
	}
	if n.final() {
		return memoryAnswer{state: Claimed}
	}
	switch e := s.find(n.event, now); {
	case e == nil && others >= eventsPerName:
		return memoryAnswer{state: Done} // no job has so many stages: someone is playing
	case e != nil && e.state == committed:
		return memoryAnswer{Done, e.event, false}
	case e != nil && e.state == claimed && now < e.until:
		return memoryAnswer{state: Busy}
	default:
		return memoryAnswer{state: Claimed}
	}
}

// find returns what is kept under a key, or nil.
func (s *memoryShard) find(key memoryKey, now int64) *memoryEntry {
	i, ok := s.index[key]
	if !ok {
		return nil
	}
	if e := s.at(i); now-e.since < int64(memoryLifetime) {
		return e
	}
	return nil
}

func (s *memoryShard) at(i uint32) *memoryEntry { return &s.pages[i/memoryPage][i%memoryPage] }

// set records a state, and counts the events that end nothing under their name.
func (s *memoryShard) set(n memoryName, state memoryState, event uint64, now, until int64) {
	e, isNew := s.entry(n.event, now)
	e.state, e.event, e.until = state, event, until
	if isNew && !n.final() {
		name, _ := s.entry(n.name, now)
		name.others = min(name.others, eventsPerName-1) + 1
	}
}

// entry returns the entry of a key, or makes one, in the place of the oldest
// when there may be no more.
func (s *memoryShard) entry(key memoryKey, now int64) (e *memoryEntry, isNew bool) {
	i, known := s.index[key]
	switch {
	case known:
		if e = s.at(i); now-e.since < int64(memoryLifetime) {
			return e, false
		}
	case s.n < s.limit:
		if s.n%memoryPage == 0 {
			s.pages = append(s.pages, new([memoryPage]memoryEntry))
		}
		i = uint32(s.n) //nolint:gosec // below the limit
		s.n++
	default:
		i = uint32(s.oldest) //nolint:gosec // below the limit
		s.oldest = (s.oldest + 1) % s.limit
		delete(s.index, s.at(i).key)
	}
	if !known {
		s.index[key] = i
	}
	e = s.at(i)
	*e = memoryEntry{key: key, since: now}
	return e, true
}
