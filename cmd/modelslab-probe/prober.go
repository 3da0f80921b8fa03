package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/internal/redact"
	"github.com/modelslab-go/modelslab/internal/token"
	"github.com/modelslab-go/modelslab/modelslabtest"
)

// prober asks the questions.
type prober struct {
	*command
	*options

	client   *modelslab.Client
	secret   []byte
	receiver *callbackServer
	recorder *modelslabtest.Recorder
	limits   *limitWatcher
	outcomes map[string]*outcome // of the trials that were tried
	spent    float64             // by the prices of the trials
	wallet   float64             // before the first; below 0 when it cannot be read
}

func newProber(program *command, o *options) (*prober, error) {
	p := &prober{command: program, options: o, outcomes: map[string]*outcome{}, wallet: -1, secret: make([]byte, token.MinSecret)}
	if _, err := rand.Read(p.secret); err != nil {
		return nil, err
	}
	p.baseURL = strings.TrimSuffix(p.baseURL, "/")
	p.limits = &limitWatcher{next: program.transport}
	p.recorder = modelslabtest.NewRecorder(p.limits)
	if p.key == "" {
		return nil, errors.New("no API key: set MODELSLAB_API_KEY")
	}
	opts := []modelslab.Option{
		modelslab.WithBaseURL(p.baseURL), modelslab.WithHTTPClient(&http.Client{Transport: p.recorder}),
		modelslab.WithWebhook("", p.secret), modelslab.WithUserAgent("modelslab-probe"),
	}
	if base, err := url.Parse(p.baseURL); err == nil && token.Loopback(base.Hostname()) {
		opts = append(opts, modelslab.WithLoopbackWebhooks())
	}
	var err error
	if p.client, err = modelslab.New(p.key, opts...); err != nil {
		return nil, err
	}
	p.receiver, err = newReceiver(p.secret, p.recorder.AddWebhook)
	return p, err
}

// callback is where a trial is reported, "" without a public URL.
func (p *prober) callback(trial string) string {
	if p.publicURL == "" {
		return ""
	}
	return p.publicURL + "/" + trial
}

// askAll asks one question after another. It returns an error when the API cannot
// be asked at all.
func (p *prober) askAll(ctx context.Context) ([]finding, error) {
	if p.publicURL != "" {
		stop, err := p.listen(ctx, p.local, p.receiver)
		if err != nil {
			return nil, err
		}
		defer stop()
	}
	balance, err := p.client.Account.Balance(ctx)
	refused, isRefusal := errors.AsType[*modelslab.Error](err)
	switch {
	case err == nil:
		p.wallet = balance.Amount
	case errors.Is(err, modelslab.ErrAuth), errors.Is(err, modelslab.ErrForbidden), !isRefusal, refused.HTTPStatus == 0:
		return nil, fmt.Errorf("the API cannot be asked: %w", redact.Error(err, func() string { return p.key }))
	}
	var findings []finding
	for i := range questions {
		f := p.ask(ctx, &questions[i])
		p.sayf("%d. %s\n   %s: %s", i+1, f.question.text, f.verdict, f.seen)
		findings = append(findings, f)
	}
	return findings, nil
}

// ask answers one question.
func (p *prober) ask(ctx context.Context, q *question) finding {
	if why := q.lacks(p.options); why != "" {
		return finding{q, open, why}
	}
	for _, name := range q.trials {
		if p.outcomes[name] == nil {
			p.outcomes[name] = p.try(ctx, trialOf(name))
		}
	}
	if ctx.Err() != nil {
		return finding{q, open, "interrupted"}
	}
	v, seen := q.judge(ctx, p)
	return finding{q, v, redact.Text(seen, p.key)}
}

// try submits a trial and follows it to its end.
func (p *prober) try(ctx context.Context, t *trial) *outcome {
	trackID, err := newTrackID(t.name)
	o := &outcome{trackID: trackID, err: err}
	if err != nil {
		return o
	}
	if why := p.cannotAfford(ctx, t.cost); why != "" {
		o.skipped = why
		return o
	}
	p.receiver.expect(t.name, trackID)
	p.spent += t.cost
	o.job, o.err = t.submit(ctx, p, trackID)
	if failed := (*modelslab.JobError)(nil); errors.As(o.err, &failed) {
		o.err = nil // accepted
	}
	if o.err != nil {
		return o
	}
	if !o.job.Status.Terminal() && !o.job.Ref.IsZero() {
		if o.first, err = p.client.Fetch(ctx, o.job); err != nil {
			o.first = nil
		}
		if o.end, _ = p.client.Wait(ctx, o.job, modelslab.JobTimeout(p.patience)); o.end == nil {
			o.end = o.first
		}
	}
	if p.publicURL != "" {
		p.receiver.await(ctx, t.name, p.grace)
	}
	return o
}

// cannotAfford says why a trial would pass the budget, "" when it would not.
func (p *prober) cannotAfford(ctx context.Context, cost float64) string {
	spent := p.spent
	if p.wallet >= 0 {
		if now, err := p.client.Account.Balance(ctx); err == nil {
			spent = max(spent, p.wallet-now.Amount)
		}
	}
	const rounding = 1e-9 // sums of prices are not exact
	if spent+cost <= p.budget+rounding {
		return ""
	}
	return fmt.Sprintf("the budget of $%.2f does not reach: $%.2f are spent, this costs up to $%.2f", p.budget, spent, cost)
}

// tried returns the outcomes that say something, in the order of the trials.
func (p *prober) tried() []*outcome {
	var list []*outcome
	for i := range trials {
		if o := p.outcomes[trials[i].name]; o != nil && o.skipped == "" && o.err == nil {
			list = append(list, o)
		}
	}
	return list
}

// limitWatcher keeps the headers of the last refusal for too many requests.
type limitWatcher struct {
	next http.RoundTripper

	mu     sync.Mutex
	header http.Header
}

// RoundTrip carries one call.
func (l *limitWatcher) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := l.next.RoundTrip(r)
	if err == nil && resp.StatusCode == http.StatusTooManyRequests {
		l.mu.Lock()
		l.header = resp.Header.Clone()
		l.mu.Unlock()
	}
	return resp, err
}

// describe names the headers, with the values of those that limit calls.
func (l *limitWatcher) describe() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var b strings.Builder
	for _, name := range names(l.header) {
		lower := strings.ToLower(name)
		b.WriteString(" " + name)
		if lower == "retry-after" || strings.Contains(lower, "ratelimit") || strings.Contains(lower, "rate-limit") {
			fmt.Fprintf(&b, "=%q", l.header.Get(name))
		}
	}
	return strings.TrimSpace(b.String())
}

// names are the sorted names of headers or of query values.
func names[M ~map[string][]string](m M) []string { return slices.Sorted(maps.Keys(m)) }
