package modelslab

import (
	"context"
	"errors"
	"iter"
	"sync"
	"time"

	"github.com/modelslab-go/modelslab/internal/fault"
	"github.com/modelslab-go/modelslab/internal/queue"
	"github.com/modelslab-go/modelslab/internal/schedule"
)

// Outcome is what became of one request of [Client.RunAll].
type Outcome struct {
	// Job is the last state observed: of a job that failed too, and nil where the
	// request was never accepted.
	Job *Job
	// Ref names the job, for a Wait later or elsewhere. Zero where the request
	// was not accepted, or the answer named no job.
	Ref Ref
	// TrackID is the request's own, or the one that it was given.
	TrackID string
	// Err is nil when the job succeeded. Otherwise it is what Submit or Wait
	// return: *Error, *SubmitError, *JobError, *WaitError; after SaveAll also why
	// its results could not be saved.
	Err error
	// Attempts is how often the request was sent; all but the last were refused.
	Attempts int
	// Queued is how long the request waited until it was accepted: to be sent
	// again after a refusal, to keep it apart from an equal one, for the answer.
	Queued time.Duration
	// Took is how long the job took after that, until its end was observed here.
	Took time.Duration
	// Files are the paths of the saved results; see SaveAll.
	Files []string
}

// batchPatience is how long RunAll waits out that a request is refused.
const batchPatience = 30 * time.Minute

// RunAll runs every request of a sequence, as many at a time as the client's
// queue limit allows, and yields their outcomes as they come, each with the
// index of its request. One that fails does not stop the others. Without
// [WithQueueLimit] the limit is that of [PayAsYouGo], for this call alone.
//
// A request is taken from the sequence only when there is a slot for its job,
// so the sequence may be endless; it runs on another goroutine than the loop.
// ModelsLab refuses a request that equals one of the last 30 seconds; such a
// one is held back until it can be sent, while others go on. Refusals for too
// many jobs or requests, and connections that cannot be made, are waited out
// for half an hour. Local files of up to 5 MiB are uploaded once, however many
// requests use them; larger ones go into the requests themselves. Without
// webhooks jobs are polled about twice as often as Wait does, because a slot stands
// idle until the end of its job is observed.
//
// To stop gently, end the sequence: what is open is waited for. When ctx ends
// nothing more is sent, and the loop still gets one outcome for each accepted
// job, with a *[WaitError] unless the job has ended. A break out of the loop
// ends it without them. In both cases submits under way are answered first,
// whatever the context says, so that no job goes unknown; every Ref has by then
// gone to [OnUpdate], which RunAll calls on several goroutines at once. A
// request without an outcome was not accepted. If the sequence blocks, so does
// the end of the loop: let it watch ctx too.
//
// [OnItem] observes the jobs with the index of their requests. The other call
// options are those of Submit and Wait.
func (c *Client) RunAll(ctx context.Context, requests iter.Seq[Request], opts ...CallOption) iter.Seq2[int, Outcome] {
	return func(yield func(int, Outcome) bool) {
		o, err := newCallOptions(verbRunAll, opts)
		if err != nil {
			yield(0, Outcome{Err: err})
			return
		}
		o.pace, o.share = &schedule.Dense, uploadable
		ctx, cancel := context.WithCancel(ctx)
		b := newBatch(c, o)
		go b.stream.run(func() { b.run(ctx, requests) })
		b.stream.yield(yield, cancel)
	}
}

// batch is one RunAll.
type batch struct {
	client  *Client
	options *callOptions
	queue   *queue.Queue[*Job]
	limiter queue.Limiter
	room    int // how many requests may be without an outcome
	stream  *stream
	work    chan *item
	jobs    sync.WaitGroup // goroutines that work

	mu      sync.Mutex
	taken   int           // requests without an outcome
	held    []*item       // back, in the order of their time
	changed chan struct{} // wakes run
}

// item is a request on its way.
type item struct {
	index   int
	request Request
	since   time.Time
	ctx     context.Context   //nolint:containedctx // that of its operation
	end     func(Result)      // of its operation
	slot    queue.Slot        // for the next attempt
	sub     *submission       // once it is prepared
	gate    *queue.Gate[*Job] // of the submit
	digest  uint64            // the same for equal requests; see fingerprint
	due     time.Time         // not to be sent before
}

func newBatch(c *Client, o *callOptions) *batch {
	b := &batch{client: c, options: o, queue: c.queue(), room: 1024}
	b.stream, b.work, b.changed = newStream(), make(chan *item), make(chan struct{}, 1)
	if b.limiter = b.queue.Limiter; b.limiter == nil {
		b.limiter = newAccount(PayAsYouGo, c)
	}
	if a, ok := b.limiter.(*queue.Account); ok {
		b.room = 2*a.Size() + maxHeldBack // more would only lie about
	}
	return b
}

