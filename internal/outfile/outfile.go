// Package outfile writes files that appear under their name when they are
// complete.
package outfile

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/modelslab-go/modelslab/internal/base64text"
	"github.com/modelslab-go/modelslab/internal/filetype"
)

const bufferSize = 64 << 10

// A File is hidden until it is published.
type File struct {
	file    *os.File // nil once it is published
	name    string   // without extension
	ext     string   // that the source goes by
	head    []byte   // of the content
	decoded bool     // from base64 text
}

// Create makes a hidden file beside the one that it will become, whose path
// without extension is name.
func Create(name string) (*File, error) {
	dir, base := filepath.Split(name)
	for try := 0; ; try++ {
		hidden := filepath.Join(dir, "."+base+"."+strconv.FormatUint(rand.Uint64(), 36)+".part")
		f, err := os.OpenFile(hidden, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666) //nolint:gosec // as open as any file; the umask decides
		if err == nil {
			return &File{file: f, name: name}, nil
		}
		if !errors.Is(err, os.ErrExist) || try > 100 {
			return nil, fmt.Errorf("modelslab: save: %w", err)
		}
	}
}

// Fill writes all of r, which is decoded where it is base64 text; source is the
// file name that r goes by, or "". Errors of r are returned as they are.
func (f *File) Fill(r io.Reader, source string) error {
	f.ext = path.Ext(source)
	head, err := readHead(r)
	if err != nil {
		return err
	}
	if !base64text.Is(head, f.ext) {
		f.head = head
		if _, err = f.Write(head); err == nil {
			_, err = io.Copy(f, r)
		}
		return err
	}
	f.decoded = true
	if strings.EqualFold(f.ext, ".base64") {
		f.ext = path.Ext(source[:len(source)-len(f.ext)])
	}
	text := base64text.NewReader(io.MultiReader(bytes.NewReader(head), bufio.NewReaderSize(r, bufferSize)))
	if f.head, err = readHead(text); err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, bufferSize) // the decoder returns less than a kilobyte at a time
	if _, err = io.Copy(w, io.MultiReader(bytes.NewReader(f.head), text)); err == nil {
		err = w.Flush()
	}
	return err
}

func readHead(r io.Reader) ([]byte, error) {
	head := make([]byte, filetype.HeadSize)
	n, err := io.ReadFull(r, head)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	return head[:n], err
}

// Write writes to the file.
func (f *File) Write(p []byte) (int, error) {
	n, err := f.file.Write(p)
	if err != nil {
		err = fmt.Errorf("modelslab: save: writing: %w", err)
	}
	return n, err
}

// Publish gives the complete file its name and returns its path. The extension
// is chosen by the content, by the name of the source and by contentType, which
// is what a server calls the source.
func (f *File) Publish(contentType string) (string, error) {
	if f.decoded {
		contentType = "" // that of the text
	}
	published := f.name + filetype.Extension(f.head, contentType, f.ext)
	err := f.file.Close()
	if err == nil {
		err = os.Rename(f.file.Name(), published)
	}
	if err != nil {
		return "", fmt.Errorf("modelslab: save: %w", err)
	}
	f.file = nil
	return published, nil
}

// Discard removes the file unless it was published. Deferred, it leaves nothing
// behind when a panic passes.
func (f *File) Discard() {
	if f.file != nil {
		_ = f.file.Close()
		_ = os.Remove(f.file.Name())
	}
}
