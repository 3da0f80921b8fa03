package modelslab

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/internal/body"
	"github.com/modelslab-go/modelslab/internal/endpoint"
	"github.com/modelslab-go/modelslab/internal/fault"
)

// next is the rest of the chain, as one function.
type next func(ctx context.Context, c *call) (*reply, error)

func (f next) do(ctx context.Context, c *call) (*reply, error) { return f(ctx, c) }

func secretKey() string { return "top-secret" }

func TestAuthHandlerPutsTheKeyWhereItIsRead(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		call   call
		header string
		query  string
	}{
		{"in the body, where it is", call{}, "", ""},
		{"in a header", call{auth: endpoint.AuthHeader}, "top-secret", ""},
		{"in the query", call{auth: endpoint.AuthQuery, query: "q=x"}, "", "key=top-secret&q=x"},
		{"in no query", call{auth: endpoint.AuthQuery}, "", "key=top-secret"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := tt.call
			c.header = http.Header{}
			h := &authHandler{key: secretKey, next: next(func(_ context.Context, c *call) (*reply, error) {
				require.Equal(t, tt.header, c.header.Get("key"))
				require.Equal(t, tt.query, c.query)
				return &reply{}, nil
			})}
			_, err := h.do(t.Context(), &c)
			require.NoError(t, err)
			require.Equal(t, tt.call.query, c.query, "the key outlives the exchange")
		})
	}
}

func TestUserAgentHandler(t *testing.T) {
	t.Parallel()
	h := newUserAgentHandler(next(func(_ context.Context, c *call) (*reply, error) {
		require.Equal(t, "shop/1 modelslab-go/x", c.header.Get("User-Agent"))
		require.Equal(t, "application/json", c.header.Get("Content-Type"))
		c.header.Add("Accept", "text/plain") // what one call adds must not reach the next
		require.Len(t, c.header["Accept"], 2)
		return &reply{}, nil
	}), "shop/1 modelslab-go/x")
	for range 2 {
		_, err := h.do(t.Context(), &call{})
		require.NoError(t, err)
	}
}

func TestDecodeHandler(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		status int
		body   string
		job    bool
		bad    bool
	}{
		{"a job", 200, `{"status":"processing","id":1}`, true, false},
		{"HTML for a job", 200, `<html>`, true, true},
		{"an array for a job", 200, `[]`, true, true},
		{"an array", 200, `[{"model_id":"x"}]`, false, false},
		{"an object", 200, ` {"status":"success"}`, false, false},
		{"half an object", 200, `{"status":`, false, true},
		{"half an array", 200, `[{`, false, true},
		{"nothing", 200, ``, false, true},
		{"a redirect has no JSON", 302, ``, true, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := &decodeHandler{next: next(func(context.Context, *call) (*reply, error) {
				return &reply{status: tt.status, body: []byte(tt.body)}, nil
			})}
			r, err := h.do(t.Context(), &call{job: tt.job})
			require.NotNil(t, r, "the status still says something")
			if tt.bad {
				require.ErrorContains(t, err, "unreadable answer")
				return
			}
			require.NoError(t, err)
		})
	}
}

