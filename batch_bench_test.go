package modelslab_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/modelslabtest"
	"github.com/modelslab-go/modelslab/webhook"
)

// BenchmarkRunAllMillion runs a million requests, in a process of their own,
// against a server that answers each with its result at once.
func BenchmarkRunAllMillion(b *testing.B) {
	program := filepath.Join(b.TempDir(), "million")
	out, err := exec.Command("go", "build", "-o", program, "./internal/footprint/million").CombinedOutput()
	require.NoError(b, err, string(out))
	url := instantServer(b)
	for b.Loop() {
		out, err := exec.Command(program, url, "1000000").CombinedOutput()
		require.NoError(b, err, string(out))
		var perSecond, kib int
		_, err = fmt.Sscan(string(out), &perSecond, &kib)
		require.NoError(b, err)
		b.ReportMetric(float64(perSecond), "jobs/s")
		b.ReportMetric(float64(kib)/1024, "MiB-peak")
	}
	b.ReportMetric(0, "ns/op")
}

// instantServer is a ModelsLab that knows one answer. It is not net/http's, so
// that it takes little of the time that is measured.
func instantServer(tb testing.TB) (url string) {
	tb.Helper()
	const body = `{"status":"success","generationTime":1.2,"id":12202888,"output":["https://cdn.example.com/a.png"],"meta":{"seed":7}}`
	answer := []byte("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(tb, err)
	tb.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				for r := bufio.NewReaderSize(conn, 16<<10); skipRequest(r) == nil; {
					if _, err := conn.Write(answer); err != nil {
						return
					}
				}
			}()
		}
	}()
	return "http://" + l.Addr().String() + "/api"
}

func skipRequest(r *bufio.Reader) error {
	length := 0
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return err
		}
		if value, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			length, err = strconv.Atoi(strings.TrimSpace(string(value)))
			if err != nil {
				return err
			}
		}
		if len(line) <= 2 {
			_, err = io.CopyN(io.Discard, r, int64(length))
			return err
		}
	}
}

// BenchmarkFreeSlot measures how long a slot stands idle between the end of a
// job, which a webhook tells of, and the next submit.
func BenchmarkFreeSlot(b *testing.B) {
	srv := modelslabtest.NewServer(modelslabtest.WithStrict(), modelslabtest.WithQueueLimit(1), modelslabtest.WithLatency(5*time.Millisecond))
	defer srv.Close()
	client := srv.Client(modelslab.WithQueueLimit(1), modelslab.WithWebhook("https://shop.example/webhook", secret))
	h, err := webhook.NewHandler(webhook.WithSecrets(secret), webhook.WithClient(client))
	require.NoError(b, err)
	defer func() { require.NoError(b, h.Shutdown(b.Context())) }()
	srv.DeliverTo(h)
	b.ResetTimer()
	for _, o := range client.RunAll(b.Context(), prompts(b.N)) {
		require.NoError(b, o.Err)
	}
	idle := b.Elapsed() - srv.Stats().Busy
	b.ReportMetric(idle.Seconds()*1e3/float64(b.N), "ms-idle/job")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkSlotUse runs ten thousand jobs on the virtual clock.
func BenchmarkSlotUse(b *testing.B) {
	for _, s := range []struct {
		name string
		simulation
	}{
		{"webhooks", simulation{jobs: 10_000, limit: 15, mean: 45 * time.Second, webhooks: true}},
		{"polling", simulation{jobs: 10_000, limit: 15, mean: 45 * time.Second}},
	} {
		b.Run(s.name, func(b *testing.B) {
			for b.Loop() {
				var got simulated
				virtually(b, func(t *testing.T) {
					got = s.run(t, func(_ int, o modelslab.Outcome) { require.NoError(t, o.Err) })
				})
				b.ReportMetric(100*got.use, "%-use")
				b.ReportMetric(got.fetches, "fetches/job")
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

// virtually runs f on the virtual clock, which only tests have.
func virtually(b *testing.B, f func(t *testing.T)) {
	b.Helper()
	ok := testing.RunTests(func(_, _ string) (bool, error) { return true, nil }, []testing.InternalTest{{
		Name: b.Name(), F: func(t *testing.T) { synctest.Test(t, f) },
	}})
	require.True(b, ok)
}
