package delivery

import (
	"time"
)

const (
	earlyLifetime = 10 * time.Minute
	earlyBytes    = 32 << 20
	jobOverhead   = 512 // bytes of a job beside its body
)

// keepEarly keeps the end of a job for who begins to wait within the lifetime.
// A job counts for twice its size: the body, and what was read out of it.
func (t *Table[J]) keepEarly(name Name, job J, size int, now time.Time) {
	t.early.Put(name, job, jobOverhead+2*size, now)
}

// EndedEarly reports whether the end of a job of one of those names was
// delivered already, such as before the answer to its submit.
func (t *Table[J]) EndedEarly(job Identity, names []Name) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	for _, name := range names {
		if early, ok := t.early.Get(name, now); ok && job.Covers(t.report(early).Identity) {
			return true
		}
	}
	return false
}
