package modelslab

import (
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/modelslab-go/modelslab/internal/delivery"
	"github.com/modelslab-go/modelslab/internal/fault"
	"github.com/modelslab-go/modelslab/internal/recent"
	"github.com/modelslab-go/modelslab/internal/reply"
)

const (
	doubtsKept = 1 << 12
	doubtsFor  = time.Hour
)

// doubts are the fetches of a client that were not answered, by job. Every loop
// that polls goes by them, since each makes its fetches through the client.
type doubts struct {
	count atomic.Int64 // of byRef, so that fetches that are answered pay nothing
	mu    sync.Mutex
	byRef *recent.Table[delivery.Name, *reply.Doubt]
}

// weigh takes what became of a fetch. It returns nil where the job failed,
// though no answer said so in as many words.
func (d *doubts) weigh(ref Ref, err error) error {
	e, _ := errors.AsType[*fault.Error](err)
	unanswered := e != nil && reply.Weighs(e)
	if !unanswered && (err != nil || d.count.Load() == 0) {
		return err // an outage takes nothing back
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.byRef == nil {
		d.byRef = recent.New[delivery.Name, *reply.Doubt](doubtsKept, doubtsFor)
	}
	name := delivery.Name{Kind: string(ref.Kind), ID: ref.ID}
	defer func() { d.count.Store(int64(d.byRef.Len())) }()
	if !unanswered {
		d.byRef.Delete(name)
		return nil
	}
	now := time.Now()
	doubt, ok := d.byRef.Get(name, now)
	if !ok {
		doubt = new(reply.Doubt)
	}
	d.byRef.Put(name, doubt, 1, now)
	if doubt.Weigh(e, now) {
		return nil
	}
	return err
}
