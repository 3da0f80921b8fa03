// Package delivery holds who waits for which job, and what is on record of the
// jobs that were submitted. It has no part in HTTP, and a job can be of any type: a table is
// made for a type of job and reads its jobs through one function.
package delivery

import (
	"context"
	"strings"
	"sync"

	"github.com/modelslab-go/modelslab/internal/recent"
	"github.com/modelslab-go/modelslab/internal/token"
)

// A Name is one of the names that a job goes by: the kind and id it is fetched
// by, or the hash of its track id.
type Name struct {
	Kind, ID string
	Track    token.JobKey
}

// Identity distinguishes jobs that share a track id, which callers reuse.
type Identity struct {
	Kind, ID string // where the job is fetched; the ID is empty where that is not said
	OtherID  string // the id in the body, which may differ from ID
}

// Names returns the names of the job, the hash of its track id included where
// there is one.
func (i Identity) Names(track token.JobKey) []Name {
	return i.appendNames(make([]Name, 0, maxNames), track)
}

// maxNames is how many names a job goes by at most.
const maxNames = 3

func (i Identity) appendNames(names []Name, track token.JobKey) []Name {
	if i.ID != "" {
		names = append(names, Name{Kind: i.Kind, ID: i.ID})
	}
	// An id with a slash is a path: the id in the body is its last element, and no name by itself.
	if i.OtherID != "" && i.OtherID != i.ID && !strings.Contains(i.ID, "/") {
		names = append(names, Name{Kind: i.Kind, ID: i.OtherID})
	}
	if track != (token.JobKey{}) {
		names = append(names, Name{Track: track})
	}
	return names
}

// Covers reports whether a report about other can be about the job i. One
// without any id can.
func (i Identity) Covers(other Identity) bool {
	if i.ID == "" || other.ID == "" && other.OtherID == "" {
		return true
	}
	if i.Kind != other.Kind && i.Kind != "" && other.Kind != "" {
		return false
	}
	for _, id := range [...]string{other.ID, other.OtherID} {
		if id != "" && (id == i.ID || id == i.OtherID) {
			return true
		}
	}
	return other.OtherID != "" && strings.HasSuffix(i.ID, "/"+other.OtherID)
}

// A Report is what a table reads of a job's state.
type Report struct {
	Identity

	TrackID   string      // "" where the job has none or it is not said
	Ended     bool        // its status is terminal
	Final     bool        // nothing more can come
	Succeeded bool        // its status is success
	Stage     bool        // it is a stage of a training
	Links     [3][]string // URLs of results
	Size      int         // bytes that keeping the job takes
}

// Table is who waits for which job, what came before anybody waited, and what
// was submitted. It is safe for concurrent use.
type Table[J any] struct {
	report func(J) Report

	mu          sync.Mutex
	receiver    *receiver[J] // nil where no deliveries come in
	ended       func(job Identity, track Name)
	pollNow     func(job Identity, track Name)
	waiters     map[Name][]*Waiter[J]
	early       *recent.Map[Name, J]
	submissions submissions
	hosts       *recent.Map[Name, *struct{}] // by ID
	arrivals    arrivals
}

// New returns an empty table that reads jobs with report.
func New[J any](report func(J) Report) *Table[J] {
	return &Table[J]{
		report:      report,
		waiters:     map[Name][]*Waiter[J]{},
		early:       recent.New[Name, J](earlyBytes, earlyLifetime),
		submissions: newSubmissions(),
		hosts:       recent.New[Name, *struct{}](hostsKept, hostLifetime),
	}
}

// OnEnd has f called with every job that is observed to have ended, and with the
// hash of its track id, before anybody else gets it.
func (t *Table[J]) OnEnd(f func(job Identity, track Name)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ended = f
}

// OnPollNow has f called with every job whose next poll is due at once, for
// those that are polled although nobody waits for them.
func (t *Table[J]) OnPollNow(f func(job Identity, track Name)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.pollNow = f
}

// Observe takes note of a state of a job, whoever brought it. It comes before
// sink and waiters get the job. The track may be zero.
func (t *Table[J]) Observe(job J, track token.JobKey) {
	r := t.report(job)
	if !r.Ended {
		return
	}
	t.mu.Lock()
	ended := t.ended
	t.mu.Unlock()
	if ended == nil {
		return
	}
	if track == (token.JobKey{}) {
		track = TrackOf(r.TrackID)
	}
	ended(r.Identity, Name{Track: track})
}

// Deliver hands a state of a job to the sink, then to the waiters for the job
// unless the sink refuses it. The error is the sink's.
func (t *Table[J]) Deliver(ctx context.Context, job J) (err error) {
	t.Observe(job, token.JobKey{})
	accepted := true
	if r := t.received(); r != nil {
		accepted, err = r.deliver(ctx, job)
	}
	if accepted {
		t.Wake(job, TrackOf(t.report(job).TrackID))
	}
	return err
}

// TrackOf hashes a track id; it is zero for none.
func TrackOf(trackID string) token.JobKey {
	if trackID == "" {
		return token.JobKey{}
	}
	return token.JobOf(trackID)
}
