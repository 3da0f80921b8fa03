package modelslabtest

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/modelslab-go/modelslab/internal/wire"
)

// reply is a JSON answer.
func reply(status int, v any) response {
	return response{status: status, header: http.Header{"Content-Type": {"application/json"}}, body: raw(v)}
}

// raw returns the JSON of a value. It panics on one that has none, which no value
// of this package is.
func raw(v any) json.RawMessage {
	text, err := json.Marshal(v)
	if err != nil {
		panic("modelslabtest: " + err.Error())
	}
	return text
}

func quote(s string) json.RawMessage { return wire.AppendString(nil, s) }

type failureReply struct {
	Status     string `json:"status"`
	Message    string `json:"message"`
	RetryAfter int    `json:"retry_after,omitzero"`
}

// tooMany is the answer to one request too many, with retry_after unless it is 0.
func tooMany(message string, retryAfter time.Duration) response {
	return reply(http.StatusTooManyRequests, failureReply{Status: "error", Message: message, RetryAfter: seconds(retryAfter)})
}

func failure(status int, message string) response {
	return reply(status, failureReply{Status: "error", Message: message})
}

func invalid(status int, field, fault string) response {
	return reply(status, struct {
		Status  string              `json:"status"`
		Message map[string][]string `json:"message"`
	}{"error", map[string][]string{field: {"The " + strings.ReplaceAll(field, "_", " ") + " field " + fault + "."}}})
}

// members returns the members of a JSON object.
func members(body []byte) (map[string]json.RawMessage, bool) {
	m := map[string]json.RawMessage{}
	err := wire.Object(string(body), func(name, value string) error {
		m[name] = json.RawMessage(value)
		return nil
	})
	return m, err == nil
}

// without returns a JSON object without some of its members, the rest in order.
func without(object []byte, names ...string) []byte {
	out := append(make([]byte, 0, len(object)), '{')
	err := wire.Object(string(object), func(name, value string) error {
		if slices.Contains(names, name) {
			return nil
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(append(wire.AppendString(out, name), ':'), value...)
		return nil
	})
	if err != nil {
		return object
	}
	return append(out, '}')
}

// text reads a JSON scalar as a string.
func text(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	return string(raw)
}
