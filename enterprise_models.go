package modelslab

import (
	"context"
	"encoding/json"

	"github.com/modelslab-go/modelslab/internal/endpoint"
)

// LoadServerModel loads a model in diffusers form onto the root server. It
// returns when the loading has begun; [AccountService.VerifyServerModel] shows
// when it has ended.
//
// POST /api/v1/enterprise/load_model
// (https://docs.modelslab.com/enterprise-api/text-to-image/load-model). Errors
// are *[Error]. It is sent once: ErrUnavailable leaves open whether the loading
// has begun.
func (s *AccountService) LoadServerModel(ctx context.Context, req *LoadServerModelRequest, opts ...CallOption) error {
	_, err := s.client.query(ctx, endpoint.LoadServerModel, req, opts)
	return err
}

// LoadServerModelRequest is the body of [AccountService.LoadServerModel].
type LoadServerModelRequest struct {
	URL       string `json:"url"`        // required: a Hugging Face model, a download link, or a trained model
	ModelID   string `json:"model_id"`   // required, the id to give it
	ModelType string `json:"model_type"` // required: "huggingface", "api_trained", "custom_ckpt", "lora" or "controlnet"

	FromSafetensors *bool  `json:"from_safetensors,omitzero" wire:"yes/no"` // URL is a .safetensors file, server default false
	Revision        string `json:"revision,omitzero"`                       // "fp16" or "fp32", server default "fp32"
	UpcastAttention *bool  `json:"upcast_attention,omitzero" wire:"yes/no"` // for Stable Diffusion 2.1, server default false
	Webhook         string `json:"webhook,omitzero"`                        // called once the model is loaded, unsigned; what it gets is documented nowhere
}

// LoadServerModelV2 loads a model of any form onto the root server, as
// [AccountService.LoadServerModel] does.
//
// POST /api/v1/enterprise/load_model_v2
// (https://docs.modelslab.com/enterprise-api/text-to-image/load-model-v2).
// Errors are *[Error]. It is sent once: ErrUnavailable leaves open whether the
// loading has begun.
func (s *AccountService) LoadServerModelV2(ctx context.Context, req *LoadServerModelV2Request, opts ...CallOption) error {
	_, err := s.client.query(ctx, endpoint.LoadServerModelV2, req, opts)
	return err
}

// LoadServerModelV2Request is the body of [AccountService.LoadServerModelV2].
type LoadServerModelV2Request struct {
	URL           string `json:"url"`            // required: a Hugging Face model, a download link, or a trained model
	ModelID       string `json:"model_id"`       // required, the id to give it
	ModelCategory string `json:"model_category"` // required: "lora", "stable_diffusion", "stable_diffusion_xl" or "controlnet"
	ModelFormat   string `json:"model_format"`   // required: "ckpt", "safetensors", "pt" or "diffusers"

	Revision string `json:"revision,omitzero"` // "fp16" or "fp32", server default "fp32"
	Webhook  string `json:"webhook,omitzero"`  // called once the model is loaded, unsigned; what it gets is documented nowhere
}

// LoadServerVAE loads a VAE onto the root server. It returns when the loading
// has begun.
//
// POST /api/v1/enterprise/load_vae
// (https://docs.modelslab.com/enterprise-api/text-to-image/load-vae). Errors
// are *[Error]. It is sent once: ErrUnavailable leaves open whether the loading
// has begun.
func (s *AccountService) LoadServerVAE(ctx context.Context, req *LoadServerVAERequest, opts ...CallOption) error {
	_, err := s.client.query(ctx, endpoint.LoadServerVAE, req, opts)
	return err
}

// LoadServerVAERequest is the body of [AccountService.LoadServerVAE].
type LoadServerVAERequest struct {
	VAEID   string `json:"vae_id"`   // required, the id to give it
	VAEURL  string `json:"vae_url"`  // required: a Hugging Face model or a download link
	VAEType string `json:"vae_type"` // required: "diffusers", "safetensors" or "pt"

	Webhook string `json:"webhook,omitzero"` // called once the VAE is loaded, unsigned; what it gets is documented nowhere
}

// VerifyServerModel returns the state of a model on the root server. The answer
// is documented nowhere: public programs take success for a model that can be
// used, and "loading", which is processing here, for one that cannot be used
// yet.
//
// POST /api/v1/enterprise/verify_model
// (https://docs.modelslab.com/enterprise-api/text-to-image/verify-model). Errors
// are *[Error].
func (s *AccountService) VerifyServerModel(ctx context.Context, modelID string, opts ...CallOption) (Status, error) {
	a, err := s.client.query(ctx, endpoint.VerifyServerModel, &serverModelRequest{modelID}, opts)
	if err != nil {
		return "", err
	}
	return Status(a.Get("status").Status()), nil
}

// DeleteServerModel deletes a model from the root server.
//
// POST /api/v1/enterprise/delete_model
// (https://docs.modelslab.com/enterprise-api/text-to-image/delete-model).
// Errors are *[Error]. It is sent once: ErrUnavailable leaves open whether the
// model was deleted, which [AccountService.VerifyServerModel] shows.
func (s *AccountService) DeleteServerModel(ctx context.Context, modelID string, opts ...CallOption) error {
	_, err := s.client.query(ctx, endpoint.DeleteServerModel, &serverModelRequest{modelID}, opts)
	return err
}

type serverModelRequest struct {
	ModelID string `json:"model_id"`
}

