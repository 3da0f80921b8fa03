package durable

import (
	"errors"
	"sync"
	"time"

	"github.com/modelslab-go/modelslab"
)

const (
	maxTroubles  = 2 // in a row before submits pause
	widenAfter   = 4 // windows of answered submits
	firstPause   = time.Second
	longestPause = 2 * time.Minute
)

// pace bounds the submits that this process has under way, one to begin with.
// Trouble with the account, the API or the way to it is not the job's, yet each
// such submit may cost one. So after the first they go one at a time, after the
// next they pause, and one job probes after each pause, which doubles until a
// submit is answered. Answered submits widen the window by one at a time, up to
// Config.Workers.
type pace struct {
	mu       sync.Mutex
	most     int // the window's limit
	window   int
	before   int // the window before the first trouble in a row
	answered int // since the window was widened
	underWay int
	troubles int       // in a row
	until    time.Time // no submit starts before
	pause    time.Duration
	cause    string // of the pause; "" while submits go on
}

// Pause says that submits have stopped, or go on again.
type Pause struct {
	For   time.Duration // until the next probe; 0 when submits go on
	Cause string        // the error of the last submit; "" when submits go on
}

func newPace(most int) *pace {
	return &pace{most: most, window: 1, pause: firstPause}
}

// reserve allows up to n submits to start.
func (p *pace) reserve(n int) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if time.Now().Before(p.until) {
		return 0
	}
	n = max(0, min(n, p.window-p.underWay))
	p.underWay += n
	return n
}

// giveBack is for reserved submits that did not start.
func (p *pace) giveBack(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.underWay -= n
}

// ended takes the outcome of a reserved submit. It reports what that changed.
func (p *pace) ended(err error) (change Pause, changed bool) {
	demanded, trouble := troubleOf(err)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.underWay--
	if !trouble {
		resumed := p.cause != ""
		p.troubles, p.pause, p.cause, p.until = 0, firstPause, "", time.Time{}
		p.window, p.before = max(p.window, p.before), 0
		if p.answered++; p.answered >= widenAfter*p.window {
			p.window, p.answered = min(p.window+1, p.most), 0
		}
		return Pause{}, resumed
	}
	if p.before == 0 {
		p.before = p.window
	}
	p.window = 1
	if p.troubles++; p.troubles < maxTroubles && demanded == 0 {
		return Pause{}, false
	}
	now := time.Now()
	if now.Before(p.until) {
		return Pause{}, false // it started before the pause
	}
	pause := max(p.pause, min(demanded, longestPause))
	p.pause = min(2*p.pause, longestPause)
	p.until, p.cause = now.Add(pause), err.Error()
	return Pause{For: pause, Cause: p.cause}, true
}

// state returns the pause that is in force.
func (p *pace) state() Pause {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cause == "" {
		return Pause{}
	}
	return Pause{For: max(0, time.Until(p.until)), Cause: p.cause}
}

// troubleOf separates trouble of the account, the API or the network from an answer
// about the job itself, and returns how long the API demands to wait.
func troubleOf(err error) (demanded time.Duration, trouble bool) {
	switch fateOf(err) {
	case fateAccepted, fateRefused:
		return 0, false
	default:
		return retryAfter(err), !errors.Is(err, modelslab.ErrQueueFull)
	}
}
