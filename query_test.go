package modelslab

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/internal/endpoint"
	"github.com/modelslab-go/modelslab/internal/reply"
)

type queryRequest struct {
	Name string `json:"name"`
	Size *int   `json:"size,omitzero"`
	Fast *bool  `json:"fast,omitzero" wire:"yes/no"`
}

var (
	queryRead = &endpoint.Endpoint{Name: "Read", Method: "POST", Path: "/v9/read"}
	queryArgs = &endpoint.Endpoint{Name: "Args", Method: "GET", Path: "/v9/{thing}/of/{owner}", Auth: endpoint.AuthHeader}
	queryEdit = &endpoint.Endpoint{
		Name: "Edit", Method: "POST", Path: "/v9/edit", Change: true,
		Enterprise: []endpoint.EnterpriseServer{{Name: "voice", Op: "edit"}},
	}
)

// recorder records what a call sent, and answers with each reply in turn.
type recorder struct {
	replies []string // "500 text"
	paths   []string
	bodies  []string
	headers []http.Header
}

func (a *recorder) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
	}
	a.paths, a.bodies, a.headers = append(a.paths, r.Method+" "+r.URL.EscapedPath()), append(a.bodies, string(body)), append(a.headers, r.Header)
	status, text := 200, a.replies[min(len(a.paths), len(a.replies))-1]
	if code, rest, ok := strings.Cut(text, " "); ok && len(code) == 3 {
		status, text = map[string]int{"429": 429, "500": 500}[code], rest
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(text))}, nil
}

func queryClient(t *testing.T, a *recorder, opts ...Option) *Client {
	t.Helper()
	c, err := New("secret", append(opts, WithHTTPClient(&http.Client{Transport: a}))...)
	require.NoError(t, err)
	return c
}

func TestQueryBody(t *testing.T) {
	t.Parallel()
	a := &recorder{replies: []string{`{"status":"success"}`}}
	c := queryClient(t, a)
	got, err := c.query(context.Background(), queryRead, &queryRequest{Name: "n", Size: new(2), Fast: new(true)}, nil)
	require.NoError(t, err)
	require.Equal(t, reply.Value(`{"status":"success"}`), got)
	_, err = c.query(context.Background(), queryRead, nil, []CallOption{WithExtra("more", 1)})
	require.NoError(t, err)
	_, err = c.query(context.Background(), queryArgs, nil, nil, "a/b", "c")
	require.NoError(t, err)
	require.Equal(t, []string{`{"key":"secret","name":"n","size":2,"fast":"yes"}`, `{"key":"secret","more":1}`, ``}, a.bodies)
	require.Equal(t, []string{"POST /api/v9/read", "POST /api/v9/read", "GET /api/v9/a%2Fb/of/c"}, a.paths)
	require.Equal(t, "secret", a.headers[2].Get("Key"))
}

func TestQueryRefusesBeforeSending(t *testing.T) {
	t.Parallel()
	for name, ask := range map[string]func(c *Client) error{
		"name": func(c *Client) error {
			_, err := c.query(context.Background(), queryRead, &queryRequest{}, nil)
			return err
		},
		"owner": func(c *Client) error {
			_, err := c.query(context.Background(), queryArgs, nil, nil, "x", "..")
			return err
		},
		"": func(c *Client) error {
			_, err := c.query(context.Background(), queryRead, (*queryRequest)(nil), nil)
			return err
		},
	} {
		a := &recorder{}
		err := ask(queryClient(t, a))
		var e *Error
		require.ErrorAs(t, err, &e)
		require.ErrorIs(t, err, ErrInvalid)
		require.Equal(t, name, e.Field)
		require.Empty(t, a.paths)
	}
}

func TestQueryRepeats(t *testing.T) {
	t.Parallel()
	const ok = `{"status":"success"}`
	for _, tt := range []struct {
		name    string
		e       *endpoint.Endpoint
		replies []string
		want    int
		err     error
	}{
		{"a read after a failure", queryRead, []string{"500 {}", "500 oops", ok}, 3, nil},
		{"a read after a rate limit", queryRead, []string{"429 {}", ok}, 2, nil},
		{"a change with an unknown outcome", queryEdit, []string{"500 {}", ok}, 1, ErrUnavailable},
		{"a change after a rate limit", queryEdit, []string{"429 {}", ok}, 2, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a := &recorder{replies: tt.replies}
				_, err := queryClient(t, a).query(t.Context(), tt.e, nil, nil)
				require.ErrorIs(t, err, tt.err)
				require.Len(t, a.paths, tt.want)
			})
		})
	}
}

func TestQueryOnEnterpriseServers(t *testing.T) {
	t.Parallel()
	a := &recorder{replies: []string{`{}`}}
	c := queryClient(t, a, WithEnterprise())
	_, err := c.query(context.Background(), queryRead, nil, nil)
	require.NoError(t, err)
	_, err = c.query(context.Background(), queryEdit, nil, nil)
	require.NoError(t, err)
	require.Equal(t, []string{"POST /api/v9/read", "POST /api/v1/enterprise/voice/edit"}, a.paths)
	_, err = c.query(context.Background(), queryRead, nil, []CallOption{Server("video")})
	require.ErrorIs(t, err, ErrInvalid)
}
