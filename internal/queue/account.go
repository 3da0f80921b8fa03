package queue

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/modelslab-go/modelslab/internal/fault"
)

const (
	growPause    = 10 * time.Second // between two steps up, doubled whenever one was too many
	maxGrowPause = 10 * time.Minute
	countPause   = 30 * time.Second // the API counts at most twice a minute
	countTimeout = 10 * time.Second
	maxClosed    = 2 * time.Minute // by one refusal, whatever it asks for
)

// Account is the Limiter of one process. Its limit falls to the number of jobs
// that the API did take when it refuses one, and rises again by one at a time
// while somebody waits and the account has room.
type Account struct {
	log   Logger
	count func(context.Context) (int, error) // of open jobs, in this process and others

	mu      sync.Mutex
	max     int
	limit   int             // max, or less since a refusal
	held    int             // slots
	line    []chan struct{} // in their order; one is closed to hand over a slot
	until   time.Time       // nothing is handed out before
	grow    time.Time       // when the limit may rise
	pause   time.Duration
	raised  bool      // since the last refusal
	counted time.Time // when
	room    int       // for this process, by its answer
	timer   *time.Timer
}

// NewAccount returns the limiter of an account that may have n open jobs. It
// asks how many there are with count, at most twice a minute.
func NewAccount(n int, log Logger, count func(context.Context) (int, error)) *Account {
	return &Account{log: log, count: count, max: n, limit: n, pause: growPause}
}

// Acquire takes a slot.
func (a *Account) Acquire(ctx context.Context, wait bool) (Slot, error) {
	a.mu.Lock()
	if len(a.line) == 0 && a.free(time.Now()) {
		a.held++
		a.mu.Unlock()
		return &accountSlot{account: a}, nil
	}
	if !wait {
		a.mu.Unlock()
		return nil, fault.QueueFull
	}
	turn := make(chan struct{})
	a.line = append(a.line, turn)
	a.plan(time.Now())
	a.mu.Unlock()
	select {
	case <-turn:
		return &accountSlot{account: a}, nil
	case <-ctx.Done():
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	select {
	case <-turn: // both at once
		a.held--
		a.handOut()
	default:
		at := slices.Index(a.line, turn)
		a.line = slices.Delete(a.line, at, at+1)
	}
	return nil, ctx.Err()
}

// Size is how many jobs may be open, as far as the API has said.
func (a *Account) Size() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.max
}

func (a *Account) free(now time.Time) bool { return a.held < a.limit && !now.Before(a.until) }

// handOut gives free slots to those first in line.
func (a *Account) handOut() {
	now := time.Now()
	for len(a.line) > 0 && a.free(now) {
		a.held++
		close(a.line[0])
		a.line = a.line[1:]
	}
	a.plan(now)
}

// plan sets the timer where waiting for a Release is not enough.
func (a *Account) plan(now time.Time) {
	next := a.until
	if !now.Before(next) {
		if next = a.grow; a.limit == a.max {
			return
		}
	}
	switch d := max(next.Sub(now), 0); {
	case len(a.line) == 0:
	case a.timer == nil:
		a.timer = time.AfterFunc(d, a.tick)
	default:
		a.timer.Reset(d)
	}
}

func (a *Account) tick() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.handOut()
	now := time.Now()
	if len(a.line) == 0 || a.limit == a.max || now.Before(a.until) || now.Before(a.grow) {
		return
	}
	a.grow = now.Add(a.pause)
	if now.Sub(a.counted) >= countPause {
		a.counted = now
		a.mu.Unlock()
		ctx, cancel := context.WithTimeout(context.Background(), countTimeout)
		open, err := a.count(ctx)
		cancel()
		a.mu.Lock()
		if a.room = a.max; err == nil {
			a.room -= max(open-a.held, 0) // what others have open
		}
	}
	switch now = time.Now(); {
	case now.Before(a.until): // refused meanwhile
	case a.limit < a.room:
		a.raise()
	default:
		a.grow = a.counted.Add(max(a.pause, countPause))
	}
	a.handOut()
}

// raise tries one slot more.
func (a *Account) raise() {
	if a.raised { // the step before this one has stood
		a.pause = growPause
	}
	a.limit++
	a.raised = true
	a.log.Debug("modelslab queue limit raised", "slots", a.limit, "of", a.max)
}

// accountSlot is a Slot of an Account.
type accountSlot struct {
	account *Account
	given   atomic.Bool
}

// Release gives the slot back.
func (s *accountSlot) Release() {
	if s.given.Swap(true) {
		return
	}
	s.account.mu.Lock()
	defer s.account.mu.Unlock()
	s.account.held--
	s.account.handOut()
}

// Refused gives the slot back and lowers the limit to what the API did take, for
// good where it says how many the plan allows.
func (s *accountSlot) Refused(refusal *fault.Error) {
	if s.given.Swap(true) {
		return
	}
	a := s.account
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.raised {
		a.pause, a.raised = min(2*a.pause, maxGrowPause), false
	}
	now := time.Now()
	a.held--
	if n := planLimit(refusal.Message); n > 0 {
		a.max = min(a.max, n)
	}
	a.limit = max(1, min(a.limit, a.held, a.max))
	if until := now.Add(min(refusal.RetryAfter, maxClosed)); until.After(a.until) {
		a.until = until
	}
	a.grow = a.until.Add(a.pause)
	a.log.Warn("modelslab refused a job within the queue limit: another process may be using the account",
		"slots", a.limit, "of", a.max, "open", a.held, "error", refusal)
	a.handOut()
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
