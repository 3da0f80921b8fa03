package modelslab

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// webhookSuccess has the shape of the success payload on the Webhooks page.
const webhookSuccess = `{
  "status": "success",
  "id": "abc123-def456",
  "output": [
    "https://pub-0123456789abcdef0123456789abcdef.example.com/generations/abc123.mp4"
  ],
  "generationTime": 45.2,
  "track_id": "video_001",
  "meta": {
    "prompt": "A spaceship flying through an asteroid field",
    "model_id": "cogvideox",
    "width": 512,
    "height": 512
  }
}`

// answers has one body of every shape the API is known to send.
func answers(tb testing.TB) []string {
	tb.Helper()
	text, err := os.ReadFile("internal/reply/testdata/answers.jsonl")
	require.NoError(tb, err)
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}

// What the Webhooks page's success payload costs: Raw, the text that all strings
// are part of, and Output.
const decodeAllocs = 3

//nolint:paralleltest // counts the allocations of the process
func TestDecodeJobAllocations(t *testing.T) {
	body := []byte(webhookSuccess)
	var j Job
	allocs := testing.AllocsPerRun(200, func() {
		if err := j.UnmarshalJSON(body); err != nil {
			t.Fatal(err)
		}
	})
	require.Equal(t, decodeAllocs, int(allocs))
}

func TestFloorReadsTheSame(t *testing.T) {
	t.Parallel()
	fixtures := answers(t)
	for _, body := range []string{webhookSuccess, fixtures[0], fixtures[3], fixtures[4], fixtures[10]} {
		var j Job
		var f floorJob
		require.NoError(t, j.UnmarshalJSON([]byte(body)))
		require.NoError(t, json.Unmarshal([]byte(body), &f))
		require.Equal(t, j.ID, string(f.ID))
		require.Equal(t, string(j.Status), f.Status)
		require.Equal(t, j.TrackID, f.trackID())
		require.Equal(t, j.Output, []string(f.Output))
		require.Equal(t, j.FutureLinks, []string(f.FutureLinks))
		require.Equal(t, j.ETA.Seconds(), time.Duration(f.ETA*1e9).Seconds())
	}
}

func BenchmarkDecodeJob(b *testing.B) {
	body := []byte(webhookSuccess)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	var j Job
	for b.Loop() {
		if err := j.UnmarshalJSON(body); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDecodeJobFloor is what BenchmarkDecodeJob is measured against: the
// same tolerance by way of encoding/json.
func BenchmarkDecodeJobFloor(b *testing.B) {
	body := []byte(webhookSuccess)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		var f floorJob
		if err := json.Unmarshal(body, &f); err != nil {
			b.Fatal(err)
		}
		f.Raw = append(json.RawMessage(nil), body...)
		_ = f.trackID()
	}
}

type floorJob struct {
	Status         string          `json:"status"`
	ID             floorText       `json:"id"`
	RequestID      floorText       `json:"request_id"`
	TaskID         floorText       `json:"taskId"`
	Output         floorLinks      `json:"output"`
	Links          floorLinks      `json:"links"`
	ProxyLinks     floorLinks      `json:"proxy_links"`
	FutureLinks    floorLinks      `json:"future_links"`
	Message        floorText       `json:"message"`
	Messege        floorText       `json:"messege"`
	FetchResult    string          `json:"fetch_result"`
	ETA            floorSeconds    `json:"eta"`
	GenerationTime floorSeconds    `json:"generationTime"`
	TrackID        floorText       `json:"track_id"`
	TrainingID     floorText       `json:"training_id"`
	TrainingStatus string          `json:"training_status"`
	Event          string          `json:"event"`
	Execution      json.RawMessage `json:"execution"`
	ExecutionID    floorText       `json:"execution_id"`
	Meta           json.RawMessage `json:"meta"`
	Raw            json.RawMessage `json:"-"`
}

func (f *floorJob) trackID() string {
	if f.TrackID != "" || len(f.Meta) == 0 {
		return string(f.TrackID)
	}
	var meta struct {
		TrackID floorText `json:"track_id"`
	}
	_ = json.Unmarshal(f.Meta, &meta)
	return string(meta.TrackID)
}

// floorText is a string, a number, or the values of an object.
type floorText string

func (f *floorText) UnmarshalJSON(data []byte) error {
	switch data[0] {
	case '"':
		return json.Unmarshal(data, (*string)(f))
	case '{':
		var fields map[string][]string
		if err := json.Unmarshal(data, &fields); err != nil {
			return err
		}
		for name, reasons := range fields {
			*f += floorText(name + ": " + strings.Join(reasons, ", "))
		}
	case 'n':
	default:
		*f = floorText(data)
	}
	return nil
}

// floorLinks is a list, a string, or an object whose values are links.
type floorLinks []string

func (f *floorLinks) UnmarshalJSON(data []byte) error {
	switch data[0] {
	case '[':
		return json.Unmarshal(data, (*[]string)(f))
	case '"':
		var one string
		if err := json.Unmarshal(data, &one); err != nil {
			return err
		}
		if one != "" {
			*f = floorLinks{one}
		}
	case '{':
		var values map[string]string
		if err := json.Unmarshal(data, &values); err != nil {
			return err
		}
		for _, value := range values {
			*f = append(*f, value)
		}
	}
	return nil
}

// floorSeconds is a number or a string that spells one.
type floorSeconds float64

func (f *floorSeconds) UnmarshalJSON(data []byte) error {
	var number json.Number
	if err := json.Unmarshal(data, &number); err != nil {
		return err
	}
	seconds, err := number.Float64()
	*f = floorSeconds(seconds)
	return err
}
