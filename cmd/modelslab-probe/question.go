package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/internal/wire"
	"github.com/modelslab-go/modelslab/webhook"
)

// verdict compares an answer with what the library assumes.
type verdict string

const (
	agrees  verdict = "agrees"
	differs verdict = "differs"
	open    verdict = "open"
)

// finding is the answer to a question.
type finding struct {
	question *question
	verdict  verdict
	seen     string
}

// question is one that only the live API can answer.
type question struct {
	text     string
	assumed  string   // what the library assumes
	trials   []string // what has to be submitted
	calls    string   // what else is sent, free of charge
	callback bool     // it needs a public URL
	workflow bool     // it needs a workflow
	judge    func(ctx context.Context, p *prober) (verdict, string)
}

var questions = []question{
	{"Is the query of the callback URL kept?", "It is, so that the token in it comes back.", []string{"image"}, "", true, false, judgeQuery},
	{"Does fetch refresh the ETA?", "It does not: only the submit names one.", []string{"image"}, "one fetch", false, false, judgeETA},
	{"Is there a webhook on synchronous success?", "There is, beside the answer.", []string{"realtime"}, "", true, false, judgeSync},
	{"Are string track ids taken where the documentation says integer?", "They are, and come back as they were sent.", []string{"text"}, "", false, false, judgeText},
	{"Are 53-bit track ids kept exactly?", "They are.", []string{"number"}, "", false, false, judgeNumber},
	{"Which id wins when id and fetch_result differ?", "That of fetch_result.", []string{"image", "text"}, "a fetch by each id", false, false, judgeIDs},
	{"Are there webhooks while a job is processing?", "There are none, only at its end.", []string{"image", "text"}, "", true, false, judgeProgress},
	{"What does the webhook of a failed workflow look like?", "Its event is workflow.failed, its status failed, in one of the two published forms.", []string{"workflow"}, "", true, true, judgeWorkflow},
	{"Is the key taken from a header by model search?", "It is not: from the query alone.", nil, "GET /v6/model-search/tags with the key in the query, in a header and without", false, false, judgeKeyHeader},
	{"What says how long to wait after a 429?", "retry_after in the body, Retry-After or X-RateLimit-Reset.", nil, "up to 40 times POST /v6/processing/request_count", false, false, judgeLimit},
}

// sends says what asking takes.
func (q *question) sends() string {
	var list []string
	for _, name := range q.trials {
		list = append(list, "POST "+trialOf(name).path+" ("+name+")")
	}
	if q.calls != "" {
		list = append(list, q.calls)
	}
	return strings.Join(list, ", ")
}

// lacks says what is missing to ask the question, "" for nothing.
func (q *question) lacks(o *options) string {
	switch {
	case q.callback && o.publicURL == "":
		return "it needs -public-url and -listen"
	case q.workflow && o.workflow == "":
		return "it needs -workflow"
	}
	return ""
}

// unanswered is the verdict about a trial that says nothing. It is not ok.
func (p *prober) unanswered(trial string) (o *outcome, why string, ok bool) {
	o = p.outcomes[trial]
	switch {
	case o.skipped != "":
		return o, o.skipped, false
	case o.err != nil:
		return o, fmt.Sprintf("the submit failed: %v", o.err), false
	}
	return o, "", true
}

func judgeQuery(_ context.Context, p *prober) (verdict, string) {
	_, why, ok := p.unanswered("image")
	if !ok {
		return open, why
	}
	arrivals := p.receiver.of("image")
	if i := slices.IndexFunc(arrivals, func(a arrival) bool { return !a.intact }); i >= 0 {
		return differs, "A delivery came, but " + arrivals[i].why + "."
	}
	if len(arrivals) == 0 {
		return open, fmt.Sprintf("no delivery came within %s of the job's end", p.grace)
	}
	return agrees, "A delivery came with its token."
}

