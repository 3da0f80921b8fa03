package modelslab_test

import (
	"testing"

	"github.com/modelslab-go/modelslab"
)

func TestFaceSwapWire(t *testing.T) {
	t.Parallel()
	runGolden(t, []golden{
		{
			name: "SingleFaceSwap", path: "/v6/faceswap/single_face_swap",
			full: &modelslab.SingleFaceSwapRequest{
				InitImage: modelslab.MediaBytes([]byte("abcd")), TargetImage: modelslab.MediaBytes([]byte("abcd")),
				ReferenceImage: modelslab.MediaBytes([]byte("abcd")), Watermark: new(false), Base64: new(true),
				Webhook: hook, TrackID: "s1",
			},
			fullBody: `{"init_image":"YWJjZA==","target_image":"YWJjZA==","reference_image":"YWJjZA==","watermark":false,` +
				`"base64":true,"webhook":"https://example.com/hook?kind=faceswap","track_id":"s1"}`,
			minimal: &modelslab.SingleFaceSwapRequest{
				InitImage:      modelslab.MediaURL("https://example.com/a.png"),
				TargetImage:    modelslab.MediaURL("https://example.com/target.png"),
				ReferenceImage: modelslab.MediaURL("https://example.com/face.png"),
			},
			minimalBody: `{"init_image":"https://example.com/a.png","target_image":"https://example.com/target.png","reference_image":"https://example.com/face.png",` + numberTrack + `}`,
		},
		{
			name: "MultipleFaceSwap", path: "/v6/faceswap/multiple_face_swap",
			full: &modelslab.MultipleFaceSwapRequest{
				InitImage: modelslab.MediaBytes([]byte("abcd")), TargetImage: modelslab.MediaBytes([]byte("abcd")),
				Watermark: new(false), Base64: new(true), Webhook: hook, TrackID: "m2",
			},
			fullBody: `{"init_image":"YWJjZA==","target_image":"YWJjZA==","watermark":false,"base64":true,` +
				`"webhook":"https://example.com/hook?kind=faceswap","track_id":"m2"}`,
			minimal: &modelslab.MultipleFaceSwapRequest{
				InitImage:   modelslab.MediaURL("https://example.com/a.png"),
				TargetImage: modelslab.MediaURL("https://example.com/target.png"),
			},
			minimalBody: `{"init_image":"https://example.com/a.png","target_image":"https://example.com/target.png",` + numberTrack + `}`,
		},
		{
			name: "SingleVideoSwap", path: "/v6/faceswap/single_video_swap",
			full: &modelslab.SingleVideoSwapRequest{
				InitImage: modelslab.MediaURL("https://example.com/a.png"),
				InitVideo: modelslab.MediaURL("https://example.com/a.mp4"), OutputFormat: "glb",
				Watermark: new(false), Webhook: hook, TrackID: "s3",
			},
			fullBody: `{"init_image":"https://example.com/a.png","init_video":"https://example.com/a.mp4",` +
				`"output_format":"glb","watermark":false,"webhook":"https://example.com/hook?kind=faceswap",` +
				`"track_id":"s3"}`,
			minimal: &modelslab.SingleVideoSwapRequest{
				InitImage: modelslab.MediaURL("https://example.com/a.png"),
				InitVideo: modelslab.MediaURL("https://example.com/a.mp4"),
			},
			minimalBody: `{"init_image":"https://example.com/a.png","init_video":"https://example.com/a.mp4",` + numberTrack + `}`,
		},
		{
			name: "SpecificVideoSwap", path: "/v6/faceswap/specific_video_swap",
			full: &modelslab.SpecificVideoSwapRequest{
				InitImage:      modelslab.MediaURL("https://example.com/a.png"),
				InitVideo:      modelslab.MediaURL("https://example.com/a.mp4"),
				ReferenceImage: modelslab.MediaURL("https://example.com/face.png"), OutputFormat: "glb",
				Watermark: new(false), Webhook: hook, TrackID: "s4",
			},
			fullBody: `{"init_image":"https://example.com/a.png","init_video":"https://example.com/a.mp4",` +
				`"reference_image":"https://example.com/face.png","output_format":"glb","watermark":false,` +
				`"webhook":"https://example.com/hook?kind=faceswap","track_id":"s4"}`,
			minimal: &modelslab.SpecificVideoSwapRequest{
				InitImage:      modelslab.MediaURL("https://example.com/a.png"),
				InitVideo:      modelslab.MediaURL("https://example.com/a.mp4"),
				ReferenceImage: modelslab.MediaURL("https://example.com/face.png"),
			},
			minimalBody: `{"init_image":"https://example.com/a.png","init_video":"https://example.com/a.mp4","reference_image":"https://example.com/face.png",` + numberTrack + `}`,
		},
	})
}
