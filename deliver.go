package modelslab

import (
	"context"
	"sync"
)

// waiters are the Waits of a client, by every name their job is known by.
type waiters struct {
	mu     sync.Mutex
	byName map[string]map[*waiter]struct{}
}

type waiter struct {
	all       *waiters
	names     []string
	delivered chan *Job
}

func (ws *waiters) add(ref Ref, job *Job) *waiter {
	w := &waiter{all: ws, names: jobNames(ref, job), delivered: make(chan *Job, 1)}
	ws.mu.Lock()
	defer ws.mu.Unlock()
	if ws.byName == nil {
		ws.byName = map[string]map[*waiter]struct{}{}
	}
	for _, name := range w.names {
		if ws.byName[name] == nil {
			ws.byName[name] = map[*waiter]struct{}{}
		}
		ws.byName[name][w] = struct{}{}
	}
	return w
}

func (w *waiter) remove() {
	w.all.mu.Lock()
	defer w.all.mu.Unlock()
	for _, name := range w.names {
		delete(w.all.byName[name], w)
		if len(w.all.byName[name]) == 0 {
			delete(w.all.byName, name)
		}
	}
}

// Deliver hands on a state of a job that was learned outside of a Wait, by a
// webhook for instance, and wakes every Wait for that job.
func (c *Client) Deliver(_ context.Context, job *Job) error {
	c.waiters.mu.Lock()
	defer c.waiters.mu.Unlock()
	for _, name := range jobNames(job.Ref, job) {
		for w := range c.waiters.byName[name] {
			select {
			case w.delivered <- job:
			default:
			}
		}
	}
	return nil
}

func jobNames(ref Ref, job *Job) []string {
	names := []string{ref.String()}
	if job != nil && job.TrackID != "" {
		names = append(names, "track:"+job.TrackID)
	}
	return names
}
