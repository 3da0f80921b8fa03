package modelslab

import (
	"bytes"
	"encoding/json"
	"math"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/internal/wire"
)

// fixtures has one body of every shape the API is known to send.
var fixtures = []string{
	`{"status":"processing","tip":"t","tip_1":"t","eta":20.9379869184,"messege":"later","webhook_status":"","fetch_result":"https:\/\/api.example.com\/api\/v6\/images\/fetch\/134701497","id":134711525,"output":"","meta":{"W":"512","H":512,"seed":4029484891,"track_id":"3422","temp":"no"},"future_links":["https://cdn.example.com/0.png"]}`,
	`{"status":"processing","message":"try again later.","output":"","tip":"t"}`,
	`{"status":"processing","id":1,"eta":605,"output":[],"extra_assets":[],"audio_time":null,"fetch_result":"https://api.example.com/api/v6/3d/fetch/1"}`,
	`{"status":"success","id":12345,"output":["https://cdn.example.com/0.png"],"proxy_links":null}`,
	`{"status":"success","id":null,"output":"https://cdn.example.com/x.png","proxy_links":{"0":"https://cdn.example.com/p"},"generationTime":3}`,
	`{"status":"success","id":1,"output":{"0":"https://cdn.example.com/0.png"},"nsfw_content_detected":true,"warning":""}`,
	`{"status":"success","data":{"output":["https://cdn.example.com/0.png"]}}`,
	`{"status":"success","output":"a cat on a mat"}`,
	`{"generationTime":1.57,"id":10,"links":["https://cdn.example.com/a.wav"],"proxy_links":["https://cdn.example.com/p"],"audio_time":231.6,"meta":{"id":null,"seed":3012382833}}`,
	`{"status":"queued","eta":5,"fileId":"f","links":["https://cdn.example.com/a.wav"],"message":"Request has been queued","meta":{},"proxy_links":[],"seconds":null,"taskId":"t"}`,
	`{"status":"failed","id":"","message":"Request not found","output":"","tip":"t"}`,
	`{"status":"failed","id":"abc123","message":"Processing failed","track_id":"video_001"}`,
	`{"status":"error","message":{"prompt":["The prompt field is required."]}}`,
	`{"status":"error","messege":"Invalid API key","tips":"t"}`,
	`{"status":"error","message":"Rate limit exceeded. Maximum 5 queued requests allowed.","retry_after":30}`,
	`{"status":"success","training_status":"deploying_gpu","logs":"l","model_id":"F5jvdzGnYi"}`,
	`{"status":"success","messege":"deploying_gpu","data":"d","training_id":"F5jvdzGnYi"}`,
	`{"status":"success","messege":"model_ready","data":"d"}`,
	`{"status":"success","message":"m","execution_id":12345,"workflow_id":"uuid","status_url":"https://api.example.com/s"}`,
	`{"status":"success","execution":{"id":1,"workflow_id":"w","status":"failed","execution_time":2},"output":{"output":[],"proxy_links":[],"status":"success"},"error":"e","steps":[{"name":"n","status":"failed"}]}`,
	`{"event":"workflow.completed","execution_id":12345,"workflow_id":"uuid","status":"completed","output":{"output":["https://cdn.example.com/0"]},"completed_at":"2024-01-15T10:30:15Z"}`,
	`{"event":"workflow.completed","workflow":{"id":"wf_abc123","name":"n","user_id":12345},"execution":{"id":"exec_xyz789","status":"completed","execution_time":45.2,"input_data":{},"output_data":{"images":["https://cdn.example.com/0"]}}}`,
	`{"images":"https://cdn.example.com/0","has_nsfw_concept":[true]}`,
	`{"status":"ok","model_count":2,"queue_time":1.5}`,
}

