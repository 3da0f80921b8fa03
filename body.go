package modelslab

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/modelslab-go/modelslab/internal/wire"
)

// A body is a JSON object with gaps where the content of files goes.
type body struct {
	json []byte
	gaps []gap
}

type gap struct {
	at    int // offset in json
	media file
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
		n += int64(base64.StdEncoding.EncodedLen(int(b.gaps[i].size)))
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
	r, err := b.open()
	if err != nil {
		return err
	}
	req.Body = r
	return nil
}

// bytes returns the whole body with its files in it.
func (b *body) bytes() ([]byte, error) {
	if len(b.gaps) == 0 {
		return b.json, nil
	}
	r, err := b.open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	out := bytes.NewBuffer(make([]byte, 0, b.length()+bytes.MinRead))
	_, err = out.ReadFrom(r)
	return out.Bytes(), err
}

// open returns a reader of the whole body. Every file is opened now, so that a
// missing one is found before anything is sent.
func (b *body) open() (io.ReadCloser, error) {
	r := &bodyReader{body: b, sources: make([]io.ReadCloser, len(b.gaps))}
	for i := range b.gaps {
		source, err := b.gaps[i].media.open()
		if err != nil {
			_ = r.Close()
			return nil, err
		}
		r.sources[i] = source
	}
	return r, nil
}

// bodyReader streams a body with files in it, encoding them on the way.
type bodyReader struct {
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

var errMediaSize = errors.New("media: the source has not the size it was announced with")

func (r *bodyReader) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		switch {
		case len(r.carried) > 0:
			k := copy(p[n:], r.carried)
			r.carried, n = r.carried[k:], n+k
		case r.inGap:
			k, err := r.readGap(p[n:])
			if n += k; err != nil {
				return n, err
			}
		default:
			end := len(r.body.json)
			if r.gap < len(r.body.gaps) {
				end = r.body.gaps[r.gap].at
			}
			k := copy(p[n:], r.body.json[r.pos:end])
			r.pos, n = r.pos+k, n+k
			if r.pos < end {
				return n, nil
			}
			if r.gap == len(r.body.gaps) {
				if n == 0 {
					return 0, io.EOF
				}
				return n, nil
			}
			r.inGap, r.left = true, r.body.gaps[r.gap].size
		}
	}
	return n, nil
}

// readGap encodes whole groups of three bytes straight into p.
func (r *bodyReader) readGap(p []byte) (int, error) {
	if r.left == 0 {
		if k, _ := r.sources[r.gap].Read(r.raw[:1]); k != 0 {
			return 0, errMediaSize
		}
		r.inGap, r.gap = false, r.gap+1
		return 0, nil
	}
	want := max(3, min(len(r.raw), len(p)/4*3))
	want = int(min(int64(want), r.left))
	k, err := io.ReadFull(r.sources[r.gap], r.raw[:want])
	if err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			err = errMediaSize
		}
		return 0, fmt.Errorf("reading %s: %w", r.body.gaps[r.gap].media, err)
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

// Close closes the files.
func (r *bodyReader) Close() error {
	var errs []error
	for _, s := range r.sources {
		if s != nil {
			errs = append(errs, s.Close())
		}
	}
	return errors.Join(errs...)
}
