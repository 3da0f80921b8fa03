package reply

import (
	"net/url"
	"strings"

	"github.com/modelslab-go/modelslab/internal/endpoint"
	"github.com/modelslab-go/modelslab/internal/wire"
)

// read makes a job of the members.
func (m *members) read(s *JobState, v *Verdict) {
	v.RetryAfter, _ = wire.Seconds(m.retryAfter)
	v.Word = statusWord(m.status)
	s.Status = statusOf(v.Word)
	s.ID = firstID(m.id, m.requestID, m.taskID)
	s.ETA, _ = wire.Seconds(m.eta)
	s.Took, _ = wire.Seconds(m.generationTime)
	s.NSFW = isTrue(m.nsfw)
	if s.TrackID = wire.Scalar(m.trackID); s.TrackID == "" {
		s.TrackID = wire.Scalar(wire.Field(m.meta, "track_id"))
	}
	workflow, stage := m.ofWorkflow(), m.trainingStage()
	switch {
	case workflow:
		m.readWorkflow(s, v)
	case stage != "" || firstID(m.trainingID) != "":
		m.readTraining(s, stage)
	default:
		m.readRef(s)
	}
	m.readOutput(s, v, workflow)
	s.Message, v.Field = m.messageText(workflow, s.Status)
}

// statusWord returns a status as it was sent, in lower case.
func statusWord(value string) string { return strings.ToLower(strings.TrimSpace(wire.Scalar(value))) }

func statusOf(word string) string {
	switch word {
	case "success", "ready", "completed":
		return Success
	case "processing", "queued", "pending", "running", "loading":
		return Processing
	case "error", "failed":
		return Failed
	case "cancelled", "canceled":
		return Cancelled
	}
	return word
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

// readRef reads the kind and the id out of the answer's own fetch URL. Its host
// is not looked at, since nothing is ever fetched from there. Without such a
// URL the job goes by its id.
func (m *members) readRef(s *JobState) {
	address, _ := wire.String(m.fetchResult)
	_, path := splitURL(address)
	kind, id, ok := endpoint.KindOfFetchPath(path)
	if id, err := url.PathUnescape(id); ok && err == nil && !strings.Contains(id, "/") {
		s.Kind, s.Key = kind, id
	}
	if s.Key == "" {
		s.Key, s.FetchURL = s.ID, address
	}
}

// splitURL returns the host and the path of a URL, which may be a path alone.
func splitURL(address string) (host, path string) {
	path = strings.TrimSpace(address)
	if _, rest, ok := strings.Cut(path, "://"); ok {
		slash := strings.IndexByte(rest, '/')
		if slash < 0 {
			return rest, ""
		}
		host, path = rest[:slash], rest[slash:]
	}
	if end := strings.IndexAny(path, "?#"); end >= 0 {
		path = path[:end]
	}
	return host, path
}

// trainingStage looks in every field that one of the training answers uses; a
// message counts only when it is the name of a stage.
func (m *members) trainingStage() string {
	for _, value := range [...]string{m.trainingStatus, m.modelTrainingStatus} {
		if stage := wire.Scalar(value); stage != "" {
			return stage
		}
	}
	for _, value := range [...]string{m.messege, m.message} {
		if text, _ := wire.String(value); isStage(text) {
			return text
		}
	}
	return ""
}

const modelReady = "model_ready" // the last stage

// isStage reports whether text is one of the published stages.
func isStage(text string) bool {
	switch text {
	case "deploying_gpu", "training_started", "training_success", "trained_model_compressing",
		"trained_model_uploading", "trained_model_uploaded", "deploying_model", modelReady:
		return true
	}
	return false
}

func (m *members) readTraining(s *JobState, stage string) {
	s.Stage, s.Status = stage, TrainingStatus(s.Status, stage)
	id := firstID(m.trainingID, m.modelID, s.ID)
	if s.ID == "" {
		s.ID = id
	}
	if id != "" {
		s.Kind, s.Key = Training, id
	}
}

// TrainingStatus is where a training stands whose answer bears the given
// status: a success only says that the report is a good one, unless the model
// is ready.
func TrainingStatus(status, stage string) string {
	if status == Failed || status == Cancelled {
		return status
	}
	if stage == modelReady {
		return Success
	}
	if ended := statusOf(stage); ended == Failed || ended == Cancelled {
		return ended
	}
	if status == Success || status == "" {
		return Processing
	}
	return status
}

// ofWorkflow recognises the answer to a run, its state, and both webhook forms.
func (m *members) ofWorkflow() bool {
	return isObject(m.execution) || firstID(m.executionID) != ""
}

func (m *members) readWorkflow(s *JobState, v *Verdict) {
	s.ID = firstID(wire.Field(m.execution, "id"), m.executionID)
	workflow := firstID(wire.Field(m.workflow, "id"), wire.Field(m.execution, "workflow_id"), m.workflowID)
	if workflow != "" && s.ID != "" {
		s.Kind, s.Key = Workflow, workflow+"/"+s.ID
	}
	switch {
	case isObject(m.execution):
		// The envelope says success even when the run failed.
		v.Word = statusWord(wire.Field(m.execution, "status"))
		s.Status = statusOf(v.Word)
		s.Took, _ = wire.Seconds(wire.Field(m.execution, "execution_time"))
	case m.event == "" && v.Word == "success":
		s.Status = Processing // the run was started
	}
}

func isObject(value string) bool { return value != "" && value[0] == '{' }

// isTrue understands a flag in every spelling, and a list of flags.
func isTrue(value string) bool {
	if value != "" && value[0] == '[' {
		set := false
		_ = wire.Array(value, func(element string) error {
			set = set || wire.Scalar(element) == "true"
			return nil
		})
		return set
	}
	switch strings.ToLower(wire.Scalar(value)) {
	case "true", "yes", "1":
		return true
	}
	return false
}
