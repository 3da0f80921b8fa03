package modelslab_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
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
	require.Equal(t, len(got), len(slices.Compact(slices.Sorted(slices.Values(got)))))
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
