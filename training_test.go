package modelslab_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
)

func TestTrainingWire(t *testing.T) {
	t.Parallel()
	runGolden(t, []golden{
		{
			name: "FineTune", path: "/v3/fine_tune",
			full: &modelslab.FineTuneRequest{
				InstancePrompt: "photo of ambika0 man", ClassPrompt: "photo of a man",
				Images:       []modelslab.Media{modelslab.MediaURL("https://example.com/a.png"), modelslab.MediaURL("https://example.com/b.png")},
				TrainingType: "men", MaxTrainSteps: 18, BaseModelID: "sd-1.5", Webhook: hook, TrackID: "t1",
			},
			fullBody: `{"instance_prompt":"photo of ambika0 man","class_prompt":"photo of a man",` +
				`"images":["https://example.com/a.png","https://example.com/b.png"],"training_type":"men",` +
				`"max_train_steps":"18","base_model_id":"sd-1.5","webhook":"https://example.com/hook?kind=training"}`,
			minimal: &modelslab.FineTuneRequest{
				InstancePrompt: "photo of ambika0 man", ClassPrompt: "photo of a man",
				Images:       []modelslab.Media{modelslab.MediaURL("https://example.com/a.png"), modelslab.MediaURL("https://example.com/b.png")},
				TrainingType: "men", MaxTrainSteps: 18,
			},
			minimalBody: `{"instance_prompt":"photo of ambika0 man","class_prompt":"photo of a man","images":["https://example.com/a.png","https://example.com/b.png"],"training_type":"men","max_train_steps":"18"}`,
		},
		{
			name: "LoraFineTune", path: "/v3/lora_fine_tune",
			full: &modelslab.LoraFineTuneRequest{
				InstancePrompt: "photo of ambika0 man", ClassPrompt: "photo of a man",
				Images:       []modelslab.Media{modelslab.MediaURL("https://example.com/a.png"), modelslab.MediaURL("https://example.com/b.png")},
				TrainingType: "men", MaxTrainSteps: 18, BaseModelType: "sdxl", NegativePrompt: "blurry", LoraType: "lora",
				Seed: new(int64(0)), WandbKey: "w", Webhook: hook, TrackID: "t1",
			},
			fullBody: `{"instance_prompt":"photo of ambika0 man","class_prompt":"photo of a man",` +
				`"images":["https://example.com/a.png","https://example.com/b.png"],"training_type":"men",` +
				`"max_train_steps":"18","base_model_type":"sdxl","negative_prompt":"blurry","lora_type":"lora",` +
				`"seed":"0","wandb_key":"w","webhook":"https://example.com/hook?kind=training"}`,
			minimal: &modelslab.LoraFineTuneRequest{
				InstancePrompt: "photo of ambika0 man", ClassPrompt: "photo of a man",
				Images:       []modelslab.Media{modelslab.MediaURL("https://example.com/a.png"), modelslab.MediaURL("https://example.com/b.png")},
				TrainingType: "men", MaxTrainSteps: 18,
			},
			minimalBody: `{"instance_prompt":"photo of ambika0 man","class_prompt":"photo of a man","images":["https://example.com/a.png","https://example.com/b.png"],"training_type":"men","max_train_steps":"18"}`,
		},
	})
}