// ServerModels lists the models on the root server.
//
// POST /api/v1/enterprise/get_all_models
// (https://docs.modelslab.com/enterprise-api/text-to-image/get-all-models).
// Errors are *[Error].
func (s *AccountService) ServerModels(ctx context.Context, opts ...CallOption) ([]ServerModel, error) {
	a, err := s.client.query(ctx, endpoint.ServerModels, nil, opts)
	if err != nil {
		return nil, err
	}
	var models []ServerModel
	for _, m := range a.Get("models").List() {
		models = append(models, ServerModel{ID: m.Get("model_id").Text(), Loaded: m.Get("load_data").Text(), Raw: m.Raw()})
	}
	return models, nil
}

// ServerModel is a model on a dedicated server.
type ServerModel struct {
	ID     string // the model_id of requests
	Loaded string // when it was loaded, as the API spells it
	Raw    json.RawMessage
}

// SyncServerModels copies the models of the client's root server to the root
// server of another API key, and returns the ids of the models.
//
// POST /api/v1/enterprise/sync_models
// (https://docs.modelslab.com/enterprise-api/text-to-image/sync-model). Errors
// are *[Error]. It is sent once: ErrUnavailable leaves open whether the models
// are copied.
func (s *AccountService) SyncServerModels(ctx context.Context, otherKey string, opts ...CallOption) ([]string, error) {
	req := struct {
		SyncKey string `json:"sync_key"`
	}{otherKey}
	a, err := s.client.query(ctx, endpoint.SyncServerModels, &req, opts)
	if err != nil {
		return nil, err
	}
	return a.Get("model_list").Texts(), nil
}

// ServerSchedulers lists the schedulers of the root server.
//
// POST /api/v1/enterprise/schedulers_list
// (https://docs.modelslab.com/enterprise-api/text-to-image/list-schedulers).
// Errors are *[Error].
func (s *AccountService) ServerSchedulers(ctx context.Context, opts ...CallOption) ([]string, error) {
	a, err := s.client.query(ctx, endpoint.ServerSchedulers, nil, opts)
	if err != nil {
		return nil, err
	}
	return a.Get("schedulers").Texts(), nil
}

// UploadServerImage puts a local image into the bucket of the root server, see
// [AccountService.UpdateServerS3], and returns its URL.
//
// POST /api/v1/enterprise/upload_image
// (https://docs.modelslab.com/enterprise-api/text-to-image/upload-image).
// Errors are *[Error]. It is sent once: ErrUnavailable leaves open whether the
// image was stored. A Base64Image that is a URL is ErrInvalid.
func (s *AccountService) UploadServerImage(ctx context.Context, req *UploadServerImageRequest, opts ...CallOption) (string, error) {
	if req != nil && !req.Base64Image.IsZero() && !req.Base64Image.local() {
		return "", refuse("POST "+endpoint.UploadServerImage.Path, "base64_image", "the image is on the web already: pass its URL to the request itself")
	}
	a, err := s.client.query(ctx, endpoint.UploadServerImage, req, opts)
	if err != nil {
		return "", err
	}
	if a.Get("image_url").Missing() {
		return "", incomplete(endpoint.UploadServerImage, "image_url")
	}
	return a.Get("image_url").Text(), nil
}

// UploadServerImageRequest is the body of [AccountService.UploadServerImage].
type UploadServerImageRequest struct {
	Base64Image Media  `json:"base64_image"` // required, a local file
	ImageType   string `json:"image_type"`   // required: "png", "jpeg" or "jpg"
}

// UpdateServerS3 has a dedicated server keep results in a bucket of the
// caller's, of Amazon S3 or of anything that speaks its protocol. Without one
// they are gone after 24 hours.
//
// POST /api/v1/enterprise/update_s3
// (https://docs.modelslab.com/enterprise-api/general/update-s3-details). Errors
// are *[Error]. It is sent once: ErrUnavailable leaves open whether the details
// were changed.
func (s *AccountService) UpdateServerS3(ctx context.Context, req *UpdateServerS3Request, opts ...CallOption) error {
	_, err := s.client.query(ctx, endpoint.UpdateServerS3, req, opts)
	return err
}

// UpdateServerS3Request is the body of [AccountService.UpdateServerS3]. It holds
// the secret of the bucket: log none of it.
type UpdateServerS3Request struct {
	PublicURL          string `json:"public_url"`            // required, where the results are read
	RegionName         string `json:"region_name"`           // required, "us-east-1"
	EndpointURL        string `json:"endpoint_url"`          // required, where the bucket is written
	AWSAccessKeyID     string `json:"aws_access_key_id"`     // required
	AWSSecretAccessKey string `json:"aws_secret_access_key"` // required
	ImageDirectory     string `json:"image_directory"`       // required, "generations"

	DeployType string `json:"deploy_type,omitzero"` // which server, "video", "voice_cloning" and the like; server default "text_to_image", the root server
}

// ResetServerS3 has a dedicated server keep results for 24 hours again. The
// deployType names it as in [UpdateServerS3Request]; "" is the root server.
//
// POST /api/v1/enterprise/reset_s3
// (https://docs.modelslab.com/enterprise-api/general/reset-s3). Errors are
// *[Error]. It is sent once: ErrUnavailable leaves open whether the details
// were changed.
func (s *AccountService) ResetServerS3(ctx context.Context, deployType string, opts ...CallOption) error {
	req := struct {
		DeployType string `json:"deploy_type,omitzero"`
	}{deployType}
	_, err := s.client.query(ctx, endpoint.ResetServerS3, &req, opts)
	return err
}
