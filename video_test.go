package modelslab_test

import (
	"testing"

	"github.com/modelslab-go/modelslab"
)

const hook = "https://example.com/hook"

func TestVideoWire(t *testing.T) {
	t.Parallel()
	runGolden(t, []golden{
		{
			name: "TextToVideo", path: "/v6/video/text2video",
			full: &modelslab.TextToVideoRequest{
				ModelID: "cogvideox", Prompt: "a ship", NegativePrompt: "fog", Seed: new(int64(4029484891)),
				Height: new(512), Width: new(256), NumFrames: new(25), NumInferenceSteps: new(20), GuidanceScale: new(7.5),
				ClipSkip: new(2), UpscaleHeight: new(640), UpscaleWidth: new(1024), UpscaleStrength: new(0.6),
				UpscaleGuidanceScale: new(12.0), UpscaleNumInferenceSteps: new(21), UseImprovedSampling: new(false),
				ImprovedSamplingSeed: new(int64(42)), FPS: new(16), OutputType: "mp4", InstantResponse: new(false),
				Temp: new(true), Webhook: hook, TrackID: "video_001",
			},
			fullBody: `{"model_id":"cogvideox","prompt":"a ship","negative_prompt":"fog","seed":4029484891,` +
				`"height":512,"width":256,"num_frames":25,"num_inference_steps":20,"guidance_scale":7.5,` +
				`"clip_skip":2,"upscale_height":640,"upscale_width":1024,"upscale_strength":0.6,` +
				`"upscale_guidance_scale":12,"upscale_num_inference_steps":21,"use_improved_sampling":false,` +
				`"improved_sampling_seed":42,"fps":16,"output_type":"mp4","instant_response":false,` +
				`"temp":true,"webhook":"https://example.com/hook?kind=video","track_id":"video_001"}`,
			minimal:     &modelslab.TextToVideoRequest{ModelID: "cogvideox", Prompt: "a ship"},
			minimalBody: `{"model_id":"cogvideox","prompt":"a ship",` + minimalTrack + `}`,
		},
		{
			name: "ImageToVideo", path: "/v6/video/img2video",
			full: &modelslab.ImageToVideoRequest{
				ModelID: "svd", InitImage: modelslab.MediaURL("https://example.com/a.png"), Prompt: "it moves",
				NegativePrompt: "fog", Height: new(512), Width: new(256), NumFrames: new(25), NumInferenceSteps: new(20),
				MinGuidanceScale: new(1.0), MaxGuidanceScale: new(3.0), MotionBucketID: new(127), NoiseAugStrength: new(0.1),
				FPS: new(16), OutputType: "mp4", Temp: new(false), Webhook: hook, TrackID: "v2",
			},
			fullBody: `{"model_id":"svd","init_image":"https://example.com/a.png","prompt":"it moves",` +
				`"negative_prompt":"fog","height":512,"width":256,"num_frames":25,"num_inference_steps":20,` +
				`"min_guidance_scale":1,"max_guidance_scale":3,"motion_bucket_id":127,"noise_aug_strength":0.1,` +
				`"fps":16,"output_type":"mp4","temp":false,"webhook":"https://example.com/hook?kind=video","track_id":"v2"}`,
			minimal:     &modelslab.ImageToVideoRequest{ModelID: "svd", InitImage: modelslab.MediaURL("https://example.com/a.png")},
			minimalBody: `{"model_id":"svd","init_image":"https://example.com/a.png",` + minimalTrack + `}`,
		},
		{
			name: "TextToVideoUltra", path: "/v6/video/text2video_ultra",
			full: &modelslab.TextToVideoUltraRequest{
				ModelID: "wan2.2", Prompt: "a ship", NegativePrompt: "fog", Seed: new(int64(1)), Resolution: new(480),
				NumFrames: new(81), NumInferenceSteps: new(25), GuidanceScale: new(5.0), FPS: new(16), Portrait: new(true),
				SampleShift: new(5), Temp: new(false), Webhook: hook, TrackID: "v3",
			},
			fullBody: `{"model_id":"wan2.2","prompt":"a ship","negative_prompt":"fog","seed":1,"resolution":480,` +
				`"num_frames":81,"num_inference_steps":25,"guidance_scale":5,"fps":16,"portrait":true,` +
				`"sample_shift":5,"temp":false,"webhook":"https://example.com/hook?kind=video","track_id":"v3"}`,
			minimal:     &modelslab.TextToVideoUltraRequest{ModelID: "wan2.2", Prompt: "a ship"},
			minimalBody: `{"model_id":"wan2.2","prompt":"a ship",` + minimalTrack + `}`,
		},
		{
			name: "ImageToVideoUltra", path: "/v6/video/img2video_ultra",
			full: &modelslab.ImageToVideoUltraRequest{
				ModelID: "wan2.2", Prompt: "it moves", InitImage: modelslab.MediaBytes([]byte("abcd")), NegativePrompt: "fog",
				Seed: new(int64(1)), Resolution: new(480), NumFrames: new(81), NumInferenceSteps: new(25),
				GuidanceScale: new(5.0), FPS: new(16), Portrait: new(true), SampleShift: new(5), Base64: new(true),
				Temp: new(false), Webhook: hook, TrackID: "v4",
			},
			fullBody: `{"model_id":"wan2.2","prompt":"it moves","init_image":"YWJjZA==","negative_prompt":"fog","seed":1,` +
				`"resolution":480,"num_frames":81,"num_inference_steps":25,"guidance_scale":5,"fps":16,` +
				`"portrait":true,"sample_shift":5,"base64":true,"temp":false,` +
				`"webhook":"https://example.com/hook?kind=video","track_id":"v4"}`,
			minimal: &modelslab.ImageToVideoUltraRequest{
				ModelID: "wan2.2", Prompt: "it moves", InitImage: modelslab.MediaURL("https://example.com/a.png"),
			},
			minimalBody: `{"model_id":"wan2.2","prompt":"it moves","init_image":"https://example.com/a.png",` + minimalTrack + `}`,
		},
		{
			name: "VideoToVideo", path: "/v6/video/video2video",
			full: &modelslab.VideoToVideoRequest{
				InitImage: modelslab.MediaURL("https://example.com/a.png"), InitVideo: modelslab.MediaURL("https://example.com/a.mp4"),
				ToAnimate: new(true), Resolution: new(720), NumInferenceSteps: new(6), Webhook: hook, TrackID: "v5",
			},
			fullBody: `{"init_image":"https://example.com/a.png","init_video":"https://example.com/a.mp4","to_animate":true,` +
				`"resolution":720,"num_inference_steps":6,"webhook":"https://example.com/hook?kind=video","track_id":"v5"}`,
			minimal: &modelslab.VideoToVideoRequest{
				InitImage: modelslab.MediaURL("https://example.com/a.png"), InitVideo: modelslab.MediaURL("https://example.com/a.mp4"),
			},
			minimalBody: `{"init_image":"https://example.com/a.png","init_video":"https://example.com/a.mp4",` + minimalTrack + `}`,
		},
		{
			name: "WatermarkRemover", path: "/v6/video/watermark_remover",
			full: &modelslab.WatermarkRemoverRequest{
				InitVideo: modelslab.MediaURL("https://example.com/a.mp4"), Webhook: hook, TrackID: "v6",
			},
			fullBody: `{"init_video":"https://example.com/a.mp4",` +
				`"webhook":"https://example.com/hook?kind=video","track_id":"v6"}`,
			minimal:     &modelslab.WatermarkRemoverRequest{InitVideo: modelslab.MediaURL("https://example.com/a.mp4")},
			minimalBody: `{"init_video":"https://example.com/a.mp4",` + minimalTrack + `}`,
		},
	})
}
