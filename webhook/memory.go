package webhook

import (
	"context"
	"hash/maphash"
	"slices"
	"sync"
	"time"

	"github.com/modelslab-go/modelslab/internal/recent"
)

const (
	memoryShards   = 64
	memoryNames    = 1 << 18
	memoryLifetime = 30 * 24 * time.Hour // that of a callback's token
	eventsPerName  = 64
)

// MemoryStore is a [Store] for one process. It keeps 262,144 names, which are
// three or four a job, for 30 days, and forgets the oldest when there are more:
// some 50 MB when full. A restart forgets everything; what is delivered again
// after it is handled again.
type MemoryStore struct {
	seeds  [2]maphash.Seed
	shards [memoryShards]memoryShard
}

type memoryShard struct {
	mu    sync.Mutex
	names *recent.Table[memoryKey, *memoryEntry]
}

// memoryKey stands for a name. Seeded, so that nobody can make two names meet.
type memoryKey [2]uint64

// memoryEntry is what is known under one name.
type memoryEntry struct {
	final memoryEvent   // its event is "" until there is one
	other []memoryEvent // stages and the like
}

type memoryEvent struct {
	event string
	done  bool
	until int64 // end of the lease in Unix nanoseconds, when not done
}

// NewMemoryStore returns an empty store.
func NewMemoryStore() *MemoryStore { return newMemoryStore(memoryNames) }

func newMemoryStore(limit int) *MemoryStore {
	s := &MemoryStore{seeds: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}}
	for i := range s.shards {
		s.shards[i].names = recent.New[memoryKey, *memoryEntry](limit/memoryShards, memoryLifetime)
	}
	return s
}

// Claim implements [Store]. It returns no error.
func (s *MemoryStore) Claim(_ context.Context, names []string, event string, lease time.Duration) (State, error) {
	var buf [4]memoryKey
	keys := s.keys(buf[:0], names)
	defer s.lock(keys)()
	now := time.Now()
	state := Claimed
	var known *memoryEntry
	for _, key := range keys {
		e, ok := s.shard(key).names.Get(key, now)
		if !ok {
			continue
		}
		known = e
		// The strongest answer of all names is the job's.
		state = max(state, e.claim(event, now))
	}
	switch state {
	case Claimed:
		for _, key := range keys {
			e, ok := s.shard(key).names.Get(key, now)
			if !ok {
				e = &memoryEntry{}
				s.shard(key).names.Put(key, e, 1, now)
			}
			e.set(memoryEvent{event: event, until: now.Add(lease).UnixNano()})
		}
	case Done, Conflict:
		for _, key := range keys { // a name that is new for the job
			if _, ok := s.shard(key).names.Get(key, now); !ok {
				s.shard(key).names.Put(key, &memoryEntry{final: known.final, other: slices.Clone(known.other)}, 1, now)
			}
		}
	case Busy:
	}
	return state, nil
}

// Commit implements [Store]. It returns no error.
func (s *MemoryStore) Commit(_ context.Context, names []string, event string) error {
	var buf [4]memoryKey
	keys := s.keys(buf[:0], names)
	defer s.lock(keys)()
	now := time.Now()
	for _, key := range keys {
		e, ok := s.shard(key).names.Get(key, now)
		if !ok {
			e = &memoryEntry{}
			s.shard(key).names.Put(key, e, 1, now)
		}
		e.set(memoryEvent{event: event, done: true})
	}
	return nil
}

// Release implements [Store]. It returns no error.
func (s *MemoryStore) Release(_ context.Context, names []string, event string) error {
	var buf [4]memoryKey
	keys := s.keys(buf[:0], names)
	defer s.lock(keys)()
	for _, key := range keys {
		if e, ok := s.shard(key).names.Get(key, time.Now()); ok && e.drop(event) {
			s.shard(key).names.Delete(key)
		}
	}
	return nil
}

func (s *MemoryStore) keys(keys []memoryKey, names []string) []memoryKey {
	for _, name := range names {
		keys = append(keys, memoryKey{maphash.String(s.seeds[0], name), maphash.String(s.seeds[1], name)})
	}
	return keys
}

func (s *MemoryStore) shard(key memoryKey) *memoryShard { return &s.shards[key[0]%memoryShards] }

// lock takes the shards of all names, always in the same order.
func (s *MemoryStore) lock(keys []memoryKey) (unlock func()) {
	var shards uint64
	for _, key := range keys {
		shards |= 1 << (key[0] % memoryShards)
	}
	for i := range s.shards {
		if shards&(1<<i) != 0 {
			s.shards[i].mu.Lock()
		}
	}
	return func() {
		for i := range s.shards {
			if shards&(1<<i) != 0 {
				s.shards[i].mu.Unlock()
			}
		}
	}
}

func (e *memoryEntry) claim(event string, now time.Time) State {
	if e.final.event != "" {
		if state := e.final.state(event, now); state != Claimed {
			return state
		}
	}
	if isFinal(event) {
		return Claimed
	}
	for i := range e.other {
		if e.other[i].event == event {
			return e.other[i].state(event, now)
		}
	}
	if len(e.other) >= eventsPerName {
		return Done // no job has so many stages: someone is playing
	}
	return Claimed
}

// state answers a claim of event, given what became of e.
func (e *memoryEvent) state(event string, now time.Time) State {
	switch {
	case e.done && isFinal(event) && e.event != event:
		return Conflict
	case e.done:
		return Done
	case now.UnixNano() < e.until:
		return Busy
	default:
		return Claimed
	}
}

func (e *memoryEntry) set(event memoryEvent) {
	if isFinal(event.event) {
		e.final = event
		if event.done {
			e.other = nil
		}
		return
	}
	for i := range e.other {
		if e.other[i].event == event.event {
			e.other[i] = event
			return
		}
	}
	e.other = append(e.other, event)
}

// drop forgets a claim and reports whether nothing is left.
func (e *memoryEntry) drop(event string) (empty bool) {
	if e.final.event == event && !e.final.done {
		e.final = memoryEvent{}
	}
	e.other = slices.DeleteFunc(e.other, func(o memoryEvent) bool { return o.event == event && !o.done })
	return e.final.event == "" && len(e.other) == 0
}
