package webhook

import "net/http"

// httpAnswer is what the sender of a delivery gets.
type httpAnswer struct {
	status     int
	body       []byte
	retryAfter string // seconds; "" for no Retry-After
}

// The answers. That to the unauthorized is the same for every cause.
var (
	received       = httpAnswer{http.StatusOK, []byte(`{"received":true}`), ""}
	notAllowed     = httpAnswer{http.StatusMethodNotAllowed, []byte(`{"error":"method not allowed: POST only"}`), ""}
	unauthorized   = httpAnswer{http.StatusUnauthorized, []byte(`{"error":"unauthorized"}`), ""}
	wantJSON       = httpAnswer{http.StatusUnsupportedMediaType, []byte(`{"error":"unsupported media type: want application/json without an encoding"}`), ""}
	bodyTooLarge   = httpAnswer{http.StatusRequestEntityTooLarge, []byte(`{"error":"body too large"}`), ""}
	bodyTooSlow    = httpAnswer{http.StatusRequestTimeout, []byte(`{"error":"body came too slowly"}`), ""}
	badBody        = httpAnswer{http.StatusBadRequest, []byte(`{"error":"body is not a JSON object"}`), ""}
	bodyUsedUp     = httpAnswer{http.StatusInternalServerError, []byte(`{"error":"the request body was read before it reached the webhook handler"}`), ""}
	callbackFailed = httpAnswer{http.StatusInternalServerError, []byte(`{"error":"delivery failed"}`), ""}
	tryLater       = httpAnswer{http.StatusServiceUnavailable, []byte(`{"error":"try again later"}`), "5"}
)

var (
	jsonContentType = []string{"application/json"}
	allowPost       = []string{http.MethodPost}
	closeConnection = []string{"close"}
)

func (a *httpAnswer) write(w http.ResponseWriter) {
	header := w.Header()
	header["Content-Type"] = jsonContentType
	switch a.status {
	case http.StatusMethodNotAllowed:
		header["Allow"] = allowPost
	case http.StatusRequestEntityTooLarge, http.StatusRequestTimeout:
		header["Connection"] = closeConnection // the rest of the body is not worth reading
	}
	if a.retryAfter != "" {
		header["Retry-After"] = []string{a.retryAfter}
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) //nolint:gosec // one of the constants above
}
