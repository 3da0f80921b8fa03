package modelslabtest_test

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/modelslabtest"
)

// receiver is a webhook handler that remembers.
type receiver struct {
	answer func(n int) int // the n-th delivery's status; nil is 200

	mu     sync.Mutex
	bodies []hook
}

type hook struct {
	Status         string          `json:"status"`
	ID             json.RawMessage `json:"id"`
	Output         json.RawMessage `json:"output"`
	Message        string          `json:"message"`
	GenerationTime float64         `json:"generationTime"`
	TrackID        json.RawMessage `json:"track_id"`
	TrainingStatus string          `json:"training_status"`
	ModelID        string          `json:"model_id"`
	Event          string          `json:"event"`
	ExecutionID    json.RawMessage `json:"execution_id"`
	Workflow       struct{ ID, Name string }
	Execution      struct {
		ID         json.RawMessage
		Status     string
		OutputData struct{ Images []string } `json:"output_data"`
	}
	Meta map[string]json.RawMessage `json:"meta"`

	at  time.Time
	url string
}

func (h *receiver) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	data, err := io.ReadAll(r.Body)
	b := hook{at: time.Now(), url: r.URL.String()}
	if err != nil || json.Unmarshal(data, &b) != nil || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/json" {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.bodies = append(h.bodies, b)
	if h.answer != nil {
		w.WriteHeader(h.answer(len(h.bodies)))
	}
}

func (h *receiver) got() []hook {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]hook(nil), h.bodies...)
}

func (h *receiver) statuses() (out []string) {
	for _, b := range h.got() {
		out = append(out, b.Status)
	}
	return out
}

const withWebhook = `{"key":"test-key","model_id":"m","prompt":"p","track_id":"video_001","webhook":"https://shop.example/hook?sig=abc"}`

// delivered makes a server whose webhooks go to a receiver.
func delivered(t *testing.T) (*modelslabtest.Server, caller, *receiver) {
	t.Helper()
	srv := start(t, modelslabtest.WithLatency(10*time.Second))
	h := &receiver{}
	srv.DeliverTo(h)
	return srv, inProcess(t, srv), h
}

func TestWebhooks(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		fault modelslabtest.Fault
		want  []string
		after time.Duration // the submit, of the last one
	}{
		{"success", modelslabtest.Fault{}, []string{"success"}, 10 * time.Second},
		{"failure", modelslabtest.Fault{Fail: "Processing failed"}, []string{"failed"}, 10 * time.Second},
		{"lost", modelslabtest.Fault{Lost: true, Progress: 2}, nil, 0},
		{"duplicates", modelslabtest.Fault{Duplicates: 2}, []string{"success", "success", "success"}, 10 * time.Second},
		{"late", modelslabtest.Fault{Late: time.Hour}, []string{"success"}, time.Hour + 10*time.Second},
		{"synchronous", modelslabtest.Fault{Sync: true}, []string{"success"}, 0},
		{"progress", modelslabtest.Fault{Progress: 2}, []string{"processing", "processing", "success"}, 10 * time.Second},
		{"reordered", modelslabtest.Fault{Progress: 2, Reordered: true}, []string{"success", "processing", "processing"}, 12 * time.Second},
		{"never", modelslabtest.Fault{Never: true}, nil, 0},
		{"odd", modelslabtest.Fault{Webhook: `{"status":"odd"}`}, []string{"odd"}, 10 * time.Second},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				srv, c, h := delivered(t)
				srv.Next(modelslabtest.Submit, tt.fault)
				began := time.Now()
				_, _ = c.post("/v6/video/text2video", withWebhook)
				pass(2 * time.Hour)
				require.Equal(t, tt.want, h.statuses())
				require.Len(t, srv.Deliveries(), len(tt.want))
				for _, d := range srv.Deliveries() {
					require.Equal(t, 200, d.Status)
					require.NoError(t, d.Err)
				}
				if len(tt.want) > 0 {
					require.Equal(t, tt.after, h.got()[len(tt.want)-1].at.Sub(began))
				}
			})
		})
	}
}

func TestWebhookBody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv, c, h := delivered(t)
		srv.Next(modelslabtest.Submit, modelslabtest.Fault{}, modelslabtest.Fault{NoOutput: true})
		_, job := c.post("/v6/video/text2video", withWebhook)
		pass(time.Minute)
		got := h.got()[0]
		require.Equal(t, "https://shop.example/hook?sig=abc", got.url)
		require.Equal(t, job.ID, got.ID)
		require.JSONEq(t, `["`+job.FutureLinks[0]+`"]`, string(got.Output))
		require.InDelta(t, 10, got.GenerationTime, 0.001)
		require.JSONEq(t, `"video_001"`, string(got.TrackID))
		require.JSONEq(t, `"https://shop.example/hook?sig=abc"`, string(got.Meta["webhook"]))
		require.NotContains(t, got.Meta, "key")
		_, _ = c.post("/v6/video/text2video", withWebhook)
		pass(time.Minute)
		require.JSONEq(t, `[]`, string(h.got()[1].Output))
	})
}

func TestEarlyWebhookComesBeforeTheAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv, c, h := delivered(t)
		srv.Next(modelslabtest.Submit, modelslabtest.Fault{Early: true, Slow: time.Second})
		began := time.Now()
		_, job := c.post("/v6/video/text2video", withWebhook)
		require.Equal(t, "processing", job.Status)
		require.Equal(t, []string{"success"}, h.statuses())
		require.Equal(t, began, h.got()[0].at)
		require.Equal(t, "success", c.fetch(job).Status)
	})
}

func TestWebhookReceiverThatFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv, c, _ := delivered(t)
		srv.DeliverTo(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Path {
			case "/panic":
				panic("no")
			case "/slow":
				<-r.Context().Done()
			default:
				w.WriteHeader(http.StatusInternalServerError)
			}
		}))
		for _, path := range []string{"panic", "slow", "error"} {
			c.post("/v6/video/text2video", `{"key":"test-key","model_id":"m","prompt":"p","webhook":"https://shop.example/`+path+`"}`)
			pass(time.Minute)
		}
		got := srv.Deliveries()
		require.Len(t, got, 3)
		require.ErrorContains(t, got[0].Err, "panicked: no")
		require.ErrorContains(t, got[1].Err, "deadline")
		require.Equal(t, 500, got[2].Status)
	})
}

func TestWebhooksOverLoopback(t *testing.T) {
	t.Parallel()
	h := &receiver{}
	hooks := httptest.NewServer(h)
	t.Cleanup(hooks.Close)
	srv := start(t, modelslabtest.WithLatency(0))
	c := inProcess(t, srv)
	for _, url := range []string{hooks.URL, "https://192.0.2.1/hook", "http://[2001:db8::1]/hook", "::"} {
		c.post("/v6/video/text2video", `{"key":"test-key","model_id":"m","prompt":"p","webhook":"`+url+`"}`)
	}
	require.Eventually(t, func() bool { return len(srv.Deliveries()) == 4 }, 20*time.Second, 5*time.Millisecond)
	require.Equal(t, []string{"success"}, h.statuses())
	for _, d := range srv.Deliveries() {
		if d.URL == hooks.URL {
			require.Equal(t, 200, d.Status)
			continue
		}
		require.Error(t, d.Err)
		if host, _, err := net.SplitHostPort(d.URL); err == nil {
			require.ErrorContains(t, d.Err, "loopback", host)
		}
	}
}

func TestTraining(t *testing.T) {
	t.Parallel()
	const request = `{"key":"test-key","instance_prompt":"a","class_prompt":"b","images":["https://example.com/1.png"],` +
		`"training_type":"men","max_train_steps":"18","webhook":"https://shop.example/hook"}`
	type status struct{ Status, Messege, Data, Training_ID string } //nolint:revive // the API's spelling
	read := func(t *testing.T, text string) (s status) {
		t.Helper()
		require.NoError(t, json.Unmarshal([]byte(text), &s))
		return s
	}
	stages := []string{
		"deploying_gpu", "training_started", "training_success", "trained_model_compressing",
		"trained_model_uploading", "trained_model_uploaded", "deploying_model", "model_ready",
	}
	submit := func(t *testing.T, c caller) string {
		t.Helper()
		_, text := c.do(http.MethodPost, "/v3/lora_fine_tune", request)
		got := read(t, text)
		require.Equal(t, "success", got.Status)
		require.Equal(t, "deploying_gpu", got.Messege)
		require.NotEmpty(t, got.Training_ID)
		return got.Training_ID
	}
	const key = `{"key":"test-key"}`

	t.Run("to the end", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			_, c, h := delivered(t)
			id := submit(t, c)
			for i, stage := range stages {
				_, text := c.do(http.MethodPost, "/v3/fine_tune_status/"+id, key)
				require.Equal(t, stage, read(t, text).Messege)
				require.Equal(t, "success", read(t, text).Status)
				synctest.Wait()
				require.Len(t, h.got(), i+1)
				require.Equal(t, stage, h.got()[i].TrainingStatus)
				require.Equal(t, id, h.got()[i].ModelID)
				pass(10 * time.Second)
			}
			require.Len(t, h.got(), len(stages))
		})
	})
	t.Run("failed", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			srv, c, h := delivered(t)
			srv.Next(modelslabtest.Submit, modelslabtest.Fault{Fail: "no GPU left"})
			id := submit(t, c)
			pass(time.Hour)
			_, text := c.do(http.MethodPost, "/v3/fine_tune_status/"+id, key)
			require.Equal(t, "error", read(t, text).Status)
			require.Equal(t, []string{"success", "error"}, h.statuses())
		})
	})
	t.Run("reordered", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			srv, c, h := delivered(t)
			srv.Next(modelslabtest.Submit, modelslabtest.Fault{Reordered: true})
			submit(t, c)
			pass(time.Hour)
			require.Len(t, h.got(), len(stages))
			require.Equal(t, "model_ready", h.got()[0].TrainingStatus)
			require.Equal(t, "deploying_gpu", h.got()[1].TrainingStatus)
		})
	})
	t.Run("cancelled and deleted", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			srv, c, h := delivered(t)
			id := submit(t, c)
			_, text := c.do(http.MethodPost, "/v3/finetune_list", key)
			require.Contains(t, text, id)
			_, text = c.do(http.MethodPost, "/v3/cancel_training/"+id, key)
			require.Equal(t, "success", read(t, text).Status)
			_, text = c.do(http.MethodPost, "/v3/cancel_training/"+id, key)
			require.Equal(t, "error", read(t, text).Status)
			pass(time.Hour)
			require.Len(t, h.got(), 1)
			require.Equal(t, 0, srv.Stats().Open)
			_, text = c.do(http.MethodPost, "/v3/finetune/delete/"+id, key)
			require.Equal(t, "success", read(t, text).Status)
			_, text = c.do(http.MethodPost, "/v3/fine_tune_status/"+id, key)
			require.Equal(t, "error", read(t, text).Status)
		})
	})
}
