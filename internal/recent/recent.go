// Package recent holds what is worth remembering for a while only.
package recent

import "time"

// Map is a map that forgets: entries older than a lifetime, and the oldest
// ones when their weights add up to more than a limit. It is not safe for
// concurrent use.
type Map[K comparable, V any] struct {
	limit    int
	lifetime time.Duration
	weight   int
	places   map[K]int32   // in entries
	entries  []entry[K, V] // places that are taken, in a ring by age, which starts and ends at 0; and free ones
	free     int32         // the first free place, linked by older; 0 for none
}

type entry[K comparable, V any] struct {
	key            K
	value          V
	weight         int
	at             time.Time
	older, younger int32
}

// New returns an empty map.
func New[K comparable, V any](limit int, lifetime time.Duration) *Map[K, V] {
	return &Map[K, V]{limit: limit, lifetime: lifetime, places: map[K]int32{}, entries: make([]entry[K, V], 1)}
}

// Get returns the value of key when it has not been forgotten.
func (t *Map[K, V]) Get(key K, now time.Time) (value V, ok bool) {
	place, ok := t.places[key]
	if !ok || now.Sub(t.entries[place].at) >= t.lifetime {
		return value, false
	}
	return t.entries[place].value, true
}

// Put remembers value from now on, in the place of an older one.
func (t *Map[K, V]) Put(key K, value V, weight int, now time.Time) {
	t.Delete(key)
	place := t.take()
	newest := t.entries[0].older
	t.entries[place] = entry[K, V]{key: key, value: value, weight: weight, at: now, older: newest}
	t.entries[newest].younger = place
	t.entries[0].older = place
	t.places[key] = place
	t.weight += weight
	for oldest := t.entries[0].younger; oldest != 0; oldest = t.entries[0].younger {
		if t.weight <= t.limit && now.Sub(t.entries[oldest].at) < t.lifetime {
			break
		}
		t.remove(oldest)
	}
}

// Delete forgets key.
func (t *Map[K, V]) Delete(key K) {
	if place, ok := t.places[key]; ok {
		t.remove(place)
	}
}

// Len is how many entries there are, forgotten ones included that nothing has
// made room for yet.
func (t *Map[K, V]) Len() int { return len(t.places) }

// take returns a place that is free.
func (t *Map[K, V]) take() int32 {
	place := t.free
	if place == 0 {
		t.entries = append(t.entries, entry[K, V]{})
		return int32(len(t.entries) - 1) //nolint:gosec // memory ends before
	}
	t.free = t.entries[place].older
	return place
}

func (t *Map[K, V]) remove(place int32) {
	e := &t.entries[place]
	t.entries[e.older].younger = e.younger
	t.entries[e.younger].older = e.older
	delete(t.places, e.key)
	t.weight -= e.weight
	*e = entry[K, V]{older: t.free}
	t.free = place
}
