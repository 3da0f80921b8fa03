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

// Get returns one model of any product. What the API says of it beyond
// the fields of [Model] is in Raw.
//
// GET /api/v6/model-search/{modelId}
// (https://docs.modelslab.com/agents-api/usage-and-models). Errors are *[Error];
// ErrNotFound when there is none of that id.
func (s *ModelService) Get(ctx context.Context, modelID string, opts ...CallOption) (*Model, error) {
	a, err := s.client.query(ctx, endpoint.ModelDetails, url.Values{}, opts, modelID)
	if err != nil {
		return nil, err
	}
	m := modelOf(unwrap(a, "data", "model"))
	if m.ID == "" {
		return nil, incomplete(endpoint.ModelDetails, "model_id")
	}
	return &m, nil
}

// Filters returns what the catalogue of models can be filtered by: the
// values of each filter, by its name, such as "features" or "sorts". The API
// documents no list of the names.
//
// GET /api/v6/model-search/filters
// (https://docs.modelslab.com/agents-api/usage-and-models). Errors are *[Error].
func (s *ModelService) Filters(ctx context.Context, opts ...CallOption) (map[string][]string, error) {
	a, err := s.client.query(ctx, endpoint.ModelFilters, url.Values{}, opts)
	if err != nil {
		return nil, err
	}
	filters := map[string][]string{}
	unwrap(a, "data", "filters").Members(func(name string, values reply.Value) {
		if labels := labelsOf(values); len(labels) > 0 {
			filters[name] = labels
		}
	})
	return filters, nil
}

// Tags lists the tags that models have.
//
// GET /api/v6/model-search/tags
// (https://docs.modelslab.com/agents-api/usage-and-models). Errors are *[Error].
func (s *ModelService) Tags(ctx context.Context, opts ...CallOption) ([]string, error) {
	a, err := s.client.query(ctx, endpoint.ModelTags, url.Values{}, opts)
	if err != nil {
		return nil, err
	}
	return labelsOf(unwrap(a, "data", "tags")), nil
}

// Providers lists the makers of models.
//
// GET /api/v6/model-search/providers
// (https://docs.modelslab.com/agents-api/usage-and-models). Errors are *[Error].
func (s *ModelService) Providers(ctx context.Context, opts ...CallOption) ([]ModelProvider, error) {
	a, err := s.client.query(ctx, endpoint.ModelProviders, url.Values{}, opts)
	if err != nil {
		return nil, err
	}
	var providers []ModelProvider
	for _, p := range unwrap(a, "data", "providers").List() {
		if name := labelOf(p); name != "" {
			providers = append(providers, ModelProvider{
				Name: name, Models: p.Get("models_count").Or(p.Get("model_count")).Or(p.Get("count")).Integer(), Raw: p.Raw(),
			})
		}
	}
	return providers, nil
}

// ModelProvider is a maker of models.
type ModelProvider struct {
	Name   string
	Models int // how many there are; 0 when the API does not say
	Raw    json.RawMessage
}

// unwrap follows the members that are there, one after another.
func unwrap(a reply.Value, keys ...string) reply.Value {
	for _, key := range keys {
		if inner := a.Get(key); !inner.Missing() {
			a = inner
		}
	}
	return a
}

// labelsOf returns the names in a list of texts or of objects.
func labelsOf(list reply.Value) []string {
	var labels []string
	for _, element := range list.List() {
		if label := labelOf(element); label != "" {
			labels = append(labels, label)
		}
	}
	return labels
}

// labelOf is what a text or an object of the catalogue is called.
func labelOf(a reply.Value) string {
	if !a.IsObject() {
		return a.Text()
	}
	for _, key := range [...]string{"slug", "value", "name", "label", "id"} {
		if v := a.Get(key); !v.Missing() {
			return v.Text()
		}
	}
	return ""
}
