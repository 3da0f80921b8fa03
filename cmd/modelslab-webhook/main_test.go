package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/modelslabtest"
	"github.com/modelslab-go/modelslab/webhook"
)

const secret = "0123456789abcdef0123456789abcdef"

// service is what a user has on the machine.
type service struct {
	*httptest.Server
	mu     sync.Mutex
	events []string
}

func newService(t *testing.T) *service {
	t.Helper()
	s := &service{}
	h, err := webhook.NewHandler(webhook.WithSecrets([]byte(secret)), webhook.OnEvent(func(_ context.Context, e webhook.Event) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		what := strings.TrimPrefix(fmt.Sprintf("%T", e), "*webhook.")
		if training, ok := e.(*webhook.TrainingUpdated); ok {
			what += " " + string(training.Stage)
		}
		s.events = append(s.events, fmt.Sprintf("%s %s %s", what, e.Ref(), e.TrackID()))
		return nil
	}))
	require.NoError(t, err)
	mux := http.NewServeMux()
	mux.Handle("POST /webhook/modelslab", h)
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

// command runs the command to its end.
func command(t *testing.T, in string, env map[string]string, args ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var out bytes.Buffer
	p := &program{in: strings.NewReader(in), out: &out, getenv: func(key string) string { return env[key] }}
	err := p.run(ctx, args)
	require.NotContains(t, out.String(), "sig=")
	return out.String(), err
}

var signing = map[string]string{"MODELSLAB_WEBHOOK_SECRET": secret, "MODELSLAB_API_KEY": "test-key"}

func TestSend(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"success":         "Succeeded video/12202888 video_001",
		"failed":          "Failed video/12202888 video_001",
		"processing":      "Progress video/12202888 video_001",
		"training":        "TrainingUpdated model_ready training/video_001 ",
		"workflow-nested": "WorkflowFinished workflow/video_001/exec_12202888 ",
		"workflow-flat":   "WorkflowFinished workflow/video_001/12202888 ",
	} {
		s := newService(t)
		out, err := command(t, "", signing, "send", name, "--dup", "2", "--forward-to", s.URL+"/webhook/modelslab")
		require.NoError(t, err, name)
		require.Equal(t, strings.Repeat(name+": HTTP 200\n", 3), out)
		require.Equal(t, []string{want}, s.events, "once")
	}
}

func TestSendRefused(t *testing.T) {
	t.Parallel()
	s := newService(t)
	to := "--forward-to=" + s.URL + "/webhook/modelslab"
	out, err := command(t, "", nil, "send", "success", to)
	require.ErrorContains(t, err, "HTTP 401", "no secret")
	require.Contains(t, out, "HTTP 401")
	for want, args := range map[string][]string{
		"want listen or send":      {},
		`"sing": want listen`:      {"sing"},
		"send wants one of failed": {"send"},
		`no sample "x"`:            {"send", "x"},
		"send wants one of":        {"send", "success", "failed"},
		"0 or more":                {"send", "success", "-dup=-1"},
		"is another machine":       {"send", "success", "-forward-to", "https://your-server.com/"},
		"want a URL":               {"send", "success", "-forward-to", "localhost"},
		"flag provided but not":    {"send", "success", "-x"},
		"cannot be reached":        {"send", "success", "-forward-to", "http://127.0.0.1:1/"},
		"HTTP 404":                 {"send", "success", "-forward-to", s.URL + "/elsewhere"},
		"no such file":             {"listen", "-file", filepath.Join(t.TempDir(), "none")},
		"is not a job reference":   {"listen", "12202888"},
		"base URL":                 {"listen", "-base-url", "http://example.com/api", "video/1"},
	} {
		_, err := command(t, "", signing, args...)
		require.ErrorContains(t, err, want)
		require.NotContains(t, err.Error(), "sig=")
	}
	_, err = command(t, "", map[string]string{"MODELSLAB_WEBHOOK_SECRET": "short"}, "send", "success", to)
	require.ErrorContains(t, err, "32 random bytes")
	require.Empty(t, s.events)
}

func TestListen(t *testing.T) {
	t.Parallel()
	api := modelslabtest.NewServer(modelslabtest.WithStrict(), modelslabtest.WithLatency(20*time.Millisecond), modelslabtest.WithQueueLimit(0))
	defer api.Close()
	client := api.Client()
	api.Next(modelslabtest.Submit, modelslabtest.Fault{}, modelslabtest.Fault{Fail: "no"})
	submit := func(req modelslab.Request) modelslab.Ref {
		job, err := client.Submit(t.Context(), req)
		require.NoError(t, err)
		return job.Ref
	}
	good := submit(&modelslab.TextToVideoRequest{ModelID: "m", Prompt: "a"})
	bad := submit(&modelslab.TextToVideoRequest{ModelID: "m", Prompt: "b"})
	training := submit(modelslab.RawRequest{Path: "/v3/lora_fine_tune", Kind: modelslab.KindTraining, Body: []byte(
		`{"instance_prompt":"i","class_prompt":"c","images":["https://a.example/1.png"],"training_type":"men","max_train_steps":"10"}`)})
	run := submit(modelslab.RawRequest{Path: "/v1/workflows/wf_1/run", Kind: modelslab.KindWorkflow, Body: []byte(`{"prompt":"p"}`)})

	s := newService(t)
	file := filepath.Join(t.TempDir(), "jobs")
	require.NoError(t, os.WriteFile(file, fmt.Appendf(nil, "# submitted today\n\n%s a track id\n%s\n", bad, training), 0o600))
	flags := []string{"-forward-to", s.URL + "/webhook/modelslab", "-base-url", api.URL(), "-every", "5ms"}
	_, err := command(t, "", signing, append([]string{"listen", good.String() + "=video_001", "-file", file}, flags...)...)
	require.NoError(t, err)
	out, err := command(t, run.String()+"\n", signing, append([]string{"listen"}, flags...)...)
	require.NoError(t, err)
	require.Equal(t, run.String()+" success: HTTP 200\n", out)

	require.Contains(t, s.events, "Succeeded "+good.String()+" video_001")
	require.Contains(t, s.events, "Failed "+bad.String()+" a track id")
	require.Contains(t, s.events, "TrainingUpdated model_ready "+training.String()+" ")
	require.Contains(t, s.events, "WorkflowFinished "+run.String()+" ")
	require.Greater(t, len(s.events), 4, "stages of the training")
}

func TestListenReportsFailures(t *testing.T) {
	t.Parallel()
	api := modelslabtest.NewServer(modelslabtest.WithStrict(), modelslabtest.WithLatency(time.Millisecond))
	defer api.Close()
	job, err := api.Client().Submit(t.Context(), &modelslab.TextToVideoRequest{ModelID: "m", Prompt: "a"})
	require.NoError(t, err)
	_, err = command(t, "", signing, "listen", job.Ref.String(), "video/404404", "nonsense",
		"-forward-to", newService(t).URL+"/elsewhere", "-base-url", api.URL(), "-every", "5ms")
	require.ErrorContains(t, err, "HTTP 404")
	require.ErrorContains(t, err, "video/404404")
	require.ErrorContains(t, err, `"nonsense"`)
}