func FuzzDecodeJob(f *testing.F) {
	for _, body := range fixtures {
		f.Add([]byte(body))
	}
	for _, body := range []string{
		webhookSuccess, ``, `null`, `[]`, `{}`, `{"status":"success","STATUS":"failed"}`, `{"status":"failed","status":"success"}`,
		`{"$ref":"video/1","status":"success"}`, `{"id":"\ud800\udc00\ud800"}`, "{\"message\":\"\xff\xc0\"}", `{"id":1e999,"eta":-1E+5}`,
		`{"meta":{"webhook":"https://h.example.com?sig=` + strings.Repeat("a", 52) + `"}}`, `{"output":[[[[[["https://cdn.example.com/deep"]]]]]]}`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var j Job
		var err error
		checkAllocation(t, len(data), func() {
			j = Job{}
			err = decodeJob(data, &j, new(replyExtras))
		})
		checkAllocation(t, len(data), func() { _ = new(Job).UnmarshalJSON(data) })

		var members map[string]json.RawMessage
		blanked := bytes.Clone(data)
		wire.BlankTokensInPlace(blanked)
		valid := json.Unmarshal(blanked, &members) == nil && members != nil && !repeatsDecidingKey(blanked)
		require.Equal(t, valid, err == nil, "%v", err)
		if !valid {
			require.Zero(t, j)
			return
		}
		checkAgainst(t, members, &j)

		stored, err := json.Marshal(j)
		require.NoError(t, err)
		var restored Job
		require.NoError(t, json.Unmarshal(stored, &restored))
		require.Equal(t, j, restored)
	})
}

// checkAllocation fails when f allocates more than 40 times size plus 4 KiB. A
// count of the whole process may hold somebody else's bytes: the least counts.
func checkAllocation(t *testing.T, size int, f func()) {
	t.Helper()
	limit := uint64(40*size + 4096)
	var allocated uint64
	for range 5 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		f()
		runtime.ReadMemStats(&after)
		if allocated = after.TotalAlloc - before.TotalAlloc; allocated <= limit {
			return
		}
	}
	t.Errorf("%d bytes of input allocated %d", size, allocated)
}

// repeatsDecidingKey reports whether a valid object has two members named
// status or two named id.
func repeatsDecidingKey(object []byte) bool {
	d := json.NewDecoder(bytes.NewReader(object))
	_, _ = d.Token()
	seen := map[any]bool{}
	for d.More() {
		key, _ := d.Token()
		if seen[key] && (key == "status" || key == "id") {
			return true
		}
		seen[key] = true
		var value json.RawMessage
		_ = d.Decode(&value)
	}
	return false
}

// checkAgainst compares a job with what encoding/json reads from the members.
func checkAgainst(t *testing.T, members map[string]json.RawMessage, j *Job) {
	t.Helper()
	has := func(keys ...string) bool {
		for _, key := range keys {
			if _, ok := members[key]; ok {
				return true
			}
		}
		return false
	}
	var meta map[string]json.RawMessage
	_ = json.Unmarshal(members["meta"], &meta)
	trackID := scalarText(members["track_id"])
	if trackID == "" {
		trackID = scalarText(meta["track_id"])
	}
	require.Equal(t, trackID, j.TrackID)
	if text := members["meta"]; len(text) > 0 && string(text) != "null" {
		require.Equal(t, string([]rune(string(text))), string(j.Meta))
	} else {
		require.Nil(t, j.Meta)
	}
	if message := scalarText(members["message"]); message != "" && !has("error") {
		require.Equal(t, message, j.Message)
	}
	seconds, err := strconv.ParseFloat(strings.TrimSpace(scalarText(members["eta"])), 64)
	if isNumberText := json.Valid([]byte(scalarText(members["eta"]))); isNumberText && (err == nil || math.IsInf(seconds, 0)) {
		want := min(max(seconds, 0), 7*24*3600)
		require.InDelta(t, want, j.ETA.Seconds(), 1e-6)
	}
	if urls, ok := urlList(members["future_links"]); ok {
		require.Equal(t, urls, j.FutureLinks)
	}
	if urls, ok := urlList(members["output"]); ok && len(urls) > 0 {
		require.Equal(t, urls, j.Output)
	}
	require.GreaterOrEqual(t, j.ETA, time.Duration(0))
	require.GreaterOrEqual(t, j.Took, time.Duration(0))
	if has("execution", "execution_id", "training_id", "training_status", "model_training_status") || j.Stage != "" {
		return // the tables have these
	}
	var id string
	for _, key := range []string{"id", "request_id", "taskId"} {
		if text := string(members[key]); id == "" && text != "true" && text != "false" {
			id = scalarText(members[key])
		}
	}
	require.Equal(t, id, j.ID)
	word := strings.ToLower(scalarText(members["status"]))
	switch word {
	case "":
		require.NotEqual(t, StatusFailed, j.Status)
	case "success", "ready", "completed":
		require.Equal(t, StatusSuccess, j.Status)
	case "failed", "error":
		require.Equal(t, StatusFailed, j.Status)
	case "processing", "queued", "pending", "running":
		require.Equal(t, StatusProcessing, j.Status)
	case "cancelled", "canceled":
		require.Equal(t, StatusCancelled, j.Status)
	default:
		require.Equal(t, Status(word), j.Status)
		require.False(t, j.Status.Terminal())
	}
}

