package modelslabtest

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// The limits of base64_to_url: the size of a file, and how long it is kept.
const (
	maxUpload      = 5 << 20
	uploadLifetime = 24 * time.Hour
)

// uploadedFile is the content of a file and the time of its upload.
type uploadedFile struct {
	data []byte
	at   time.Time
}

type uploadReply struct {
	Status string          `json:"status"`
	ID     json.RawMessage `json:"id"`
	Output []string        `json:"output"`
}

// base64ToURL takes a file in the field of that name.
func base64ToURL(field string) func(*Server, *incoming) response {
	return func(s *Server, x *incoming) response {
		id, url, refusal := s.keep(x, x.str(field))
		if refusal != nil {
			return *refusal
		}
		return reply(http.StatusOK, uploadReply{"success", jsonID(id), []string{url}})
	}
}

// keep stores a file given as base64, with or without a data: prefix.
func (s *Server) keep(x *incoming, text string) (id, url string, refusal *response) {
	data, err := base64.StdEncoding.DecodeString(payload(text))
	switch {
	case err != nil || len(data) == 0:
		return "", "", new(failure(http.StatusOK, "Invalid base64 string"))
	case len(data) > maxUpload:
		return "", "", new(failure(http.StatusOK, "File size should be less than 5 MB"))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.jobs.lastID++
	id = strconv.FormatUint(s.jobs.lastID, 10)
	name := "upload-" + id + extensionOf(data)
	s.uploads[name] = uploadedFile{data, time.Now()}
	lifetime := uploadLifetime
	if s.config.retention > 0 {
		lifetime = min(lifetime, s.config.retention)
	}
	s.after(lifetime, func() { delete(s.uploads, name) })
	return id, x.origin + "/files/" + name, nil
}

func extensionOf(data []byte) string {
	switch http.DetectContentType(data) {
	case "image/png":
		return ".png"
	case "image/jpeg":
		return ".jpg"
	case "image/gif":
		return ".gif"
	case "image/webp":
		return ".webp"
	case "audio/wave":
		return ".wav"
	case "audio/mpeg":
		return ".mp3"
	case "video/mp4":
		return ".mp4"
	default:
		return ".bin"
	}
}

func (s *Server) base64Crop(x *incoming) response {
	id, url, refusal := s.keep(x, x.str("image"))
	if refusal != nil {
		return *refusal
	}
	return reply(http.StatusOK, struct {
		Status    string          `json:"status"`
		Messege   string          `json:"messege"`
		Link      string          `json:"link"`
		RequestID json.RawMessage `json:"request_id"`
	}{"success", "image uploaded", url, jsonID(id)})
}

func (s *Server) uploadImage(x *incoming) response {
	_, url, refusal := s.keep(x, x.str("base64_image"))
	if refusal != nil {
		return *refusal
	}
	return reply(http.StatusOK, struct {
		ImageURL string `json:"image_url"`
	}{url})
}
