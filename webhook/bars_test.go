//go:build !race

package webhook_test

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/webhook"
)

// These count what the process allocates, so they run alone and without the
// race detector.

func TestServeHTTPAllocations(t *testing.T) { //nolint:paralleltest // see above
	client, err := modelslab.New("k")
	require.NoError(t, err)
	callback := webhook.OnSuccess(func(context.Context, *webhook.Succeeded) error { return nil })
	for _, tt := range []struct {
		name string
		most float64
		opts []webhook.Option
	}{
		{"no callback", 7, nil},
		{"a callback", 7, []webhook.Option{callback}},
		{"WithAsync", 7, []webhook.Option{callback, webhook.WithAsync(2, 10_000)}},
		{"WithClient", 9, []webhook.Option{callback, webhook.WithClient(client), webhook.WithConfirm(webhook.Never)}},
		{"another store", 23, []webhook.Option{callback, webhook.WithStore(&strictStore{webhook.NewMemoryStore()})}},
	} {
		h := newHandler(t, tt.opts...)
		const runs = 2000
		d := newDeliveries(runs + 1)
		i := 0
		allocs := testing.AllocsPerRun(runs, func() {
			require.Equal(t, http.StatusOK, d.serve(h, i))
			i++
		})
		t.Logf("%s: %.0f allocations a delivery", tt.name, allocs)
		require.LessOrEqual(t, allocs, tt.most, tt.name)
	}
}

func TestSlowCallbackAllocations(t *testing.T) { //nolint:paralleltest // see above
	synctest.Test(t, func(t *testing.T) {
		h, err := webhook.NewHandler(webhook.WithSecrets(secret), webhook.OnSuccess(func(context.Context, *webhook.Succeeded) error {
			<-time.After(time.Millisecond) // virtual, but not quick
			return nil
		}))
		require.NoError(t, err)
		d := newDeliveries(1100)
		i := 0
		allocs := testing.AllocsPerRun(1000, func() {
			require.Equal(t, http.StatusOK, d.serve(h, i))
			i++
		})
		t.Logf("%.0f allocations a delivery, the callback's timer included", allocs)
		require.LessOrEqual(t, allocs, 11.0)
	})
}

func TestForgedAllocations(t *testing.T) { //nolint:paralleltest // see above
	h := newHandler(t)
	d := newDeliveries(1)
	counts := map[string]float64{}
	for name, query := range map[string]string{
		"no token":      "",
		"made up":       "sig=" + strings.Repeat("A", 52),
		"short":         "sig=x",
		"long":          "sig=" + strings.Repeat("A", 8000),
		"other queries": strings.Repeat("a=b&", 1000) + "sig=" + strings.Repeat("A", 52),
	} {
		d.queries[0] = query
		counts[name] = testing.AllocsPerRun(200, func() { d.serve(h, 0) })
	}
	t.Log(counts)
	for name, n := range counts {
		require.InDelta(t, counts["made up"], n, 0, name)
		require.LessOrEqual(t, n, 3.0)
	}
}

func TestWatchedJobsAreSmall(t *testing.T) { //nolint:paralleltest // see above
	client, err := modelslab.New("k")
	require.NoError(t, err)
	h := newHandler(t, webhook.WithClient(client))
	const n = 100_000
	deadline := time.Now().Add(24 * time.Hour)
	// What a submit's answer holds is not kept: its strings are parts of the body.
	watch := func(i int) { require.NoError(t, h.Watch(watchedJob(i), deadline)) }
	watch(n)
	before, goroutines := memory(), runtime.NumGoroutine()
	for i := range n {
		watch(i)
	}
	each := float64(memory()-before) / n
	t.Logf("%.0f bytes a watched job, %d goroutines more", each, runtime.NumGoroutine()-goroutines)
	require.Equal(t, n+1, h.Stats().Watched)
	require.LessOrEqual(t, each, 256.0)
	require.LessOrEqual(t, runtime.NumGoroutine(), goroutines)
	runtime.KeepAlive(h)
}

func TestParkedWaitIsSmall(t *testing.T) { //nolint:paralleltest // see above
	client, err := modelslab.New("k")
	require.NoError(t, err)
	newHandler(t, webhook.WithClient(client))
	const n = 2000
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, n)
	before := memory()
	for i := range n {
		go func() {
			_, err := client.Wait(ctx, &modelslab.Job{
				Ref: modelslab.Ref{Kind: modelslab.KindVideo, ID: fmt.Sprint(i)}, TrackID: fmt.Sprint("track", i), ETA: time.Hour,
			})
			ended <- err
		}()
	}
	var each float64
	for range 100 { // until all are parked
		runtime.Gosched()
		each = float64(memory()-before) / n
	}
	t.Logf("%.0f bytes a parked Wait, its goroutine included", each)
	require.LessOrEqual(t, each, 8192.0)
	cancel()
	for range n {
		require.ErrorIs(t, <-ended, context.Canceled)
	}
}
