package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/internal/endpoint"
)

const published = "../../docs/endpoints.md"

func TestPageIsCurrent(t *testing.T) {
	t.Parallel()
	require.NoError(t, run(nil, "", published))
}

// Every row has its line, whatever it lacks.
func TestPageIsComplete(t *testing.T) {
	t.Parallel()
	text, err := page()
	require.NoError(t, err)
	for _, e := range endpoint.All() {
		require.Equal(t, 1, strings.Count(string(text), "| `"+e.Method+" "+e.Path+"` |"), e.Name)
	}
	for _, f := range endpoint.Fetches() {
		require.Contains(t, string(text), "| `"+f.Kind+"` | `"+fetch(&f)+"` |")
	}
	for _, line := range []string{
		"| `POST /v6/voice/sfx` | `SFX` | `SFXRequest` | `prompt` | yes | integer |  | `voice` (track_id: string) | OpenAPI |",
		"| `POST /v6/image_editing/outpaint` | `Outpaint` | `OutpaintRequest` | `image` | yes | integer | base64 | `image_editing` | OpenAPI |",
		"| `POST /v8/images/background-removal` | `BackgroundRemoval` | `V8BackgroundRemovalRequest` | `model_id`, `image_url` | yes | string | upload |  | programs |",
		"| `POST /v3/cancel_training/{training_id}` | `Cancel` | `string` |  |  |  |  |  | OpenAPI |",
		"`ultra_video` (required: `prompt`)",
		"`root` (required: `init_image`, `scale`; track_id: no; `init_image` also as `url`)",
	} {
		require.Contains(t, string(text), line)
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	require.NoError(t, run(&out, "", ""))
	file := filepath.Join(t.TempDir(), "endpoints.md")
	require.NoError(t, run(nil, file, ""))
	written, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, out.String(), string(written))
	require.NoError(t, run(nil, "", file))

	require.NoError(t, os.WriteFile(file, written[1:], 0o600))
	require.ErrorIs(t, run(nil, "", file), errStale)
	require.ErrorIs(t, run(nil, "", filepath.Join(t.TempDir(), "none.md")), os.ErrNotExist)
}
