package modelslabtest

import (
	"cmp"
	"encoding/json"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/modelslab-go/modelslab/internal/endpoint"
)

// jobReply has every member that answers about jobs have.
type jobReply struct {
	Status         string          `json:"status"`
	Tip            string          `json:"tip,omitzero"`
	ETA            json.RawMessage `json:"eta,omitzero"`
	Message        string          `json:"message,omitzero"`
	Messege        string          `json:"messege,omitzero"` // the API's other spelling
	WebhookStatus  *string         `json:"webhook_status,omitzero"`
	FetchResult    string          `json:"fetch_result,omitzero"`
	GenerationTime float64         `json:"generationTime,omitzero"`
	ID             json.RawMessage `json:"id,omitzero"`
	TaskID         string          `json:"taskId,omitzero"`
	FileID         string          `json:"fileId,omitzero"`
	Output         any             `json:"output,omitzero"` // a list, a text, or "" while there is none
	Links          []string        `json:"links,omitzero"`
	ProxyLinks     any             `json:"proxy_links,omitzero"`
	FutureLinks    []string        `json:"future_links,omitzero"`
	TrackID        json.RawMessage `json:"track_id,omitzero"` // of webhooks
	Meta           json.RawMessage `json:"meta,omitzero"`
}

const tip = "Your request is processed in the background, use the fetch API or a webhook to get the result."

// submitReply is the answer to a submit.
func (s *Server) submitReply(j *serverJob) response {
	r := jobReply{ID: jsonID(j.bodyID), WebhookStatus: new(""), Meta: j.meta}
	switch {
	case j.state == failed:
		return reply(http.StatusOK, jobReply{Status: "failed", ID: r.ID, Message: j.fault.Fail, Output: ""})
	case j.state == succeeded:
		r.Status, r.GenerationTime = "success", took(j)
		j.result(&r)
	case j.op == "sfx" && j.kind == "enterprise/voice":
		r = jobReply{
			Status: "queued", ETA: s.eta(j), FileID: j.id + "-0", TaskID: j.bodyID, Links: j.outputs(),
			Message: "Request has been queued", ProxyLinks: []string{},
		}
	default:
		r.Status, r.Tip, r.ETA = "processing", tip, s.eta(j)
		r.Message = "Try to fetch request after given estimated time"
		if j.op == "controlnet" {
			r.Messege, r.Message = r.Message, ""
		}
		r.FetchResult = j.origin + "/api" + j.fetchPath()
		r.FutureLinks = j.outputs()
		r.Output = []string{}
		if j.kind == "images" && (j.op == "controlnet" || j.op == "text2img") {
			r.Output = ""
		}
	}
	return reply(http.StatusOK, r)
}

// fetchPath is the path of a job's fetch_result.
func (j *serverJob) fetchPath() string {
	kind := j.kind
	if j.op == "speech_to_text" && kind == "voice" {
		kind = "whisper"
	}
	if f, ok := endpoint.FetchOf(kind); ok {
		return f.Path + "/" + j.id
	}
	if strings.HasPrefix(kind, "enterprise/") {
		kind = "v1/" + kind
	}
	return "/" + kind + "/fetch/" + j.id
}

// fetch answers the state of a job.
func (s *Server) fetch(x *incoming) response {
	id := cmp.Or(x.str("request_id"), x.str("id"))
	if len(x.args) > 0 {
		id = x.args[0]
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.records.stats.Fetches++
	j := s.jobs.byID[id]
	if j == nil || !sameKind(j.kind, x.Kind) {
		return requestNotFound()
	}
	switch j.state {
	case succeeded:
		r := jobReply{Status: "success", ID: jsonID(j.id), Tip: tip}
		j.result(&r)
		if j.kind == "faceswap" {
			r.ProxyLinks = json.RawMessage("null")
		}
		return reply(http.StatusOK, r)
	case failed, cancelled:
		return reply(http.StatusOK, jobReply{
			Status: "failed", ID: json.RawMessage(`""`), Message: j.reason(), Output: "",
		})
	case queued, running:
	}
	r := jobReply{Status: "processing", Message: "try again later.", Output: "", Tip: tip}
	if j.fault.FreshETA && j.state == running {
		r.ETA = j.etaJSON(time.Until(j.started.Add(j.latency)))
	}
	return reply(http.StatusOK, r)
}

// sameKind takes whisper for voice: transcriptions can be fetched from both.
func sameKind(a, b string) bool {
	if a == "whisper" {
		a = "voice"
	}
	if b == "whisper" {
		b = "voice"
	}
	return a == b
}

func (j *serverJob) reason() string {
	if j.state == cancelled {
		return "Request cancelled"
	}
	return j.fault.Fail
}

// result adds the outputs, under the name that the product has for them.
func (j *serverJob) result(r *jobReply) {
	urls := j.outputs()
	switch {
	case j.ext == "":
		r.Output = j.caption()
		return
	case j.op == "voice_cover":
		r.Links = urls
	case j.kind == "enterprise" && j.op == "super_resolution":
		r.Output = urls[0]
	default:
		r.Output = urls
	}
	r.ProxyLinks = j.proxyLinks(urls)
}

// proxyLinks returns the links in the form that the product's page shows.
func (j *serverJob) proxyLinks(urls []string) any {
	switch j.kind {
	case "image_editing":
		switch j.op {
		case "outpaint", "removebg_mask", "super_resolution", "object_removal", "mask_creator":
			return ""
		}
	case "enterprise/super_resolution":
		return urls[0]
	case "images":
		byIndex := map[string]string{}
		for i, url := range urls {
			byIndex[strconv.Itoa(i)] = url
		}
		return byIndex
	}
	return urls
}

// eta is the ETA of an answer: the time that the job and those before it take.
func (s *Server) eta(j *serverJob) json.RawMessage {
	if j.fault.ETA != "" {
		return json.RawMessage(j.fault.ETA)
	}
	d := j.latency
	if i := slices.Index(s.jobs.waiting, j); i > 0 {
		for _, before := range s.jobs.waiting[:i] {
			d += before.latency
		}
	}
	if j.fault.ETAFactor > 0 {
		d = time.Duration(float64(d) * j.fault.ETAFactor)
	}
	return j.etaJSON(d)
}

// etaJSON is an ETA in seconds: a whole number, save for images, whose ETA has a
// fraction, and for times under a second.
func (j *serverJob) etaJSON(d time.Duration) json.RawMessage {
	if d >= time.Second && j.kind != "images" && j.kind != "realtime" {
		d = time.Duration(seconds(d)) * time.Second
	}
	return strconv.AppendFloat(nil, math.Round(d.Seconds()*1e6)/1e6, 'f', -1, 64)
}

// took is the generation time in seconds.
func took(j *serverJob) float64 {
	return max(j.ended.Sub(j.started).Seconds(), 0.001)
}

// jsonID spells an id as the API does: a number where it is one.
func jsonID(id string) json.RawMessage {
	if _, err := strconv.ParseInt(id, 10, 64); err == nil {
		return json.RawMessage(id)
	}
	return quote(id)
}
