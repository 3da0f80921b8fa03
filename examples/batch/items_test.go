package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/modelslab-go/modelslab"
	"github.com/stretchr/testify/require"
)

func TestReadItems(t *testing.T) {
	t.Parallel()
	items, err := readItems(strings.NewReader("# a comment\n\nA fox\n  video: A boat \nsound:Rain\npicture: A map\nWeather: fine\n"), config{seed: 40})
	require.NoError(t, err)
	require.Len(t, items, 5)
	for i, want := range []struct{ kind, prompt, name string }{
		{"picture", "A fox", "001-a-fox"},
		{"video", "A boat", "002-a-boat"},
		{"sound", "Rain", "003-rain"},
		{"picture", "A map", "004-a-map"},
		{"picture", "Weather: fine", "005-weather-fine"},
	} {
		it := items[i]
		require.Equal(t, want.kind, it.Kind)
		require.Equal(t, want.prompt, it.Prompt)
		require.Equal(t, want.name, it.name())
		require.Equal(t, int64(40+i), it.Seed)
		require.Equal(t, unsent, it.State)
		require.NotEqual(t, items[(i+1)%5].TrackID, it.TrackID)
		frozen, err := modelslab.Freeze(it.request())
		require.NoError(t, err)
		require.Equal(t, it.TrackID, frozen.TrackID)
		require.Contains(t, string(frozen.Body), want.prompt)
	}
	_, err = readItems(strings.NewReader("# nothing\n"), config{})
	require.EqualError(t, err, "there is no prompt in the file")
	items, err = readItems(strings.NewReader("a\nb\nc\n"), config{most: 2})
	require.NoError(t, err)
	require.Len(t, items, 2)
}

func TestNamesOfFiles(t *testing.T) {
	t.Parallel()
	for prompt, want := range map[string]string{
		"../../etc/passwd":                       "001-etc-passwd",
		"Ä ö ü":                                  "001-",
		"A very long prompt that goes on and on": "001-a-very-long-prompt-that-goes",
	} {
		require.Equal(t, want, (&item{Prompt: prompt}).name())
	}
}

func TestLoad(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	out := filepath.Join(dir, "out")

	b, err := load(config{out: out, limit: 5, prompts: filepath.Join(dir, "prompts.txt")})
	require.NoError(t, err, "the prompts of the example stand in for a file that is not there")
	require.Len(t, b.items, 100)
	b, err = load(config{out: out, limit: 5})
	require.NoError(t, err)
	require.Len(t, b.items, 100)
	_, err = load(config{out: out, limit: 5, prompts: filepath.Join(dir, "other.txt")})
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = load(config{out: out, limit: 0})
	require.EqualError(t, err, "-limit must be 1 or more")

	require.NoError(t, os.WriteFile(filepath.Join(dir, "prompts.txt"), []byte("only one\n"), 0o600))
	b, err = load(config{out: out, limit: 5, prompts: filepath.Join(dir, "prompts.txt")})
	require.NoError(t, err)
	require.Len(t, b.items, 1)
}

func TestTheExamplesPromptsVary(t *testing.T) {
	t.Parallel()
	items, err := readItems(strings.NewReader(ownPrompts), config{})
	require.NoError(t, err)
	require.Len(t, items, 100)
	kinds, prompts := map[string]int{}, map[string]bool{}
	for _, it := range items {
		kinds[it.Kind]++
		prompts[it.Prompt] = true
	}
	require.Len(t, prompts, 100)
	require.Len(t, kinds, 3)
}
