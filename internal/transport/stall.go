package transport

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"
)

// StallLimit is how long an answer that has begun may send nothing, and how long
// the answer to a fetch may take to begin. The connection then counts as dead.
const StallLimit = 30 * time.Second

var errStall = errors.New("nothing came for " + StallLimit.String())

// stall ends an exchange that waits for an answer in vain.
type stall struct {
	timer  *time.Timer
	cancel context.CancelFunc // ends a fetch; nil for other calls

	mu   sync.Mutex
	over bool
	body io.Closer // whose closing ends a Read; nil before it
}

// watch limits the time until an answer begins. The context it returns ends
// then, or when end is called.
func (s *stall) watch(ctx context.Context) context.Context {
	ctx, s.cancel = context.WithCancel(ctx)
	s.timer = time.AfterFunc(StallLimit, s.expire)
	return ctx
}

func (s *stall) end() {
	s.timer.Stop()
	s.cancel()
}

// watchBody limits the time between two reads of a body, until the timer it
// returns is stopped. Whoever has read resets that.
func (s *stall) watchBody(body io.Closer) *time.Timer {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.body = body
	switch {
	case s.timer == nil:
		s.timer = time.AfterFunc(StallLimit, s.expire)
	case s.over:
		_ = body.Close()
	default:
		s.timer.Reset(StallLimit)
	}
	return s.timer
}

func (s *stall) expire() {
	s.mu.Lock()
	s.over = true
	body := s.body
	s.mu.Unlock()
	if s.cancel != nil {
		s.cancel()
	}
	if body != nil {
		_ = body.Close()
	}
}

// cause is why an exchange failed with err.
func (s *stall) cause(err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over {
		return errStall
	}
	return err
}
