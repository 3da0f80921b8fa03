// Package link is the door between a client and the handler of package
// webhook, so that neither has to export it. A job is a *modelslab.Job, which
// this package cannot name.
package link

import (
	"context"

	"github.com/modelslab-go/modelslab/internal/token"
)

// Decode reads a body of the API, and nothing else, into a job, which keeps it.
// Package modelslab sets it.
var Decode func(body []byte, job any) error

// Client is what a handler needs of its client.
type Client interface {
	// Attach makes sink the one place that jobs are delivered to. It reports
	// false when there is one already.
	Attach(sink Sink) (detach func(), ok bool)
	// Wake hands a delivered job to every Wait for it, and remembers it for
	// those that come later.
	Wake(job any, track token.Job)
	// Heard counts a delivery that came in as a webhook.
	Heard(job any, track token.Job)
	// Submitted returns what is known of the submit with that hash of a track id.
	Submitted(track token.Job) Submission
	// SubmittedAs returns the submitted job that is fetched by kind and id.
	SubmittedAs(kind, id string) (trackID string, job Submitted, ok bool)
	// Trusts reports whether an output at that URL is nothing new: the vendor's
	// own replies have named its host.
	Trusts(url string) bool
	// Found delivers a job that was fetched, when it has news.
	Found(ctx context.Context, job any)
	// Learn takes the hosts of a job that was fetched.
	Learn(job any)
}

// Sink takes a job from a submit reply, a poll or a watch. It reports whether
// the job's waiters may see it.
type Sink func(ctx context.Context, job any) (accepted bool, err error)

// Submission is what a client knows of the jobs submitted under one track id.
type Submission struct {
	TrackID string
	Open    bool        // a submit has no answer yet
	Jobs    []Submitted // oldest first
}

// Submitted is one job of a Submission.
type Submitted struct {
	Kind, ID  string // of its Ref
	OtherID   string // the id in the reply's body
	Expiry    int64  // of its token, in Unix seconds; 0 without one
	Succeeded bool   // the vendor said so in a reply
}

// Is reports whether id is one of the job's ids.
func (s *Submitted) Is(id string) bool { return id != "" && (id == s.ID || id == s.OtherID) }
