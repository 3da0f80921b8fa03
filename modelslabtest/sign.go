package modelslabtest

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"time"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/internal/endpoint"
	"github.com/modelslab-go/modelslab/internal/token"
)

// SignedRequest returns the request by which ModelsLab would report to a
// callback URL that a client signed with secret: for a job of that kind and
// track id, with that JSON body. target is the callback URL, or its path alone.
// Of a workflow the track id is the workflow's id, as with
// client.WorkflowCallbackURL, and the body has to name the same workflow.
// Without a secret the URL is unsigned and carries the kind alone.
//
// It is a request for [Deliver] or a handler's ServeHTTP, not for an HTTP
// client. It panics on a secret of less than 32 bytes and a target that is no
// URL.
func SignedRequest(target string, secret []byte, kind modelslab.Kind, trackID, body string) *http.Request {
	u, err := url.Parse(target)
	if err != nil {
		panic("modelslabtest: the target does not parse: " + err.Error())
	}
	claims := token.OfJob(endpoint.CodeOf(string(kind)), trackID, time.Now())
	if kind == modelslab.KindWorkflow {
		claims = token.OfWorkflow(trackID)
	}
	var key *token.Key
	if len(secret) > 0 {
		if key, err = token.NewKey(secret); err != nil {
			panic("modelslabtest: " + err.Error())
		}
	}
	r := httptest.NewRequestWithContext(context.Background(), http.MethodPost, token.Address(u, key, claims, string(kind)), strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", webhookAgent)
	return r
}

// Deliver hands a request to a handler, or to the mux it is mounted on, and
// returns the answer. Send it twice to see what a duplicate does:
//
//	for range 2 {
//		resp := modelslabtest.Deliver(mux, modelslabtest.SignedRequest(
//			"/webhook/modelslab", secret, modelslab.KindVideo, "video_001", body))
//	}
func Deliver(h http.Handler, r *http.Request) *http.Response {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}
