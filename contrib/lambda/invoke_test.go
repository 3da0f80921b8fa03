package lambda_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"

	awslambda "github.com/aws/aws-lambda-go/lambda"
	"github.com/modelslab-go/modelslab/webhook"
	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/contrib/lambda"
)

func ExampleNew() {
	awslambda.Start(lambda.New(newHandler()))
}

// eventsOf are a delivery in each of the formats.
func eventsOf(sig, body string, base64Encoded bool) map[string]string {
	text, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	tail := fmt.Sprintf(`"body":%s,"isBase64Encoded":%t}`, text, base64Encoded)
	return map[string]string{
		"HTTP API": fmt.Sprintf(`{"version":"2.0","routeKey":"POST /hook","rawPath":"/prod/hook","rawQueryString":"tenant=7&sig=%s",
			"headers":{"content-type":"application/json","host":"abc.execute-api.eu-central-1.amazonaws.com"},
			"requestContext":{"http":{"method":"POST","path":"/prod/hook","sourceIp":"1.2.3.4"},"stage":"prod"},`+tail, sig),
		"function URL": fmt.Sprintf(`{"version":"2.0","rawPath":"/","rawQueryString":"sig=%s","cookies":["a=b"],"headers":{"host":"abc.lambda-url.eu-central-1.on.aws"},
			"requestContext":{"domainName":"abc.lambda-url.eu-central-1.on.aws","http":{"method":"POST","path":"/"}},`+tail, sig),
		"HTTP API, payload 1.0": fmt.Sprintf(`{"version":"1.0","resource":"/hook","path":"/hook","httpMethod":"POST","headers":{"Content-Type":"application/json"},
			"multiValueHeaders":{"Content-Type":["application/json"]},"queryStringParameters":{"sig":%q},"multiValueQueryStringParameters":{"sig":[%q]},
			"requestContext":{"httpMethod":"POST","identity":{"sourceIp":"1.2.3.4"}},`+tail, sig, sig),
		"REST API": fmt.Sprintf(`{"resource":"/hook","path":"/hook","httpMethod":"POST","headers":null,"multiValueHeaders":null,
			"queryStringParameters":{"sig":%q,"text":"a b&c"},"requestContext":{"stage":"prod"},`+tail, sig),
		"load balancer": fmt.Sprintf(`{"requestContext":{"elb":{"targetGroupArn":"arn"}},"httpMethod":"POST","path":"/hook",
			"queryStringParameters":{"sig":%q,"text":"a%%20b%%26c"},"headers":{"content-type":"application/json"},`+tail, sig),
		"load balancer, several values": fmt.Sprintf(`{"requestContext":{"elb":{"targetGroupArn":"arn"}},"httpMethod":"POST","path":"/hook",
			"multiValueQueryStringParameters":{"sig":[%q]},"multiValueHeaders":{"content-type":["application/json"]},`+tail, sig),
	}
}

type invoked struct {
	StatusCode        int                 `json:"statusCode"`
	StatusDescription string              `json:"statusDescription"`
	Headers           map[string]string   `json:"headers"`
	MultiValueHeaders map[string][]string `json:"multiValueHeaders"`
	Cookies           []string            `json:"cookies"`
	Body              string              `json:"body"`
	IsBase64Encoded   bool                `json:"isBase64Encoded"`
}

func invoke(t *testing.T, h http.Handler, payload string) invoked {
	t.Helper()
	out, err := lambda.New(h).Invoke(t.Context(), []byte(payload))
	require.NoError(t, err, payload)
	var a invoked
	require.NoError(t, json.Unmarshal(out, &a))
	return a
}

func TestInvoke(t *testing.T) {
	t.Parallel()
	sig := signed("/").URL.Query().Get("sig")
	for _, encoded := range []bool{false, true} {
		sent := body
		if encoded {
			sent = base64.StdEncoding.EncodeToString([]byte(body))
		}
		for name, payload := range eventsOf(sig, sent, encoded) {
			calls := 0
			h, err := webhook.NewHandler(webhook.WithSecrets(secret), webhook.OnSuccess(func(context.Context, *webhook.Succeeded) error {
				calls++
				return nil
			}))
			require.NoError(t, err)
			a := invoke(t, h, payload)
			require.Equal(t, 200, a.StatusCode, name)
			require.JSONEq(t, `{"received":true}`, a.Body, name)
			require.Equal(t, 1, calls, name)
		}
	}
	for name, payload := range eventsOf("forged", body, false) {
		a := invoke(t, newHandler(), payload)
		require.Equal(t, 401, a.StatusCode, name)
		require.JSONEq(t, `{"error":"unauthorized"}`, a.Body, name)
	}
}

