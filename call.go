package modelslab

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/modelslab-go/modelslab/internal/encode"
	"github.com/modelslab-go/modelslab/internal/schedule"
)

// CallOption changes one call. Each serves some verbs, and is refused with
// ErrInvalid by the others, before anything is sent: Submit, which every method
// of a service that starts a job is too; Fetch, Wait, Run, RunAll, Download, Save
// and SaveAll; and queries, which are the methods of services whose result is no
// Job, such as [AccountService.Balance].
type CallOption func(*callOptions)

type callOptions struct {
	verb       verbs // what they are given to
	extras     []encode.Member
	server     *string
	link       string
	onUpdate   func(*Job)
	onItem     func(index int, job *Job)
	onTransfer func(done, total int64)
	pollFirst  time.Duration
	pollMax    time.Duration
	noWebhook  bool
	unsigned   bool
	sizeLimit  int64
	parallel   int
	jobTimeout time.Duration
	pace       *schedule.Pace                         // of Wait; nil for schedule.Usual
	share      func(reflect.Value, *encode.Plan) bool // whether to upload the local files of a request, which others may use too
	once       bool                                   // one try, no waiting for a slot
	err        error
}

func newCallOptions(verb verbs, opts []CallOption) (*callOptions, error) {
	o := &callOptions{verb: verb}
	for _, opt := range opts {
		if opt != nil {
			opt(o)
		}
	}
	return o, o.err
}

func (o *callOptions) fail(err error) {
	if o.err == nil {
		o.err = err
	}
}

// WithExtra adds a body field that the request struct does not have yet, or
// replaces one that it has. The value is anything encoding/json can write. The
// names key, webhook and track_id are refused: they are not extra. Defaults to
// no further fields. Serves Submit, Run, RunAll and queries.
func WithExtra(key string, value any) CallOption {
	return func(o *callOptions) {
		if !o.serves("WithExtra", verbSubmit|verbRun|verbRunAll|verbQuery) {
			return
		}
		text, err := json.Marshal(value)
		switch {
		case key == "" || key == "key" || key == "webhook" || key == "track_id":
			o.fail(fmt.Errorf("modelslab: WithExtra(%q): use the client, the Webhook field or the TrackID field", key))
		case err != nil:
			o.fail(fmt.Errorf("modelslab: WithExtra(%q): %w", key, err))
		default:
			o.extras = append(o.extras, encode.Member{Name: key, Value: text})
		}
	}
}

// Server sends the request to the enterprise server of that name, "flux" or
// "ultra_video"; "root" is the server without a name. Defaults to the
// operation's first server when the client has [WithEnterprise], else to the
// public API. Serves Submit, Run, RunAll and queries.
func Server(name string) CallOption {
	return func(o *callOptions) {
		if !o.serves("Server", verbSubmit|verbRun|verbRunAll|verbQuery) {
			return
		}
		if name == "root" {
			name = ""
		}
		o.server = &name
	}
}

// OnUpdate calls f with every state of the job that is observed: the answer to the
// submit, each fetched state, the terminal one. f runs on the calling goroutine,
// with [Client.RunAll] on several at once, and must not keep the Job. A job has
// given its slot of the queue limit back when f is called with its end. A submit
// from within f waits for a slot like any other: while f runs, the client itself
// polls the job, so that its slot becomes free. Defaults to nothing. Serves
// Submit, Fetch, Wait, Run and RunAll.
func OnUpdate(f func(*Job)) CallOption {
	return func(o *callOptions) {
		if o.serves("OnUpdate", verbSubmit|verbFetch|verbWait|verbRun|verbRunAll) {
			o.onUpdate = f
		}
	}
}

// OnItem calls f as [OnUpdate] does, with the index of the request in the
// sequence of [Client.RunAll] as well. f runs on several goroutines at once.
// Defaults to nothing. Serves RunAll.
func OnItem(f func(index int, job *Job)) CallOption {
	return func(o *callOptions) {
		if o.serves("OnItem", verbRunAll) {
			o.onItem = f
		}
	}
}

