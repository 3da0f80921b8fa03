package webhook

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/internal/endpoint"
	"github.com/modelslab-go/modelslab/internal/token"
)

const (
	defaultMaxBody = 1 << 20
	// readTimeout is how long a sender may take over its body.
	readTimeout = 10 * time.Second
)

// Verifier turns requests into verified events and does nothing else with them.
// It is for services that put what arrives into a queue or a table of their
// own; a [Handler] has one. It is safe for concurrent use.
type Verifier struct {
	keys     []*token.Key
	noAuth   bool
	maxBody  int64
	kindFunc func(trackID string) modelslab.Kind
}

// NewVerifier returns a verifier. It needs [WithSecrets] or the environment
// variable MODELSLAB_WEBHOOK_SECRET, or [WithInsecureNoAuth] in their place.
//
// It returns an error for a secret of less than 32 bytes, for no authentication
// and for both kinds of it.
func NewVerifier(opts ...VerifierOption) (*Verifier, error) {
	v := newVerifier()
	for _, opt := range opts {
		if opt == nil {
			continue
		}
		if err := opt(v); err != nil {
			return nil, fmt.Errorf("webhook: %w", err)
		}
	}
	if err := v.check(); err != nil {
		return nil, err
	}
	return v, nil
}

func newVerifier() *Verifier { return &Verifier{maxBody: defaultMaxBody} }

func (v *Verifier) check() error {
	if err := v.environment(); err != nil {
		return err
	}
	switch {
	case len(v.keys) == 0 && !v.noAuth:
		return errors.New("webhook: no authentication: give WithSecrets the secrets of modelslab.WithWebhook, set MODELSLAB_WEBHOOK_SECRET, or say WithInsecureNoAuth")
	case len(v.keys) > 0 && v.noAuth:
		return errors.New("webhook: WithSecrets and WithInsecureNoAuth exclude each other")
	default:
		return nil
	}
}

// environment takes the secret from the environment where no option says who is
// believed, and with MODELSLAB_DEV=1 in place of what the options say: the client
// then signs with it too.
func (v *Verifier) environment() error {
	secret, dev := os.Getenv("MODELSLAB_WEBHOOK_SECRET"), os.Getenv("MODELSLAB_DEV") == "1"
	if secret == "" || !dev && (len(v.keys) > 0 || v.noAuth) {
		return nil
	}
	key, err := token.NewKey([]byte(secret))
	if err != nil {
		return fmt.Errorf("webhook: MODELSLAB_WEBHOOK_SECRET: %w", err)
	}
	v.keys, v.noAuth = []*token.Key{key}, false
	return nil
}

// Verify reads one delivery and returns its event. Nothing is remembered: a
// delivery that comes twice is returned twice. Answer 200 when the event is
// safe, and 503 when it could not be stored; the answer to an error is its
// Write.
//
// w is used for the deadline of the body, which is 10 seconds, and is not
// written to. It may be nil.
//
// The error is a *[Refusal].
func (v *Verifier) Verify(w http.ResponseWriter, r *http.Request) (Event, error) {
	d, why, err := v.verify(w, r, time.Now())
	if why != accepted {
		return nil, why.refusal(err)
	}
	v.classify(d)
	return d.event, nil
}

// verify takes a request to a delivery that may be believed. classify
// completes it. A delivery is returned beside the reasons otherJob and
// otherKind too.
func (v *Verifier) verify(w http.ResponseWriter, r *http.Request, now time.Time) (*delivery, reason, error) {
	// The deadline is for refusals too: net/http reads an unread body before it
	// reuses the connection.
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(now.Add(readTimeout))
	if r.Method != http.MethodPost {
		return nil, badMethod, nil
	}
	claims, ok := v.authenticate(r, now)
	if !ok {
		return nil, badToken, nil
	}
	if why := v.checkHeader(r.Header); why != accepted {
		return nil, why, nil
	}
	job, why, err := v.read(r)
	if why != accepted {
		return nil, why, err
	}
	_ = control.SetReadDeadline(time.Time{}) // what follows is not the sender's time
	d := &delivery{job: job, fromWebhook: true, noAuth: v.noAuth, at: now}
	return d, d.take(claims, callbackQuery(r)), nil
}

// take sets what the callback URL says. It returns a reason when the body is
// about another job.
func (d *delivery) take(claims token.Claims, query string) reason {
	job := d.job
	d.kind = modelslab.Kind(endpoint.KindOfCode(claims.Kind))
	switch {
	case d.noAuth:
		d.kind = kindOf(query)
		d.setTrack(job.TrackID)
	case claims.Kind == token.AnyRun:
		d.kind = modelslab.KindWorkflow
		job.TrackID = "" // the token vouches for the workflow alone
		if workflow, _, _ := strings.Cut(job.Ref.ID, "/"); job.Ref.Kind != d.kind || token.JobOfWorkflow(workflow) != claims.Job {
			return otherJob
		}
	default:
		d.track, d.expiry, d.link = TrackKey(claims.Job), claims.Expiry.Unix(), linkOf(query)
		if job.TrackID != "" && token.JobOf(job.TrackID) != claims.Job {
			return otherJob
		}
	}
	if shape := shapeOf(job); shape != "" && d.kind != "" && shape != d.kind {
		return otherKind
	}
	return accepted
}

// classify finds the kind where the callback URL does not say it, and makes the
// event.
func (v *Verifier) classify(d *delivery) {
	if d.kind == "" && v.kindFunc != nil && d.job.TrackID != "" {
		d.kind = v.kindFunc(d.job.TrackID)
	}
	if d.kind == "" {
		if d.kind = shapeOf(d.job); d.kind == "" && saysWorkflow(d.job.Raw) {
			d.kind = modelslab.KindWorkflow
		}
	}
	d.resolveRef()
	d.event = eventOf(d.job, d.kind, d.track)
}

// kindOf reads the kind that an unsigned callback URL names.
func kindOf(query string) modelslab.Kind {
	kind := queryValue(query, token.KindParam)
	if _, ok := endpoint.FetchOf(kind); !ok {
		return ""
	}
	return modelslab.Kind(kind)
}

// linkOf reads the link to the submit's operation. No token covers it, so it is
// used for nothing else.
func linkOf(query string) string {
	if link := queryValue(query, token.LinkParam); token.IsLink(link) {
		return link
	}
	return ""
}

// shapeOf is the kind of the bodies that no other kind has.
func shapeOf(job *modelslab.Job) modelslab.Kind {
	switch {
	case job.Ref.Kind == modelslab.KindWorkflow:
		return modelslab.KindWorkflow
	case job.Ref.Kind == modelslab.KindTraining || job.Stage != "":
		return modelslab.KindTraining
	default:
		return ""
	}
}