func judgeETA(_ context.Context, p *prober) (verdict, string) {
	if _, why, ok := p.unanswered("image"); !ok {
		return open, why
	}
	for _, o := range p.tried() {
		if o.first == nil || o.first.Status != modelslab.StatusProcessing {
			continue
		}
		if o.first.ETA > 0 {
			return differs, fmt.Sprintf("The submit said %s, a fetch right after it %s.", o.job.ETA, o.first.ETA)
		}
		return agrees, "A fetch of a processing job named none."
	}
	return open, "no job was processing when it was fetched"
}

func judgeSync(_ context.Context, p *prober) (verdict, string) {
	o, why, ok := p.unanswered("realtime")
	switch {
	case !ok:
		return open, why
	case o.job.Status != modelslab.StatusSuccess:
		return open, "no submit was answered with its result"
	case len(p.receiver.of("realtime")) > 0:
		return agrees, "The submit was answered with its result, and a delivery came."
	}
	return differs, fmt.Sprintf("The submit was answered with its result, and no delivery came within %s.", p.grace)
}

// judgeEcho compares the track ids that came back with the one that was sent.
func judgeEcho(p *prober, trial string, silent verdict) (verdict, string) {
	o, why, ok := p.unanswered(trial)
	if !ok {
		if o.err != nil && refusesTrackID(o.err) {
			return differs, fmt.Sprintf("It was refused: %v.", o.err)
		}
		return open, why
	}
	ids := o.echoes()
	for _, a := range p.receiver.of(trial) {
		if a.event == nil {
			return differs, "A delivery came, but " + a.why + "."
		}
		if a.event.TrackID() != "" {
			ids = append(ids, a.event.TrackID())
		}
	}
	for _, id := range ids {
		if id != o.trackID {
			return differs, fmt.Sprintf("%s was sent, %s came back.", o.trackID, id)
		}
	}
	if len(ids) == 0 {
		return silent, "It was accepted, and never came back."
	}
	return agrees, "It was accepted and came back as sent."
}

// refusesTrackID reports whether a refusal is about the track id.
func refusesTrackID(err error) bool {
	refused, ok := errors.AsType[*modelslab.Error](err)
	return ok && refused.Field == "track_id" ||
		(ok || errors.Is(err, errRefused)) && strings.Contains(strings.ReplaceAll(strings.ToLower(err.Error()), " ", "_"), "track_id")
}

func judgeText(_ context.Context, p *prober) (verdict, string) { return judgeEcho(p, "text", agrees) }

func judgeNumber(_ context.Context, p *prober) (verdict, string) {
	return judgeEcho(p, "number", open)
}

func judgeIDs(ctx context.Context, p *prober) (verdict, string) {
	jobs := 0
	for _, o := range p.tried() {
		if o.job.ID == "" || o.job.Ref.Kind == modelslab.KindWorkflow || o.job.Ref.IsZero() {
			continue
		}
		if jobs++; o.job.ID == o.job.Ref.ID {
			continue
		}
		_, byRef := p.client.Fetch(ctx, o.job.Ref)
		_, byID := p.client.Fetch(ctx, modelslab.Ref{Kind: o.job.Ref.Kind, ID: o.job.ID})
		seen := fmt.Sprintf("id is %s, fetch_result ends in %s: ", o.job.ID, o.job.Ref.ID)
		switch {
		case byRef == nil && byID == nil:
			return agrees, seen + "both are found."
		case byRef == nil:
			return agrees, seen + "only that of fetch_result is found."
		case byID == nil:
			return differs, seen + "only id is found."
		}
		return open, seen + "neither is found."
	}
	return open, fmt.Sprintf("they were the same in all %d answers", jobs)
}

func judgeProgress(_ context.Context, p *prober) (verdict, string) {
	ends := 0
	for i := range trials {
		for _, a := range p.receiver.of(trials[i].name) {
			if _, progress := a.event.(*webhook.Progress); progress {
				return differs, fmt.Sprintf("A delivery of %s said %s.", trials[i].path, a.event.Job().Status)
			}
			ends++
		}
	}
	if ends == 0 {
		return open, "no delivery came"
	}
	return agrees, fmt.Sprintf("%d deliveries came, all at the end.", ends)
}

