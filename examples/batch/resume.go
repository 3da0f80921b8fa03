package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/modelslab-go/modelslab"
)

const resumeFile = "resume.json"

// leftOver is the content of resume.json.
type leftOver struct {
	Unsent []int                 `json:"unsent"` // indices of prompts
	Open   map[int]modelslab.Ref `json:"open"`   // jobs to be waited for, by index
	Items  []*item               `json:"items"`
}

// saveResume writes down what is left to do, or removes the file when nothing
// is. It reports which.
func saveResume(dir string, items []*item) (left bool, err error) {
	l := leftOver{Unsent: []int{}, Open: map[int]modelslab.Ref{}, Items: items}
	for _, it := range items {
		switch it.State {
		case unsent:
			l.Unsent = append(l.Unsent, it.Index)
		case open:
			l.Open[it.Index] = it.Ref
		case done, failed, unknown:
		}
	}
	name := filepath.Join(dir, resumeFile)
	if len(l.Unsent)+len(l.Open) == 0 {
		if err = os.Remove(name); errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
		return false, err
	}
	text, err := json.MarshalIndent(l, "", "\t")
	if err != nil {
		return true, err
	}
	return true, writeFile(name, text)
}

func loadResume(dir string) ([]*item, error) {
	text, err := os.ReadFile(filepath.Join(dir, resumeFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is nothing to resume in %s", dir)
	}
	if err != nil {
		return nil, err
	}
	var l leftOver
	if err := json.Unmarshal(text, &l); err != nil {
		return nil, fmt.Errorf("%s: %w", resumeFile, err)
	}
	if len(l.Items) == 0 {
		return nil, fmt.Errorf("%s has no items", resumeFile)
	}
	for i, it := range l.Items {
		if it == nil || it.Index != i {
			return nil, fmt.Errorf("%s: item %d is out of order", resumeFile, i)
		}
	}
	return l.Items, nil
}

// writeFile leaves the old file or the new one, and never half of one.
func writeFile(name string, data []byte) error {
	part := name + ".part"
	if err := os.WriteFile(part, data, 0o644); err != nil { //nolint:gosec // as open as any file; the umask decides
		return err
	}
	return os.Rename(part, name)
}
