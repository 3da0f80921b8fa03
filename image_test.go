package modelslab_test

import (
	"context"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
)

func TestImageWire(t *testing.T) {
	t.Parallel()
	runGolden(t, []golden{
		{
			name: "TextToImage", path: "/v6/images/text2img",
			full: &modelslab.TextToImageRequest{
				ModelID: "m1", Prompt: "a ship", NegativePrompt: "fog", EnhancePrompt: new(true),
				MultiLingual: new(true), Width: new(768), Height: new(512), Samples: new(2),
				NumInferenceSteps: new(21), GuidanceScale: new(7.5), Seed: new(int64(4029484891)),
				SafetyChecker: new(true), SafetyCheckerType: "blur", Scheduler: "UniPCMultistepScheduler",
				UseKarrasSigmas: new(true), AlgorithmType: "dpmsolver+++", VAE: "v1", ClipSkip: new(2),
				LoraModel: "contrast-fix,yae-miko-genshin", LoraStrength: "0.5,0.7", IPAdapterID: "ip-adapter_sdxl",
				IPAdapterScale: new(0.6), IPAdapterImage: modelslab.MediaURL("https://example.com/style.png"),
				Upscale: new(true), HighresFix: new(true), InjectedNoiseAlpha: new(0.75), SigmaThreshold: new(0.45),
				TrueCFGScale: new(1.5), UseCFGZeroStar: new(true), UseZeroInit: new(false), ZeroSteps: new(3),
				Base64: new(true), Temp: new(false), Webhook: hook, TrackID: "t1",
			},
			fullBody: `{"model_id":"m1","prompt":"a ship","negative_prompt":"fog","enhance_prompt":true,` +
				`"multi_lingual":true,"width":768,"height":512,"samples":2,"num_inference_steps":21,` +
				`"guidance_scale":7.5,"seed":4029484891,"safety_checker":true,"safety_checker_type":"blur",` +
				`"scheduler":"UniPCMultistepScheduler","use_karras_sigmas":true,"algorithm_type":"dpmsolver+++",` +
				`"vae":"v1","clip_skip":2,"lora_model":"contrast-fix,yae-miko-genshin","lora_strength":"0.5,0.7",` +
				`"ip_adapter_id":"ip-adapter_sdxl","ip_adapter_scale":0.6,` +
				`"ip_adapter_image":"https://example.com/style.png","upscale":true,"highres_fix":true,` +
				`"injected_noise_alpha":0.75,"sigma_threshold":0.45,"true_cfg_scale":1.5,"use_cfg_zero_star":true,` +
				`"use_zero_init":false,"zero_steps":3,"base64":true,"temp":false,` +
				`"webhook":"https://example.com/hook?kind=images","track_id":"t1"}`,
			minimal:     &modelslab.TextToImageRequest{ModelID: "m1", Prompt: "a ship"},
			minimalBody: `{"model_id":"m1","prompt":"a ship",` + minimalTrack + `}`,
		},
		{
			name: "ImageToImage", path: "/v6/images/img2img",
			full: &modelslab.ImageToImageRequest{
				ModelID: "m1", InitImage: modelslab.MediaURL("https://example.com/a.png"), Prompt: "a ship",
				NegativePrompt: "fog", InitImage2: modelslab.MediaURL("https://example.com/b.png"),
				EnhancePrompt: new(true), Width: new(768), Height: new(512), Samples: new(2),
				NumInferenceSteps: new(21), GuidanceScale: new(7.5), Guidance: new(2.5), Strength: new(0.7),
				Seed: new(int64(4029484891)), SafetyChecker: new(true), SafetyCheckerType: "blur",
				Scheduler: "UniPCMultistepScheduler", UseKarrasSigmas: new(true), AlgorithmType: "dpmsolver+++",
				VAE: "v1", ClipSkip: new(2), LoraModel: "contrast-fix,yae-miko-genshin", LoraStrength: "0.5,0.7",
				IPAdapterID: "ip-adapter_sdxl", IPAdapterScale: new(0.6),
				IPAdapterImage: modelslab.MediaURL("https://example.com/style.png"), Base64: new(true),
				Temp: new(false), Webhook: hook, TrackID: "i2",
			},
			fullBody: `{"model_id":"m1","init_image":"https://example.com/a.png","prompt":"a ship","negative_prompt":"fog",` +
				`"init_image_2":"https://example.com/b.png","enhance_prompt":true,"width":768,"height":512,` +
				`"samples":2,"num_inference_steps":21,"guidance_scale":7.5,"guidance":2.5,"strength":0.7,` +
				`"seed":4029484891,"safety_checker":true,"safety_checker_type":"blur",` +
				`"scheduler":"UniPCMultistepScheduler","use_karras_sigmas":true,"algorithm_type":"dpmsolver+++",` +
				`"vae":"v1","clip_skip":2,"lora_model":"contrast-fix,yae-miko-genshin","lora_strength":"0.5,0.7",` +
				`"ip_adapter_id":"ip-adapter_sdxl","ip_adapter_scale":0.6,` +
				`"ip_adapter_image":"https://example.com/style.png","base64":true,"temp":false,` +
				`"webhook":"https://example.com/hook?kind=images","track_id":"i2"}`,
			minimal: &modelslab.ImageToImageRequest{
				ModelID: "m1", InitImage: modelslab.MediaURL("https://example.com/a.png"),
			},
			minimalBody: `{"model_id":"m1","init_image":"https://example.com/a.png",` + minimalTrack + `}`,
		},
		{
			name: "Inpaint", path: "/v6/images/inpaint",
			full: &modelslab.InpaintRequest{
				ModelID: "m1", InitImage: modelslab.MediaURL("https://example.com/a.png"),
				MaskImage: modelslab.MediaURL("https://example.com/mask.png"), Prompt: "a ship",
				NegativePrompt: "fog", EnhancePrompt: new(true), Width: new(768), Height: new(512), Samples: new(2),
				NumInferenceSteps: new(21), GuidanceScale: new(7.5), Strength: new(0.7), Seed: new(int64(4029484891)),
				SafetyChecker: new(true), SafetyCheckerType: "blur", Scheduler: "UniPCMultistepScheduler",
				UseKarrasSigmas: new(true), AlgorithmType: "dpmsolver+++", VAE: "v1", ClipSkip: new(2),
				LoraModel: "contrast-fix,yae-miko-genshin", LoraStrength: "0.5,0.7", IPAdapterID: "ip-adapter_sdxl",
				IPAdapterScale: new(0.6), IPAdapterImage: modelslab.MediaURL("https://example.com/style.png"),
				Base64: new(true), Temp: new(false), Webhook: hook, TrackID: "i3",
			},
			fullBody: `{"model_id":"m1","init_image":"https://example.com/a.png",` +
				`"mask_image":"https://example.com/mask.png","prompt":"a ship","negative_prompt":"fog",` +
				`"enhance_prompt":true,"width":768,"height":512,"samples":2,"num_inference_steps":21,` +
				`"guidance_scale":7.5,"strength":0.7,"seed":4029484891,"safety_checker":true,` +
				`"safety_checker_type":"blur","scheduler":"UniPCMultistepScheduler","use_karras_sigmas":true,` +
				`"algorithm_type":"dpmsolver+++","vae":"v1","clip_skip":2,` +
				`"lora_model":"contrast-fix,yae-miko-genshin","lora_strength":"0.5,0.7",` +
				`"ip_adapter_id":"ip-adapter_sdxl","ip_adapter_scale":0.6,` +
				`"ip_adapter_image":"https://example.com/style.png","base64":true,"temp":false,` +
				`"webhook":"https://example.com/hook?kind=images","track_id":"i3"}`,
			minimal: &modelslab.InpaintRequest{
				ModelID: "m1", InitImage: modelslab.MediaURL("https://example.com/a.png"),
				MaskImage: modelslab.MediaURL("https://example.com/mask.png"),
			},
			minimalBody: `{"model_id":"m1","init_image":"https://example.com/a.png","mask_image":"https://example.com/mask.png",` + minimalTrack + `}`,
		},
		{
			name: "ControlNet", path: "/v5/controlnet",
			full: &modelslab.ControlNetRequest{
				ModelID: "m1", ControlNetModel: "canny,depth", ControlNetType: "canny",
				ControlNetConditioningScale: new(0.8),
				ControlImage:                modelslab.MediaURL("https://example.com/edges.png"),
				InitImage:                   modelslab.MediaURL("https://example.com/a.png"),
				MaskImage:                   modelslab.MediaURL("https://example.com/mask.png"), Prompt: "a ship",
				NegativePrompt: "fog", EnhancePrompt: new(true), AutoHint: new(true), GuessMode: new(true),
				Width: new(768), Height: new(512), Samples: new(2), NumInferenceSteps: new(21),
				GuidanceScale: new(7.5), Strength: new(0.7), Seed: new(int64(4029484891)), SafetyChecker: new(true),
				Scheduler: "UniPCMultistepScheduler", UseKarrasSigmas: new(true), AlgorithmType: "dpmsolver+++",
				Tomesd: new(true), VAE: "v1", ClipSkip: new(2), LoraModel: "contrast-fix,yae-miko-genshin",
				LoraStrength: "0.5,0.7", IPAdapterID: "ip-adapter_sdxl", IPAdapterScale: new(0.6),
				IPAdapterImage: modelslab.MediaURL("https://example.com/style.png"), Upscale: new(true),
				Base64: new(true), Temp: new(false), Webhook: hook, TrackID: "c4",
			},
			fullBody: `{"model_id":"m1","controlnet_model":"canny,depth","controlnet_type":"canny",` +
				`"controlnet_conditioning_scale":0.8,"control_image":"https://example.com/edges.png",` +
				`"init_image":"https://example.com/a.png","mask_image":"https://example.com/mask.png",` +
				`"prompt":"a ship","negative_prompt":"fog","enhance_prompt":"yes","auto_hint":"yes",` +
				`"guess_mode":"yes","width":768,"height":512,"samples":2,"num_inference_steps":21,` +
				`"guidance_scale":7.5,"strength":0.7,"seed":4029484891,"safety_checker":"yes",` +
				`"scheduler":"UniPCMultistepScheduler","use_karras_sigmas":"yes","algorithm_type":"dpmsolver+++",` +
				`"tomesd":"yes","vae":"v1","clip_skip":2,"lora_model":"contrast-fix,yae-miko-genshin",` +
				`"lora_strength":"0.5,0.7","ip_adapter_id":"ip-adapter_sdxl","ip_adapter_scale":0.6,` +
				`"ip_adapter_image":"https://example.com/style.png","upscale":"yes","base64":"yes","temp":"no",` +
				`"webhook":"https://example.com/hook?kind=images","track_id":"c4"}`,
			minimal:     &modelslab.ControlNetRequest{},
			minimalBody: `{` + numberTrack + `}`,
		},
		{
			name: "RealtimeTextToImage", path: "/v6/realtime/text2img",
			full: &modelslab.RealtimeTextToImageRequest{
				Prompt: "a ship", NegativePrompt: "fog", Width: new(768), Height: new(512), Samples: new(2),
				Seed: new(int64(4029484891)), SafetyChecker: new(true), InstantResponse: new(true), Base64: new(true),
				Webhook: hook, TrackID: "r5",
			},
			fullBody: `{"prompt":"a ship","negative_prompt":"fog","width":768,"height":512,"samples":2,"seed":4029484891,` +
				`"safety_checker":true,"instant_response":true,"base64":true,` +
				`"webhook":"https://example.com/hook?kind=realtime","track_id":"r5"}`,
			minimal:     &modelslab.RealtimeTextToImageRequest{Prompt: "a ship"},
			minimalBody: `{"prompt":"a ship",` + minimalTrack + `}`,
		},
		{
			name: "RealtimeImageToImage", path: "/v6/realtime/img2img",
			full: &modelslab.RealtimeImageToImageRequest{
				Prompt: "a ship", InitImage: modelslab.MediaURL("https://example.com/a.png"), NegativePrompt: "fog",
				Width: new(768), Height: new(512), Samples: new(2), Strength: new(0.7), Seed: new(int64(4029484891)),
				SafetyChecker: new(true), InstantResponse: new(true), Base64: new(true), Webhook: hook, TrackID: "r6",
			},
			fullBody: `{"prompt":"a ship","init_image":"https://example.com/a.png","negative_prompt":"fog","width":768,` +
				`"height":512,"samples":2,"strength":0.7,"seed":4029484891,"safety_checker":true,` +
				`"instant_response":true,"base64":true,"webhook":"https://example.com/hook?kind=realtime",` +
				`"track_id":"r6"}`,
			minimal: &modelslab.RealtimeImageToImageRequest{
				Prompt: "a ship", InitImage: modelslab.MediaURL("https://example.com/a.png"),
			},
			minimalBody: `{"prompt":"a ship","init_image":"https://example.com/a.png",` + minimalTrack + `}`,
		},
		{
			name: "RealtimeInpaint", path: "/v6/realtime/inpaint",
			full: &modelslab.RealtimeInpaintRequest{
				Prompt: "a ship", InitImage: modelslab.MediaURL("https://example.com/a.png"),
				MaskImage: modelslab.MediaURL("https://example.com/mask.png"), NegativePrompt: "fog", Width: new(768),
				Height: new(512), Samples: new(2), Strength: new(0.7), Seed: new(int64(4029484891)),
				SafetyChecker: new(true), InstantResponse: new(true), Base64: new(true), Webhook: hook, TrackID: "r7",
			},
			fullBody: `{"prompt":"a ship","init_image":"https://example.com/a.png",` +
				`"mask_image":"https://example.com/mask.png","negative_prompt":"fog","width":768,"height":512,` +
				`"samples":2,"strength":0.7,"seed":4029484891,"safety_checker":true,"instant_response":true,` +
				`"base64":true,"webhook":"https://example.com/hook?kind=realtime","track_id":"r7"}`,
			minimal: &modelslab.RealtimeInpaintRequest{
				Prompt: "a ship", InitImage: modelslab.MediaURL("https://example.com/a.png"),
				MaskImage: modelslab.MediaURL("https://example.com/mask.png"),
			},
			minimalBody: `{"prompt":"a ship","init_image":"https://example.com/a.png","mask_image":"https://example.com/mask.png",` + minimalTrack + `}`,
		},
	})
}

func TestModelReload(t *testing.T) {
	t.Parallel()
	var sent, answer string
	client := stubClient(t, func(r *http.Request) (*http.Response, error) {
		body, _ := io.ReadAll(r.Body)
		sent = r.Method + " " + r.URL.Path + " " + string(body)
		return jsonResponse(http.StatusOK, answer), nil
	})
	for _, tt := range []struct {
		answer string
		want   modelslab.Status
		err    error
	}{
		{`{"status":"success","message":"loaded"}`, modelslab.StatusSuccess, nil},
		{`{"status":"Processing","messege":"loading"}`, modelslab.StatusProcessing, nil},
		{`{"status":"error","message":"model not found"}`, "", modelslab.ErrNotFound},
	} {
		answer = tt.answer
		got, err := client.Image.ModelReload(context.Background(), "midjourney")
		require.ErrorIs(t, err, tt.err)
		require.Equal(t, tt.want, got)
		require.Equal(t, `POST /api/v6/images/model_reload {"key":"`+testKey+`","model_id":"midjourney"}`, sent)
	}
	_, err := client.Image.ModelReload(context.Background(), "")
	var refused *modelslab.Error
	require.ErrorAs(t, err, &refused)
	require.Equal(t, "model_id", refused.Field)
}
