package batch

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/modelslab-go/modelslab"

	"github.com/modelslab-go/modelslab/cmd/modelslab/internal/operation"
	"github.com/modelslab-go/modelslab/cmd/modelslab/internal/progress"
)

// State says how far an item is.
type State string

// The states of an item.
const (
	Unsent  State = "unsent"
	Sending State = "sending" // on its way: after a kill nobody knows whether its job runs
	Open    State = "open"    // accepted, its result is not here yet
	Done    State = "done"    // saved
	Refused State = "refused" // nothing runs and nothing was billed
	Failed  State = "failed"  // accepted and failed
	Unknown State = "unknown" // the answer to its submit was lost, so it is not sent again
)

// An Item is one line of a file and what became of it.
type Item struct {
	Index      int                    `json:"index"`
	Operation  string                 `json:"operation,omitzero"`
	Parameters []operation.Assignment `json:"parameters,omitzero"`
	State      State                  `json:"state"`
	Ref        modelslab.Ref          `json:"ref,omitzero"`
	TrackID    string                 `json:"track_id,omitzero"` // of an unknown outcome
	Files      []string               `json:"files,omitzero"`    // names in the folder
	Error      string                 `json:"error,omitzero"`
	Took       time.Duration          `json:"took_ns,omitzero"`
}

// maxLine bounds a line of a file, which may hold a picture as a data URI.
const maxLine = 32 << 20

// Read makes the items of a file: a prompt a line, or a JSON object of
// parameters. An item has the operation and, where its line does not have them,
// the parameters that are given; an object with an "operation" has its own alone.
// Empty lines and those that begin with "#" are none.
func Read(r io.Reader, name string, shared []operation.Assignment) ([]*Item, error) {
	var items []*Item
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	for n := 1; lines.Scan(); n++ {
		line := bytes.TrimSpace(lines.Bytes())
		if len(line) == 0 || line[0] == '#' {
			continue
		}
		it := &Item{Index: len(items), Operation: name, State: Unsent}
		if err := it.read(line, shared); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		items = append(items, it)
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	if len(items) == 0 {
		return nil, errors.New("there is no request in the file")
	}
	return items, nil
}

func (it *Item) read(line []byte, shared []operation.Assignment) error {
	own := []operation.Assignment{{Name: "prompt", Value: string(line)}}
	if line[0] == '{' {
		var err error
		if own, err = members(line); err != nil {
			return err
		}
	}
	for _, a := range own {
		if a.Name == "operation" {
			it.Operation, shared = a.Value, nil
		} else {
			it.Parameters = append(it.Parameters, a)
		}
	}
	for _, a := range shared {
		if !slices.ContainsFunc(own, func(o operation.Assignment) bool { return o.Name == a.Name }) {
			it.Parameters = append(it.Parameters, a)
		}
	}
	if it.Operation == "" {
		return errors.New(`it names no operation: give one behind the file, such as text2img, or as "operation" in the line`)
	}
	return nil
}

// members returns the members of a JSON object as they would be typed.
func members(line []byte) ([]operation.Assignment, error) {
	decoder := json.NewDecoder(bytes.NewReader(line))
	if _, err := decoder.Token(); err != nil {
		return nil, errObject
	}
	var all []operation.Assignment
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return nil, errObject
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return nil, errObject
		}
		text := string(value)
		if value[0] == '"' {
			if err := json.Unmarshal(value, &text); err != nil {
				return nil, errObject
			}
		}
		all = append(all, operation.Assignment{Name: fmt.Sprint(name), Value: text})
	}
	if _, err := decoder.Token(); err != nil || len(bytes.TrimSpace(line[decoder.InputOffset():])) > 0 {
		return nil, errObject
	}
	return all, nil
}

var errObject = errors.New("it begins with { and is no JSON object")

// request is what is sent for the item. Files are opened when it is sent.
func (it *Item) request(files operation.Files) (modelslab.Request, error) {
	op, err := operation.Find(it.Operation)
	if err != nil {
		return nil, err
	}
	req := op.New()
	if err := operation.Fill(req, it.Parameters, files); err != nil {
		return nil, err
	}
	if missing := operation.Missing(req); len(missing) > 0 {
		return nil, fmt.Errorf("%s wants %s", it.Operation, strings.Join(missing, " and "))
	}
	return req, nil
}

// value is a parameter of the item, "" for none.
func (it *Item) value(name string) string {
	for _, a := range it.Parameters {
		if a.Name == name {
			return a.Value
		}
	}
	return ""
}

// title is how people recognise the item: its prompt, or else what it does.
func (it *Item) title() string {
	if prompt := it.value("prompt"); prompt != "" {
		return prompt
	}
	return it.Operation
}

func (it *Item) job() progress.Job { return progress.Job{Index: it.Index, Title: it.title()} }

// name is what the item's files begin with: "007-the-last-tram-of-the-night".
func (it *Item) name() string {
	slug := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		default:
			return '-'
		}
	}, it.title())
	words := strings.FieldsFunc(slug, func(r rune) bool { return r == '-' })
	return fmt.Sprintf("%03d-%s", it.Index+1, strings.Join(words[:min(len(words), 6)], "-"))
}

// ending is the end of an item in one line.
func (it *Item) ending() string {
	switch it.State {
	case Done:
		return fmt.Sprintf("saved %s after %s", strings.Join(it.Files, ", "), progress.Seconds(it.Took))
	case Open:
		return fmt.Sprintf("left %s open as %s: %s", it.name(), it.Ref, it.Error)
	default:
		return fmt.Sprintf("%s %s: %s", it.State, it.name(), it.Error)
	}
}

// fileName is a name for one of an item's files that tells which item it is.
func (it *Item) fileName(saved string, index, count int) string {
	name := it.name()
	if count > 1 {
		name += "-" + strconv.Itoa(index+1)
	}
	return name + filepath.Ext(saved)
}
