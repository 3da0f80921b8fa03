package modelslabtest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/modelslab-go/modelslab/internal/endpoint"
)

// requestCounts is the limit of request_count, in calls a minute.
const requestCounts = 30

// special adds the routes that need more than their row of the endpoint table.
func (t *routes) special() {
	for _, p := range []string{"/v3/fine_tune", "/v3/lora_fine_tune"} {
		t.add(p, &route{call: Submit, kind: "training", method: http.MethodPost, serve: (*Server).submitTraining})
	}
	t.addRow(&endpoint.Endpoint{ // deprecated, so the client does not have it
		Kind: "video", Method: http.MethodPost, Path: "/v6/video/scene_maker", Required: []string{"scenes", "prompt"},
	})
	const runs = "/v1/workflows/{workflow_id}/runs/{execution_id}"
	t.add("/v3/fine_tune_status/{training_id}", &route{call: Fetch, kind: "training", method: http.MethodPost, serve: (*Server).trainingStatus})
	t.add("/v1/workflows/{workflow_id}/run", &route{call: Submit, kind: "workflow", method: http.MethodPost, serve: (*Server).submitRun})
	t.add(runs, &route{call: Fetch, kind: "workflow", method: http.MethodGet, auth: endpoint.AuthHeader, serve: (*Server).fetchRun})
	t.helper(http.MethodPost, runs+"/cancel", (*Server).cancelRun)
	t.helper(http.MethodGet, "/v1/workflows", (*Server).listWorkflows)
	t.helper(http.MethodGet, "/v1/workflows/{workflow_id}", (*Server).workflowSchema)

	t.helper(http.MethodPost, "/v3/cancel_training/{training_id}", (*Server).cancelTraining)
	t.helper(http.MethodPost, "/v3/finetune/delete/{training_id}", (*Server).deleteTraining)
	t.helper(http.MethodPost, "/v3/finetune_list", (*Server).listTrainings)

	t.helper(http.MethodPost, "/v6/base64_to_url", base64ToURL("base64_string"), "base64_string")
	t.helper(http.MethodPost, "/v6/image_editing/base64_to_url", base64ToURL("init_image"), "init_image")
	t.helper(http.MethodPost, "/v6/video/base64_to_url", base64ToURL("init_obj"), "init_obj")
	t.helper(http.MethodPost, "/v6/3d/base64_to_url", base64ToURL("init_obj"), "init_obj")
	t.helper(http.MethodPost, "/v6/voice/base64_to_url", base64ToURL("init_audio"), "init_audio")
	t.helper(http.MethodPost, "/v3/base64_crop", (*Server).base64Crop, "image")

	t.helper(http.MethodPost, "/wallet_balance", (*Server).walletBalance)
	t.helper("", "/v6/processing/request_count", (*Server).requestCount)
	t.helper("", "/subscribed_products", (*Server).subscribedProducts)
	t.helper("", "/v5/clear_cache", says("Cache cleared"))
	t.helper(http.MethodPost, "/assets_generated", (*Server).assetsGenerated, "type")
	t.helper(http.MethodPost, "/v3/delete_image", (*Server).deleteImage, "request_id")
	t.helper(http.MethodPost, "/v3/nsfw_image_check", (*Server).nsfwImageCheck, "init_image")
	t.helper(http.MethodPost, "/check_nsfw_cp", (*Server).checkNSFW, "prompt")
	t.helper(http.MethodPost, "/v3/system_load", (*Server).systemLoad)

	t.helper("", "/v4/dreambooth/model_list", (*Server).modelList)
	t.modelSearch()
	t.helper(http.MethodPost, "/v3/load_model", says("model load started"), "url", "model_id")
	t.helper(http.MethodPost, "/v6/images/model_reload", says("Model reloaded"), "model_id")
	t.helper("", "/v6/voice/voice_list", (*Server).voiceList)
	t.helper("", "/voice_list", (*Server).voiceList)
	t.helper(http.MethodPost, "/v6/voice/voice_upload", (*Server).voiceUpload)
}

func (t *routes) helper(method, path string, serve func(*Server, *incoming) response, required ...string) {
	t.add(path, &route{call: Helper, method: method, required: required, serve: serve})
}

type doneReply struct {
	Status  string `json:"status"`
	Message string `json:"message"`
}

func done(message string) response { return reply(http.StatusOK, doneReply{"success", message}) }

// says returns a helper that changes nothing and answers with a message.
func says(message string) func(*Server, *incoming) response {
	return func(*Server, *incoming) response { return done(message) }
}

func requestNotFound() response {
	return reply(http.StatusOK, jobReply{
		Status: "failed", ID: jsonID(""), Message: "Request not found", Output: "", Tip: tip,
	})
}

func (s *Server) walletBalance(*incoming) response {
	type balance struct {
		Balance  float64 `json:"balance"`
		Currency string  `json:"currency"`
	}
	return reply(http.StatusOK, struct {
		Status string  `json:"status"`
		Data   balance `json:"data"`
	}{"success", balance{43.6, "USD"}})
}

func (s *Server) requestCount(*incoming) response {
	s.mu.Lock()
	defer s.mu.Unlock()
	if wait := s.records.throttle("request_count", requestCounts); wait > 0 {
		return tooMany("Too many requests. Please try again later.", wait)
	}
	return reply(http.StatusOK, struct {
		Status  string `json:"status"`
		Count   int    `json:"processing_count"`
		Message string `json:"message"`
	}{"success", s.records.stats.Open, "Current processing request count retrieved successfully"})
}

// seconds rounds up, so that a caller who waits that long waits long enough.
func seconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }

