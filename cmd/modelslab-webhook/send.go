package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/modelslab-go/modelslab"
)

// samples are the bodies that ModelsLab publishes. ID and TRACK are replaced.
var samples = map[string]struct {
	kind modelslab.Kind // "" for that of the flag
	body string
}{
	"success":    {"", `{"status":"success","id":ID,"output":["https://modelslab.com/sample-ID.mp4"],"generationTime":45.2,"track_id":"TRACK","meta":{"prompt":"A spaceship flying through an asteroid field","model_id":"cogvideox","width":512,"height":512}}`},
	"failed":     {"", `{"status":"failed","id":ID,"message":"Processing failed: Invalid input dimensions","track_id":"TRACK"}`},
	"processing": {"", `{"status":"processing","id":ID,"eta":20.5,"output":[],"future_links":["https://modelslab.com/sample-ID.mp4"],"track_id":"TRACK"}`},
	"training":   {modelslab.KindTraining, `{"status":"success","training_status":"model_ready","logs":"the model can be used","model_id":"TRACK"}`},
	"workflow-nested": {modelslab.KindWorkflow, `{"event":"workflow.completed","workflow":{"id":"TRACK","name":"My Image Pipeline","user_id":12345},` +
		`"execution":{"id":"exec_ID","status":"completed","started_at":"2026-01-02T10:30:00Z","completed_at":"2026-01-02T10:30:45Z","execution_time":45.2,` +
		`"input_data":{"prompt":"A beautiful sunset"},"output_data":{"images":["https://modelslab.com/sample-ID.png"]}}}`},
	"workflow-flat": {modelslab.KindWorkflow, `{"event":"workflow.completed","execution_id":ID,"workflow_id":"TRACK","status":"completed","output":{"output":["https://modelslab.com/sample-ID.png"]},"completed_at":"2024-01-15T10:30:15Z"}`},
}

// send posts a sample.
func (p *program) send(ctx context.Context, args []string) error {
	flags := p.flags("modelslab-webhook send")
	kind := flags.String("kind", string(modelslab.KindVideo), "`kind` of the sample job; trainings and workflows have their own")
	trackID := flags.String("track-id", "video_001", "track `id` of the job, id of the model or the workflow")
	id := flags.Uint("id", 12202888, "the job's `number`")
	dup := flags.Int("dup", 0, "how many `times` more to send it")
	rest, err := flags.parse(args)
	if err != nil {
		return err
	}
	names := slices.Sorted(maps.Keys(samples))
	if len(rest) != 1 {
		return fmt.Errorf("send wants one of %s", strings.Join(names, ", "))
	}
	sample, ok := samples[rest[0]]
	if !ok {
		return fmt.Errorf("there is no sample %q; send wants one of %s", rest[0], strings.Join(names, ", "))
	}
	if *dup < 0 {
		return errors.New("-dup wants 0 or more")
	}
	s, err := p.sender(flags)
	if err != nil {
		return err
	}
	d := &posting{kind: sample.kind, name: *trackID, what: rest[0]}
	if d.kind == "" {
		d.kind = modelslab.Kind(*kind)
	}
	d.body = []byte(strings.NewReplacer("ID", strconv.FormatUint(uint64(*id), 10), `"TRACK"`, quote(*trackID)).Replace(sample.body))
	for range *dup + 1 {
		if err := s.post(ctx, d); err != nil {
			return err
		}
	}
	return nil
}

// bare keeps the callback's token out of an error.
func bare(err error) error {
	if u := (*url.Error)(nil); errors.As(err, &u) {
		return u.Err
	}
	return err
}
