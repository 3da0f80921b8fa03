package modelslab

import (
	"context"
	"encoding/json"
	"net/url"
	"time"

	"github.com/modelslab-go/modelslab/internal/endpoint"
	"github.com/modelslab-go/modelslab/internal/reply"
)

// ModelList lists the public image models. It is long; [AccountService.SearchModels]
// finds models of every product by name.
//
// POST /api/v4/dreambooth/model_list
// (https://docs.modelslab.com/image-generation/model-operation/model-list).
// Errors are *[Error].
func (s *AccountService) ModelList(ctx context.Context, opts ...CallOption) ([]Model, error) {
	a, err := s.client.query(ctx, endpoint.ModelList, nil, opts)
	if err != nil {
		return nil, err
	}
	return modelsOf(a), nil
}

// SearchModels finds models of every product.
//
// GET /api/v7/models
// (https://docs.modelslab.com/general-api/overview). Errors are *[Error].
func (s *AccountService) SearchModels(ctx context.Context, req *SearchModelsRequest, opts ...CallOption) ([]Model, error) {
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

// SearchModelsRequest is the query of [AccountService.SearchModels]. [WithExtra]
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

// LoadModel uploads a model from the web to the account. It returns when the
// loading has begun; the model is usable some minutes later.
//
// POST /api/v3/load_model
// (https://docs.modelslab.com/image-generation/model-operation/upload-model).
// Errors are *[Error]. It is sent once: ErrUnavailable leaves open whether the
// loading has begun.
func (s *AccountService) LoadModel(ctx context.Context, req *LoadModelRequest, opts ...CallOption) error {
	_, err := s.client.query(ctx, endpoint.LoadModel, req, opts)
	return err
}

// LoadModelRequest is the body of [AccountService.LoadModel].
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

// NSFWImageCheck reports whether an image is not safe for work.
//
// POST /api/v3/nsfw_image_check
// (https://docs.modelslab.com/general-api/nsfw-image-check). Errors are *[Error].
func (s *AccountService) NSFWImageCheck(ctx context.Context, req *NSFWImageCheckRequest, opts ...CallOption) (bool, error) {
	a, err := s.client.query(ctx, endpoint.NSFWImageCheck, req, opts)
	if err != nil {
		return false, err
	}
	if concept := a.Get("has_nsfw_concept"); concept.Missing() || concept == "[]" {
		return false, incomplete(endpoint.NSFWImageCheck, "has_nsfw_concept")
	}
	return a.Get("has_nsfw_concept").Truth(), nil
}

// NSFWImageCheckRequest is the body of [AccountService.NSFWImageCheck].
type NSFWImageCheckRequest struct {
	InitImage Media `json:"init_image"` // required; a local file is uploaded

	Threshold *float64 `json:"threshold,omitzero"` // 0 to 1, server default 0.5
}

// CheckNSFWPrompt checks a prompt for what is not safe for work and for what
// nobody may make.
//
// POST /api/check_nsfw_cp
// (https://docs.modelslab.com/general-api/nsfw-prompt-check). Errors are *[Error].
func (s *AccountService) CheckNSFWPrompt(ctx context.Context, prompt string, opts ...CallOption) (*PromptCheck, error) {
	req := struct {
		Prompt string `json:"prompt"`
	}{prompt}
	a, err := s.client.query(ctx, endpoint.CheckNSFWPrompt, &req, opts)
	if err != nil {
		return nil, err
	}
	if a.Get("is_nsfw").Missing() && a.Get("is_cp").Missing() {
		return nil, incomplete(endpoint.CheckNSFWPrompt, "is_nsfw")
	}
	return &PromptCheck{
		NSFW: a.Get("is_nsfw").Truth(), CP: a.Get("is_cp").Truth(), Filtered: a.Get("filtered_prompt").Text(), Raw: a.Raw(),
	}, nil
}

// PromptCheck is what is wrong with a prompt.
type PromptCheck struct {
	NSFW     bool   // not safe for work
	CP       bool   // child pornography
	Filtered string // the prompt without the words at fault
	Raw      json.RawMessage
}
