package modelslabtest

import "time"

// Option configures a [Server].
type Option func(*settings)

type settings struct {
	key        string
	queueLimit int
	limitAs200 bool
	sequential bool
	spamFilter bool
	strict     bool
	stringIDs  bool
	latency    func(*Request) time.Duration
	retention  time.Duration
	remote     bool
	flat       bool
	workflows  []Workflow
	recordings []string // files
}

func newConfig(opts []Option) settings {
	c := settings{key: "test-key", queueLimit: 5}
	WithLatency(time.Second)(&c)
	for _, opt := range opts {
		if opt != nil {
			opt(&c)
		}
	}
	return c
}

// WithKey sets the API key that the server accepts; "" accepts any. Defaults to
// "test-key".
func WithKey(key string) Option { return func(c *settings) { c.key = key } }

// WithQueueLimit sets how many jobs the account may have open, queued and
// running together; 0 means no limit. Defaults to 5, the limit of a
// pay-as-you-go account.
func WithQueueLimit(n int) Option { return func(c *settings) { c.queueLimit = n } }

// WithLimitAs200 refuses a job beyond the queue limit with HTTP 200 and an error
// status in the body. Defaults to HTTP 429.
func WithLimitAs200() Option { return func(c *settings) { c.limitAs200 = true } }

// WithSequential runs one job at a time, first come first served. Defaults to
// all open jobs at once.
func WithSequential() Option { return func(c *settings) { c.sequential = true } }

// WithSpamFilter refuses a submit that equals one of the last 30 seconds,
// webhook and track id aside. Defaults to no filter.
func WithSpamFilter() Option { return func(c *settings) { c.spamFilter = true } }

// WithStrict refuses what the API's documentation does not have: operations that
// are in no table, other spellings of paths and fields, requests without a
// documented required field, null, numbers as strings, forms, files given in
// another way than the endpoint documents, and the key in another place. It suits
// tests of this module's client, which sends none of that. Defaults to answering
// all that clients of the API are known to send.
func WithStrict() Option { return func(c *settings) { c.strict = true } }

// WithStringIDs gives jobs ids such as "abc123-def456". Defaults to integers.
// The executions of workflows have strings then, too.
func WithStringIDs() Option { return func(c *settings) { c.stringIDs = true } }

// WithLatency sets how long every job runs, and each stage of a training; 0
// answers submits with the result at once. Defaults to one second.
func WithLatency(d time.Duration) Option {
	return WithLatencyFunc(func(*Request) time.Duration { return d })
}

// WithLatencyFunc sets how long the job that r submits runs. f is called from
// several goroutines.
func WithLatencyFunc(f func(r *Request) time.Duration) Option {
	return func(c *settings) { c.latency = f }
}

// WithRetention forgets a finished job and its files, and everything recorded,
// after d, so that a server can run for long. Defaults to keeping everything.
func WithRetention(d time.Duration) Option { return func(c *settings) { c.retention = d } }

// WithRemoteWebhooks sends webhooks to any host. Defaults to loopback alone,
// so that a test reaches no other host.
func WithRemoteWebhooks() Option { return func(c *settings) { c.remote = true } }

// WithFlatWorkflowWebhooks sends the webhooks of workflows in the flat one of
// the two published forms. Defaults to the nested one.
func WithFlatWorkflowWebhooks() Option { return func(c *settings) { c.flat = true } }

// WithWorkflow adds a workflow to the account. Defaults to an account in which
// every workflow id exists, without required parameters.
func WithWorkflow(w Workflow) Option {
	return func(c *settings) { c.workflows = append(c.workflows, w) }
}

// Workflow is a workflow of the account.
type Workflow struct {
	ID       string
	Name     string
	Webhook  string   // the callback URL of runs that name none
	Required []string // parameters that a run must have
	RunLimit int      // runs a minute, more are refused; 0 means no limit
}
