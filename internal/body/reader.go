package body

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
)

// reader streams a body with files in it, encoding them on the way.
type reader struct {
	turn    chan struct{} // held by whoever uses what follows: a transport may close while it reads
	closed  atomic.Bool
	patient bool // no source blocks for long, so that Close can wait for a Read
	err     error

	body    *Body
	sources []io.ReadCloser
	gap     int   // the next or the open gap
	pos     int   // in json
	left    int64 // of the open gap's content
	inGap   bool
	raw     [3 * 8 << 10]byte
	carry   [4]byte // encoded bytes that did not fit
	carried []byte
}

// newReader opens every file now, so that a missing one is noticed before
// anything is sent.
func newReader(b *Body) (*reader, error) {
	r := &reader{body: b, sources: make([]io.ReadCloser, len(b.Gaps)), patient: true, turn: make(chan struct{}, 1)}
	for i := range b.Gaps {
		content := b.Gaps[i].Content
		source, err := content.Open()
		if err != nil {
			_ = r.Close()
			return nil, err
		}
		r.sources[i] = source
		r.patient = r.patient && content.Repeatable()
	}
	return r, nil
}

// Why reading a body fails, the errors of its files aside.
var (
	ErrSize   = errors.New("the source has not the size it was announced with")
	ErrClosed = errors.New("the body is closed")
)

// Read returns the body piece by piece. An error is final, so that what failed
// can never look like a whole body.
func (r *reader) Read(p []byte) (int, error) {
	r.turn <- struct{}{}
	defer r.release()
	if r.closed.Load() {
		return 0, ErrClosed
	}
	if r.err != nil {
		return 0, r.err
	}
	n, err := r.fill(p)
	if err != nil && !errors.Is(err, io.EOF) {
		r.err = err
	}
	return n, err
}

func (r *reader) fill(p []byte) (n int, err error) {
	for n < len(p) {
		switch {
		case len(r.carried) > 0:
			k := copy(p[n:], r.carried)
			r.carried, n = r.carried[k:], n+k
		case r.inGap && r.left > 0:
			k, err := r.encode(p[n:])
			if n += k; err != nil {
				return n, err
			}
		case r.inGap:
			if err := r.endGap(); err != nil {
				return n, err
			}
		case r.pos < r.next():
			k := copy(p[n:], r.body.JSON[r.pos:r.next()])
			r.pos, n = r.pos+k, n+k
		case r.gap < len(r.body.Gaps):
			r.inGap, r.left = true, r.body.Gaps[r.gap].Size
		case n == 0:
			return 0, io.EOF
		default:
			return n, nil
		}
	}
	return n, nil
}

// next is where the JSON is interrupted next.
func (r *reader) next() int {
	if r.gap < len(r.body.Gaps) {
		return r.body.Gaps[r.gap].At
	}
	return len(r.body.JSON)
}

// encode turns whole groups of three bytes straight into p.
func (r *reader) encode(p []byte) (int, error) {
	want := max(3, min(len(r.raw), len(p)/4*3))
	want = int(min(int64(want), r.left))
	k, err := io.ReadFull(r.sources[r.gap], r.raw[:want])
	if err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			err = ErrSize
		}
		return 0, r.sourceError(err)
	}
	r.left -= int64(k)
	if encoded := base64.StdEncoding.EncodedLen(k); encoded <= len(p) {
		base64.StdEncoding.Encode(p, r.raw[:k])
		return encoded, nil
	}
	base64.StdEncoding.Encode(r.carry[:], r.raw[:k])
	r.carried = r.carry[:]
	return 0, nil
}

// endGap sees to it that nothing was cut off.
func (r *reader) endGap() error {
	switch n, err := io.ReadFull(r.sources[r.gap], r.raw[:1]); {
	case n > 0:
		return r.sourceError(ErrSize)
	case err != nil && !errors.Is(err, io.EOF):
		return r.sourceError(err)
	}
	r.inGap, r.gap = false, r.gap+1
	return nil
}

func (r *reader) sourceError(err error) error {
	return fmt.Errorf("media: reading %s: %w", r.body.Gaps[r.gap].Content, err)
}

// Failure is why the body could not be read to its end, or nil.
func (r *reader) Failure() error {
	if !r.tryTurn() {
		return nil // it is still being read
	}
	defer r.release()
	return r.err
}

// Close ends the reading and closes the files. Once it has returned the sources
// are not read any more, unless one of them is a stream that may block.
func (r *reader) Close() error {
	r.closed.Store(true)
	if r.patient {
		r.turn <- struct{}{}
	} else if !r.tryTurn() {
		return nil // the Read under way closes when it comes back
	}
	r.release()
	return nil
}

func (r *reader) tryTurn() bool {
	select {
	case r.turn <- struct{}{}:
		return true
	default:
		return false
	}
}

// release ends a turn, and closes the files when nobody will read them again.
func (r *reader) release() {
	<-r.turn
	if !r.closed.Load() || !r.tryTurn() {
		return
	}
	defer func() { <-r.turn }()
	for i, s := range r.sources {
		if s != nil {
			_ = s.Close() // nothing was written to it
		}
		r.sources[i] = nil
	}
}
