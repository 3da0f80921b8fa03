package webhook

import (
	"context"
	"errors"

	"github.com/modelslab-go/modelslab"
	deliveries "github.com/modelslab-go/modelslab/internal/delivery"
	"github.com/modelslab-go/modelslab/internal/token"
)

// submitter is the client of a handler: it has submitted the jobs, and has the
// Waits for them. Without a client it is the zero value, which does nothing.
type submitter struct {
	*modelslab.Client

	table  *deliveries.Table[*modelslab.Job]
	detach func() // gives the client back, once
}

// attach makes deliver the place where the client delivers jobs, and submitted,
// unless nil, that of the answers to its submits.
func (s *submitter) attach(deliver func(context.Context, *modelslab.Job) (accepted bool, err error), submitted func(*modelslab.Job)) error {
	s.detach = func() {}
	if s.Client == nil {
		return nil
	}
	s.table = s.Deliveries()
	detach, ok := s.table.Attach(deliver, submitted)
	if !ok {
		return errors.New("webhook: the client has a handler already: mount that one at several paths, or shut it down first")
	}
	s.detach = detach
	return nil
}

// arrived counts a webhook, so that the Waits rely on those to come.
func (s *submitter) arrived(d *delivery) {
	if s.Client != nil {
		s.table.Arrived(d.job, token.JobKey(d.track))
	}
}

// wake hands a delivered job to every Wait for it.
func (s *submitter) wake(d *delivery) {
	if s.Client != nil {
		s.table.Wake(d.event.Job(), token.JobKey(d.track))
	}
}

// pollNow has a job polled at once whose state has changed in another replica.
func (s *submitter) pollNow(m *busMessage) { s.table.PollNow(m.identity(), m.track()) }

// trusts reports whether ModelsLab's own answers have named the host of a URL.
func (s *submitter) trusts(url string) bool { return s.table.Trusts(url) }

// fetched takes note of a job that was fetched.
func (s *submitter) fetched(job *modelslab.Job) { s.table.Fetched(job) }

// polled delivers a job that was fetched. An error of the callbacks is logged and
// tried again by the handler.
func (s *submitter) polled(ctx context.Context, job *modelslab.Job) { _ = s.table.Polled(ctx, job) }

// recall adds to a delivery what the client's submit of the job says.
func (s *submitter) recall(d *delivery) {
	if s.Client == nil {
		return
	}
	trackID := ""
	if d.track == (TrackKey{}) || !d.fromWebhook {
		trackID, d.submit, d.matched = s.table.SubmittedAs(string(d.job.Ref.Kind), d.job.Ref.ID)
		d.setTrack(trackID)
	}
	if !d.matched && d.track != (TrackKey{}) {
		submission := s.table.SubmittedUnder(token.JobKey(d.track))
		trackID = submission.TrackID
		d.match(&submission)
	}
	if d.job.TrackID == "" && trackID != "" {
		named := *d.job // it may be the caller's
		named.TrackID = trackID
		d.job = &named
	}
	if d.matched && d.expiry == 0 {
		d.expiry = d.submit.Expiry
	}
}

// match picks the submit among those of one track id: by its token, which is
// another for each, else by the job's id.
func (d *delivery) match(s *deliveries.Track) {
	is := func(submit *deliveries.Submitted) bool {
		return submit.Is(d.job.Ref.ID) || submit.Is(d.job.ID)
	}
	nameless := d.job.Ref.ID == "" && d.job.ID == ""
	signed := d.expiry != 0
	for i := len(s.Jobs) - 1; i >= 0 && d.submit.ID == ""; i-- {
		submit := &s.Jobs[i]
		if signed && submit.Expiry == d.expiry || !signed && (nameless || is(submit)) {
			d.submit = *submit
		}
	}
	if !signed && d.submit.ID == "" && len(s.Jobs) > 0 && !s.Open {
		d.submit = s.Jobs[len(s.Jobs)-1]
	}
	if d.submit.ID != "" {
		d.matched = nameless || is(&d.submit)
		d.oddID = !d.matched
	}
}
