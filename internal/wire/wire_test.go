package wire_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/internal/wire"
)

// texts are JSON and near misses of it: the validity and the values of each
// must be what encoding/json makes of it.
var texts = []string{
	``, ` `, `null`, `true`, `false`, `nul`, `truex`, `nullnull`,
	`0`, `-0`, `-`, `01`, `1.`, `1.5`, `.5`, `1e`, `1e5`, `1E+5`, `1e-`, `+1`, `1x`, `0x1`, `NaN`, `Infinity`, `-Infinity`, `1_000`,
	`""`, `"a`, `"`, `"\`, `"\"`, `"\x"`, `"\u00"`, `"\u00e9"`, `"\u00G0"`, "\"\x01\"", "\"\x7f\"", "\"\x00\"", `"\/"`, `'a'`,
	`"\ud83d\ude00"`, `"\ud83d"`, `"\ud83dx"`, `"\ude00\ud83d"`, `"\ud83d\ud83d\ude00"`, `"\ud83d\u0041"`, `"\uFFFD"`, `"\u0000"`,
	`"\u`, `"\u00`, `"\u00ff"`, `"\u00aA"`, `"\u00Ff"`, `"\nabcdefghijklmnop"`, `"a\nbcdefghijklmnop"`, `"abc\ndefghijkl"`, `"abcdefg\"hijklm"`, "\"abc\x01defghij\"", "\"abcdefghi\x1fjkl\"", `"one word, and another"`,
	"\"\x80\"", "\"abcdefghi\x80\"", "\"\xff\"", "\"\xed\xa0\x80\"", "\"\xc3\"", "\"a\xffb\xfe\\n\"", "\"\xe2\x80\xa8\"", "\xff", "\ufeff{}",
	`{}`, ` { } `, "\t{\n}\r", "\v{}", "{}\x00", `{`, `}`, `{}}`, `{},`, `{,}`, `{"a"}`, `{"a":}`, `{"a":1,}`, `{"a":1 "b":2}`, `{a:1}`, `{1:1}`, `{"a":1,,"b":2}`,
	`{"a":1}`, `{"a" : 1 , "b" : [ 1 , 2 ] }`, `{"a":{"b":{"c":[{}]}}}`, `{"a":1,"a":2}`, `{"":""}`, `{"a\u0062":1}`, "{\"\xff\":1}", `{"\ud800":1}`,
	`{"a":[}`, `{"a":]}`, `{"a":[1}`, `{"a":{]}`, `{"a":[{"b":1]}]}`, `{"a":[[1,2],{"b":[]}]}`, `{"a":[],"b":{}}`, `{"a":"b\"c"}`, `{"a":tru}`,
	`[]`, `[ ]`, `[`, `]`, `[,]`, `[1,]`, `[1 2]`, `[1,2]`, `[[]]`, `[[],{}]`, `[{"a":[]}]`, `["a","b",null]`, `[1]x`, `[}`, `[1}`,
	strings.Repeat("[", 70) + strings.Repeat("]", 70),
	strings.Repeat(`{"a":[`, 70) + strings.Repeat("]}", 70),
	strings.Repeat(`[`, 64) + `{"a":` + strings.Repeat(`[`, 64) + strings.Repeat(`]`, 64) + `}` + strings.Repeat(`]`, 64),
	strings.Repeat("[", 130) + strings.Repeat("]", 129) + "}",
	`<html><body>502 Bad Gateway</body></html>`,
}

// nested is a value inside n arrays.
func nested(n int) string { return strings.Repeat("[", n) + "1" + strings.Repeat("]", n) }

func TestAgreesWithEncodingJSON(t *testing.T) {
	t.Parallel()
	for _, text := range texts {
		checkText(t, text)
	}
}

func TestDepthLimit(t *testing.T) {
	t.Parallel()
	for _, n := range []int{9998, 9999, 10000, 10001, 200000} {
		for _, text := range []string{nested(n), `{"a":` + nested(n) + `}`, strings.Repeat(`{"a":`, n) + "1" + strings.Repeat("}", n), strings.Repeat("[", n)} {
			checkText(t, text)
		}
	}
}

