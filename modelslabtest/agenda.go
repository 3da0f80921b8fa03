package modelslabtest

import (
	"container/heap"
	"time"
)

// agenda holds the planned events of all jobs behind one timer, so that an open
// job costs an entry in a heap and no goroutine.
type agenda struct {
	events timedEvents
	timer  *time.Timer
	count  uint64
}

type timedEvent struct {
	at    time.Time
	order uint64 // first planned, first done
	do    func() // with Server.mu held
}

// after plans do, which runs with the lock held. The caller holds it too.
func (s *Server) after(d time.Duration, do func()) {
	a := &s.agenda
	a.count++
	e := timedEvent{time.Now().Add(d), a.count, do}
	heap.Push(&a.events, e)
	if a.timer == nil {
		a.timer = time.AfterFunc(d, s.tick)
	} else if a.events[0].order == e.order {
		a.timer.Reset(d)
	}
}

func (s *Server) tick() {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.closed:
		return
	default:
	}
	a := &s.agenda
	for len(a.events) > 0 && !a.events[0].at.After(time.Now()) {
		heap.Pop(&a.events).(timedEvent).do()
	}
	if len(a.events) > 0 {
		a.timer.Reset(time.Until(a.events[0].at))
	}
}

func (a *agenda) stop() {
	if a.timer != nil {
		a.timer.Stop()
	}
}

type timedEvents []timedEvent

func (e timedEvents) Len() int { return len(e) }
func (e timedEvents) Less(i, j int) bool {
	if e[i].at.Equal(e[j].at) {
		return e[i].order < e[j].order
	}
	return e[i].at.Before(e[j].at)
}
func (e timedEvents) Swap(i, j int) { e[i], e[j] = e[j], e[i] }
func (e *timedEvents) Push(x any)   { *e = append(*e, x.(timedEvent)) }

func (e *timedEvents) Pop() any {
	old := *e
	last := old[len(old)-1]
	old[len(old)-1] = timedEvent{}
	*e = old[:len(old)-1]
	return last
}
