package modelslab

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/modelslab-go/modelslab/internal/filetype"
)

// An unbase64 is a writer that decodes base64 text on its way to w: the
// standard or the URL alphabet, with or without padding, line breaks and the
// prefix of a data URI. Close tells whether the text was complete.
type unbase64 struct {
	w       io.Writer
	prefix  []byte // held back until it is clear whether it is one of a data URI
	started bool   // past the prefix
	group   [4]byte
	n       int // characters in group
	padding int
	out     []byte
}

const maxDataPrefix = 256

var (
	errNotBase64 = errors.New("the text is not base64")
	byteOrder    = []byte("\xef\xbb\xbf")
)

// Write decodes p. It keeps no more than a group of four between calls.
func (d *unbase64) Write(p []byte) (int, error) {
	n := len(p)
	d.out = d.out[:0]
	if !d.started {
		head := min(len(p), maxDataPrefix)
		d.prefix, p = append(d.prefix, p[:head]...), p[head:]
		rest, enough := cutDataPrefix(d.prefix)
		if !enough && len(d.prefix) < maxDataPrefix {
			return n, nil
		}
		d.started, d.prefix = true, nil
		if err := d.decode(rest); err != nil {
			return 0, err
		}
	}
	if err := d.decode(p); err != nil {
		return 0, err
	}
	return n, d.flush()
}

// cutDataPrefix returns what follows a data URI's prefix, or all of it when
// there is none; enough means that more text would not change that.
func cutDataPrefix(text []byte) (rest []byte, enough bool) {
	text = bytes.TrimLeft(bytes.TrimPrefix(text, byteOrder), " \t\r\n")
	if len(text) < len("data:") {
		return text, false
	}
	if !bytes.EqualFold(text[:len("data:")], []byte("data:")) {
		return text, true
	}
	_, rest, found := bytes.Cut(text, []byte(","))
	if !found {
		return text, false
	}
	return rest, true
}

func (d *unbase64) decode(p []byte) error {
	for len(p) > 0 {
		if d.n == 0 && d.padding == 0 {
			k, err := d.run(p)
			if err != nil {
				return err
			}
			if p = p[k:]; len(p) == 0 {
				break
			}
		}
		if err := d.char(p[0]); err != nil {
			return err
		}
		p = p[1:]
	}
	return nil
}

// run decodes the plain groups that p begins with, at full speed.
func (d *unbase64) run(p []byte) (int, error) {
	k := bytes.IndexAny(p, "-_= \t\r\n")
	if k < 0 {
		k = len(p)
	}
	k -= k % 4
	if k == 0 {
		return 0, nil
	}
	out, err := base64.StdEncoding.AppendDecode(d.out, p[:k])
	if err != nil {
		return 0, errNotBase64
	}
	d.out = out
	return k, nil
}

func (d *unbase64) char(c byte) error {
	switch c {
	case ' ', '\t', '\r', '\n':
		return nil
	case '=':
		if d.padding++; d.padding+d.n > 4 || d.n < 2 {
			return errNotBase64
		}
		return nil
	case '-':
		c = '+'
	case '_':
		c = '/'
	}
	if d.padding > 0 {
		return errNotBase64
	}
	d.group[d.n] = c
	if d.n++; d.n < 4 {
		return nil
	}
	d.n = 0
	return d.groupOf(4)
}

func (d *unbase64) groupOf(n int) error {
	out, err := base64.RawStdEncoding.AppendDecode(d.out, d.group[:n])
	if err != nil {
		return errNotBase64
	}
	d.out = out
	return nil
}

func (d *unbase64) flush() error {
	if len(d.out) == 0 {
		return nil
	}
	_, err := d.w.Write(d.out)
	return err
}

// Close decodes the last group. It does not close w.
func (d *unbase64) Close() error {
	d.out = d.out[:0]
	if !d.started {
		rest, _ := cutDataPrefix(d.prefix)
		d.started, d.prefix = true, nil
		if err := d.decode(rest); err != nil {
			return err
		}
	}
	if d.n == 1 || d.padding > 0 && d.n+d.padding != 4 {
		return fmt.Errorf("%w: it ends in the middle", errNotBase64)
	}
	if d.n > 0 {
		if err := d.groupOf(d.n); err != nil {
			return err
		}
	}
	d.n = 0
	return d.flush()
}

// isBase64 tells a file that holds another one as base64 text: by its name, by
// the prefix of a data URI, or, when nobody called it text, by its content
// decoding to a known type.
func isBase64(head []byte, urlExt string) bool {
	if strings.EqualFold(urlExt, ".base64") {
		return true
	}
	if filetype.Sniff(head) != "text/plain" {
		return false
	}
	text := bytes.TrimLeft(bytes.TrimPrefix(head, byteOrder), " \t\r\n")
	if rest, _ := cutDataPrefix(head); len(rest) < len(text) {
		return bytes.HasSuffix(bytes.ToLower(text[:len(text)-len(rest)]), []byte(";base64,"))
	}
	if filetype.OfExt(urlExt) != "" {
		return false
	}
	var decoded bytes.Buffer
	d := &unbase64{w: &decoded}
	if _, err := d.Write(head); err != nil || decoded.Len() < 32 {
		return false
	}
	switch filetype.Sniff(decoded.Bytes()) {
	case "text/plain", "application/octet-stream":
		return false
	default:
		return true
	}
}
