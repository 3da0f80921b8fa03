package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/webhook"
)

func init() {
	workers["delivery"] = func([]string) (worker, error) { return receiver(successPayload) }
	workers["delivery-large"] = func([]string) (worker, error) { return receiver(large(successPayload)) }
	workers["delivery-floor"] = func([]string) (worker, error) {
		s, err := newSender(successPayload)
		if err != nil {
			return nil, err
		}
		return counted(s.prepare, func(n int) error { return s.sendAll(n, byHand{}) }), nil
	}
}

// receiver is the handler that README mounts, with the client that has submitted
// the jobs.
func receiver(payload string) (worker, error) {
	s, err := newSender(payload)
	if err != nil {
		return nil, err
	}
	h, err := s.handler()
	if err != nil {
		return nil, err
	}
	return counted(s.prepare, func(n int) error {
		s.called.Store(0)
		if err := s.sendAll(n, h); err != nil {
			return err
		}
		if called := s.called.Load(); called != int64(n) {
			return fmt.Errorf("%d callbacks for %d deliveries", called, n)
		}
		return nil
	}), nil
}

// sender submits jobs and delivers each of them once.
type sender struct {
	client   *modelslab.Client
	api      *canned
	called   atomic.Int64
	jobs     []delivery
	sent     int // jobs so far
	body     []byte
	id       []byte // in body
	trackID  []byte // in body
	reader   bytes.Reader
	request  *http.Request
	response response
}

// delivery is one that is still to come.
type delivery struct{ query, id, trackID string }

const (
	sampleID    = "abc123-def456"
	sampleTrack = "00000000-0000-4000-8000-000000000000"
)

func newSender(payload string) (*sender, error) {
	s := &sender{api: newCanned(answerFor(sampleID))}
	client, err := modelslab.New(apiKey, modelslab.WithWebhook(callbackURL, secret), modelslab.WithHTTPClient(&http.Client{Transport: s.api}))
	if err != nil {
		return nil, err
	}
	s.client, s.body = client, []byte(strings.Replace(payload, "video_001", sampleTrack, 1))
	s.id, s.trackID = part(s.body, sampleID), part(s.body, sampleTrack)
	s.request = &http.Request{
		Method: http.MethodPost, URL: &url.URL{Path: "/webhooks/modelslab"}, Header: http.Header{"Content-Type": {"application/json"}},
		ContentLength: int64(len(s.body)), Body: io.NopCloser(&s.reader),
	}
	s.response.header = http.Header{}
	return s, nil
}

// part is the part of a text that holds what.
func part(text []byte, what string) []byte {
	at := bytes.Index(text, []byte(what))
	return text[at : at+len(what)]
}

// answerFor is the answer to a submit whose result will be on the host of the
// payload's.
func answerFor(id string) string {
	answer := strings.Replace(submitReply, `"id":12202888`, `"id":"`+id+`"`, 1)
	answer = strings.Replace(answer, "12202888", id, 1)
	return strings.Replace(answer, "cdn.example.com", "pub-0123456789abcdef0123456789abcdef.example.com", 1)
}

func (s *sender) handler() (http.Handler, error) {
	return webhook.NewHandler(webhook.WithSecrets(secret), webhook.WithClient(s.client),
		webhook.OnSuccess(func(context.Context, *webhook.Succeeded) error {
			s.called.Add(1)
			return nil
		}))
}

// prepare submits n jobs.
func (s *sender) prepare(n int) error {
	s.jobs = s.jobs[:0]
	req := request("")
	for range n {
		s.sent++
		id := fmt.Sprintf("%013d", s.sent)
		s.api.answer = []byte(answerFor(id))
		job, err := s.client.Submit(context.Background(), req)
		if err != nil {
			return err
		}
		_, query, _ := strings.Cut(s.api.callback(), "?")
		s.jobs = append(s.jobs, delivery{query, id, job.TrackID})
	}
	return nil
}

func (s *sender) sendAll(n int, h http.Handler) error {
	for _, d := range s.jobs[:n] {
		copy(s.id, d.id)
		copy(s.trackID, d.trackID)
		s.request.URL.RawQuery = d.query
		s.reader.Reset(s.body)
		s.response.status = 0
		h.ServeHTTP(&s.response, s.request)
		if s.response.status != http.StatusOK {
			return fmt.Errorf("answered %d", s.response.status)
		}
	}
	return nil
}

// response is the least that net/http's own writer does.
type response struct {
	header http.Header
	status int
}

func (r *response) Header() http.Header             { return r.header }
func (r *response) Write(p []byte) (int, error)     { return len(p), nil }
func (r *response) WriteHeader(status int)          { r.status = status }
func (r *response) SetReadDeadline(time.Time) error { return nil }

// byHand is the plainest receiver: it reads a bounded body into a struct that
// takes the id and the output in their forms. It verifies nothing and remembers
// nothing.
type byHand struct{}

func (byHand) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	var payload plainPayload
	if err == nil {
		err = json.Unmarshal(body, &payload)
	}
	if err == nil && len(payload.Output) == 0 {
		err = errors.New("no output")
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	acknowledge(w)
}

func acknowledge(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write([]byte(`{"received":true}`))
}

// empty is a handler that does nothing.
type empty struct{}

func (empty) ServeHTTP(w http.ResponseWriter, _ *http.Request) { acknowledge(w) }
