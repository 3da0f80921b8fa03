package endpoint

import (
	"net/http"
	"net/url"
	"strings"
)

// Shape says how a fetch endpoint is called.
type Shape uint8

// The shapes of a fetch request.
const (
	ByPathID   Shape = iota // POST {path}/{id}, the key in the body
	ByBodyID                // POST {path}, "request_id" and the key in the body
	ByWorkflow              // GET {path}/{workflow}/runs/{execution}, the key in a header
)

// Fetch is one place results are fetched from.
type Fetch struct {
	Kind  string
	Code  byte // stands for the kind in callback tokens: append only, never reuse
	Path  string
	Shape Shape
}

// fetches is ordered by Code, which starts at 1; 0 means a kind outside the
// table, a RawRequest's fetch path.
var fetches = []Fetch{
	{"images", 1, "/v6/images/fetch", ByPathID},
	{"realtime", 2, "/v6/realtime/fetch", ByPathID},
	{"image_editing", 3, "/v6/image_editing/fetch", ByPathID},
	{"video", 4, "/v6/video/fetch", ByPathID},
	{"voice", 5, "/v6/voice/fetch", ByPathID},
	{"whisper", 6, "/v6/whisper/fetch", ByPathID},
	{"3d", 7, "/v6/3d/fetch", ByPathID},
	{"faceswap", 8, "/v6/faceswap/fetch", ByPathID},
	{"interior", 9, "/v6/interior/fetch", ByPathID},
	{"training", 10, "/v3/fine_tune_status", ByPathID},
	{"workflow", 11, "/v1/workflows", ByWorkflow},
	{"v7/images", 12, "/v7/images/fetch", ByPathID},
	{"v7/video-fusion", 13, "/v7/video-fusion/fetch", ByPathID},
	{"v7/voice", 14, "/v7/voice/fetch", ByPathID},
	{"enterprise", 15, "/v1/enterprise/fetch", ByBodyID},
	{"enterprise/realtime", 16, "/v1/enterprise/realtime/fetch", ByPathID},
	{"enterprise/flux", 17, "/v1/enterprise/flux/fetch", ByPathID},
	{"enterprise/flux_klein", 18, "/v1/enterprise/flux_klein/fetch", ByPathID},
	{"enterprise/flux_kontext_dev", 19, "/v1/enterprise/flux_kontext_dev/fetch", ByPathID},
	{"enterprise/z_image_turbo", 20, "/v1/enterprise/z_image_turbo/fetch", ByPathID},
	{"enterprise/qwen", 21, "/v1/enterprise/qwen/fetch", ByPathID},
	{"enterprise/image_editing", 22, "/v1/enterprise/image_editing/fetch", ByPathID},
	{"enterprise/face_gen", 23, "/v1/enterprise/face_gen/fetch", ByPathID},
	{"enterprise/flux_headshot", 24, "/v1/enterprise/flux_headshot/fetch", ByPathID},
	{"enterprise/super_resolution", 25, "/v1/enterprise/super_resolution/fetch", ByPathID},
	{"enterprise/video", 26, "/v1/enterprise/video/fetch", ByPathID},
	{"enterprise/ultra_video", 27, "/v1/enterprise/ultra_video/fetch", ByPathID},
	{"enterprise/image_to_video_ultra", 28, "/v1/enterprise/image_to_video_ultra/fetch", ByPathID},
	{"enterprise/voice", 29, "/v1/enterprise/voice/fetch", ByPathID},
	{"enterprise/speech_to_text", 30, "/v1/enterprise/speech_to_text/fetch", ByPathID},
	{"enterprise/text_to_speech", 31, "/v1/enterprise/text_to_speech/fetch", ByPathID},
	{"enterprise/3d", 32, "/v1/enterprise/3d/fetch", ByPathID},
	{"enterprise/faceswap", 33, "/v1/enterprise/faceswap/fetch", ByPathID},
	{"enterprise/interior", 34, "/v1/enterprise/interior/fetch", ByPathID},
	{"v8/images", 35, "/v8/images/fetch", ByPathID},
}

// aliases are fetch paths that other spellings of the API lead to.
var aliases = []struct{ path, kind string }{
	{"/v3/fetch", "images"},
	{"/v3/dreambooth/fetch", "images"},
	{"/v4/dreambooth/fetch", "images"},
	{"/v5/images/fetch", "images"},
	{"/v6/deepfake/fetch", "faceswap"},
	{"/v6/fashion/fetch", "image_editing"},
	{"/v1/enterprise/voice-cloning/fetch", "enterprise/voice"},
	{"/v1/enterprise/super-resolution/fetch", "enterprise/super_resolution"},
}

// Fetches returns every fetch row.
func Fetches() []Fetch { return fetches }

// FetchOf returns the fetch row of a kind.
func FetchOf(kind string) (*Fetch, bool) {
	for i := range fetches {
		if fetches[i].Kind == kind {
			return &fetches[i], true
		}
	}
	return nil, false
}

// KindOfCode returns the kind a callback token's code stands for, "" for none.
func KindOfCode(code byte) string {
	if code == 0 || int(code) > len(fetches) {
		return ""
	}
	return fetches[code-1].Kind
}

// CodeOf returns the code of a kind in callback tokens, 0 for none.
func CodeOf(kind string) byte {
	if f, ok := FetchOf(kind); ok {
		return f.Code
	}
	return 0
}

// KindOfFetchPath reads the kind and the id out of a URL path such as
// "/api/v6/video/fetch/123". The id is one path element.
func KindOfFetchPath(path string) (kind, id string, ok bool) {
	if at := strings.Index(path, "/api/"); at >= 0 {
		path = path[at+len("/api"):]
	}
	path = strings.TrimSuffix(path, "/")
	slash := strings.LastIndexByte(path, '/')
	if slash < 0 || slash == len(path)-1 {
		return "", "", false
	}
	path, id = path[:slash], path[slash+1:]
	for i := range fetches {
		if fetches[i].Path == path && fetches[i].Shape != ByWorkflow {
			return fetches[i].Kind, id, true
		}
	}
	for _, a := range aliases {
		if a.path == path {
			return a.kind, id, true
		}
	}
	return "", "", false
}

// Route is the call without the id of a job.
func (f *Fetch) Route() string {
	switch f.Shape {
	case ByBodyID:
		return http.MethodPost + " " + f.Path
	case ByWorkflow:
		return http.MethodGet + " " + f.Path + "/{workflow_id}/runs/{id}"
	default:
		return http.MethodPost + " " + f.Path + "/{id}"
	}
}

// Request is the method and path that fetch the job of that id.
func (f *Fetch) Request(id string) (method, path string) {
	switch f.Shape {
	case ByBodyID:
		return http.MethodPost, f.Path
	case ByWorkflow:
		workflow, execution, _ := strings.Cut(id, "/")
		return http.MethodGet, f.Path + "/" + url.PathEscape(workflow) + "/runs/" + url.PathEscape(execution)
	default:
		return http.MethodPost, f.Path + "/" + url.PathEscape(id)
	}
}
