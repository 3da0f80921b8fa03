package modelslab_test

import (
	"context"
	"io"
	"net/http"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
)

// helper is one operation that is answered at once: what it sends, and what it
// makes of every reply that is known of it.
type helper struct {
	name    string
	call    func(context.Context, *modelslab.Client) (any, error)
	method  string // POST unless set
	path    string // below /api, query included
	header  bool   // the key travels in a header, not in the body
	body    string // the key included
	replies []helperReply
	opts    []modelslab.Option
}

type helperReply struct {
	reply string
	want  any
}

// runHelpers makes the call once per reply. The table of each service stands in
// that service's test file.
func runHelpers(t *testing.T, tests []helper) {
	t.Helper()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			require.NotEmpty(t, tt.replies)
			for _, r := range tt.replies {
				requireHelper(t, tt, r)
			}
		})
	}
}

func requireHelper(t *testing.T, tt helper, r helperReply) {
	t.Helper()
	var sent *http.Request
	var body []byte
	client := stubClient(t, func(req *http.Request) (*http.Response, error) {
		sent = req
		if req.Body != nil {
			body, _ = io.ReadAll(req.Body)
		}
		return jsonResponse(http.StatusOK, r.reply), nil
	}, tt.opts...)
	got, err := tt.call(t.Context(), client)
	require.NoError(t, err, r.reply)
	require.Equal(t, r.want, withoutRaw(got), r.reply)

	method := tt.method
	if method == "" {
		method = http.MethodPost
	}
	require.Equal(t, method, sent.Method)
	require.Equal(t, "/api"+tt.path, sent.URL.RequestURI())
	require.Equal(t, tt.body, string(body))
	if tt.header {
		require.Equal(t, testKey, sent.Header.Get("key"))
	} else {
		require.Empty(t, sent.Header.Get("key"))
	}
}

// withoutRaw takes the Raw fields out of a result, which repeat the reply.
func withoutRaw(result any) any {
	v := reflect.ValueOf(result)
	if !v.IsValid() {
		return result
	}
	out := reflect.New(v.Type()).Elem()
	out.Set(v)
	clearRaw(out)
	return out.Interface()
}

func clearRaw(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			clearRaw(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			clearRaw(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).Name == "Raw" {
				v.Field(i).SetZero()
			} else if v.Field(i).CanSet() {
				clearRaw(v.Field(i))
			}
		}
	}
}
