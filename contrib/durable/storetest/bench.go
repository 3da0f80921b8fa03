package storetest

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/modelslabtest"
	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/contrib/durable"
)

const (
	benchConnections = 50
	benchRepeats     = 5 // one delivery in five is a duplicate
)

// BenchSecret signs what BenchDeliveries sends.
var BenchSecret = []byte("a secret of the benchmarks, 32 byte")

// BenchDeliveries measures deliveries from the socket to the commit to the 200,
// over 50 connections and with 20 % duplicates, beside insert: the database's
// own insert of a single row, of the same size, by as many callers.
func BenchDeliveries[TTx any](b *testing.B, store durable.Store[TTx], engine *durable.Engine[TTx], insert func(n int) error) {
	b.Helper()
	waiting(b, store, b.N)
	server := httptest.NewServer(engine.Handler())
	defer server.Close()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: benchConnections, MaxConnsPerHost: benchConnections}}
	defer client.CloseIdleConnections()
	send := func(n int) error {
		if n%benchRepeats == benchRepeats-1 {
			n--
		}
		id := benchID(n)
		body := benchBody(n)
		signed := modelslabtest.SignedRequest(server.URL+"/hook", BenchSecret, modelslab.KindVideo, id, body)
		req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, signed.URL.String(), strings.NewReader(body))
		if err != nil {
			return err
		}
		req.Header.Set("Content-Type", "application/json")
		resp, err := client.Do(req)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		if _, err := io.Copy(io.Discard, resp.Body); err != nil {
			return err
		}
		if resp.StatusCode != http.StatusOK {
			return fmt.Errorf("answered %d", resp.StatusCode)
		}
		return nil
	}

	b.ResetTimer()
	took, latencies := spread(b, b.N, send)
	b.StopTimer()
	rate := float64(b.N) / took.Seconds()
	rss := residentMiB()
	inserts := min(b.N, 2000)
	floor, _ := spread(b, inserts, insert)
	slices.Sort(latencies)
	b.ReportMetric(rate, "deliveries/s")
	b.ReportMetric(rate/(float64(inserts)/floor.Seconds()), "x-inserts")
	b.ReportMetric(float64(latencies[len(latencies)*99/100].Milliseconds()), "p99-ms")
	b.ReportMetric(rss, "rss-MiB")
}

// spread does n things by as many callers as there are connections.
func spread(b *testing.B, n int, do func(n int) error) (took time.Duration, latencies []time.Duration) {
	b.Helper()
	latencies = make([]time.Duration, n)
	var next atomic.Int64
	var wg sync.WaitGroup
	began := time.Now()
	for range benchConnections {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				start := time.Now()
				if err := do(i); err != nil {
					b.Error(err)
				}
				latencies[i] = time.Since(start)
			}
		})
	}
	wg.Wait()
	return time.Since(began), latencies
}

func benchID(n int) string { return fmt.Sprintf("bench-%08d", n) }

func benchBody(n int) string {
	return fmt.Sprintf(`{"status":"success","id":%d,"output":["https://cdn.example/generations/%08d.mp4"],`+
		`"generationTime":12.5,"track_id":%q,"meta":{"prompt":"A spaceship flying through an asteroid field","seed":4029484891,"W":512,"H":512}}`, n, n, benchID(n))
}

// waiting makes n jobs that wait for their delivery.
func waiting[TTx any](b *testing.B, store durable.Store[TTx], n int) {
	b.Helper()
	const part = 1000
	for from := 0; from < n; from += part {
		require.NoError(b, store.Tx(b.Context(), func(ctx context.Context, tx TTx) error {
			var changes []durable.Change
			for i := from; i < min(from+part, n); i++ {
				job := durable.Job{TrackID: benchID(i), Kind: "video", Policy: durable.AtMostOnce, Submits: 1}
				created, _, err := store.Insert(ctx, tx, &job, request("x"))
				if err != nil {
					return err
				}
				next := *created
				next.State, next.Submits, next.Ref.Kind, next.Ref.ID = durable.StateWaiting, 1, "video", strconv.Itoa(i)
				changes = append(changes, durable.Change{Job: &next, From: created.State, Fence: created.Fence, After: time.Hour})
			}
			_, err := store.Save(ctx, tx, changes)
			return err
		}))
	}
}

func residentMiB() float64 {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	var size, resident float64
	if _, err := fmt.Sscan(string(text), &size, &resident); err != nil {
		return 0
	}
	return resident * float64(os.Getpagesize()) / (1 << 20)
}
