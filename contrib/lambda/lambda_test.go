package lambda_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	awslambda "github.com/aws/aws-lambda-go/lambda"
	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/modelslabtest"
	"github.com/modelslab-go/modelslab/webhook"
	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/contrib/lambda"
)

const body = `{"status":"success","id":1,"output":["https://modelslab.com/1.mp4"],"track_id":"video_001"}`

var secret = []byte("32 bytes that only we and our URLs")

func newHandler() *webhook.Handler {
	handler, err := webhook.NewHandler(webhook.WithSecrets(secret), webhook.OnSuccess(func(_ context.Context, e *webhook.Succeeded) error {
		fmt.Println(e.TrackID(), e.Job().Output)
		return nil
	}))
	if err != nil {
		panic(err)
	}
	return handler
}

func ExampleFunc() {
	awslambda.Start(lambda.Func(newHandler()))
}

func signed(path string) *http.Request {
	return modelslabtest.SignedRequest(path, secret, modelslab.KindVideo, "video_001", body)
}

func lambdaEvent(r *http.Request, body string) events.APIGatewayV2HTTPRequest {
	e := events.APIGatewayV2HTTPRequest{
		RawPath: r.URL.Path, RawQueryString: r.URL.RawQuery, Body: body,
		Headers: map[string]string{"content-type": "application/json", "host": "abc.lambda-url.eu-central-1.on.aws"},
	}
	e.RequestContext.HTTP.Method = r.Method
	return e
}

func TestLambda(t *testing.T) {
	t.Parallel()
	f := lambda.Func(newHandler())
	r := signed("/webhook/modelslab")
	for range 2 { // the second is a duplicate
		answer, err := f(t.Context(), lambdaEvent(r, body))
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, answer.StatusCode)
		require.JSONEq(t, `{"received":true}`, answer.Body)
		require.Equal(t, "application/json", answer.Headers["Content-Type"])
	}
	e := lambdaEvent(r, base64.StdEncoding.EncodeToString([]byte(body)))
	e.IsBase64Encoded = true
	answer, err := f(t.Context(), e)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, answer.StatusCode)

	forged := lambdaEvent(r, body)
	forged.RawQueryString = "sig=" + strings.Repeat("A", 52)
	answer, err = f(t.Context(), forged)
	require.NoError(t, err)
	require.Equal(t, http.StatusUnauthorized, answer.StatusCode)
	require.JSONEq(t, `{"error":"unauthorized"}`, answer.Body)

	e.Body = "not base64!"
	_, err = f(t.Context(), e)
	require.ErrorContains(t, err, "base64")
	bad := lambdaEvent(r, body)
	bad.RequestContext.HTTP.Method = "BAD METHOD"
	_, err = f(t.Context(), bad)
	require.ErrorContains(t, err, "not an HTTP request")
}
