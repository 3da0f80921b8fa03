package webhook

import (
	"time"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/internal/schedule"
)

// watchedJob is small, because there may be very many.
type watchedJob struct {
	at       int64 // of the next poll, in Unix nanoseconds
	deadline int64
	eta      time.Duration
	pause    time.Duration // before the next poll
	text     string        // kind "/" id, other id, track id
	kindEnd  uint16        // in text
	refEnd   uint16
	otherEnd uint16
	polls    uint8
	last     bool  // no poll after the next
	index    int32 // in the heap, -1 outside
}

// extended reports whether the deadline was moved after the last poll was set.
func (j *watchedJob) extended(now time.Time) bool {
	return time.Duration(j.deadline-now.UnixNano()) > 2*schedule.MaxLast
}

func (j *watchedJob) ref() modelslab.Ref {
	return modelslab.Ref{Kind: modelslab.Kind(j.text[:j.kindEnd]), ID: j.text[j.kindEnd+1 : j.refEnd]}
}

func (j *watchedJob) key() string { return j.text[:j.refEnd] }

func (j *watchedJob) job() *modelslab.Job {
	return &modelslab.Job{Ref: j.ref(), ID: j.text[j.refEnd:j.otherEnd], TrackID: j.text[j.otherEnd:]}
}

func watchKey(ref modelslab.Ref) string { return string(ref.Kind) + "/" + ref.ID }

// schedule sets the next poll. The last is shortly before the deadline.
func (j *watchedJob) schedule(now time.Time) {
	j.pause = schedule.Backstop.Pause(j.eta, int(j.polls), j.pause, 0)
	j.polls = min(j.polls, 254) + 1
	pause := schedule.Jitter(j.pause)
	left := time.Duration(j.deadline - now.UnixNano())
	room := left - schedule.Last(left)
	j.last = pause >= room
	j.at = now.Add(min(pause, max(room, 0))).UnixNano()
}

// watchHeap has the job that is due first in front.
type watchHeap []*watchedJob

func (h watchHeap) Len() int           { return len(h) }
func (h watchHeap) Less(i, k int) bool { return h[i].at < h[k].at }

func (h watchHeap) Swap(i, k int) {
	h[i], h[k] = h[k], h[i]
	h[i].index, h[k].index = int32(i), int32(k) //nolint:gosec // memory ends first
}

func (h *watchHeap) Push(x any) {
	j := x.(*watchedJob)
	j.index = int32(len(*h)) //nolint:gosec // memory ends first
	*h = append(*h, j)
}

func (h *watchHeap) Pop() any {
	last := len(*h) - 1
	j := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	j.index = -1
	return j
}
