package wire_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/internal/wire"
)

const jobText = `{"status":"success","id":12,"output":["https://cdn.example.com/a{b}.png"],"meta":{"prompt":"NaN {\"a\":1}"}}`

var extracts = []struct{ name, text, want string }{ // want is "" for a text that is not ok
	{"JSON as it is", jobText, jobText},
	{"space around it", " \r\n" + jobText + "\n ", jobText},
	{"a list", `[{"a":1},{"b":2}]`, `[{"a":1},{"b":2}]`},
	{"a number", ` 7 `, `7`},
	{"a byte order mark", "\ufeff" + jobText, jobText},
	{"a byte order mark after space", "\n\ufeff\n" + jobText, jobText},
	{"two byte order marks", "\ufeff\ufeff" + jobText, jobText},
	{"a byte order mark and a list", "\ufeff[1]", "[1]"},

	{"a warning before", "<br />\n<b>Warning</b>: foo in <b>/app/x.php</b> on line <b>3</b><br />\n" + jobText, jobText},
	{"two warnings before", "Notice: Undefined index: a\n\nWarning: \"b\" is no array\n" + jobText, jobText},
	{"a trace before", "Stack trace:\n#0 {main}\n#1 app\\{closure}()\n" + jobText, jobText},
	{"a comment after", jobText + "\n<!-- 0.2 s -->", jobText},
	{"a comment of another language after", jobText + " // served by web-3 {7}", jobText},
	{"a warning after", jobText + "PHP Warning:  Module \"imagick\" is already loaded in Unknown on line 0", jobText},
	{"text on both sides", "ok\n" + jobText + "\nok", jobText},
	{"a call around it", "callback(" + jobText + ");", jobText},

	{"NaN", `{"eta":NaN,"id":1}`, `{"eta":null,"id":1}`},
	{"Infinity", `{"a":[Infinity,-Infinity, -1 ],"b":"NaN"}`, `{"a":[null,null, -1 ],"b":"NaN"}`},
	{"a warning with a quote before NaN", "Notice: 5\" is no number\n{\"eta\": NaN ,\"m\":\"Infinity\"} done", `{"eta": null ,"m":"Infinity"}`},
	{"NaN alone", "NaN", "null"},

	{"nothing", "", ""},
	{"a byte order mark alone", "\ufeff", ""},
	{"no JSON", "502 Bad Gateway", ""},
	{"braces of another kind", "body { margin: 0 } { main }", ""},
	{"an empty object in text", "error {} ", ""},
	{"an object that breaks off", jobText[:len(jobText)-1], ""},
	{"an object within one that breaks off", `{"status":"processing","meta":{"status":"success"}`, ""},
	{"a warning in the middle", `{"status":"success",Warning {"status":"failed"}`, ""},
	{"an object within another text of the same kind", `{"a" => {"status":"success"}}`, ""},
	{"two objects", jobText + "\n" + jobText, ""},
	{"two objects with nothing between", jobText + jobText, ""},
	{"an object in the warning", `Notice: {"a":1} is no list` + "\n" + jobText, ""},
	{"an element of a list", "Warning\n[" + jobText + "]", ""},
	{"the first of a list", jobText + `,{"a":1}`, ""},
	{"the first of a list that is not closed", "Warning\n[" + jobText + " done", ""},
	{"the last of a list that is not opened", "Warning\n" + jobText + "]", ""},
	{"a member", `"data": ` + jobText, ""},
	{"JSON in a string", `"` + jobText + `"`, ""},
	{"one brace too many", jobText + "}", ""},
	{"a page", "<!DOCTYPE html><html><script>" + jobText + "</script></html>", ""},
	{"a page after", jobText + "<HTML><body>timeout</body></HTML>", ""},
	{"a word that begins with NaN", `{"a":NaNa}`, ""},
	{"a name that is NaN", `{NaN:1}`, ""},
	{"as much text as a warning can be", strings.Repeat("x", 1<<16) + jobText, jobText},
	{"one byte more", strings.Repeat("x", 1<<16+1) + jobText, ""},
	{"more text than a warning", strings.Repeat("x", 1<<17) + jobText, ""},
	{"many braces", strings.Repeat("{", 1<<20), ""},
	{"many objects that break off", strings.Repeat(`{"a":`, 1<<18), ""},
}

func TestExtract(t *testing.T) {
	t.Parallel()
	for _, tt := range extracts {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, ok := wire.Extract(tt.text)
			require.Equal(t, tt.want != "", ok)
			require.Equal(t, tt.want, got)
		})
	}
}

// TestExtractOfAPart: no part of an answer is ever taken for the answer.
func TestExtractOfAPart(t *testing.T) {
	t.Parallel()
	for _, text := range []string{jobText, "Warning: a\n" + jobText, "\ufeff" + jobText} {
		for end := range len(text) {
			got, ok := wire.Extract(text[:end])
			require.False(t, ok, "%q out of %q", got, text[:end])
		}
	}
}

func FuzzExtract(f *testing.F) {
	for _, tt := range extracts {
		if len(tt.text) < 1000 {
			f.Add(tt.text, 7)
		}
	}
	f.Fuzz(func(t *testing.T, text string, end int) {
		got, ok := wire.Extract(text)
		if !ok {
			require.Empty(t, got)
			require.False(t, json.Valid([]byte(text)))
			return
		}
		require.NoError(t, wire.Valid(got))
		again, ok := wire.Extract(got)
		require.True(t, ok)
		require.Equal(t, got, again)
		if json.Valid([]byte(text)) {
			require.Equal(t, strings.TrimSpace(text), got)
		}
		if got[0] == '{' && end > 0 && end < len(got) {
			_, ok = wire.Extract(got[:end])
			require.False(t, ok, "a part of %q", got)
		}
	})
}