func TestTrainingHelpers(t *testing.T) {
	t.Parallel()
	key := `{"key":"` + testKey + `"}`
	runHelpers(t, []helper{
		{
			name: "Status", path: "/v3/fine_tune_status/F5jvdzGnYi", body: key,
			call: func(ctx context.Context, c *modelslab.Client) (any, error) {
				job, err := c.Training.Status(ctx, "F5jvdzGnYi")
				if err != nil {
					return nil, err
				}
				return []any{job.Ref.String(), job.Status, job.Stage}, nil
			},
			replies: []helperReply{
				{
					`{"status":"success","messege":"training_started","data":"Step:1 Training Started/nETA : 30 minutes"}`,
					[]any{"training/F5jvdzGnYi", modelslab.StatusProcessing, modelslab.TrainingStarted},
				},
				{
					`{"status":"success","messege":"model_ready","data":"Model loaded successfully"}`,
					[]any{"training/F5jvdzGnYi", modelslab.StatusSuccess, modelslab.TrainingModelReady},
				},
				{
					`{"status":"success","model_training_status":"deploying_model","test_image":"https://example.com/a.png"}`,
					[]any{"training/F5jvdzGnYi", modelslab.StatusProcessing, modelslab.TrainingDeploying},
				},
			},
		},
		{
			name: "Cancel", path: "/v3/cancel_training/F5jvdzGnYi", body: key,
			call: func(ctx context.Context, c *modelslab.Client) (any, error) {
				return nil, c.Training.Cancel(ctx, "F5jvdzGnYi")
			},
			replies: []helperReply{{`{"status":"success","messege":"cancelled","data":""}`, nil}},
		},
		{
			name: "Delete", path: "/v3/finetune/delete/F5jvdzGnYi", body: key,
			call: func(ctx context.Context, c *modelslab.Client) (any, error) {
				return nil, c.Training.Delete(ctx, "F5jvdzGnYi")
			},
			replies: []helperReply{{`{"status":"success","messege":"deleted"}`, nil}},
		},
		{
			name: "List", path: "/v3/finetune_list", body: key,
			call: func(ctx context.Context, c *modelslab.Client) (any, error) { return c.Training.List(ctx) },
			replies: []helperReply{
				{`{"status":"success","messege":"model list","data":["a",7]}`, []modelslab.TrainedModel{{ID: "a"}, {ID: "7"}}},
				{`{"status":"success","data":[{"model_id":"a","status":"model_ready"}]}`, []modelslab.TrainedModel{{ID: "a"}}},
				{`{"status":"success","messege":"model list","data":[]}`, []modelslab.TrainedModel(nil)},
				{`{"status":"success","data":null}`, []modelslab.TrainedModel(nil)},
				{`{"status":"success"}`, []modelslab.TrainedModel(nil)},
			},
		},
	})
}

func TestTrainingRefusals(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		http  int
		reply string
		want  error
	}{
		{"unknown", http.StatusNotFound, `{"status":"error","messege":"training not found","code":404}`, modelslab.ErrNotFound},
		{"in HTTP 200", http.StatusOK, `{"status":"error","messege":"Training not found"}`, modelslab.ErrNotFound},
		{"wrong key", http.StatusUnauthorized, `{"status":"error","messege":"Invalid API key"}`, modelslab.ErrAuth},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			client := stubClient(t, func(*http.Request) (*http.Response, error) { return jsonResponse(tt.http, tt.reply), nil })
			require.ErrorIs(t, client.Training.Cancel(t.Context(), "x"), tt.want)
			require.ErrorIs(t, client.Training.Delete(t.Context(), "x"), tt.want)
			_, err := client.Training.Status(t.Context(), "x")
			require.ErrorIs(t, err, tt.want)
			require.ErrorIs(t, client.Training.Cancel(t.Context(), ""), modelslab.ErrInvalid)
		})
	}
}

// A submit answers "success" at once; the training has only begun.
func TestTrainingSubmit(t *testing.T) {
	t.Parallel()
	client := stubClient(t, func(*http.Request) (*http.Response, error) {
		return jsonResponse(http.StatusOK, `{"status":"success","messege":"deploying_gpu","data":"it will take upto 30 minutes.","training_id":"F5jvdzGnYi"}`), nil
	})
	job, err := client.Training.LoraFineTune(t.Context(), &modelslab.LoraFineTuneRequest{
		InstancePrompt: "p", ClassPrompt: "c", Images: []modelslab.Media{modelslab.MediaURL("https://example.com/a.png")},
		TrainingType: "men", MaxTrainSteps: 18, TrackID: "mine",
	})
	require.NoError(t, err)
	require.Equal(t, modelslab.StatusProcessing, job.Status)
	require.Equal(t, modelslab.TrainingDeployingGPU, job.Stage)
	require.False(t, job.Stage.Terminal())
	require.True(t, modelslab.TrainingModelReady.Terminal())
	require.Equal(t, modelslab.Ref{Kind: modelslab.KindTraining, ID: "F5jvdzGnYi"}, job.Ref)
	require.Equal(t, "mine", job.TrackID)
}
