package main

import (
	"bufio"
	"crypto/rand"
	_ "embed" // the prompts
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/modelslab-go/modelslab"
)

//go:embed prompts.txt
var ownPrompts string

// state says how far an item is.
type state string

const (
	unsent  state = "unsent"
	open    state = "open"    // accepted, its result is not here yet
	done    state = "done"    // saved
	failed  state = "failed"  // refused, or accepted and failed
	unknown state = "unknown" // the answer to its submit was lost, so it is not sent again
)

// An item is one prompt and what became of it.
type item struct {
	Index   int           `json:"index"`
	Kind    string        `json:"kind"` // picture, video or sound
	Prompt  string        `json:"prompt"`
	Seed    int64         `json:"seed"`
	TrackID string        `json:"track_id"`
	State   state         `json:"state"`
	Ref     modelslab.Ref `json:"ref,omitzero"`
	Files   []string      `json:"files,omitzero"` // names in the folder
	Error   string        `json:"error,omitzero"`
	Took    time.Duration `json:"took_ns,omitzero"`
}

// load makes the items of a file of prompts, or takes those of an earlier run.
func load(c config) (*batch, error) {
	if c.limit <= 0 {
		return nil, errors.New("-limit must be 1 or more")
	}
	if err := os.MkdirAll(c.out, 0o755); err != nil { //nolint:gosec // as open as any folder; the umask decides
		return nil, err
	}
	if c.resume {
		items, err := loadResume(c.out)
		return newBatch(c, items), err
	}
	file, err := openPrompts(c.prompts)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	items, err := readItems(file, c)
	return newBatch(c, items), err
}

func openPrompts(name string) (io.ReadCloser, error) {
	if name != "" {
		file, err := os.Open(name)
		if err == nil || !errors.Is(err, fs.ErrNotExist) || filepath.Base(name) != "prompts.txt" {
			return file, err
		}
	}
	return io.NopCloser(strings.NewReader(ownPrompts)), nil
}

// readItems reads one prompt a line. Empty lines and those that begin with "#"
// are none.
func readItems(r io.Reader, c config) ([]*item, error) {
	run := strings.ToLower(rand.Text()[:8])
	var items []*item
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if c.most > 0 && len(items) == c.most {
			break
		}
		it := &item{
			Index: len(items), Kind: "picture", Prompt: line, Seed: c.seed + int64(len(items)),
			TrackID: fmt.Sprintf("batch-%s-%03d", run, len(items)), State: unsent,
		}
		for _, kind := range []string{"picture", "video", "sound"} {
			if prompt, ok := strings.CutPrefix(line, kind+":"); ok {
				it.Kind, it.Prompt = kind, strings.TrimSpace(prompt)
			}
		}
		items = append(items, it)
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	if len(items) == 0 {
		return nil, errors.New("there is no prompt in the file")
	}
	return items, nil
}

// request is what is sent for the item.
func (it *item) request() modelslab.Request {
	switch it.Kind {
	case "video":
		return &modelslab.TextToVideoRequest{
			ModelID: "cogvideox", Prompt: it.Prompt, Seed: new(it.Seed), NumFrames: new(25), OutputType: "mp4", TrackID: it.TrackID,
		}
	case "sound":
		return &modelslab.SFXRequest{Prompt: it.Prompt, Duration: new(8), TrackID: it.TrackID}
	default:
		return &modelslab.TextToImageRequest{
			ModelID: "flux", Prompt: it.Prompt, Seed: new(it.Seed), Width: new(768), Height: new(512), Samples: new(1), TrackID: it.TrackID,
		}
	}
}

// name is what the item's files begin with: "007-the-last-tram-of-the-night".
func (it *item) name() string {
	slug := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		default:
			return '-'
		}
	}, it.Prompt)
	words := strings.FieldsFunc(slug, func(r rune) bool { return r == '-' })
	return fmt.Sprintf("%03d-%s", it.Index+1, strings.Join(words[:min(len(words), 6)], "-"))
}
