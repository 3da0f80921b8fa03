package batch

import (
	"strings"
	"testing"

	"github.com/modelslab-go/modelslab"
	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/cmd/modelslab/internal/operation"
)

func TestRead(t *testing.T) {
	t.Parallel()
	shared := []operation.Assignment{{Name: "model_id", Value: "flux"}, {Name: "width", Value: "768"}}
	items, err := Read(strings.NewReader(`# a comment

A fox
  {"prompt": "A map", "width": 512}
{"operation":"sfx","prompt":"Rain","duration":8}
{"operation":"Video.TextToVideo","prompt":"A boat","model_id":"cogvideox","seed":7}
`), "text2img", shared)
	require.NoError(t, err)
	require.Len(t, items, 4)
	for i, want := range []struct{ operation, name, body string }{
		{"text2img", "001-a-fox", `{"model_id":"flux","prompt":"A fox","width":768}`},
		{"text2img", "002-a-map", `{"model_id":"flux","prompt":"A map","width":512}`},
		{"sfx", "003-rain", `{"prompt":"Rain","duration":8}`},
		{"Video.TextToVideo", "004-a-boat", `{"model_id":"cogvideox","prompt":"A boat","seed":7}`},
	} {
		require.Equal(t, i, items[i].Index)
		require.Equal(t, want.operation, items[i].Operation)
		require.Equal(t, want.name, items[i].name())
		req, err := items[i].request(noFiles{})
		require.NoError(t, err)
		frozen, err := modelslab.Freeze(req)
		require.NoError(t, err)
		require.JSONEq(t, want.body, string(frozen.Body))
	}
}

func TestReadRefuses(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                 "there is no request in the file",
		"# nothing\n":      "there is no request in the file",
		"A fox":            "line 1: it names no operation",
		"\n{":              "line 2: it begins with { and is no JSON object",
		`{"prompt" "x"}`:   "line 1: it begins with { and is no JSON object",
		`{"prompt":"x"} y`: "line 1: it begins with { and is no JSON object",
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			_, err := Read(strings.NewReader(text), "", nil)
			require.ErrorContains(t, err, want)
		})
	}
}

func FuzzRead(f *testing.F) {
	f.Add(`{"operation":"sfx","prompt":"Rain","duration":8}`)
	f.Add("A fox\n{}")
	f.Fuzz(func(t *testing.T, text string) {
		items, err := Read(strings.NewReader(text), "text2img", nil)
		if err == nil {
			require.NotEmpty(t, items)
		}
	})
}

func TestNamesOfFiles(t *testing.T) {
	t.Parallel()
	for prompt, want := range map[string]string{
		"../../etc/passwd":                       "001-etc-passwd",
		"Ä ö ü":                                  "001-",
		"A very long prompt that goes on and on": "001-a-very-long-prompt-that-goes",
	} {
		it := &Item{Parameters: []operation.Assignment{{Name: "prompt", Value: prompt}}}
		require.Equal(t, want, it.name())
		require.Equal(t, want+".png", it.fileName("x/images-1-0.png", 0, 1))
		require.Equal(t, want+"-2.png", it.fileName("x/images-1-1.png", 1, 2))
	}
}
