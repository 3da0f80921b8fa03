package modelslab

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/modelslab-go/modelslab/internal/fault"
	"github.com/modelslab-go/modelslab/internal/filetype"
)

// fallbackPatience is how long a file may be not there yet where another link
// to it remains to be tried.
const fallbackPatience = 20 * time.Second

// Save downloads every output of a job into dir, which it creates, and returns
// the paths of the files, those saved before an error too. They are named after
// the job, such as "video-12202888-0.mp4", with an extension by what they turn
// out to be, so that saving again replaces them. A file appears under its name
// when it is complete. Outputs that are base64 text are decoded; text results
// become a .txt file. Where an output cannot be had its proxy link is tried;
// future links never are. Options and conditions are those of
// [Client.Download].
//
// Errors: those of Download; ErrInvalid when the job has no output; errors of
// the file system, wrapped.
func (c *Client) Save(ctx context.Context, job *Job, dir string, opts ...CallOption) ([]string, error) {
	o, err := newCallOptions(opts)
	if err != nil {
		return nil, err
	}
	paths, err := c.save(ctx, job, dir, o)
	return paths, public(err)
}

func (c *Client) save(ctx context.Context, job *Job, dir string, o *callOptions) ([]string, error) {
	links, err := linksOf(job)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // as open as any folder; the umask decides
		return nil, fmt.Errorf("modelslab: save: %w", err)
	}
	stem := fileStem(job)
	var paths []string
	for i := range links {
		saved, err := c.saveOutput(ctx, links[i], filepath.Join(dir, stem+"-"+strconv.Itoa(i)), o)
		if err != nil {
			return paths, err
		}
		paths = append(paths, saved)
	}
	if job.Text != "" {
		saved, err := saveText(filepath.Join(dir, stem), job.Text)
		if err != nil {
			return paths, err
		}
		paths = append(paths, saved)
	}
	return paths, nil
}

// linksOf returns, for every output, the links to try in turn.
func linksOf(job *Job) ([][]string, error) {
	if job == nil {
		return nil, fault.Refuse("save", "", "the job is nil")
	}
	main, proxies := job.Output, job.ProxyLinks
	if len(main) == 0 && job.Status == StatusSuccess {
		main, proxies = proxies, nil // some products name nothing else
	}
	links := make([][]string, len(main))
	for i := range main {
		links[i] = append(links[i], main[i])
		if i < len(proxies) && proxies[i] != "" && proxies[i] != main[i] {
			links[i] = append(links[i], proxies[i])
		}
	}
	switch {
	case len(links) > 0 || job.Text != "":
		return links, nil
	case job.Status == StatusFailed || job.Status == StatusCancelled:
		return nil, &JobError{Job: job}
	case job.Status == StatusSuccess:
		return nil, fault.Refuse("save", "", "job "+job.name()+" is done and has no output to save")
	default:
		return nil, fault.Refuse("save", "", "job "+job.name()+" has no output yet: Wait for it first")
	}
}

// saveOutput saves one output by the first of its links that works.
func (c *Client) saveOutput(ctx context.Context, links []string, name string, o *callOptions) (string, error) {
	var first error
	for i, link := range links {
		patience := downloadPatience
		if i < len(links)-1 {
			patience = fallbackPatience
		}
		saved, err := c.saveLink(ctx, link, name, o, patience)
		if errors.Is(err, errChanged) { // a new transfer gets the new content whole
			saved, err = c.saveLink(ctx, link, name, o, patience)
		}
		if err == nil {
			return saved, nil
		}
		if first == nil {
			first = err
		}
		if ctx.Err() != nil || !elsewhere(err) {
			return "", err
		}
	}
	return "", first
}

// elsewhere reports whether another link may do better: the fault is the
// server's, not the disk's.
func elsewhere(err error) bool {
	var e *fault.Error
	return errors.As(err, &e) && !errors.Is(err, errTooLarge) || errors.Is(err, errNotBase64)
}

