package modelslabtest

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/modelslab-go/modelslab/internal/endpoint"
)

// mediaFields are the fields of requests that hold files.
var mediaFields = []string{
	"init_image", "init_image_2", "mask_image", "image", "face_image", "target_image", "reference_image", "cloth_image",
	"object_image", "control_image", "ip_adapter_image", "image_url", "init_audio", "target_audio", "init_video",
}

// badMedia refuses a file that is given in a way in which the endpoint does not
// take files, with the error of the API when it fails to read one.
func (x *incoming) badMedia(strict bool) (refusal response, bad bool) {
	if x.route.row == nil || x.route.call != Submit {
		return response{}, false
	}
	media, flag := x.route.row.Media, x.flag("base64")
	if !strict && x.takesInlineMedia() {
		media = endpoint.MediaInline
	}
	for _, name := range mediaFields {
		for _, value := range list(x.fields[name]) {
			isURL := strings.HasPrefix(value, "http://") || strings.HasPrefix(value, "https://")
			switch {
			case isURL && (media != endpoint.MediaFlag || !flag):
			case !flag && media != endpoint.MediaInline:
				return failure(http.StatusBadRequest, "Unable to fetch image from provided URL"), true
			case !isBase64(value):
				return failure(http.StatusBadRequest, "Invalid base64 string in "+name), true
			}
		}
	}
	return response{}, false
}

// counts are the fields that every page documents as a number.
var counts = []string{"width", "height", "samples"}

// misspelled returns a field with a value that the documentation does not have,
// null or a number as a string, and what it must be; "" for none.
func (x *incoming) misspelled() (field, want string) {
	for name, value := range x.fields {
		switch {
		case field != "" && field < name: // of several the first in order
		case string(value) == "null":
			field, want = name, "must not be null"
		case slices.Contains(counts, name) && value[0] == '"':
			field, want = name, "must be a number"
		}
	}
	return field, want
}

// list reads a text or a list of texts; empty ones do not count.
func list(raw json.RawMessage) []string {
	if raw == nil {
		return nil
	}
	var one string
	var many []string
	if json.Unmarshal(raw, &many) != nil && json.Unmarshal(raw, &one) == nil && one != "" {
		many = []string{one}
	}
	return many
}

func isBase64(s string) bool {
	_, err := base64.StdEncoding.DecodeString(payload(s))
	return err == nil
}

// payload returns the base64 of a data URL, and any other text unchanged.
func payload(s string) string {
	if _, rest, ok := strings.Cut(s, ";base64,"); ok && strings.HasPrefix(s, "data:") {
		return rest
	}
	return s
}
