package modelslab

import (
	"context"
	"encoding/json"
	"net/url"
	"time"

	"github.com/modelslab-go/modelslab/internal/endpoint"
	"github.com/modelslab-go/modelslab/internal/reply"
)

// ModelService lists the models that generations can be made with, and loads
// further ones. See https://docs.modelslab.com/general-api/overview.
type ModelService struct{ client *Client }

// List returns the public image models. It is long; [ModelService.Search] is for
// models of every product, by name.
//
// POST /api/v4/dreambooth/model_list
// (https://docs.modelslab.com/image-generation/model-operation/model-list).
// Errors are *[Error].
func (s *ModelService) List(ctx context.Context, opts ...CallOption) ([]Model, error) {
	a, err := s.client.query(ctx, endpoint.ModelList, nil, opts)
	if err != nil {
		return nil, err
	}
	return modelsOf(a), nil
}

// Search returns the models of every product that match.
//
// GET /api/v7/models
// (https://docs.modelslab.com/general-api/overview). Errors are *[Error].
func (s *ModelService) Search(ctx context.Context, req *SearchModelsRequest, opts ...CallOption) ([]Model, error) {
	query := url.Values{}
	if req != nil && req.Search != "" {
		query.Set("search", req.Search)
	}
	if req != nil && req.Feature != "" {
		query.Set("feature", req.Feature)
	}
	a, err := s.client.query(ctx, endpoint.SearchModels, query, opts)
	if err != nil {
		return nil, err
	}
	return modelsOf(a), nil
}

// SearchModelsRequest is the query of [ModelService.Search]. [WithExtra]
// adds further query values.
type SearchModelsRequest struct {
	Search  string `json:"search,omitzero"`  // part of the name, the id, the description or a tag
	Feature string `json:"feature,omitzero"` // "imagen", "videofusion", "audiogen", "llmaster" or "threedverse"
}

// Model is a model that generations can be made with.
type Model struct {
	ID             string // the model_id of requests
	Name           string
	Status         string // "model_ready"
	Description    string
	InstancePrompt string    // words of a prompt that call its subject
	Screenshots    []string  // URLs of examples
	CreatedAt      time.Time // zero when the API does not say
	Raw            json.RawMessage
}

// modelsOf reads a list of models, bare or in one of its envelopes.
func modelsOf(a reply.Value) []Model {
	list := unwrap(a, "data", "models", "data") // the page of a paginated list has data of its own
	if list.IsObject() && list == a {
		return nil // an envelope with nothing in it
	}
	var models []Model
	for _, m := range list.List() {
		if m.IsObject() {
			models = append(models, modelOf(m))
		}
	}
	return models
}

func modelOf(m reply.Value) Model {
	return Model{
		ID: m.Get("model_id").Or(m.Get("id")).Text(), Name: m.Get("model_name").Or(m.Get("name")).Text(),
		Status: m.Get("status").Text(), Description: m.Get("description").Text(),
		InstancePrompt: m.Get("instance_prompt").Text(), Screenshots: m.Get("screenshots").Texts(),
		CreatedAt: m.Get("created_at").Time(), Raw: m.Raw(),
	}
}

// Load uploads a model from the web to the account. It returns when the
// loading has begun; the model is usable some minutes later.
//
// POST /api/v3/load_model
// (https://docs.modelslab.com/image-generation/model-operation/upload-model).
// Errors are *[Error]. It is sent once: ErrUnavailable leaves open whether the
// loading has begun.
func (s *ModelService) Load(ctx context.Context, req *LoadModelRequest, opts ...CallOption) error {
	_, err := s.client.query(ctx, endpoint.LoadModel, req, opts)
	return err
}

// LoadModelRequest is the body of [ModelService.Load].
type LoadModelRequest struct {
	URL             string `json:"url"`              // required: a download link, or the name of a Hugging Face model
	ModelID         string `json:"model_id"`         // required, the id to give it
	ModelFormat     string `json:"model_format"`     // required: "diffusers", "safetensors" or "ckpt"
	ModelCategory   string `json:"model_category"`   // required: "stable_diffusion", "stable_diffusion_xl", "flux" or "z_image"
	ModelVisibility string `json:"model_visibility"` // required: "private" or "public"
	ModelName       string `json:"model_name"`       // required

	ForceLoad        *bool  `json:"force_load,omitzero" wire:"yes/no"` // try again when it fails, server default true
	Revision         string `json:"revision,omitzero"`                 // "fp16" or "fp32", server default "fp16"
	ModelSubcategory string `json:"model_subcategory,omitzero"`        // "lora" for a LoRA
	ModelImage       Media  `json:"model_image,omitzero"`              // shown with the model; a local file is uploaded
	HFUpload         *bool  `json:"hf_upload,omitzero" wire:"yes/no"`  // copy it to Hugging Face, server default false
}
