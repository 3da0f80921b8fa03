package main

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/modelslab-go/modelslab"
)

// reporting is the flag of commands that report a job.
type reporting struct {
	JSON bool `name:"json" help:"Print a JSON object a line: the job when it is accepted, and at its end."`
}

// report is a job as it is printed.
type report struct {
	Ref     modelslab.Ref    `json:"ref,omitzero"`
	Status  modelslab.Status `json:"status"`
	Stage   string           `json:"stage,omitzero"` // of a training
	TrackID string           `json:"track_id,omitzero"`
	ETA     float64          `json:"eta,omitzero"`  // seconds
	Took    float64          `json:"took,omitzero"` // seconds
	Message string           `json:"message,omitzero"`
	NSFW    bool             `json:"nsfw,omitzero"`
	Output  []string         `json:"output,omitzero"`
	Text    string           `json:"text,omitzero"`
	Files   []string         `json:"files,omitzero"`
}

func (r reporting) print(p *program, job *modelslab.Job, files []string) error {
	return json.NewEncoder(p.out).Encode(report{
		Ref: job.Ref, Status: job.Status, Stage: string(job.Stage), TrackID: job.TrackID,
		ETA: job.ETA.Seconds(), Took: job.Took.Seconds(), Message: job.Message, NSFW: job.NSFW,
		Output: job.Output, Text: job.Text, Files: files,
	})
}

// accepted reports a job that the API has taken on.
func (r reporting) accepted(p *program, job *modelslab.Job) {
	if r.JSON {
		_ = r.print(p, job, nil) // what cannot be printed now cannot be printed later either, and is said then
		return
	}
	fmt.Fprintln(p.out, job.Ref)
}

// ended reports the results of a job: the files, or else the links and the text.
func (r reporting) ended(p *program, job *modelslab.Job, files []string) error {
	if r.JSON {
		return r.print(p, job, files)
	}
	lines := files
	if len(lines) == 0 {
		if lines = job.Output; job.Text != "" {
			lines = append(slices.Clip(lines), job.Text)
		}
	}
	for _, line := range lines {
		if _, err := fmt.Fprintln(p.out, line); err != nil {
			return err
		}
	}
	return nil
}

// state reports where a job stands.
func (r reporting) state(p *program, job *modelslab.Job) error {
	if r.JSON {
		return r.print(p, job, nil)
	}
	line := string(job.Status)
	if job.Stage != "" {
		line += " " + string(job.Stage)
	}
	if job.Message != "" {
		line += ": " + job.Message
	}
	fmt.Fprintln(p.out, line)
	return r.ended(p, job, nil)
}
