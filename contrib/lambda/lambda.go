// Package lambda runs the handler of package webhook as an AWS Lambda function.
// It is a module of its own, so that AWS's packages enter yours only when asked.
package lambda

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/aws/aws-lambda-go/events"
)

// Func makes a handler the function that lambda.Start of aws-lambda-go takes,
// behind an API Gateway HTTP API or a function URL with payload format 2.0:
//
//	awslambda.Start(lambda.Func(handler))
//
// Lambda freezes the process when the answer is out. So let the callbacks run
// before it, that is without webhook.WithAsync; give the handler a store that
// outlives the process; and set the function's timeout above the handler's
// WithTimeout. What a frozen process cannot do is try failed callbacks again:
// have them put the event where something else does.
//
// The function returns an error for a request that is none.
func Func(h http.Handler) func(context.Context, events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	return func(ctx context.Context, e events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
		r, err := requestOf(ctx, &e)
		if err != nil {
			return events.APIGatewayV2HTTPResponse{}, err
		}
		w := &recorder{header: http.Header{}}
		h.ServeHTTP(w, r)
		return w.response(), nil
	}
}

func requestOf(ctx context.Context, e *events.APIGatewayV2HTTPRequest) (*http.Request, error) {
	body := []byte(e.Body)
	if e.IsBase64Encoded {
		var err error
		if body, err = base64.StdEncoding.DecodeString(e.Body); err != nil {
			return nil, fmt.Errorf("lambda: the body is not base64: %w", err)
		}
	}
	u := &url.URL{Path: e.RawPath, RawQuery: e.RawQueryString}
	r, err := http.NewRequestWithContext(ctx, e.RequestContext.HTTP.Method, u.String(), io.NopCloser(bytes.NewReader(body)))
	if err != nil {
		return nil, fmt.Errorf("lambda: not an HTTP request: %w", err)
	}
	r.ContentLength = int64(len(body))
	for name, value := range e.Headers { // several values come joined by commas
		r.Header.Set(name, value)
	}
	r.Host = r.Header.Get("Host")
	r.RemoteAddr = e.RequestContext.HTTP.SourceIP
	r.RequestURI = u.RequestURI()
	return r, nil
}

// recorder keeps what the handler answers.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (w *recorder) Header() http.Header { return w.header }

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
}

func (w *recorder) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(p)
}

func (w *recorder) response() events.APIGatewayV2HTTPResponse {
	w.WriteHeader(http.StatusOK)
	headers := map[string]string{}
	for name, values := range w.header {
		headers[name] = strings.Join(values, ",")
	}
	return events.APIGatewayV2HTTPResponse{StatusCode: w.status, Headers: headers, Body: w.body.String()}
}
