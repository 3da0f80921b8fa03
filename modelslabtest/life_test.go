package modelslabtest_test

import (
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/modelslabtest"
)

// stacks are the goroutines that run code of the server.
func stacks() string {
	buf := make([]byte, 1<<20)
	var own []string
	for stack := range strings.SplitSeq(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
		if strings.Contains(stack, "/modelslabtest.(") || strings.Contains(stack, "modelslabtest/server.go") {
			own = append(own, stack)
		}
	}
	return strings.Join(own, "\n\n")
}

// It runs alone: other tests have servers too.
func TestCloseLeavesNothingBehind(t *testing.T) { //nolint:paralleltest // counts the goroutines of the process
	transport := &http.Transport{}
	for range 20 {
		srv := modelslabtest.NewServer(modelslabtest.WithStrict(), modelslabtest.WithQueueLimit(0))
		srv.DeliverTo(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
		c := caller{t, &http.Client{Transport: transport}, srv.URL()}
		srv.Next(modelslabtest.Submit, modelslabtest.Fault{Sync: true}, modelslabtest.Fault{Reset: true}, modelslabtest.Fault{}, modelslabtest.Fault{Never: true})
		c.post("/v6/video/text2video", withWebhook)
		_, err := c.try("/v6/video/text2video", withWebhook)
		require.Error(t, err)
		c.post("/v6/video/text2video", withWebhook)
		c.post("/v1/workflows/w/run", `{"webhook":"https://shop.example/hook"}`, "key", "test-key")
		srv.Next(modelslabtest.Submit, modelslabtest.Fault{Slow: time.Hour})
		slow := make(chan error, 1)
		go func() {
			resp, err := c.http.Post(srv.URL()+"/v6/video/text2video", "application/json", strings.NewReader(withWebhook))
			if err == nil {
				resp.Body.Close()
			}
			slow <- err
		}()
		require.Eventually(t, func() bool { return srv.Stats().Submits == 4 }, 10*time.Second, time.Millisecond)
		srv.Close()
		srv.Close()
		require.Error(t, <-slow)
		_, err = inProcess(t, srv).try("/v6/video/text2video", withWebhook)
		require.ErrorContains(t, err, "closed")
	}
	transport.CloseIdleConnections()
	require.Eventually(t, func() bool { return stacks() == "" }, 10*time.Second, time.Millisecond, stacks())
}

func TestManyOpenJobsAreCheap(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const n = 2_000
		srv := start(t, modelslabtest.WithQueueLimit(0), modelslabtest.WithRetention(time.Minute))
		h := &receiver{}
		srv.DeliverTo(h)
		c := inProcess(t, srv)
		before := runtime.NumGoroutine()
		for i := range n {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+"/v6/video/text2video",
				strings.NewReader(fmt.Sprintf(`{"key":"test-key","model_id":"m","prompt":"%d","track_id":"t%d","webhook":"https://shop.example/hook"}`, i, i)))
			require.NoError(t, err)
			resp, err := c.http.Do(r)
			require.NoError(t, err)
			resp.Body.Close()
		}
		require.Less(t, runtime.NumGoroutine()-before, 1000) // of other tests
		require.Equal(t, n, srv.Stats().MaxOpen)
		pass(time.Second)
		require.Len(t, h.got(), n)
		require.Equal(t, n, srv.Stats().Succeeded)
		require.Equal(t, 0, srv.Stats().Repeats)
		require.Equal(t, 1, srv.Accepted("t7"))
		pass(2 * time.Minute)
		c.post("/v6/video/text2video", text2video)
		require.Equal(t, 0, srv.Accepted("t7"))
		require.Less(t, len(srv.Requests()), n/2+1)
	})
}

func TestServersDoNotShare(t *testing.T) {
	t.Parallel()
	a, b := start(t), start(t)
	inProcess(t, a).post("/v6/video/text2video", text2video)
	require.Equal(t, 1, a.Stats().Submits)
	require.Equal(t, 0, b.Stats().Submits)
}
