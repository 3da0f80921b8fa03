package modelslab

import (
	"time"

	"github.com/modelslab-go/modelslab/internal/schedule"
)

// Final reports whether nothing more can come for the job. A job that failed or
// was cancelled is final. A success is final when it has a result, when it has
// no id to be fetched by, and for a workflow run, which may have no result; a
// training's is final when its model is ready. A success without a result that
// can be fetched is not: the API names results later than it says success.
// [Client.Fetch] it; once fetched, a Status that is Terminal is the API's last
// word.
func (j *Job) Final() bool {
	switch {
	case !j.Status.Terminal():
		return false
	case j.Status != StatusSuccess:
		return true
	case j.Ref.Kind == KindTraining || j.Stage != "":
		return j.Stage == TrainingModelReady
	default:
		return j.hasOutput() || j.Ref.ID == "" || j.Ref.Kind == KindWorkflow
	}
}

func (j *Job) hasOutput() bool { return len(j.Output) > 0 || j.Text != "" }

// NextLook returns how long to sleep before the next poll of a job, for those
// who poll on a schedule of their own, such as a queue's. The job is the answer
// to the submit, and waited the time since that answer: polls begin at half the
// ETA, are dense up to twice the ETA and thin out after that. It depends on
// nothing else, so any process can go on where another one stopped. What the API
// asks for meanwhile, a RetryAfter or a corrected ETA, is the caller's to take
// the maximum with.
//
// It is not ok when the patience for such a job is spent: the longer of 30
// minutes and 12 ETAs, for a training 24 hours.
func (j *Job) NextLook(waited time.Duration) (pause time.Duration, ok bool) {
	if waited >= schedule.Patience(j.ETA, j.Ref.Kind == KindTraining) {
		return 0, false
	}
	return schedule.Until(j.ETA, waited), true
}
