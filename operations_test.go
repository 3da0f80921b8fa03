package modelslab_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/internal/endpoint"
)

func ExampleOperations() {
	for op := range modelslab.Operations() {
		if op.Service != "ThreeD" {
			continue
		}
		// A form fills in the request struct, whose json tags are the API's names.
		req := op.New()
		if err := json.Unmarshal([]byte(`{"prompt":"a mug"}`), req); err != nil {
			fmt.Println(err)
		}
		fmt.Printf("%s.%s %T: %s %s, results of %s\n", op.Service, op.Name, req, op.Method, op.Path, op.Kind)
	}
	// Output:
	// ThreeD.TextTo3D *modelslab.TextTo3DRequest: POST /v6/3d/text_to_3d, results of 3d
	// ThreeD.ImageTo3D *modelslab.ImageTo3DRequest: POST /v6/3d/image_to_3d, results of 3d
}

// Every method of a service that submits stands in the list once, with the
// struct that it takes.
func TestOperationsAreComplete(t *testing.T) {
	t.Parallel()
	request := reflect.TypeFor[modelslab.Request]()
	want := map[string]reflect.Type{}
	for service := range reflect.TypeFor[modelslab.Client]().Fields() {
		if !service.IsExported() {
			continue
		}
		for m := range service.Type.Methods() {
			for in := range m.Type.Ins() {
				if in.Kind() == reflect.Pointer && in.Implements(request) {
					want[service.Name+"."+m.Name] = in
				}
			}
		}
	}
	got := map[string]reflect.Type{}
	for op := range modelslab.Operations() {
		name := op.Service + "." + op.Name
		require.NotContains(t, got, name, "listed twice")
		got[name] = reflect.TypeOf(op.New())
	}
	require.Equal(t, want, got)
}

// Every row of the endpoint table that makes a job stands in the list once.
func TestOperationsAreTheTable(t *testing.T) {
	t.Parallel()
	var got, want []string
	for op := range modelslab.Operations() {
		require.NotEmpty(t, op.Kind, op.Name)
		got = append(got, op.Method+" "+op.Path+" "+string(op.Kind))
	}
	for _, e := range endpoint.All() {
		if e.Kind != "" {
			want = append(want, e.Method+" "+e.Path+" "+e.Kind)
		}
	}
	require.ElementsMatch(t, want, got)
	require.Len(t, slices.Compact(slices.Sorted(slices.Values(got))), len(got))
}

// choices are the plain bools that are always sent, each with why its false is
// never sent unnoticed. A plain number is refused while it is 0.
var choices = map[string]string{
	"SongGeneratorRequest.LyricsGeneration": "false needs Lyrics or Instrumental, and is refused without",
}

// A request with every field set but its plain numbers and bools is refused, so
// no zero goes out that the caller did not choose.
func TestNoZeroIsSentUnchosen(t *testing.T) {
	t.Parallel()
	plain := 0
	for op := range modelslab.Operations() {
		filled := reflect.ValueOf(op.New()).Elem()
		fillText(filled)
		for f, v := range filled.Fields() {
			switch f.Type.Kind() {
			case reflect.Bool:
				require.NotEmpty(t, choices[filled.Type().Name()+"."+f.Name], "%s.%s is always sent", op.Service, op.Name)
			case reflect.Int, reflect.Int64, reflect.Float64:
				plain++
				name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
				client := stubClient(t, func(*http.Request) (*http.Response, error) {
					return jsonResponse(http.StatusOK, `{"status":"processing","id":1,"training_id":"t"}`), nil
				})
				_, err := client.Submit(t.Context(), filled.Addr().Interface().(modelslab.Request))
				refused, ok := errors.AsType[*modelslab.Error](err)
				require.True(t, ok, "%s.%s was sent with %s: 0", op.Service, op.Name, name)
				require.ErrorIs(t, refused, modelslab.ErrInvalid)
				require.Equal(t, name, refused.Field)
				v.Set(reflect.ValueOf(1).Convert(f.Type))
				_, err = client.Submit(t.Context(), filled.Addr().Interface().(modelslab.Request))
				require.NoError(t, err)
			}
		}
	}
	require.Equal(t, 2, plain, "the steps of two trainings")
}

// fillText sets every field that is a text, a file or a list of those.
func fillText(v reflect.Value) {
	file := modelslab.MediaURL("https://example.com/a.png")
	for f, field := range v.Fields() {
		switch {
		case f.Name == "Webhook":
		case f.Type == reflect.TypeFor[modelslab.Media]():
			field.Set(reflect.ValueOf(file))
		case f.Type == reflect.TypeFor[[]modelslab.Media]():
			field.Set(reflect.ValueOf([]modelslab.Media{file}))
		case f.Type.Kind() == reflect.String:
			field.SetString("a")
		}
	}
}

// A request is the caller's own, and a loop that is left early stops.
func TestOperationNew(t *testing.T) {
	t.Parallel()
	n := 0
	for op := range modelslab.Operations() {
		first, second := op.New(), op.New()
		require.NotSame(t, first, second)
		require.True(t, reflect.ValueOf(first).Elem().IsZero())
		if n++; n == 3 {
			break
		}
	}
	require.Equal(t, 3, n)
}
