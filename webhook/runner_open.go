package webhook

import "context"

// openSet are the deliveries that were taken on and have not ended.
type openSet struct {
	youngest *delivery
	n        int
	left     []*delivery   // given up by a shutdown
	idle     chan struct{} // closed when the last one leaves; nil before a shutdown
}

// enter takes a delivery on. It reports false when the handler is shut down.
func (r *runner) enter(d *delivery) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.open.idle != nil {
		return false
	}
	if d.older = r.open.youngest; d.older != nil {
		d.older.younger = d
	}
	r.open.youngest = d
	r.open.n++
	return true
}

// leave ends a delivery. It is called once for each that entered.
func (r *runner) leave(d *delivery) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.leaveLocked(d)
}

func (r *runner) leaveLocked(d *delivery) {
	if d.younger != nil {
		d.younger.older = d.older
	} else {
		r.open.youngest = d.older
	}
	if d.older != nil {
		d.older.younger = d.younger
	}
	d.older, d.younger = nil, nil
	r.open.n--
	if r.open.idle != nil && r.open.n == 0 {
		close(r.open.idle)
	}
}

// len is how many deliveries are open.
func (r *runner) len() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.open.n
}

// close takes nothing more on. It reports false when that was so already.
func (r *runner) close() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.open.idle != nil {
		return false
	}
	r.open.idle = make(chan struct{})
	if r.open.n == 0 {
		close(r.open.idle)
	}
	return true
}

// wait waits, after close, until all deliveries have ended, and returns those
// that were not handled.
func (r *runner) wait(ctx context.Context) (left []Event, err error) {
	r.mu.Lock()
	idle := r.open.idle
	r.mu.Unlock()
	select {
	case <-idle:
	case <-ctx.Done():
		err = ctx.Err()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.alarm.timer != nil && r.open.n == 0 {
		r.alarm.timer.Stop()
	}
	for _, d := range r.open.left {
		left = append(left, d.event)
	}
	for d := r.open.youngest; d != nil; d = d.older {
		left = append(left, d.event)
	}
	return left, err
}
