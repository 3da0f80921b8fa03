package modelslab

import (
	"context"
	"encoding/json"

	"github.com/modelslab-go/modelslab/internal/endpoint"
)

// TrainingService trains models on images. A training takes half an hour or
// more; wait for it as for any job. Only [TrainingModelReady] means success. See
// https://docs.modelslab.com/image-generation/train-model/overview.
type TrainingService struct{ client *Client }

// FineTune trains a whole model.
//
// POST /api/v3/fine_tune
// (https://docs.modelslab.com/image-generation/train-model/overview). Errors are
// those of [Client.Submit].
func (s *TrainingService) FineTune(ctx context.Context, req *FineTuneRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// LoraFineTune trains a LoRA, an addition to a model.
//
// POST /api/v3/lora_fine_tune
// (https://docs.modelslab.com/image-generation/train-model/lora-finetune).
// Errors are those of [Client.Submit].
func (s *TrainingService) LoraFineTune(ctx context.Context, req *LoraFineTuneRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// Status fetches once how far a training has come: the Stage of the job. It is
// [Client.Fetch] for a training id.
//
// POST /api/v3/fine_tune_status/{training_id}
// (https://docs.modelslab.com/image-generation/train-model/overview).
// Errors are those of [Client.Fetch].
func (s *TrainingService) Status(ctx context.Context, trainingID string, opts ...CallOption) (*Job, error) {
	return s.client.Fetch(ctx, Ref{Kind: KindTraining, ID: trainingID}, opts...)
}

// Cancel stops a training.
//
// POST /api/v3/cancel_training/{training_id}
// (https://docs.modelslab.com/image-generation/train-model/overview). Errors
// are *[Error]. It is sent once: ErrUnavailable leaves open whether the
// training was stopped, which [TrainingService.Status] shows.
func (s *TrainingService) Cancel(ctx context.Context, trainingID string, opts ...CallOption) error {
	_, err := s.client.query(ctx, endpoint.CancelTraining, nil, opts, trainingID)
	return err
}

// Delete removes a training and its model.
//
// POST /api/v3/finetune/delete/{training_id}
// (https://docs.modelslab.com/image-generation/train-model/finetune-delete).
// Errors are *[Error]. It is sent once: ErrUnavailable leaves open whether the
// model was removed, which [TrainingService.List] shows.
func (s *TrainingService) Delete(ctx context.Context, trainingID string, opts ...CallOption) error {
	_, err := s.client.query(ctx, endpoint.DeleteTraining, nil, opts, trainingID)
	return err
}

// List lists the models that the account has trained.
//
// POST /api/v3/finetune_list
// (https://docs.modelslab.com/image-generation/train-model/finetune-list).
// Errors are *[Error].
func (s *TrainingService) List(ctx context.Context, opts ...CallOption) ([]TrainedModel, error) {
	a, err := s.client.query(ctx, endpoint.FineTuneList, nil, opts)
	if err != nil {
		return nil, err
	}
	var models []TrainedModel
	for _, m := range a.Get("data").List() {
		id := m.Text()
		if id == "" {
			id = m.Get("model_id").Text()
		}
		models = append(models, TrainedModel{ID: id, Raw: m.Raw()})
	}
	return models, nil
}

// TrainedModel is a model that the account has trained.
type TrainedModel struct {
	ID  string          // the model_id of generations, the training id too
	Raw json.RawMessage // all that the API says about it
}

// FineTuneRequest is the body of [TrainingService.FineTune].
type FineTuneRequest struct {
	InstancePrompt string  `json:"instance_prompt"`        // required, the name to call the subject by: "photo of ambika0 man"
	ClassPrompt    string  `json:"class_prompt"`           // required, what it is: "photo of a man"
	Images         []Media `json:"images"`                 // required, 7 or 8, cropped to 512 by 512 pixels; local files are uploaded
	TrainingType   string  `json:"training_type"`          // required: "men", "female", "couple", or "null" for things
	MaxTrainSteps  int     `json:"max_train_steps,string"` // required, two for each image, 10 to 50

	BaseModelID string `json:"base_model_id,omitzero"` // the model to start from

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS, called once per stage; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job, sent to the webhook only; unset: a UUID
}

func (*FineTuneRequest) endpoint() *endpoint.Endpoint { return endpoint.FineTune }

// LoraFineTuneRequest is the body of [TrainingService.LoraFineTune].
type LoraFineTuneRequest struct {
	InstancePrompt string  `json:"instance_prompt"`        // required, the name to call the subject by: "photo of ambika0 man"
	ClassPrompt    string  `json:"class_prompt"`           // required, what it is: "photo of a man"
	Images         []Media `json:"images"`                 // required, 7 or 8, cropped to 512 by 512 pixels; local files are uploaded
	TrainingType   string  `json:"training_type"`          // required: "men", "women", "couple", or "null" for things
	MaxTrainSteps  int     `json:"max_train_steps,string"` // required, two for each image, 10 to 50

	BaseModelType  string `json:"base_model_type,omitzero"` // "normal" or "sdxl", server default "sdxl"
	NegativePrompt string `json:"negative_prompt,omitzero"`
	LoraType       string `json:"lora_type,omitzero"`   // "lora" or "lycoris", server default "lora"
	Seed           *int64 `json:"seed,string,omitzero"` // server default 0
	WandbKey       string `json:"wandb_key,omitzero"`   // a key of wandb.ai, to watch the training there

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS, called once per stage; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job, sent to the webhook only; unset: a UUID
}

func (*LoraFineTuneRequest) endpoint() *endpoint.Endpoint { return endpoint.LoraFineTune }

// TrainingStage is how far the training of a model has come. The API reports
// every stage under the status "success", so only [TrainingModelReady] means
// that the model can be used; a stage that is not listed here is kept as it was
// sent.
type TrainingStage string

// The stages of a training, in the order they are reported.
const (
	TrainingDeployingGPU TrainingStage = "deploying_gpu"
	TrainingStarted      TrainingStage = "training_started"
	TrainingSuccess      TrainingStage = "training_success" // trained; not yet usable
	TrainingCompressing  TrainingStage = "trained_model_compressing"
	TrainingUploading    TrainingStage = "trained_model_uploading"
	TrainingUploaded     TrainingStage = "trained_model_uploaded"
	TrainingDeploying    TrainingStage = "deploying_model"
	TrainingModelReady   TrainingStage = "model_ready"
)

// Terminal reports whether no other stage follows: the model is ready. A
// training that fails or is cancelled ends at an earlier stage, and the Status
// of its Job says so.
func (s TrainingStage) Terminal() bool { return s == TrainingModelReady }
