package reply_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/internal/reply"
)

func TestOutputIsURLsOrText(t *testing.T) {
	t.Parallel()
	const a, b = "https://cdn.example.com/a.png", "https://cdn.example.com/b.png"
	for _, tt := range []struct {
		name, output string // of the answer, in JSON
		urls         []string
		text         string
	}{
		{"a URL", `"` + a + `"`, []string{a}, ""},
		{"a URL in blanks", `" ` + a + `\n"`, []string{a}, ""},
		{"URLs, one a line", `"` + a + `\n` + b + `"`, []string{a, b}, ""},
		{"a URL and a word", `"` + a + `\nready"`, nil, a + "\nready"},
		{"a list that was encoded once more", `"[\"` + a + `\",\"` + b + `\"]"`, []string{a, b}, ""},
		{"an object that was encoded once more", `"{\"0\":\"` + a + `\"}"`, []string{a}, ""},
		{"a list of words that was encoded once more", `"[\"a cat\"]"`, nil, `["a cat"]`},
		{"a list of both that was encoded once more", `"[\"` + a + `\",\"a cat\"]"`, nil, `["` + a + `","a cat"]`},
		{"an object that is not JSON", `"{` + a + `}"`, nil, "{" + a + "}"},
		{"what describes a file", `{"url":"` + a + `","name":"a cat"}`, []string{a}, ""},
		{"a text beside files", `{"name":"a cat","images":["` + a + `"]}`, []string{a}, "a cat"},
		{"texts", `{"first":"a cat","second":"a dog"}`, nil, "a cat\na dog"},
		{"a list of texts", `["a cat","","a dog"]`, nil, "a cat\na dog"},
		{"another scheme", `"ftp://cdn.example.com/a.png"`, nil, "ftp://cdn.example.com/a.png"},
		{"a scheme in capitals", `"HTTP://cdn.example.com/a.png"`, []string{"HTTP://cdn.example.com/a.png"}, ""},
		{"a data URI", `"data:image/png;base64,QUI="`, []string{"data:image/png;base64,QUI="}, ""},
		{"words that begin like one", `"data: one, two"`, nil, "data: one, two"},
		{"a scheme alone", `"https://"`, nil, "https://"},
		{"a scheme and a line", `"https://\nx"`, nil, "https://\nx"},
	} {
		var s reply.JobState
		require.NoError(t, decode(`{"status":"success","output":`+tt.output+`}`, &s), tt.name)
		require.Equal(t, tt.urls, s.Output, tt.name)
		require.Equal(t, tt.text, s.Text, tt.name)
	}
}

// TestURLsWithSpaces: the vendor names files as they were uploaded, and texts may
// begin with an address.
func TestURLsWithSpaces(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"https://cdn.example.com/a b.png":         true,
		"https://cdn.example.com/a b.png?x=1#y.z": true,
		"https://cdn.example.com/a b.Az09xy":      true,
		"https://cdn.example.com/a b.azAZ90":      true,
		"https://cdn.example.com/a b.abcdefg":     false,
		"https://cdn.example.com/a b.p-g":         false,
		"https://cdn.example.com/a b.":            false,
		"https://cdn.example.com/a b":             false,
		"https://cdn.example.com/a.b c/d":         false,
		"https://cdn.example.com/?q=a b.png":      false,
		"https://cdn.example.com is down":         false,
		"https://cdn example.com/a.png":           false,
		"https:// a/b.png":                        false,
		"https:///a b.png":                        false,
		"https://a/ b.png":                        true,
	} {
		quoted, err := json.Marshal(text)
		require.NoError(t, err)
		var s reply.JobState
		require.NoError(t, decode(`{"status":"success","output":`+string(quoted)+`}`, &s), text)
		require.Equal(t, want, strings.Join(s.Output, "|") == text, "%q: %q", text, s.Output)
	}
}

func TestLinksNameAJob(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		`{"links":["https://cdn.example.com/a.wav"]}`:        true,
		`{"proxy_links":["https://cdn.example.com/a.wav"]}`:  true,
		`{"future_links":["https://cdn.example.com/a.wav"]}`: true,
		`{"output":"a text"}`:                                true,
		`{"output":["https://cdn.example.com/a.wav"]}`:       true,
		`{"id":7}`:                 true,
		`{"output":[],"links":[]}`: false,
		`{"message":"hello"}`:      false,
	} {
		var s reply.JobState
		var v reply.Verdict
		require.NoError(t, reply.Decode([]byte(text), &s, &v))
		require.Equal(t, want, v.HasJob, text)
	}
}
