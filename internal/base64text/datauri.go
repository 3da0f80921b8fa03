package base64text

import (
	"bytes"
	"encoding/hex"
	"io"
	"strings"
)

// IsDataURI reports whether a URL holds its content itself.
func IsDataURI(url string) bool {
	return len(url) >= len("data:") && strings.EqualFold(url[:len("data:")], "data:")
}

// FromDataURI returns the declared type of a data URI, "" for none, and its
// content, which is base64 as [NewReader] takes it or percent encoded. A percent
// sign that begins no escape stands for itself. It is not ok without a comma.
func FromDataURI(uri string) (contentType string, content io.Reader, ok bool) {
	if !IsDataURI(uri) {
		return "", nil, false
	}
	head, text, ok := strings.Cut(uri[len("data:"):], ",")
	if !ok {
		return "", nil, false
	}
	content = bytes.NewReader(unescape(text))
	params := strings.Split(head, ";")
	if last := len(params) - 1; last > 0 && strings.EqualFold(strings.TrimSpace(params[last]), "base64") {
		content = NewReader(content)
	}
	return mediaType(params[0]), content, true
}

// mediaType is a type without parameters, "" unless it is letters, digits and
// signs that need no quotes anywhere.
func mediaType(t string) string {
	t = strings.ToLower(strings.TrimSpace(t))
	if strings.Trim(t, "abcdefghijklmnopqrstuvwxyz0123456789+-./") != "" || strings.Count(t, "/") != 1 {
		return ""
	}
	return t
}

// unescape decodes percent escapes.
func unescape(text string) []byte {
	b := make([]byte, 0, len(text))
	for {
		before, after, escaped := strings.Cut(text, "%")
		b, text = append(b, before...), after
		if !escaped {
			return b
		}
		if c, err := hex.DecodeString(after[:min(2, len(after))]); err == nil && len(c) == 1 {
			b, text = append(b, c[0]), after[2:]
		} else {
			b = append(b, '%')
		}
	}
}
