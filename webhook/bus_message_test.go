package webhook_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/internal/token"
	"github.com/modelslab-go/modelslab/webhook"
)

func seal(t testing.TB, text string) []byte {
	t.Helper()
	key, err := token.NewKey(secret)
	require.NoError(t, err)
	return key.Seal([]byte(text))
}

func TestBusMessage(t *testing.T) {
	t.Parallel()
	const good = `{"v":1,"origin":"a","kind":"video","id":"1","track":"AAAAAAAAAAAAAAAAAAAAAA==","status":"success"}`
	for _, tt := range []struct{ name, text, err string }{
		{"all of it", good, ""},
		{"no track id", `{"v":1,"origin":"a","kind":"video","id":"1"}`, ""},
		{"members of later versions", `{"v":1,"origin":"a","kind":"video","id":"1","more":[]}`, ""},
		{"another version", `{"v":2,"origin":"a"}`, "not one of this version's"},
		{"no version", `{"origin":"a"}`, "not one of this version's"},
		{"a track key of another size", `{"v":1,"track":"AAAA"}`, "not one of this version's"},
		{"no JSON", `v=1`, "not one of this version's"},
		{"nothing", ``, "not one of this version's"},
		{"too much", `{"v":1,"origin":"` + strings.Repeat("a", webhook.MaxBusMessage) + `"}`, "not one of this version's"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := webhook.OpenBusMessage(secret, seal(t, tt.text))
			if tt.err == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, tt.err)
			}
		})
	}
	for _, text := range [][]byte{nil, []byte(good), seal(t, good)[:15], seal(t, good)[1:]} {
		_, err := webhook.OpenBusMessage(secret, text)
		require.ErrorContains(t, err, "none of the secrets")
	}
	_, err := webhook.OpenBusMessage(bytes.Repeat([]byte("o"), 32), seal(t, good))
	require.ErrorContains(t, err, "none of the secrets")
}

// Whatever is on the bus, its reading ends, and what is read can be written.
func FuzzBusMessage(f *testing.F) {
	f.Add([]byte(`{"v":1,"origin":"a","kind":"video","id":"1","track":"AAAAAAAAAAAAAAAAAAAAAA==","status":"success"}`), true)
	f.Add([]byte(`{"v":1,"track":null,"id":"\ud800"}`), true)
	f.Add([]byte("0123456789abcdef{}"), false)
	f.Fuzz(func(t *testing.T, text []byte, sealed bool) {
		if sealed {
			text = seal(t, string(text))
		}
		read, err := webhook.OpenBusMessage(secret, text)
		if err != nil {
			return
		}
		require.True(t, sealed, "nobody can make it up")
		if len(seal(t, string(read))) > webhook.MaxBusMessage {
			return // what is no UTF-8 takes more room when it is written
		}
		again, err := webhook.OpenBusMessage(secret, seal(t, string(read)))
		require.NoError(t, err)
		require.Equal(t, string(read), string(again))
	})
}
