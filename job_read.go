package modelslab

import (
	"net/url"
	"strings"

	"github.com/modelslab-go/modelslab/internal/endpoint"
	"github.com/modelslab-go/modelslab/internal/wire"
)

// read makes a job of the members.
func (f *jobFields) read(j *Job, x *replyExtras) {
	x.RetryAfter, _ = wire.Seconds(f.retryAfter)
	x.RawStatus = statusWord(f.status)
	j.Status = statusOf(x.RawStatus)
	j.ID = firstID(f.id, f.requestID, f.taskID)
	j.ETA, _ = wire.Seconds(f.eta)
	j.Took, _ = wire.Seconds(f.generationTime)
	j.NSFW = isTrue(f.nsfw)
	if j.TrackID = wire.Scalar(f.trackID); j.TrackID == "" {
		j.TrackID = wire.Scalar(wire.Field(f.meta, "track_id"))
	}
	workflow, stage := f.ofWorkflow(), f.trainingStage()
	switch {
	case workflow:
		f.readWorkflow(j, x)
	case stage != "" || firstID(f.trainingID) != "":
		f.readTraining(j, stage)
	default:
		j.Ref = f.fetchRef()
		if j.Ref.ID == "" {
			j.Ref.ID = j.ID
		}
	}
	x.HasStatus = x.RawStatus != ""
	f.readOutput(j, x, workflow)
	f.readMessage(j, x, workflow)
}

// statusWord returns a status as it was sent, in lower case.
func statusWord(value string) string { return strings.ToLower(wire.Scalar(value)) }

func statusOf(word string) Status {
	switch word {
	case "success", "ready", "completed":
		return StatusSuccess
	case "processing", "queued", "pending", "running":
		return StatusProcessing
	case "error", "failed":
		return StatusFailed
	case "cancelled", "canceled":
		return StatusCancelled
	}
	return Status(word)
}

// firstID returns the first of the values that is an id: a number or a string.
func firstID(values ...string) string {
	for _, value := range values {
		if value == "" || value == "true" || value == "false" {
			continue
		}
		if id := wire.Scalar(value); id != "" {
			return id
		}
	}
	return ""
}

// fetchRef reads the kind and the id out of the reply's own fetch URL. Its host
// is not looked at, since nothing is ever fetched from there.
func (f *jobFields) fetchRef() Ref {
	path, _ := wire.String(f.fetchResult)
	if _, rest, ok := strings.Cut(path, "://"); ok {
		path = rest[max(strings.IndexByte(rest, '/'), 0):]
	}
	if end := strings.IndexAny(path, "?#"); end >= 0 {
		path = path[:end]
	}
	kind, id, ok := endpoint.KindOfFetchPath(path)
	if id, err := url.PathUnescape(id); ok && err == nil && !strings.Contains(id, "/") {
		return Ref{Kind: Kind(kind), ID: id}
	}
	return Ref{}
}

// trainingStage looks in every field that one of the training replies uses; a
// message counts only when it is the name of a stage.
func (f *jobFields) trainingStage() TrainingStage {
	for _, value := range [...]string{f.trainingStatus, f.modelTrainingStatus} {
		if stage := wire.Scalar(value); stage != "" {
			return TrainingStage(stage)
		}
	}
	for _, value := range [...]string{f.messege, f.message} {
		if text, _ := wire.String(value); TrainingStage(text).known() {
			return TrainingStage(text)
		}
	}
	return ""
}

func (f *jobFields) readTraining(j *Job, stage TrainingStage) {
	j.Stage, j.Status = stage, trainingStatus(j.Status, stage)
	id := firstID(f.trainingID, f.modelID, j.ID)
	if j.ID == "" {
		j.ID = id
	}
	if id != "" {
		j.Ref = Ref{Kind: KindTraining, ID: id}
	}
}

// trainingStatus is where a training stands whose reply bears the given status:
// a success only says that the report is a good one, unless the model is ready.
func trainingStatus(status Status, stage TrainingStage) Status {
	if status == StatusFailed || status == StatusCancelled {
		return status
	}
	if stage == TrainingModelReady {
		return StatusSuccess
	}
	if ended := statusOf(string(stage)); ended == StatusFailed || ended == StatusCancelled {
		return ended
	}
	if status == StatusSuccess || status == "" {
		return StatusProcessing
	}
	return status
}

// ofWorkflow recognises the reply to a run, its state, and both webhook forms.
func (f *jobFields) ofWorkflow() bool {
	return isObject(f.execution) || firstID(f.executionID) != ""
}

func (f *jobFields) readWorkflow(j *Job, x *replyExtras) {
	j.ID = firstID(wire.Field(f.execution, "id"), f.executionID)
	workflow := firstID(wire.Field(f.workflow, "id"), wire.Field(f.execution, "workflow_id"), f.workflowID)
	if workflow != "" && j.ID != "" {
		j.Ref = Ref{Kind: KindWorkflow, ID: workflow + "/" + j.ID}
	}
	switch {
	case isObject(f.execution):
		// The envelope says success even when the run failed.
		x.RawStatus = statusWord(wire.Field(f.execution, "status"))
		j.Status = statusOf(x.RawStatus)
		j.Took, _ = wire.Seconds(wire.Field(f.execution, "execution_time"))
	case f.event == "" && x.RawStatus == "success":
		j.Status = StatusProcessing // the run was started
	}
}

func isObject(value string) bool { return value != "" && value[0] == '{' }

// isTrue understands a flag in every spelling, and a list of flags.
func isTrue(value string) bool {
	if value != "" && value[0] == '[' {
		found := false
		_ = wire.Array(value, func(element string) error {
			found = found || wire.Scalar(element) == "true"
			return nil
		})
		return found
	}
	switch strings.ToLower(wire.Scalar(value)) {
	case "true", "yes", "1":
		return true
	}
	return false
}
