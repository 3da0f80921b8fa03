package modelslab

import (
	"context"
	"encoding/json"
	"net/url"

	"github.com/modelslab-go/modelslab/internal/endpoint"
	"github.com/modelslab-go/modelslab/internal/reply"
)

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
