package modelslabtest

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Call says what a request to the server is for.
type Call string

// The calls.
const (
	Submit Call = "submit" // starts a job, a training or a workflow run
	Fetch  Call = "fetch"  // reads the state of one
	File   Call = "file"   // downloads an output
	Helper Call = "helper" // is answered at once: balances, lists, uploads
)

// A Fault is what goes wrong with one call. The zero Fault is a call that goes
// well. Its fields combine.
type Fault struct {
	// Accept makes the server act on a request whose answer another field
	// spoils: the job is queued, and the client receives nothing that says so.
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

	// Slow is how long the answer is held back, headers and all.
	Slow time.Duration

	// Stall is how long the answer stops after its headers and the first
	// StallAfter bytes of its body, while the connection stays open; the rest
	// follows. A negative Stall lasts until the client or the server gives up.
	Stall      time.Duration
	StallAfter int

	// Endless makes the body of the answer never end.
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

	// ETAFactor multiplies the ETA of the answers. 0 means 1.
	ETAFactor float64

	// FreshETA adds the time left to every answer that says processing, which the
	// API does not do.
	FreshETA bool

	// ETA replaces the ETA of the answers, as JSON: "-1", "1e9", `"NaN"`.
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

// spoils reports whether the right answer is not sent.
func (f *Fault) spoils() bool {
	return f.Reset || f.NoConnection || f.Status != 0 || f.Body != "" || f.Endless
}

// Refused is an error of the API, answered with an HTTP status: 401 "Invalid API
// key", 402 "Insufficient credits", 503 "Service temporarily unavailable", or the
// 200 with which the API answers many of its errors. The answer names no job.
func Refused(status int, message string) Fault {
	return Fault{Status: status, Body: string(failure(status, message).body)}
}

// RateLimited is a 429 of the API, with retry_after in its body rounded up to
// whole seconds; 0 leaves it out. A Header Retry-After can be added to the fault.
func RateLimited(retryAfter time.Duration) Fault {
	return Fault{Status: http.StatusTooManyRequests, Body: string(tooMany("Rate limit exceeded.", retryAfter).body)}
}

// Page is the HTML page of a proxy before the API, such as 403, 503 or 521 with
// which it answers in the API's place.
func Page(status int) Fault {
	title := strings.TrimSpace(strconv.Itoa(status) + " " + http.StatusText(status))
	return Fault{
		Status: status,
		Body:   "<!DOCTYPE html><html><head><title>" + title + "</title></head><body><h1>" + title + "</h1></body></html>",
	}
}

// LostAnswer is a request that the API acts on, and a connection that breaks
// before the answer.
func LostAnswer() Fault { return Fault{Reset: true, Accept: true} }

// spoil turns the right answer into the one that the fault describes.
func (f *Fault) spoil(a response) response {
	switch {
	case f.Reset:
		return response{reset: true}
	case f.NoConnection:
		return response{unreachable: true}
	case f.Status != 0 || f.Body != "":
		status := f.Status
		if status == 0 {
			status = http.StatusOK
		}
		a = response{status: status, header: http.Header{}, body: []byte(f.Body)}
		a.header.Set("Content-Type", contentType(f.Body))
	case f.Endless && a.status == 0:
		a = response{status: http.StatusOK, header: http.Header{"Content-Type": {"application/json"}}}
	}
	if f.Endless {
		a.body, a.endless = []byte(`{"status":"processing","tip":"`), true
	}
	for name, values := range f.Header {
		a.header[http.CanonicalHeaderKey(name)] = values
	}
	a.breakAfter, a.stall, a.stallAfter = f.BreakAfter, f.Stall, f.StallAfter
	return a
}

func contentType(body string) string {
	switch first := strings.TrimSpace(body); {
	case strings.HasPrefix(first, "{"), strings.HasPrefix(first, "["):
		return "application/json"
	case strings.HasPrefix(first, "<"):
		return "text/html; charset=utf-8"
	default:
		return "text/plain; charset=utf-8"
	}
}
