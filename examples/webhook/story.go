package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/webhook"
)

// story prints what happens, and ends with the last job.
type story struct {
	mu    sync.Mutex
	open  map[modelslab.Ref]bool
	early map[modelslab.Ref]bool // ended before they were expected
	done  chan struct{}
}

func newStory() *story {
	return &story{open: map[modelslab.Ref]bool{}, early: map[modelslab.Ref]bool{}, done: make(chan struct{}, 1)}
}

// print is the callback for all events. What a service does for the event goes
// where this prints it; an error would have it called again.
func (s *story) print(_ context.Context, e webhook.Event) error {
	switch e := e.(type) {
	case *webhook.Succeeded:
		fmt.Printf("succeeded  %s %q: %s\n", e.Ref(), e.TrackID(), strings.Join(e.Job().Output, " "))
	case *webhook.Failed:
		fmt.Printf("failed     %s %q: %s\n", e.Ref(), e.TrackID(), e.Job().Message)
	case *webhook.Progress:
		fmt.Printf("progress   %s %q: %s to go\n", e.Ref(), e.TrackID(), e.Job().ETA)
	case *webhook.TrainingUpdated:
		fmt.Printf("training   %s: %s\n", e.Ref(), e.Stage)
	case *webhook.WorkflowFinished:
		fmt.Printf("workflow   %s: %s after %s\n", e.Ref(), e.Job().Status, e.Took)
	case *webhook.Unknown:
		fmt.Printf("unknown    %s\n", e.Raw())
	}
	if e.Job().Final() {
		s.ended(e.Ref())
	}
	return nil
}

// note is the observer. It sees what no callback does.
func (s *story) note(o webhook.Observation) {
	switch o.Outcome {
	case webhook.OutcomeDuplicate:
		fmt.Printf("duplicate  %s %q: handled before, acknowledged, not handled again\n", o.Ref, o.TrackID)
	case webhook.OutcomeConfirmed:
		fmt.Printf("confirmed  %s %q: fetched, because its results are on a new host\n", o.Ref, o.TrackID)
	case webhook.OutcomeDelivered:
		if !o.Webhook {
			fmt.Printf("           %s was completed by polling: its webhook never came\n", o.Ref)
		}
	default:
	}
}

func (s *story) expect(ref modelslab.Ref) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.early[ref] {
		s.open[ref] = true
	}
}

func (s *story) ended(ref modelslab.Ref) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.early[ref] = true
	delete(s.open, ref)
	if len(s.open) == 0 {
		select {
		case s.done <- struct{}{}:
		default:
		}
	}
}

// end waits until every job has ended.
func (s *story) end(ctx context.Context) error {
	for {
		s.mu.Lock()
		open := len(s.open)
		s.mu.Unlock()
		if open == 0 {
			return nil
		}
		select {
		case <-s.done:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// forge reports a success that never was, as anybody can who knows the URL.
func forge(ctx context.Context, url string) error {
	body := `{"status":"success","id":1,"output":["https://evil.example/malware.mp4"],"track_id":"video_001"}`
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"?sig="+strings.Repeat("A", 52), strings.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, _ := io.ReadAll(io.LimitReader(resp.Body, 1<<10))
	fmt.Printf("forged     delivery answered %s %s\n", resp.Status, answer)
	return nil
}
