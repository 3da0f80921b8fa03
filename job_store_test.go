package modelslab

import (
	"cmp"
	"encoding/json"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// randomJob sets each field to its zero value or to something awkward.
func randomJob(r *rand.Rand) Job {
	text := func() string {
		if r.IntN(3) == 0 {
			return ""
		}
		runes := make([]rune, r.IntN(12))
		for i := range runes {
			runes[i] = []rune{'a', '"', '\\', '/', '\n', 0, '<', '&', 'é', '\u2028', '😀', '\ufffd', rune(r.IntN(0xd800))}[r.IntN(13)]
		}
		return string(runes)
	}
	list := func() []string {
		if r.IntN(3) == 0 {
			return nil
		}
		l := make([]string, r.IntN(4))
		for i := range l {
			l[i] = text()
		}
		return l
	}
	raw := func() json.RawMessage {
		return []json.RawMessage{nil, {}, json.RawMessage(" {\n \"a\" : \"<b> & \u2028\", \"z\":1, \"c\":1e400 } "), json.RawMessage(text())}[r.IntN(4)]
	}
	refs := []Ref{{}, {KindVideo, "12"}, {KindV7Video, "a b/c"}, {KindWorkflow, "w/e"}, {"", "abc"}, {"", "video/1"}, {"/v9/x/fetch", "%"}, {"enterprise/flux", "1"}, {"enterprise", "1"}, {KindTraining, ""}}
	return Job{
		Ref: refs[r.IntN(len(refs))], ID: text(), Status: Status(text()), Stage: TrainingStage(text()), TrackID: text(),
		Output: list(), Text: text(), ProxyLinks: list(), FutureLinks: list(), NSFW: r.IntN(2) == 0,
		ETA: time.Duration(r.Int64() >> r.IntN(64)), Took: time.Duration(-r.Int64() >> r.IntN(64)), Message: text(), Meta: raw(), Raw: raw(),
	}
}

func TestStoredFormRoundTrips(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		want := randomJob(r)
		text, err := json.Marshal(want)
		require.NoError(t, err)
		require.True(t, strings.HasPrefix(string(text), `{"$ref":"`), "%s", text)

		got := randomJob(r) // nothing of an old value may stay
		require.NoError(t, json.Unmarshal(text, &got))
		require.Equal(t, want, got, "%s", text)

		indented, err := json.MarshalIndent(want, " ", "\t")
		require.NoError(t, err)
		got = randomJob(r)
		require.NoError(t, json.Unmarshal(indented, &got))
		require.Equal(t, want, got)

		pointer, err := json.Marshal(&want)
		require.NoError(t, err)
		require.Equal(t, text, pointer)
	}
}

func TestStoredFormSurvivesSortedKeys(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		want := randomJob(r)
		text, err := json.Marshal(want)
		require.NoError(t, err)
		var members map[string]json.RawMessage
		require.NoError(t, json.Unmarshal(text, &members))
		keys := slices.SortedFunc(maps.Keys(members), func(a, b string) int {
			return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
		})
		var sorted []string
		for _, key := range keys {
			sorted = append(sorted, `"`+key+`": `+string(members[key]))
		}
		var got Job
		require.NoError(t, json.Unmarshal([]byte("{"+strings.Join(sorted, ", ")+"}"), &got))
		require.Equal(t, want, got)
	}
}

func TestStoredFormOfADecodedJob(t *testing.T) {
	t.Parallel()
	for _, body := range append(answers(t), webhookSuccess, "{\"message\":\"\xff\xfe & <b>\",\"id\":1}") {
		var want, got Job
		require.NoError(t, want.UnmarshalJSON([]byte(body)))
		text, err := json.Marshal(want)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(text, &got))
		require.Equal(t, want, got)
	}
}

func TestStoredFormOfAZeroJob(t *testing.T) {
	t.Parallel()
	text, err := json.Marshal(Job{})
	require.NoError(t, err)
	require.Equal(t, `{"$ref":""}`, string(text))
}

func TestStoredFormIsOnlyReadWhereItBelongs(t *testing.T) {
	t.Parallel()
	const stored = `{"$ref":"video/12","status":"success","output":["https://cdn.example.com/0.mp4"],"job_id":"13"}`
	var j Job
	require.NoError(t, json.Unmarshal([]byte(stored), &j))
	require.Equal(t, Ref{KindVideo, "12"}, j.Ref)
	require.Equal(t, "13", j.ID)

	// Anywhere else the reference and the stored names mean nothing.
	require.NoError(t, json.Unmarshal([]byte(`{"status":"success","$ref":"video/12","job_id":"13"}`), &j))
	require.Equal(t, Ref{}, j.Ref)
	require.Empty(t, j.ID)

	j = Job{ID: "kept"}
	require.Error(t, json.Unmarshal([]byte(`{"$ref":"no such kind/1"}`), &j))
	require.Error(t, json.Unmarshal([]byte(`{"$ref":"video/1","eta_ns":"soon"}`), &j))
	require.Error(t, j.UnmarshalJSON([]byte(`{"$ref":"video/1"`)))
	require.Equal(t, Job{ID: "kept"}, j)
}

func TestUnmarshalCopiesTheBody(t *testing.T) {
	t.Parallel()
	body := []byte(" " + webhookSuccess + "\n")
	var j Job
	require.NoError(t, j.UnmarshalJSON(body))
	want := j
	want.Raw, want.Meta = []byte(string(j.Raw)), []byte(string(j.Meta))
	for i := range body {
		body[i] = 'x'
	}
	require.Equal(t, want, j)
	require.Equal(t, webhookSuccess, string(j.Raw))
	j.Raw[2], j.Meta[2] = 'x', 'y'
	require.Equal(t, "abc123-def456", j.ID)
}

func TestUnmarshalLeavesTheJobOnAnError(t *testing.T) {
	t.Parallel()
	j := Job{ID: "kept"}
	require.NoError(t, json.Unmarshal([]byte(` null `), &j))
	for _, body := range []string{``, `[]`, `"success"`, `{"status":"success"`, `{"id":1,"id":2}`} {
		require.ErrorContains(t, j.UnmarshalJSON([]byte(body)), "modelslab: not a job", body)
	}
	require.Equal(t, Job{ID: "kept"}, j)
}

// FuzzStoredForm holds what was decoded to what is read back from a store.
func FuzzStoredForm(f *testing.F) {
	for _, body := range append(answers(f), webhookSuccess) {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		read := new(Job)
		if read.UnmarshalJSON(body) != nil {
			return
		}
		stored, err := json.Marshal(read)
		require.NoError(t, err)
		var restored Job
		require.NoError(t, json.Unmarshal(stored, &restored))
		require.Equal(t, *read, restored)
	})
}
