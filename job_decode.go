package modelslab

import (
	"bytes"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/modelslab-go/modelslab/internal/wire"
)

// replyExtras is what a reply says about the call rather than about the job.
type replyExtras struct {
	RetryAfter time.Duration
	Field      string // the first field a validation message names
	HasStatus  bool
	RawStatus  string // the word that decided Job.Status, in lower case: error is not failed
	IsJob      bool   // the body named an id, a result or links
}

// decodeJob reads a body of the API into j, and into x unless it is nil. On an
// error both are left as they were. The stored form has no meaning here.
func decodeJob(data []byte, j *Job, x *replyExtras) error {
	return decodeOwnJob(bytes.Clone(data), j, x)
}

// decodeOwnJob is decodeJob for bytes that nobody else keeps: they become the
// Job's Raw.
func decodeOwnJob(data []byte, j *Job, x *replyExtras) error {
	raw := bytes.Trim(data, jsonSpace)
	if !utf8.Valid(raw) {
		raw = []byte(string([]rune(string(raw)))) // as encoding/json: one U+FFFD for each bad byte
	}
	wire.BlankTokensInPlace(raw)
	text := string(raw)
	var f jobFields
	if err := wire.Object(text, f.collect); err != nil {
		return err
	}
	if x == nil {
		x = new(replyExtras)
	}
	*j, *x = Job{Raw: raw}, replyExtras{}
	if f.meta != "" && f.meta != "null" {
		start := strings.Index(text, f.meta) // an earlier occurrence reads the same
		end := start + len(f.meta)
		j.Meta = raw[start:end:end]
	}
	f.read(j, x)
	return nil
}

// jobFields holds the texts of the members that matter, "" when absent.
type jobFields struct {
	status, id, requestID, taskID                            string
	output, links, proxyLinks, futureLinks, data, result     string
	message, messege, errorText, errors, tip, tips           string
	eta, generationTime, retryAfter                          string
	fetchResult, trackID, meta, nsfw                         string
	trainingID, modelID, trainingStatus, modelTrainingStatus string
	event, workflow, workflowID, execution, executionID      string
}

func (f *jobFields) slot(key string) *string {
	switch key {
	case "status":
		return &f.status
	case "id":
		return &f.id
	case "request_id":
		return &f.requestID
	case "taskId":
		return &f.taskID
	case "output":
		return &f.output
	case "links":
		return &f.links
	case "proxy_links":
		return &f.proxyLinks
	case "future_links":
		return &f.futureLinks
	case "data":
		return &f.data
	case "result":
		return &f.result
	case "message":
		return &f.message
	case "messege":
		return &f.messege
	case "error":
		return &f.errorText
	case "errors":
		return &f.errors
	case "tip":
		return &f.tip
	case "tips":
		return &f.tips
	case "eta":
		return &f.eta
	case "generationTime":
		return &f.generationTime
	case "retry_after":
		return &f.retryAfter
	case "fetch_result":
		return &f.fetchResult
	case "track_id":
		return &f.trackID
	case "meta":
		return &f.meta
	case "nsfw_content_detected":
		return &f.nsfw
	case "training_id":
		return &f.trainingID
	case "model_id":
		return &f.modelID
	case "training_status":
		return &f.trainingStatus
	case "model_training_status":
		return &f.modelTrainingStatus
	case "event":
		return &f.event
	case "workflow":
		return &f.workflow
	case "workflow_id":
		return &f.workflowID
	case "execution":
		return &f.execution
	case "execution_id":
		return &f.executionID
	}
	return nil
}

// collect keeps one member. Two values for what a job is, or for which job it
// is, are refused: readers that take the first and readers that take the last
// would disagree about it. Of other duplicates the last one counts.
func (f *jobFields) collect(key, value string) error {
	slot := f.slot(key)
	if slot == nil {
		return nil
	}
	if *slot != "" && (key == "status" || key == "id") {
		return fmt.Errorf("it has two members named %q", key)
	}
	*slot = value
	return nil
}
