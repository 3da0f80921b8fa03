package adapters_test

import (
	"encoding/base64"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/gin-gonic/gin"
	"github.com/labstack/echo/v4"
	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/modelslabtest"
	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/contrib/adapters"
)

const body = `{"status":"success","id":1,"output":["https://modelslab.com/1.mp4"],"track_id":"video_001"}`

func signed(path string) *http.Request {
	return modelslabtest.SignedRequest(path, secret, modelslab.KindVideo, "video_001", body)
}

func deliver(h http.Handler, path string) {
	if resp := modelslabtest.Deliver(h, signed(path)); resp.StatusCode != http.StatusOK {
		panic(resp.Status)
	}
}

// A middleware that binds the body in front of the handler is a mistake that says what it is.
func TestConsumedBodies(t *testing.T) {
	t.Parallel()
	read := func(r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }
	g := gin.New()
	g.Use(func(c *gin.Context) { read(c.Request) })
	g.POST("/webhook", gin.WrapH(newHandler()))
	e := echo.New()
	e.Use(func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			read(c.Request())
			return next(c)
		}
	})
	e.POST("/webhook", echo.WrapHandler(newHandler()))
	for _, h := range []http.Handler{g, e} {
		resp := modelslabtest.Deliver(h, signed("/webhook"))
		require.Equal(t, http.StatusInternalServerError, resp.StatusCode)
		answer, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		require.Contains(t, string(answer), "was read before")
	}
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
	f := adapters.Lambda(newHandler())
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
