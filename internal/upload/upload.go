// Package upload remembers what was uploaded, by content, and lets one of many
// concurrent uploads of the same content do the work.
package upload

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"
	"sync"
	"time"
)

const (
	// MaxSize is the size of a file, in bytes, that ModelsLab takes.
	MaxSize = 5 << 20
	// lifetime is how long a URL is used. The file is gone after 24 hours, and
	// the job that uses it must start before that.
	lifetime = 23 * time.Hour
	maxURLs  = 1024
)

// An Opener opens a content, any number of times.
type Opener func() (io.ReadCloser, error)

// A sum is the name of a content.
type sum [sha256.Size]byte

// A Cache remembers uploads. Its zero value is ready, and safe for concurrent use.
type Cache struct {
	mu    sync.Mutex
	bySum map[sum]*stored
}

// An stored is an upload. Its fields are final once done is closed.
type stored struct {
	done  chan struct{}
	until time.Time // zero while the upload runs
	sent  sum       // of the bytes that were uploaded
	url   string
	err   error
}

var errBroke = errors.New("the upload broke off") // stands when sending panics

// Once returns the URL of a content. The first who needs it uploads it: send is
// to read it from the Opener that it is given. A content that changed meanwhile
// is remembered as what was sent. Failures are not remembered; they are those of
// everybody who waited, unless the one who uploaded gave up.
func (t *Cache) Once(ctx context.Context, open Opener, send func(Opener) (string, error)) (string, error) {
	name, err := sumOf(open)
	if err != nil {
		return "", err
	}
	for {
		e, mine := t.claim(name)
		if mine {
			d := &digest{open: open}
			e.err = errBroke
			defer func() { t.settle(name, e, d.sum()) }()
			e.url, e.err = send(d.reopen)
			return e.url, e.err
		}
		select {
		case <-e.done:
		case <-ctx.Done():
			return "", ctx.Err()
		}
		gaveUp := errors.Is(e.err, context.Canceled) || errors.Is(e.err, context.DeadlineExceeded)
		if !gaveUp && (e.err != nil || e.sent == name) {
			return e.url, e.err
		}
	}
}

// Forget drops URLs, so that their contents are uploaded anew.
func (t *Cache) Forget(urls ...string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, url := range urls {
		for name, e := range t.bySum {
			if !e.until.IsZero() && e.url == url {
				delete(t.bySum, name)
			}
		}
	}
}

// Unfetchable reports whether a refusal may mean that a URL could not be
// fetched, such as "Unable to fetch image from provided URL". A wrong guess
// costs an upload.
func Unfetchable(message string) bool {
	message = strings.ToLower(message)
	for _, word := range [...]string{"fetch", "download", "retriev", "accessib", "unreachable", "url", "link"} {
		if strings.Contains(message, word) {
			return true
		}
	}
	return false
}

// claim returns the upload of a content, and whether the caller is to do it.
func (t *Cache) claim(name sum) (e *stored, mine bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if e = t.bySum[name]; e != nil && (e.until.IsZero() || time.Now().Before(e.until)) {
		return e, false
	}
	if t.bySum == nil {
		t.bySum = map[sum]*stored{}
	}
	e = &stored{done: make(chan struct{})}
	t.bySum[name] = e
	return e, true
}

func (t *Cache) settle(name sum, e *stored, sent sum) {
	t.mu.Lock()
	defer t.mu.Unlock()
	defer close(e.done)
	e.sent = sent
	if e.err != nil || sent != name {
		delete(t.bySum, name)
	}
	if e.err != nil || t.bySum[sent] != nil && sent != name {
		return
	}
	e.until = time.Now().Add(lifetime)
	if t.bySum[sent] = e; len(t.bySum) > maxURLs {
		t.evict()
	}
}

// evict drops the upload that ends first.
func (t *Cache) evict() {
	var oldest sum
	var until time.Time
	for name, e := range t.bySum {
		if !e.until.IsZero() && (until.IsZero() || e.until.Before(until)) {
			oldest, until = name, e.until
		}
	}
	delete(t.bySum, oldest)
}

func sumOf(open Opener) (name sum, err error) {
	r, err := open()
	if err != nil {
		return name, err
	}
	defer r.Close()
	h := sha256.New()
	if _, err := io.Copy(h, r); err != nil {
		return name, fmt.Errorf("media: %w", err)
	}
	return sum(h.Sum(nil)), nil
}

// A digest is the sum of what was last read of a content.
type digest struct {
	open Opener
	mu   sync.Mutex // whoever sends may read on when the answer has come
	last hash.Hash
}

func (d *digest) reopen() (io.ReadCloser, error) {
	r, err := d.open()
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.last = sha256.New()
	return &digested{r, d, d.last}, nil
}

func (d *digest) sum() (name sum) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.last != nil {
		name = sum(d.last.Sum(nil))
	}
	return name
}

type digested struct {
	io.ReadCloser
	d    *digest
	hash hash.Hash
}

func (r *digested) Read(p []byte) (int, error) {
	n, err := r.ReadCloser.Read(p)
	r.d.mu.Lock()
	defer r.d.mu.Unlock()
	_, _ = r.hash.Write(p[:n])
	return n, err
}
