package operation

import (
	"testing"

	"github.com/modelslab-go/modelslab"
	"github.com/stretchr/testify/require"
)

func TestFind(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"text2img":                    "Image.TextToImage",
		"Text2Img":                    "Image.TextToImage",
		"realtime/text2img":           "Image.RealtimeTextToImage",
		"/v6/realtime/text2img":       "Image.RealtimeTextToImage",
		"Image.TextToImage":           "Image.TextToImage",
		"image.texttoimage":           "Image.TextToImage",
		"object_removal":              "Editing.ObjectRemoval",
		"interior/object_removal":     "Interior.ObjectRemoval",
		"text-to-image":               "V7.TextToImage",
		"v8/images/text-to-image":     "V8.TextToImage",
		"run":                         "Workflows.Run",
		"image_editing/inpaint":       "Editing.Inpaint",
		"v7/images/inpaint":           "V7.Inpaint",
		"flux_klein/img2img":          "Image.FluxKleinImageToImage",
		"video-fusion/motion-control": "V7.MotionControl",
	} {
		o, err := Find(name)
		require.NoError(t, err, name)
		require.Equal(t, want, Method(o), name)
	}
}

func TestFindSuggests(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"":                   `there is no operation ""`,
		"/":                  `there is no operation "/"`,
		"img":                `there is no operation "img": did you mean text2img, img2img or img_mixer?`,
		"text2mig":           `there is no operation "text2mig": did you mean text2img?`,
		"text2vdeo":          `there is no operation "text2vdeo": did you mean text2video?`,
		"videos/text2vdeo":   `there is no operation "videos/text2vdeo": did you mean text2video?`,
		"Video.TextToVidoe":  `there is no operation "Video.TextToVidoe": did you mean Video.TextToVideo?`,
		"TextToVideo":        `there is no operation "TextToVideo": did you mean Video.TextToVideo or V7.TextToVideo?`,
		"completely-unknown": `there is no operation "completely-unknown"`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Find(name)
			require.EqualError(t, err, want)
		})
	}
}

// Every operation has a name of its own, by which it is found.
func TestNames(t *testing.T) {
	t.Parallel()
	taken := map[string]bool{}
	for o := range modelslab.Operations() {
		name := Name(o)
		require.NotContains(t, taken, name)
		taken[name] = true
		found, err := Find(name)
		require.NoError(t, err)
		require.Equal(t, o.Path, found.Path)
		found, err = Find(Method(o))
		require.NoError(t, err)
		require.Equal(t, o.Path, found.Path)
	}
	require.Len(t, Matching(""), len(taken))
	require.Len(t, Matching("faceswap"), 4)
	require.Empty(t, Matching("nothing of that name"))
}

func TestDistance(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		a, b string
		want int
	}{
		{"", "", 0},
		{"abc", "", 3},
		{"", "abc", 3},
		{"abc", "abc", 0},
		{"abc", "acb", 1}, // swapped
		{"abc", "abd", 1},
		{"abc", "abcd", 1},
		{"kitten", "sitting", 3},
	} {
		require.Equal(t, tt.want, distance(tt.a, tt.b), tt.a+" "+tt.b)
		require.Equal(t, tt.want, distance(tt.b, tt.a), tt.b+" "+tt.a)
	}
}

func TestParameters(t *testing.T) {
	t.Parallel()
	for o := range modelslab.Operations() {
		names := map[string]bool{}
		for _, f := range Parameters(o.New()) {
			require.NotEmpty(t, f.Name)
			require.NotContains(t, names, f.Name, Method(o))
			names[f.Name] = true
			if f.Type == "JSON" {
				require.Contains(t, []string{"parameters", "sections"}, f.Name, Method(o))
			}
		}
	}
	o, err := Find("run")
	require.NoError(t, err)
	require.Equal(t, Parameter{Name: "workflow_id", Type: "text", Required: true}, Parameters(o.New())[0])
}
