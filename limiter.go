package modelslab

import (
	"container/list"
	"context"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	growPause    = 10 * time.Second // between two steps up, doubled whenever one was too many
	maxGrowPause = 10 * time.Minute
	countPause   = 30 * time.Second // request_count is asked at most twice a minute
	countTimeout = 10 * time.Second
)

// queueLimiter is the Limiter of one process. Its limit falls to the number of
// jobs that the API did take when it refuses one, and rises again by one at a
// time while somebody waits and the account has room.
type queueLimiter struct {
	client *Client

	mu     sync.Mutex
	max    int
	limit  int       // max, or less since a refusal
	held   int       // slots
	line   list.List // of chan struct{}, closed to hand over a slot
	until  time.Time // nothing is handed out before
	grow   time.Time // when the limit may rise
	pause  time.Duration
	raised bool      // since the last refusal
	count  time.Time // when request_count was asked
	room   int       // for this process, by its answer
	timer  *time.Timer
}

func newQueueLimiter(n int, c *Client) *queueLimiter {
	return &queueLimiter{client: c, max: n, limit: n, pause: growPause}
}

// Acquire takes a slot.
func (q *queueLimiter) Acquire(ctx context.Context, wait bool) (Slot, error) {
	q.mu.Lock()
	if q.line.Len() == 0 && q.free(time.Now()) {
		q.held++
		q.mu.Unlock()
		return &queueSlot{q: q}, nil
	}
	if !wait {
		q.mu.Unlock()
		return nil, ErrQueueFull
	}
	turn := make(chan struct{})
	place := q.line.PushBack(turn)
	q.plan(time.Now())
	q.mu.Unlock()
	select {
	case <-turn:
		return &queueSlot{q: q}, nil
	case <-ctx.Done():
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	select {
	case <-turn: // both at once
		q.held--
		q.handOut()
	default:
		q.line.Remove(place)
	}
	return nil, ctx.Err()
}

func (q *queueLimiter) size() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.max
}

func (q *queueLimiter) free(now time.Time) bool { return q.held < q.limit && !now.Before(q.until) }

// handOut gives free slots to those first in line.
func (q *queueLimiter) handOut() {
	now := time.Now()
	for q.line.Len() > 0 && q.free(now) {
		q.held++
		close(q.line.Remove(q.line.Front()).(chan struct{}))
	}
	q.plan(now)
}

// plan sets the timer where waiting for a Release is not enough.
func (q *queueLimiter) plan(now time.Time) {
	next := q.until
	if !now.Before(next) {
		if next = q.grow; q.limit == q.max {
			return
		}
	}
	switch d := max(next.Sub(now), 0); {
	case q.line.Len() == 0:
	case q.timer == nil:
		q.timer = time.AfterFunc(d, q.tick)
	default:
		q.timer.Reset(d)
	}
}

func (q *queueLimiter) tick() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.handOut()
	now := time.Now()
	if q.line.Len() == 0 || q.limit == q.max || now.Before(q.until) || now.Before(q.grow) {
		return
	}
	q.grow = now.Add(q.pause)
	if now.Sub(q.count) >= countPause {
		q.count = now
		q.mu.Unlock()
		open, err := q.openJobs()
		q.mu.Lock()
		if q.room = q.max; err == nil {
			q.room -= max(open-q.held, 0) // what others have open
		}
	}
	switch now = time.Now(); {
	case now.Before(q.until): // refused meanwhile
	case q.limit < q.room:
		q.raise()
	default:
		q.grow = q.count.Add(max(q.pause, countPause))
	}
	q.handOut()
}

// raise tries one slot more.
func (q *queueLimiter) raise() {
	if q.raised { // the step before this one has stood
		q.pause = growPause
	}
	q.limit++
	q.raised = true
	q.client.log.Debug("modelslab queue limit raised", "slots", q.limit, "of", q.max)
}

// openJobs asks how many jobs the account has open, of this process and others.
func (q *queueLimiter) openJobs() (int, error) {
	ctx, cancel := context.WithTimeout(context.Background(), countTimeout)
	defer cancel()
	return q.client.Account.RequestCount(ctx, Once())
}

// queueSlot is a Slot of a queueLimiter.
type queueSlot struct {
	q     *queueLimiter
	given atomic.Bool
}

// Release gives the slot back.
func (s *queueSlot) Release() {
	if s.given.Swap(true) {
		return
	}
	s.q.mu.Lock()
	defer s.q.mu.Unlock()
	s.q.held--
	s.q.handOut()
}

// Refused gives the slot back and lowers the limit to what the API did take, for
// good where it says how many the plan allows.
func (s *queueSlot) Refused(refusal *Error) {
	if s.given.Swap(true) {
		return
	}
	q := s.q
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.raised {
		q.pause, q.raised = min(2*q.pause, maxGrowPause), false
	}
	now := time.Now()
	q.held--
	if n := planLimit(refusal.Message); n > 0 {
		q.max = min(q.max, n)
	}
	q.limit = max(1, min(q.limit, q.held, q.max))
	if until := now.Add(refusal.RetryAfter); until.After(q.until) {
		q.until = until
	}
	q.grow = q.until.Add(q.pause)
	q.client.log.Warn("modelslab refused a job within the queue limit: another process may be using the account",
		"slots", q.limit, "of", q.max, "open", q.held, "error", refusal)
	q.handOut()
}

// planLimit reads "Maximum 5 queued requests allowed." It returns 0 for other
// words.
func planLimit(message string) int {
	words := strings.Fields(strings.ToLower(message))
	for i := 1; i+1 < len(words); i++ {
		if words[i-1] == "maximum" && words[i+1] == "queued" {
			n, _ := strconv.Atoi(words[i])
			return max(n, 0)
		}
	}
	return 0
}
