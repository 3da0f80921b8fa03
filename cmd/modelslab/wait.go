package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/modelslab-go/modelslab"

	"github.com/modelslab-go/modelslab/cmd/modelslab/internal/progress"
)

// waiting are the flags of commands that wait for a job.
type waiting struct {
	reporting

	Save    string        `placeholder:"DIR" help:"Save the results in this folder, which is made."`
	Timeout time.Duration `placeholder:"30m" help:"Stop waiting after so long; the job goes on. Defaults to the longer of 30 minutes and 12 times the estimate."`
	Quiet   bool          `short:"q" help:"Show no progress. On standard error there is some when that is a terminal."`
}

// Validate refuses a timeout that is none.
func (w *waiting) Validate() error {
	if w.Timeout < 0 {
		return fmt.Errorf("--timeout %s: want a duration of more than 0, such as 10m", w.Timeout)
	}
	return nil
}

// finish waits for a job and reports its results.
func (w *waiting) finish(ctx context.Context, p *program, client *modelslab.Client, job *modelslab.Job) error {
	show := p.display(w.Quiet)
	shown := progress.Job{Title: job.Ref.String()}
	show.Opened(shown, job.Ref, job.ETA)
	var opts []modelslab.CallOption
	if w.Timeout > 0 {
		opts = append(opts, modelslab.JobTimeout(w.Timeout))
	}
	end, err := client.Wait(ctx, job, opts...)
	show.Closed(shown)
	show.Close()
	if err != nil {
		return waitError(ctx, cmp.Or(end, job), err)
	}
	return w.results(ctx, p, client, end)
}

// results saves the results of a job where that is wanted, and reports it.
func (w *waiting) results(ctx context.Context, p *program, client *modelslab.Client, job *modelslab.Job) error {
	var saved []string
	if w.Save != "" {
		var err error
		if saved, err = client.Save(ctx, job, w.Save); err != nil {
			hint := fmt.Sprintf("the job is done: save it with modelslab save %s %s", job.Ref, w.Save)
			if ctx.Err() != nil {
				return interruptedError{err, "modelslab: interrupted: " + hint}
			}
			return fmt.Errorf("%w\n%s", err, hint)
		}
	}
	return w.ended(p, job, saved)
}

func waitFor(ref modelslab.Ref) string { return "wait for it with: modelslab wait " + ref.String() }

// waitError says how to go on waiting.
func waitError(ctx context.Context, job *modelslab.Job, err error) error {
	stopped, ok := errors.AsType[*modelslab.WaitError](err)
	switch {
	case ok && ctx.Err() != nil:
		return interruptedError{err, "modelslab: interrupted, and the job goes on; " + waitFor(job.Ref)}
	case ok && !errors.Is(err, modelslab.ErrNotFound):
		return fmt.Errorf("%w\n%s", err, waitFor(stopped.Ref))
	default:
		return err
	}
}

// display shows one job on standard error, when that is a terminal.
func (p *program) display(quiet bool) progress.Display {
	if quiet || !progress.Terminal(p.err) {
		return progress.Silent{}
	}
	return progress.NewBars(p.err, 1)
}

// refArgument is the job that a command is about.
type refArgument struct {
	Ref modelslab.Ref `arg:"" help:"Reference of the job, such as video/12202888."`
}

// Validate refuses a reference that names no kind or no job.
func (r *refArgument) Validate() error {
	_, err := modelslab.ParseRef(r.Ref.String())
	return err
}

type waitCommand struct {
	access
	waiting
	refArgument
}

// Help is what -h says beyond the flags.
func (*waitCommand) Help() string {
	return `Waits for a job that was submitted here, elsewhere or yesterday, and prints the URLs of its results, or with --save the
names of the files. Ctrl-C ends the command and not the job.`
}

// Validate refuses what contradicts itself.
func (c *waitCommand) Validate() error {
	return errors.Join(c.access.Validate(), c.waiting.Validate(), c.refArgument.Validate(), c.remembers())
}

// Run waits for a job.
func (c *waitCommand) Run(ctx context.Context, p *program) error {
	client, end, err := c.client(p)
	if err != nil {
		return err
	}
	defer end()
	return c.finish(ctx, p, client, &modelslab.Job{Ref: c.Ref})
}

// jobNow is what commands have that report a job as it stands.
type jobNow struct {
	access
	reporting
	refArgument
}

// Validate refuses what contradicts itself.
func (j *jobNow) Validate() error {
	return errors.Join(j.access.Validate(), j.refArgument.Validate(), j.remembers())
}

// fetch returns the job, and a client until end is called.
func (j *jobNow) fetch(ctx context.Context, p *program) (job *modelslab.Job, client *modelslab.Client, end func(), err error) {
	if client, end, err = j.client(p); err != nil {
		return nil, nil, nil, err
	}
	if job, err = client.Fetch(ctx, j.Ref); err != nil {
		end()
		return nil, nil, nil, err
	}
	return job, client, end, nil
}

type saveCommand struct {
	jobNow

	Dir string `arg:"" help:"Folder for the files, which is made."`
}

// Help is what -h says beyond the flags.
func (*saveCommand) Help() string {
	return `Saves the results of a job that is done and prints the names of the files. A job that is not done wants modelslab wait
with --save.`
}

// Run saves the results of a job.
func (c *saveCommand) Run(ctx context.Context, p *program) error {
	job, client, end, err := c.fetch(ctx, p)
	if err != nil {
		return err
	}
	defer end()
	saved, err := client.Save(ctx, job, c.Dir)
	if err != nil {
		return err
	}
	return c.ended(p, job, saved)
}

type fetchCommand struct{ jobNow }

// Help is what -h says beyond the flags.
func (*fetchCommand) Help() string {
	return `Asks once and prints where the job stands. A job that failed is an answer too, and no failure of the command.`
}

// Run prints the state of a job.
func (c *fetchCommand) Run(ctx context.Context, p *program) error {
	job, _, end, err := c.fetch(ctx, p)
	if err != nil {
		return err
	}
	defer end()
	return c.state(p, job)
}
