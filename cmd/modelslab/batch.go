package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/modelslab-go/modelslab"

	"github.com/modelslab-go/modelslab/cmd/modelslab/internal/batch"
	"github.com/modelslab-go/modelslab/cmd/modelslab/internal/operation"
	"github.com/modelslab-go/modelslab/cmd/modelslab/internal/progress"
)

type batchCommand struct {
	access

	File       string   `arg:"" optional:"" help:"A prompt or a JSON object a line; - is standard input. Without it the batch in --out goes on."`
	Operation  string   `arg:"" optional:"" help:"Operation of the lines that name none."`
	Parameters []string `arg:"" optional:"" sep:"none" name:"name=value" help:"Parameters of every line that does not have its own."`

	Out   string `default:"out" placeholder:"DIR" help:"Folder for the files, the gallery and the journal. Defaults to out."`
	Limit int    `default:"5" placeholder:"N" help:"How many jobs the account may have open: 5, 10 or 15 by plan. Defaults to 5."`
	Quiet bool   `short:"q" help:"Print the summary alone."`
}

// Help is what -h says beyond the flags.
func (*batchCommand) Help() string {
	return `Runs a request for every line of a file, as many at a time as the account may have open, and saves the results in --out
with a gallery, index.html. A line is a prompt, or a JSON object of parameters. One with an "operation" has its own alone:

    modelslab batch prompts.txt text2img model_id=flux
    {"operation": "sfx", "prompt": "rain on a tin roof", "duration": 8}

The first Ctrl-C sends nothing more and finishes the jobs that are open; the second leaves them open. The same command goes on
from there, even after the process was killed: batch.jsonl in the folder says what was sent, and nothing is sent twice. Lines may
be added to the end of the file.`
}

// Validate refuses what contradicts itself and numbers that are none.
func (c *batchCommand) Validate() error {
	if c.Limit < 1 {
		return fmt.Errorf("--limit %d: want 1 or more", c.Limit)
	}
	if c.Emulator && c.File == "" {
		return errors.New("--emulator has forgotten the batch in --out: give the file")
	}
	return c.access.Validate()
}

// items reads the requests of the file.
func (c *batchCommand) items(p *program) ([]*batch.Item, error) {
	if c.File == "" {
		return nil, nil
	}
	if c.Operation != "" {
		if _, err := operation.Find(c.Operation); err != nil {
			return nil, err
		}
	}
	var shared []operation.Assignment
	for _, text := range c.Parameters {
		a, err := operation.ParseAssignment(text)
		if err != nil {
			return nil, err
		}
		shared = append(shared, a)
	}
	lines := p.in
	if c.File != "-" {
		file, err := os.Open(c.File)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		lines = file
	}
	items, err := batch.Read(lines, c.Operation, shared)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.File, err)
	}
	return items, nil
}

// Run runs what is left of the batch.
func (c *batchCommand) Run(ctx context.Context, p *program) error {
	items, err := c.items(p)
	if err != nil {
		return usageError{err}
	}
	client, end, err := c.client(p, modelslab.WithQueueLimit(c.Limit))
	if err != nil {
		return err
	}
	defer end()
	b, err := batch.New(batch.Config{
		Dir: c.Out, Client: client, Files: new(files), API: c.address(p), Forgets: c.Emulator,
	}, items)
	if err != nil {
		return usageError{err}
	}
	show := c.display(p, b.Len())
	hard, leave := context.WithCancel(context.WithoutCancel(ctx))
	defer leave()
	defer twice(ctx, show, leave)()
	if err := b.Run(ctx, hard, show); err != nil {
		return err
	}
	err = b.Report(p.out)
	if err != nil && ctx.Err() != nil {
		return interruptedError{err, "modelslab: interrupted: " + err.Error()}
	}
	return err
}

// twice calls leave at the signal that follows the one that ended ctx. The
// returned function ends that.
func twice(ctx context.Context, show progress.Display, leave func()) (end func()) {
	signals := make(chan os.Signal, 1)
	ended := make(chan struct{})
	watching := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(watching)
		signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
		defer signal.Stop(signals) // the third one ends the process
		show.Say("stopping: nothing more is sent, open jobs are finished (Ctrl-C again leaves them open)")
		select {
		case <-signals:
			leave()
			show.Say("leaving: only the answers of submits under way are awaited")
		case <-ended:
		}
	})
	return func() {
		close(ended)
		if !stop() {
			<-watching
		}
	}
}

func (c *batchCommand) display(p *program, total int) progress.Display {
	switch {
	case c.Quiet:
		return progress.Silent{}
	case progress.Terminal(p.err):
		return progress.NewBars(p.err, total)
	default:
		return progress.NewLines(p.out, total)
	}
}
