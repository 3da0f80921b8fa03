package modelslab

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/modelslab-go/modelslab/internal/link"
	"github.com/modelslab-go/modelslab/internal/recent"
	"github.com/modelslab-go/modelslab/internal/token"
)

const (
	submissionsKept    = 1 << 16
	submissionLifetime = 24 * time.Hour
	jobsPerTrackID     = 8
	hostsKept          = 1 << 10
	hostLifetime       = 30 * 24 * time.Hour
	maxHost            = 253
	arrivalsCounted    = 64
)

// submissions are what a client knows of the jobs that it submitted, so that a
// delivery that lacks something, or says something odd, is understood. Guarded
// by deliveries.mu.
type submissions struct {
	byTrack *recent.Table[jobName, *tracked]
	byRef   *recent.Table[jobName, *submittedJob]
	hosts   *recent.Table[string, struct{}] // of results in the API's own replies

	arrived, lost int // of the last jobs that had a callback
}

// tracked is what was submitted under one track id. Callers reuse them, so
// it may be several jobs.
type tracked struct {
	trackID string
	expiry  int64 // of the newest token
	open    int   // submits without an answer
	jobs    []*submittedJob
}

type submittedJob struct {
	of        *tracked
	ref       Ref
	id        string
	expiry    int64 // of its token, 0 without one
	callback  bool
	succeeded bool
	outcome   arrival
}

// arrival says how the end of a job with a callback was learned.
type arrival uint8

const (
	unheard arrival = iota
	arrivedHere
	polledFirst
)

func (s *submissions) init() {
	s.byTrack = recent.New[jobName, *tracked](submissionsKept, submissionLifetime)
	s.byRef = recent.New[jobName, *submittedJob](submissionsKept, submissionLifetime)
	s.hosts = recent.New[string, struct{}](hostsKept, hostLifetime)
}

// expiry returns when the token of a submit expires. No two submits of one
// track id get the same, so that their deliveries can be told apart.
func (d *deliveries) expiry(trackID string, now time.Time) time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.tracked(trackID, now)
	s.expiry = max(now.Add(token.Lifetime).Unix(), s.expiry+1)
	return time.Unix(s.expiry, 0)
}

func (d *deliveries) tracked(trackID string, now time.Time) *tracked {
	track := token.JobOf(trackID)
	s, ok := d.byTrack.Get(jobName{track: track}, now)
	if !ok {
		s = &tracked{trackID: strings.Clone(trackID)}
		d.byTrack.Put(jobName{track: track}, s, 1, now)
	}
	return s
}

// submitting notes a job before its request leaves, since its delivery may be
// faster than the answer. The answer goes to settle: the job, or nil when there
// is none. Where nothing can be delivered nothing is noted.
func (d *deliveries) submitting(cb callback) (settle func(job *Job, unknown bool)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if cb.url == "" && d.sink == nil {
		return func(*Job, bool) {}
	}
	t := d.tracked(cb.trackID, time.Now())
	t.open++
	return func(job *Job, unknown bool) {
		d.mu.Lock()
		defer d.mu.Unlock()
		if !unknown { // the outcome of a lost answer may yet be delivered
			t.open--
		}
		if job != nil && !job.Ref.IsZero() {
			d.submitted(&submittedJob{of: t, expiry: cb.expiry, callback: cb.url != ""}, job)
		}
	}
}

func (d *deliveries) submitted(note *submittedJob, job *Job) {
	// The job's strings are parts of the reply's text, which need not be kept.
	note.ref = Ref{job.Ref.Kind, strings.Clone(job.Ref.ID)}
	note.id = strings.Clone(job.ID)
	note.succeeded = job.Status == StatusSuccess
	t := note.of
	if len(t.jobs) == jobsPerTrackID {
		t.jobs = slices.Delete(t.jobs, 0, 1)
	}
	t.jobs = append(t.jobs, note)
	d.byRef.Put(jobName{ref: note.ref}, note, 1, time.Now())
	d.learnLocked(job)
}

func (d *deliveries) trackOfRef(ref Ref) token.Job {
	if note, ok := d.byRef.Get(jobName{ref: ref}, time.Now()); ok {
		return token.JobOf(note.of.trackID)
	}
	return token.Job{}
}

// noteOf returns the submitted job that job is a state of.
func (d *deliveries) noteOf(job *Job, track token.Job) *submittedJob {
	now := time.Now()
	if note, ok := d.byRef.Get(jobName{ref: job.Ref}, now); ok {
		return note
	}
	s, ok := d.byTrack.Get(jobName{track: track}, now)
	if !ok {
		return nil
	}
	for _, note := range s.jobs {
		if job.ID == "" || job.ID == note.id || job.ID == note.ref.ID {
			return note
		}
	}
	return nil
}

// missed counts a job with a callback whose end a poll saw first.
func (d *deliveries) missed(job *Job) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if note := d.noteOf(job, trackOf(job.TrackID)); note != nil && note.outcome == unheard && note.callback {
		note.outcome = polledFirst
		d.lost++
		d.fade()
	}
}

