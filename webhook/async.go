package webhook

import (
	"sync"
	"time"
)

// queue holds acknowledged deliveries for WithAsync. Its workers are started as
// they are needed and end when there is nothing to do.
type queue struct {
	workers int
	limit   int

	mu      sync.Mutex
	waiting []*delivery
	running int
}

func newQueue(workers, limit int) *queue { return &queue{workers: workers, limit: limit} }

// put reports false when the queue is full.
func (q *queue) put(h *Handler, d *delivery) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.running < q.workers {
		q.running++
		go q.work(h, d)
		return true
	}
	if len(q.waiting) >= q.limit {
		return false
	}
	q.waiting = append(q.waiting, d)
	return true
}

func (q *queue) work(h *Handler, d *delivery) {
	for d != nil {
		if h.reclaim(d) {
			_ = h.run(d) // it is counted, logged and tried again there
		}
		d = q.next()
	}
}

func (q *queue) next() *delivery {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) == 0 {
		q.running--
		q.waiting = nil
		return nil
	}
	d := q.waiting[0]
	q.waiting[0] = nil
	q.waiting = q.waiting[1:]
	return d
}

// reclaim claims anew a delivery that has waited longer than its claim stands.
func (h *Handler) reclaim(d *delivery) bool {
	if h.memory != nil || time.Now().Before(d.until) {
		return true
	}
	ctx := d.ctx
	d.at = time.Now()
	switch state, _, err := h.admit(ctx, d, atOnce); {
	case err != nil:
		h.retries.add(h, d, err)
		return false
	case state == Claimed:
		return true
	case state == Busy:
		h.open.leave(d)
		return false
	default:
		h.handledBefore(ctx, d, state)
		return false
	}
}
