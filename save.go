package modelslab

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/modelslab-go/modelslab/internal/base64text"
	"github.com/modelslab-go/modelslab/internal/download"
	"github.com/modelslab-go/modelslab/internal/fault"
	"github.com/modelslab-go/modelslab/internal/outfile"
)

// fallbackPatience is how long a file may be not there yet where another link
// to it remains to be tried.
const fallbackPatience = 20 * time.Second

// Save downloads every output of a job into dir, which it creates, and returns
// the paths of the files, those saved before or after an error too: it goes on
// to the next output when one cannot be had. A dir of "" is the current one.
// Files are named after the job, such as "video-12202888-0.mp4", with an
// extension by what they turn out to be, so that saving again replaces them. No
// two jobs share a name: an id with more than lower-case letters, digits and
// underscores is followed by a hash of it. A file appears under its name when it
// is complete. Outputs that are base64 text are decoded; text results become a
// .txt file. Where an output cannot be had its proxy link is tried; future links
// never are. Options and conditions are those of [Client.Download].
//
// Errors: those of Download; ErrInvalid when the job has no output; errors of
// the file system, wrapped. Where the job has several outputs each error names
// the index of its own, and they are joined.
func (c *Client) Save(ctx context.Context, job *Job, dir string, opts ...CallOption) ([]string, error) {
	o, err := newCallOptions(verbSave, opts)
	if err != nil {
		return nil, err
	}
	return c.save(ctx, job, dir, o)
}

func (c *Client) save(ctx context.Context, job *Job, dir string, o *callOptions) (paths []string, err error) {
	ctx, end := c.begin(ctx, Op{Name: OpSave, TrackID: trackIDOf(job)})
	defer func() { end(Result{Job: job, Err: err}) }()
	links, err := linksOf(job)
	if err != nil {
		return nil, public(err)
	}
	if dir == "" {
		dir = "."
	}
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // as open as any folder; the umask decides
		return nil, fmt.Errorf("modelslab: save: %w", err)
	}
	name := filepath.Join(dir, fileName(job))
	var errs []error
	for i := range links {
		saved, err := c.saveOutput(ctx, links[i], name+"-"+strconv.Itoa(i), o)
		if err == nil {
			paths = append(paths, saved)
			continue
		}
		if err = public(err); len(links) > 1 {
			err = fmt.Errorf("output %d: %w", i, err)
		}
		if errs = append(errs, err); ctx.Err() != nil {
			break
		}
	}
	if job.Text != "" {
		saved, err := saveText(name, job.Text)
		if err == nil {
			paths = append(paths, saved)
		} else {
			errs = append(errs, err)
		}
	}
	if len(errs) == 1 {
		return paths, errs[0]
	}
	return paths, errors.Join(errs...)
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
		d := download.Options{Limit: o.sizeLimit, Progress: o.onTransfer}
		if i < len(links)-1 {
			d.Patience = fallbackPatience
		}
		saved, err := c.saveLink(ctx, link, name, d)
		if errors.Is(err, download.ErrChanged) { // a new transfer gets the new content whole
			saved, err = c.saveLink(ctx, link, name, d)
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
	_, ok := errors.AsType[*fault.Error](err)
	return ok && !errors.Is(err, download.ErrTooLarge) || errors.Is(err, base64text.ErrNot)
}

func (c *Client) saveLink(ctx context.Context, link, name string, o download.Options) (string, error) {
	t, err := c.downloads().Open(ctx, link, o)
	if err != nil {
		return "", err
	}
	defer t.Close()
	f, err := outfile.Create(name)
	if err != nil {
		return "", err
	}
	defer f.Discard()
	if err := f.Fill(t, t.Name()); err != nil {
		if errors.Is(err, base64text.ErrNot) {
			err = fmt.Errorf("modelslab: %s: %w", t.Op(), err)
		}
		return "", err
	}
	return f.Publish(t.ContentType())
}

func saveText(name, text string) (string, error) {
	f, err := outfile.Create(name)
	if err != nil {
		return "", err
	}
	defer f.Discard()
	if err := f.Fill(strings.NewReader(text), ""); err != nil {
		return "", fmt.Errorf("modelslab: save: %w", err)
	}
	return f.Publish("text/plain")
}

// fileName is a file name for the job, without index and extension, that no
// answer of a server can lead out of its folder.
func fileName(job *Job) string {
	id := cmp.Or(job.Ref.ID, job.ID)
	switch {
	case job.Ref.ID != "" && job.Ref.Kind != "":
		return outfile.Name(string(job.Ref.Kind), id)
	case job.Ref.ID == "" && job.TrackID != "" && !isNumber(job.TrackID):
		return outfile.Name("job", job.TrackID)
	case job.Ref.ID == "" && job.TrackID != "":
		return outfile.Name("job/track", job.TrackID)
	case id == "":
		return outfile.NameOf("job", strings.Join(job.Output, "\n")+job.Text)
	case isNumber(id):
		return outfile.Name("job", id)
	default:
		return outfile.Name("job/id", id)
	}
}

// isNumber tells the ids of the API from the track ids of callers: both name
// jobs that have no kind.
func isNumber(id string) bool { return strings.Trim(id, "0123456789") == "" }

const defaultParallel = 8

// Parallel is how many jobs [Client.SaveAll] saves at the same time. Defaults
// to 8. Serves SaveAll.
func Parallel(n int) CallOption {
	return func(o *callOptions) {
		if !o.serves("Parallel", verbSaveAll) {
			return
		}
		if n <= 0 {
			o.fail(fmt.Errorf("modelslab: Parallel(%d): want 1 or more", n))
			return
		}
		o.parallel = n
	}
}

// SaveAll saves the results of jobs into dir as their outcomes come, several at
// a time, and yields each outcome when that is done: with Files, and with Err
// where it failed. Outcomes without a success pass through. It takes what
// [Client.RunAll] yields,
//
//	for i, outcome := range client.SaveAll(ctx, client.RunAll(ctx, requests), "out") {
//
// or any other sequence of outcomes that have a Job. Saving is [Client.Save]
// with its options, and [Parallel]: a transfer that breaks off is resumed, what
// is no file of the type and size that was announced is not taken for one, and
// a file has its name only when it is complete. A file of an earlier run with
// the same name is replaced.
//
// The sequence of outcomes runs on another goroutine than the loop. A break
// waits for the outcome that is next; to be quick, end ctx first, which yields
// the rest unsaved.
func (c *Client) SaveAll(ctx context.Context, outcomes iter.Seq2[int, Outcome], dir string, opts ...CallOption) iter.Seq2[int, Outcome] {
	return func(yield func(int, Outcome) bool) {
		o, err := newCallOptions(verbSaveAll, opts)
		if err != nil {
			yield(0, Outcome{Err: err})
			return
		}
		if o.parallel == 0 {
			o.parallel = defaultParallel
		}
		ctx, cancel := context.WithCancel(ctx)
		s := newStream()
		go s.run(func() {
			room := make(chan struct{}, o.parallel)
			var saves sync.WaitGroup
			defer saves.Wait()
			for i, outcome := range outcomes {
				if s.left() {
					return
				}
				if outcome.Err != nil || outcome.Job == nil {
					s.results <- result{outcome, i}
					continue
				}
				room <- struct{}{}
				saves.Go(func() {
					outcome.Files, outcome.Err = c.save(ctx, outcome.Job, dir, o)
					s.results <- result{outcome, i}
					<-room
				})
			}
		})
		s.yield(yield, cancel)
	}
}
