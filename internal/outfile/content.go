package outfile

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"path"
	"strings"

	"github.com/modelslab-go/modelslab/internal/base64text"
	"github.com/modelslab-go/modelslab/internal/filetype"
)

const bufferSize = 64 << 10

// A Source is what a file is made of.
type Source interface {
	io.Reader
	// Name is the file name that the source goes by, or "".
	Name() string
	// ContentType is what its server calls it, once Read has returned some of it.
	ContentType() string
}

// A Content is what a file will hold: a source, decoded where it is base64 text.
type Content struct {
	Ext  string // of the file, by its first bytes, by the name of the source and by its content type
	Type string // content type of the file

	head    []byte
	rest    io.Reader
	decoded bool
}

// Open reads the first bytes of a source. Errors of the source are returned as
// they are; a text that turns out not to be base64 is base64text.ErrNot.
func Open(src Source) (*Content, error) {
	head, err := readHead(src)
	if err != nil {
		return nil, err
	}
	ext, contentType := path.Ext(src.Name()), src.ContentType()
	c := &Content{head: head, rest: src}
	if base64text.Is(head, ext) {
		text := base64text.NewReader(io.MultiReader(bytes.NewReader(head), bufio.NewReaderSize(src, bufferSize)))
		if head, err = readHead(text); err != nil {
			return nil, err
		}
		c = &Content{head: head, rest: text, decoded: true}
		contentType = "" // that of the text
		if strings.EqualFold(ext, ".base64") {
			ext = path.Ext(strings.TrimSuffix(src.Name(), ext))
		}
	}
	c.Ext = filetype.Extension(head, contentType, ext)
	c.Type = filetype.TypeOf(c.Ext, contentType)
	return c, nil
}

func readHead(r io.Reader) ([]byte, error) {
	head := make([]byte, filetype.HeadSize)
	n, err := io.ReadFull(r, head)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	return head[:n], err
}

// CopyTo writes all of the content to w, once. Errors are those of Open, and of w.
func (c *Content) CopyTo(w io.Writer) error {
	if !c.decoded {
		return c.copyTo(w)
	}
	buffered := bufio.NewWriterSize(w, bufferSize) // the decoder returns less than a kilobyte at a time
	if err := c.copyTo(buffered); err != nil {
		return err
	}
	return buffered.Flush()
}

func (c *Content) copyTo(w io.Writer) error {
	if _, err := w.Write(c.head); err != nil {
		return err
	}
	_, err := io.Copy(w, c.rest)
	return err
}
