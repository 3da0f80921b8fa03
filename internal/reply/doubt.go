package reply

import (
	"errors"
	"time"

	"github.com/modelslab-go/modelslab/internal/fault"
)

const (
	doubtInterval  = 10 * time.Second // between two answers that count
	equalAnswers   = 3
	pagesTolerated = 4
)

// Doubt is what the fetches of one job brought that were not answered. It counts
// an answer only when it comes some time after the one before.
type Doubt struct {
	message string
	equal   int // Doubtful answers with that message
	pages   int
	last    time.Time
}

// Weigh takes a fetch that was not answered. It reports whether the job failed:
// an answer that does not say so counts for that when it was given three times
// in the same words. A proxy's page is not the API's word; it makes e
// Unavailable, unless nothing else comes for a while.
func (d *Doubt) Weigh(e *fault.Error, now time.Time) (failed bool) {
	counts := now.Sub(d.last) >= doubtInterval
	switch {
	case e.Page && !errors.Is(e, fault.RateLimited):
		if counts {
			d.pages++
			d.last = now
		}
		if d.pages <= pagesTolerated {
			e.Reason = fault.Unavailable
			e.Message = "the answer is a page of a proxy, not the API's: " + e.Message
		}
	case e.Doubtful:
		if d.pages = 0; d.message != e.Message {
			d.message, d.equal, counts = e.Message, 0, true
		}
		if counts {
			d.equal++
			d.last = now
		}
		return d.equal >= equalAnswers
	}
	return false
}

// Weighs reports whether an error is one to weigh.
func Weighs(e *fault.Error) bool { return e.Page || e.Doubtful }