// heard counts a delivery, even one that a poll was faster than.
func (d *deliveries) heard(job *Job, track token.Job) {
	d.settled(job, track)
	d.mu.Lock()
	defer d.mu.Unlock()
	note := d.noteOf(job, track)
	if note == nil || note.outcome == arrivedHere {
		return
	}
	if note.outcome == polledFirst {
		d.lost--
	}
	note.outcome = arrivedHere
	d.arrived++
	d.fade()
}

// fade lets what is new weigh more than what is old.
func (d *deliveries) fade() {
	if d.arrived+d.lost > arrivalsCounted {
		d.arrived, d.lost = d.arrived/2, d.lost/2
	}
	d.lost = max(d.lost, 0)
}

// expected reports whether a Wait for the job may count on its delivery: it has
// a callback, a handler is there, and deliveries do arrive in this process
// rather than in another replica; where a slot is at stake, nearly all do.
func (d *deliveries) expected(ref Ref, job *Job, atStake bool) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.sink == nil || d.lost > d.arrived || atStake && 20*d.lost > d.arrived {
		return false
	}
	known := &Job{Ref: ref}
	if job != nil {
		known.ID, known.TrackID = job.ID, job.TrackID
	}
	note := d.noteOf(known, trackOf(known.TrackID))
	return note != nil && note.callback
}

func (d *deliveries) learn(job *Job) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.learnLocked(job)
	if note, ok := d.byRef.Get(jobName{ref: job.Ref}, time.Now()); ok && job.Status == StatusSuccess {
		note.succeeded = true
	}
}

func (d *deliveries) learnLocked(job *Job) {
	now := time.Now()
	for _, list := range [...][]string{job.Output, job.ProxyLinks, job.FutureLinks} {
		for _, link := range list {
			host := hostOf(link)
			if _, known := d.hosts.Get(host, now); known || host == "" || vendorHost(host) {
				continue
			}
			d.hosts.Put(strings.Clone(host), struct{}{}, 1, now)
		}
	}
}

// trusts reports whether the API's own replies have named the URL's host.
func (d *deliveries) trusts(link string) bool {
	host := hostOf(link)
	if vendorHost(host) {
		return true
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	_, known := d.hosts.Get(host, time.Now())
	return known
}

func vendorHost(host string) bool {
	return host == "modelslab.com" || strings.HasSuffix(host, ".modelslab.com")
}

// hostOf returns the host and port of a URL in lower case, "" when there is none.
func hostOf(link string) string {
	_, rest, ok := strings.Cut(link, "://")
	if !ok {
		return ""
	}
	if end := strings.IndexAny(rest, `/?#\`); end >= 0 {
		rest = rest[:end]
	}
	if len(rest) > maxHost || strings.ContainsAny(rest, "@% ") {
		return ""
	}
	return strings.ToLower(rest)
}

// door is the client as package webhook sees it.
type door struct {
	*deliveries
	client *Client
}

// Link is for package webhook. What it returns is of use to no other package,
// and a program that does not receive webhooks links none of it.
func (c *Client) Link() link.Client { return door{&c.deliveries, c} }

func init() {
	link.Decode = func(body []byte, job any) error { return decodeOwnJob(body, job.(*Job), nil) }
}

func (d door) Attach(sink link.Sink) (detach func(), ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.sink != nil {
		return nil, false
	}
	d.sink = sink
	return func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.sink = nil
	}, true
}

func (d door) Wake(job any, track token.Job)      { d.wake(job.(*Job), track) }
func (d door) Heard(job any, track token.Job)     { d.heard(job.(*Job), track) }
func (d door) Trusts(url string) bool             { return d.trusts(url) }
func (d door) Found(ctx context.Context, job any) { d.client.found(ctx, job.(*Job)) }
func (d door) Learn(job any)                      { d.learn(job.(*Job)) }

func (d door) Submitted(track token.Job) (out link.Submission) {
	d.mu.Lock()
	defer d.mu.Unlock()
	s, ok := d.byTrack.Get(jobName{track: track}, time.Now())
	if !ok {
		return out
	}
	out.TrackID, out.Open = s.trackID, s.open > 0
	for _, note := range s.jobs {
		out.Jobs = append(out.Jobs, note.export())
	}
	return out
}

func (d door) SubmittedAs(kind, id string) (trackID string, job link.Submitted, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	note, ok := d.byRef.Get(jobName{ref: Ref{Kind(kind), id}}, time.Now())
	if !ok {
		return "", link.Submitted{}, false
	}
	return note.of.trackID, note.export(), true
}

func (n *submittedJob) export() link.Submitted {
	return link.Submitted{
		Kind: string(n.ref.Kind), ID: n.ref.ID, OtherID: n.id, Expiry: n.expiry, Succeeded: n.succeeded,
	}
}
