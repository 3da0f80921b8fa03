package modelslab

import (
	"context"
	"hash/maphash"
	"io"
	"reflect"
	"slices"
	"time"

	"github.com/modelslab-go/modelslab/internal/encode"
)

// maxHeldBack is how many requests of a batch may wait until they can be sent.
const maxHeldBack = 1 << 10

// await returns when there is, or may be, a request to send. It reports false
// when there will be none.
func (b *batch) await(ctx context.Context, more bool) bool {
	for {
		pause, ok := b.idle(more)
		if !ok || pause == 0 {
			return ok
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-b.changed:
		case <-ctx.Done():
			ok = false
		}
		if timer.Stop(); !ok {
			return false
		}
	}
}

// idle returns how long there is nothing to send, should nothing change. It
// reports false when nothing can.
func (b *batch) idle(more bool) (pause time.Duration, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.taken == 0 && !more:
		return 0, false
	case more && b.taken < b.room && len(b.held) < maxHeldBack:
		return 0, true
	case len(b.held) > 0:
		return max(time.Until(b.held[0].due), 0), true
	default:
		return time.Hour, true
	}
}

// fingerprint is the same for requests that ModelsLab would take for the same:
// all is equal but callback and track id. 0 means that there is none like it.
func (sub *submission) fingerprint(seed maphash.Seed) uint64 {
	var h maphash.Hash
	h.SetSeed(seed)
	enc := &sub.encoder
	_, _ = h.WriteString(sub.Op)
	_, _ = h.Write(enc.Body.JSON[:enc.Tail])
	for _, x := range enc.Extras {
		_, _ = h.WriteString(x.Name)
		_, _ = h.Write(x.Value)
	}
	for _, gap := range enc.Body.Gaps {
		if !gap.Content.Repeatable() {
			return 0
		}
		r, err := gap.Content.Open()
		if err != nil {
			return 0
		}
		_, err = io.Copy(&h, r)
		if r.Close(); err != nil {
			return 0
		}
	}
	return max(h.Sum64(), 1)
}

// holdBack puts a request aside until it may be sent.
func (b *batch) holdBack(it *item, due time.Time) {
	it.due = due
	b.mu.Lock()
	at, _ := slices.BinarySearchFunc(b.held, it, func(x, y *item) int { return x.due.Compare(y.due) })
	b.held = slices.Insert(b.held, at, it)
	b.mu.Unlock()
	b.wake()
}

// takeBack returns the first request that was held back until now, or nil.
func (b *batch) takeBack() *item {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.held) == 0 || b.held[0].due.After(time.Now()) {
		return nil
	}
	it := b.held[0]
	b.held = slices.Delete(b.held, 0, 1)
	return it
}

// abandon ends the operations of requests that were held back when the batch
// ended.
func (b *batch) abandon(ctx context.Context) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, it := range b.held {
		it.sub.ended(nil, ctx.Err())
		it.end(Result{Err: ctx.Err(), Attempts: it.sub.attempts})
	}
}

// uploadable reports whether every local file of a request may be uploaded, and
// would be uploaded once for all requests that use it.
func uploadable(v reflect.Value, p *encode.Plan) bool {
	for _, at := range p.Files(v) {
		f, _ := fileOf(at)
		if !f.Local() {
			continue
		}
		size, err := f.Content.Size()
		if err != nil || !f.Content.Repeatable() || size == 0 || size > maxUpload {
			return false
		}
	}
	return true
}
