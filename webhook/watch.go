package webhook

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/internal/schedule"
)

var (
	errNoClient   = errors.New("webhook: Watch fetches with the client: give NewHandler WithClient")
	errWatchEnded = errors.New("webhook: the job had not ended at the deadline of its watch")
)

// Watched is a job under watch, as a [WatchStore] keeps it. It is plain data:
// what encoding/json makes of it can be stored, beside its Ref, Next and
// Deadline.
type Watched struct {
	Ref      modelslab.Ref `json:"ref"`
	ID       string        `json:"id,omitzero"` // the id in the submit's answer, which may be another than Ref's
	TrackID  string        `json:"track_id,omitzero"`
	Link     string        `json:"link,omitzero"` // of the submit's operation; see [modelslab.Linker]
	ETA      time.Duration `json:"eta_ns,omitzero"`
	Polls    int           `json:"polls,omitzero"` // made so far
	Last     bool          `json:"last,omitzero"`  // the last before the deadline was
	Next     time.Time     `json:"next"`           // when the next is due
	Deadline time.Time     `json:"deadline"`       // whole milliseconds
}

// WatchStore keeps the jobs under watch where a kill does not reach them, for
// all replicas of a service, any of which polls what is due. Two entries are
// never about the same Ref. Times need be kept to the millisecond.
//
// Methods are called concurrently. Package webhook/storetest tests a store.
type WatchStore interface {
	// Watch keeps an entry. Of one that is kept under its Ref already it only
	// moves the Deadline, to the later of both.
	Watch(ctx context.Context, e Watched) error

	// Due returns up to n entries whose Next has come, those that came first,
	// and claims them: they are due again, to whoever calls, when lease has
	// passed, unless Postpone or Done comes first. next is when another entry
	// will be due, a claimed one at the end of its lease, and zero when none is
	// kept.
	Due(ctx context.Context, n int, lease time.Duration) (due []Watched, next time.Time, err error)

	// Postpone replaces an entry, which ends its claim, and keeps the later
	// Deadline of both. An entry that Done has removed stays gone.
	Postpone(ctx context.Context, e Watched) error

	// Done removes an entry, if there is one.
	Done(ctx context.Context, ref modelslab.Ref) error
}

// WithWatch has every submit of the client watched, from its answer on and as
// long as within: see [Handler.Watch]. So no lost webhook is forgotten, whether
// or not anybody calls Wait. A job that has ended with its answer is delivered
// to the callbacks as well. A job is not fetched while a Wait of this process
// polls it.
//
// A nil store is this process's memory, which a restart forgets. A store that
// the replicas share outlives them: what a dead one has submitted another one
// polls when it is due, and what a dead one was polling two or three minutes
// later. It then holds the jobs of Watch, too. A job stays in it until its
// callbacks have returned nil.
//
// No submit waits for the store. An entry is in memory first, polled from there,
// and written in the background, as often as it takes: a kill loses what was not
// written, which are the submits of the last milliseconds or, while the store is
// down, those of the outage. [Handler.Shutdown] writes what is left, and returns
// what it could not write.
//
// It needs [WithClient]. Defaults to watching what Watch is given, in memory.
func WithWatch(within time.Duration, store WatchStore) Option {
	return handlerOption(func(h *Handler) error {
		if within <= 0 {
			return fmt.Errorf("WithWatch(%s): want more than 0", within)
		}
		h.watcher.within, h.watcher.store = within, store
		return nil
	})
}

// Watch sees to it that the end of a job is delivered even when its webhook is
// not: the job is fetched at twice its ETA, then less and less often, and its
// end takes the path of a webhook. After the deadline the job is fetched no
// more. A job that has ended already is delivered at once. Watch
// returns without waiting; the watched jobs of a handler share one goroutine.
//
// target is the *[modelslab.Job] that Submit returned, or a [modelslab.Ref] from
// an earlier run of the program. Watching a job again extends its deadline.
//
// It returns an error without [WithClient], for a job that cannot be fetched,
// for a deadline that has passed, and after [Handler.Shutdown].
func (h *Handler) Watch(target modelslab.Target, deadline time.Time) error {
	if h.client.Client == nil {
		return errNoClient
	}
	var job *modelslab.Job
	switch t := target.(type) {
	case *modelslab.Job:
		job = t
	case modelslab.Ref:
		job = &modelslab.Job{Ref: t}
	}
	now := time.Now()
	switch {
	case job == nil:
		return errors.New("webhook: Watch: the target is nil")
	case job.Final():
		return h.watcher.deliver(job)
	case job.Ref.Kind == "" || job.Ref.ID == "":
		return fmt.Errorf("webhook: Watch: the job %q has no kind and id to fetch it by", job.Ref)
	case !now.Before(deadline):
		return fmt.Errorf("webhook: Watch: the deadline of job %s has passed", job.Ref)
	}
	e := Watched{Ref: job.Ref, ID: job.ID, TrackID: job.TrackID, ETA: job.ETA, Deadline: deadline.Truncate(time.Millisecond)}
	e.schedule(now)
	return h.watcher.add(e)
}

// submitted watches the job of a submit, for WithWatch.
func (h *Handler) submitted(job *modelslab.Job) {
	if err := h.Watch(job, time.Now().Add(h.watcher.within)); err != nil {
		h.report.log.Warn("modelslab job is not watched", "job", job.Ref.String(), "track_id", job.TrackID, "error", err)
	}
}

// schedule sets Next. The last poll is shortly before the deadline; after it
// the entry is due once more, at the deadline.
func (e *Watched) schedule(now time.Time) {
	left := e.Deadline.Sub(now)
	if e.Last = e.Polls > 0 && left <= schedule.MaxLast; e.Last {
		e.Next = e.Deadline
		return
	}
	pause := schedule.Jitter(schedule.Backstop.Nth(schedule.Believed(e.ETA), e.Polls))
	e.Next = now.Add(min(pause, max(left-schedule.Last(left), 0)))
}

// over reports whether no poll is to come.
func (e *Watched) over(now time.Time) bool { return e.Last && !now.Before(e.Deadline) }

func (e *Watched) job() *modelslab.Job {
	return &modelslab.Job{Ref: e.Ref, ID: e.ID, TrackID: e.TrackID}
}
