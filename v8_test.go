package modelslab_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
)

func TestV8Wire(t *testing.T) {
	t.Parallel()
	image := modelslab.MediaURL("https://example.com/a.png")
	runGolden(t, []golden{
		{
			name: "V8TextToImage", path: "/v8/images/text-to-image",
			full: &modelslab.V8TextToImageRequest{
				ModelID: "flux-2-dev", Prompt: "a ship", NegativePrompt: "fog", Width: new(1024), Height: new(512),
				AspectRatio: "16:9", Samples: new(2), NumInferenceSteps: new(20), Webhook: hook, TrackID: "v8-1",
			},
			fullBody: `{"model_id":"flux-2-dev","prompt":"a ship","negative_prompt":"fog","width":1024,"height":512,` +
				`"aspect_ratio":"16:9","samples":2,"num_inference_steps":20,` +
				`"webhook":"https://example.com/hook?kind=v8%2Fimages","track_id":"v8-1"}`,
			minimal:     &modelslab.V8TextToImageRequest{ModelID: "flux-2-dev", Prompt: "a ship"},
			minimalBody: `{"model_id":"flux-2-dev","prompt":"a ship",` + minimalTrack + `}`,
		},
		{
			name: "V8ImageToImage", path: "/v8/images/image-to-image",
			full: &modelslab.V8ImageToImageRequest{
				ModelID: "m", InitImage: []modelslab.Media{image, image}, Prompt: "a ship", NegativePrompt: "fog", Width: new(1024),
				Height: new(512), AspectRatio: "16:9", Strength: new(0.5), Samples: new(2), NumInferenceSteps: new(20),
				Webhook: hook, TrackID: "v8-2",
			},
			fullBody: `{"model_id":"m","init_image":["https://example.com/a.png","https://example.com/a.png"],"prompt":"a ship",` +
				`"negative_prompt":"fog","width":1024,"height":512,"aspect_ratio":"16:9","strength":0.5,"samples":2,` +
				`"num_inference_steps":20,"webhook":"https://example.com/hook?kind=v8%2Fimages","track_id":"v8-2"}`,
			minimal:     &modelslab.V8ImageToImageRequest{ModelID: "m", InitImage: []modelslab.Media{image}, Prompt: "a ship"},
			minimalBody: `{"model_id":"m","init_image":"https://example.com/a.png","prompt":"a ship",` + minimalTrack + `}`,
		},
		{
			name: "V8BackgroundRemoval", path: "/v8/images/background-removal",
			full: &modelslab.V8BackgroundRemovalRequest{
				ModelID: "background-remover-1", ImageURL: image, OnlyMask: new(true), InverseMask: new(false),
				AlphaMatting: new(true), PostProcessMask: new(false), Seed: new(int64(4029484891)), Base64: new(false),
				Webhook: hook, TrackID: "v8-3",
			},
			fullBody: `{"model_id":"background-remover-1","image_url":"https://example.com/a.png","only_mask":true,` +
				`"inverse_mask":false,"alpha_matting":true,"post_process_mask":false,"seed":4029484891,"base64":"no",` +
				`"webhook":"https://example.com/hook?kind=v8%2Fimages","track_id":"v8-3"}`,
			minimal:     &modelslab.V8BackgroundRemovalRequest{ModelID: "background-remover-1", ImageURL: image},
			minimalBody: `{"model_id":"background-remover-1","image_url":"https://example.com/a.png",` + minimalTrack + `}`,
		},
	})
}

func TestV8Requires(t *testing.T) {
	t.Parallel()
	image := modelslab.MediaURL("https://example.com/a.png")
	for field, req := range map[string]modelslab.Request{
		"model_id":   &modelslab.V8TextToImageRequest{Prompt: "p"},
		"prompt":     &modelslab.V8TextToImageRequest{ModelID: "m"},
		"init_image": &modelslab.V8ImageToImageRequest{ModelID: "m", Prompt: "p"},
		"image_url":  &modelslab.V8BackgroundRemovalRequest{ModelID: "m"},
	} {
		body, err := bodyOf(t, req)
		require.Empty(t, body)
		var refused *modelslab.Error
		require.ErrorAs(t, err, &refused)
		require.Equal(t, field, refused.Field)
	}
	body, err := bodyOf(t, &modelslab.V8BackgroundRemovalRequest{ModelID: "m", ImageURL: image}, modelslab.WithExtra("threshold", 3))
	require.NoError(t, err)
	require.JSONEq(t, `{"model_id":"m","image_url":"https://example.com/a.png","threshold":3}`, body)

	uploads := sent(t, &modelslab.V8BackgroundRemovalRequest{ModelID: "m", ImageURL: modelslab.MediaBytes([]byte(pngMagic))})
	require.Len(t, uploads, 2)
	require.Contains(t, uploads[1], `"image_url":"https://cdn.example.com/1.png"`)
}

// A result is fetched where its version is, and by nobody else's row.
func TestV8Ref(t *testing.T) {
	t.Parallel()
	ref, err := modelslab.ParseRef("v8/images/12202888")
	require.NoError(t, err)
	require.Equal(t, modelslab.Ref{Kind: modelslab.KindV8Images, ID: "12202888"}, ref)
}