func scalarText(value json.RawMessage) string {
	var s string
	if json.Unmarshal(value, &s) == nil {
		return s
	}
	var n json.Number
	if json.Unmarshal(value, &n) == nil {
		return n.String()
	}
	if text := string(value); text == "true" || text == "false" {
		return text
	}
	return ""
}

// urlList reads a list of nothing but URLs.
func urlList(value json.RawMessage) ([]string, bool) {
	var urls []string
	if json.Unmarshal(value, &urls) != nil {
		return nil, false
	}
	for _, url := range urls {
		if !strings.HasPrefix(url, "https://") || len(url) == len("https://") || strings.ContainsAny(url, " \n") {
			return nil, false
		}
	}
	if len(urls) == 0 {
		return nil, true
	}
	return urls, true
}

//nolint:paralleltest // counts the allocations of the process
func TestDecodeJobBoundsItsMemory(t *testing.T) {
	const n = 1 << 16
	fill := func(s string) string { return strings.Repeat(s, n/len(s)) }
	for name, body := range map[string]string{
		"short texts":         `{"status":"success","output":[` + fill(`"a",`) + `""]}`,
		"short URLs":          `{"status":"success","output":[` + fill(`"http://a",`) + `""],"proxy_links":["http://b"]}`,
		"proxy links":         `{"status":"success","proxy_links":[` + fill(`"http://a",`) + `""]}`,
		"escaped texts":       `{"status":"success","output":[` + fill(`"\n",`) + `""]}`,
		"escaped keys":        `{` + fill(`"\n":0,`) + `"":0}`,
		"escaped keys inside": `{"execution":{` + fill(`"\n":0,`) + `"":0}}`,
		"invalid UTF-8":       `{"message":"` + fill("\xff") + `"}`,
		"long field name":     `{"status":"error","message":{"` + strings.Repeat("k", n/2) + `":[` + strings.Repeat(`"a",`, n/8) + `""]}}`,
		"many fields":         `{"status":"error","message":{` + fill(`"a":[""],`) + `"":0}}`,
		"empty arrays":        `{"status":"success","output":[` + fill(`[],`) + `[]]}`,
		"nesting":             `{"output":` + strings.Repeat(`[`, 9000) + strings.Repeat(`]`, 9000) + `}`,
		"nested objects":      `{"output":` + strings.Repeat(`{"output":`, 9000) + `0` + strings.Repeat(`}`, 9000) + `}`,
		"tokens":              `{"meta":"` + fill("sig="+strings.Repeat("a", 53)+"&") + `"}`,
		"nearly tokens":       `{"meta":"` + fill("sigsig%25") + `"}`,
		"large number":        `{"id":` + fill("9") + `,"eta":` + fill("9") + `}`,
	} {
		require.True(t, json.Valid([]byte(body)), name)
		checkAllocation(t, len(body), func() {
			require.NoError(t, decodeJob([]byte(body), new(Job), new(replyExtras)), name)
		})
	}
}
