package token_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/internal/token"
)

func TestSeal(t *testing.T) {
	t.Parallel()
	key := func(c string) *token.Key {
		k, err := token.NewKey(bytes.Repeat([]byte(c), token.MinSecret))
		require.NoError(t, err)
		return k
	}
	a, b := key("a"), key("b")
	text := a.Seal([]byte("hello"))
	for name, keys := range map[string][]*token.Key{"alone": {a}, "first": {a, b}, "last": {b, a}} {
		message, ok := token.Open(keys, text)
		require.True(t, ok, name)
		require.Equal(t, "hello", string(message))
	}
	_, ok := token.Open([]*token.Key{b}, text)
	require.False(t, ok)
	_, ok = token.Open(nil, text)
	require.False(t, ok)
	for i := range text {
		forged := bytes.Clone(text)
		forged[i] ^= 1
		_, ok := token.Open([]*token.Key{a, b}, forged)
		require.False(t, ok, i)
		_, ok = token.Open([]*token.Key{a, b}, text[:i])
		require.False(t, ok, i)
	}
	message, ok := token.Open([]*token.Key{a}, a.Seal(nil))
	require.True(t, ok)
	require.Empty(t, message)
}
