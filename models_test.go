package modelslab_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/modelslab-go/modelslab"
)

func TestModelHelpers(t *testing.T) {
	t.Parallel()
	found := []modelslab.Model{{ID: "flux", Name: "Flux"}}
	search := func(req *modelslab.SearchModelsRequest, opts ...modelslab.CallOption) func(context.Context, *modelslab.Client) (any, error) {
		return func(ctx context.Context, c *modelslab.Client) (any, error) {
			return c.Models.Search(ctx, req, opts...)
		}
	}
	runHelpers(t, []helper{
		{
			name: "ModelList", path: "/v4/dreambooth/model_list", body: keyAlone,
			call: func(ctx context.Context, c *modelslab.Client) (any, error) { return c.Models.List(ctx) },
			replies: []helperReply{
				{
					`[{"model_id":"midjourney","status":"model_ready","created_at":null,"instance_prompt":"mdjrny-v4 style","model_name":"MidJourney V4",` +
						`"description":"Openjourney","screenshots":"https://example.com/a.png"},` +
						`{"model_id":"anything-v3","created_at":"2023-01-02 03:04:05","instance_prompt":null,"screenshots":["https://example.com/b.png"]}]`,
					[]modelslab.Model{
						{
							ID: "midjourney", Name: "MidJourney V4", Status: "model_ready", Description: "Openjourney",
							InstancePrompt: "mdjrny-v4 style", Screenshots: []string{"https://example.com/a.png"},
						},
						{ID: "anything-v3", CreatedAt: time.Date(2023, 1, 2, 3, 4, 5, 0, time.UTC), Screenshots: []string{"https://example.com/b.png"}},
					},
				},
				{`[]`, []modelslab.Model(nil)},
				{`null`, []modelslab.Model(nil)},
				{`{"status":"success"}`, []modelslab.Model(nil)},
			},
		},
		{
			name: "SearchModels", method: http.MethodGet, path: "/v7/models?key=" + testKey + "&feature=imagen&search=real+life",
			call: search(&modelslab.SearchModelsRequest{Search: "real life", Feature: "imagen"}),
			replies: []helperReply{
				{`[{"model_id":"flux","name":"Flux"}]`, found},
				{`{"data":[{"id":"flux","model_name":"Flux"}]}`, found},
				{`{"models":[{"model_id":"flux","model_name":"Flux","id":3}]}`, found},
				{`{"status":"success","data":{"current_page":1,"data":[{"model_id":"flux","model_name":"Flux"}]}}`, found},
				{`{"data":[]}`, []modelslab.Model(nil)},
				{`{"data":null}`, []modelslab.Model(nil)},
				{`{}`, []modelslab.Model(nil)},
			},
		},
		{
			name: "SearchModels with more", method: http.MethodGet, path: "/v7/models?key=" + testKey + "&limit=5&tags=a",
			call:    search(nil, modelslab.WithExtra("limit", 5), modelslab.WithExtra("tags", "a")),
			replies: []helperReply{{`{"data":[{"id":"flux","name":"Flux"}]}`, found}},
		},
		{
			name: "LoadModel", path: "/v3/load_model",
			body: `{"key":"` + testKey + `","url":"https://example.com/m","model_id":"m","model_format":"safetensors","model_category":"flux",` +
				`"model_visibility":"private","model_name":"M","force_load":"yes","revision":"fp32","model_subcategory":"lora",` +
				`"model_image":"https://example.com/a.png","hf_upload":"no"}`,
			call: func(ctx context.Context, c *modelslab.Client) (any, error) {
				return nil, c.Models.Load(ctx, &modelslab.LoadModelRequest{
					URL: "https://example.com/m", ModelID: "m", ModelFormat: "safetensors", ModelCategory: "flux",
					ModelVisibility: "private", ModelName: "M", ForceLoad: new(true), Revision: "fp32", ModelSubcategory: "lora",
					ModelImage: modelslab.MediaURL("https://example.com/a.png"), HFUpload: new(false),
				})
			},
			replies: []helperReply{{`{"status":"success","message":"model load started"}`, nil}},
		},
		{
			name: "LoadModel with defaults", path: "/v3/load_model",
			body: `{"key":"` + testKey + `","url":"owner/model","model_id":"m","model_format":"diffusers","model_category":"flux","model_visibility":"public","model_name":"M"}`,
			call: func(ctx context.Context, c *modelslab.Client) (any, error) {
				return nil, c.Models.Load(ctx, &modelslab.LoadModelRequest{
					URL: "owner/model", ModelID: "m", ModelFormat: "diffusers", ModelCategory: "flux", ModelVisibility: "public", ModelName: "M",
				})
			},
			replies: []helperReply{{`{"status":"success","message":"model load started"}`, nil}},
		},
		{
			name: "NSFWImageCheck", path: "/v3/nsfw_image_check", body: `{"key":"` + testKey + `","init_image":"https://example.com/a.png","threshold":0.5}`,
			call: func(ctx context.Context, c *modelslab.Client) (any, error) {
				return c.Account.NSFWImageCheck(ctx, &modelslab.NSFWImageCheckRequest{
					InitImage: modelslab.MediaURL("https://example.com/a.png"), Threshold: new(0.5),
				})
			},
			replies: []helperReply{
				{`{"images":"https://example.com/a.png","has_nsfw_concept":[true]}`, true},
				{`{"has_nsfw_concept":[false]}`, false},
				{`{"has_nsfw_concept":[false,true]}`, true},
				{`{"has_nsfw_concept":false}`, false},
			},
		},
		{
			name: "NSFWImageCheck on an enterprise server", path: "/v1/enterprise/nsfw_image_check",
			body: `{"key":"` + testKey + `","init_image":"https://example.com/a.png"}`, opts: []modelslab.Option{modelslab.WithEnterprise()},
			call: func(ctx context.Context, c *modelslab.Client) (any, error) {
				return c.Account.NSFWImageCheck(ctx, &modelslab.NSFWImageCheckRequest{InitImage: modelslab.MediaURL("https://example.com/a.png")})
			},
			replies: []helperReply{{`{"has_nsfw_concept":[true]}`, true}},
		},
		{
			name: "CheckNSFWPrompt", path: "/check_nsfw_cp", body: `{"key":"` + testKey + `","prompt":"a ship"}`,
			call: func(ctx context.Context, c *modelslab.Client) (any, error) {
				return c.Account.CheckNSFWPrompt(ctx, "a ship")
			},
			replies: []helperReply{
				{
					`{"status":"success","is_cp":false,"is_nsfw":true,"original_prompt":"a ship","filtered_prompt":"a"}`,
					&modelslab.PromptCheck{NSFW: true, Filtered: "a"},
				},
				{`{"is_cp":"1","is_nsfw":0}`, &modelslab.PromptCheck{CP: true}},
			},
		},
	})
}