// run takes requests from the sequence, each when it has a slot.
func (b *batch) run(ctx context.Context, requests iter.Seq[Request]) {
	defer b.abandon(ctx)
	defer b.jobs.Wait()
	defer close(b.work)
	next, stop := iter.Pull(requests)
	defer stop()
	for index, more := 0, true; ctx.Err() == nil; {
		if !b.await(ctx, more) {
			return
		}
		slot, e := b.queue.Acquire(ctx, b.limiter, "run all")
		if e != nil {
			if ctx.Err() == nil { // the limiter itself failed, and would for every other request
				b.stream.results <- result{Outcome{Err: publicError(e)}, index}
			}
			return
		}
		it := b.takeBack()
		if it == nil && more {
			var r Request
			if r, more = take(next, slot); more {
				it = b.item(ctx, r, index)
				index++
				b.count(1)
			}
		} else if it == nil {
			slot.Release()
		}
		if it == nil {
			continue
		}
		it.slot = slot
		select {
		case b.work <- it: // to a goroutine that has grown its stack
		default:
			b.jobs.Go(func() {
				for ok := true; ok; it, ok = <-b.work {
					b.do(it)
				}
			})
		}
	}
}

func (b *batch) item(ctx context.Context, r Request, index int) *item {
	it := &item{index: index, request: r, since: time.Now()}
	it.ctx, it.end = b.client.begin(ctx, Op{Name: OpItem})
	return it
}

// take takes the next request. Where there is none, be it that the sequence
// panics, the slot is given back.
func take(next func() (Request, bool), slot queue.Slot) (r Request, ok bool) {
	defer func() {
		if !ok {
			slot.Release()
		}
	}()
	return next()
}

func (b *batch) count(n int) {
	b.mu.Lock()
	b.taken += n
	b.mu.Unlock()
	b.wake()
}

func (b *batch) wake() {
	select {
	case b.changed <- struct{}{}:
	default:
	}
}

// do sends a request and waits for its job.
func (b *batch) do(it *item) {
	ctx, slot, options := it.ctx, it.slot, b.options.ofItem(it.index)
	it.slot = nil
	if it.sub == nil {
		sub, err := b.client.prepare(ctx, it.request, options)
		if err != nil {
			slot.Release()
			sub.ended(nil, err)
			b.refused(ctx, it, Outcome{Err: err})
			return
		}
		it.sub, it.request = sub, nil
		it.gate = &queue.Gate[*Job]{Queue: b.queue, Limiter: b.limiter, Awaits: true}
		sub.gate, sub.tries, sub.patience = it.gate, 0, batchPatience
		it.digest = sub.fingerprint(b.queue.Spacer.Seed())
		if due := b.queue.Spacer.Reserve(it.digest); !due.IsZero() {
			slot.Release()
			b.holdBack(it, due)
			return
		}
	}
	sub := it.sub
	it.gate.Slot = slot
	job, err := b.client.send(sub, options)
	b.queue.Spacer.Sent(it.digest)
	if e, ok := errors.AsType[*fault.Error](err); ok && e.Duplicate && sub.Body.Repeatable() && time.Since(it.since) < batchPatience {
		// This very request was refused, so it has not been queued: sending it again is no second bill.
		b.holdBack(it, time.Now().Add(queue.Spacing))
		return
	}
	sub.ended(job, err)
	accepted := time.Now()
	out := Outcome{Job: job, TrackID: sub.trackID, Err: err, Attempts: sub.attempts, Queued: accepted.Sub(it.since)}
	if job == nil {
		b.refused(ctx, it, out)
		return
	}
	if err == nil {
		if job, out.Err = b.client.wait(ctx, job, options); job != nil {
			out.Job = job
		}
		out.Took = time.Since(accepted)
	}
	out.Ref = out.Job.Ref
	b.finish(it, out)
}

// refused is the end of a request that was not accepted. One that was not sent
// because the batch is over is no news.
func (b *batch) refused(ctx context.Context, it *item, out Outcome) {
	if err := ctx.Err(); err != nil && errors.Is(out.Err, err) && !isSubmitError(out.Err) {
		it.end(Result{Err: out.Err, Attempts: out.Attempts})
		b.count(-1)
		return
	}
	b.finish(it, out)
}

func (b *batch) finish(it *item, out Outcome) {
	out.Err = public(out.Err)
	it.end(Result{Job: out.Job, Err: out.Err, Attempts: out.Attempts})
	b.stream.results <- result{out, it.index}
	b.count(-1)
}
