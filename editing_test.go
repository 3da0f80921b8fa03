package modelslab_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
)

// pngMagic tells that a file is a PNG, and no more.
const pngMagic = "\x89PNG\r\n\x1a\n"

func TestEditingWire(t *testing.T) {
	t.Parallel()
	runGolden(t, []golden{
		{
			name: "RemoveBGMask", path: "/v6/image_editing/removebg_mask",
			full: &modelslab.RemoveBGMaskRequest{
				Image: modelslab.MediaBytes([]byte(pngMagic)), AlphaMatting: new(true),
				AlphaMattingForegroundThreshold: new(240), AlphaMattingBackgroundThreshold: new(20),
				AlphaMattingErodeSize: new(5), PostProcessMask: new(true), OnlyMask: new(false),
				InverseMask: new(true), Seed: new(int64(4029484891)), Base64: new(true), Webhook: hook, TrackID: "r1",
			},
			fullBody: `{"image":"data:image/png;base64,iVBORw0KGgo=","alpha_matting":true,"alpha_matting_foreground_threshold":240,` +
				`"alpha_matting_background_threshold":20,"alpha_matting_erode_size":5,"post_process_mask":true,` +
				`"only_mask":false,"inverse_mask":true,"seed":4029484891,"base64":true,` +
				`"webhook":"https://example.com/hook?kind=image_editing","track_id":"r1"}`,
			minimal:     &modelslab.RemoveBGMaskRequest{Image: modelslab.MediaURL("https://example.com/a.png")},
			minimalBody: `{"image":"https://example.com/a.png",` + numberTrack + `}`,
		},
		{
			name: "SuperResolution", path: "/v6/image_editing/super_resolution",
			full: &modelslab.SuperResolutionRequest{
				InitImage: modelslab.MediaURL("https://example.com/a.png"), ModelID: "m1", Scale: new(3),
				FaceEnhance: new(true), Webhook: hook, TrackID: "s2",
			},
			fullBody: `{"init_image":"https://example.com/a.png","model_id":"m1","scale":3,"face_enhance":true,` +
				`"webhook":"https://example.com/hook?kind=image_editing","track_id":"s2"}`,
			minimal:     &modelslab.SuperResolutionRequest{InitImage: modelslab.MediaURL("https://example.com/a.png")},
			minimalBody: `{"init_image":"https://example.com/a.png",` + numberTrack + `}`,
		},
		{
			name: "Caption", path: "/v6/image_editing/caption",
			full: &modelslab.CaptionRequest{
				InitImage: modelslab.MediaURL("https://example.com/a.png"), Prompt: "a ship", Length: "long",
				Base64: new(true), Webhook: hook, TrackID: "c3",
			},
			fullBody: `{"init_image":"https://example.com/a.png","prompt":"a ship","length":"long","base64":true,` +
				`"webhook":"https://example.com/hook?kind=image_editing","track_id":"c3"}`,
			minimal:     &modelslab.CaptionRequest{InitImage: modelslab.MediaURL("https://example.com/a.png")},
			minimalBody: `{"init_image":"https://example.com/a.png",` + numberTrack + `}`,
		},
		{
			name: "QwenEdit", path: "/v6/image_editing/qwen_edit",
			full: &modelslab.QwenEditRequest{
				Prompt:    "a ship",
				InitImage: []modelslab.Media{modelslab.MediaURL("https://example.com/a.png"), modelslab.MediaURL("https://example.com/b.png")},
				ModelID:   "m1", SafetyChecker: new(true), Base64: new(true), Webhook: hook, TrackID: "q4",
			},
			fullBody: `{"prompt":"a ship","init_image":["https://example.com/a.png","https://example.com/b.png"],` +
				`"model_id":"m1","safety_checker":true,"base64":true,` +
				`"webhook":"https://example.com/hook?kind=image_editing","track_id":"q4"}`,
			minimal: &modelslab.QwenEditRequest{
				Prompt: "a ship", InitImage: []modelslab.Media{modelslab.MediaURL("https://example.com/a.png")},
			},
			minimalBody: `{"prompt":"a ship","init_image":["https://example.com/a.png"],` + numberTrack + `}`,
		},
		{
			name: "ImageMixer", path: "/v6/image_editing/img_mixer",
			full: &modelslab.ImageMixerRequest{
				Prompt:         "a ship",
				InitImage:      []modelslab.Media{modelslab.MediaURL("https://example.com/a.png"), modelslab.MediaURL("https://example.com/b.png")},
				NegativePrompt: "fog", Width: new(768), Height: new(512), Samples: new(2), Steps: new(31),
				GuidanceScale: new(7.5), Seed: new(int64(4029484891)), Webhook: hook, TrackID: "i5",
			},
			fullBody: `{"prompt":"a ship","init_image":["https://example.com/a.png","https://example.com/b.png"],` +
				`"negative_prompt":"fog","width":768,"height":512,"samples":2,"steps":31,"guidance_scale":7.5,` +
				`"seed":4029484891,"webhook":"https://example.com/hook?kind=image_editing","track_id":"i5"}`,
			minimal: &modelslab.ImageMixerRequest{
				Prompt: "a ship", InitImage: []modelslab.Media{modelslab.MediaURL("https://example.com/a.png")},
			},
			minimalBody: `{"prompt":"a ship","init_image":["https://example.com/a.png"],` + numberTrack + `}`,
		},
		{
			name: "EditingInpaint", path: "/v6/image_editing/inpaint",
			full: &modelslab.EditingInpaintRequest{
				Prompt: "a ship", InitImage: modelslab.MediaURL("https://example.com/a.png"),
				MaskImage: modelslab.MediaURL("https://example.com/mask.png"), NegativePrompt: "fog", Width: new(768),
				Height: new(512), Samples: new(2), NumInferenceSteps: new(21), GuidanceScale: new(7.5),
				Strength: new(0.7), Seed: new(int64(4029484891)), SafetyChecker: new(true),
				InstantResponse: new(true), Base64: new(true), Webhook: hook, TrackID: "e6",
			},
			fullBody: `{"prompt":"a ship","init_image":"https://example.com/a.png",` +
				`"mask_image":"https://example.com/mask.png","negative_prompt":"fog","width":768,"height":512,` +
				`"samples":2,"num_inference_steps":21,"guidance_scale":7.5,"strength":0.7,"seed":4029484891,` +
				`"safety_checker":"yes","instant_response":"true","base64":"true",` +
				`"webhook":"https://example.com/hook?kind=image_editing","track_id":"e6"}`,
			minimal: &modelslab.EditingInpaintRequest{
				Prompt: "a ship", InitImage: modelslab.MediaURL("https://example.com/a.png"),
				MaskImage: modelslab.MediaURL("https://example.com/mask.png"),
			},
			minimalBody: `{"prompt":"a ship","init_image":"https://example.com/a.png","mask_image":"https://example.com/mask.png",` + numberTrack + `}`,
		},
		{
			name: "MaskCreator", path: "/v6/image_editing/mask_creator",
			full: &modelslab.MaskCreatorRequest{
				SpecificObject: "the ball", InitImage: modelslab.MediaURL("https://example.com/a.png"),
				Base64: new(true), Webhook: hook, TrackID: "m7",
			},
			fullBody: `{"specific_object":"the ball","init_image":"https://example.com/a.png","base64":true,` +
				`"webhook":"https://example.com/hook?kind=image_editing","track_id":"m7"}`,
			minimal:     &modelslab.MaskCreatorRequest{SpecificObject: "the ball"},
			minimalBody: `{"specific_object":"the ball",` + numberTrack + `}`,
		},
		{
			name: "ObjectRemoval", path: "/v6/image_editing/object_removal",
			full: &modelslab.ObjectRemovalRequest{
				InitImage: modelslab.MediaURL("https://example.com/a.png"),
				MaskImage: modelslab.MediaURL("https://example.com/mask.png"), Webhook: hook, TrackID: "o8",
			},
			fullBody: `{"init_image":"https://example.com/a.png","mask_image":"https://example.com/mask.png",` +
				`"webhook":"https://example.com/hook?kind=image_editing","track_id":"o8"}`,
			minimal: &modelslab.ObjectRemovalRequest{
				InitImage: modelslab.MediaURL("https://example.com/a.png"),
				MaskImage: modelslab.MediaURL("https://example.com/mask.png"),
			},
			minimalBody: `{"init_image":"https://example.com/a.png","mask_image":"https://example.com/mask.png",` + numberTrack + `}`,
		},
		{
			name: "Outpaint", path: "/v6/image_editing/outpaint",
			full: &modelslab.OutpaintRequest{
				Image: modelslab.MediaBytes([]byte("abcd")), Prompt: "a ship", NegativePrompt: "fog", Width: new(768),
				Height: new(512), OverlapWidth: new(10), NumInferenceSteps: new(21), GuidanceScale: new(7.5),
				Seed: new(int64(4029484891)), Base64: new(true), Temp: new(false), Webhook: hook, TrackID: "o9",
			},
			fullBody: `{"image":"YWJjZA==","prompt":"a ship","negative_prompt":"fog","width":768,"height":512,` +
				`"overlap_width":10,"num_inference_steps":21,"guidance_scale":7.5,"seed":4029484891,"base64":true,` +
				`"temp":false,"webhook":"https://example.com/hook?kind=image_editing","track_id":"o9"}`,
			minimal:     &modelslab.OutpaintRequest{Image: modelslab.MediaURL("https://example.com/a.png")},
			minimalBody: `{"image":"https://example.com/a.png",` + numberTrack + `}`,
		},
		{
			name: "FaceGen", path: "/v6/image_editing/face_gen",
			full: &modelslab.FaceGenRequest{
				Prompt: "a ship", FaceImage: modelslab.MediaBytes([]byte(pngMagic)), Style: "anime", Width: new(768),
				Height: new(512), Samples: new(2), NumInferenceSteps: new(21), GuidanceScale: new(7.5),
				SScale: new(1.2), SafetyChecker: new(true), SafetyCheckerType: "blur", Base64: new(true),
				Webhook: hook, TrackID: "f10",
			},
			fullBody: `{"prompt":"a ship","face_image":"data:image/png;base64,iVBORw0KGgo=","style":"anime","width":768,"height":512,"samples":2,` +
				`"num_inference_steps":21,"guidance_scale":7.5,"s_scale":1.2,"safety_checker":true,` +
				`"safety_checker_type":"blur","base64":true,"webhook":"https://example.com/hook?kind=image_editing",` +
				`"track_id":"f10"}`,
			minimal: &modelslab.FaceGenRequest{
				Prompt: "a ship", FaceImage: modelslab.MediaURL("https://example.com/face.png"),
			},
			minimalBody: `{"prompt":"a ship","face_image":"https://example.com/face.png",` + numberTrack + `}`,
		},
		{
			name: "HeadShot", path: "/v6/image_editing/head_shot",
			full: &modelslab.HeadShotRequest{
				Prompt: "a ship", FaceImage: modelslab.MediaBytes([]byte(pngMagic)), Width: new(768), Height: new(512),
				Samples: new(2), NumInferenceSteps: new(21), GuidanceScale: new(7.5), SScale: new(1.2),
				SafetyChecker: new(true), SafetyCheckerType: "blur", Base64: new(true), Webhook: hook, TrackID: "h11",
			},
			fullBody: `{"prompt":"a ship","face_image":"data:image/png;base64,iVBORw0KGgo=","width":768,"height":512,"samples":2,` +
				`"num_inference_steps":21,"guidance_scale":7.5,"s_scale":1.2,"safety_checker":true,` +
				`"safety_checker_type":"blur","base64":true,"webhook":"https://example.com/hook?kind=image_editing",` +
				`"track_id":"h11"}`,
			minimal: &modelslab.HeadShotRequest{
				Prompt: "a ship", FaceImage: modelslab.MediaURL("https://example.com/face.png"),
			},
			minimalBody: `{"prompt":"a ship","face_image":"https://example.com/face.png",` + numberTrack + `}`,
		},
		{
			name: "FluxHeadshot", path: "/v6/image_editing/flux_headshot",
			full: &modelslab.FluxHeadshotRequest{
				Prompt: "a ship", FaceImage: modelslab.MediaBytes([]byte(pngMagic)), Seed: new(int64(4029484891)), Width: new(768),
				Height: new(512), NumInferenceSteps: new(21), GuidanceScale: new(7.5), Webhook: hook, TrackID: "f12",
			},
			fullBody: `{"prompt":"a ship","face_image":"data:image/png;base64,iVBORw0KGgo=","seed":4029484891,"width":768,"height":512,` +
				`"num_inference_steps":21,"guidance_scale":7.5,` +
				`"webhook":"https://example.com/hook?kind=image_editing","track_id":"f12"}`,
			minimal: &modelslab.FluxHeadshotRequest{
				Prompt: "a ship", FaceImage: modelslab.MediaURL("https://example.com/face.png"),
			},
			minimalBody: `{"prompt":"a ship","face_image":"https://example.com/face.png",` + numberTrack + `,"seed":` + randomSeed + `}`,
		},
		{
			name: "Fashion", path: "/v6/image_editing/fashion",
			full: &modelslab.FashionRequest{
				InitImage:  modelslab.MediaURL("https://example.com/a.png"),
				ClothImage: modelslab.MediaURL("https://example.com/shirt.png"), ClothType: "upper_body",
				Prompt: "a ship", NegativePrompt: "fog", NumInferenceSteps: new(21), GuidanceScale: new(7.5),
				Temp: new(false), Webhook: hook, TrackID: "f13",
			},
			fullBody: `{"init_image":"https://example.com/a.png","cloth_image":"https://example.com/shirt.png",` +
				`"cloth_type":"upper_body","prompt":"a ship","negative_prompt":"fog","num_inference_steps":21,` +
				`"guidance_scale":7.5,"temp":"no","webhook":"https://example.com/hook?kind=image_editing",` +
				`"track_id":"f13"}`,
			minimal: &modelslab.FashionRequest{
				InitImage:  modelslab.MediaURL("https://example.com/a.png"),
				ClothImage: modelslab.MediaURL("https://example.com/shirt.png"), ClothType: "upper_body",
			},
			minimalBody: `{"init_image":"https://example.com/a.png","cloth_image":"https://example.com/shirt.png","cloth_type":"upper_body",` + numberTrack + `}`,
		},
	})
}