func judgeWorkflow(_ context.Context, p *prober) (verdict, string) {
	o, why, ok := p.unanswered("workflow")
	if !ok {
		return open, why
	}
	if o.end == nil || o.end.Status != modelslab.StatusFailed {
		return open, "the run did not fail; give a -workflow-body with which it does"
	}
	arrivals := p.receiver.of("workflow")
	if len(arrivals) == 0 {
		return open, "no delivery came; is the webhook of the workflow set to " + p.callback("workflow") + "?"
	}
	event := arrivals[len(arrivals)-1].event
	raw, form := string(event.Raw()), "flat"
	if strings.HasPrefix(wire.Field(raw, "execution"), "{") {
		form = "nested"
	}
	name := wire.Scalar(wire.Field(raw, "event"))
	seen := fmt.Sprintf("The event is %q, in the %s form, read as %T with status %s.", name, form, event, event.Job().Status)
	if _, read := event.(*webhook.WorkflowFinished); read && name == "workflow.failed" && event.Job().Status == modelslab.StatusFailed {
		return agrees, seen
	}
	return differs, seen
}

func judgeKeyHeader(ctx context.Context, p *prober) (verdict, string) {
	if _, err := p.client.Models.Tags(ctx); err != nil {
		if errors.Is(err, modelslab.ErrAuth) {
			return differs, fmt.Sprintf("The key in the query is refused: %v.", err)
		}
		return open, fmt.Sprintf("model search cannot be asked: %v", err)
	}
	without, err := p.takes(ctx, http.Header{})
	if err != nil {
		return open, err.Error()
	}
	with, err := p.takes(ctx, http.Header{"Key": {p.key}})
	switch {
	case err != nil:
		return open, err.Error()
	case without:
		return differs, "No key is needed."
	case with:
		return differs, "The header is taken: the key need not stand in the query."
	}
	return agrees, "The query is taken, the header is not."
}

// takes reports whether model search answers a request with these headers.
func (p *prober) takes(ctx context.Context, header http.Header) (bool, error) {
	status, answer, err := p.call(ctx, http.MethodGet, "/v6/model-search/tags", header, nil)
	if err != nil {
		return false, err
	}
	if status >= http.StatusInternalServerError || status == http.StatusTooManyRequests {
		return false, fmt.Errorf("model search answered HTTP %d", status)
	}
	word := wire.Scalar(wire.Field(string(answer), "status"))
	return status < http.StatusBadRequest && json.Valid(answer) && !slices.Contains([]string{"error", "failed"}, word), nil
}

func judgeLimit(ctx context.Context, p *prober) (verdict, string) {
	const most = 40
	for n := range most {
		_, err := p.client.Account.RequestCount(ctx, modelslab.Once())
		switch refused, _ := errors.AsType[*modelslab.Error](err); {
		case err == nil:
			continue
		case !errors.Is(err, modelslab.ErrRateLimited):
			return open, fmt.Sprintf("request_count cannot be asked: %v", err)
		case p.saysWhen():
			return agrees, fmt.Sprintf("Call %d was answered HTTP %d, to wait %s; headers: %s", n+1, refused.HTTPStatus, refused.RetryAfter, p.limits.describe())
		default:
			return differs, fmt.Sprintf("Call %d was answered HTTP %d without any of them; headers: %s", n+1, refused.HTTPStatus, p.limits.describe())
		}
	}
	return open, fmt.Sprintf("none of %d calls within a minute was refused", most)
}

// saysWhen reports whether the last answer says how long to wait: the client
// assumes a time where nothing does.
func (p *prober) saysWhen() bool {
	recording, _ := p.recorder.Recording()
	last := recording.Interactions[len(recording.Interactions)-1]
	return wire.Scalar(wire.Field(string(last.Response), "retry_after")) != "" ||
		last.Header.Get("Retry-After") != "" || last.Header.Get("X-RateLimit-Reset") != ""
}
