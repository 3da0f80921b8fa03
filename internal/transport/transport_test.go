package transport_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/url"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/internal/body"
	"github.com/modelslab-go/modelslab/internal/endpoint"
	"github.com/modelslab-go/modelslab/internal/fault"
	"github.com/modelslab-go/modelslab/internal/transport"
)

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

const secret = "top-secret"

func through(t *testing.T, rt http.RoundTripper) *transport.Transport {
	t.Helper()
	base, err := url.Parse("https://api.example.com/api")
	require.NoError(t, err)
	return &transport.Transport{Base: base, Key: func() string { return secret }, UserAgent: []string{"shop/1"}, RoundTripper: rt}
}

func answered(status int, text string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(text)), ContentLength: int64(len(text))}
}

func TestTheKeyIsWhereTheEndpointReadsIt(t *testing.T) {
	t.Parallel()
	object := func(text string) *body.Body { return &body.Body{JSON: []byte(text)} }
	file := &body.Body{JSON: []byte(`{"a":""}`), Gaps: []body.Gap{{At: 6, Content: body.FromBytes([]byte("abc")), Size: 3}}}
	for _, tt := range []struct {
		name                string
		call                transport.Call
		body, header, query string
	}{
		{"in the body already", transport.Call{Body: object(`{"key":"x","a":1}`)}, `{"key":"x","a":1}`, "", ""},
		{"in a body with a file", transport.Call{Body: file}, `{"a":"YWJj"}`, "", ""},
		{"in a header", transport.Call{Auth: endpoint.AuthHeader, Body: object(`{"a":1}`)}, `{"a":1}`, secret, ""},
		{"in the query", transport.Call{Auth: endpoint.AuthQuery, Query: "q=x"}, "", "", "key=top-secret&q=x"},
		{"in no query", transport.Call{Auth: endpoint.AuthQuery}, "", "", "key=top-secret"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.call.Method, tt.call.Path = "POST", "/v9/a%2Fb"
			before := tt.call
			for range 2 { // carrying a call leaves it as it was
				var sent *http.Request
				_, e := through(t, roundTripper(func(r *http.Request) (*http.Response, error) {
					sent = r
					text := ""
					if r.Body != nil {
						b, err := io.ReadAll(r.Body)
						require.NoError(t, err)
						text = string(b)
					}
					require.Equal(t, tt.body, text)
					return answered(200, `{}`), nil
				})).Do(t.Context(), &tt.call)
				require.Nil(t, e)
				require.Equal(t, tt.header, sent.Header.Get("Key"))
				require.Equal(t, tt.query, sent.URL.RawQuery)
				require.Equal(t, "https://api.example.com/api/v9/a%2Fb", "https://"+sent.Host+sent.URL.EscapedPath())
				require.Equal(t, "shop/1", sent.Header.Get("User-Agent"))
				require.Equal(t, "application/json", sent.Header.Get("Content-Type"))
				sent.Header.Add("Accept", "text/plain") // what is added to one call must not reach the next
				require.Len(t, sent.Header["Accept"], 2)
				require.Equal(t, before, tt.call)
			}
		})
	}
}

func TestOnlyBodiesWithoutFilesCanBeSentAgainByNetHTTP(t *testing.T) {
	t.Parallel()
	for _, b := range []*body.Body{
		{JSON: []byte(`{}`)},
		{JSON: []byte(`{"a":""}`), Gaps: []body.Gap{{At: 6, Content: body.FromBytes([]byte("abc")), Size: 3}}},
	} {
		_, e := through(t, roundTripper(func(r *http.Request) (*http.Response, error) {
			require.Equal(t, len(b.Gaps) == 0, r.GetBody != nil)
			require.Equal(t, b.Len(), r.ContentLength)
			return answered(200, `{}`), nil
		})).Do(t.Context(), &transport.Call{Body: b})
		require.Nil(t, e)
	}
}

func TestWhetherASubmitLeft(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken with top-secret in it")
	traced := func(wanted, got bool, err error) roundTripper {
		return func(r *http.Request) (*http.Response, error) {
			hooks := httptrace.ContextClientTrace(r.Context())
			if wanted && hooks != nil {
				hooks.GetConn("")
			}
			if got && hooks != nil {
				hooks.GotConn(httptrace.GotConnInfo{})
			}
			return nil, err
		}
	}
	for _, tt := range []struct {
		name    string
		purpose transport.Purpose
		rt      roundTripper
		unknown bool
	}{
		{"no connection was got", transport.Submit, traced(true, false, broken), false},
		{"a connection was got", transport.Submit, traced(true, true, broken), true},
		{"nothing was traced", transport.Submit, traced(false, false, broken), true},
		{"a dial failed", transport.Submit, traced(false, false, &net.OpError{Op: "dial", Err: broken}), false},
		{"a dial failed after a connection was got", transport.Submit, traced(true, true, &net.OpError{Op: "dial", Err: broken}), true},
		{"a read failed", transport.Submit, traced(false, false, &net.OpError{Op: "read", Err: broken}), true},
		{"no such host", transport.Submit, traced(false, false, &net.DNSError{Err: "top-secret"}), false},
		{"a fetch is not in doubt", transport.Fetch, traced(true, true, broken), false},
		{"nor is a query", transport.Query, traced(true, true, broken), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, e := through(t, tt.rt).Do(t.Context(), &transport.Call{Op: "POST /x", Purpose: tt.purpose})
			require.Equal(t, tt.unknown, e.Unknown)
			require.ErrorIs(t, e, fault.Unavailable)
			require.NotContains(t, e.Error(), secret)
			require.Contains(t, e.Error(), "POST /x")
		})
	}
}

