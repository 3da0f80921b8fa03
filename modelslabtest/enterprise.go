package modelslabtest

import (
	"net/http"

	"github.com/modelslab-go/modelslab/internal/endpoint"
)

// enterprise adds the routes that administer dedicated servers.
func (t *routes) enterprise() {
	const root = "/v1/enterprise"
	servers := map[string]string{
		root: "enterprise", root + "/deepseek_chat": "", root + "/uncensored_chat": "",
	}
	for _, e := range endpoint.All() {
		for _, s := range e.Enterprise {
			if s.Name != "" {
				servers[root+"/"+s.Name] = s.Kind()
			}
		}
	}
	for base, kind := range servers {
		t.helper("", base+"/system_details", (*Server).systemDetails)
		t.helper("", base+"/clear_queue", clearQueue(kind))
		for op, message := range map[string]string{
			"restart_server": "Server restarted", "update_server": "Server updated", "clear_cache": "Cache cleared",
			"update_s3": "S3 details updated", "reset_s3": "S3 details reset",
		} {
			t.helper("", base+"/"+op, says(message))
		}
	}
	for op, message := range map[string]string{
		"load_model": "model load started", "load_model_v2": "model load started", "load_vae": "vae load started",
		"verify_model": "model verified", "delete_model": "model deleted",
	} {
		t.helper("", root+"/"+op, says(message))
	}
	t.helper("", root+"/get_all_models", (*Server).serverModels)
	t.helper("", root+"/sync_models", (*Server).syncModels)
	t.helper("", root+"/schedulers_list", (*Server).schedulers)
	t.helper(http.MethodPost, root+"/upload_image", (*Server).uploadImage, "base64_image")
	t.helper(http.MethodPost, root+"/nsfw_image_check", (*Server).nsfwImageCheck, "init_image")
}

func (s *Server) systemDetails(*incoming) response {
	s.mu.Lock()
	defer s.mu.Unlock()
	return reply(http.StatusOK, struct {
		ModelCount int     `json:"model_count"`
		QueueTime  float64 `json:"queue_time"`
		Status     string  `json:"status"`
	}{len(models), float64(s.records.stats.Open), "ok"})
}

// clearQueue cancels the jobs of a server that are queued and not running.
func clearQueue(kind string) func(*Server, *incoming) response {
	return func(s *Server, _ *incoming) response {
		s.mu.Lock()
		defer s.mu.Unlock()
		for _, j := range append([]*serverJob(nil), s.jobs.waiting...) {
			if j.kind == kind {
				s.cancel(j)
			}
		}
		return done("Queue cleared")
	}
}

// serverModels answers without a status, as dedicated servers do.
func (s *Server) serverModels(*incoming) response {
	type loaded struct {
		ModelID  string `json:"model_id"`
		LoadData string `json:"load_data"`
	}
	list := make([]loaded, len(models))
	for i := range models {
		list[i] = loaded{models[i].ModelID, "loaded"}
	}
	return reply(http.StatusOK, struct {
		Models []loaded `json:"models"`
	}{list})
}

func (s *Server) syncModels(*incoming) response {
	ids := make([]string, len(models))
	for i := range models {
		ids[i] = models[i].ModelID
	}
	return reply(http.StatusOK, struct {
		ModelList []string `json:"model_list"`
	}{ids})
}

func (s *Server) schedulers(*incoming) response {
	return reply(http.StatusOK, struct {
		Schedulers []string `json:"schedulers"`
	}{[]string{"DDIMScheduler", "EulerDiscreteScheduler", "UniPCMultistepScheduler"}})
}