// TestLocalFiles sends files that are not on the web, the way each operation
// takes them.
func TestLocalFiles(t *testing.T) {
	t.Parallel()
	const uploaded = "https://example.com/uploaded.png"
	file, url := modelslab.MediaBytes([]byte(pngMagic)), modelslab.MediaURL("https://example.com/a.png")
	stream := modelslab.MediaReader(io.MultiReader(strings.NewReader(pngMagic)), int64(len(pngMagic)))
	for _, tt := range []struct {
		name string
		req  modelslab.Request
		path []string
		body string // of the last call, without key and track id
	}{
		{
			"as a data URI", &modelslab.RemoveBGMaskRequest{Image: file},
			[]string{"/api/v6/image_editing/removebg_mask"},
			`"image":"data:image/png;base64,iVBORw0KGgo="`,
		},
		{
			"as a data URI from a reader", &modelslab.RemoveBGMaskRequest{Image: stream, Base64: new(false)},
			[]string{"/api/v6/image_editing/removebg_mask"},
			`"image":"data:image/png;base64,iVBORw0KGgo=","base64":false`,
		},
		{
			"as base64 with the flag", &modelslab.OutpaintRequest{Image: file},
			[]string{"/api/v6/image_editing/outpaint"},
			`"image":"iVBORw0KGgo=","base64":true`,
		},
		{
			"all as base64 with the flag", &modelslab.MultipleFaceSwapRequest{InitImage: file, TargetImage: file},
			[]string{"/api/v6/faceswap/multiple_face_swap"},
			`"init_image":"iVBORw0KGgo=","target_image":"iVBORw0KGgo=","base64":true`,
		},
		{
			"uploaded beside a URL", &modelslab.MultipleFaceSwapRequest{InitImage: file, TargetImage: url},
			[]string{"/api/v6/base64_to_url", "/api/v6/faceswap/multiple_face_swap"},
			`"init_image":"` + uploaded + `","target_image":"https://example.com/a.png"`,
		},
		{
			"uploaded, in order", &modelslab.QwenEditRequest{Prompt: "p", InitImage: []modelslab.Media{url, file}},
			[]string{"/api/v6/base64_to_url", "/api/v6/image_editing/qwen_edit"},
			`"prompt":"p","init_image":["https://example.com/a.png","` + uploaded + `"]`,
		},
		{
			"uploaded, for the flag would change the result", &modelslab.ControlNetRequest{ControlImage: file},
			[]string{"/api/v6/base64_to_url", "/api/v5/controlnet"},
			`"control_image":"` + uploaded + `"`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var paths []string
			var body string
			client := stubClient(t, func(r *http.Request) (*http.Response, error) {
				text, _ := io.ReadAll(r.Body)
				paths, body = append(paths, r.URL.Path), string(text)
				return jsonResponse(http.StatusOK, `{"status":"success","id":1,"output":["`+uploaded+`"]}`), nil
			})
			_, err := client.Submit(context.Background(), tt.req)
			require.NoError(t, err)
			require.Equal(t, tt.path, paths)
			require.Equal(t, `{"key":"`+testKey+`",`+tt.body+`,`+numberTrack+`}`, withoutUUID(t, body))
		})
	}
}
