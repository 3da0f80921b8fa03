package modelslabtest

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"hash/fnv"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/modelslab-go/modelslab/internal/endpoint"
)

// outputExt returns the extension of the files that the request produces, "" for a
// text in the answer itself.
func outputExt(x *incoming) string {
	op := lastElement(x.route.row.Path)
	switch op {
	case "caption":
		return ""
	case "speech_to_text", "speech-to-text", "transcribe", "lyrics_generator":
		return "txt"
	case "single_video_swap", "specific_video_swap", "create_dubbing", "create-dubbing":
		return "mp4"
	case "text2video":
		if x.Kind == "video" && x.str("output_type") != "mp4" {
			return "gif"
		}
	}
	if format := formats[x.str("output_format")]; format != "" {
		return format
	}
	switch lastElement(x.route.row.Kind) { // the product
	case "video", "video-fusion":
		return "mp4"
	case "voice", "whisper", "audio":
		return "wav"
	case "3d":
		return "glb"
	default:
		return "png"
	}
}

// formats are the values of output_format that make a difference.
var formats = map[string]string{
	"mp3": "mp3", "flac": "flac", "wav": "wav", "obj": "obj", "ply": "ply", "stl": "stl", "glb": "glb", "mp4": "mp4",
}

// flagIsForOutput reports whether "base64": true makes the outputs text files.
// Elsewhere it announces that the input is base64.
func flagIsForOutput(row *endpoint.Endpoint) bool {
	return row.Media != endpoint.MediaFlag
}

// variant hashes the fields that make the outputs of one request differ from
// those of another.
func variant(x *incoming) uint64 {
	h := fnv.New64a()
	for _, name := range []string{"prompt", "text", "seed", "model_id", "init_image", "init_audio", "init_video"} {
		h.Write(x.fields[name])
		h.Write([]byte{0})
	}
	return h.Sum64()
}

// outputs are the URLs of what the job produces, ready or not.
func (j *serverJob) outputs() []string {
	if j.ext == "" {
		return nil
	}
	ext := j.ext
	if j.base64 {
		ext = "base64"
	}
	urls := make([]string, j.count)
	for i := range urls {
		urls[i] = fmt.Sprintf("%s/files/%s-%d.%s", j.origin, j.id, i, ext)
	}
	return urls
}

func (j *serverJob) caption() string {
	return fmt.Sprintf("a picture in the colour #%06x", j.prompt&0xffffff)
}

// content is the i-th file of the job.
func (j *serverJob) content(i int) []byte {
	hash := j.prompt
	for range i {
		hash = hash*6364136223846793005 + 1442695040888963407
	}
	var data []byte
	switch j.ext {
	case "png":
		data = pngFile(hash, j.width, j.height)
	case "gif":
		data = gifFile(hash)
	case "wav":
		data = wavFile(hash)
	case "glb":
		data = glbFile(hash)
	default:
		data = files[j.ext]
	}
	if j.base64 {
		return []byte(base64.StdEncoding.EncodeToString(data))
	}
	return data
}

// file serves an output or an upload.
func (s *Server) file(x *incoming) response {
	data, modified, ok := s.open(x.args[0])
	if !ok {
		return response{
			status: http.StatusNotFound, header: http.Header{"Content-Type": {"text/html; charset=utf-8"}},
			body: []byte("<html><body>404 Not Found</body></html>"),
		}
	}
	w := &capture{header: http.Header{}}
	w.header.Set("Etag", fmt.Sprintf(`"%x"`, s.hash(x.args[0], data)))
	if strings.HasSuffix(x.args[0], ".base64") {
		w.header.Set("Content-Type", "text/plain; charset=utf-8")
	}
	http.ServeContent(w, x.http, x.args[0], modified, bytes.NewReader(data))
	return response{status: w.status, header: w.header, body: w.body.Bytes()}
}

// open returns the content of a file that is ready.
func (s *Server) open(name string) (data []byte, modified time.Time, ok bool) {
	s.mu.Lock()
	if u, ok := s.uploads[name]; ok {
		s.mu.Unlock()
		return u.data, u.at, true
	}
	stem, ext, _ := strings.Cut(name, ".")
	dash := strings.LastIndexByte(stem, '-')
	i, err := strconv.Atoi(stem[dash+1:])
	if err != nil || dash < 0 {
		s.mu.Unlock()
		return nil, time.Time{}, false
	}
	j := s.jobs.byID[stem[:dash]]
	ready := j != nil && j.state == succeeded && i >= 0 && i < j.count &&
		(ext == "base64") == j.base64 && time.Since(j.ended) >= j.fault.NotReady
	s.mu.Unlock()
	if !ready {
		return nil, time.Time{}, false
	}
	return j.content(i), j.ended, true
}
