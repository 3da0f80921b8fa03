package wire_test

import (
	"bytes"
	"encoding/json"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/internal/wire"
)

// encoded is what encoding/json makes of a value without escaping HTML.
func encoded(t *testing.T, value any) string {
	t.Helper()
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	require.NoError(t, e.Encode(value))
	return string(bytes.TrimSuffix(b.Bytes(), []byte("\n")))
}

func TestAppendString(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"", "a", "a ship", `"`, `\`, `a "quoted" word \ and more`, "\n\r\tx", "\x00\x1f\x20\x7f", "<b>&</b>",
		"\x80", "\xff", "a\xffb\xfe", "\xc3", "é", "日本", "🙂 x", "\ufffd", "x\ufffdy\xff",
	} {
		got := wire.AppendString([]byte("x"), s)
		require.Equal(t, "x"+encoded(t, s), string(got), "%q", s)
	}
}

func TestAppendFloat(t *testing.T) {
	t.Parallel()
	for _, x := range []float64{
		0, 1, -1, 0.1, 7.5, 1e-6, 9e-7, -1e-7, 1e20, 1e21, -1e21, 123456789.125, math.MaxFloat64, math.SmallestNonzeroFloat64, 1.0 / 3,
	} {
		var back float64
		got := string(wire.AppendFloat(nil, x))
		require.NoError(t, json.Unmarshal([]byte(got), &back))
		require.InDelta(t, x, back, 0, got)
		if abs := math.Abs(x); abs == 0 || abs >= 1e-6 { // encoding/json writes e-7 for e-07
			require.Equal(t, encoded(t, x), got)
		}
	}
}

func FuzzAppendString(f *testing.F) {
	f.Add("a \"ship\"\n\xff")
	f.Fuzz(func(t *testing.T, s string) {
		var want, got string
		require.NoError(t, json.Unmarshal([]byte(encoded(t, s)), &want))
		require.NoError(t, json.Unmarshal(wire.AppendString(nil, s), &got))
		require.Equal(t, want, got)
	})
}
