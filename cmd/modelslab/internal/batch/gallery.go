package batch

import (
	"bytes"
	_ "embed" // the template
	"fmt"
	"html/template"
	"path/filepath"
	"strings"
	"time"

	"github.com/modelslab-go/modelslab/cmd/modelslab/internal/progress"
)

//go:embed gallery.html
var galleryHTML string

var galleryTemplate = template.Must(template.New("gallery").Parse(galleryHTML))

// gallery is what index.html shows.
type gallery struct {
	Made   string
	Cards  []card
	Counts []filter
}

// filter shows the cards of one kind.
type filter struct {
	Kind, Label string
	Count       int
}

// card is one item.
type card struct {
	Number int
	Kind   string // picture, video, sound, file, failed or waiting
	Prompt string
	Seed   string
	Took   string
	Ref    string
	Error  string
	Media  []media
}

type media struct {
	File  string // beside index.html
	Kind  string // picture, video, sound or file
	Thumb template.URL
}

// writeGallery makes a page that needs nothing but the files beside it.
func writeGallery(name string, items []*Item) error {
	g := gallery{Made: time.Now().Format("2 January 2006, 15:04")}
	count := map[string]int{}
	for _, it := range items {
		c := newCard(filepath.Dir(name), it)
		count[c.Kind]++
		g.Cards = append(g.Cards, c)
	}
	g.Counts = append(g.Counts, filter{"all", "All", len(items)})
	for _, f := range []filter{
		{"picture", "Pictures", 0},
		{"video", "Videos", 0},
		{"sound", "Sounds", 0},
		{"file", "Files", 0},
		{"failed", "Failed", 0},
		{"waiting", "Not yet made", 0},
	} {
		if f.Count = count[f.Kind]; f.Count > 0 {
			g.Counts = append(g.Counts, f)
		}
	}
	var page bytes.Buffer
	if err := galleryTemplate.Execute(&page, g); err != nil {
		return err
	}
	return writeFile(name, page.Bytes())
}

func newCard(dir string, it *Item) card {
	c := card{Number: it.Index + 1, Kind: "waiting", Prompt: it.title(), Seed: it.value("seed"), Error: it.Error}
	if it.Took > 0 {
		c.Took = progress.Seconds(it.Took)
	}
	if !it.Ref.IsZero() {
		c.Ref = it.Ref.String()
	}
	switch it.State {
	case Failed, Refused, Unknown:
		c.Kind = "failed"
	case Open:
		if c.Error == "" {
			c.Error = "not waited for to the end"
		}
	case Unsent, Sending, Done:
	}
	for i, file := range it.Files {
		m := media{File: file, Kind: kindOf(file)}
		if m.Kind == "picture" {
			m.Thumb = thumbnail(filepath.Join(dir, file))
		}
		if i == 0 {
			c.Kind = m.Kind
		}
		c.Media = append(c.Media, m)
	}
	return c
}

// kindOf says what a browser can do with a file.
func kindOf(file string) string {
	switch strings.ToLower(filepath.Ext(file)) {
	case ".png", ".jpg", ".jpeg", ".webp", ".gif", ".avif":
		return "picture"
	case ".mp4", ".webm", ".mov":
		return "video"
	case ".wav", ".mp3", ".flac", ".ogg", ".m4a", ".aac":
		return "sound"
	default:
		return "file"
	}
}

// Label is what the card's badge says.
func (c card) Label() string { return fmt.Sprintf("%03d", c.Number) }
