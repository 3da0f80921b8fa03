package modelslab

import (
	"context"
	"log/slog"
	"time"

	"github.com/modelslab-go/modelslab/internal/delivery"
	"github.com/modelslab-go/modelslab/internal/wire"
)

// Deliver hands on a state of a job that was observed outside of a Wait: by a
// webhook that another part of the program received, from a queue, from a
// database. The callbacks of the handler in package webhook that was made with
// this client run, once however often the job is delivered; then every Wait for
// the job wakes. The job is trusted as it is: deliver nothing that was not
// authenticated.
//
// The error is that of the callbacks. The handler tries them again by itself.
func (c *Client) Deliver(ctx context.Context, job *Job) error {
	if job == nil {
		return refuse("deliver", "", "the job is nil")
	}
	return c.deliveries.Deliver(ctx, job)
}

// Deliveries is for package webhook: who waits for which job of this client.
func (c *Client) Deliveries() *delivery.Table[*Job] { return c.deliveries }

// polled delivers a state that a poll brought.
func (c *Client) polled(ctx context.Context, job *Job) {
	if err := c.deliveries.Polled(ctx, job); err != nil {
		c.log.WarnContext(ctx, "modelslab job delivered with an error",
			"job", job.name(), "track_id", job.TrackID, "kind", string(job.Ref.Kind), "error", err)
	}
}

// report is what the table of deliveries reads of a job.
func report(j *Job) delivery.Report {
	return delivery.Report{
		Identity: identityOf(j.Ref, j), TrackID: j.TrackID,
		Ended: j.Status.Terminal(), Final: j.Final(), Succeeded: j.Status == StatusSuccess, Stage: j.Stage != "",
		Links: [...][]string{j.Output, j.ProxyLinks, j.FutureLinks}, Size: len(j.Raw),
	}
}

// identityOf is what a job goes by in the table of deliveries. The job may be nil.
func identityOf(ref Ref, j *Job) delivery.Identity {
	id := delivery.Identity{Kind: string(ref.Kind), ID: ref.ID}
	if j != nil {
		id.OtherID = j.ID
	}
	return id
}

func trackIDOf(j *Job) string {
	if j == nil {
		return ""
	}
	return j.TrackID
}

// logEnd logs that a job ended. It took what the API says, else what is given.
func (c *Client) logEnd(ctx context.Context, job *Job, took time.Duration) {
	if !c.log.Enabled(ctx, slog.LevelInfo) {
		return
	}
	if job.Took > 0 {
		took = job.Took
	}
	c.log.InfoContext(ctx, "modelslab job ended", "job", job.name(), "track_id", job.TrackID, "kind", string(job.Ref.Kind),
		"model", wire.Scalar(wire.Field(string(job.Meta), "model_id")), "outcome", string(job.Status), "took", took)
}
