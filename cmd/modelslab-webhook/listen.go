package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/modelslab-go/modelslab"
)

const (
	polled   = 16 // jobs at a time
	maxAwait = 24 * time.Hour
)

// awaited is a job to wait for.
type awaited struct {
	ref     modelslab.Ref
	trackID string // "" when none is given
}

// listen posts what becomes of jobs.
func (p *program) listen(ctx context.Context, args []string) error {
	flags := p.flags("modelslab-webhook listen")
	file := flags.String("file", "", "`file` of jobs, one a line; - is standard input")
	base := flags.String("base-url", "", "base `URL` of the API, such as that of modelslab-emulator")
	every := flags.Duration("every", 0, "poll so often; defaults to a schedule made from the ETA")
	rest, err := flags.parse(args)
	if err != nil {
		return err
	}
	s, err := p.sender(flags)
	if err != nil {
		return err
	}
	var opts []modelslab.Option
	if *base != "" {
		opts = append(opts, modelslab.WithBaseURL(*base))
	}
	client, err := modelslab.New(p.getenv("MODELSLAB_API_KEY"), opts...)
	if err != nil {
		return err
	}
	l := &listener{client: client, sender: s}
	if *every > 0 {
		l.poll = []modelslab.CallOption{modelslab.PollEvery(*every, *every)}
	}
	jobs, err := p.jobs(rest, *file)
	if err != nil {
		return err
	}
	return l.all(ctx, jobs)
}

// jobs reads from the arguments, a file, or, without both, standard input.
func (p *program) jobs(args []string, file string) (func(yield func(awaited, error) bool), error) {
	var given strings.Builder
	for _, arg := range args {
		given.WriteString(strings.Replace(arg, "=", " ", 1) + "\n")
	}
	var lines io.Reader = strings.NewReader(given.String())
	var closer io.Closer
	switch {
	case file == "-" || file == "" && len(args) == 0:
		lines = io.MultiReader(lines, p.in)
	case file != "":
		f, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		lines, closer = io.MultiReader(lines, f), f
	}
	return func(yield func(awaited, error) bool) {
		if closer != nil {
			defer closer.Close()
		}
		scanner := bufio.NewScanner(lines)
		for scanner.Scan() {
			text, trackID, _ := strings.Cut(strings.TrimSpace(scanner.Text()), " ")
			if text == "" || strings.HasPrefix(text, "#") {
				continue
			}
			ref, err := modelslab.ParseRef(text)
			if !yield(awaited{ref, strings.TrimSpace(trackID)}, err) {
				return
			}
		}
		if err := scanner.Err(); err != nil {
			yield(awaited{}, err)
		}
	}, nil
}

type listener struct {
	client *modelslab.Client
	sender *sender
	poll   []modelslab.CallOption
}

// all waits for every job, several at a time.
func (l *listener) all(ctx context.Context, jobs func(func(awaited, error) bool)) error {
	slots := make(chan struct{}, polled)
	var waits sync.WaitGroup
	var mu sync.Mutex
	var errs []error
	failed := func(err error) {
		mu.Lock()
		defer mu.Unlock()
		errs = append(errs, err)
	}
	for job, err := range jobs {
		if err != nil {
			failed(err)
			continue
		}
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
			waits.Wait()
			return errors.Join(append(errs, ctx.Err())...)
		}
		waits.Go(func() {
			defer func() { <-slots }()
			if err := l.one(ctx, job); err != nil {
				failed(err)
			}
		})
	}
	waits.Wait()
	return errors.Join(errs...)
}

// one waits for a job and posts its end, and every stage of a training.
func (l *listener) one(ctx context.Context, job awaited) error {
	ctx, cancel := context.WithTimeout(ctx, maxAwait)
	defer cancel()
	var stage modelslab.TrainingStage
	var errs []error
	seen := modelslab.OnUpdate(func(j *modelslab.Job) {
		if j.Stage != stage && !j.Status.Terminal() {
			stage = j.Stage
			errs = append(errs, l.post(ctx, j, job))
		}
	})
	end, err := l.client.Wait(ctx, job.ref, append(l.poll, seen)...)
	if failed := (*modelslab.JobError)(nil); err == nil || errors.As(err, &failed) {
		err = l.post(ctx, end, job)
	}
	return errors.Join(append(errs, err)...)
}

func (l *listener) post(ctx context.Context, j *modelslab.Job, job awaited) error {
	body, err := bodyOf(j, job.trackID)
	if err != nil {
		return err
	}
	d := &posting{kind: job.ref.Kind, name: job.trackID, body: body, what: fmt.Sprintf("%s %s", job.ref, j.Status)}
	switch {
	case job.ref.Kind == modelslab.KindWorkflow:
		d.name, _, _ = strings.Cut(job.ref.ID, "/")
	case d.name == "":
		d.name = job.ref.String()
	}
	if j.Stage != "" {
		d.what += " " + string(j.Stage)
	}
	return l.sender.post(ctx, d)
}
