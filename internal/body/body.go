// Package body writes a JSON object whose members hold whole files, as base64
// that is made while the object is sent.
package body

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
)

// A Body is a JSON object with gaps where the content of files goes.
type Body struct {
	JSON []byte
	Gaps []Gap // by At
}

// A Gap is the place of one file.
type Gap struct {
	At      int // offset in JSON
	Content Content
	Size    int64 // of the content before base64
}

// Content is what a body and its encoder know of a file. It is an interface so
// that a program without input files does not link what reads them.
type Content interface {
	fmt.Stringer
	// Size is the number of bytes.
	Size() (int64, error)
	// ContentType tells the type of the content from its first bytes.
	ContentType() (string, error)
	// Repeatable reports whether Open works more than once.
	Repeatable() bool
	Open() (io.ReadCloser, error)
	// Stream reads a whole body that the content is part of.
	Stream(b *Body) (Stream, error)
}

// A Stream is a body that is being read.
type Stream interface {
	io.ReadCloser
	// Failure is why the body could not be read to its end, or nil. A request
	// with such a body never arrived whole.
	Failure() error
}

// Len is the number of bytes of the whole body, its files included.
func (b *Body) Len() int64 {
	n := int64(len(b.JSON))
	for i := range b.Gaps {
		n += (b.Gaps[i].Size + 2) / 3 * 4
	}
	return n
}

// Repeatable reports whether the body can be sent more than once.
func (b *Body) Repeatable() bool {
	if b == nil {
		return true
	}
	for i := range b.Gaps {
		if !b.Gaps[i].Content.Repeatable() {
			return false
		}
	}
	return true
}

// Attach gives a request its body, and net/http the means to send it again
// where that is possible. The Stream is nil for a body without files. Whoever
// sends the request closes it: the transport may read on when it has answered.
func (b *Body) Attach(req *http.Request) (Stream, error) {
	req.ContentLength = b.Len()
	if len(b.Gaps) == 0 {
		// A reader that net/http knows goes out in one write with the header.
		req.Body = io.NopCloser(bytes.NewReader(b.JSON))
		req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b.JSON)), nil }
		return nil, nil //nolint:nilnil // see above
	}
	s, err := b.Gaps[0].Content.Stream(b)
	if err != nil {
		return nil, err
	}
	// Without GetBody net/http does not send it twice. A repeat attaches the body anew.
	req.Body = s
	return s, nil
}

// Bytes returns the whole body with its files in it.
func (b *Body) Bytes() ([]byte, error) {
	if len(b.Gaps) == 0 {
		return b.JSON, nil
	}
	s, err := b.Gaps[0].Content.Stream(b)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	out := bytes.NewBuffer(make([]byte, 0, b.Len()+bytes.MinRead))
	_, err = out.ReadFrom(s)
	return out.Bytes(), err
}
