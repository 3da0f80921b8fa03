package wire_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/internal/wire"
)

func TestScalar(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		`"text"`:               "text",
		`"a\/b"`:               "a/b",
		`""`:                   "",
		`134711525`:            "134711525",
		`9007199254740993`:     "9007199254740993",
		`18446744073709551616`: "18446744073709551616",
		`1.50`:                 "1.50",
		`true`:                 "true",
		`false`:                "false",
		`null`:                 "",
		`{"a":1}`:              "",
		`[1]`:                  "",
		``:                     "",
		`1x`:                   "",
	} {
		require.Equal(t, want, wire.Scalar(value), "%q", value)
	}
}

func TestSeconds(t *testing.T) {
	t.Parallel()
	week := 7 * 24 * time.Hour
	tests := []struct {
		value string
		want  time.Duration
		ok    bool
	}{
		{`30`, 30 * time.Second, true},
		{`20.9379869184`, 20937986918 * time.Nanosecond, true},
		{`0.25`, 250 * time.Millisecond, true},
		{`"12.5"`, 12500 * time.Millisecond, true},
		{`" 5 "`, 5 * time.Second, true},
		{`0`, 0, true},
		{`-1`, 0, true},
		{`"-1"`, 0, true},
		{`1e9`, week, true},
		{`1e999`, week, true},
		{`-1e999`, 0, true},
		{`99999999999999999999999`, week, true},
		{strings.Repeat("9", 10000), week, true},
		{`"NaN"`, 0, false},
		{`"Inf"`, 0, false},
		{`"0x10"`, 0, false},
		{`"1_0"`, 0, false},
		{`"soon"`, 0, false},
		{`""`, 0, false},
		{`true`, 0, false},
		{`null`, 0, false},
		{`[5]`, 0, false},
		{``, 0, false},
	}
	for _, tt := range tests {
		got, ok := wire.Seconds(tt.value)
		require.Equal(t, tt.ok, ok, "%.40q", tt.value)
		require.Equal(t, tt.want, got, "%.40q", tt.value)
	}
}

func TestField(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ text, key, want string }{
		{`{"a":1,"b":"c"}`, "b", `"c"`},
		{`{"a":1,"a":2}`, "a", `2`},
		{`{"A":1}`, "a", ``},
		{`{"\u0061":1}`, "a", `1`},
		{`{"a":null}`, "a", `null`},
		{`{"a":1`, "a", ``},
		{`[{"a":1}]`, "a", ``},
		{`"a"`, "a", ``},
		{``, "a", ``},
	} {
		require.Equal(t, tt.want, wire.Field(tt.text, tt.key), "%q", tt.text)
	}
}
