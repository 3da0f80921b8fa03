package modelslab

// Replaced by job.go.

import (
	"encoding/json"
	"time"
)

type Status string

const (
	StatusProcessing Status = "processing"
	StatusSuccess    Status = "success"
	StatusFailed     Status = "failed"
	StatusCancelled  Status = "cancelled"
)

func (s Status) Terminal() bool {
	return s == StatusSuccess || s == StatusFailed || s == StatusCancelled
}

type TrainingStage string

type Job struct {
	Ref         Ref
	ID          string
	Status      Status
	Stage       TrainingStage
	TrackID     string
	Output      []string
	Text        string
	ProxyLinks  []string
	FutureLinks []string
	NSFW        bool
	ETA         time.Duration
	Took        time.Duration
	Message     string
	Meta        json.RawMessage
	Raw         json.RawMessage
}

type replyExtras struct {
	RetryAfter time.Duration
	Field      string
	HasStatus  bool
	RawStatus  string
	IsJob      bool
}

func decodeJob(data []byte, j *Job, x *replyExtras) error {
	var v struct {
		Status, Message string
		ID              json.Number
		Output          []string
	}
	if err := json.Unmarshal(data, &v); err != nil {
		return err
	}
	j.Status, j.Message, j.ID, j.Output, x.RawStatus = Status(v.Status), v.Message, v.ID.String(), v.Output, v.Status
	return nil
}
