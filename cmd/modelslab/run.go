package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/modelslab-go/modelslab"

	"github.com/modelslab-go/modelslab/cmd/modelslab/internal/operation"
)

type runCommand struct {
	access
	waiting

	Operation  string   `arg:"" help:"Last part of the endpoint's path, such as text2img, or the method, such as Image.TextToImage."`
	Parameters []string `arg:"" optional:"" sep:"none" name:"name=value" help:"Parameters of the request."`

	Webhook string `placeholder:"URL" help:"Callback URL of the job."`
	TrackID string `name:"track-id" placeholder:"ID" help:"Your own name for the job. Defaults to one that is made up."`
	Server  string `placeholder:"NAME" help:"Dedicated enterprise server to use."`
	NoWait  bool   `name:"no-wait" help:"End as soon as the job is accepted."`
}

// Help is what -h says beyond the flags.
func (*runCommand) Help() string {
	return `The parameters are those of the endpoint: modelslab endpoints text2img lists them. A list is one value with commas, a
JSON array, or the parameter several times. A file is a URL, @house.png for a file on this machine, or - for standard input.

    modelslab run text2img model_id=flux prompt="a lighthouse" --save out
    modelslab run img2img model_id=flux prompt="at night" init_image=@house.png --save out

The first line of standard output is the job's reference, as soon as it is accepted. Then come the files with --save, else the
URLs. Ctrl-C ends the command and not the job: modelslab wait and the reference go on. A submit is never sent twice.`
}

// Validate refuses what contradicts itself.
func (c *runCommand) Validate() error {
	switch {
	case c.NoWait && (c.Save != "" || c.Timeout > 0):
		return errors.New("--no-wait does not wait for what --save and --timeout are about")
	case c.NoWait && c.Emulator:
		return errors.New("--emulator forgets the job at the end: start modelslab emulator, and give its --base-url")
	}
	return errors.Join(c.access.Validate(), c.waiting.Validate())
}

// request makes the request that the arguments describe.
func (c *runCommand) request(p *program) (modelslab.Request, error) {
	op, err := operation.Find(c.Operation)
	if err != nil {
		return nil, err
	}
	var values []operation.Assignment
	for _, text := range c.Parameters {
		a, err := operation.ParseAssignment(text)
		if err != nil {
			return nil, err
		}
		values = append(values, a)
	}
	if c.Webhook != "" {
		values = append(values, operation.Assignment{Name: "webhook", Value: c.Webhook})
	}
	if c.TrackID != "" {
		values = append(values, operation.Assignment{Name: "track_id", Value: c.TrackID})
	}
	req := op.New()
	if err := operation.Fill(req, values, &files{in: p.in}); err != nil {
		return nil, err
	}
	if missing := operation.Missing(req); len(missing) > 0 && c.Server == "" {
		return nil, fmt.Errorf("%s wants %s: modelslab endpoints %[1]s lists its parameters",
			operation.Name(op), strings.Join(missing, " and "))
	}
	return req, nil
}

// Run submits a job and waits for it.
func (c *runCommand) Run(ctx context.Context, p *program) error {
	req, err := c.request(p)
	if err != nil {
		return usageError{err}
	}
	var opts []modelslab.Option
	var calls []modelslab.CallOption
	if c.Server != "" {
		opts = append(opts, modelslab.WithEnterprise())
		calls = append(calls, modelslab.Server(c.Server))
	}
	client, end, err := c.client(p, opts...)
	if err != nil {
		return err
	}
	defer end()
	notice := context.AfterFunc(ctx, func() {
		fmt.Fprintln(p.err, "modelslab: the submit is under way: its answer is awaited, so that the job is not lost (Ctrl-C again ends at once)")
	})
	job, err := client.Submit(context.WithoutCancel(ctx), req, calls...)
	notice()
	if job != nil && !job.Ref.IsZero() {
		c.accepted(p, job)
	}
	if err != nil {
		return submitError(ctx, err)
	}
	if c.NoWait {
		return nil
	}
	return c.finish(ctx, p, client, job)
}

// submitError says what to do about a submit that failed.
func submitError(ctx context.Context, err error) error {
	if lost, ok := errors.AsType[*modelslab.SubmitError](err); ok && !lost.Ref.IsZero() {
		return fmt.Errorf("%w\n%s", err, waitFor(lost.Ref))
	}
	if ctx.Err() != nil {
		return interruptedError{err, "modelslab: " + err.Error()}
	}
	return err
}
