package durable

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/modelslab-go/modelslab"
)

// The defaults that other runners share.
const (
	DefaultLease   = 15 * time.Second
	DefaultWorkers = 64
	DefaultDrain   = 20 * time.Second
)

// Config says how an [Engine] works. Only Client is required.
type Config struct {
	// Client submits and fetches. Give it WithWebhook with a callback URL that
	// leads to [Engine.Handler] and a secret: without deliveries every job is
	// polled, and a submit whose answer was lost can never be resolved.
	Client *modelslab.Client

	// Secrets verify deliveries: those of the client's WithWebhook, and older
	// ones during a rotation. A client that signs with none of them is an error.
	// Defaults to none: the Handler refuses everything.
	Secrets [][]byte

	// Confirm makes a delivery the occasion for a fetch, whose answer is what
	// counts, so that a leaked callback URL can cause a fetch and nothing else.
	// Defaults to believing deliveries that name the job's own id.
	Confirm bool

	// Policy is that of jobs that name none. Defaults to AtMostOnce.
	Policy Policy

	// Grace is how long a webhook may take to resolve a submit whose answer was
	// lost, before the policy decides. Defaults to 30 minutes.
	Grace time.Duration

	// Lease is how long a worker whose heartbeat has stopped keeps its job, and so about
	// how long the work of a killed process waits. Defaults to 15 seconds.
	Lease time.Duration

	// Workers bounds the submits, polls and callbacks that run at once in this
	// process. Defaults to 64.
	Workers int

	// Callbacks bounds the callbacks that run at once in this process, each in a
	// transaction of its own. Defaults to Workers.
	Callbacks int

	// QueueLimit bounds the jobs that ModelsLab may be running, over all
	// processes of the database; your plan's queue limit is a good value.
	// Defaults to 0: no limit, refused submits are repeated later.
	QueueLimit int

	// MaxSubmits bounds how often policy Resubmit sends a job. Defaults to 3.
	MaxSubmits int

	// MaxCallbacks is how many failures of the callback make a job dead; they
	// are repeated with pauses from 1 second to 10 minutes. Defaults to 12,
	// about half an hour.
	MaxCallbacks int

	// CallbackTimeout bounds one run of the callback, through its context.
	// Defaults to 30 seconds.
	CallbackTimeout time.Duration

	// Drain is how long work under way may take to end when Run's context
	// ends. Defaults to 20 seconds.
	Drain time.Duration

	// Retention is how long done jobs and deliveries are kept; what was sent with
	// a job, local files too, is dropped when it is done. Defaults to 30 days;
	// negative keeps all.
	Retention time.Duration

	// DeadRetention is how long dead jobs are kept. Defaults to 0: until somebody
	// decides.
	DeadRetention time.Duration

	// Logger gets what an operator should see. Defaults to no logging.
	Logger *slog.Logger

	// Hooks report what happens, for metrics. Defaults to none.
	Hooks Hooks
}

// Hooks are called after the commit, on the goroutine that did the work: they
// must be quick, and safe for concurrent use. A crash may lose a call, and calls
// about one job may come in another order than its changes.
type Hooks struct {
	// Moved reports every change of state.
	Moved func(context.Context, Transition)
	// Paused reports that submits pause, because the account or the API is in
	// trouble, and that they go on.
	Paused func(context.Context, Pause)
	// Received reports what became of every verified delivery.
	Received func(context.Context, Outcome)
}

// Transition is a job's change of state.
type Transition struct {
	TrackID string
	Kind    modelslab.Kind
	From    State
	To      State
	Reason  Reason
	After   time.Duration // time spent in From
}

// Outcome says what became of a delivery.
type Outcome string

// The outcomes of deliveries.
const (
	OutcomeApplied   Outcome = "applied"   // it changed its job
	OutcomeIgnored   Outcome = "ignored"   // nothing new
	OutcomeDuplicate Outcome = "duplicate" // its job had that result, or it came before
	OutcomeConflict  Outcome = "conflict"  // its job has another result, which stays
	OutcomeDoubted   Outcome = "doubted"   // a fetch will confirm it: it names another id, or Config.Confirm is set
	OutcomeStray     Outcome = "stray"     // no job has its track id
)

func (c Config) withDefaults() (Config, error) {
	if c.Client == nil {
		return c, errors.New("durable: Config.Client is nil")
	}
	if len(c.Secrets) > 0 && !c.Client.SignsWith(c.Secrets...) {
		return c, errors.New("durable: the client signs with none of Config.Secrets, so every delivery would be refused: give the first of them to modelslab.WithWebhook")
	}
	switch c.Policy {
	case "":
		c.Policy = AtMostOnce
	case AtMostOnce, Resubmit:
	default:
		return c, fmt.Errorf("durable: unknown policy %q", c.Policy)
	}
	for _, d := range []struct {
		field    *time.Duration
		fallback time.Duration
		name     string
	}{
		{&c.Grace, 30 * time.Minute, "Grace"},
		{&c.Lease, DefaultLease, "Lease"},
		{&c.CallbackTimeout, 30 * time.Second, "CallbackTimeout"},
		{&c.Drain, DefaultDrain, "Drain"},
	} {
		if *d.field == 0 {
			*d.field = d.fallback
		} else if *d.field < 0 {
			return c, fmt.Errorf("durable: Config.%s is negative", d.name)
		}
	}
	for _, n := range []struct {
		field    *int
		fallback int
		name     string
	}{
		{&c.Workers, DefaultWorkers, "Workers"},
		{&c.Callbacks, cmp.Or(c.Workers, DefaultWorkers), "Callbacks"},
		{&c.MaxSubmits, 3, "MaxSubmits"},
		{&c.MaxCallbacks, 12, "MaxCallbacks"},
		{&c.QueueLimit, 0, "QueueLimit"},
	} {
		if *n.field == 0 {
			*n.field = n.fallback
		} else if *n.field < 0 {
			return c, fmt.Errorf("durable: Config.%s is negative", n.name)
		}
	}
	if c.Retention == 0 {
		c.Retention = 30 * 24 * time.Hour
	}
	if c.DeadRetention < 0 {
		return c, errors.New("durable: Config.DeadRetention is negative")
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c, nil
}
