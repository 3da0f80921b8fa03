package modelslab_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
)

const testKey = "test-key-0123456789"

// golden is one operation: what a request looks like on the wire with every
// field set, and with the required ones alone.
type golden struct {
	name        string
	method      string // POST unless set
	path        string // below /api
	header      bool   // the key travels in a header, not in the body
	full        modelslab.Request
	fullBody    string // without the key
	minimal     modelslab.Request
	minimalBody string // without the key; its track id is minimalTrack
}

const (
	minimalTrack = `"track_id":"<uuid>"`
	numberTrack  = `"track_id":<number>` // where the vendor documents an integer
	randomSeed   = "<seed>"
)

// runGolden sends both requests of every operation and compares to the byte.
// The table of each product stands in that product's test file.
func runGolden(t *testing.T, tests []golden) {
	t.Helper()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			requireEveryFieldSet(t, tt.full)
			requireWire(t, tt, tt.full, tt.fullBody)
			requireWire(t, tt, tt.minimal, tt.minimalBody)
		})
	}
}

func requireWire(t *testing.T, tt golden, req modelslab.Request, want string) {
	t.Helper()
	var got *http.Request
	var body []byte
	client := stubClient(t, func(r *http.Request) (*http.Response, error) {
		got = r
		body, _ = io.ReadAll(r.Body)
		return jsonResponse(http.StatusOK, `{"status":"processing","id":1}`), nil
	})
	before := snapshot(t, req)
	_, err := client.Submit(context.Background(), req)
	require.NoError(t, err)
	require.Equal(t, before, snapshot(t, req), "the caller's struct was modified")

	method := tt.method
	if method == "" {
		method = http.MethodPost
	}
	require.Equal(t, method, got.Method)
	require.Equal(t, "/api"+tt.path, got.URL.EscapedPath())
	require.Equal(t, "application/json", got.Header.Get("Content-Type"))
	require.Empty(t, got.Header.Values("Idempotency-Key"), "net/http would replay a submit with it")
	if tt.header {
		require.Equal(t, testKey, got.Header.Get("key"))
		require.Equal(t, want, withoutUUID(t, string(body)))
		return
	}
	require.Empty(t, got.Header.Get("key"))
	keyed := strings.Replace(want, "{", `{"key":"`+testKey+`",`, 1)
	keyed = strings.Replace(keyed, ",}", "}", 1)
	sent := withoutUUID(t, string(body))
	if strings.Contains(want, randomSeed) {
		sent = madeUpSeed.ReplaceAllString(sent, `"seed":`+randomSeed)
	}
	require.Equal(t, keyed, sent)
	require.True(t, json.Valid(body))
}

// madeUpSeed is a seed that the client made up.
var madeUpSeed = regexp.MustCompile(`"seed":[1-9]\d*`)

// madeUpTrack is a track id that the client made up for an integer column.
var madeUpTrack = regexp.MustCompile(`"track_id":[1-9]\d{0,15}([,}])`)

// withoutUUID replaces the track id that the client made up.
func withoutUUID(t *testing.T, body string) string {
	t.Helper()
	body = madeUpTrack.ReplaceAllString(body, numberTrack+"$1")
	const name = `"track_id":"`
	before, after, ok := strings.Cut(body, name)
	if id, rest, found := strings.Cut(after, `"`); ok && found && len(id) == 36 {
		return before + minimalTrack + rest
	}
	return body
}

func snapshot(t *testing.T, req modelslab.Request) string {
	t.Helper()
	text, err := json.Marshal(req)
	require.NoError(t, err)
	return string(text)
}

// requireEveryFieldSet keeps a golden honest when a field is added.
func requireEveryFieldSet(t *testing.T, req modelslab.Request) {
	t.Helper()
	v := reflect.ValueOf(req).Elem()
	for i := range v.NumField() {
		require.False(t, v.Field(i).IsZero(), "%s.%s is not set", v.Type().Name(), v.Type().Field(i).Name)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func stubClient(t *testing.T, f roundTripper, opts ...modelslab.Option) *modelslab.Client {
	t.Helper()
	opts = append([]modelslab.Option{modelslab.WithHTTPClient(&http.Client{Transport: f})}, opts...)
	client, err := modelslab.New(testKey, opts...)
	require.NoError(t, err)
	return client
}

func jsonResponse(status int, body string) *http.Response {
	return &http.Response{
		StatusCode: status, ContentLength: int64(len(body)),
		Header: http.Header{"Content-Type": {"application/json"}},
		Body:   io.NopCloser(strings.NewReader(body)),
	}
}
