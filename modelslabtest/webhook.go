package modelslabtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

// Delivery is a webhook that was sent.
type Delivery struct {
	JobID  string
	URL    string
	Body   []byte
	Status int   // the receiver's answer; 0 for none
	Err    error // why there was none
	Try    int   // 1 for the first
	Time   time.Time
}

const webhookAgent = "ModelsLab-Webhook/1.0"

// patience is the time that a receiver has for its answer.
const patience = 30 * time.Second

// outgoing is a webhook to be sent.
type outgoing struct {
	job   *serverJob
	url   string
	body  []byte
	delay time.Duration
	tries int
}

// webhooks are the deliveries that follow a job's end.
func (s *Server) webhooks(j *serverJob) []outgoing {
	if j.webhook == "" || j.fault.Lost || j.state == cancelled && j.workflow == nil {
		return nil
	}
	last := outgoing{job: j, url: j.webhook, body: []byte(j.fault.Webhook), delay: j.fault.Late, tries: 1}
	if len(last.body) == 0 {
		last.body = s.lastWebhook(j)
	}
	if j.workflow != nil {
		last.tries = workflowTries
	}
	out := []outgoing{last}
	for range j.fault.Duplicates {
		out = append(out, last)
	}
	if j.fault.Reordered {
		for i, body := range s.earlierWebhooks(j) {
			out = append(out, outgoing{job: j, url: j.webhook, body: body, delay: j.fault.Late + time.Duration(i+1)*time.Second, tries: 1})
		}
	}
	return out
}

func (s *Server) lastWebhook(j *serverJob) []byte {
	switch {
	case j.workflow != nil:
		return s.workflowWebhook(j)
	case j.kind == "training":
		return j.stageWebhook(len(stages) - 1)
	}
	r := jobReply{Status: "failed", ID: jsonID(j.bodyID), Message: j.fault.Fail, TrackID: j.trackID}
	if j.state == succeeded {
		r.Status, r.Message, r.GenerationTime, r.Meta = "success", "", took(j), j.meta
		if j.result(&r); j.fault.NoOutput {
			r.Output, r.Links, r.ProxyLinks = []string{}, nil, nil
		}
	}
	return reply(0, r).body
}

// earlierWebhooks are the bodies that come before the last one.
func (s *Server) earlierWebhooks(j *serverJob) [][]byte {
	var out [][]byte
	if j.kind == "training" {
		for i := range len(stages) - 1 {
			out = append(out, j.stageWebhook(i))
		}
		return out
	}
	for range j.fault.Progress {
		out = append(out, reply(0, jobReply{
			Status: "processing", ID: jsonID(j.bodyID), ETA: s.eta(j), Output: []string{},
			FutureLinks: j.outputs(), TrackID: j.trackID, Meta: j.meta,
		}).body)
	}
	return out
}

// progress plans the webhooks that come while the job runs.
func (s *Server) progress(j *serverJob) {
	if j.webhook == "" || j.fault.Lost || j.fault.Reordered {
		return
	}
	bodies := s.earlierWebhooks(j)
	for i, body := range bodies {
		s.send(outgoing{
			job: j, url: j.webhook, body: body, tries: 1,
			delay: j.latency * time.Duration(i+1) / time.Duration(len(bodies)+1),
		})
	}
}

// send delivers a webhook after its delay. The caller holds the lock.
func (s *Server) send(d outgoing) {
	deliver := func() { s.spawn(func() { s.deliver(d) }) }
	if d.delay > 0 {
		s.after(d.delay, deliver)
		return
	}
	deliver()
}

// deliver sends a webhook and waits for the answer.
func (s *Server) deliver(d outgoing) {
	pause := time.Second
	for try := 1; ; try++ {
		status, err := s.post(d)
		s.mu.Lock()
		s.records.deliveries = append(s.records.deliveries, Delivery{
			JobID: d.job.id, URL: d.url, Body: d.body, Status: status, Err: err, Try: try, Time: time.Now(),
		})
		s.mu.Unlock()
		if status/100 == 2 || try >= d.tries {
			return
		}
		timer := time.NewTimer(pause)
		pause *= 2
		select {
		case <-timer.C:
		case <-s.closed:
			timer.Stop()
			return
		}
	}
}

func (s *Server) post(d outgoing) (int, error) {
	ctx, cancel := context.WithTimeout(s.lifetime(), patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, d.url, bytes.NewReader(d.body))
	if err != nil {
		return 0, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", webhookAgent)
	s.mu.Lock()
	receiver := s.receiver
	s.mu.Unlock()
	if receiver != nil {
		return serve(receiver, r)
	}
	resp, err := s.sender.Do(r)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10))
	return resp.StatusCode, nil
}

// serve calls a handler as net/http would.
func serve(h http.Handler, r *http.Request) (status int, err error) {
	r.RequestURI, r.RemoteAddr = r.URL.RequestURI(), "192.0.2.1:1234"
	r.Proto, r.ProtoMajor, r.ProtoMinor = "HTTP/1.1", 1, 1
	w := &capture{header: http.Header{}}
	defer func() {
		if p := recover(); p != nil {
			status, err = 0, fmt.Errorf("the handler panicked: %v", p)
		}
	}()
	h.ServeHTTP(w, r)
	if err := r.Context().Err(); err != nil {
		return 0, err // the sender no longer waits
	}
	w.WriteHeader(http.StatusOK)
	return w.status, nil
}

// capture keeps what a handler answers.
type capture struct {
	status int
	header http.Header
	body   bytes.Buffer
}

func (w *capture) Header() http.Header { return w.header }

func (w *capture) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
}

func (w *capture) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(p)
}

// errRemote refuses a webhook to another machine.
var errRemote = errors.New("the callback URL is not on loopback; see WithRemoteWebhooks")

// newSender returns the client that sends webhooks over the network. It checks the
// address that is dialled, so that no host name can resolve to another machine.
func newSender(remote bool) *http.Client {
	dialer := &net.Dialer{Control: func(_, address string, _ syscall.RawConn) error {
		if at, err := netip.ParseAddrPort(address); !remote && (err != nil || !at.Addr().IsLoopback()) {
			return errRemote
		}
		return nil
	}}
	return &http.Client{
		Transport:     &http.Transport{DialContext: dialer.DialContext, MaxConnsPerHost: 64, MaxIdleConnsPerHost: 64},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
