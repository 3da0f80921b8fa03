package webhook

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// Refusal is the error of [Verifier.Verify]: the request is no delivery, or not
// one that can be used.
type Refusal struct { //nolint:errname // a handler refuses; RefusalError would say it twice
	// Status is what to answer: 405 for the method, 401 for the token or a body
	// about another job than the token's, 415 for the content type or encoding,
	// 413 for the size, 408 for a body that came too slowly, 400 for one that is
	// not a JSON object, 500 for [ErrBodyConsumed].
	Status int
	// Reason is one word for logs and metrics, as in [Observation]: method,
	// token, content_type, encoding, too_large, too_slow, broken_off,
	// body_consumed, json, track_id or kind. It says more than the sender may
	// learn.
	Reason string

	err error
}

// Error names the reason, the status and the cause.
func (e *Refusal) Error() string {
	text := "webhook: delivery refused: " + e.Reason + " (" + strconv.Itoa(e.Status) + ")"
	if e.err != nil {
		text += ": " + e.err.Error()
	}
	return text
}

// Unwrap returns the cause: [ErrBodyConsumed], an error of reading or of
// decoding the body, or nil.
func (e *Refusal) Unwrap() error { return e.err }

// Write answers the request as a [Handler] would: Status with a JSON error that
// gives nothing away.
func (e *Refusal) Write(w http.ResponseWriter) {
	for i := range refusals {
		if r := &refusals[i]; r.name == e.Reason && r.answer.status == e.Status {
			r.answer.write(w)
			return
		}
	}
	a := httpAnswer{e.Status, fmt.Appendf(nil, `{"error":%q}`, strings.ToLower(http.StatusText(e.Status))), ""}
	a.write(w)
}

// reason says why a request was not acknowledged.
type reason int

// The reasons. Those from unconfirmed on are the Handler's alone.
const (
	accepted reason = iota
	badMethod
	badToken
	badContentType
	badEncoding
	tooLarge
	tooSlow
	brokenOff
	bodyConsumed
	badJSON
	otherJob
	otherKind
	unconfirmed
	confirmFailed
	storeFailed
	stillBusy
	callbackSlow
	queueFull
	shuttingDown
	reasons
)

var refusals = [reasons]struct {
	name   string
	answer *httpAnswer
}{
	accepted:       {"", &received},
	badMethod:      {"method", &notAllowed},
	badToken:       {"token", &unauthorized},
	badContentType: {"content_type", &wantJSON},
	badEncoding:    {"encoding", &wantJSON},
	tooLarge:       {"too_large", &bodyTooLarge},
	tooSlow:        {"too_slow", &bodyTooSlow},
	brokenOff:      {"broken_off", &badBody},
	bodyConsumed:   {"body_consumed", &bodyUsedUp},
	badJSON:        {"json", &badBody},
	otherJob:       {"track_id", &unauthorized},
	otherKind:      {"kind", &unauthorized},
	unconfirmed:    {"unconfirmed", &unauthorized},
	confirmFailed:  {"confirm", &tryLater},
	storeFailed:    {"store", &tryLater},
	stillBusy:      {"busy", &tryLater},
	callbackSlow:   {"timeout", &tryLater},
	queueFull:      {"queue_full", &tryLater},
	shuttingDown:   {"shutdown", &tryLater},
}

func (why reason) refusal(err error) *Refusal {
	r := refusals[why]
	return &Refusal{Status: r.answer.status, Reason: r.name, err: err}
}
