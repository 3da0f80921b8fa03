//go:build !race

package modelslab_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
)

// A client without a Tracer allocates nothing for one.
func TestNoTracerNoAllocation(t *testing.T) { //nolint:paralleltest // counts allocations
	allocations := func(opts ...modelslab.Option) float64 {
		opts = append(opts, modelslab.WithHTTPClient(&http.Client{Transport: newCannedTransport()}))
		client, err := modelslab.New(testKey, opts...)
		require.NoError(t, err)
		req := benchRequest()
		return testing.AllocsPerRun(200, func() {
			if _, err := client.Submit(t.Context(), req); err != nil {
				t.Fatal(err)
			}
		})
	}
	without, with := allocations(), allocations(modelslab.WithTracer(&tale{}))
	require.Equal(t, without, allocations(modelslab.WithTracer(nil)))
	require.Less(t, without, with)
	require.LessOrEqual(t, without, 25.0, "of a submit without a Tracer")
}
