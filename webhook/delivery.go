package webhook

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/modelslab-go/modelslab"
	deliveries "github.com/modelslab-go/modelslab/internal/delivery"
	"github.com/modelslab-go/modelslab/internal/retry"
)

// delivery is a state of a job on its way to the callbacks.
type delivery struct {
	job   *modelslab.Job
	kind  modelslab.Kind
	track TrackKey // zero when there is no track id
	// expiry is that of the callback's token. With the track id it identifies a
	// submit, since callers reuse track ids. 0 without a token.
	expiry      int64
	link        string               // of the submit's operation, out of a verified callback URL; see modelslab.Linker
	submit      deliveries.Submitted // by the handler's client; its ID is "" for none
	matched     bool                 // the delivery is about submit's job
	oddID       bool                 // the client submitted the track id, but got another id
	fromWebhook bool
	noAuth      bool
	confirmed   bool
	event       Event
	at          time.Time       // when it came in, or was last tried
	ctx         context.Context //nolint:containedctx // the values of the request, for callbacks that run after it

	claim    claim
	deadline time.Time     // until when somebody waits for the delivery; zero when nobody does
	failure  error         // how the callbacks ended
	called   time.Time     // when they had
	took     time.Duration // by them
	handled  bool          // they returned nil, and the store is to record it
	shared   bool          // the bus has it
	pauses   *retry.Intervals

	// For the runner, guarded by its lock.
	older, younger *delivery      // open ones
	next           *delivery      // in the queue
	waited         bool           // run waits for the callbacks
	late           bool           // run did not wait for their end
	answered       sync.WaitGroup // done when run need not wait any more
}

// fromClient makes a job that the client has the delivery that it is.
func (h *Handler) fromClient(job *modelslab.Job) *delivery {
	d := &delivery{job: job, kind: job.Ref.Kind, noAuth: h.verifier.noAuth, at: time.Now()}
	d.setTrack(job.TrackID)
	h.client.recall(d)
	d.event = eventOf(d.job, d.kind, d.track)
	return d
}

func (d *delivery) setTrack(trackID string) {
	if trackID != "" {
		d.track = KeyOf(trackID)
	}
}

// resolveRef makes the job's Ref the one to fetch it by. The body alone never
// chooses the kind: it would choose what is fetched, and believed.
func (d *delivery) resolveRef() {
	job := d.job
	switch {
	case d.matched:
		job.Ref = modelslab.Ref{Kind: modelslab.Kind(d.submit.Kind), ID: d.submit.ID}
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
