package durable

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/modelslab-go/modelslab"

	"github.com/modelslab-go/modelslab/contrib/durable/internal/failpoint"
)

// persistFor is how long the outcome of a call to ModelsLab is held in memory
// while the store is down. After that a submit counts as unknown.
const persistFor = 2 * time.Minute

// parkFor is how long a job with a Problem is left to processes of another version.
const parkFor = time.Minute

// pollTimeout bounds one poll of a job: a stalled answer must not hold a worker.
const pollTimeout = 30 * time.Second

// Stepped is what Step came to.
type Stepped struct {
	Job   *Job          // as it stands now
	From  State         // how it stood when it was claimed
	Did   bool          // the step was made; else the job was not due, or somebody else had it
	After time.Duration // the job is due that long from now; Never when nobody has to look
}

// Step does the next thing for one job, if it is due and nobody else does: send
// it, poll it, call the callback. Its error is only about this step, the job
// itself is safe. It is cancelled with ctx. A [Queue] calls it.
func (e *Engine[TTx]) Step(ctx context.Context, trackID string) (Stepped, error) {
	s := Stepped{After: Never}
	if !e.begin() {
		return s, ErrClosed
	}
	defer e.work.Done()
	want := Want{Jobs: 1, New: e.pace.reserve(1), Lease: e.cfg.Lease, Slots: e.cfg.QueueLimit}
	err := e.store.Tx(ctx, func(ctx context.Context, tx TTx) (err error) {
		s.Job, s.Did, err = e.store.ClaimOne(ctx, tx, trackID, want)
		return err
	})
	if err != nil || !s.Did || !s.Job.sending() {
		e.pace.giveBack(want.New)
	}
	if err != nil {
		return s, err
	}
	if !s.Did {
		if !s.Job.Due.IsZero() {
			s.After = max(0, s.Job.Due.Sub(s.Job.Since)-s.Job.Age) // by the clock of the store
		}
		if s.Job.State == StateNew {
			s.After = max(s.After, e.pace.state().For)
		}
		return s, nil
	}
	hard, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(e.hard, cancel)()
	s.From = s.Job.State
	change, err := e.step(hard, s.Job)
	s.Job, s.After = change.Job, change.After
	return s, err
}

// begin counts a step under way, unless the engine is stopping.
func (e *Engine[TTx]) begin() bool {
	e.leases.mu.Lock()
	defer e.leases.mu.Unlock()
	select {
	case <-e.stop:
		return false
	default:
		e.work.Add(1)
		return true
	}
}

// step works on a claimed job.
func (e *Engine[TTx]) step(ctx context.Context, job *Job) (Change, error) {
	e.leases.add(job)
	defer e.leases.remove(job)
	if job.Problem != "" {
		return e.park(ctx, job)
	}
	switch job.State {
	case StateSubmitting:
		if job.sending() {
			return e.submit(ctx, job)
		}
		return e.settle(job, func(j *Job) time.Duration { return j.crashed(e.cfg.Grace) })
	case StateUnknown:
		return e.settle(job, func(j *Job) time.Duration { return j.resolve(e.cfg.Grace, e.cfg.MaxSubmits) })
	case StateWaiting:
		return e.poll(ctx, job)
	case StateResult:
		return e.deliver(ctx, job)
	default:
		return Change{Job: job}, fmt.Errorf("durable: job %q was claimed in state %s", job.TrackID, job.State)
	}
}

func (e *Engine[TTx]) submit(ctx context.Context, job *Job) (Change, error) {
	e.counters.submits.Add(1)
	if job.Submits > 1 {
		e.counters.resubmits.Add(1)
	}
	failpoint.Reach("submit")
	reported, err := e.cfg.Client.Submit(ctx, job.Request, modelslab.Once())
	e.paced(ctx, err)
	failpoint.Reach("submitted")
	if failed, ok := errors.AsType[*modelslab.JobError](err); ok {
		reported, err = failed.Job, nil
	}
	move := func(j *Job) time.Duration {
		if err != nil {
			return j.submitFailed(err, e.cfg.Grace)
		}
		after, outcome := j.observe(reported)
		if outcome != OutcomeApplied {
			// Accepted, and yet without an id to poll: only a webhook brings the result.
			j.State = StateUnknown
			return e.cfg.Grace
		}
		return after
	}
	change, saveErr := e.settle(job, move)
	if errors.Is(saveErr, errFenced) {
		// Another worker took the job over, or its delivery came first. What the
		// submit returned is true all the same.
		change, saveErr = e.lateAnswer(job, reported, err, move)
	}
	return change, saveErr
}

// sending reports whether the job was claimed to be sent, rather than left
// behind in state submitting by a process that was lost.
func (j *Job) sending() bool {
	return j.State == StateSubmitting && j.Request.Path != "" && j.Problem == ""
}

// park puts a job aside that this version cannot work on.
func (e *Engine[TTx]) park(ctx context.Context, job *Job) (Change, error) {
	parked := *job
	parked.note("parked: " + job.Problem)
	err := e.store.Tx(ctx, func(ctx context.Context, tx TTx) error {
		_, err := e.store.Park(ctx, tx, &parked, parkFor)
		return err
	})
	e.cfg.Logger.ErrorContext(ctx, "modelslab job parked", "track_id", job.TrackID, "state", string(job.State), "problem", job.Problem)
	return Change{Job: &parked, From: job.State, Fence: job.Fence, After: parkFor}, err
}

