package reply

import (
	"bytes"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/modelslab-go/modelslab/internal/fault"
	"github.com/modelslab-go/modelslab/internal/retry"
	"github.com/modelslab-go/modelslab/internal/wire"
)

// defaultRetryAfter is what the API's own samples ask for.
const defaultRetryAfter = 30 * time.Second

// Response is an answer as it came. Reading it uses up the Body.
type Response struct {
	Op     string // what was asked, for errors
	Status int
	Header http.Header
	Body   []byte
	Broken error // why the Body is only a beginning; or nil
}

// Submit reads the answer to a submit. Where nothing is returned s is the job.
// Sent is the JSON of the request, whose own words decide nothing.
//
// An Error that is Unknown leaves open whether a job runs; s then names it where
// the answer does. Any other one means that nothing runs.
func (r *Response) Submit(s *JobState, sent []byte) *fault.Error {
	var v Verdict
	err := r.decode(s, &v)
	if err == nil && !r.redirects() && !r.refuses(v.Word, s.NamesJob()) {
		if v.HasStatus || v.HasJob {
			return nil
		}
		err = errors.New("the answer says nothing of a job")
	}
	switch {
	case r.redirects():
		return r.redirect()
	case err != nil:
		e := r.unreadable(err)
		e.Unknown = !e.Page || r.Status == http.StatusRequestTimeout || s.NamesJob()
		return e
	}
	e, m := r.refusal(s.Message, &v, sent)
	if s.NamesJob() && r.Status < 300 && errors.Is(m.reason, fault.Invalid) {
		return nil // accepted, and failed at once
	}
	e.Unknown = r.Status >= 500 || r.Status < 300 && m.lost || s.NamesJob()
	if s.NamesJob() {
		s.Status = "" // the refusal is not about the job, of which no more is said than its name
	}
	return e
}

// Fetch reads the answer to a question about a job that was submitted before.
func (r *Response) Fetch(s *JobState) *fault.Error {
	var v Verdict
	err := r.decode(s, &v)
	switch {
	case r.redirects():
		return r.redirect()
	case err != nil:
		return r.unreadable(err)
	case r.Status < 300 && v.Word != "error" && v.Word != Failed:
		return nil
	}
	e, m := r.refusal(s.Message, &v, nil)
	switch {
	case r.Status >= 400:
		return e
	case v.HasJob && (v.Word == Failed || errors.Is(m.reason, fault.Invalid)), m.failed:
		return nil // it is about the job, which failed
	case v.HasJob:
	case v.Word == Failed && (errors.Is(m.reason, fault.Invalid) || errors.Is(m.reason, fault.Credits) || errors.Is(m.reason, fault.Forbidden)):
		return nil
	case errors.Is(m.reason, fault.Invalid), v.Word == Failed && s.Message == "":
		e.Reason, e.Doubtful = fault.Unavailable, true
	}
	return e
}

// Upload reads the answer to an upload, whose output is the URL.
func (r *Response) Upload(s *JobState) *fault.Error {
	var v Verdict
	err := r.decode(s, &v)
	switch {
	case r.redirects():
		return r.redirect()
	case err != nil:
		return r.unreadable(err)
	case r.refuses(v.Word, s.NamesJob()):
		e, _ := r.refusal(s.Message, &v, nil)
		return e
	}
	return nil
}

// Query reads an answer that is the result itself.
func (r *Response) Query() (Value, *fault.Error) {
	if r.redirects() {
		return "", r.redirect()
	}
	body := bytes.TrimSpace(r.Body)
	wire.BlankTokensInPlace(body)
	text := string(body)
	var m members
	err := r.Broken
	if err == nil {
		err = m.collectAll(text)
	}
	if err != nil {
		var ok bool
		if text, ok = wire.Extract(text); !ok || m.collectAll(text) != nil {
			return "", r.unreadable(err)
		}
	}
	v := Verdict{Word: statusWord(m.status)}
	if !r.refuses(v.Word, false) {
		return Value(text), nil
	}
	v.RetryAfter, _ = wire.Seconds(m.retryAfter)
	var message string
	message, v.Field = m.messageText(false, statusOf(v.Word))
	e, _ := r.refusal(message, &v, nil)
	return "", e
}