// PollEvery replaces the schedule of the polls: the first poll after first, then
// intervals growing by half up to max. Both must be positive. Defaults to a
// schedule made from the ETA of the job. Serves Wait, Run and RunAll.
func PollEvery(first, max time.Duration) CallOption {
	return func(o *callOptions) {
		if !o.serves("PollEvery", verbWait|verbRun|verbRunAll) {
			return
		}
		if first <= 0 || max < first {
			o.fail(fmt.Errorf("modelslab: PollEvery(%s, %s): want 0 < first <= max", first, max))
			return
		}
		o.pollFirst, o.pollMax = first, max
	}
}

// JobTimeout ends the wait for a job after d with a *[WaitError] that unwraps to
// context.DeadlineExceeded; the job may still run. It counts from when the wait
// begins, in [Client.RunAll] for each job. Defaults to the longer of 30 minutes
// and 12 ETAs, for trainings to 24 hours. Serves Wait, Run and RunAll.
func JobTimeout(d time.Duration) CallOption {
	return func(o *callOptions) {
		if !o.serves("JobTimeout", verbWait|verbRun|verbRunAll) {
			return
		}
		if d <= 0 {
			o.fail(fmt.Errorf("modelslab: JobTimeout(%s): want a positive duration", d))
			return
		}
		o.jobTimeout = d
	}
}

// NoWebhook sends the request without a callback URL. Defaults to the request's
// own, else to that of [WithWebhook]. Serves Submit, Run and RunAll.
func NoWebhook() CallOption {
	return func(o *callOptions) {
		if o.serves("NoWebhook", verbSubmit|verbRun|verbRunAll) {
			o.noWebhook = true
		}
	}
}

// UnsignedWebhook sends the callback URL without a token, for receivers that
// authenticate in another way. Defaults to a token in every callback URL when
// the client has secrets. Serves Submit, Run and RunAll.
func UnsignedWebhook() CallOption {
	return func(o *callOptions) {
		if o.serves("UnsignedWebhook", verbSubmit|verbRun|verbRunAll) {
			o.unsigned = true
		}
	}
}

func (o *callOptions) update(j *Job) {
	if o.onUpdate != nil {
		o.onUpdate(j)
	}
}

// ofItem is o for one request of RunAll.
func (o *callOptions) ofItem(index int) *callOptions {
	if o.onItem == nil {
		return o
	}
	own := *o
	own.onUpdate = func(j *Job) {
		o.update(j)
		o.onItem(index, j)
	}
	return &own
}

// Once makes one try: the call is never repeated, and a submit that finds no
// free slot of the queue limit fails with ErrQueueFull instead of waiting for
// one. It is for callers that have a schedule of their own; of a Run it changes
// the submit alone. Defaults to [WithSubmitRetries], [WithFetchRetries] and
// waiting for a slot. Serves Submit, Fetch, Run and queries.
func Once() CallOption {
	return func(o *callOptions) {
		if o.serves("Once", verbSubmit|verbFetch|verbRun|verbQuery) {
			o.once = true
		}
	}
}

// OnServer is the former name of [Server].
//
// Deprecated: use [Server]. Serves Submit, Run, RunAll and queries.
//
//go:fix inline
func OnServer(name string) CallOption { return Server(name) }

// OnProgress is the former name of [OnTransfer].
//
// Deprecated: use [OnTransfer]; webhook.OnProgress is about jobs. Serves
// Download, Save and SaveAll.
//
//go:fix inline
func OnProgress(f func(done, total int64)) CallOption { return OnTransfer(f) }

// verbs are the calls that an option can be given to.
type verbs uint16

const (
	verbSubmit verbs = 1 << iota
	verbFetch
	verbWait
	verbRun
	verbRunAll
	verbQuery // every method of a service whose answer is no job
	verbDownload
	verbSave
	verbSaveAll
)

var verbNames = [...]string{"Submit", "Fetch", "Wait", "Run", "RunAll", "queries", "Download", "Save", "SaveAll"}

// String lists the verbs.
func (v verbs) String() string {
	var names []string
	for i, name := range verbNames {
		if v&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// serves notes for which verbs an option is, and refuses it for any other:
// taken in silence it would look as if it had an effect.
func (o *callOptions) serves(option string, where verbs) bool {
	if o.verb&where != 0 {
		return true
	}
	o.fail(refuse("call of "+o.verb.String(), "", option+" has no effect here: it is an option of "+where.String()))
	return false
}
