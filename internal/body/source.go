package body

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path"

	"github.com/modelslab-go/modelslab/internal/filetype"
)

// Source is the [Content] of one file: bytes in memory, a file on disk or a
// reader.
type Source struct {
	data     []byte
	declared string // the content type, of a data URI that declared one
	path     string
	reader   io.Reader
	size     int64 // of the reader
	start    int64 // where a seekable reader stood when it was handed over
	used     bool  // a reader that cannot seek has been opened
}

// FromBytes is a file in memory.
func FromBytes(data []byte) *Source { return &Source{data: data} }

// FromFile is a file on disk. It is opened when it is read.
func FromFile(path string) *Source { return &Source{path: path} }

// FromReader is a file of size bytes read from r. It is repeatable where r is
// an [io.Seeker], and starts where r stands now.
func FromReader(r io.Reader, size int64) *Source {
	s := &Source{reader: r, size: size}
	if seeker, ok := r.(io.Seeker); ok {
		s.start, _ = seeker.Seek(0, io.SeekCurrent)
	}
	return s
}

// String describes the source without its content.
func (s *Source) String() string {
	switch {
	case s.path != "":
		return "file " + s.path
	case s.reader != nil:
		return fmt.Sprintf("reader of %d bytes", s.size)
	default:
		return fmt.Sprintf("%d bytes", len(s.data))
	}
}

// Size is the number of bytes, for a reader the announced one.
func (s *Source) Size() (int64, error) {
	switch {
	case s.path != "":
		info, err := os.Stat(s.path)
		if err != nil {
			return 0, fmt.Errorf("media: %w", err)
		}
		if !info.Mode().IsRegular() {
			return 0, fmt.Errorf("media: %s is not a regular file", s.path)
		}
		return info.Size(), nil
	case s.reader == nil:
		return int64(len(s.data)), nil
	case s.size < 0:
		return 0, fmt.Errorf("media: a size of %d bytes", s.size)
	default:
		return s.size, nil
	}
}

// Repeatable reports whether Open works more than once.
func (s *Source) Repeatable() bool {
	if s.reader == nil {
		return true
	}
	_, ok := s.reader.(io.Seeker)
	return ok
}

// ErrUsed is the second reading of a source that is not repeatable.
var ErrUsed = errors.New("media: the reader was read before and cannot seek back; use MediaBytes or MediaFile to send it again")

// Open returns the content from its start.
func (s *Source) Open() (io.ReadCloser, error) {
	switch {
	case s.path != "":
		f, err := os.Open(s.path)
		if err != nil {
			return nil, fmt.Errorf("media: %w", err)
		}
		return f, nil
	case s.reader == nil:
		return io.NopCloser(bytes.NewReader(s.data)), nil
	}
	if seeker, ok := s.reader.(io.ReadSeeker); ok {
		return &rewound{source: seeker, start: s.start}, nil
	}
	if s.used {
		return nil, ErrUsed
	}
	s.used = true
	return io.NopCloser(s.reader), nil
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

// Bytes returns the content.
func (s *Source) Bytes() ([]byte, error) {
	r, err := s.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("media: %w", err)
	}
	return data, nil
}

// ContentType tells the type from the first bytes, then from the file's name or
// from what its data URI declared.
// It does not use up a reader that cannot seek.
func (s *Source) ContentType() (string, error) {
	r, err := s.Open()
	if err != nil {
		return "", err
	}
	defer r.Close()
	head := make([]byte, filetype.HeadSize)
	n, err := io.ReadFull(r, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return "", fmt.Errorf("media: %w", err)
	}
	head = head[:n]
	if !s.Repeatable() {
		s.reader, s.used = io.MultiReader(bytes.NewReader(head), s.reader), false
	}
	contentType := filetype.Of(head, cmp.Or(path.Ext(s.path), filetype.ExtOf(s.declared)))
	if contentType == "text/plain" || contentType == "application/octet-stream" {
		contentType = cmp.Or(s.declared, contentType)
	}
	return contentType, nil
}

// Stream reads a whole body that the source is part of.
func (s *Source) Stream(b *Body) (Stream, error) {
	r, err := newReader(b)
	if err != nil {
		return nil, err
	}
	return r, nil
}