func TestAnAnswerThatBreaksOffIsOneAllTheSame(t *testing.T) {
	t.Parallel()
	a, e := through(t, roundTripper(func(*http.Request) (*http.Response, error) {
		r := answered(502, "")
		r.ContentLength = 100
		r.Body = io.NopCloser(io.MultiReader(strings.NewReader(`{"id":1,`), iotest.ErrReader(errors.New("reset by top-secret"))))
		return r, nil
	})).Do(t.Context(), &transport.Call{})
	require.Nil(t, e)
	require.Equal(t, 502, a.Status)
	require.Equal(t, `{"id":1,`, string(a.Body))
	require.ErrorContains(t, a.Broken, "broke off")
	require.NotContains(t, a.Broken.Error(), secret)
}

func TestAnswersAreBounded(t *testing.T) {
	t.Parallel()
	const job, listing = 8 << 20, 64 << 20
	for _, tt := range []struct {
		purpose transport.Purpose
		size    int64
		ok      bool
	}{
		{transport.Submit, 0, true},
		{transport.Submit, 10 << 10, true},
		{transport.Submit, 3<<20 + 1, true},
		{transport.Submit, job, true},
		{transport.Submit, job + 1, false},
		{transport.Fetch, job + 1, false},
		{transport.Upload, job + 1, false},
		{transport.Query, job + 1, true},
		{transport.Query, listing + 1, false},
	} {
		for _, announced := range []bool{true, false} {
			a, e := through(t, roundTripper(func(*http.Request) (*http.Response, error) {
				r := &http.Response{StatusCode: 200, Body: io.NopCloser(io.LimitReader(zeroes{}, tt.size)), ContentLength: tt.size}
				if !announced {
					r.ContentLength = -1
				}
				return r, nil
			})).Do(t.Context(), &transport.Call{Purpose: tt.purpose})
			require.Nil(t, e)
			require.Equal(t, tt.ok, a.Broken == nil, "%d: %v", tt.size, a.Broken)
			if tt.ok {
				require.Len(t, a.Body, int(tt.size))
			}
		}
	}
}

// TestAnswersTakeTheRoomTheyNeed: a large answer whose length is announced grows
// once, and an empty one takes next to nothing.
func TestAnswersTakeTheRoomTheyNeed(t *testing.T) {
	t.Parallel()
	for _, size := range []int64{0, 100, 1 << 20, 3 << 20, 8 << 20} {
		a, e := through(t, roundTripper(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Body: io.NopCloser(io.LimitReader(zeroes{}, size)), ContentLength: size}, nil
		})).Do(t.Context(), &transport.Call{Purpose: transport.Query})
		require.Nil(t, e)
		require.Len(t, a.Body, int(size))
		require.Less(t, cap(a.Body), int(size+size/8)+1<<10)
	}
}

type zeroes struct{}

func (zeroes) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func TestNothingIsSentForAContextThatEnded(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, e := through(t, roundTripper(func(*http.Request) (*http.Response, error) {
		require.Fail(t, "it was sent")
		return nil, http.ErrNotSupported
	})).Do(ctx, &transport.Call{Purpose: transport.Submit})
	require.ErrorIs(t, e, context.Canceled)
	require.ErrorContains(t, e, "not sent")
	require.False(t, e.Unknown)
}

func TestAFileThatCannotBeReadIsNoSubmit(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
	}))
	t.Cleanup(server.Close)
	tr := through(t, http.DefaultTransport)
	base, err := url.Parse(server.URL)
	require.NoError(t, err)
	tr.Base = base
	short := &body.Body{JSON: []byte(`{"a":""}`), Gaps: []body.Gap{{At: 6, Content: body.FromReader(strings.NewReader("ab"), 3), Size: 3}}}
	_, e := tr.Do(t.Context(), &transport.Call{Method: "POST", Body: short, Purpose: transport.Submit})
	require.ErrorIs(t, e, fault.Invalid)
	require.False(t, e.Unknown)

	missing := &body.Body{JSON: []byte(`{"a":""}`), Gaps: []body.Gap{{At: 6, Content: body.FromFile("no/such/file"), Size: 3}}}
	_, e = tr.Do(t.Context(), &transport.Call{Method: "POST", Body: missing, Purpose: transport.Submit})
	require.ErrorIs(t, e, fault.Invalid)
}

func TestErrorsKeepTheURLToThemselves(t *testing.T) {
	t.Parallel()
	cause := &url.Error{Op: "Get", URL: "https://api.example.com/api/v7/models?key=top-secret", Err: context.DeadlineExceeded}
	_, e := through(t, roundTripper(func(*http.Request) (*http.Response, error) { return nil, cause })).Do(t.Context(), &transport.Call{Purpose: transport.Query})
	require.NotContains(t, e.Error(), secret)
	require.ErrorIs(t, e, context.DeadlineExceeded)
	var u *url.Error
	require.NotErrorAs(t, e, &u, "its URL holds the key")
}
