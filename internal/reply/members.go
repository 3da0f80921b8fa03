package reply

import (
	"fmt"

	"github.com/modelslab-go/modelslab/internal/wire"
)

// members holds the texts of the members that matter, "" when absent.
type members struct {
	status, id, requestID, taskID                            string
	output, links, proxyLinks, futureLinks, data, result     string
	message, messege, errorText, errors, tip, tips           string
	eta, generationTime, retryAfter                          string
	fetchResult, trackID, meta, nsfw                         string
	trainingID, modelID, trainingStatus, modelTrainingStatus string
	event, workflow, workflowID, execution, executionID      string
}

func (m *members) slot(key string) *string {
	switch key {
	case "status":
		return &m.status
	case "id":
		return &m.id
	case "request_id":
		return &m.requestID
	case "taskId":
		return &m.taskID
	case "output":
		return &m.output
	case "links":
		return &m.links
	case "proxy_links":
		return &m.proxyLinks
	case "future_links":
		return &m.futureLinks
	case "data":
		return &m.data
	case "result":
		return &m.result
	case "message":
		return &m.message
	case "messege":
		return &m.messege
	case "error":
		return &m.errorText
	case "errors":
		return &m.errors
	case "tip":
		return &m.tip
	case "tips":
		return &m.tips
	case "eta":
		return &m.eta
	case "generationTime":
		return &m.generationTime
	case "retry_after":
		return &m.retryAfter
	case "fetch_result":
		return &m.fetchResult
	case "track_id":
		return &m.trackID
	case "meta":
		return &m.meta
	case "nsfw_content_detected":
		return &m.nsfw
	case "training_id":
		return &m.trainingID
	case "model_id":
		return &m.modelID
	case "training_status":
		return &m.trainingStatus
	case "model_training_status":
		return &m.modelTrainingStatus
	case "event":
		return &m.event
	case "workflow":
		return &m.workflow
	case "workflow_id":
		return &m.workflowID
	case "execution":
		return &m.execution
	case "execution_id":
		return &m.executionID
	}
	return nil
}

// collect keeps one member. Two different values for what a job is, or for
// which job it is, are refused: readers that take the first and readers that
// take the last would disagree about it. Of other duplicates the last one counts.
func (m *members) collect(key, value string) error {
	slot := m.slot(key)
	if slot == nil {
		return nil
	}
	if *slot != "" && *slot != value && (key == "status" || key == "id") {
		return fmt.Errorf("it has two members named %q", key)
	}
	*slot = value
	return nil
}

// collectAll keeps the members of a text, which may hold another value than an
// object.
func (m *members) collectAll(text string) error {
	if isObject(text) {
		return wire.Object(text, m.collect)
	}
	return wire.Valid(text)
}
