package webhook

import "time"

// acknowledge queues a delivery for the workers of WithAsync. It reports false
// when the queue is full. The workers end when there is nothing to do.
func (r *runner) acknowledge(d *delivery) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.taken >= r.workers+r.places {
		return false
	}
	r.taken++
	d.deadline = time.Time{} // nobody waits
	r.queue.push(d)
	if r.working < r.workers {
		r.working++
		go r.workOff()
	}
	return true
}

// workOff is the work of a worker of WithAsync.
func (r *runner) workOff() {
	for d := r.next(); d != nil; d = r.next() {
		r.process(d)
	}
}

func (r *runner) process(d *delivery) {
	ok := false
	defer func() {
		r.mu.Lock()
		r.taken--
		r.mu.Unlock()
		if !ok { // a callback called runtime.Goexit
			go r.workOff()
		}
	}()
	if r.stands(d) {
		r.perform(d)
	}
	ok = true
}

// perform runs the callbacks of a delivery that nobody waits for, on the
// goroutine that it is called on.
func (r *runner) perform(d *delivery) {
	defer func() { _ = r.ended(d) }() // it is counted, logged and tried again there
	r.call(d)
}

func (r *runner) next() *delivery {
	r.mu.Lock()
	defer r.mu.Unlock()
	d := r.queue.pop()
	if d == nil {
		r.working--
	}
	return d
}

// deliveryQueue is first in, first out, linked through the deliveries.
type deliveryQueue struct{ first, last *delivery }

func (q *deliveryQueue) push(d *delivery) {
	if q.last == nil {
		q.first = d
	} else {
		q.last.next = d
	}
	q.last = d
}

func (q *deliveryQueue) pop() *delivery {
	d := q.first
	if d == nil {
		return nil
	}
	if q.first = d.next; q.first == nil {
		q.last = nil
	}
	d.next = nil
	return d
}