func TestErrorHandlerTellsRefusedFromUnknown(t *testing.T) {
	t.Parallel()
	traced := func(asked, got bool) *dialTracer {
		var d dialTracer
		d.asked.Store(asked)
		d.got.Store(got)
		return &d
	}
	broken := errors.New("broken with top-secret in it")
	for _, tt := range []struct {
		name    string
		call    call
		reply   *reply
		err     error
		unknown bool
		is      error
	}{
		{"no connection was got", call{submit: true, tracer: traced(true, false)}, nil, broken, false, ErrUnavailable},
		{"a connection was got", call{submit: true, tracer: traced(true, true)}, nil, broken, true, ErrUnavailable},
		{"nothing was traced", call{submit: true, tracer: traced(false, false)}, nil, broken, true, ErrUnavailable},
		{"a dial failed", call{submit: true, tracer: traced(false, false)}, nil, &net.OpError{Op: "dial", Err: broken}, false, ErrUnavailable},
		{"a fetch broke", call{}, nil, broken, false, ErrUnavailable},
		{"an unreadable success", call{submit: true, tracer: traced(true, true)}, &reply{status: 200}, broken, true, ErrUnavailable},
		{"an unreadable 404", call{submit: true, tracer: traced(true, true)}, &reply{status: 404}, broken, false, ErrNotFound},
		{"an unreadable 502", call{submit: true, tracer: traced(true, true)}, &reply{status: 502}, broken, true, ErrUnavailable},
		{"a readable 500", call{submit: true}, &reply{status: 500, message: "oops"}, nil, true, ErrUnavailable},
		{"a readable 500 of a fetch", call{fetch: true}, &reply{status: 500, message: "oops"}, nil, false, ErrUnavailable},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := &errorHandler{key: secretKey, next: next(func(context.Context, *call) (*reply, error) { return tt.reply, tt.err })}
			c := tt.call
			_, err := h.do(t.Context(), &c)
			var unknown *SubmitError
			require.Equal(t, tt.unknown, errors.As(err, &unknown))
			require.ErrorIs(t, err, tt.is)
			require.NotContains(t, err.Error(), secretKey())
		})
	}
}

func TestErrorHandlerHidesTheURLOfANetworkError(t *testing.T) {
	t.Parallel()
	cause := &url.Error{Op: "Get", URL: "https://modelslab.com/api/v7/models?key=top-secret", Err: context.DeadlineExceeded}
	h := &errorHandler{key: secretKey, next: next(func(context.Context, *call) (*reply, error) { return nil, cause })}
	_, err := h.do(t.Context(), &call{op: "GET /v7/models"})
	require.NotContains(t, err.Error(), "top-secret")
	require.ErrorIs(t, err, context.DeadlineExceeded)
	var u *url.Error
	require.NotErrorAs(t, err, &u, "its URL holds the key")
}

func TestRetryHandler(t *testing.T) {
	t.Parallel()
	limited := &fault.Error{Reason: ErrRateLimited, RetryAfter: 3 * time.Second}
	down := &fault.Error{Reason: ErrUnavailable, Cause: errors.New("down")}
	once := &body.Body{Gaps: []body.Gap{{Content: body.FromReader(iotest.ErrReader(io.EOF), 1)}}}
	for _, tt := range []struct {
		name string
		call call
		err  error
		sent int
	}{
		{"a submit after a rate limit", call{submit: true, tries: 3}, limited, 3},
		{"a submit that never left", call{submit: true, tries: 3}, down, 3},
		{"a submit with an unknown outcome", call{submit: true, tries: 3}, &SubmitError{Err: down}, 1},
		{"a submit that the service was too busy for", call{submit: true, tries: 3}, &fault.Error{Reason: ErrUnavailable}, 1},
		{"a submit that the same-request filter refused", call{submit: true, tries: 3}, &fault.Error{Reason: ErrRateLimited, Duplicate: true}, 1},
		{"a submit with a file that reads once", call{submit: true, tries: 3, body: once}, limited, 1},
		{"a fetch after anything transient", call{tries: 3}, &fault.Error{Reason: ErrUnavailable}, 3},
		{"a fetch that was refused", call{tries: 3}, &fault.Error{Reason: ErrAuth}, 1},
		{"never", call{tries: 1}, limited, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				sent := 0
				h := &retryHandler{log: slog.New(slog.DiscardHandler), next: next(func(context.Context, *call) (*reply, error) {
					sent++
					return nil, tt.err
				})}
				c := tt.call
				_, err := h.do(t.Context(), &c)
				require.ErrorIs(t, err, tt.err)
				require.Equal(t, tt.sent, sent)
			})
		})
	}
	t.Run("a cancelled pause", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			h := &retryHandler{log: slog.New(slog.DiscardHandler), next: next(func(context.Context, *call) (*reply, error) { return nil, limited })}
			start := time.Now()
			_, err := h.do(ctx, &call{tries: 5})
			require.ErrorIs(t, err, ErrRateLimited)
			require.ErrorIs(t, err, context.Canceled)
			require.Equal(t, time.Second, time.Since(start))
		})
	})
}
