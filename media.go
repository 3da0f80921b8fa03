package modelslab

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/modelslab-go/modelslab/internal/base64text"
	"github.com/modelslab-go/modelslab/internal/body"
	"github.com/modelslab-go/modelslab/internal/encode"
)

// Media is an input file: an image, a video or a sound. The zero value means
// unset. A web URL is passed on for ModelsLab to fetch; everything else is streamed
// to it, as base64 in the request or as an upload just before, whichever the
// endpoint takes. Uploads are limited to 5 MB, and made once for all requests
// with the same content within 23 hours; where an endpoint has a base64 flag
// for its results as well, a larger file goes into the request with the flag
// set, and the results are base64 text, which Save decodes.
type Media struct {
	url    string
	source *body.Source // of a local file
}

// filer is a Media, reached through what it does so that a program without
// input files does not link what handles them.
type filer interface {
	file() encode.LocalFile
	// put uploads the content and returns its URL.
	put(ctx context.Context, c *Client, op, field string) (string, error)
}

// fileOf makes an [encode.LocalFile] of a Media or the pointer to one.
func fileOf(field any) (encode.LocalFile, bool) {
	f, ok := field.(filer)
	if !ok {
		return encode.LocalFile{}, false
	}
	return f.file(), true
}

// MediaURL is a file on the web. ModelsLab fetches it, so it must be public. A
// data: URI is taken as the bytes that it holds, as with [MediaBytes]. Anything
// that is no http or https URL, such as a path, makes the request that uses it
// fail with ErrInvalid before it is sent: local files want [MediaFile].
func MediaURL(url string) Media {
	url = strings.TrimSpace(url)
	if source, err := body.FromDataURI(url); err == nil {
		return Media{source: source}
	}
	return Media{url: url}
}

// MediaBytes is a file in memory. The bytes must not change until the call
// that sends them has returned.
func MediaBytes(data []byte) Media {
	return Media{source: body.FromBytes(data)}
}

// MediaReader is a file of size bytes read from r, which must hold no more and
// no less. Where r is an [io.Seeker] the request can be repeated after a
// refusal; any other reader is read once, and its request is sent once. One
// call at a time may use it. When that call is cancelled, a Read of a reader
// that cannot seek may still be under way.
func MediaReader(r io.Reader, size int64) Media { return Media{source: body.FromReader(r, size)} }

// MediaFile is a file on disk, opened when the request is sent. The path ""
// leaves the Media unset.
func MediaFile(path string) Media {
	if path == "" {
		return Media{}
	}
	return Media{source: body.FromFile(path)}
}

// IsZero reports whether the Media is unset.
func (m Media) IsZero() bool { return m == Media{} }

func (m Media) local() bool { return m.source != nil }

// String describes the source without its content.
func (m Media) String() string {
	switch {
	case m.source != nil:
		return m.source.String()
	case m.url != "":
		return m.url
	default:
		return "unset"
	}
}

func (m Media) file() encode.LocalFile {
	if m.source == nil {
		return encode.LocalFile{URL: m.url} // a nil *Source would be Content
	}
	return encode.LocalFile{Content: m.source}
}

func (m Media) put(ctx context.Context, c *Client, op, field string) (string, error) {
	return c.upload(ctx, op, field, m)
}

// MarshalJSON writes the URL, or the content as a data URI.
func (m Media) MarshalJSON() ([]byte, error) {
	if !m.local() {
		return json.Marshal(m.url)
	}
	uri, err := m.source.DataURI()
	if err != nil {
		return nil, err
	}
	return json.Marshal(uri)
}

// UnmarshalJSON reads what MarshalJSON writes. A string that is no data URI is
// taken as [MediaURL] takes it.
func (m *Media) UnmarshalJSON(text []byte) error {
	var s string
	if err := json.Unmarshal(text, &s); err != nil {
		return fmt.Errorf("media: %w", err)
	}
	if !base64text.IsDataURI(s) {
		*m = MediaURL(s)
		return nil
	}
	source, err := body.FromDataURI(s)
	if err != nil {
		return err
	}
	*m = Media{source: source}
	return nil
}
