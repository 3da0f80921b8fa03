package webhook

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/internal/token"
)

// ErrBodyConsumed means that something in front of the handler, usually a
// middleware that logs or binds, has read the request's body and not put it
// back. It is logged and observed, and answered 500. Mount the handler outside
// of that middleware, or let the middleware set r.Body anew.
var ErrBodyConsumed = errors.New("webhook: the request's body was read before it reached the handler")

var (
	errTooLarge = errors.New("webhook: the body is larger than WithMaxBody allows")
	errTooSlow  = errors.New("webhook: the body did not come in time")
)

// authenticate returns what the token says. It allocates the same for every
// cause of a refusal, and looks at nothing but the query.
func (h *Handler) authenticate(r *http.Request, now time.Time) (token.Claims, bool) {
	if h.noAuth {
		return token.Claims{}, true
	}
	return token.Verify(h.keys, queryValue(r.URL.RawQuery, token.Param), now)
}

// queryValue returns the value of the only parameter of that name, else "".
func queryValue(query, name string) string {
	value, found := "", false
	for query != "" {
		var part string
		part, query, _ = strings.Cut(query, "&")
		key, text, _ := strings.Cut(part, "=")
		if key != name {
			continue
		}
		if found {
			return ""
		}
		value, found = text, true
	}
	if strings.ContainsAny(value, "%+") {
		value, _ = url.QueryUnescape(value)
	}
	return value
}

func checkType(header http.Header) (reason, *answer) {
	if encoding := first(header["Content-Encoding"]); encoding != "" && !strings.EqualFold(encoding, "identity") {
		return badEncoding, &wantJSON
	}
	contentType := first(header["Content-Type"])
	if contentType == "application/json" {
		return 0, nil
	}
	mediaType, _, err := mime.ParseMediaType(contentType)
	isJSON := mediaType == "application/json" || strings.HasPrefix(mediaType, "application/") && strings.HasSuffix(mediaType, "+json")
	if err != nil || !isJSON {
		return badContentType, &wantJSON
	}
	return 0, nil
}

func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

const (
	// announcedBuffer is how large a body is believed to be before it has come.
	announcedBuffer = 64 << 10
	firstBuffer     = 4 << 10
)

// read reads and decodes the body, never more of it than is allowed.
func (h *Handler) read(r *http.Request) (*modelslab.Job, reason, error) {
	if r.ContentLength > h.maxBody {
		return nil, tooLarge, errTooLarge
	}
	body, err := readAll(r, h.maxBody)
	switch {
	case errors.Is(err, http.ErrBodyReadAfterClose), err == nil && len(body) == 0 && r.ContentLength != 0:
		return nil, bodyConsumed, ErrBodyConsumed
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, tooSlow, errTooSlow
	case err != nil:
		return nil, brokenOff, err
	case int64(len(body)) > h.maxBody:
		return nil, tooLarge, errTooLarge
	}
	job, err := parseJob(body)
	return job, badJSON, err
}

// readAll reads the body, but no more than one byte beyond limit. It makes no
// room for what is announced and may never come.
func readAll(r *http.Request, limit int64) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	if n := r.ContentLength; 0 < n && n <= announcedBuffer {
		body := make([]byte, n)
		read, err := io.ReadFull(r.Body, body)
		if err == io.EOF { // not even the first byte
			err = nil
		}
		return body[:read], err
	}
	body := bytes.NewBuffer(make([]byte, 0, firstBuffer))
	_, err := body.ReadFrom(io.LimitReader(r.Body, limit+1))
	return body.Bytes(), err
}

// answerTo is the answer to a body that could not be used.
func answerTo(why reason) *answer {
	switch why {
	case tooLarge:
		return &bodyTooLarge
	case tooSlow:
		return &bodyTooSlow
	case bodyConsumed:
		return &bodyUsedUp
	default:
		return &badBody
	}
}