// paced takes the outcome of a submit for the pace of those to come.
func (e *Engine[TTx]) paced(ctx context.Context, err error) {
	if ctx.Err() != nil {
		err = nil // this process stops, which is no outcome of the API
	}
	change, changed := e.pace.ended(err)
	if !changed {
		return
	}
	if change.For > 0 {
		e.cfg.Logger.WarnContext(ctx, "modelslab submits pause", "for", change.For, "cause", change.Cause)
	} else {
		e.cfg.Logger.InfoContext(ctx, "modelslab submits go on")
	}
	if e.cfg.Hooks.Paused != nil {
		e.cfg.Hooks.Paused(ctx, change)
	}
}

// lateAnswer applies the answer to a submit to whatever became of the job.
func (e *Engine[TTx]) lateAnswer(job *Job, reported *modelslab.Job, submitErr error, move func(*Job) time.Duration) (Change, error) {
	change := Change{Job: job}
	err := e.persist(func(ctx context.Context, tx TTx) (Change, bool, error) {
		row, err := e.store.Get(ctx, tx, job.TrackID)
		if err != nil {
			return change, false, err
		}
		switch {
		case row.State == StateUnknown && row.Submits == job.Submits:
			change = changeOf(row, move)
		case submitErr == nil && row.State == StateWaiting && !reported.Status.Terminal():
			// A delivery came first. The answer names the endpoint to fetch from.
			change = changeOf(row, func(j *Job) time.Duration {
				j.Ref, j.ETA = modelslab.Ref{}, reported.ETA
				j.remember(reported)
				return j.again(0)
			})
		case submitErr == nil && !row.settled():
			var outcome Outcome
			change = changeOf(row, func(j *Job) (after time.Duration) {
				after, outcome = j.observe(reported)
				return after
			})
			if outcome != OutcomeApplied {
				return Change{Job: row}, false, nil
			}
		default:
			return Change{Job: row}, false, nil
		}
		return change, true, nil
	})
	return change, err
}

func (e *Engine[TTx]) poll(ctx context.Context, job *Job) (Change, error) {
	e.counters.polls.Add(1)
	target := modelslab.Target(job.Ref)
	if job.Result != nil && job.Result.Ref == job.Ref {
		target = job.Result // has the other id of the job
	}
	failpoint.Reach("poll")
	polling, cancel := context.WithTimeout(ctx, pollTimeout)
	reported, err := e.cfg.Client.Fetch(polling, target)
	cancel()
	failpoint.Reach("polled")
	return e.settle(job, func(j *Job) time.Duration {
		if ctx.Err() != nil { // stopped by us: that is no outcome of the job
			return 0
		}
		return j.polled(reported, err)
	})
}

// errFenced means that the job has moved on without this worker.
var errFenced = errors.New("durable: the job was taken over by another worker")

// settle writes what move does to a claimed job.
func (e *Engine[TTx]) settle(job *Job, move func(*Job) time.Duration) (Change, error) {
	change := changeOf(job, move)
	return change, e.persist(func(context.Context, TTx) (Change, bool, error) { return change, true, nil })
}

// persist saves the change that f makes, and insists while the store is down:
// what ModelsLab answered is recorded nowhere else.
func (e *Engine[TTx]) persist(f func(context.Context, TTx) (Change, bool, error)) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(e.hard), persistFor)
	defer cancel()
	for try := 1; ; try++ {
		var change Change
		var wanted bool
		saved := []bool{true}
		failpoint.Reach("save")
		err := e.store.Tx(ctx, func(ctx context.Context, tx TTx) (err error) {
			change, wanted, err = f(ctx, tx)
			if err == nil && wanted {
				saved, err = e.saveTx(ctx, tx, []Change{change})
			}
			return err
		})
		failpoint.Reach("saved")
		switch {
		case err == nil && !saved[0]:
			return errFenced
		case err == nil && wanted:
			e.moved(ctx, []Change{change})
			return nil
		case err == nil || errors.Is(err, ErrNotFound):
			return err
		}
		e.cfg.Logger.ErrorContext(ctx, "modelslab job not saved", "error", err, "try", try)
		pause := time.NewTimer(backoff(try, 5*time.Second) / 10)
		select {
		case <-pause.C:
		case <-ctx.Done():
			return err
		case <-e.hard.Done():
			return err
		}
	}
}

// leases are the claims of this process that its heartbeat keeps.
type leases struct {
	mu   sync.Mutex
	held map[string]int64
}

func (l *leases) add(job *Job) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.held[job.TrackID] = job.Fence
}

func (l *leases) remove(job *Job) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held[job.TrackID] == job.Fence {
		delete(l.held, job.TrackID)
	}
}

func (l *leases) claims() []Claim {
	l.mu.Lock()
	defer l.mu.Unlock()
	claims := make([]Claim, 0, len(l.held))
	for id, fence := range l.held {
		claims = append(claims, Claim{id, fence})
	}
	return claims
}
