package modelslab

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"

	"github.com/modelslab-go/modelslab/internal/wire"
)

// A body is a JSON object with gaps where the content of files goes.
type body struct {
	json []byte
	gaps []gap
}

type gap struct {
	at    int // offset in json
	media content
	size  int64 // of the content before base64
}

// withKey returns the body with the key as its first member.
func (b *body) withKey(key string) body {
	if b == nil {
		return body{json: append(wire.AppendString([]byte(`{"key":`), key), '}')}
	}
	out := make([]byte, 0, len(b.json)+len(key)+16)
	out = wire.AppendString(append(out, `{"key":`...), key)
	if len(b.json) > len("{}") {
		out = append(out, ',')
	}
	shift := len(out) - 1
	keyed := body{json: append(out, b.json[1:]...)}
	for _, g := range b.gaps {
		g.at += shift
		keyed.gaps = append(keyed.gaps, g)
	}
	return keyed
}

func (b *body) length() int64 {
	n := int64(len(b.json))
	for i := range b.gaps {
		n += (b.gaps[i].size + 2) / 3 * 4
	}
	return n
}

// attach gives the request its body, and the means to send it again where that
// is possible.
func (b *body) attach(req *http.Request) error {
	req.ContentLength = b.length()
	if len(b.gaps) == 0 {
		// A reader that net/http knows goes out in one write with the header.
		req.Body = io.NopCloser(bytes.NewReader(b.json))
		req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b.json)), nil }
		return nil
	}
	r, err := b.gaps[0].media.stream(b)
	if err != nil {
		return err
	}
	// Without GetBody net/http does not send it twice; the retry handler attaches anew.
	req.Body = r
	return nil
}

// bytes returns the whole body with its files in it.
func (b *body) bytes() ([]byte, error) {
	if len(b.gaps) == 0 {
		return b.json, nil
	}
	r, err := b.gaps[0].media.stream(b)
	if err != nil {
		return nil, err
	}
	defer func() { _ = r.Close() }()
	out := bytes.NewBuffer(make([]byte, 0, b.length()+bytes.MinRead))
	_, err = out.ReadFrom(r)
	return out.Bytes(), err
}

// open returns a reader of the whole body. Every file is opened now, so that a
// missing one is found before anything is sent.
func (b *body) open() (*bodyReader, error) {
	r := &bodyReader{body: b, sources: make([]io.ReadCloser, len(b.gaps)), patient: true, turn: make(chan struct{}, 1)}
	for i := range b.gaps {
		media := b.gaps[i].media
		source, err := media.open()
		if err != nil {
			_ = r.Close()
			return nil, err
		}
		r.sources[i] = source
		r.patient = r.patient && media.repeatable()
	}
	return r, nil
}

// bodyReader streams a body with files in it, encoding them on the way.
type bodyReader struct {
	turn    chan struct{} // held by whoever uses what follows: a transport may close while it reads
	closed  atomic.Bool
	patient bool // no source blocks for long, so that Close can wait for a Read
	err     error

	body    *body
	sources []io.ReadCloser
	gap     int   // the next or the open gap
	pos     int   // in json
	left    int64 // of the open gap's content
	inGap   bool
	raw     [3 * 8 << 10]byte
	carry   [4]byte // encoded bytes that did not fit
	carried []byte
}

var (
	errMediaSize  = errors.New("the source has not the size it was announced with")
	errBodyClosed = errors.New("the body is closed")
)

// Read returns the body piece by piece. An error is final, so that what failed
// can never look like a whole body.
func (r *bodyReader) Read(p []byte) (int, error) {
	r.turn <- struct{}{}
	defer r.release()
	if r.closed.Load() {
		return 0, errBodyClosed
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

func (r *bodyReader) fill(p []byte) (n int, err error) {
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
			k := copy(p[n:], r.body.json[r.pos:r.next()])
			r.pos, n = r.pos+k, n+k
		case r.gap < len(r.body.gaps):
			r.inGap, r.left = true, r.body.gaps[r.gap].size
		case n == 0:
			return 0, io.EOF
		default:
			return n, nil
		}
	}
	return n, nil
}

// next is where the JSON is interrupted next.
func (r *bodyReader) next() int {
	if r.gap < len(r.body.gaps) {
		return r.body.gaps[r.gap].at
	}
	return len(r.body.json)
}

// encode turns whole groups of three bytes straight into p.
func (r *bodyReader) encode(p []byte) (int, error) {
	want := max(3, min(len(r.raw), len(p)/4*3))
	want = int(min(int64(want), r.left))
	k, err := io.ReadFull(r.sources[r.gap], r.raw[:want])
	if err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			err = errMediaSize
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
func (r *bodyReader) endGap() error {
	switch n, err := io.ReadFull(r.sources[r.gap], r.raw[:1]); {
	case n > 0:
		return r.sourceError(errMediaSize)
	case err != nil && !errors.Is(err, io.EOF):
		return r.sourceError(err)
	}
	r.inGap, r.gap = false, r.gap+1
	return nil
}

func (r *bodyReader) sourceError(err error) error {
	return fmt.Errorf("media: reading %s: %w", r.body.gaps[r.gap].media, err)
}

// failure is why the body could not be read to its end, or nil. A request with
// such a body never arrived whole.
func (r *bodyReader) failure() error {
	if !r.tryTurn() {
		return nil // it is still being read
	}
	defer r.release()
	return r.err
}

// Close ends the reading and closes the files. Once it has returned the sources
// are not read any more, unless one of them is a stream that may block.
func (r *bodyReader) Close() error {
	r.closed.Store(true)
	if r.patient {
		r.turn <- struct{}{}
	} else if !r.tryTurn() {
		return nil // the Read under way closes when it comes back
	}
	r.release()
	return nil
}

func (r *bodyReader) tryTurn() bool {
	select {
	case r.turn <- struct{}{}:
		return true
	default:
		return false
	}
}

// release ends a turn, and closes the files when nobody will read them again.
func (r *bodyReader) release() {
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