func (c *Client) saveLink(ctx context.Context, link, name string, o *callOptions, patience time.Duration) (saved string, err error) {
	out := &outputFile{}
	t, err := c.newTransfer(link, out, o)
	if err != nil {
		return "", err
	}
	t.patience = patience
	urlExt := path.Ext(t.url.Path)
	out.urlExt = urlExt
	if out.file, err = createTemp(name); err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			_ = out.file.Close()
			_ = os.Remove(out.file.Name())
		}
	}()
	if err = t.run(ctx); err != nil {
		return "", err
	}
	contentType := t.contentType
	if out.decoder != nil {
		if err = out.decoder.Close(); err != nil {
			return "", fmt.Errorf("modelslab: %s: %w", t.op, err)
		}
		contentType, urlExt = "", path.Ext(strings.TrimSuffix(t.url.Path, urlExt))
	}
	return publish(out.file, name+filetype.Extension(out.head, contentType, urlExt))
}

// An outputFile is where a transfer writes to. Its first write shows whether
// the file is base64 text, and what is in it.
type outputFile struct {
	file    *os.File
	urlExt  string
	begun   bool
	decoder *unbase64
	head    []byte // of the content
}

func (f *outputFile) Write(p []byte) (int, error) {
	if !f.begun {
		f.begun = true
		if isBase64(p[:min(len(p), filetype.HeadSize)], f.urlExt) {
			f.decoder = &unbase64{w: writerFunc(f.writeContent)}
		}
	}
	if f.decoder != nil {
		return f.decoder.Write(p)
	}
	return f.writeContent(p)
}

func (f *outputFile) writeContent(p []byte) (int, error) {
	if room := filetype.HeadSize - len(f.head); room > 0 {
		f.head = append(f.head, p[:min(len(p), room)]...)
	}
	return f.file.Write(p)
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func saveText(name, text string) (saved string, err error) {
	f, err := createTemp(name)
	if err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}()
	if _, err = f.WriteString(text); err != nil {
		return "", fmt.Errorf("modelslab: save: %w", err)
	}
	return publish(f, name+".txt")
}

// createTemp makes a hidden file beside the one that it will become.
func createTemp(name string) (*os.File, error) {
	dir, base := filepath.Split(name)
	for try := 0; ; try++ {
		temp := filepath.Join(dir, "."+base+"."+strconv.FormatUint(rand.Uint64(), 36)+".part")
		f, err := os.OpenFile(temp, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666) //nolint:gosec // as open as any file; the umask decides
		if err == nil {
			return f, nil
		}
		if !errors.Is(err, os.ErrExist) || try > 100 {
			return nil, fmt.Errorf("modelslab: save: %w", err)
		}
	}
}

// publish gives a complete file its name.
func publish(f *os.File, name string) (string, error) {
	err := f.Close()
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		return "", fmt.Errorf("modelslab: save: %w", err)
	}
	return name, nil
}

// fileStem is a file name for the job, without index and extension, that no
// answer of a server can lead out of its folder.
func fileStem(job *Job) string {
	name := job.Ref.String()
	switch {
	case job.Ref.ID != "" && job.Ref.Kind != "":
	case job.Ref.ID != "":
		name = "job/" + job.Ref.ID
	case job.TrackID != "":
		name = "job/" + job.TrackID
	case job.ID != "":
		name = "job/" + job.ID
	default:
		sum := sha256.Sum256([]byte(strings.Join(job.Output, "\n") + job.Text))
		return "job-" + hex.EncodeToString(sum[:8])
	}
	const longest = 100
	safe := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '_', r == '-':
			return r
		default:
			return '-'
		}
	}, strings.TrimPrefix(name, "/"))
	if plain := strings.ReplaceAll(strings.TrimPrefix(name, "/"), "/", "-"); safe == plain && len(safe) <= longest && safe[0] != '-' {
		return safe
	}
	// What was replaced told jobs apart.
	sum := sha256.Sum256([]byte(name))
	return strings.Trim(safe[:min(len(safe), longest)], "-") + "-" + hex.EncodeToString(sum[:4])
}
