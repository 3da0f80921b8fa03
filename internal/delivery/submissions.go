package delivery

import (
	"slices"
	"strings"
	"time"

	"github.com/modelslab-go/modelslab/internal/recent"
	"github.com/modelslab-go/modelslab/internal/token"
)

const (
	submissionsKept    = 1 << 16
	submissionLifetime = 24 * time.Hour
	jobsPerTrackID     = 8
)

// Track is what is on record of the jobs submitted under one track id.
type Track struct {
	TrackID string
	Open    bool        // a submit has no answer yet
	Jobs    []Submitted // oldest first
}

// Submitted is one job of a Track.
type Submitted struct {
	Kind, ID  string // where it is fetched
	OtherID   string // the id in the reply's body
	Expiry    int64  // of its token, in Unix seconds; 0 without one
	Succeeded bool   // the API said so in a reply
}

// Is reports whether id is one of the job's ids.
func (s *Submitted) Is(id string) bool { return id != "" && (id == s.ID || id == s.OtherID) }

// submissions are on record so that a delivery that lacks something, or says
// something odd, is understood.
type submissions struct {
	byTrack *recent.Map[Name, *tracked]
	byRef   *recent.Map[Name, *record]
}

// tracked is what was submitted under one track id. Callers reuse them, so it
// may be several jobs.
type tracked struct {
	trackID string
	expiry  int64 // of the newest token
	open    int   // submits without an answer
	jobs    []*record
}

type record struct {
	Submitted

	of       *tracked
	callback bool
	observed observation
}

func newSubmissions() submissions {
	return submissions{
		byTrack: recent.New[Name, *tracked](submissionsKept, submissionLifetime),
		byRef:   recent.New[Name, *record](submissionsKept, submissionLifetime),
	}
}

// Expiry returns when the token of a submit expires. No two submits of one
// track id get the same, so that their deliveries can be kept apart.
func (t *Table[J]) Expiry(trackID string, now time.Time) time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.submissions.tracked(trackID, now)
	s.expiry = max(now.Add(token.Lifetime).Unix(), s.expiry+1)
	return time.Unix(s.expiry, 0)
}

func (s *submissions) tracked(trackID string, now time.Time) *tracked {
	name := Name{Track: token.JobOf(trackID)}
	record, ok := s.byTrack.Get(name, now)
	if !ok {
		record = &tracked{trackID: strings.Clone(trackID)}
		s.byTrack.Put(name, record, 1, now)
	}
	return record
}

// Pending is a submit without an answer.
type Pending struct {
	of       *tracked // nil where nothing can be delivered
	expiry   int64
	callback bool
}

// Submitting records a submit before its request leaves, since its delivery may
// be faster than the answer. The expiry is that of its token. Where neither
// callback nor receiver is there, nothing is recorded. A submit that is neither
// Accepted nor Refused stays open: a lost answer may yet be delivered.
func (t *Table[J]) Submitting(trackID string, expiry int64, callback bool) Pending {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !callback && t.receiver == nil {
		return Pending{}
	}
	of := t.submissions.tracked(trackID, time.Now())
	of.open++
	return Pending{of, expiry, callback}
}

// Refused records that a submit brought no job.
func (t *Table[J]) Refused(p Pending) {
	if p.of != nil {
		t.mu.Lock()
		defer t.mu.Unlock()
		p.of.open--
	}
}

// Accepted records the job that a submit brought.
func (t *Table[J]) Accepted(p Pending, job J) {
	if p.of == nil {
		return
	}
	if accepted := t.record(p, job); accepted != nil {
		accepted(job)
	}
}

// record takes the job of a submit on record, and returns what is to be called
// with it.
func (t *Table[J]) record(p Pending, job J) (accepted func(job J)) {
	r := t.report(job)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.receiver != nil {
		accepted = t.receiver.accepted
	}
	p.of.open--
	if r.Kind == "" && r.ID == "" {
		return accepted
	}
	// The job's strings are parts of the reply's text, which need not be kept.
	t.submissions.add(&record{of: p.of, callback: p.callback, Submitted: Submitted{
		Kind: r.Kind, ID: strings.Clone(r.ID), OtherID: strings.Clone(r.OtherID), Expiry: p.expiry, Succeeded: r.Succeeded,
	}})
	t.keepHosts(&r)
	return accepted
}

func (s *submissions) add(job *record) {
	of := job.of
	if len(of.jobs) == jobsPerTrackID {
		of.jobs = slices.Delete(of.jobs, 0, 1)
	}
	of.jobs = append(of.jobs, job)
	s.byRef.Put(Name{Kind: job.Kind, ID: job.ID}, job, 1, time.Now())
}

func (s *submissions) get(job Identity, now time.Time) (*record, bool) {
	return s.byRef.Get(Name{Kind: job.Kind, ID: job.ID}, now)
}

func (s *submissions) trackOf(job Identity, now time.Time) token.JobKey {
	if record, ok := s.get(job, now); ok {
		return token.JobOf(record.of.trackID)
	}
	return token.JobKey{}
}

func (s *submissions) succeeded(job Identity) {
	if record, ok := s.get(job, time.Now()); ok {
		record.Succeeded = true
	}
}

// of returns the submitted job that the identity is of, or nil.
func (s *submissions) of(job Identity, track token.JobKey) *record {
	now := time.Now()
	if record, ok := s.get(job, now); ok {
		return record
	}
	under, ok := s.byTrack.Get(Name{Track: track}, now)
	if !ok {
		return nil
	}
	for _, record := range under.jobs {
		if job.OtherID == "" || record.Is(job.OtherID) {
			return record
		}
	}
	return nil
}

// SubmittedUnder returns what is on record under a track id with that hash.
func (t *Table[J]) SubmittedUnder(track token.JobKey) (out Track) {
	t.mu.Lock()
	defer t.mu.Unlock()
	record, ok := t.submissions.byTrack.Get(Name{Track: track}, time.Now())
	if !ok {
		return out
	}
	out.TrackID, out.Open = record.trackID, record.open > 0
	for _, job := range record.jobs {
		out.Jobs = append(out.Jobs, job.Submitted)
	}
	return out
}

// SubmittedAs returns the submitted job that is fetched by kind and id.
func (t *Table[J]) SubmittedAs(kind, id string) (trackID string, job Submitted, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	record, ok := t.submissions.get(Identity{Kind: kind, ID: id}, time.Now())
	if !ok {
		return "", Submitted{}, false
	}
	return record.of.trackID, record.Submitted, true
}
