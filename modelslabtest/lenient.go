package modelslabtest

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/modelslab-go/modelslab/internal/endpoint"
)

// The functions of this file serve clients that send something else than the
// documentation says. A strict server uses none of them.

// undocumented are operations of v6 that programs use and no page describes.
var undocumented = []string{
	"/v6/image_editing/blip_diffusion", "/v6/image_editing/magic_mix", "/v6/video/kling_motion_control",
}

// guess returns a route for a path that is in no table: any operation of v7 and
// v8, and on enterprise servers the operations of the public API.
func guess(path string) (*route, []string) {
	switch e := strings.Split(path[1:], "/"); {
	case path == "/v7/llm/chat/completions":
		return &route{call: Helper, method: http.MethodPost, required: []string{"messages"}, serve: (*Server).chat}, nil
	case path == "/v6/realtime/upload":
		return &route{call: Helper, method: http.MethodPost, required: []string{"file"}, serve: base64ToURL("file")}, nil
	case slices.Contains(undocumented, path):
		return genericRoute(e[1], path), nil
	case (e[0] == "v7" || e[0] == "v8") && len(e) >= 3 && e[1] != "llm":
		kind := e[0] + "/" + e[1]
		switch {
		case e[2] == "fetch" && len(e) <= 4:
			return fetchRoute(kind), unescaped(e[3:])
		case len(e) == 3:
			return genericRoute(kind, path), nil
		}
	case len(e) >= 4 && e[0] == "v1" && e[1] == "enterprise":
		kind := "enterprise/" + e[2]
		switch {
		case e[3] == "fetch" && len(e) <= 5:
			return fetchRoute(kind), unescaped(e[4:])
		case len(e) == 4:
			return enterpriseRoute(kind, e[2], e[3]), nil
		}
	}
	return nil, nil
}

// enterpriseRoute returns the public API's operation as a dedicated server has it:
// that of the product with the server's name, or of images, since servers are
// named after models too. It is nil where there is none.
func enterpriseRoute(kind, server, op string) *route {
	for _, product := range []string{server, "images"} {
		path := canonical("/v6/" + product + "/" + op)
		public, _ := table().lookUp(path)
		if public == nil && slices.Contains(undocumented, path) {
			public = genericRoute(kind, path)
		}
		if public != nil && public.call == Submit {
			dedicated := *public
			dedicated.kind = kind
			return &dedicated
		}
	}
	return nil
}

// genericRoute returns a submit that requires no parameters.
func genericRoute(kind, path string) *route {
	return &route{
		call: Submit, kind: kind, method: http.MethodPost, serve: (*Server).submit,
		row: &endpoint.Endpoint{Kind: kind, Method: http.MethodPost, Path: path, Media: endpoint.MediaInline},
	}
}

func fetchRoute(kind string) *route {
	return &route{call: Fetch, kind: kind, serve: (*Server).fetch}
}

// unescaped decodes the arguments of a path.
func unescaped(elements []string) []string {
	for i, e := range elements {
		if text, err := url.PathUnescape(e); err == nil {
			elements[i] = text
		}
	}
	return elements
}

// fieldAliases are the names under which other clients send a required field,
// by the end of the path and the field. "" stands for clients that leave it out.
var fieldAliases = map[string][]string{
	"text_to_speech prompt":                {"text"},
	"text_to_speech voice_id":              {""},
	"text_to_speech language":              {""},
	"text_to_audio prompt":                 {"text"},
	"text-to-speech prompt":                {"text"},
	"text-to-speech voice_id":              {""},
	"speech-to-speech voice_id":            {""},
	"speech_to_text init_audio":            {"audio_url", "audio"},
	"speech_to_text language":              {"input_language", "audio_url", "audio", ""},
	"create-dubbing init_audio":            {"init_video"},
	"create-dubbing target_language":       {"output_lang"},
	"song-inpaint prompt":                  {"lyrics", "sections"},
	"song-inpaint lyrics":                  {""},
	"song-inpaint sections":                {""},
	"song-extender extend_duration":        {""},
	"motion-control init_video":            {""},
	"motion-control character_orientation": {""},
	"voice_cover model_id":                 {""},
	"image_to_3d init_image":               {"image"},
	"image_to_3d image":                    {"init_image"},
	"background-removal image_url":         {"init_image"},
	"text2video_ultra model_id":            {""},
	"img2video_ultra model_id":             {""},
	"fashion cloth_type":                   {""},
	"flux_headshot seed":                   {""},
	"scenario_changer scenario":            {""},
	"scenario_changer prompt":              {""},
}

// forgives reports whether the API answers requests without a field that is
// documented as required.
func (x *incoming) forgives(field string) bool {
	if x.route.row == nil {
		return false
	}
	if field == "model_id" && hasPrefix(x.Path, "/v3/", "/v7/", "/v8/") {
		return true // it has a default there
	}
	for _, alias := range fieldAliases[lastElement(x.route.row.Path)+" "+field] {
		if alias == "" || x.has(alias) {
			return true
		}
	}
	return false
}

// takesInlineMedia reports whether the path takes files as base64 without a flag
// that announces it.
func (x *incoming) takesInlineMedia() bool { return hasPrefix(x.Path, "/v3/", "/v4/", "/v7/", "/v8/") }

func hasPrefix(path string, prefixes ...string) bool {
	return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(path, p) })
}

// readForm parses a body of an HTML form. Files become base64.
func (x *incoming) readForm(body []byte) bool {
	kind, params, err := mime.ParseMediaType(x.header.Get("Content-Type"))
	if err != nil {
		return false
	}
	switch kind {
	case "application/x-www-form-urlencoded":
		values, err := url.ParseQuery(string(body))
		if err != nil {
			return false
		}
		x.fields = map[string]json.RawMessage{}
		x.fill(values)
		return true
	case "multipart/form-data":
		return x.readMultipart(multipart.NewReader(bytes.NewReader(body), params["boundary"]))
	}
	return false
}

func (x *incoming) readMultipart(parts *multipart.Reader) bool {
	x.fields = map[string]json.RawMessage{}
	for {
		part, err := parts.NextPart()
		if err != nil {
			return err == io.EOF //nolint:errorlint // NextPart returns it as it is
		}
		data, err := io.ReadAll(part)
		if err != nil {
			return false
		}
		value := string(data)
		if part.FileName() != "" {
			value = base64.StdEncoding.EncodeToString(data)
		}
		x.fields[part.FormName()] = quote(value)
	}
}

// fill adds the values of fields that the request does not have.
func (x *incoming) fill(values url.Values) {
	for name, value := range values {
		if _, ok := x.fields[name]; !ok && len(value) > 0 {
			x.fields[name] = quote(value[0])
		}
	}
}

// chat answers a chat completion, which is synchronous.
func (s *Server) chat(x *incoming) response {
	type message struct {
		Role    string `json:"role"`
		Content string `json:"content"`
	}
	type choice struct {
		Index        int     `json:"index"`
		Message      message `json:"message"`
		FinishReason string  `json:"finish_reason"`
	}
	s.mu.Lock()
	id := s.newID()
	s.mu.Unlock()
	return reply(http.StatusOK, struct {
		ID      string   `json:"id"`
		Object  string   `json:"object"`
		Created int64    `json:"created"`
		Model   string   `json:"model"`
		Choices []choice `json:"choices"`
	}{"chatcmpl-" + id, "chat.completion", x.Time.Unix(), x.str("model"), []choice{
		{0, message{"assistant", "The quick brown fox jumps over the lazy dog."}, "stop"},
	}})
}
