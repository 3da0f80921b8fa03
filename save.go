package modelslab

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
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
// [Client.SaveTo] saves elsewhere than in a folder.
//
// Errors: those of Download; ErrInvalid when the job has no output; errors of
// the file system, wrapped. Where the job has several outputs each error names
// the index of its own, and they are joined.
func (c *Client) Save(ctx context.Context, job *Job, dir string, opts ...CallOption) ([]string, error) {
	return c.SaveTo(ctx, job, folder(dir), opts...)
}

// SaveTo is [Client.Save] into a sink, such as a bucket, and returns the keys
// that the sink gave to the files. Names, decoding, resumed transfers, proxy
// links, options and errors are those of Save; errors of the sink are wrapped.
func (c *Client) SaveTo(ctx context.Context, job *Job, sink Sink, opts ...CallOption) ([]string, error) {
	o, err := newCallOptions(verbSave, opts)
	if err != nil {
		return nil, err
	}
	return c.save(ctx, job, sink, o)
}

func (c *Client) save(ctx context.Context, job *Job, sink Sink, o *callOptions) (keys []string, err error) {
	ctx, end := c.begin(ctx, Op{Name: OpSave, TrackID: trackIDOf(job)})
	defer func() { end(Result{Job: job, Err: err}) }()
	if sink == nil {
		return nil, refuse("save", "", "the sink is nil")
	}
	links, err := linksOf(job)
	if err != nil {
		return nil, public(err)
	}
	name := fileName(job)
	var errs []error
	for i := range links {
		f := File{Name: name + "-" + strconv.Itoa(i), Job: job, Index: i}
		key, err := c.saveOutput(ctx, links[i], f, sink, o)
		if err == nil {
			keys = append(keys, key)
			continue
		}
		if err = public(err); len(links) > 1 {
			err = fmt.Errorf("output %d: %w", i, err)
		}
		if errs = append(errs, err); ctx.Err() != nil {
			return keys, joined(errs)
		}
	}
	if job.Text != "" {
		key, err := store(ctx, text{strings.NewReader(job.Text)}, File{Name: name, Job: job, Index: -1}, sink)
		if err == nil {
			keys = append(keys, key)
		} else {
			errs = append(errs, public(err))
		}
	}
	return keys, joined(errs)
}

func joined(errs []error) error {
	if len(errs) == 1 {
		return errs[0]
	}
	return errors.Join(errs...)
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
func (c *Client) saveOutput(ctx context.Context, links []string, f File, sink Sink, o *callOptions) (string, error) {
	var first error
	for i, link := range links {
		d := download.Options{Limit: o.sizeLimit, Progress: o.onTransfer}
		if i < len(links)-1 {
			d.Patience = fallbackPatience
		}
		key, err := c.saveLink(ctx, link, f, sink, d)
		if errors.Is(err, download.ErrChanged) { // a new transfer gets the new content whole
			key, err = c.saveLink(ctx, link, f, sink, d)
		}
		if err == nil {
			return key, nil
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
// server's, not the sink's.
func elsewhere(err error) bool {
	_, ok := errors.AsType[*fault.Error](err)
	return ok && !errors.Is(err, download.ErrTooLarge) || errors.Is(err, base64text.ErrNot)
}

func (c *Client) saveLink(ctx context.Context, link string, f File, sink Sink, o download.Options) (string, error) {
	t, err := c.downloads().Open(ctx, link, o)
	if err != nil {
		return "", err
	}
	defer t.Close()
	key, err := store(ctx, t, f, sink)
	if errors.Is(err, base64text.ErrNot) {
		err = fmt.Errorf("modelslab: %s: %w", t.Op(), err)
	}
	return key, err
}

// text is a text result as the content of a file.
type text struct{ *strings.Reader }

func (text) Name() string        { return "" }
func (text) ContentType() string { return "text/plain; charset=utf-8" }

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
