// Package base64text reads files that are kept as base64 text.
package base64text

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/modelslab-go/modelslab/internal/filetype"
)

// ErrNot is the error of a text that is not base64, or not all of it.
var ErrNot = errors.New("the text is not base64")

const (
	maxPrefix = 256 // of a data URI, which names a type and some parameters
	blank     = " \t\r\n"
)

// Is tells a file that holds another one as base64 text from its first bytes: by
// its name, by the prefix of a data URI, or, unless its extension is that of a
// text, by decoding to a type that is recognised.
func Is(head []byte, ext string) bool {
	if strings.EqualFold(ext, ".base64") {
		return true
	}
	if filetype.Sniff(head) != "text/plain" {
		return false
	}
	if prefix, _ := cutPrefix(head); len(prefix) > 0 {
		return bytes.HasSuffix(bytes.ToLower(prefix), []byte(";base64,"))
	}
	if filetype.IsText(filetype.OfExt(ext)) {
		return false
	}
	decoded := make([]byte, filetype.HeadSize)
	n, _ := io.ReadFull(NewReader(bytes.NewReader(head)), decoded)
	if n < 32 {
		return false
	}
	switch filetype.Sniff(decoded[:n]) {
	case "text/plain", "application/octet-stream":
		return false
	default:
		return true
	}
}

// cutPrefix splits off what precedes the base64 text: the prefix of a data URI,
// or nothing. A byte order mark and blanks before it are dropped.
func cutPrefix(text []byte) (prefix, rest []byte) {
	text = bytes.TrimLeft(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")), blank)
	if len(text) < len("data:") || !bytes.EqualFold(text[:len("data:")], []byte("data:")) {
		return nil, text
	}
	end := bytes.IndexByte(text[:min(len(text), maxPrefix)], ',')
	return text[:end+1], text[end+1:]
}

// NewReader returns a reader that decodes the text of r: the standard or the
// URL alphabet, with or without padding, line breaks and the prefix of a data
// URI. A text that is not base64, or ends in the middle, is an error that wraps
// [ErrNot]; errors of r are returned as they are.
func NewReader(r io.Reader) io.Reader {
	plain := &plainText{r: r}
	return &decoder{plain: plain, r: base64.NewDecoder(base64.RawStdEncoding, plain)}
}

// A decoder tells the errors of the text from those of its source.
type decoder struct {
	plain *plainText
	r     io.Reader
}

func (d *decoder) Read(p []byte) (int, error) {
	n, err := d.r.Read(p)
	switch {
	case err == nil, errors.Is(err, io.EOF):
		return n, err
	case d.plain.err != nil && !errors.Is(d.plain.err, io.EOF):
		return n, d.plain.err
	default:
		return n, fmt.Errorf("%w: %v", ErrNot, err) //nolint:errorlint // an unexpected EOF would be taken for one of the source
	}
}

// plainText is the text in the standard alphabet, without prefix, blanks and
// padding.
type plainText struct {
	r       io.Reader
	begun   bool
	held    []byte // read with the prefix, and to be returned first
	chars   int
	padding int
	err     error // how r ended
}

func (t *plainText) Read(p []byte) (int, error) {
	for {
		n, err := t.source(p)
		n, bad := t.clean(p[:n])
		if bad {
			err = ErrNot
		} else if errors.Is(err, io.EOF) && t.padding > 0 && (t.chars+t.padding)%4 != 0 {
			err = fmt.Errorf("%w: its padding is wrong", ErrNot)
		}
		if t.err = err; n > 0 || err != nil {
			return n, err
		}
	}
}

// source reads the text without the prefix.
func (t *plainText) source(p []byte) (int, error) {
	if !t.begun {
		t.begun = true
		head := make([]byte, maxPrefix)
		n, err := io.ReadFull(t.r, head)
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return 0, err
		}
		_, t.held = cutPrefix(head[:n])
	}
	if len(t.held) > 0 {
		n := copy(p, t.held)
		t.held = t.held[n:]
		return n, nil
	}
	return t.r.Read(p)
}

// clean rewrites p in place and returns how much is left of it; bad means that
// something follows the padding.
func (t *plainText) clean(p []byte) (n int, bad bool) {
	for _, c := range p {
		switch c {
		case ' ', '\t', '\r', '\n':
			continue
		case '=':
			t.padding++
			continue
		case '-':
			c = '+'
		case '_':
			c = '/'
		}
		if t.padding > 0 {
			return n, true
		}
		p[n] = c
		n++
	}
	t.chars += n
	return n, t.padding > 2
}
