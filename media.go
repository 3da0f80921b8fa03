package modelslab

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// Media is an input file: an image, a video or a sound. The zero value means
// unset. A URL is passed on for ModelsLab to fetch; everything else is streamed
// to it, as base64 in the request or as an upload just before, whichever the
// endpoint takes. Uploads are limited to 5 MB, and made once for all requests
// with the same content within 23 hours; where an endpoint has a base64 flag
// for its results as well, a larger file goes into the request with the flag
// set, and the results are base64 text, which Save decodes.
type Media struct {
	url  string
	data []byte
	path string
	read *mediaReader
}

// file is what the rest of the package knows of a Media. It asks through this
// interface alone, so that a program without input files does not link what
// handles them.
type file interface {
	IsZero() bool
	local() bool     // not a URL
	address() string // the URL
	// gap is where the content goes in a body, and its type when that is asked for.
	gap(identified bool) (g gap, contentType string, err error)
	// put uploads the content and returns its URL.
	put(ctx context.Context, c *Client, op, field string) (string, error)
}

// content is what a body knows of it.
type content interface {
	repeatable() bool // open works more than once
	open() (io.ReadCloser, error)
	// stream reads the whole body that the content is part of. It is asked for
	// here for the sake of the linker, as everything about files is.
	stream(b *body) (io.ReadCloser, error)
}

type mediaReader struct {
	r     io.Reader
	size  int64
	start int64 // where a seekable reader stood when it was handed over
	used  bool
}

// MediaURL is a file on the web. ModelsLab fetches it, so it must be public.
func MediaURL(url string) Media { return Media{url: url} }

// MediaBytes is a file in memory. The bytes must not change until the call
// that sends them has returned.
func MediaBytes(data []byte) Media {
	if data == nil {
		data = []byte{}
	}
	return Media{data: data}
}

// MediaReader is a file of size bytes read from r, which must hold no more and
// no less. Where r is an [io.Seeker] the request can be repeated after a
// refusal; any other reader is read once, and its request is sent once. One
// call at a time may use it. When that call is cancelled, a Read of a reader
// that cannot seek may still be under way.
func MediaReader(r io.Reader, size int64) Media {
	m := &mediaReader{r: r, size: size}
	if s, ok := r.(io.Seeker); ok {
		m.start, _ = s.Seek(0, io.SeekCurrent)
	}
	return Media{read: m}
}

// MediaFile is a file on disk, opened when the request is sent.
func MediaFile(path string) Media { return Media{path: path} }

// IsZero reports whether the Media is unset.
func (m Media) IsZero() bool {
	return m.url == "" && m.data == nil && m.path == "" && m.read == nil
}

func (m Media) local() bool { return m.url == "" && !m.IsZero() }

// String describes the source without its content.
func (m Media) String() string {
	switch {
	case m.url != "":
		return m.url
	case m.path != "":
		return "file " + m.path
	case m.read != nil:
		return fmt.Sprintf("reader of %d bytes", m.read.size)
	case m.data != nil:
		return fmt.Sprintf("%d bytes", len(m.data))
	default:
		return "unset"
	}
}

func (m Media) address() string { return m.url }

func (m Media) gap(identified bool) (g gap, contentType string, err error) {
	size, err := m.size()
	if err == nil && identified {
		contentType, m, err = m.identify()
	}
	return gap{media: m, size: size}, contentType, err
}

func (m Media) put(ctx context.Context, c *Client, op, field string) (string, error) {
	return c.upload(ctx, op, field, m)
}

func (m Media) size() (int64, error) {
	switch {
	case m.read != nil && m.read.size < 0:
		return 0, fmt.Errorf("media: a size of %d bytes", m.read.size)
	case m.read != nil:
		return m.read.size, nil
	case m.path != "":
		info, err := os.Stat(m.path)
		if err != nil {
			return 0, fmt.Errorf("media: %w", err)
		}
		if !info.Mode().IsRegular() {
			return 0, fmt.Errorf("media: %s is not a regular file", m.path)
		}
		return info.Size(), nil
	default:
		return int64(len(m.data)), nil
	}
}

// repeatable reports whether open works more than once.
func (m Media) repeatable() bool {
	if m.read == nil {
		return true
	}
	_, ok := m.read.r.(io.Seeker)
	return ok
}

var errMediaUsed = errors.New("media: the reader was read before and cannot seek back; use MediaBytes or MediaFile to send it again")

func (m Media) stream(b *body) (io.ReadCloser, error) { return b.open() }

func (m Media) open() (io.ReadCloser, error) {
	switch {
	case m.path != "":
		f, err := os.Open(m.path)
		if err != nil {
			return nil, fmt.Errorf("media: %w", err)
		}
		return f, nil
	case m.read != nil:
		if s, ok := m.read.r.(io.ReadSeeker); ok {
			return &rewound{source: s, start: m.read.start}, nil
		}
		if m.read.used {
			return nil, errMediaUsed
		}
		m.read.used = true
		return io.NopCloser(m.read.r), nil
	default:
		return io.NopCloser(bytes.NewReader(m.data)), nil
	}
}

// rewound goes back to the start when it is first read: another field of the
// same request may have read the same source by then.
type rewound struct {
	source io.ReadSeeker
	start  int64
	begun  bool
}

func (r *rewound) Read(p []byte) (int, error) {
	if !r.begun {
		if _, err := r.source.Seek(r.start, io.SeekStart); err != nil {
			return 0, fmt.Errorf("seeking: %w", err)
		}
		r.begun = true
	}
	return r.source.Read(p)
}

func (r *rewound) Close() error { return nil }

const dataURI = "data:;base64,"

// MarshalJSON writes the URL, or the content as a data URI.
func (m Media) MarshalJSON() ([]byte, error) {
	if !m.local() {
		return json.Marshal(m.url)
	}
	data, err := m.bytes()
	if err != nil {
		return nil, err
	}
	return json.Marshal(dataURI + base64.StdEncoding.EncodeToString(data))
}

// UnmarshalJSON reads what MarshalJSON writes.
func (m *Media) UnmarshalJSON(text []byte) error {
	var s string
	if err := json.Unmarshal(text, &s); err != nil {
		return fmt.Errorf("media: %w", err)
	}
	encoded, ok := strings.CutPrefix(s, dataURI)
	if !ok {
		*m = MediaURL(s)
		return nil
	}
	data, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return fmt.Errorf("media: %w", err)
	}
	*m = MediaBytes(data)
	return nil
}

func (m Media) bytes() ([]byte, error) {
	r, err := m.open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}
