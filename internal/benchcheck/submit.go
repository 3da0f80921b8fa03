package main

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/modelslab-go/modelslab"
)

const (
	apiKey      = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUV"
	callbackURL = "https://shop.example/webhooks/modelslab"
)

var secret = []byte("a secret of the benchmarks, 32 byte")

func init() {
	workers["submit"] = func([]string) (worker, error) { return submitter() }
	workers["submit-signed"] = func([]string) (worker, error) { return submitter(modelslab.WithWebhook(callbackURL, secret)) }
	workers["submit-floor"] = func([]string) (worker, error) { return submitterByHand(false), nil }
	workers["submit-signed-floor"] = func([]string) (worker, error) { return submitterByHand(true), nil }
}

// request has 22 fields. Without a track id it is given one.
func request(trackID string) *modelslab.TextToVideoRequest {
	return &modelslab.TextToVideoRequest{
		ModelID: "cogvideox", Prompt: "A spaceship flying through an asteroid field", NegativePrompt: "low quality, blurry",
		Seed: new(int64(4029484891)), Height: new(512), Width: new(512), NumFrames: new(25), NumInferenceSteps: new(20),
		GuidanceScale: new(7.5), ClipSkip: new(2), UpscaleHeight: new(640), UpscaleWidth: new(1024), UpscaleStrength: new(0.6),
		UpscaleGuidanceScale: new(12.0), UpscaleNumInferenceSteps: new(20), UseImprovedSampling: new(true),
		ImprovedSamplingSeed: new(int64(42)), FPS: new(16), OutputType: "mp4", InstantResponse: new(false), Temp: new(false),
		TrackID: trackID,
	}
}

func submitter(opts ...modelslab.Option) (worker, error) {
	client, err := modelslab.New(apiKey, append(opts, modelslab.WithHTTPClient(&http.Client{Transport: newCanned(submitReply)}))...)
	if err != nil {
		return nil, err
	}
	req := request("video_001")
	if len(opts) > 0 {
		req = request("")
	}
	ctx := context.Background()
	return times(func() error {
		_, err := client.Submit(ctx, req)
		return err
	}), nil
}

// submitterByHand makes the same exchange with net/http and encoding/json. A
// signed one has a new track id, and a token of the same size in its URL.
func submitterByHand(signed bool) worker {
	hc := &http.Client{Transport: newCanned(submitReply)}
	req := request("video_001")
	return times(func() error {
		if signed {
			req.TrackID = uuid.NewString()
			req.Webhook = signByHand(req.TrackID)
		}
		return submitByHand(hc, req)
	})
}

func signByHand(trackID string) string {
	job := sha256.Sum256([]byte(trackID))
	claims := binary.BigEndian.AppendUint32([]byte{1, 2, 3}, uint32(time.Now().Add(30*24*time.Hour).Unix())) //nolint:gosec // until 2106
	claims = append(claims, job[:16]...)
	mac := hmac.New(sha256.New, secret)
	mac.Write(claims)
	return callbackURL + "?sig=" + base64.RawURLEncoding.EncodeToString(mac.Sum(claims)[:39])
}

func submitByHand(hc *http.Client, req *modelslab.TextToVideoRequest) error {
	text, err := json.Marshal(struct {
		Key string `json:"key"`
		*modelslab.TextToVideoRequest
	}{apiKey, req})
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, "https://modelslab.com/api/v6/video/text2video", bytes.NewReader(text))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	resp, err := hc.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
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
	if err := json.Unmarshal(answer, &job); err != nil {
		return err
	}
	if job.Status != "processing" {
		return errors.New(job.Status)
	}
	return nil
}

const submitReply = `{"status":"processing","tip":"Get more out of your account with the documentation of this endpoint",` +
	`"eta":20.9379869184,"message":"Try to fetch request after given estimated time","webhook_status":"",` +
	`"fetch_result":"https:\/\/modelslab.com\/api\/v6\/video\/fetch\/12202888","id":12202888,"output":[],` +
	`"meta":{"prompt":"A spaceship flying through an asteroid field","model_id":"cogvideox","width":512,"height":512,` +
	`"num_frames":25,"num_inference_steps":20,"guidance_scale":7.5,"fps":16,"seed":4029484891,"output_type":"mp4",` +
	`"track_id":"video_001","temp":"no","webhook":null},` +
	`"future_links":["https://cdn.example.com/generations/0-6b8d1f8e-0a35-4a3e-9a0b-8d7c1a2b3c4d.mp4"]}`

// canned answers every request with the same text, after reading its body.
type canned struct {
	header http.Header
	answer []byte
	body   []byte // of the last request
	space  [4096]byte
}

func newCanned(answer string) *canned {
	return &canned{header: http.Header{"Content-Type": {"application/json"}}, answer: []byte(answer)}
}

func (c *canned) RoundTrip(r *http.Request) (*http.Response, error) {
	c.body = c.space[:0]
	for {
		n, err := r.Body.Read(c.body[len(c.body):cap(c.body)])
		c.body = c.body[:len(c.body)+n]
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if len(c.body) == cap(c.body) {
			c.body = c.body[:0] // what large bodies say is of no interest
		}
	}
	return &http.Response{
		StatusCode: http.StatusOK, Header: c.header, ContentLength: int64(len(c.answer)),
		Body: io.NopCloser(bytes.NewReader(c.answer)), Request: r,
	}, nil
}

// callback is the callback URL of the last request.
func (c *canned) callback() string {
	_, rest, _ := strings.Cut(string(c.body), `"webhook":"`)
	url, _, _ := strings.Cut(rest, `"`)
	return url
}
