package body

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// ErrDataURI is a data URI that does not decode.
var ErrDataURI = errors.New("media: malformed data URI")

// IsDataURI reports whether a URL holds its content itself.
func IsDataURI(url string) bool {
	return len(url) >= len("data:") && strings.EqualFold(url[:len("data:")], "data:")
}

// FromDataURI is the file in a data URI, in base64 of any alphabet or percent
// encoded. A percent sign that begins no escape stands for itself.
func FromDataURI(uri string) (*Source, error) {
	if !IsDataURI(uri) {
		return nil, fmt.Errorf("%w: it does not start with \"data:\"", ErrDataURI)
	}
	head, text, ok := strings.Cut(uri[len("data:"):], ",")
	if !ok {
		return nil, fmt.Errorf("%w: it has no comma", ErrDataURI)
	}
	s := &Source{declared: mediaType(head), data: unescape(text)}
	params := strings.Split(head, ";")
	if last := len(params) - 1; last == 0 || !strings.EqualFold(strings.TrimSpace(params[last]), "base64") {
		return s, nil
	}
	data, err := decodeBase64(s.data)
	if err != nil {
		return nil, err
	}
	s.data = data
	return s, nil
}

// DataURI is the content as a data URI, with the type that one declared that it
// came from.
func (s *Source) DataURI() (string, error) {
	data, err := s.Bytes()
	if err != nil {
		return "", err
	}
	return "data:" + s.declared + ";base64," + base64.StdEncoding.EncodeToString(data), nil
}

// mediaType is the type before the parameters, "" unless it is letters, digits
// and signs that need no quotes anywhere.
func mediaType(head string) string {
	t, _, _ := strings.Cut(head, ";")
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

// decodeBase64 decodes the standard or the URL alphabet, with or without
// padding and white space.
func decodeBase64(text []byte) ([]byte, error) {
	padded := bytes.Map(func(r rune) rune {
		switch r {
		case ' ', '\t', '\r', '\n':
			return -1
		case '-':
			return '+'
		case '_':
			return '/'
		default:
			return r
		}
	}, text)
	plain := bytes.TrimRight(padded, "=")
	if n := len(padded) - len(plain); n > 2 || n > 0 && len(padded)%4 != 0 {
		return nil, fmt.Errorf("%w: its padding is wrong", ErrDataURI)
	}
	data, err := base64.RawStdEncoding.AppendDecode(nil, plain)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDataURI, err)
	}
	return data, nil
}
