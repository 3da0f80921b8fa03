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
	"sync"
	"time"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/internal/token"
)

// ErrBodyConsumed means that something in front of the handler, usually a
// middleware that logs or binds, has read the request's body, or a part of it,
// and not put it back: fewer bytes came than Content-Length says. It is logged
// and observed, and answered 500. Mount the handler outside of that middleware,
// or let the middleware set r.Body anew.
var ErrBodyConsumed = errors.New("webhook: the request's body was read before it reached the handler")

var (
	errTooLarge = errors.New("webhook: the body is larger than WithMaxBody allows")
	errTooSlow  = errors.New("webhook: the body did not come in time")
)

// authenticate returns what the token says. It allocates the same for every
// cause of a refusal, and looks at nothing but the query.
func (v *Verifier) authenticate(r *http.Request, now time.Time) (token.Claims, bool) {
	if v.noAuth {
		return token.Claims{}, true
	}
	return token.Verify(v.keys, queryValue(callbackQuery(r), token.Param), now)
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

// checkHeader refuses a body that is compressed. Without authentication the
// body has to be declared as JSON, since a browser can be made to post a form or
// plain text from any page. Under a token the content type decides nothing.
func (v *Verifier) checkHeader(header http.Header) reason {
	for _, value := range header["Content-Encoding"] {
		for encoding := range strings.SplitSeq(value, ",") {
			if compressed(strings.ToLower(strings.TrimSpace(encoding))) {
				return badEncoding
			}
		}
	}
	if !v.noAuth {
		return accepted
	}
	mediaType, _, err := mime.ParseMediaType(header.Get("Content-Type"))
	isJSON := mediaType == "application/json" || strings.HasPrefix(mediaType, "application/") && strings.HasSuffix(mediaType, "+json")
	if err != nil || !isJSON {
		return badContentType
	}
	return accepted
}

// compressed reports whether bodies with that content coding are other than
// they look. Senders also write names there that are none, such as "UTF-8".
func compressed(encoding string) bool {
	switch encoding {
	case "gzip", "x-gzip", "br", "deflate", "zstd", "compress", "x-compress", "dcb", "dcz":
		return true
	default:
		return false
	}
}

// read reads and decodes the body, never more of it than is allowed.
func (v *Verifier) read(r *http.Request) (*modelslab.Job, reason, error) {
	if r.ContentLength > v.maxBody {
		return nil, tooLarge, errTooLarge
	}
	b := bodies.Get().(*bodyBuffer)
	defer b.free()
	err := b.fill(r, v.maxBody)
	switch {
	case errors.Is(err, http.ErrBodyReadAfterClose), err == nil && int64(b.Len()) < r.ContentLength:
		return nil, bodyConsumed, ErrBodyConsumed
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, tooSlow, errTooSlow
	case err != nil:
		return nil, brokenOff, err
	case int64(b.Len()) > v.maxBody:
		return nil, tooLarge, errTooLarge
	}
	job, err := parseJob(b.Bytes())
	if err != nil {
		return nil, badJSON, err
	}
	return job, accepted, nil
}

// bodyBuffer holds a body until it is decoded.
type bodyBuffer struct {
	bytes.Buffer

	limited io.LimitedReader
}

var bodies = sync.Pool{New: func() any { return new(bodyBuffer) }}

// maxPooled is the size of a buffer that is worth keeping.
const maxPooled = 64 << 10

func (b *bodyBuffer) free() {
	if b.Cap() <= maxPooled {
		b.Reset()
		bodies.Put(b)
	}
}

// fill reads what is announced, or else no more than one byte beyond limit. It
// makes no room for what may never come. A body that ends before its length is
// no error: net/http makes one of a connection that breaks.
func (b *bodyBuffer) fill(r *http.Request, limit int64) error {
	if r.Body == nil {
		return nil
	}
	b.limited = io.LimitedReader{R: r.Body, N: limit + 1}
	if r.ContentLength > 0 {
		b.limited.N = r.ContentLength
	}
	_, err := b.ReadFrom(&b.limited)
	b.limited.R = nil
	return err
}