// checkText holds every function of the package against encoding/json.
func checkText(t *testing.T, text string) {
	t.Helper()
	require.Equal(t, json.Valid([]byte(text)), wire.Valid(text) == nil, "validity of %.80q", text)

	var members map[string]json.RawMessage
	wantErr := json.Unmarshal([]byte(text), &members)
	got := map[string]json.RawMessage{}
	err := wire.Object(text, func(key, value string) error {
		got[key] = json.RawMessage(value)
		return nil
	})
	if members == nil { // null, or no object at all
		require.Error(t, err, "%.80q", text)
	} else if require.Equal(t, wantErr == nil, err == nil, "%.80q: %v and %v", text, wantErr, err); err == nil {
		require.Equal(t, members, got, "%.80q", text)
		for key, value := range members {
			require.Equal(t, string(value), wire.Field(text, key), "%.80q", text)
		}
	}

	var elements []json.RawMessage
	wantErr = json.Unmarshal([]byte(text), &elements)
	gotElements := []json.RawMessage{}
	err = wire.Array(text, func(value string) error {
		gotElements = append(gotElements, json.RawMessage(value))
		return nil
	})
	if elements == nil {
		require.Error(t, err, "%.80q", text)
	} else if require.Equal(t, wantErr == nil, err == nil, "%.80q: %v and %v", text, wantErr, err); err == nil {
		require.Equal(t, elements, gotElements, "%.80q", text)
	}

	var want *string
	wantErr = json.Unmarshal([]byte(text), &want)
	gotString, ok := wire.String(strings.Trim(text, " \t\r\n"))
	require.Equal(t, wantErr == nil && want != nil, ok, "%.80q", text)
	if ok {
		require.Equal(t, *want, gotString, "%.80q", text)
	}
}

func FuzzWire(f *testing.F) {
	for _, text := range texts {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		checkText(t, text)
		wire.Scalar(text)
		wire.Seconds(text)
		wire.Describe(text)
		once := []byte(text)
		wire.BlankTokensInPlace(once)
		require.Len(t, once, len(text))
		require.Equal(t, json.Valid([]byte(text)), json.Valid(once), "blanking broke %.80q", text)
		blanked := string(once)
		wire.BlankTokensInPlace(once)
		require.Equal(t, blanked, string(once))
	})
}

func TestObjectKeepsOrderAndDuplicates(t *testing.T) {
	t.Parallel()
	var seen []string
	err := wire.Object(` {"b": 1, "a" :[ 2, 3 ] ,"b":{"c": null}} `, func(key, value string) error {
		seen = append(seen, key+"="+value)
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, []string{"b=1", "a=[ 2, 3 ]", `b={"c": null}`}, seen)
}

func TestCallbackErrorStops(t *testing.T) {
	t.Parallel()
	stop := errors.New("stop")
	calls := 0
	require.ErrorIs(t, wire.Object(`{"a":1,"b":2}`, func(string, string) error { calls++; return stop }), stop)
	require.ErrorIs(t, wire.Array(`[1,2]`, func(string) error { calls++; return stop }), stop)
	require.Equal(t, 2, calls)
}

func TestErrorsSayWhatCame(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		``:               "want an object, got nothing",
		"  \n":           "want an object, got nothing",
		`[1]`:            "want an object, got an array",
		`"a"`:            "want an object, got a string",
		`-1`:             "want an object, got a number",
		`true`:           "want an object, got a boolean",
		`null`:           "want an object, got null",
		`<html>`:         "want an object, got text that is not JSON",
		`{"a":1`:         "invalid JSON at byte 6: unexpected end",
		`{"a":1} x`:      "invalid JSON at byte 8: text after the value",
		`{"key":secret}`: "invalid JSON at byte 7: want a value",
	} {
		err := wire.Object(text, func(string, string) error { return nil })
		require.EqualError(t, err, want, "%q", text)
		require.NotContains(t, err.Error(), "secret")
	}
	var syntax *wire.SyntaxError
	require.ErrorAs(t, wire.Valid(`[1,`), &syntax)
	require.Equal(t, 3, syntax.Offset)
}

//nolint:paralleltest // counts the allocations of the process
func TestPlainTextIsNotCopied(t *testing.T) {
	text := `{"status":"success","output":["https://cdn.example.com/0.png","https://cdn.example.com/1.png"],"id":12}`
	length := 0
	allocs := testing.AllocsPerRun(100, func() {
		_ = wire.Object(text, func(key, value string) error {
			length += len(key) + len(wire.Scalar(value))
			return nil
		})
	})
	require.Zero(t, allocs)
	require.Positive(t, length)
}
