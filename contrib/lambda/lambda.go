// Package lambda runs the handler of package webhook as an AWS Lambda function.
// It is a module of its own, so that AWS's packages enter yours only when asked.
package lambda

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/aws/aws-lambda-go/events"
)

// Function is an [http.Handler] as a Lambda function. It implements lambda.Handler
// of aws-lambda-go.
type Function struct{ h http.Handler }

// New makes a handler the function behind an API Gateway HTTP API or REST API
// (payload format 2.0 or 1.0), a function URL or an Application Load Balancer:
//
//	awslambda.Start(lambda.New(handler))
//
// Which of them it is, the fields of each event say, and the answer has the same
// format. A load balancer may have multi-value headers enabled.
//
// Lambda freezes the process when the answer is out. So let the callbacks run
// before it, that is without webhook.WithAsync; give the handler a store that
// outlives the process; and set the function's timeout above the handler's
// WithTimeout. What a frozen process cannot do is try failed callbacks again:
// have them put the event where something else does.
func New(h http.Handler) *Function { return &Function{h} }

// Invoke serves one event. It returns an error for an event that is not an HTTP
// request, such as one of a schedule or a queue, and for a body that is said to
// be base64 and is not.
func (f *Function) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	var e httpEvent
	if err := json.Unmarshal(payload, &e); err != nil {
		return nil, fmt.Errorf("lambda: the event does not decode: %w", err)
	}
	source, err := e.source()
	if err != nil {
		return nil, err
	}
	r, err := e.request(ctx, source)
	if err != nil {
		return nil, err
	}
	w := newResponseRecorder()
	f.h.ServeHTTP(w, r)
	return json.Marshal(w.response(source, e.MultiValueHeaders != nil))
}

// Func is [New] as a typed function, for events of payload format 2.0 alone:
//
//	awslambda.Start(lambda.Func(handler))
func Func(h http.Handler) func(context.Context, events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	return func(ctx context.Context, in events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
		e := httpEvent{
			RawPath: in.RawPath, RawQueryString: in.RawQueryString, Cookies: in.Cookies, Headers: in.Headers,
			Body: in.Body, IsBase64Encoded: in.IsBase64Encoded,
		}
		e.RequestContext.HTTP.Method = in.RequestContext.HTTP.Method
		e.RequestContext.HTTP.SourceIP = in.RequestContext.HTTP.SourceIP
		r, err := e.request(ctx, payload2)
		if err != nil {
			return events.APIGatewayV2HTTPResponse{}, err
		}
		w := newResponseRecorder()
		h.ServeHTTP(w, r)
		out := w.response(payload2, false)
		return events.APIGatewayV2HTTPResponse{
			StatusCode: out.StatusCode, Headers: out.Headers, Cookies: out.Cookies, Body: out.Body, IsBase64Encoded: out.IsBase64Encoded,
		}, nil
	}
}
