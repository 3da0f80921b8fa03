package modelslabtest

import (
	"net/http"
	"slices"
	"strings"

	"github.com/modelslab-go/modelslab/internal/endpoint"
)

// model is a model of the catalogue, in the members that the list and the search
// have.
type model struct {
	ModelID        string   `json:"model_id"`
	Status         string   `json:"status"`
	CreatedAt      string   `json:"created_at,omitzero"`
	InstancePrompt string   `json:"instance_prompt,omitzero"`
	ModelName      string   `json:"model_name"`
	Description    string   `json:"description"`
	Screenshots    string   `json:"screenshots,omitzero"`
	Feature        string   `json:"feature"`
	Provider       string   `json:"provider"`
	Tags           []string `json:"tags"`
}

var models = []model{
	{"flux", "model_ready", "2024-08-05T00:00:00.000000Z", "", "Flux", "Text to image", "https://example.com/flux.png", "imagen", "bfl", []string{"photo"}},
	{"midjourney", "model_ready", "2023-01-10T00:00:00.000000Z", "mdjrny-v4 style", "MidJourney V4", "Text to image", "", "imagen", "community", []string{"art", "photo"}},
	{"cogvideox", "model_ready", "", "", "CogVideoX", "Text to video", "", "videofusion", "community", []string{"film"}},
	{"wan2.2", "model_ready", "", "", "Wan 2.2", "Text and image to video", "", "videofusion", "alibaba", []string{"film"}},
}

// modelSearch adds the routes that search the catalogue.
func (t *routes) modelSearch() {
	search := func(path string, serve func(*Server, *incoming) response) {
		t.add(path, &route{call: Helper, method: http.MethodGet, auth: endpoint.AuthQuery, serve: serve})
	}
	search("/v7/models", (*Server).searchModels)
	search("/v6/model-search", (*Server).searchModels)
	search("/v6/model-search/filters", (*Server).modelFilters)
	search("/v6/model-search/tags", (*Server).modelTags)
	search("/v6/model-search/providers", (*Server).modelProviders)
	search("/v6/model-search/{modelId}", (*Server).modelDetails)
}

// modelList is a bare list, as the API's is.
func (s *Server) modelList(*incoming) response { return reply(http.StatusOK, models) }

type dataReply struct {
	Status string `json:"status"`
	Data   any    `json:"data"`
}

// searchModels filters the catalogue by a word and by what models are for.
func (s *Server) searchModels(x *incoming) response {
	word, feature, provider := strings.ToLower(x.query.Get("search")), x.query.Get("feature"), x.query.Get("provider")
	matching := slices.DeleteFunc(slices.Clone(models), func(m model) bool {
		return !strings.Contains(strings.ToLower(m.ModelID+" "+m.ModelName+" "+m.Description), word) ||
			feature != "" && m.Feature != feature || provider != "" && m.Provider != provider
	})
	return reply(http.StatusOK, dataReply{"success", matching})
}

func (s *Server) modelDetails(x *incoming) response {
	i := slices.IndexFunc(models, func(m model) bool { return m.ModelID == x.args[0] })
	if i < 0 {
		return failure(http.StatusNotFound, "Model not found: "+x.args[0])
	}
	return reply(http.StatusOK, dataReply{"success", models[i]})
}

func (s *Server) modelTags(*incoming) response {
	return reply(http.StatusOK, dataReply{"success", distinct(func(m model) []string { return m.Tags })})
}

func (s *Server) modelProviders(*incoming) response {
	return reply(http.StatusOK, dataReply{"success", distinct(func(m model) []string { return []string{m.Provider} })})
}

func (s *Server) modelFilters(*incoming) response {
	return reply(http.StatusOK, dataReply{"success", struct {
		Features  []string `json:"features"`
		Providers []string `json:"providers"`
		Sorts     []string `json:"sorts"`
	}{
		distinct(func(m model) []string { return []string{m.Feature} }),
		distinct(func(m model) []string { return []string{m.Provider} }),
		[]string{"recommended", "latest", "most-used"},
	}})
}

// distinct returns the sorted values that the models of the catalogue have.
func distinct(of func(model) []string) []string {
	all := make([]string, 0, len(models))
	for _, m := range models {
		all = append(all, of(m)...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
