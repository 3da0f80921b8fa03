package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/modelslab-go/modelslab"
)

// maxInput bounds what is read from standard input.
const maxInput = 256 << 20

// files opens the files that parameters name.
type files struct {
	in io.Reader // nil where standard input is used for something else, or up
}

var (
	errInputUsed = errors.New("standard input is used for something else already")
	errMedia     = errors.New(`want a URL, "@" and the name of a file, or "-" for standard input`)
)

// Open returns the file of a value.
func (f *files) Open(value string) (modelslab.Media, error) {
	if name, ok := strings.CutPrefix(value, "@"); ok {
		info, err := os.Stat(name)
		if err != nil {
			return modelslab.Media{}, err
		}
		if !info.Mode().IsRegular() {
			return modelslab.Media{}, fmt.Errorf("%s is no file", name)
		}
		return modelslab.MediaFile(name), nil
	}
	if value == "-" {
		return f.input()
	}
	for _, scheme := range []string{"https://", "http://", "data:"} {
		if strings.HasPrefix(strings.ToLower(value), scheme) {
			return modelslab.MediaURL(value), nil
		}
	}
	if _, err := os.Stat(value); err == nil && value != "" {
		return modelslab.Media{}, fmt.Errorf("%w: did you mean @%s?", errMedia, value)
	}
	return modelslab.Media{}, errMedia
}

func (f *files) input() (modelslab.Media, error) {
	if f.in == nil {
		return modelslab.Media{}, errInputUsed
	}
	data, err := io.ReadAll(io.LimitReader(f.in, maxInput+1))
	f.in = nil
	switch {
	case err != nil:
		return modelslab.Media{}, fmt.Errorf("standard input: %w", err)
	case len(data) == 0:
		return modelslab.Media{}, errors.New("there is nothing on standard input")
	case len(data) > maxInput:
		return modelslab.Media{}, fmt.Errorf("standard input has more than %d bytes", maxInput)
	}
	return modelslab.MediaBytes(data), nil
}
