package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/internal/endpoint"
	"github.com/modelslab-go/modelslab/internal/token"
)

const (
	patience      = 30 * time.Second // that ModelsLab has with a receiver
	workflowTries = 4                // that ModelsLab makes for a workflow
)

// posting is what is posted.
type posting struct {
	kind modelslab.Kind
	name string // the track id, or the workflow's id
	body []byte
	what string // for the terminal
}

// post delivers as ModelsLab does: reports of workflow runs are repeated.
func (s *sender) post(ctx context.Context, d *posting) error {
	tries := 1
	if d.kind == modelslab.KindWorkflow {
		tries = workflowTries
	}
	pause := time.Second
	for try := 1; ; try++ {
		status, err := s.once(ctx, d)
		if err == nil {
			err = s.report("%s: HTTP %d\n", d.what, status)
		}
		switch {
		case err != nil && try == tries:
			return fmt.Errorf("%s: %w", d.what, err)
		case err == nil && status/100 == 2:
			return nil
		case try == tries:
			return fmt.Errorf("%s: the service answered HTTP %d", d.what, status)
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
			pause *= 2
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
}

// report prints a line whole, though many deliveries are under way.
func (s *sender) report(format string, args ...any) error {
	s.printing.Lock()
	defer s.printing.Unlock()
	_, err := fmt.Fprintf(s.out, format, args...)
	return err
}

func (s *sender) once(ctx context.Context, d *posting) (int, error) {
	claims := token.OfJob(endpoint.CodeOf(string(d.kind)), d.name, time.Now())
	if d.kind == modelslab.KindWorkflow {
		claims = token.OfWorkflow(d.name)
	}
	to := token.Address(s.target, s.key, claims, string(d.kind))
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(d.body))
	if err != nil {
		return 0, err
	}
	r.Header.Set("Content-Type", "application/json")
	resp, err := s.http.Do(r)
	if err != nil {
		return 0, fmt.Errorf("%s cannot be reached: %w", s.target.Redacted(), bare(err))
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10))
	return resp.StatusCode, nil
}
