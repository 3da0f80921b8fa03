package webhook

import (
	"context"
	"strings"
	"sync/atomic"
	"time"

	"github.com/cenkalti/backoff/v4"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/internal/link"
	"github.com/modelslab-go/modelslab/internal/token"
)

// delivery is a state of a job on its way to the callbacks.
type delivery struct {
	job   *modelslab.Job
	kind  modelslab.Kind
	track TrackKey // hash of the track id; zero when there is none
	// expiry is that of the callback's token. With the track id's hash it
	// identifies a submit, since callers reuse track ids. 0 without a token.
	expiry      int64
	known       link.Submitted // the submit, when the client has made it
	isKnown     bool
	oddID       bool // the client submitted the track id, but got another id
	fromWebhook bool
	noAuth      bool
	confirmed   bool
	event       Event
	at          time.Time // when it came in, or was last tried

	older, younger *delivery // open ones

	claim   memoryClaim // in the memory store
	names   []string    // in another one
	name    string      // of the event, there
	until   time.Time
	took    time.Duration // by the callbacks
	called  time.Time     // when they had returned
	handled bool          // they have returned nil, the store does not know yet
	waited  atomic.Bool   // for the callbacks, or no longer: who sets it second settles
	retry   *backoff.ExponentialBackOff
	ctx     context.Context //nolint:containedctx // the values of the request, for callbacks that run after it
}

// fromClient makes a job that the client has the delivery that it is.
func (h *Handler) fromClient(job *modelslab.Job) *delivery {
	d := &delivery{job: job, kind: job.Ref.Kind, noAuth: h.verifier.noAuth, at: time.Now()}
	d.setTrack(job.TrackID)
	h.recall(d)
	d.event = eventOf(d.job, d.kind, d.track)
	return d
}

func (d *delivery) setTrack(trackID string) {
	if trackID != "" {
		d.track = KeyOf(trackID)
	}
}

// recall adds what the client knows of the job from its submit.
func (h *Handler) recall(d *delivery) {
	if h.door == nil {
		return
	}
	trackID := ""
	if d.track == (TrackKey{}) || !d.fromWebhook {
		trackID, d.known, d.isKnown = h.door.SubmittedAs(string(d.job.Ref.Kind), d.job.Ref.ID)
		d.setTrack(trackID)
	}
	if !d.isKnown && d.track != (TrackKey{}) {
		s := h.door.Submitted(token.Job(d.track))
		trackID = s.TrackID
		d.match(&s)
	}
	if d.job.TrackID == "" && trackID != "" {
		named := *d.job // it may be the caller's
		named.TrackID = trackID
		d.job = &named
	}
	if d.isKnown && d.expiry == 0 {
		d.expiry = d.known.Expiry
	}
}

// match finds the submit among those of one track id: by its token, which is
// another for each, else by the job's id.
func (d *delivery) match(s *link.Submission) {
	is := func(known *link.Submitted) bool {
		return known.Is(d.job.Ref.ID) || known.Is(d.job.ID)
	}
	nameless := d.job.Ref.ID == "" && d.job.ID == ""
	signed := d.expiry != 0
	for i := len(s.Jobs) - 1; i >= 0 && d.known.ID == ""; i-- {
		known := &s.Jobs[i]
		if signed && known.Expiry == d.expiry || !signed && (nameless || is(known)) {
			d.known = *known
		}
	}
	if !signed && d.known.ID == "" && len(s.Jobs) > 0 && !s.Open {
		d.known = s.Jobs[len(s.Jobs)-1]
	}
	if d.known.ID != "" {
		d.isKnown = nameless || is(&d.known)
		d.oddID = !d.isKnown
	}
}

// resolveRef makes the job's Ref the one to fetch it by. The body alone never
// chooses the kind: it would choose what is asked, and believed.
func (d *delivery) resolveRef() {
	job := d.job
	switch {
	case d.isKnown:
		job.Ref = modelslab.Ref{Kind: modelslab.Kind(d.known.Kind), ID: d.known.ID}
		d.kind = job.Ref.Kind
	case job.Ref.ID == "" || job.Ref.Kind == d.kind:
	case job.Ref.Kind == "" || job.ID == "":
		job.Ref.Kind = d.kind
	default:
		job.Ref = modelslab.Ref{Kind: d.kind, ID: job.ID}
	}
	if job.Ref.ID == "" || d.kind == modelslab.KindWorkflow && !strings.Contains(job.Ref.ID, "/") {
		job.Ref = modelslab.Ref{}
	}
}
