package modelslab

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/url"
	"sync"
	"time"

	"github.com/modelslab-go/modelslab/internal/body"
	"github.com/modelslab-go/modelslab/internal/encode"
	"github.com/modelslab-go/modelslab/internal/fault"
	"github.com/modelslab-go/modelslab/internal/reply"
	"github.com/modelslab-go/modelslab/internal/transport"
)

const (
	maxUpload = 5 << 20 // what base64_to_url takes
	// An uploaded file is gone after 24 hours; the job that uses it must start before that.
	uploadLifetime = 23 * time.Hour
	maxUploads     = 1024 // URLs remembered by a client
)

// upload puts a local file of a request on the web for a day and returns its
// URL. The same content is uploaded once, by whichever request needs it first.
func (c *Client) upload(ctx context.Context, op, field string, m Media) (string, error) {
	if err := checkUpload(op, field, m); err != nil {
		return "", err
	}
	if !m.source.Repeatable() {
		return c.base64ToURL(ctx, uploadPath, uploadField, m)
	}
	sum, err := sumOf(m.source)
	if err != nil {
		return "", &fault.Error{Op: op, Field: field, Reason: ErrInvalid, Cause: err}
	}
	return c.uploads.once(ctx, op, sum, func() (string, error) {
		return c.base64ToURL(ctx, uploadPath, uploadField, m)
	})
}

const (
	uploadPath  = "/v6/base64_to_url"
	uploadField = "base64_string"
)

// base64ToURL uploads a file to one of the base64_to_url endpoints, as a data
// URI in field. It changes nothing and costs nothing, so it is repeated as a
// fetch is.
func (c *Client) base64ToURL(ctx context.Context, path, field string, m Media) (string, error) {
	op := "POST " + path
	if err := checkUpload(op, field, m); err != nil {
		return "", err
	}
	enc := encode.Encoder{Op: op, Key: c.key}
	if err := enc.DataURI(field, m.source); err != nil {
		return "", err
	}
	x := exchange{read: (*exchange).readUpload, tries: c.fetchTries, patience: callPatience}
	x.Call = transport.Call{Op: op, Method: "POST", Path: path, Body: &enc.Body, Purpose: transport.Upload}
	if e := c.exchange(ctx, &x); e != nil {
		return "", e
	}
	if len(x.job.Output) == 0 {
		return "", &fault.Error{Op: op, HTTPStatus: 200, Message: "the answer names no URL", Reason: ErrUnavailable}
	}
	if uploaded := x.job.Output[0]; c.usableURL(uploaded) {
		return uploaded, nil
	}
	return "", &fault.Error{Op: op, HTTPStatus: 200, Message: "the answer's URL is not HTTPS", Reason: ErrUnavailable}
}

func (x *exchange) readUpload(r *reply.Response) *fault.Error {
	var s reply.State
	e := r.Upload(&s)
	if e == nil {
		x.job = jobOf(&s)
	}
	return e
}

// usableURL reports whether a URL out of an answer may be handed on: HTTPS, or
// plain HTTP on the loopback address that the API itself is reached on.
func (c *Client) usableURL(raw string) bool {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" {
		return false
	}
	return u.Scheme == "https" || u.Scheme == "http" && u.Host == c.base.Host && loopback(u.Hostname())
}

// checkUpload refuses what the endpoint is certain to refuse.
func checkUpload(op, field string, m Media) error {
	if m.IsZero() {
		return fault.Refuse(op, field, "the "+field+" field is required")
	}
	if err := m.file().Check(op, field); err != nil {
		return err
	}
	if !m.local() {
		return fault.Refuse(op, field, "the "+field+" field is on the web already: pass its URL to the request itself")
	}
	size, err := m.source.Size()
	switch {
	case err != nil:
		return &fault.Error{Op: op, Field: field, Reason: ErrInvalid, Cause: err}
	case size == 0:
		return fault.Refuse(op, field, "the file in the "+field+" field is empty")
	case size > maxUpload:
		return fault.Refuse(op, field, fmt.Sprintf(
			"the file in the %s field has %d bytes and ModelsLab takes uploads of up to %d: put it on the web and pass MediaURL",
			field, size, maxUpload))
	}
	return nil
}

// sumOf is the name of a file in the table of uploads.
func sumOf(file *body.Source) (sum [sha256.Size]byte, err error) {
	r, err := file.Open()
	if err != nil {
		return sum, err
	}
	defer r.Close()
	h := sha256.New()
	if _, err := io.Copy(h, r); err != nil {
		return sum, fmt.Errorf("media: %w", err)
	}
	return [sha256.Size]byte(h.Sum(nil)), nil
}

// uploads remembers what was uploaded, by content, and lets one of many
// concurrent uploads of the same content do the work.
type uploads struct {
	mu    sync.Mutex
	bySum map[[sha256.Size]byte]*upload
}

// An upload is settled once done is closed.
type upload struct {
	done  chan struct{}
	until time.Time
	url   string
	err   error
}

var errUploadBroke = errors.New("modelslab: the upload broke off") // stands when sending panics

func (us *uploads) once(ctx context.Context, op string, sum [sha256.Size]byte, send func() (string, error)) (string, error) {
	for {
		u, mine := us.claim(sum)
		if mine {
			u.err = errUploadBroke
			defer us.settle(sum, u)
			u.url, u.err = send()
			return u.url, u.err
		}
		select {
		case <-u.done:
		case <-ctx.Done():
			return "", &fault.Error{Op: op, Cause: ctx.Err()}
		}
		if !errors.Is(u.err, context.Canceled) && !errors.Is(u.err, context.DeadlineExceeded) {
			return u.url, u.err
		}
		// The one who uploaded gave up, which says nothing about the file.
	}
}

// claim returns the upload of that content, and whether the caller is to do it.
func (us *uploads) claim(sum [sha256.Size]byte) (u *upload, mine bool) {
	us.mu.Lock()
	defer us.mu.Unlock()
	if u = us.bySum[sum]; u != nil && (u.until.IsZero() || time.Now().Before(u.until)) {
		return u, false
	}
	if us.bySum == nil {
		us.bySum = map[[sha256.Size]byte]*upload{}
	}
	u = &upload{done: make(chan struct{})}
	us.bySum[sum] = u
	return u, true
}

func (us *uploads) settle(sum [sha256.Size]byte, u *upload) {
	us.mu.Lock()
	defer us.mu.Unlock()
	defer close(u.done)
	if u.err != nil {
		delete(us.bySum, sum)
		return
	}
	u.until = time.Now().Add(uploadLifetime)
	if len(us.bySum) > maxUploads {
		us.forget()
	}
}

// forget drops the settled upload that ends first.
func (us *uploads) forget() {
	var oldest [sha256.Size]byte
	var until time.Time
	for sum, u := range us.bySum {
		if !u.until.IsZero() && (until.IsZero() || u.until.Before(until)) {
			oldest, until = sum, u.until
		}
	}
	delete(us.bySum, oldest)
}
