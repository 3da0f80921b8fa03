package webhook_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/internal/endpoint"
	"github.com/modelslab-go/modelslab/internal/token"
	"github.com/modelslab-go/modelslab/webhook"
)

// floor is the plainest receiver of the Webhooks page's payload: it reads a
// bounded body into a struct that takes the id and the output in their forms.
type floor struct{}

type floorPayload struct {
	Status         string         `json:"status"`
	ID             floorID        `json:"id"`
	Output         floorOutput    `json:"output"`
	GenerationTime float64        `json:"generationTime"`
	TrackID        string         `json:"track_id"`
	Message        string         `json:"message"`
	Meta           map[string]any `json:"meta"` // its keys differ from endpoint to endpoint
}

type floorID string

func (id *floorID) UnmarshalJSON(data []byte) error {
	var s string
	if json.Unmarshal(data, &s) == nil {
		*id = floorID(s)
		return nil
	}
	var n json.Number
	if err := json.Unmarshal(data, &n); err != nil {
		return err
	}
	*id = floorID(n)
	return nil
}

type floorOutput []string

func (o *floorOutput) UnmarshalJSON(data []byte) error {
	var list []string
	if json.Unmarshal(data, &list) == nil {
		*o = list
		return nil
	}
	var s string
	if err := json.Unmarshal(data, &s); err != nil {
		return err
	}
	*o = floorOutput{s}
	return nil
}

var errNoOutput = errors.New("no output")

func (floor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	var payload floorPayload
	if err == nil {
		err = json.Unmarshal(body, &payload)
	}
	if err == nil && len(payload.Output) == 0 {
		err = errNoOutput
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write([]byte(`{"received":true}`))
}

type empty struct{}

func (empty) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write([]byte(`{"received":true}`))
}

// sink is the least that net/http's own writer does.
type sink struct {
	header http.Header
	status int
}

func (s *sink) Header() http.Header             { return s.header }
func (s *sink) Write(p []byte) (int, error)     { return len(p), nil }
func (s *sink) WriteHeader(status int)          { s.status = status }
func (s *sink) SetReadDeadline(time.Time) error { return nil }

// deliveries are success payloads of the Webhooks page, each of another job.
type deliveries struct {
	queries []string
	body    []byte
	id      []byte // in body
	reader  bytes.Reader
	request *http.Request
	sink    sink
}

func newDeliveries(n int) *deliveries {
	key, err := token.NewKey(secret)
	if err != nil {
		panic(err)
	}
	d := &deliveries{body: []byte(strings.Replace(successBody, "abc123-def456", "0123456789abc", 1))}
	at := bytes.Index(d.body, []byte("0123456789abc"))
	d.id = d.body[at : at+13]
	claims := token.Claims{Kind: endpoint.CodeOf("video"), Job: token.JobOf("video_001")}
	var all strings.Builder // one text, of which the garbage collector takes no notice
	now := time.Now()
	for i := range n {
		claims.Expiry = now.Add(time.Hour + time.Duration(i)*time.Second)
		all.WriteString("sig=" + key.Sign(claims))
	}
	const size = len("sig=") + token.Size
	for i := range n {
		d.queries = append(d.queries, all.String()[i*size:(i+1)*size])
	}
	runtime.GC()
	d.request = &http.Request{
		Method: http.MethodPost, URL: &url.URL{Path: path}, Header: http.Header{"Content-Type": {"application/json"}},
		ContentLength: int64(len(d.body)), Body: io.NopCloser(&d.reader),
	}
	d.sink.header = http.Header{}
	return d
}

func number(digits []byte, n int) {
	for at := len(digits) - 1; at >= 0; at-- {
		digits[at] = byte('0' + n%10)
		n /= 10
	}
}

func (d *deliveries) serve(h http.Handler, i int) int {
	d.request.URL.RawQuery = d.queries[i]
	number(d.id, i)
	d.reader.Reset(d.body)
	h.ServeHTTP(&d.sink, d.request)
	return d.sink.status
}

// BenchmarkServeHTTP is everything the handler does for a delivery; see
// BenchmarkServeHTTPFloor.
func BenchmarkServeHTTP(b *testing.B) {
	h := newHandler(b, webhook.OnSuccess(func(context.Context, *webhook.Succeeded) error { return nil }))
	benchmarkServe(b, h)
}

// BenchmarkServeHTTPFloor is what BenchmarkServeHTTP is measured against.
func BenchmarkServeHTTPFloor(b *testing.B) { benchmarkServe(b, floor{}) }

func benchmarkServe(b *testing.B, h http.Handler) {
	b.Helper()
	d := newDeliveries(b.N)
	b.ReportAllocs()
	b.ResetTimer()
	start := cpuTime()
	for i := range b.N {
		if status := d.serve(h, i); status != http.StatusOK {
			b.Fatal(status)
		}
	}
	b.ReportMetric(float64(cpuTime()-start)/float64(b.N), "cpu-ns/op")
}

