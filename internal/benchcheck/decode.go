package main

import (
	"bytes"
	"encoding/json"

	"github.com/modelslab-go/modelslab"
)

func init() {
	workers["decode"] = func([]string) (worker, error) {
		body := []byte(successPayload)
		var job modelslab.Job
		return times(func() error { return job.UnmarshalJSON(body) }), nil
	}
	workers["decode-floor"] = func([]string) (worker, error) {
		body := []byte(successPayload)
		var raw []byte
		return times(func() error {
			var payload plainPayload
			raw = bytes.Clone(body) // which a Job keeps too
			return json.Unmarshal(raw, &payload)
		}), nil
	}
}

// successPayload has the shape of the success payload on the Webhooks page.
const successPayload = `{
  "status": "success",
  "id": "abc123-def456",
  "output": [
    "https://pub-0123456789abcdef0123456789abcdef.example.com/generations/abc123.mp4"
  ],
  "generationTime": 45.2,
  "track_id": "video_001",
  "meta": {
    "prompt": "A spaceship flying through an asteroid field",
    "model_id": "cogvideox",
    "width": 512,
    "height": 512
  }
}`

// plainPayload is the plainest struct for that payload that takes the id and the
// output in all their forms.
type plainPayload struct {
	Status         string   `json:"status"`
	ID             anyText  `json:"id"`
	Output         anyLinks `json:"output"`
	GenerationTime float64  `json:"generationTime"`
	TrackID        string   `json:"track_id"`
	Message        string   `json:"message"`
	Meta           struct {
		Prompt  string `json:"prompt"`
		ModelID string `json:"model_id"`
		Width   int    `json:"width"`
		Height  int    `json:"height"`
	} `json:"meta"`
}

// anyText is a string or a number.
type anyText string

func (t *anyText) UnmarshalJSON(data []byte) error {
	if data[0] == '"' {
		return json.Unmarshal(data, (*string)(t))
	}
	*t = anyText(data)
	return nil
}

// anyLinks is a list or a string.
type anyLinks []string

func (l *anyLinks) UnmarshalJSON(data []byte) error {
	if data[0] == '[' {
		return json.Unmarshal(data, (*[]string)(l))
	}
	*l = make(anyLinks, 1)
	return json.Unmarshal(data, &(*l)[0])
}
