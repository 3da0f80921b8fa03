package operation

import (
	"errors"
	"testing"

	"github.com/modelslab-go/modelslab"
	"github.com/stretchr/testify/require"
)

// urls take every value for a URL, but for "none".
type urls struct{}

func (urls) Open(value string) (modelslab.Media, error) {
	if value == "none" {
		return modelslab.Media{}, errors.New("there is no file none")
	}
	return modelslab.MediaURL(value), nil
}

func fill(t *testing.T, name string, texts ...string) (modelslab.Request, error) {
	t.Helper()
	o, err := Find(name)
	require.NoError(t, err)
	var values []Assignment
	for _, text := range texts {
		a, err := ParseAssignment(text)
		require.NoError(t, err)
		values = append(values, a)
	}
	req := o.New()
	return req, Fill(req, values, urls{})
}

func TestFill(t *testing.T) {
	t.Parallel()
	const a, b = "https://example.com/a.png", "https://example.com/b,c.png"
	for _, tt := range []struct {
		name  string
		texts []string
		want  modelslab.Request
	}{
		{
			"text2img",
			[]string{"model_id=flux", "prompt=a=b, c", "width=512", "guidance_scale=7.5", "enhance_prompt=no", "seed=0", "track_id=t"},
			&modelslab.TextToImageRequest{
				ModelID: "flux", Prompt: "a=b, c", Width: new(512), GuidanceScale: new(7.5), EnhancePrompt: new(false),
				Seed: new(int64(0)), TrackID: "t",
			},
		},
		{
			"image_editing/head_shot",
			[]string{"prompt=", "face_image=" + a},
			&modelslab.HeadShotRequest{FaceImage: modelslab.MediaURL(a)},
		},
		{
			"fine_tune",
			[]string{"images=" + a, "images=" + b, "max_train_steps=100"},
			&modelslab.FineTuneRequest{Images: []modelslab.Media{modelslab.MediaURL(a), modelslab.MediaURL(b)}, MaxTrainSteps: 100},
		},
		{
			"fine_tune",
			[]string{"images=" + a + "," + a},
			&modelslab.FineTuneRequest{Images: []modelslab.Media{modelslab.MediaURL(a), modelslab.MediaURL(a)}},
		},
		{
			"fine_tune",
			[]string{`images=["` + b + `"]`},
			&modelslab.FineTuneRequest{Images: []modelslab.Media{modelslab.MediaURL(b)}},
		},
		{
			"song-inpaint",
			[]string{"sections=[[0,2.5],[4,5]]"},
			&modelslab.V7SongInpaintRequest{Sections: [][2]float64{{0, 2.5}, {4, 5}}},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			req, err := fill(t, tt.name, tt.texts...)
			require.NoError(t, err)
			require.Equal(t, tt.want, req)
		})
	}
}

func TestFillWorkflow(t *testing.T) {
	t.Parallel()
	req, err := fill(t, "Workflows.Run", "workflow_id=w1", `parameters={"prompt":"x"}`)
	require.NoError(t, err)
	require.Empty(t, Missing(req))
	frozen, err := modelslab.Freeze(req)
	require.NoError(t, err)
	require.Equal(t, "/v1/workflows/w1/run", frozen.Path)
	require.JSONEq(t, `{"prompt":"x"}`, string(frozen.Body))
}

func TestFillRefuses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, text, want string }{
		{"text2img", "promt=x", "promt: there is no such parameter: did you mean prompt?"},
		{"text2img", "steps=x", "steps: there is no such parameter: did you mean num_inference_steps or zero_steps?"},
		{"text2img", "key=a secret", "key: the API key is no parameter: it is read from MODELSLAB_API_KEY"},
		{"text2img", "width=wide", "width: want a whole number such as 25"},
		{"text2img", "width=1.5", "width: want a whole number such as 25"},
		{"text2img", "guidance_scale=NaN", "guidance_scale: want a number such as 7.5"},
		{"text2img", "guidance_scale=1e999", "guidance_scale: want a number such as 7.5"},
		{"text2img", "enhance_prompt=maybe", "enhance_prompt: want yes or no"},
		{"img2img", "init_image=none", "init_image: there is no file none"},
		{"fine_tune", "images=[1]", `images: it begins with "[" and is no JSON array of texts`},
		{"song-inpaint", "sections=1", "sections: want JSON: cannot unmarshal number into Go value of type [][2]float64"},
		{"run", "parameters=null", `parameters: want a JSON object such as {"prompt":"a lighthouse"}`},
		{"run", "parameters=[1]", `parameters: want a JSON object such as {"prompt":"a lighthouse"}`},
	} {
		t.Run(tt.text, func(t *testing.T) {
			t.Parallel()
			_, err := fill(t, tt.name, tt.text)
			require.EqualError(t, err, tt.want)
		})
	}
	_, err := fill(t, "text2img", "prompt=a", "prompt=b")
	require.EqualError(t, err, "prompt: it is given more than once")
	_, err = ParseAssignment("prompt")
	require.EqualError(t, err, `"prompt" is no parameter: want name=value, such as prompt="a lighthouse"`)
	_, err = ParseAssignment("=x")
	require.Error(t, err)
}

func TestMissing(t *testing.T) {
	t.Parallel()
	req, err := fill(t, "img2img", "prompt=x", "model_id=")
	require.NoError(t, err)
	require.Equal(t, []string{"model_id", "init_image"}, Missing(req))
}

// Whatever is typed for whatever parameter is set or refused.
func FuzzFill(f *testing.F) {
	f.Add(uint8(0), uint8(1), "25")
	f.Add(uint8(44), uint8(1), `{"prompt":"x"}`)
	f.Fuzz(func(t *testing.T, n, k uint8, value string) {
		all := Matching("")
		req := all[int(n)%len(all)].New()
		parameters := Parameters(req)
		name := parameters[int(k)%len(parameters)].Name
		if err := Fill(req, []Assignment{{name, value}}, urls{}); err != nil {
			require.ErrorContains(t, err, name+": ")
		}
	})
}
