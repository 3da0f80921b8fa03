package modelslabtest

import (
	"net/http"
	"time"
)

// Call says what a request to the server is for.
type Call string

// The calls.
const (
	Submit Call = "submit" // starts a job, a training or a workflow run
	Fetch  Call = "fetch"  // asks for the state of one
	File   Call = "file"   // downloads an output
	Helper Call = "helper" // is answered at once: balances, lists, uploads
)

// A Fault is what goes wrong with one call. The zero Fault is a call that goes
// well. Its fields combine.
type Fault struct {
	// Accept makes the server act on a request whose answer another field
	// spoils: the job is queued although the client does not learn of it.
	// Defaults to not acting on it.
	Accept bool

	// Reset breaks the connection without an answer. Without Accept, a Fault
	// given to [Server.Next] does so before the body was read.
	Reset bool

	// NoConnection makes the in-process transport fail to dial, so that the
	// request never left. Over a listener it is a Reset.
	NoConnection bool

	// Status and Body are answered in place of the right answer, word for word.
	// A Status of 0 with a Body is 200. The Content-Type is JSON for a Body
	// that looks like it, HTML for one that starts with "<", else plain text.
	Status int
	Body   string

	// Header is added to the answer. With a Status of 302 and a Location it
	// sends the client elsewhere.
	Header http.Header

	// Slow is how long the answer is held back.
	Slow time.Duration

	// Endless makes the answer go on for ever.
	Endless bool

	// BreakAfter breaks the connection after that many bytes of the answer's
	// body.
	BreakAfter int

	// Sync answers a submit with the result at once.
	Sync bool

	// Fail ends the job as failed, with this message.
	Fail string

	// Took replaces the latency of the job.
	Took time.Duration

	// Never leaves the job processing for ever.
	Never bool

	// ETAFactor multiplies the ETA that the client is told. 0 means 1.
	ETAFactor float64

	// FreshETA adds the time left to every answer that says processing, which the
	// API does not do.
	FreshETA bool

	// ETA is told in place of the ETA, as JSON: "-1", "1e9", `"NaN"`.
	ETA string

	// TwoIDs gives the job another id in its fetch_result than in its "id"; only
	// the former can be fetched.
	TwoIDs bool

	// NoOutput leaves the output out of the success that is sent by webhook.
	NoOutput bool

	// NotReady is how long after its success the job's outputs still answer 404.
	NotReady time.Duration

	// Lost drops every webhook of the job.
	Lost bool

	// Duplicates is how many more times each webhook is sent, all at once.
	Duplicates int

	// Late delays the webhooks.
	Late time.Duration

	// Early finishes the job and delivers its webhook before the submit is
	// answered; the answer still says processing.
	Early bool

	// Progress is how many webhooks with status processing come first.
	Progress int

	// Reordered sends the last webhook of the job first: progress and training
	// stages come after the end.
	Reordered bool

	// Webhook replaces the body of the job's last webhook.
	Webhook string
}

// noFault is shared by the calls that go well.
var noFault Fault

// spoils reports whether the right answer is not sent.
func (f *Fault) spoils() bool {
	return f.Reset || f.NoConnection || f.Status != 0 || f.Body != "" || f.Endless
}

// Script sets a function that picks the fault of each call; nil means none. It
// runs one call at a time and may use the server. It replaces an earlier one;
// faults given to Next come first.
func (s *Server) Script(f func(*Request) *Fault) {
	s.scripting.Lock()
	defer s.scripting.Unlock()
	s.script = f
}

// Next appends faults to a queue, of which each following call that matches
// takes one. What matches is a [Call], the kind of a submit such as "video", or
// the path of any request such as "/v6/video/text2video"; the most exact comes
// first.
func (s *Server) Next(what Call, faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next[what] = append(s.next[what], faults...)
}

// takeNext is the fault that was queued for the call.
func (s *Server) takeNext(x *exchange) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	matching := []Call{Call(x.Path), x.Call}
	if x.Call == Submit {
		matching = []Call{Call(x.Path), Call(x.Kind), Submit}
	}
	for _, what := range matching {
		if q := s.next[what]; len(q) > 0 {
			s.next[what] = q[1:]
			return &q[0]
		}
	}
	return nil
}

// scripted is the fault that the script picks.
func (s *Server) scripted(x *exchange) *Fault {
	s.scripting.Lock()
	defer s.scripting.Unlock()
	if s.script != nil {
		r := x.Request
		if f := s.script(&r); f != nil {
			own := *f
			return &own
		}
	}
	return &noFault
}
