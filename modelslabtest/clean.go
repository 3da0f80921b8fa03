package modelslabtest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/modelslab-go/modelslab/internal/wire"
)

// What stands in recordings for what they must not hold.
const (
	keyMark      = "[key]"
	callbackMark = "[callback]"
)

// secrets are what a recording must not hold.
type secrets struct {
	keys      []string
	callbacks []string
}

// add takes a callback URL without its query, since echoes of it lack some of that.
func (s *secrets) add(key, callback string) {
	callback, _, _ = strings.Cut(callback, "?")
	if key != "" && !slices.Contains(s.keys, key) {
		s.keys = append(s.keys, key)
	}
	if callback != "" && callback != callbackMark && !slices.Contains(s.callbacks, callback) {
		s.callbacks = append(s.callbacks, callback)
	}
}

// queries are those of URLs in a text, which may sign them.
var queries = []*regexp.Regexp{
	regexp.MustCompile(`(?i)(https?:(?:\\*/){2}[^\s"'<>?]*)\?[^\s"'<>]*`),
	regexp.MustCompile(`(?i)(https?%3a[^\s"'<>?&]*?)%3f[^\s"'<>&]*`),
}

// text cleans a text that is not JSON, or a string of JSON.
func (s *secrets) text(text string) string {
	for _, query := range queries {
		text = query.ReplaceAllString(text, "$1")
	}
	for _, callback := range s.callbacks {
		text = replaceSpellings(text, callback, callbackMark)
	}
	for _, key := range s.keys {
		text = replaceSpellings(text, key, keyMark)
	}
	return wire.BlankTokens(text)
}

// replaceSpellings replaces a text, and that text as JSON and as URLs spell it.
func replaceSpellings(text, old, mark string) string {
	inJSON := string(wire.AppendString(nil, old))
	inJSON = inJSON[1 : len(inJSON)-1]
	for _, spelling := range []string{old, inJSON, strings.ReplaceAll(inJSON, "/", `\/`), url.QueryEscape(old), url.PathEscape(old)} {
		text = strings.ReplaceAll(text, spelling, mark)
	}
	return text
}

// json cleans every string of a JSON text. It is not ok for a text that is not
// JSON.
func (s *secrets) json(text string) (clean string, ok bool) {
	if wire.Valid(text) != nil {
		return "", false
	}
	return mapStrings(text, s.text), true
}

// request cleans the body of a request, without the key. Texts over 4 KB, which
// are files, become their hashes.
func (s *secrets) request(body []byte) json.RawMessage {
	const longest = 4 << 10
	short := func(text string) string {
		if len(text) > longest {
			sum := sha256.Sum256([]byte(text))
			return "sha256:" + hex.EncodeToString(sum[:])
		}
		return s.text(text)
	}
	switch {
	case len(body) == 0:
		return nil
	case wire.Valid(string(body)) != nil:
		return quote(short(string(body)))
	default:
		return json.RawMessage(mapStrings(string(without(body, "key")), short))
	}
}

// mapStrings changes every string of a valid JSON text, names of members too, and
// leaves numbers as they are spelled.
func mapStrings(text string, change func(string) string) string {
	return mapScalars(text, func(scalar string) string {
		if scalar[0] != '"' {
			return scalar
		}
		return string(quote(change(wire.Scalar(scalar))))
	})
}

// mapScalars changes every string, number, boolean and null of a valid JSON text,
// as they are spelled, and every name of a member. The rest becomes compact.
func mapScalars(text string, change func(scalar string) string) string {
	text = strings.TrimSpace(text)
	switch text[0] {
	case '[':
		out := []byte{'['}
		_ = wire.Array(text, func(value string) error {
			out = append(append(out, mapScalars(value, change)...), ',')
			return nil
		})
		return string(append(bytes.TrimSuffix(out, []byte(",")), ']'))
	case '{':
		out := []byte{'{'}
		_ = wire.Object(text, func(name, value string) error {
			out = append(append(out, change(string(quote(name)))...), ':')
			out = append(append(out, mapScalars(value, change)...), ',')
			return nil
		})
		return string(append(bytes.TrimSuffix(out, []byte(",")), '}'))
	default:
		return change(text)
	}
}
