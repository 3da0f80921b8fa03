// Package recent holds what is worth remembering for a while only.
package recent

import "time"

// Table is a map that forgets: entries older than a lifetime, and the oldest
// ones when their weights add up to more than a limit. It is not safe for
// concurrent use.
type Table[K comparable, V any] struct {
	limit    int
	lifetime time.Duration
	weight   int
	entries  map[K]*entry[K, V]
	oldest   *entry[K, V]
	newest   *entry[K, V]
}

type entry[K comparable, V any] struct {
	key     K
	value   V
	weight  int
	at      time.Time
	older   *entry[K, V]
	younger *entry[K, V]
}

// New returns an empty table.
func New[K comparable, V any](limit int, lifetime time.Duration) *Table[K, V] {
	return &Table[K, V]{limit: limit, lifetime: lifetime, entries: map[K]*entry[K, V]{}}
}

// Get returns the value of key when it has not been forgotten.
func (t *Table[K, V]) Get(key K, now time.Time) (value V, ok bool) {
	e := t.entries[key]
	if e == nil || now.Sub(e.at) >= t.lifetime {
		return value, false
	}
	return e.value, true
}

// Put remembers value from now on, in the place of an older one.
func (t *Table[K, V]) Put(key K, value V, weight int, now time.Time) {
	if e := t.entries[key]; e != nil {
		t.remove(e)
	}
	e := &entry[K, V]{key: key, value: value, weight: weight, at: now, older: t.newest}
	if t.newest != nil {
		t.newest.younger = e
	} else {
		t.oldest = e
	}
	t.newest = e
	t.entries[key] = e
	t.weight += weight
	for t.oldest != nil && (t.weight > t.limit || now.Sub(t.oldest.at) >= t.lifetime) {
		t.remove(t.oldest)
	}
}

// Delete forgets key.
func (t *Table[K, V]) Delete(key K) {
	if e := t.entries[key]; e != nil {
		t.remove(e)
	}
}

// Len is how many entries there are, forgotten ones included that nothing has
// made room for yet.
func (t *Table[K, V]) Len() int { return len(t.entries) }

func (t *Table[K, V]) remove(e *entry[K, V]) {
	if e.older != nil {
		e.older.younger = e.younger
	} else {
		t.oldest = e.younger
	}
	if e.younger != nil {
		e.younger.older = e.older
	} else {
		t.newest = e.older
	}
	delete(t.entries, e.key)
	t.weight -= e.weight
}