// BenchmarkServeHTTPRatio runs both in turns, so that other load on the machine
// meets both.
func BenchmarkServeHTTPRatio(b *testing.B) {
	h := newHandler(b, webhook.OnSuccess(func(context.Context, *webhook.Succeeded) error { return nil }))
	d := newDeliveries(b.N)
	var ours, floors time.Duration
	b.ResetTimer()
	for from := 0; from < b.N; from += 1000 {
		start := cpuTime()
		for i := from; i < min(from+1000, b.N); i++ {
			d.serve(floor{}, i)
		}
		middle := cpuTime()
		for i := from; i < min(from+1000, b.N); i++ {
			d.serve(h, i)
		}
		floors += middle - start
		ours += cpuTime() - middle
	}
	b.ReportMetric(float64(ours)/float64(floors), "cpu-ratio")
	b.ReportMetric(0, "ns/op")
}

func benchmarkForged(b *testing.B, h http.Handler) {
	b.Helper()
	d := newDeliveries(1)
	d.queries[0] = "sig=" + strings.Repeat("A", 52)
	b.ReportAllocs()
	for b.Loop() {
		d.serve(h, 0)
	}
}

// BenchmarkForged is a request with a token that nobody made; its floor is an
// empty handler.
func BenchmarkForged(b *testing.B)      { benchmarkForged(b, newHandler(b)) }
func BenchmarkForgedFloor(b *testing.B) { benchmarkForged(b, empty{}) }

// BenchmarkLoopback sends deliveries over 64 connections, to an empty handler,
// the floor and the handler in turns.
func BenchmarkLoopback(b *testing.B) {
	const connections, batch = 64, 6400
	d := newDeliveries(b.N)
	h := newHandler(b, webhook.OnSuccess(func(context.Context, *webhook.Succeeded) error { return nil }))
	rivals := []*rival{{name: "empty", h: empty{}}, {name: "floor", h: floor{}}, {name: "handler", h: h}}
	for _, r := range rivals {
		r.server = httptest.NewServer(r.h)
		defer r.server.Close()
		r.client = &http.Client{Transport: &http.Transport{MaxConnsPerHost: connections, MaxIdleConnsPerHost: connections}}
		defer r.client.CloseIdleConnections()
	}
	b.ResetTimer()
	for from := 0; from < b.N; from += batch {
		for _, r := range rivals {
			r.send(b, d, from, min(from+batch, b.N), connections)
		}
	}
	for _, r := range rivals {
		b.ReportMetric(float64(b.N)/r.wall.Seconds(), r.name+"-req/s")
	}
	b.ReportMetric(float64(rivals[2].cpu)/float64(rivals[0].cpu), "cpu-to-empty")
	b.ReportMetric(float64(rivals[2].cpu)/float64(rivals[1].cpu), "cpu-to-floor")
	b.ReportMetric(rivals[1].wall.Seconds()/rivals[2].wall.Seconds(), "req/s-to-floor")
	b.ReportMetric(0, "ns/op")
}

type rival struct {
	name      string
	h         http.Handler
	server    *httptest.Server
	client    *http.Client
	wall, cpu time.Duration
}

func (r *rival) send(b *testing.B, d *deliveries, from, to, connections int) {
	b.Helper()
	start, startCPU := time.Now(), cpuTime()
	var next atomic.Int64
	next.Store(int64(from))
	var senders sync.WaitGroup
	for range connections {
		senders.Go(func() {
			body := bytes.Clone(d.body)
			at := bytes.Index(body, d.id)
			for i := int(next.Add(1) - 1); i < to; i = int(next.Add(1) - 1) {
				number(body[at:at+len(d.id)], i)
				resp, err := r.client.Post(r.server.URL+path+"?"+d.queries[i], "application/json", bytes.NewReader(body))
				if err != nil {
					b.Error(err)
					return
				}
				_, _ = io.Copy(io.Discard, resp.Body)
				resp.Body.Close()
				if resp.StatusCode != http.StatusOK {
					b.Error(resp.Status)
				}
			}
		})
	}
	senders.Wait()
	r.wall += time.Since(start)
	r.cpu += cpuTime() - startCPU
}

// BenchmarkWatch keeps b.N jobs under Watch.
func BenchmarkWatch(b *testing.B) {
	client, err := modelslab.New("k")
	if err != nil {
		b.Fatal(err)
	}
	h := newHandler(b, webhook.WithClient(client))
	before, goroutines := memory(), runtime.NumGoroutine()
	b.ResetTimer()
	for i := range b.N {
		if err := h.Watch(watchedJob(i), time.Now().Add(24*time.Hour)); err != nil {
			b.Fatal(err)
		}
	}
	b.StopTimer()
	b.ReportMetric(float64(memory()-before)/float64(b.N), "B/job")
	b.ReportMetric(float64(runtime.NumGoroutine()-goroutines), "goroutines")
}

// watchedJob is a submit's answer.
func watchedJob(i int) *modelslab.Job {
	body := fmt.Sprintf(`{"status":"processing","id":%d,"eta":600,"track_id":"00000000-0000-4000-8000-%012d","meta":{"prompt":"%0600d"}}`, 100000000+i, i, i)
	var job modelslab.Job
	if err := job.UnmarshalJSON([]byte(body)); err != nil {
		panic(err)
	}
	job.Ref.Kind = modelslab.KindVideo
	return &job
}

// memory is what lives on the heap and on stacks.
func memory() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc + m.StackInuse
}