func TestModelSearchHelpers(t *testing.T) {
	t.Parallel()
	flux := &modelslab.Model{ID: "flux", Name: "Flux"}
	runHelpers(t, []helper{
		{
			name: "ModelDetails", method: http.MethodGet, path: "/v6/model-search/fl%2Fux?key=" + testKey,
			call: func(ctx context.Context, c *modelslab.Client) (any, error) {
				return c.Models.Get(ctx, "fl/ux")
			},
			replies: []helperReply{
				{`{"status":"success","data":{"model_id":"flux","name":"Flux"}}`, flux},
				{`{"data":{"model":{"id":"flux","model_name":"Flux"}}}`, flux},
				{`{"model":{"model_id":"flux","name":"Flux"}}`, flux},
				{`{"model_id":"flux","name":"Flux"}`, flux},
			},
		},
		{
			name: "ModelFilters", method: http.MethodGet, path: "/v6/model-search/filters?key=" + testKey,
			call: func(ctx context.Context, c *modelslab.Client) (any, error) { return c.Models.Filters(ctx) },
			replies: []helperReply{
				{
					`{"status":"success","data":{"features":["imagen","audiogen"],"sorts":[{"value":"latest","label":"Latest"}],"none":[]}}`,
					map[string][]string{"features": {"imagen", "audiogen"}, "sorts": {"latest"}},
				},
				{`{"status":"success","filters":{"features":["imagen"]}}`, map[string][]string{"features": {"imagen"}}},
				{`{"data":[]}`, map[string][]string{}},
			},
		},
		{
			name: "ModelTags", method: http.MethodGet, path: "/v6/model-search/tags?key=" + testKey + "&feature=imagen",
			call: func(ctx context.Context, c *modelslab.Client) (any, error) {
				return c.Models.Tags(ctx, modelslab.WithExtra("feature", "imagen"))
			},
			replies: []helperReply{
				{`["art","film"]`, []string{"art", "film"}},
				{`{"status":"success","data":["art"]}`, []string{"art"}},
				{`{"data":{"tags":[{"id":3,"name":"art"},{}]}}`, []string{"art"}},
				{`{"data":null}`, []string(nil)},
				{`{"data":[]}`, []string(nil)},
			},
		},
		{
			name: "ModelProviders", method: http.MethodGet, path: "/v6/model-search/providers?key=" + testKey,
			call: func(ctx context.Context, c *modelslab.Client) (any, error) { return c.Models.Providers(ctx) },
			replies: []helperReply{
				{
					`{"data":[{"name":"bfl","models_count":"12"},"google",{"count":3}]}`,
					[]modelslab.ModelProvider{{Name: "bfl", Models: 12}, {Name: "google"}},
				},
				{`{"status":"success","data":{"providers":["bfl"]}}`, []modelslab.ModelProvider{{Name: "bfl"}}},
				{`[]`, []modelslab.ModelProvider(nil)},
			},
		},
	})
}
