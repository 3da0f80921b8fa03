package body

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"

	"github.com/modelslab-go/modelslab/internal/base64text"
)

// ErrDataURI is a data URI that does not decode.
var ErrDataURI = errors.New("media: malformed data URI")

// FromDataURI is the file in a data URI.
func FromDataURI(uri string) (*Source, error) {
	contentType, content, ok := base64text.FromDataURI(uri)
	if !ok {
		return nil, ErrDataURI
	}
	data, err := io.ReadAll(content)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDataURI, err)
	}
	return &Source{data: data, declared: contentType}, nil
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
