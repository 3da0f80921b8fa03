package lambda

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"unicode/utf8"
)

// responseRecorder keeps what the handler answers.
type responseRecorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func newResponseRecorder() *responseRecorder { return &responseRecorder{header: http.Header{}} }

func (w *responseRecorder) Header() http.Header { return w.header }

func (w *responseRecorder) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
}

func (w *responseRecorder) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(p)
}

// httpResponse is an answer in any of the formats.
type httpResponse struct {
	StatusCode        int                 `json:"statusCode"`
	StatusDescription string              `json:"statusDescription,omitempty"`
	Headers           map[string]string   `json:"headers,omitempty"`
	MultiValueHeaders map[string][]string `json:"multiValueHeaders,omitempty"`
	Cookies           []string            `json:"cookies,omitempty"`
	Body              string              `json:"body"`
	IsBase64Encoded   bool                `json:"isBase64Encoded"`
}

// response is what was recorded, as its source wants it. A load balancer takes
// the headers in the form in which it sends them.
func (w *responseRecorder) response(to source, multiValue bool) httpResponse {
	w.WriteHeader(http.StatusOK)
	out := httpResponse{StatusCode: w.status, Body: w.body.String()}
	if !utf8.ValidString(out.Body) {
		out.Body, out.IsBase64Encoded = base64.StdEncoding.EncodeToString(w.body.Bytes()), true
	}
	if to == loadBalancer {
		out.StatusDescription = fmt.Sprintf("%d %s", w.status, http.StatusText(w.status))
	}
	if to == payload1 || to == loadBalancer && multiValue {
		out.MultiValueHeaders = w.header
		return out
	}
	out.Headers = map[string]string{}
	for name, values := range w.header {
		if to == payload2 && name == "Set-Cookie" {
			out.Cookies = values
			continue
		}
		out.Headers[name] = strings.Join(values, ",")
	}
	return out
}
