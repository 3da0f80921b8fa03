package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/modelslab-go/modelslab/internal/endpoint"
	"github.com/modelslab-go/modelslab/modelslabtest"
)

// An examiner asks the test server what the files describe. Jobs are done at once
// on one server and run for ever on the other.
type examiner struct {
	done, running *modelslabtest.Server
	rows          []*endpoint.Endpoint
	faults        []string
}

// answers returns what is wrong with the answers of the test server, by the files.
func answers(ctx context.Context, ops []*operation, rows []*endpoint.Endpoint) ([]string, error) {
	x := &examiner{
		done:    modelslabtest.NewServer(modelslabtest.WithStrict(), modelslabtest.WithQueueLimit(0), modelslabtest.WithLatency(0)),
		running: modelslabtest.NewServer(modelslabtest.WithStrict(), modelslabtest.WithQueueLimit(0), modelslabtest.WithLatency(time.Hour+time.Second/2)),
		rows:    rows,
	}
	defer x.done.Close()
	defer x.running.Close()
	for _, op := range ops {
		if err := x.examine(ctx, op); err != nil {
			return nil, fmt.Errorf("%s %s: %w", op.method, op.path, err)
		}
	}
	return x.faults, nil
}

// examine makes the calls of an operation: with the wrong key, and with the right
// one against the servers on which the answers differ.
func (x *examiner) examine(ctx context.Context, op *operation) error {
	status, text, err := call(ctx, x.done, op, "no-such-key", "1")
	if err != nil {
		return err
	}
	if status == http.StatusNotFound {
		if fetches(op.path) || x.row(op) != nil { // others are missing as a whole
			x.faults = append(x.faults, op.method+" "+op.path+": not answered")
		}
		return nil
	}
	if err := x.check(op, "refused", []string{"401", "400"}, text); err != nil {
		return err
	}
	servers := map[string]*modelslabtest.Server{"done": x.done}
	if row := x.row(op); fetches(op.path) || row != nil && row.Kind != "" {
		servers["running"] = x.running
	}
	for _, state := range sorted(servers) {
		id, err := x.subject(ctx, op, servers[state])
		if err != nil {
			return err
		}
		if _, text, err = call(ctx, servers[state], op, "test-key", id); err != nil {
			return err
		}
		if err := x.check(op, state, []string{"200"}, text); err != nil {
			return err
		}
	}
	return nil
}

// row is the row of the table that an operation has, nil for none.
func (x *examiner) row(op *operation) *endpoint.Endpoint {
	for _, e := range x.rows {
		if e.Method == op.method && e.Path == op.path {
			return e
		}
	}
	return nil
}

// subject returns the id of a job that an operation can be about.
func (x *examiner) subject(ctx context.Context, op *operation, srv *modelslabtest.Server) (string, error) {
	kind := "images"
	switch {
	case strings.Contains(op.path, "{training_id}"):
		kind = "training"
	case fetches(op.path):
		if k, _, ok := endpoint.KindOfFetchPath(op.path); ok {
			kind = k
		}
	case op.params["request_id"] == nil:
		return "", nil
	}
	i := slices.IndexFunc(x.rows, func(e *endpoint.Endpoint) bool { return e.Kind == kind })
	body := map[string]types{}
	for _, name := range x.rows[i].Required {
		body[name] = types{"string"}
	}
	start := &operation{method: x.rows[i].Method, path: x.rows[i].Path, params: body}
	_, text, err := call(ctx, srv, start, "test-key", "")
	var job struct {
		ID         json.Number `json:"id"`
		TrainingID string      `json:"training_id"`
	}
	if err == nil {
		err = json.Unmarshal(text, &job)
	}
	return job.ID.String() + job.TrainingID, err
}

// check notes what is wrong with an answer by the first status that the files
// describe.
func (x *examiner) check(op *operation, state string, statuses []string, text []byte) error {
	for _, status := range statuses {
		if shapes := op.answers[status]; shapes != nil {
			faults, err := closest(shapes, text)
			for _, f := range faults {
				x.faults = append(x.faults, fmt.Sprintf("%s %s: %s: %s", op.method, op.path, state, f))
			}
			return err
		}
	}
	return nil
}

// call sends an operation with all its parameters but the callback.
func call(ctx context.Context, srv *modelslabtest.Server, op *operation, key, id string) (status int, text []byte, err error) {
	file := "https://example.com/a"
	if strings.Contains(op.path, "base64") {
		file = "YWJj"
	}
	body := map[string]json.RawMessage{"key": quoted(key)}
	for name, kinds := range op.params {
		switch {
		case name == "key", name == "webhook", name == "track_id":
		case name == "request_id":
			body[name] = quoted(id)
		case name == "type":
			body[name] = quoted("image")
		case slices.Contains(kinds, "string"):
			body[name] = quoted(file)
		case slices.Contains(kinds, "boolean"):
			body[name] = json.RawMessage("false")
		case slices.Contains(kinds, "array"):
			body[name] = json.RawMessage(`["` + file + `"]`)
		default:
			body[name] = json.RawMessage("1")
		}
	}
	sent, err := json.Marshal(body)
	if err != nil {
		return 0, nil, err
	}
	path := strings.NewReplacer("{id}", id, "{training_id}", id).Replace(op.path)
	r, err := http.NewRequestWithContext(ctx, op.method, "https://modelslab.test/api"+path, strings.NewReader(string(sent)))
	if err != nil {
		return 0, nil, err
	}
	resp, err := srv.HTTPClient().Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	text, err = io.ReadAll(resp.Body)
	return resp.StatusCode, text, err
}

func quoted(s string) json.RawMessage {
	text, _ := json.Marshal(s) //nolint:errchkjson // a string always has a text
	return text
}
