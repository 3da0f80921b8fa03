package webhook

import (
	"container/heap"
	"context"
	"errors"
	"sync"
	"time"

	"github.com/modelslab-go/modelslab"
)

const maxWatchedText = 1 << 16

var errWatchedTooLong = errors.New("webhook: Watch: the ids of the job are too long")

// memoryWatch is the WatchStore of one process.
type memoryWatch struct {
	mu    sync.Mutex
	heap  watchHeap
	byRef map[string]*memoryWatched
}

// memoryWatched is small, because there may be very many.
type memoryWatched struct {
	at       int64 // when it is due, in Unix nanoseconds
	deadline int64
	eta      time.Duration
	text     string // kind "/" id, other id, track id, link
	kindEnd  uint16 // in text
	refEnd   uint16
	idEnd    uint16
	trackEnd uint16
	polls    uint16
	last     bool
	index    int32 // in the heap
}

func newMemoryWatch() *memoryWatch { return &memoryWatch{byRef: map[string]*memoryWatched{}} }

func (s *memoryWatch) Watch(_ context.Context, e Watched) error {
	key := watchKey(e.Ref)
	text := key + e.ID + e.TrackID + e.Link
	if len(text) >= maxWatchedText {
		return errWatchedTooLong
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if m, ok := s.byRef[key]; ok {
		m.deadline = max(m.deadline, e.Deadline.UnixNano())
		return nil
	}
	refEnd, idEnd := len(key), len(key)+len(e.ID)
	m := &memoryWatched{
		at: e.Next.UnixNano(), deadline: e.Deadline.UnixNano(), eta: e.ETA, text: text,
		kindEnd: uint16(len(e.Ref.Kind)), refEnd: uint16(refEnd), //nolint:gosec // bounded above
		idEnd: uint16(idEnd), trackEnd: uint16(idEnd + len(e.TrackID)), polls: pollCount(e.Polls), last: e.Last, //nolint:gosec // likewise
	}
	s.byRef[m.text[:refEnd]] = m
	heap.Push(&s.heap, m)
	return nil
}

func (s *memoryWatch) Due(_ context.Context, n int, lease time.Duration) (due []Watched, next time.Time, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	for len(due) < n && len(s.heap) > 0 && s.heap[0].at <= now.UnixNano() {
		m := s.heap[0]
		due = append(due, m.entry())
		s.move(m, now.Add(lease))
	}
	if len(s.heap) > 0 {
		next = time.Unix(0, s.heap[0].at)
	}
	return due, next, nil
}

func (s *memoryWatch) Postpone(_ context.Context, e Watched) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m, ok := s.byRef[watchKey(e.Ref)]; ok {
		m.deadline, m.polls, m.last = max(m.deadline, e.Deadline.UnixNano()), pollCount(e.Polls), e.Last
		s.move(m, e.Next)
	}
	return nil
}

func (s *memoryWatch) Done(_ context.Context, ref modelslab.Ref) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.byRef) == 0 {
		return nil
	}
	key := watchKey(ref)
	if m, ok := s.byRef[key]; ok {
		delete(s.byRef, key)
		heap.Remove(&s.heap, int(m.index))
	}
	return nil
}

// get returns the entry of a job, if there is one.
func (s *memoryWatch) get(ref modelslab.Ref) (e Watched, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, ok := s.byRef[watchKey(ref)]
	if !ok {
		return e, false
	}
	return m.entry(), true
}

func (s *memoryWatch) len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.heap)
}

// refs returns the jobs that are watched.
func (s *memoryWatch) refs() []modelslab.Ref {
	s.mu.Lock()
	defer s.mu.Unlock()
	refs := make([]modelslab.Ref, len(s.heap))
	for i, m := range s.heap {
		refs[i] = m.ref()
	}
	return refs
}

func (s *memoryWatch) move(m *memoryWatched, at time.Time) {
	m.at = at.UnixNano()
	heap.Fix(&s.heap, int(m.index))
}

func (m *memoryWatched) ref() modelslab.Ref {
	return modelslab.Ref{Kind: modelslab.Kind(m.text[:m.kindEnd]), ID: m.text[m.kindEnd+1 : m.refEnd]}
}

func (m *memoryWatched) entry() Watched {
	return Watched{
		Ref: m.ref(), ID: m.text[m.refEnd:m.idEnd], TrackID: m.text[m.idEnd:m.trackEnd], Link: m.text[m.trackEnd:],
		ETA: m.eta, Polls: int(m.polls), Last: m.last, Next: time.Unix(0, m.at), Deadline: time.Unix(0, m.deadline),
	}
}

func watchKey(ref modelslab.Ref) string { return string(ref.Kind) + "/" + ref.ID }

func pollCount(n int) uint16 { return uint16(min(n, 1<<16-1)) } //nolint:gosec // bounded here

// watchHeap has the job that is due first in front.
type watchHeap []*memoryWatched

func (h watchHeap) Len() int           { return len(h) }
func (h watchHeap) Less(i, k int) bool { return h[i].at < h[k].at }

func (h watchHeap) Swap(i, k int) {
	h[i], h[k] = h[k], h[i]
	h[i].index, h[k].index = int32(i), int32(k) //nolint:gosec // memory ends first
}

func (h *watchHeap) Push(x any) {
	m := x.(*memoryWatched)
	m.index = int32(len(*h)) //nolint:gosec // memory ends first
	*h = append(*h, m)
}

func (h *watchHeap) Pop() any {
	last := len(*h) - 1
	m := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	return m
}
