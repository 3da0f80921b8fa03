package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path"
	"sync"
	"time"

	"github.com/modelslab-go/modelslab/webhook"
)

// listen serves h at an address until stop is called.
func listen(ctx context.Context, addr string, h http.Handler) (stop func(), err error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute}
	go func() { _ = server.Serve(l) }()
	return func() { _ = server.Close() }, nil
}

// arrival is a delivery that came in.
type arrival struct {
	event  webhook.Event // nil when it could not be read
	intact bool          // with the query that the callback URL had
	why    string        // it is not intact, or could not be read
}

// callbackServer takes deliveries in. The last element of the path names the trial.
type callbackServer struct {
	signed *webhook.Verifier
	open   *webhook.Verifier
	record func(trackID string, body []byte)

	mu       sync.Mutex
	expected map[string]string // track ids by trial
	arrivals map[string][]arrival
	changed  chan struct{} // closed and replaced by each arrival
}

func newReceiver(secret []byte, record func(trackID string, body []byte)) (*callbackServer, error) {
	signed, err := webhook.NewVerifier(webhook.WithSecrets(secret))
	if err != nil {
		return nil, err
	}
	unsigned, err := webhook.NewVerifier(webhook.WithInsecureNoAuth())
	if err != nil {
		return nil, err
	}
	return &callbackServer{
		signed: signed, open: unsigned, record: record,
		expected: map[string]string{}, arrivals: map[string][]arrival{}, changed: make(chan struct{}),
	}, nil
}

// expect accepts deliveries of a trial.
func (r *callbackServer) expect(trial, trackID string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.expected[trial] = trackID
}

// ServeHTTP takes one delivery. One without its token counts when its body names
// the trial's track id, which nobody else has, or when it is about a workflow,
// whose callback URL the account's owner has set.
func (r *callbackServer) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	trial := path.Base(req.URL.Path)
	r.mu.Lock()
	trackID, known := r.expected[trial]
	r.mu.Unlock()
	if !known {
		http.NotFound(w, req)
		return
	}
	a, refusal := r.read(w, req, trial, trackID)
	if refusal != nil {
		refusal.Write(w)
	}
	if a == nil {
		return
	}
	if a.event != nil {
		r.record(trackID, a.event.Raw())
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.arrivals[trial] = append(r.arrivals[trial], *a)
	close(r.changed)
	r.changed = make(chan struct{})
}

// read returns an arrival, nil for a request that is none, and the refusal to
// answer it with.
func (r *callbackServer) read(w http.ResponseWriter, req *http.Request, trial, trackID string) (*arrival, *webhook.Refusal) {
	a := &arrival{intact: trial != "workflow"}
	event, err := r.signed.Verify(w, req)
	refusal, _ := errors.AsType[*webhook.Refusal](err)
	switch {
	case err == nil:
		a.event = event
		return a, nil
	case refusal.Reason == "track_id": // the token is right
		a.why = "its body names another track id"
		return a, refusal
	case refusal.Reason != "token":
		return nil, refusal
	}
	a.intact, a.why = false, fmt.Sprintf("its query has the names %q and not the whole token", names(req.URL.Query()))
	event, err = r.open.Verify(w, req)
	if err != nil || trial != "workflow" && event.TrackID() != trackID {
		return nil, refusal
	}
	a.event = event
	return a, nil
}

// of returns the arrivals of a trial.
func (r *callbackServer) of(trial string) []arrival {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]arrival(nil), r.arrivals[trial]...)
}

// await waits for the delivery of a trial's end.
func (r *callbackServer) await(ctx context.Context, trial string, grace time.Duration) {
	timer := time.NewTimer(grace)
	defer timer.Stop()
	for {
		r.mu.Lock()
		changed := r.changed
		for _, a := range r.arrivals[trial] {
			if a.event == nil || a.event.Job().Status.Terminal() {
				r.mu.Unlock()
				return
			}
		}
		r.mu.Unlock()
		select {
		case <-changed:
		case <-timer.C:
			return
		case <-ctx.Done():
			return
		}
	}
}
