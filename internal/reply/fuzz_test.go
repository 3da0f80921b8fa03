package reply_test

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/internal/reply"
	"github.com/modelslab-go/modelslab/internal/wire"
)

// fixtures has one body of every shape the API is known to send.
func fixtures(tb testing.TB) []string {
	tb.Helper()
	text, err := os.ReadFile("testdata/answers.jsonl")
	require.NoError(tb, err)
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}

func FuzzDecode(f *testing.F) {
	for _, body := range fixtures(f) {
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
		var j reply.JobState
		var err error
		checkAllocation(t, len(data), func() {
			j = reply.JobState{}
			err = reply.Decode(bytes.Clone(data), &j, new(reply.Verdict))
		})

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
func checkAgainst(t *testing.T, members map[string]json.RawMessage, j *reply.JobState) {
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
	word := strings.ToLower(strings.TrimSpace(scalarText(members["status"])))
	switch word {
	case "":
		require.NotEqual(t, reply.Failed, j.Status)
	case "success", "ready", "completed":
		require.Equal(t, reply.Success, j.Status)
	case "failed", "error":
		require.Equal(t, reply.Failed, j.Status)
	case "processing", "queued", "pending", "running":
		require.Equal(t, reply.Processing, j.Status)
	case "cancelled", "canceled":
		require.Equal(t, reply.Cancelled, j.Status)
	default:
		require.Equal(t, word, j.Status)
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
func TestDecodeBoundsItsMemory(t *testing.T) {
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
			require.NoError(t, reply.Decode([]byte(body), new(reply.JobState), new(reply.Verdict)), name)
		})
	}
}
