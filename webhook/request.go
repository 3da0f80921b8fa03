package webhook

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
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
func (h *Handler) authenticate(r *http.Request) (token.Claims, bool) {
	if h.noAuth {
		return token.Claims{}, true
	}
	return token.Verify(h.keys, queryValue(r.URL.RawQuery, token.Param), time.Now())
}

// queryValue returns the value of the only parameter of that name, else "".
func queryValue(query, name string) string {
	value, found := "", false
	for part := range strings.SplitSeq(query, "&") {
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
	if encoding := header.Get("Content-Encoding"); encoding != "" && !strings.EqualFold(encoding, "identity") {
		return badEncoding, &wantJSON
	}
	contentType := header.Get("Content-Type")
	if contentType == "application/json" {
		return 0, nil
	}
	mediaType, _, err := mime.ParseMediaType(contentType)
	if err != nil || mediaType != "application/json" && !(strings.HasPrefix(mediaType, "application/") && strings.HasSuffix(mediaType, "+json")) {
		return badContentType, &wantJSON
	}
	return 0, nil
}

const (
	firstBuffer = 4 << 10
	keptBuffer  = 64 << 10
)

var buffers = sync.Pool{New: func() any { return new(make([]byte, 0, firstBuffer)) }}

// read reads and decodes the body, never more of it than is allowed.
func (h *Handler) read(r *http.Request) (*modelslab.Job, reason, error) {
	if r.ContentLength > h.maxBody {
		return nil, tooLarge, errTooLarge
	}
	buf := buffers.Get().(*[]byte)
	defer func() {
		if cap(*buf) <= keptBuffer {
			buffers.Put(buf)
		}
	}()
	body, err := readAll(r.Body, (*buf)[:0], h.maxBody)
	*buf = body[:0]
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
	job, err := parseJob(body) // it copies what it keeps
	return job, badJSON, err
}

// readAll appends the body to buf. It stops one byte beyond limit, and grows
// with what has come, not with what was announced.
func readAll(body io.Reader, buf []byte, limit int64) ([]byte, error) {
	if body == nil {
		return buf, nil
	}
	for {
		if len(buf) == cap(buf) {
			buf = append(buf, 0)[:len(buf)]
		}
		room := buf[len(buf):min(int64(cap(buf)), limit+1)]
		if len(room) == 0 {
			return buf, nil
		}
		n, err := body.Read(room)
		buf = buf[:len(buf)+n]
		if err == io.EOF {
			return buf, nil
		}
		if err != nil {
			return buf, err
		}
	}
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
