package modelslabtest

import (
	"encoding/json"
	"fmt"
	"hash/maphash"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// serverJob is a generation, a training or a workflow run.
type serverJob struct {
	id       string // as it is fetched
	bodyID   string // as "id" spells it, where that differs
	kind     string
	prompt   uint64 // hash of what the outputs depend on
	width    int
	height   int
	count    int
	ext      string // of the outputs
	base64   bool   // outputs are text files of base64
	op       string // the last element of the path
	origin   string
	name     string          // the track id as text, "" for none
	trackID  json.RawMessage // as it came, for webhooks
	webhook  string
	meta     json.RawMessage
	latency  time.Duration
	fault    *Fault
	state    jobState
	stage    int // of a training
	workflow *run
	body     uint64 // hash
	started  time.Time
	ended    time.Time
}

type jobState uint8

const (
	queued jobState = iota
	running
	succeeded
	failed
	cancelled
)

func (s jobState) ended() bool { return s >= succeeded }

// jobs are the account's jobs.
type jobs struct {
	byID    map[string]*serverJob
	lastID  uint64
	waiting []*serverJob // for their turn, when jobs run one at a time
	busy    bool         // one of them runs
}

func newJobs() jobs {
	return jobs{byID: map[string]*serverJob{}, lastID: 12202887}
}

// submit queues a generation.
func (s *Server) submit(x *incoming) response {
	return s.enqueue(x, newGeneration(x), s.submitReply)
}

// enqueue accepts a job and returns the answer that announces it, or refuses it.
// With Fault.Early the job has ended, and its webhook is delivered, before it
// returns.
func (s *Server) enqueue(x *incoming, j *serverJob, announce func(*serverJob) response) response {
	j.latency = s.latencyOf(x)
	s.mu.Lock()
	defer s.mu.Unlock()
	if refusal, refused := s.refuse(x); refused {
		s.records.stats.Refused++
		return refusal
	}
	s.number(j, x.fault.TwoIDs)
	if j.kind != "training" && j.workflow == nil {
		j.meta = j.echo(x)
	}
	s.account(x, j)
	s.jobs.byID[j.id] = j
	if s.config.sequential && s.jobs.busy && j.latency > 0 {
		s.jobs.waiting = append(s.jobs.waiting, j)
	} else {
		s.start(j)
	}
	a := announce(j)
	if x.fault.Early {
		s.end(j)
		early := s.webhooks(j)
		s.mu.Unlock()
		for _, d := range early {
			s.deliver(d)
		}
		s.mu.Lock()
	}
	return a
}

func (s *Server) latencyOf(x *incoming) time.Duration {
	switch {
	case x.fault.Sync:
		return 0
	case x.fault.Took > 0:
		return x.fault.Took
	}
	r := x.Request
	return s.config.latency(&r)
}

// refuse applies the limits of the account.
func (s *Server) refuse(x *incoming) (response, bool) {
	if n := s.config.queueLimit; n > 0 && s.records.stats.Open >= n {
		status := http.StatusTooManyRequests
		if s.config.limitAs200 {
			status = http.StatusOK
		}
		return reply(status, failureReply{
			Status: "error", RetryAfter: 30,
			Message: fmt.Sprintf("Rate limit exceeded. Maximum %d queued requests allowed.", n),
		}), true
	}
	const window = 30 * time.Second
	if !s.config.spamFilter {
		return response{}, false
	}
	hash := s.hash(x.Path, without(x.Body, "track_id", "webhook"))
	last, seen := s.records.recent[hash]
	now := time.Now()
	if seen && now.Sub(last) < window {
		return failure(http.StatusOK, "you are sending same request multiple times, spam filter is enabled, "+
			"please wait for 30 seconds and try again"), true
	}
	if s.records.recent == nil {
		s.records.recent = map[uint64]time.Time{}
	}
	s.records.recent[hash] = now
	s.after(window, func() {
		if s.records.recent[hash].Equal(now) {
			delete(s.records.recent, hash)
		}
	})
	return response{}, false
}

func (s *Server) hash(path string, body []byte) uint64 {
	return maphash.Bytes(s.seed, body) ^ maphash.String(s.seed, path)
}

// number gives a job its ids.
func (s *Server) number(j *serverJob, two bool) {
	if j.kind == "training" {
		j.id = s.newTrainingID()
	} else {
		j.id = s.newID()
	}
	j.bodyID = j.id
	if two {
		j.bodyID = s.newID()
	}
}

func (s *Server) newID() string {
	s.jobs.lastID++
	if s.config.stringIDs {
		return fmt.Sprintf("%08x-%06x", s.jobs.lastID*2654435761%(1<<32), s.jobs.lastID%(1<<24))
	}
	return strconv.FormatUint(s.jobs.lastID, 10)
}

// account counts an accepted job.
func (s *Server) account(x *incoming, j *serverJob) {
	l := &s.records
	if l.accepted == nil {
		l.accepted, l.bodies = map[string]int{}, map[uint64]int{}
	}
	j.body = s.hash(x.Path, x.Body)
	if l.bodies[j.body] > 0 {
		l.stats.Repeats++
	}
	l.bodies[j.body]++
	j.name = x.TrackID
	l.accepted[j.name]++
	l.stats.Submits++
	l.stats.Open++
	l.stats.MaxOpen = max(l.stats.MaxOpen, l.stats.Open)
}

// start lets a job run.
func (s *Server) start(j *serverJob) {
	if j.state.ended() { // cancelled while it waited
		s.startNext()
		return
	}
	j.state, j.started = running, time.Now()
	s.jobs.busy = true
	switch {
	case j.fault.Never || j.fault.Early:
	case j.kind == "training":
		s.train(j)
	case j.latency <= 0:
		s.finish(j)
	default:
		s.progress(j)
		s.after(j.latency, func() { s.finish(j) })
	}
}

func (s *Server) startNext() {
	s.jobs.busy = false
	if w := s.jobs.waiting; len(w) > 0 {
		s.jobs.waiting = w[1:]
		s.start(w[0])
	}
}

// finish ends a job and sends its webhooks.
func (s *Server) finish(j *serverJob) {
	if s.end(j) {
		for _, d := range s.webhooks(j) {
			s.send(d)
		}
	}
}

// end is the end of a job that was not cancelled meanwhile.
func (s *Server) end(j *serverJob) bool {
	if j.state.ended() {
		return false
	}
	if j.fault.Fail != "" {
		s.close(j, failed)
	} else {
		s.close(j, succeeded)
	}
	return true
}

// close brings a job into its last jobState.
func (s *Server) close(j *serverJob, last jobState) {
	wasRunning := j.state == running
	j.state, j.ended = last, time.Now()
	st := &s.records.stats
	st.Open--
	if last == succeeded {
		st.Succeeded++
	} else {
		st.Failed++
	}
	if wasRunning {
		st.Busy += j.ended.Sub(j.started)
		if s.config.sequential {
			s.startNext()
		}
	}
	if d := s.config.retention; d > 0 {
		s.after(d, func() { s.forget(j) })
	}
}

func (s *Server) forget(j *serverJob) {
	delete(s.jobs.byID, j.id)
	l := &s.records
	if l.bodies[j.body]--; l.bodies[j.body] == 0 {
		delete(l.bodies, j.body)
	}
	if l.accepted[j.name]--; l.accepted[j.name] <= 0 {
		delete(l.accepted, j.name)
	}
}

// cancel ends a job from outside. It reports whether there was one to end.
func (s *Server) cancel(j *serverJob) bool {
	if j.state.ended() {
		return false
	}
	if i := slices.Index(s.jobs.waiting, j); i >= 0 {
		s.jobs.waiting = slices.Delete(s.jobs.waiting, i, i+1)
	}
	s.close(j, cancelled)
	if j.workflow != nil {
		for _, d := range s.webhooks(j) {
			s.send(d)
		}
	}
	return true
}