// refuses reports whether the answer is a refusal: ModelsLab refuses with HTTP
// statuses and, as often, with HTTP 200 and a status field. A failed job was
// accepted first and has a name.
func (r *Response) refuses(word string, named bool) bool {
	return r.Status >= 400 || word == "error" || word == Failed && !named
}

func (r *Response) redirects() bool { return r.Status >= 300 && r.Status < 400 }

func (r *Response) redirect() *fault.Error {
	return &fault.Error{
		Op: r.Op, HTTPStatus: r.Status, Reason: fault.Unavailable,
		Message: "the API redirects, which is not followed because it would take the key along: check the base URL",
	}
}

// refusal is the Error of an answer that refuses, and what its words mean.
func (r *Response) refusal(message string, v *Verdict, sent []byte) (*fault.Error, meaning) {
	e := &fault.Error{
		Op: r.Op, HTTPStatus: r.Status, Message: message, Field: v.Field,
		RetryAfter: v.RetryAfter, Reason: fault.OfStatus(r.Status),
	}
	if e.RetryAfter == 0 {
		e.RetryAfter = retry.After(r.Header)
	}
	m := wordsOf(message, v.Field, sent)
	if r.Status < 300 {
		e.Reason = m.reason
	}
	if e.Duplicate = m.repeat; m.repeat {
		e.Reason = fault.RateLimited
	}
	if errors.Is(e.Reason, fault.RateLimited) && e.RetryAfter == 0 {
		e.RetryAfter = defaultRetryAfter
	}
	return e, m
}

// unreadable is the Error of an answer that is not the API's JSON. A 4xx of
// that kind is the page of a proxy, which did not let the call through; what
// came of any other one is open.
func (r *Response) unreadable(err error) *fault.Error {
	e := &fault.Error{Op: r.Op, HTTPStatus: r.Status, Reason: fault.Unavailable, RetryAfter: retry.After(r.Header)}
	if r.Status < 400 || r.Status >= 500 {
		e.Cause = fmt.Errorf("unreadable answer: %s%w", r.describe(), err)
		return e
	}
	e.Reason, e.Message, e.Page = fault.OfStatus(r.Status), http.StatusText(r.Status), true
	return e
}

// describe says what came instead of JSON, without quoting it.
func (r *Response) describe() string {
	mediaType, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if mediaType == "" || mediaType == "application/json" {
		return fmt.Sprintf("HTTP %d, %d bytes: ", r.Status, len(r.Body))
	}
	return fmt.Sprintf("HTTP %d, %d bytes of %s: ", r.Status, len(r.Body), mediaType)
}

// decode reads the job of an answer, noise around the JSON or not. Of a body
// that cannot be read s gets the names of the job that it shows.
func (r *Response) decode(s *JobState, v *Verdict) error {
	if r.redirects() {
		return nil
	}
	err := r.Broken
	if err == nil {
		err = Decode(r.Body, s, v)
	}
	if err == nil {
		return nil
	}
	text := string(r.Body)
	if value, ok := wire.Extract(text); ok && Decode([]byte(value), s, v) == nil {
		if v.HasStatus || v.HasJob {
			return nil
		}
		*s, *v = JobState{}, Verdict{} // something else in a page
	}
	names(text, s)
	return err
}

// names reads what a text that breaks off shows of the names of a job.
func names(text string, s *JobState) {
	start := strings.IndexByte(text, '{')
	if start < 0 {
		return
	}
	var m members
	var key, value string
	twice := false // two ids, either of which may be the job's
	keep := func() { twice = m.collect(key, value) != nil && key == "id" || twice }
	err := wire.Object(text[start:], func(k, v string) error {
		keep()
		key, value = k, v
		return nil
	})
	if err == nil || strings.HasPrefix(value, `"`) || !strings.HasSuffix(text, value) {
		keep() // it is whole: of a number at the end of the text digits may be missing
	}
	if twice {
		m.id = ""
	}
	s.ID = firstID(m.id, m.requestID, m.taskID)
	m.readRef(s)
}