// throttle counts a call against a limit per minute and returns how long a
// refused caller has to wait.
func (l *records) throttle(name string, limit int) time.Duration {
	now := time.Now()
	if l.calls == nil {
		l.calls = map[string][]time.Time{}
	}
	calls := l.calls[name]
	for len(calls) > 0 && now.Sub(calls[0]) >= time.Minute {
		calls = calls[1:]
	}
	l.calls[name] = calls
	if len(calls) >= limit {
		l.stats.Refused++
		return calls[0].Add(time.Minute).Sub(now)
	}
	l.calls[name] = append(calls, now)
	return 0
}

// subscribedProducts is an object by product.
func (s *Server) subscribedProducts(*incoming) response {
	type usage struct {
		Calls     int `json:"total_api_call"`
		Remaining int `json:"api_call_remaining"`
		Used      int `json:"percentage_used"`
	}
	return reply(http.StatusOK, struct {
		Status string           `json:"status"`
		Data   map[string]usage `json:"data"`
	}{"success", map[string]usage{"imagen": {3250, 2600, 20}, "videofusion": {100, 50, 50}}})
}

// assetsGenerated lists the outputs of finished jobs, newest first, in pages.
func (s *Server) assetsGenerated(x *incoming) response {
	type asset struct {
		ID     json.RawMessage `json:"id"`
		Output []string        `json:"output"`
		ended  time.Time
	}
	type pagination struct {
		CurrentPage int `json:"current_page"`
		PerPage     int `json:"per_page"`
		Total       int `json:"total"`
		LastPage    int `json:"last_page"`
		From        int `json:"from"`
		To          int `json:"to"`
	}
	assets := []asset{}
	s.mu.Lock()
	for _, j := range s.jobs.byID {
		if j.state == succeeded && j.assetType() == x.str("type") {
			assets = append(assets, asset{jsonID(j.id), j.outputs(), j.ended})
		}
	}
	s.mu.Unlock()
	slices.SortFunc(assets, func(a, b asset) int {
		return cmp.Or(b.ended.Compare(a.ended), strings.Compare(string(b.ID), string(a.ID)))
	})
	p := pagination{CurrentPage: max(x.number("page", 1), 1), PerPage: max(x.number("per_page", 15), 1), Total: len(assets)}
	p.LastPage = max((p.Total+p.PerPage-1)/p.PerPage, 1)
	first := min((p.CurrentPage-1)*p.PerPage, p.Total)
	last := min(first+p.PerPage, p.Total)
	if last > first {
		p.From, p.To = first+1, last
	}
	return reply(http.StatusOK, struct {
		Status     string     `json:"status"`
		Type       string     `json:"type"`
		Data       []asset    `json:"data"`
		Pagination pagination `json:"pagination"`
	}{"success", x.str("type"), assets[first:last], p})
}

func (j *serverJob) assetType() string {
	switch j.ext {
	case "png":
		return "image"
	case "gif", "mp4":
		return "video"
	case "wav", "mp3", "flac":
		return "voice"
	case "glb", "obj", "ply", "stl":
		return "3d"
	default:
		return ""
	}
}

func (s *Server) deleteImage(x *incoming) response {
	s.mu.Lock()
	defer s.mu.Unlock()
	j := s.jobs.byID[x.str("request_id")]
	if j == nil || !j.state.ended() {
		return failure(http.StatusOK, "Request not found")
	}
	delete(s.jobs.byID, j.id)
	kind := cmp.Or(x.str("type"), "image")
	return reply(http.StatusOK, trainingReply{Status: "success", Messege: kind + " deleted"})
}

// unsafe is the word that makes a prompt or an image URL not safe for work.
const unsafe = "nsfw"

func (s *Server) nsfwImageCheck(x *incoming) response {
	return reply(http.StatusOK, struct {
		Images  string `json:"images"`
		HasNSFW []bool `json:"has_nsfw_concept"`
	}{x.str("init_image"), []bool{strings.Contains(x.str("init_image"), unsafe)}})
}

func (s *Server) checkNSFW(x *incoming) response {
	prompt := x.str("prompt")
	filtered := strings.Join(slices.DeleteFunc(strings.Fields(prompt), func(word string) bool { return word == unsafe }), " ")
	return reply(http.StatusOK, struct {
		Status   string `json:"status"`
		IsCP     bool   `json:"is_cp"`
		IsNSFW   bool   `json:"is_nsfw"`
		Original string `json:"original_prompt"`
		Filtered string `json:"filtered_prompt"`
	}{"success", false, strings.Contains(prompt, unsafe), prompt, filtered})
}

func (s *Server) systemLoad(*incoming) response {
	s.mu.Lock()
	defer s.mu.Unlock()
	return reply(http.StatusOK, struct {
		Status string `json:"status"`
		Queue  int    `json:"queue_num"`
		Time   int    `json:"queue_time"`
	}{"success", s.records.stats.Open, 1})
}

type voice struct {
	VoiceID  string `json:"voice_id"`
	Name     string `json:"name"`
	Language string `json:"language"`
}

// voiceList starts with the voices that were uploaded.
func (s *Server) voiceList(*incoming) response {
	s.mu.Lock()
	defer s.mu.Unlock()
	return reply(http.StatusOK, struct {
		Status string  `json:"status"`
		Voices []voice `json:"voices"`
	}{"success", append(slices.Clone(s.voices), voice{"madison", "Madison", "american english"}, voice{"tara", "Tara", "hindi"})})
}

func (s *Server) voiceUpload(x *incoming) response {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := voice{fmt.Sprintf("voice_%d", len(s.voices)+1), x.str("name"), x.str("language")}
	s.voices = append(s.voices, v)
	return reply(http.StatusOK, struct {
		Status  string `json:"status"`
		Message string `json:"message"`
		VoiceID string `json:"voice_id"`
	}{"success", "Voice uploaded", v.VoiceID})
}