// The answer has the format of the event's source.
func TestInvokeAnswers(t *testing.T) {
	t.Parallel()
	var got *http.Request
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r
		http.SetCookie(w, &http.Cookie{Name: "a", Value: "1"})
		http.SetCookie(w, &http.Cookie{Name: "b", Value: "2"})
		w.Header().Add("Vary", "x")
		w.Header().Add("Vary", "y")
		w.WriteHeader(http.StatusAccepted)
		_, _ = io.WriteString(w, "ok")
	})
	for name, payload := range eventsOf("s", "b", false) {
		a := invoke(t, h, payload)
		require.Equal(t, 202, a.StatusCode, name)
		require.Equal(t, "ok", a.Body, name)
		require.Equal(t, "s", got.URL.Query().Get("sig"), name)
		require.Equal(t, "POST", got.Method, name)
		require.EqualValues(t, 1, got.ContentLength, name)
		switch name {
		case "HTTP API", "function URL":
			require.Equal(t, []string{"a=1", "b=2"}, a.Cookies, name)
			require.Equal(t, "x,y", a.Headers["Vary"], name)
			require.NotContains(t, a.Headers, "Set-Cookie")
			require.Empty(t, a.MultiValueHeaders)
		case "load balancer":
			require.Equal(t, "a b&c", got.URL.Query().Get("text"), "it sends what it got")
			require.Equal(t, "202 Accepted", a.StatusDescription)
			require.Equal(t, "x,y", a.Headers["Vary"])
			require.Empty(t, a.MultiValueHeaders)
		default:
			require.Equal(t, []string{"a=1", "b=2"}, a.MultiValueHeaders["Set-Cookie"], name)
			require.Empty(t, a.Headers, name)
			require.Empty(t, a.Cookies, name)
		}
		switch name {
		case "REST API":
			require.Equal(t, "a b&c", got.URL.Query().Get("text"), "it sends what it decoded")
		case "function URL":
			require.Equal(t, "a=b", got.Header.Get("Cookie"))
		case "HTTP API":
			require.Equal(t, "1.2.3.4", got.RemoteAddr)
			require.Equal(t, "/prod/hook?tenant=7&sig=s", got.RequestURI)
			require.Equal(t, "abc.execute-api.eu-central-1.amazonaws.com", got.Host)
		case "HTTP API, payload 1.0":
			require.Equal(t, "1.2.3.4", got.RemoteAddr)
			require.Equal(t, []string{"application/json"}, got.Header["Content-Type"])
		}
	}
	binary := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte{0xff, 0xfe}) })
	a := invoke(t, binary, eventsOf("s", "b", false)["HTTP API"])
	require.True(t, a.IsBase64Encoded)
	require.Equal(t, "//4=", a.Body)
}

func TestInvokeRefusesOtherEvents(t *testing.T) {
	t.Parallel()
	f := lambda.New(newHandler())
	for name, payload := range map[string]string{
		"a schedule":     `{"version":"0","source":"aws.events","detail-type":"Scheduled Event","detail":{}}`,
		"a queue":        `{"Records":[{"eventSource":"aws:sqs","body":"{}"}]}`,
		"a web socket":   `{"requestContext":{"routeKey":"$connect","connectionId":"x"}}`,
		"nothing":        `{}`,
		"null":           `null`,
		"a list":         `[]`,
		"no JSON":        `POST / HTTP/1.1`,
		"a bad method":   `{"httpMethod":"BAD METHOD","path":"/"}`,
		"not base64":     `{"httpMethod":"POST","path":"/","body":"!","isBase64Encoded":true}`,
		"another's type": `{"httpMethod":7}`,
	} {
		out, err := f.Invoke(t.Context(), []byte(payload))
		require.ErrorContains(t, err, "lambda: ", name)
		require.Nil(t, out, name)
	}
}

func FuzzInvoke(f *testing.F) {
	for _, payload := range eventsOf("s", body, false) {
		f.Add([]byte(payload))
	}
	f.Add([]byte(`{"httpMethod":"GET","path":"//x","headers":{"":"\n"}}`))
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(w, r.Body)
		_ = r.URL.String()
	})
	f.Fuzz(func(t *testing.T, payload []byte) {
		out, err := lambda.New(h).Invoke(t.Context(), payload)
		if err == nil && !json.Valid(out) {
			t.Fatalf("%q", out)
		}
		if err != nil && !bytes.Equal(out, nil) {
			t.Fatal("an answer and an error")
		}
	})
}
