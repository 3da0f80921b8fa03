package modelslab_test

import (
	"testing"

	"github.com/modelslab-go/modelslab"
)

func TestThreeDWire(t *testing.T) {
	t.Parallel()
	runGolden(t, []golden{
		{
			name: "TextTo3D", path: "/v6/3d/text_to_3d",
			full: &modelslab.TextTo3DRequest{
				Prompt: "a ship", NegativePrompt: "fog", OutputFormat: "glb", Resolution: new(256), Render: new(true),
				GuidanceScale: new(7.5), NumInferenceSteps: new(21), ForegroundRatio: new(0.85), RemoveBG: new(true),
				SSGuidanceStrength: new(7.5), SSSamplingSteps: new(12), SLATGuidanceStrength: new(3.5),
				SLATSamplingSteps: new(14), MeshSimplify: new(0.95), ChunkSize: new(8192),
				Seed: new(int64(4029484891)), Temp: new(false), Webhook: hook, TrackID: "t1",
			},
			fullBody: `{"prompt":"a ship","negative_prompt":"fog","output_format":"glb","resolution":256,"render":true,` +
				`"guidance_scale":7.5,"num_inference_steps":21,"foreground_ratio":0.85,"remove_bg":true,` +
				`"ss_guidance_strength":7.5,"ss_sampling_steps":12,"slat_guidance_strength":3.5,` +
				`"slat_sampling_steps":14,"mesh_simplify":0.95,"chunk_size":8192,"seed":4029484891,"temp":"no",` +
				`"webhook":"https://example.com/hook?kind=3d","track_id":"t1"}`,
			minimal:     &modelslab.TextTo3DRequest{Prompt: "a ship"},
			minimalBody: `{"prompt":"a ship",` + minimalTrack + `}`,
		},
		{
			name: "ImageTo3D", path: "/v6/3d/image_to_3d",
			full: &modelslab.ImageTo3DRequest{
				InitImage: modelslab.MediaURL("https://example.com/a.png"), MultiImage: new(true),
				OutputFormat: "glb", Resolution: new(256), Render: new(true), SSGuidanceStrength: new(7.5),
				SSSamplingSteps: new(12), SLATGuidanceStrength: new(3.5), SLATSamplingSteps: new(14),
				MeshSimplify: new(0.95), ChunkSize: new(8192), Seed: new(int64(4029484891)), Temp: new(false),
				Webhook: hook, TrackID: "i2",
			},
			fullBody: `{"init_image":"https://example.com/a.png","multi_image":true,"output_format":"glb","resolution":256,` +
				`"render":true,"ss_guidance_strength":7.5,"ss_sampling_steps":12,"slat_guidance_strength":3.5,` +
				`"slat_sampling_steps":14,"mesh_simplify":0.95,"chunk_size":8192,"seed":4029484891,"temp":"no",` +
				`"webhook":"https://example.com/hook?kind=3d","track_id":"i2","image":"https://example.com/a.png"}`,
			minimal:     &modelslab.ImageTo3DRequest{InitImage: modelslab.MediaURL("https://example.com/a.png")},
			minimalBody: `{"init_image":"https://example.com/a.png",` + minimalTrack + `,"image":"https://example.com/a.png"}`,
		},
	})
}
