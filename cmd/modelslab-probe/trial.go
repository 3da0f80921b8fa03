package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/big"
	"net/http"
	"strconv"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/internal/wire"
	"github.com/modelslab-go/modelslab/webhook"
)

// trial is a job that is submitted to see what the API makes of it. Several
// questions can be about one.
type trial struct {
	name   string
	path   string
	cost   float64 // dollars at most
	submit func(ctx context.Context, p *prober, trackID string) (*modelslab.Job, error)
}

const lyricsPath = "/v6/voice/lyrics_generator"

var trials = []trial{
	{"image", "/v6/images/text2img", 0.02, submitImage},
	{"realtime", "/v6/realtime/text2img", 0.02, submitRealtime},
	{"text", lyricsPath, 0.05, submitText},
	{"number", lyricsPath, 0.05, submitNumber},
	{"workflow", "/v1/workflows/{id}/run", 0.10, submitWorkflow},
}

func trialOf(name string) *trial {
	for i := range trials {
		if trials[i].name == name {
			return &trials[i]
		}
	}
	panic("no trial " + name)
}

func submitImage(ctx context.Context, p *prober, trackID string) (*modelslab.Job, error) {
	return p.client.Image.TextToImage(ctx, &modelslab.TextToImageRequest{
		ModelID: "flux", Prompt: "a red dot on white", Width: new(256), Height: new(256), Samples: new(1),
		Webhook: p.callback("image"), TrackID: trackID,
	})
}

func submitRealtime(ctx context.Context, p *prober, trackID string) (*modelslab.Job, error) {
	return p.client.Image.RealtimeTextToImage(ctx, &modelslab.RealtimeTextToImageRequest{
		Prompt: "a red dot on white", Width: new(256), Height: new(256), Samples: new(1),
		Webhook: p.callback("realtime"), TrackID: trackID,
	})
}

func submitText(ctx context.Context, p *prober, trackID string) (*modelslab.Job, error) {
	return p.client.Audio.LyricsGenerator(ctx, &modelslab.LyricsGeneratorRequest{
		Prompt: "one line about a red dot", Webhook: p.callback("text"), TrackID: trackID,
	})
}

// submitNumber sends a track id as a JSON number, which a request of the client
// cannot be made to do.
func submitNumber(ctx context.Context, p *prober, trackID string) (*modelslab.Job, error) {
	body := struct {
		Key     string      `json:"key"`
		Prompt  string      `json:"prompt"`
		TrackID json.Number `json:"track_id"`
		Webhook string      `json:"webhook,omitzero"`
	}{p.key, "one line about a blue dot", json.Number(trackID), ""}
	if u := p.callback("number"); u != "" {
		signed, err := webhook.Sign(u, p.secret, modelslab.KindVoice, trackID)
		if err != nil {
			return nil, err
		}
		body.Webhook = signed
	}
	text, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	status, answer, err := p.call(ctx, http.MethodPost, lyricsPath, nil, bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	job := new(modelslab.Job)
	err = json.Unmarshal(answer, job)
	switch {
	case err != nil:
		return nil, fmt.Errorf("HTTP %d: %w", status, err)
	case status >= http.StatusBadRequest || job.Status == modelslab.StatusFailed:
		return nil, fmt.Errorf("%w: HTTP %d: %s", errRefused, status, job.Message)
	}
	job.Ref.Kind = modelslab.KindVoice
	return job, nil
}

var errRefused = errors.New("refused")

func submitWorkflow(ctx context.Context, p *prober, _ string) (*modelslab.Job, error) {
	return p.client.Workflows.Run(ctx, &modelslab.WorkflowRunRequest{
		WorkflowID: p.workflow, Parameters: json.RawMessage(p.workflowBody),
	})
}

// call sends a request that the client has no method for.
func (p *prober) call(ctx context.Context, method, path string, header http.Header, body io.Reader) (int, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, p.baseURL+path, body) //nolint:gosec // the base URL is the user's
	if err != nil {
		return 0, nil, err
	}
	maps.Copy(req.Header, header)
	req.Header.Set("Content-Type", "application/json")
	resp, err := p.recorder.RoundTrip(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	return resp.StatusCode, answer, err
}

// newTrackID is one for a trial: an odd number of 53 bits, or a text.
func newTrackID(trial string) (string, error) {
	if trial == "workflow" {
		return "", nil // runs have none
	}
	n, err := rand.Int(rand.Reader, big.NewInt(1<<51))
	if err != nil {
		return "", err
	}
	odd := 1<<52 + 2*n.Int64() + 1
	if trial == "number" {
		return strconv.FormatInt(odd, 10), nil
	}
	return "probe-" + strconv.FormatInt(odd, 36), nil
}

// outcome is what became of a trial.
type outcome struct {
	trackID string
	job     *modelslab.Job // as the submit was answered
	first   *modelslab.Job // as fetched right after; nil when the job had ended
	end     *modelslab.Job
	err     error // of the submit
	skipped string
}

// echoes are the track ids that the API named in its answers.
func (o *outcome) echoes() []string {
	var ids []string
	for _, job := range []*modelslab.Job{o.job, o.first, o.end} {
		if job == nil {
			continue
		}
		for _, object := range []string{string(job.Raw), wire.Field(string(job.Raw), "meta")} {
			if id := wire.Scalar(wire.Field(object, "track_id")); id != "" {
				ids = append(ids, id)
			}
		}
	}
	return ids
}
