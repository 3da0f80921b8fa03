package modelslab_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
)

// The benchmark of a typed submit, and its floor: the same exchange by one
// hand-written net/http call with encoding/json in and out.

func benchRequest() *modelslab.TextToVideoRequest {
	return &modelslab.TextToVideoRequest{
		ModelID: "cogvideox", Prompt: "A spaceship flying through an asteroid field", NegativePrompt: "low quality, blurry",
		Seed: new(int64(4029484891)), Height: new(512), Width: new(512), NumFrames: new(25), NumInferenceSteps: new(20),
		GuidanceScale: new(7.5), ClipSkip: new(2), UpscaleHeight: new(640), UpscaleWidth: new(1024), UpscaleStrength: new(0.6),
		UpscaleGuidanceScale: new(12.0), UpscaleNumInferenceSteps: new(20), UseImprovedSampling: new(true),
		ImprovedSamplingSeed: new(int64(42)), FPS: new(16), OutputType: "mp4", InstantResponse: new(false), Temp: new(false),
		TrackID: "video_001",
	}
}

const benchReply = `{"status":"processing","tip":"Get more out of your account with the documentation of this endpoint",` +
	`"eta":20.9379869184,"message":"Try to fetch request after given estimated time","webhook_status":"",` +
	`"fetch_result":"https:\/\/modelslab.com\/api\/v6\/video\/fetch\/12202888","id":12202888,"output":[],` +
	`"meta":{"prompt":"A spaceship flying through an asteroid field","model_id":"cogvideox","width":512,"height":512,` +
	`"num_frames":25,"num_inference_steps":20,"guidance_scale":7.5,"fps":16,"seed":4029484891,"output_type":"mp4",` +
	`"track_id":"video_001","temp":"no","webhook":null},` +
	`"future_links":["https:\/\/cdn.example.com\/generations\/0-6b8d1f8e-0a35-4a3e-9a0b-8d7c1a2b3c4d.mp4"]}`

// cannedTransport answers every request with the same reply.
type cannedTransport struct {
	header http.Header
	reply  []byte
	sink   [4096]byte
}

func newCannedTransport() *cannedTransport {
	return &cannedTransport{header: http.Header{"Content-Type": {"application/json"}}, reply: []byte(benchReply)}
}

func (c *cannedTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	for {
		if _, err := r.Body.Read(c.sink[:]); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
	}
	return &http.Response{
		StatusCode: 200, Header: c.header, ContentLength: int64(len(c.reply)),
		Body: io.NopCloser(bytes.NewReader(c.reply)), Request: r,
	}, nil
}

func BenchmarkSubmit(b *testing.B) {
	client, err := modelslab.New(testKey, modelslab.WithHTTPClient(&http.Client{Transport: newCannedTransport()}))
	require.NoError(b, err)
	req := benchRequest()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := client.Submit(b.Context(), req); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSubmitFloor(b *testing.B) {
	hc := &http.Client{Transport: newCannedTransport()}
	req := benchRequest()
	b.ReportAllocs()
	for b.Loop() {
		if err := submitByHand(b, hc, req); err != nil {
			b.Fatal(err)
		}
	}
}

func submitByHand(b *testing.B, hc *http.Client, req *modelslab.TextToVideoRequest) error {
	b.Helper()
	text, err := json.Marshal(struct {
		Key string `json:"key"`
		*modelslab.TextToVideoRequest
	}{testKey, req})
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(b.Context(), http.MethodPost, "https://modelslab.com/api/v6/video/text2video", bytes.NewReader(text))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	resp, err := hc.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	reply, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	var job struct {
		Status      string          `json:"status"`
		ID          json.RawMessage `json:"id"`
		ETA         float64         `json:"eta"`
		Message     string          `json:"message"`
		FetchResult string          `json:"fetch_result"`
		Output      []string        `json:"output"`
		FutureLinks []string        `json:"future_links"`
		Meta        json.RawMessage `json:"meta"`
	}
	if err := json.Unmarshal(reply, &job); err != nil {
		return err
	}
	if job.Status != "processing" {
		return errors.New(job.Status)
	}
	return nil
}

// TestSubmitAllocations holds the exact figure of the benchmark.
func TestSubmitAllocations(t *testing.T) { //nolint:paralleltest // AllocsPerRun counts the whole process
	if raceEnabled {
		t.Log("allocations are counted without the race detector")
		return
	}
	client, err := modelslab.New(testKey, modelslab.WithHTTPClient(&http.Client{Transport: newCannedTransport()}))
	require.NoError(t, err)
	req := benchRequest()
	n := testing.AllocsPerRun(200, func() {
		if _, err := client.Submit(t.Context(), req); err != nil {
			t.Error(err)
		}
	})
	require.LessOrEqual(t, n, 30.0)
}
