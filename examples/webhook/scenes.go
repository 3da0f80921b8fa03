package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/modelslabtest"
	"github.com/modelslab-go/modelslab/webhook"
)

// scene is a job of the story.
type scene struct {
	name   string
	submit func(context.Context, *modelslab.Client) (*modelslab.Job, error)
	fault  modelslabtest.Fault
}

func video(trackID, prompt string) func(context.Context, *modelslab.Client) (*modelslab.Job, error) {
	return func(ctx context.Context, client *modelslab.Client) (*modelslab.Job, error) {
		return client.Video.TextToVideo(ctx, &modelslab.TextToVideoRequest{
			ModelID: "cogvideox", Prompt: prompt, NumFrames: new(25), TrackID: trackID,
		})
	}
}

func image(trackID, prompt string) func(context.Context, *modelslab.Client) (*modelslab.Job, error) {
	return func(ctx context.Context, client *modelslab.Client) (*modelslab.Job, error) {
		return client.Image.TextToImage(ctx, &modelslab.TextToImageRequest{
			ModelID: "flux", Prompt: prompt, TrackID: trackID,
		})
	}
}

func workflow(ctx context.Context, client *modelslab.Client) (*modelslab.Job, error) {
	return client.Workflows.Run(ctx, &modelslab.WorkflowRunRequest{
		WorkflowID: workflowID, Parameters: map[string]string{"prompt": "a beautiful sunset"},
	})
}

const workflowID = "wf_abc123"

// connect returns ModelsLab, or a test server that delivers to local.
func connect(public, local string) (*vendor, error) {
	a := &vendor{secret: newSecret(), close: func() {}}
	spaceship, lighthouse := video("video_001", "a spaceship flying through an asteroid field"), image("image_001", "a lighthouse at dusk")
	var err error
	if os.Getenv("MODELSLAB_API_KEY") != "" {
		if public == "" {
			return nil, errors.New("with MODELSLAB_API_KEY set, -url has to name the public callback URL; unset the key for the test server")
		}
		a.scenes = []scene{{name: "a video", submit: spaceship}, {name: "an image", submit: lighthouse}}
		a.client, err = modelslab.New("", modelslab.WithWebhook(public, a.secret))
		return a, err
	}
	fmt.Println("MODELSLAB_API_KEY is not set: using an in-process test server")
	a.scenes = []scene{
		{name: "a video", submit: spaceship, fault: modelslabtest.Fault{Progress: 1}},
		{name: "an image, reported twice", submit: lighthouse, fault: modelslabtest.Fault{Duplicates: 1}},
		{name: "a workflow run", submit: workflow},
		{name: "a video that fails", submit: video("video_002", "an impossible staircase"), fault: modelslabtest.Fault{Fail: "Invalid input dimensions"}},
		{name: "an image whose webhook never comes", submit: image("image_002", "a letter lost at sea"), fault: modelslabtest.Fault{Lost: true}},
	}
	// The callback URL of a workflow is set on the workflow.
	callback, err := webhook.Sign(local, a.secret, modelslab.KindWorkflow, workflowID)
	if err != nil {
		return nil, err
	}
	server := modelslabtest.NewServer(modelslabtest.WithLatency(2*time.Second),
		modelslabtest.WithWorkflow(modelslabtest.Workflow{ID: workflowID, Name: "My Image Pipeline", Webhook: callback}))
	for _, s := range a.scenes {
		server.Next(modelslabtest.Submit, s.fault)
	}
	a.client, a.close = server.Client(modelslab.WithWebhook(local, a.secret)), server.Close
	return a, nil
}
