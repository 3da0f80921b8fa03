package modelslab_test

import (
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
)

func TestV7Wire(t *testing.T) {
	t.Parallel()
	runGolden(t, []golden{
		{
			name: "V7TextToImage", path: "/v7/images/text-to-image",
			full: &modelslab.V7TextToImageRequest{
				ModelID: "m", Prompt: "a ship", NegativePrompt: "fog", Width: new(1024), Height: new(512), AspectRatio: "16:9",
				Samples: new(2), NumInferenceSteps: new(30), GuidanceScale: new(7.5), Seed: new(int64(4029484891)),
				Scheduler: "Euler a", LoraModel: "l1,l2", Webhook: hook, TrackID: "v7-1",
			},
			fullBody: `{"model_id":"m","prompt":"a ship","negative_prompt":"fog","width":1024,"height":512,` +
				`"aspect_ratio":"16:9","samples":2,"num_inference_steps":30,"guidance_scale":7.5,"seed":4029484891,` +
				`"scheduler":"Euler a","lora_model":"l1,l2","webhook":"https://example.com/hook?kind=v7%2Fimages","track_id":"v7-1"}`,
			minimal:     &modelslab.V7TextToImageRequest{ModelID: "m", Prompt: "a ship"},
			minimalBody: `{"model_id":"m","prompt":"a ship",` + minimalTrack + `}`,
		},
		{
			name: "V7ImageToImage", path: "/v7/images/image-to-image",
			full: &modelslab.V7ImageToImageRequest{
				ModelID:   "m",
				InitImage: []modelslab.Media{modelslab.MediaURL("https://example.com/a.png"), modelslab.MediaURL("https://example.com/b.png")},
				Prompt:    "a ship", NegativePrompt: "fog", Width: new(1024), Height: new(512), AspectRatio: "16:9",
				Strength: new(0.5), Samples: new(2), InitImage2: modelslab.MediaURL("https://example.com/c.png"),
				NumInferenceSteps: new(30), GuidanceScale: new(7.5), SafetyChecker: new(false), Seed: new(int64(4029484891)),
				Webhook: hook, TrackID: "v7-2",
			},
			fullBody: `{"model_id":"m","init_image":["https://example.com/a.png","https://example.com/b.png"],"prompt":"a ship",` +
				`"negative_prompt":"fog","width":1024,"height":512,"aspect_ratio":"16:9","strength":0.5,"samples":2,` +
				`"init_image_2":"https://example.com/c.png","num_inference_steps":30,"guidance_scale":7.5,"safety_checker":false,` +
				`"seed":4029484891,"webhook":"https://example.com/hook?kind=v7%2Fimages","track_id":"v7-2"}`,
			minimal: &modelslab.V7ImageToImageRequest{
				ModelID:   "m",
				InitImage: []modelslab.Media{modelslab.MediaURL("https://example.com/a.png"), modelslab.MediaURL("https://example.com/b.png")},
				Prompt:    "a ship",
			},
			minimalBody: `{"model_id":"m","init_image":["https://example.com/a.png","https://example.com/b.png"],"prompt":"a ship",` + minimalTrack + `}`,
		},
		{
			name: "V7Inpaint", path: "/v7/images/inpaint",
			full: &modelslab.V7InpaintRequest{
				ModelID: "m", InitImage: modelslab.MediaURL("https://example.com/a.png"),
				MaskImage: modelslab.MediaURL("https://example.com/m.png"), Prompt: "a ship", NegativePrompt: "fog",
				Strength: new(0.5), Webhook: hook, TrackID: "v7-3",
			},
			fullBody: `{"model_id":"m","init_image":"https://example.com/a.png","mask_image":"https://example.com/m.png",` +
				`"prompt":"a ship","negative_prompt":"fog","strength":0.5,` +
				`"webhook":"https://example.com/hook?kind=v7%2Fimages","track_id":"v7-3"}`,
			minimal: &modelslab.V7InpaintRequest{
				ModelID: "m", InitImage: modelslab.MediaURL("https://example.com/a.png"),
				MaskImage: modelslab.MediaURL("https://example.com/m.png"), Prompt: "a ship",
			},
			minimalBody: `{"model_id":"m","init_image":"https://example.com/a.png","mask_image":"https://example.com/m.png","prompt":"a ship",` + minimalTrack + `}`,
		},
		{
			name: "V7TextToVideo", path: "/v7/video-fusion/text-to-video",
			full: &modelslab.V7TextToVideoRequest{
				ModelID: "m", Prompt: "a ship", NegativePrompt: "fog", Width: new(1024), Height: new(512), AspectRatio: "16:9",
				Duration: new(4), FPS: new(24), Resolution: "720p", Portrait: new(false), CameraFixed: new(true),
				EnhancePrompt: new(false), GenerateAudio: new(true), InitAudio: modelslab.MediaURL("https://example.com/a.wav"),
				InitImage: []modelslab.Media{modelslab.MediaURL("https://example.com/a.png")}, Webhook: hook, TrackID: "v7-4",
			},
			fullBody: `{"model_id":"m","prompt":"a ship","negative_prompt":"fog","width":1024,"height":512,` +
				`"aspect_ratio":"16:9","duration":"4","fps":24,"resolution":"720p","portrait":false,"camera_fixed":true,` +
				`"enhance_prompt":false,"generate_audio":true,"init_audio":"https://example.com/a.wav","init_image":"https://example.com/a.png",` +
				`"webhook":"https://example.com/hook?kind=v7%2Fvideo-fusion","track_id":"v7-4"}`,
			minimal:     &modelslab.V7TextToVideoRequest{ModelID: "m", Prompt: "a ship"},
			minimalBody: `{"model_id":"m","prompt":"a ship",` + minimalTrack + `}`,
		},
		{
			name: "V7ImageToVideo", path: "/v7/video-fusion/image-to-video",
			full: &modelslab.V7ImageToVideoRequest{
				ModelID: "m", InitImage: []modelslab.Media{modelslab.MediaURL("https://example.com/a.png")}, Prompt: "a ship",
				NegativePrompt: "fog", Width: new(1024), Height: new(512), AspectRatio: "16:9", Duration: new(4), FPS: new(24),
				Resolution: "720p", Portrait: new(false), CameraFixed: new(true), EnhancePrompt: new(false),
				GenerateAudio: new(true), InitAudio: modelslab.MediaURL("https://example.com/a.wav"), Webhook: hook,
				TrackID: "v7-5",
			},
			fullBody: `{"model_id":"m","init_image":["https://example.com/a.png"],"prompt":"a ship","negative_prompt":"fog",` +
				`"width":1024,"height":512,"aspect_ratio":"16:9","duration":"4","fps":24,"resolution":"720p",` +
				`"portrait":false,"camera_fixed":true,"enhance_prompt":false,"generate_audio":true,` +
				`"init_audio":"https://example.com/a.wav","webhook":"https://example.com/hook?kind=v7%2Fvideo-fusion",` +
				`"track_id":"v7-5"}`,
			minimal: &modelslab.V7ImageToVideoRequest{
				ModelID: "m", InitImage: []modelslab.Media{modelslab.MediaURL("https://example.com/a.png")},
			},
			minimalBody: `{"model_id":"m","init_image":["https://example.com/a.png"],` + minimalTrack + `}`,
		},
		{
			name: "V7VideoToVideo", path: "/v7/video-fusion/video-to-video",
			full: &modelslab.V7VideoToVideoRequest{
				ModelID:   "m",
				InitVideo: []modelslab.Media{modelslab.MediaURL("https://example.com/a.mp4"), modelslab.MediaURL("https://example.com/b.mp4")},
				Prompt:    "a ship", InitImage: []modelslab.Media{modelslab.MediaURL("https://example.com/a.png")},
				NegativePrompt: "fog", AspectRatio: "16:9", Duration: new(4), Seed: new(int64(4029484891)),
				PublicFigureThreshold: "auto", Webhook: hook, TrackID: "v7-6",
			},
			fullBody: `{"model_id":"m","init_video":["https://example.com/a.mp4","https://example.com/b.mp4"],"prompt":"a ship",` +
				`"init_image":"https://example.com/a.png","negative_prompt":"fog","aspect_ratio":"16:9","duration":4,` +
				`"seed":4029484891,"public_figure_threshold":"auto",` +
				`"webhook":"https://example.com/hook?kind=v7%2Fvideo-fusion","track_id":"v7-6"}`,
			minimal: &modelslab.V7VideoToVideoRequest{
				ModelID: "m", InitVideo: []modelslab.Media{modelslab.MediaURL("https://example.com/a.mp4")},
			},
			minimalBody: `{"model_id":"m","init_video":["https://example.com/a.mp4"],` + minimalTrack + `}`,
		},
		{
			name: "V7LipSync", path: "/v7/video-fusion/lip-sync",
			full: &modelslab.V7LipSyncRequest{
				ModelID: "m", InitVideo: modelslab.MediaURL("https://example.com/a.mp4"),
				InitAudio: modelslab.MediaURL("https://example.com/a.wav"), Webhook: hook, TrackID: "v7-7",
			},
			fullBody: `{"model_id":"m","init_video":"https://example.com/a.mp4","init_audio":"https://example.com/a.wav",` +
				`"webhook":"https://example.com/hook?kind=v7%2Fvideo-fusion","track_id":"v7-7"}`,
			minimal: &modelslab.V7LipSyncRequest{
				ModelID: "m", InitVideo: modelslab.MediaURL("https://example.com/a.mp4"),
				InitAudio: modelslab.MediaURL("https://example.com/a.wav"),
			},
			minimalBody: `{"model_id":"m","init_video":"https://example.com/a.mp4","init_audio":"https://example.com/a.wav",` + minimalTrack + `}`,
		},
		{
			name: "V7MotionControl", path: "/v7/video-fusion/motion-control",
			full: &modelslab.V7MotionControlRequest{
				ModelID: "m", InitImage: modelslab.MediaURL("https://example.com/a.png"),
				InitVideo: modelslab.MediaURL("https://example.com/a.mp4"), CharacterOrientation: "image", Prompt: "a ship",
				Mode: "pro", KeepOriginalSound: new(false), Webhook: hook, TrackID: "v7-8",
			},
			fullBody: `{"model_id":"m","init_image":"https://example.com/a.png","init_video":"https://example.com/a.mp4",` +
				`"character_orientation":"image","prompt":"a ship","mode":"pro","keep_original_sound":"no",` +
				`"webhook":"https://example.com/hook?kind=v7%2Fvideo-fusion","track_id":"v7-8"}`,
			minimal: &modelslab.V7MotionControlRequest{
				ModelID: "m", InitImage: modelslab.MediaURL("https://example.com/a.png"),
				InitVideo: modelslab.MediaURL("https://example.com/a.mp4"), CharacterOrientation: "image",
			},
			minimalBody: `{"model_id":"m","init_image":"https://example.com/a.png","init_video":"https://example.com/a.mp4","character_orientation":"image",` + minimalTrack + `}`,
		},
		{
			name: "V7TextToSpeech", path: "/v7/voice/text-to-speech",
			full: &modelslab.V7TextToSpeechRequest{
				ModelID: "m", Prompt: "a ship", VoiceID: "v", Temperature: new(0.5), Webhook: hook, TrackID: "v7-9",
			},
			fullBody: `{"model_id":"m","prompt":"a ship","voice_id":"v","temperature":0.5,` +
				`"webhook":"https://example.com/hook?kind=v7%2Fvoice","track_id":"v7-9"}`,
			minimal:     &modelslab.V7TextToSpeechRequest{ModelID: "m", Prompt: "a ship", VoiceID: "v"},
			minimalBody: `{"model_id":"m","prompt":"a ship","voice_id":"v",` + minimalTrack + `}`,
		},
		{
			name: "V7SpeechToText", path: "/v7/voice/speech-to-text",
			full: &modelslab.V7SpeechToTextRequest{
				ModelID: "m", InitAudio: modelslab.MediaURL("https://example.com/a.wav"), Webhook: hook, TrackID: "v7-10",
			},
			fullBody: `{"model_id":"m","init_audio":"https://example.com/a.wav",` +
				`"webhook":"https://example.com/hook?kind=v7%2Fvoice","track_id":"v7-10"}`,
			minimal: &modelslab.V7SpeechToTextRequest{
				ModelID: "m", InitAudio: modelslab.MediaURL("https://example.com/a.wav"),
			},
			minimalBody: `{"model_id":"m","init_audio":"https://example.com/a.wav",` + minimalTrack + `}`,
		},
		{
			name: "V7SpeechToSpeech", path: "/v7/voice/speech-to-speech",
			full: &modelslab.V7SpeechToSpeechRequest{
				ModelID: "m", InitAudio: modelslab.MediaURL("https://example.com/a.wav"), VoiceID: "v", Webhook: hook,
				TrackID: "v7-11",
			},
			fullBody: `{"model_id":"m","init_audio":"https://example.com/a.wav","voice_id":"v",` +
				`"webhook":"https://example.com/hook?kind=v7%2Fvoice","track_id":"v7-11"}`,
			minimal: &modelslab.V7SpeechToSpeechRequest{
				ModelID: "m", InitAudio: modelslab.MediaURL("https://example.com/a.wav"), VoiceID: "v",
			},
			minimalBody: `{"model_id":"m","init_audio":"https://example.com/a.wav","voice_id":"v",` + minimalTrack + `}`,
		},
		{
			name: "V7SoundGeneration", path: "/v7/voice/sound-generation",
			full: &modelslab.V7SoundGenerationRequest{
				ModelID: "m", Prompt: "a ship", TimeInSeconds: new(22), PromptInfluence: new(0.3), Webhook: hook, TrackID: "v7-12",
			},
			fullBody: `{"model_id":"m","prompt":"a ship","time_in_seconds":22,"prompt_influence":0.3,` +
				`"webhook":"https://example.com/hook?kind=v7%2Fvoice","track_id":"v7-12"}`,
			minimal:     &modelslab.V7SoundGenerationRequest{ModelID: "m", Prompt: "a ship"},
			minimalBody: `{"model_id":"m","prompt":"a ship",` + minimalTrack + `}`,
		},
		{
			name: "V7MusicGen", path: "/v7/voice/music-gen",
			full: &modelslab.V7MusicGenRequest{
				ModelID: "m", Prompt: "a ship", Duration: new(60), Webhook: hook, TrackID: "v7-13",
			},
			fullBody:    `{"model_id":"m","prompt":"a ship","duration":60,"webhook":"https://example.com/hook?kind=v7%2Fvoice","track_id":"v7-13"}`,
			minimal:     &modelslab.V7MusicGenRequest{ModelID: "m", Prompt: "a ship"},
			minimalBody: `{"model_id":"m","prompt":"a ship",` + minimalTrack + `}`,
		},
		{
			name: "V7SongExtender", path: "/v7/voice/song-extender",
			full: &modelslab.V7SongExtenderRequest{
				ModelID: "m", InitAudio: modelslab.MediaURL("https://example.com/a.wav"), Prompt: "a ship",
				ExtendDuration: new(30.5), Side: "right", Webhook: hook, TrackID: "v7-14",
			},
			fullBody: `{"model_id":"m","init_audio":"https://example.com/a.wav","prompt":"a ship","extend_duration":30.5,"side":"right",` +
				`"webhook":"https://example.com/hook?kind=v7%2Fvoice","track_id":"v7-14"}`,
			minimal: &modelslab.V7SongExtenderRequest{
				ModelID: "m", InitAudio: modelslab.MediaURL("https://example.com/a.wav"),
			},
			minimalBody: `{"model_id":"m","init_audio":"https://example.com/a.wav",` + minimalTrack + `}`,
		},
		{
			name: "V7SongInpaint", path: "/v7/voice/song-inpaint",
			full: &modelslab.V7SongInpaintRequest{
				ModelID: "m", InitAudio: modelslab.MediaURL("https://example.com/a.wav"), Prompt: "a ship", Lyrics: "do re mi",
				Sections: [][2]float64{{1.5, 10}, {20, 30}}, Webhook: hook, TrackID: "v7-15",
			},
			fullBody: `{"model_id":"m","init_audio":"https://example.com/a.wav","prompt":"a ship","lyrics":"do re mi","sections":[[1.5,10],[20,30]],` +
				`"webhook":"https://example.com/hook?kind=v7%2Fvoice","track_id":"v7-15"}`,
			minimal: &modelslab.V7SongInpaintRequest{
				ModelID: "m", InitAudio: modelslab.MediaURL("https://example.com/a.wav"), Lyrics: "do re mi",
			},
			minimalBody: `{"model_id":"m","init_audio":"https://example.com/a.wav","lyrics":"do re mi",` + minimalTrack + `}`,
		},
		{
			name: "V7CreateDubbing", path: "/v7/voice/create-dubbing",
			full: &modelslab.V7CreateDubbingRequest{
				ModelID: "m", TargetLanguage: "fr", InitAudio: modelslab.MediaURL("https://example.com/a.wav"),
				InitVideo: modelslab.MediaURL("https://example.com/a.mp4"), Webhook: hook, TrackID: "v7-16",
			},
			fullBody: `{"model_id":"m","target_language":"fr","init_audio":"https://example.com/a.wav","init_video":"https://example.com/a.mp4",` +
				`"webhook":"https://example.com/hook?kind=v7%2Fvoice","track_id":"v7-16"}`,
			minimal: &modelslab.V7CreateDubbingRequest{
				ModelID: "m", TargetLanguage: "fr", InitVideo: modelslab.MediaURL("https://example.com/a.mp4"),
			},
			minimalBody: `{"model_id":"m","target_language":"fr","init_video":"https://example.com/a.mp4",` + minimalTrack + `}`,
		},
	})
}

// A list of one is sent as its element where that is what most models take, and
// as a list of one to the endpoints that want a list. Several are a list.
func TestV7Lists(t *testing.T) {
	t.Parallel()
	a, b := modelslab.MediaURL("https://example.com/a.png"), modelslab.MediaURL("https://example.com/b.png")
	local := modelslab.MediaBytes([]byte("abcd"))
	for _, tt := range []struct {
		files []modelslab.Media
		one   string // what image-to-image gets
		list  string // what image-to-video and video-to-video get
	}{
		{[]modelslab.Media{a}, `"https://example.com/a.png"`, `["https://example.com/a.png"]`},
		{[]modelslab.Media{a, b}, `["https://example.com/a.png","https://example.com/b.png"]`, `["https://example.com/a.png","https://example.com/b.png"]`},
		{[]modelslab.Media{local}, `"https://example.com/up.png"`, `["https://example.com/up.png"]`},
		{[]modelslab.Media{a, local}, `["https://example.com/a.png","https://example.com/up.png"]`, `["https://example.com/a.png","https://example.com/up.png"]`},
	} {
		requireV7Body(t, &modelslab.V7ImageToImageRequest{ModelID: "m", Prompt: "p", InitImage: tt.files}, `{"model_id":"m","prompt":"p","init_image":`+tt.one+`}`)
		requireV7Body(t, &modelslab.V7ImageToVideoRequest{ModelID: "m", InitImage: tt.files}, `{"model_id":"m","init_image":`+tt.list+`}`)
		requireV7Body(t, &modelslab.V7VideoToVideoRequest{ModelID: "m", InitVideo: tt.files}, `{"model_id":"m","init_video":`+tt.list+`}`)
	}
}

// requireV7Body compares what a request sends, and what it sends when it was
// frozen first.
func requireV7Body(t *testing.T, req modelslab.Request, want string) {
	t.Helper()
	frozen, err := modelslab.Freeze(req)
	require.NoError(t, err)
	for _, r := range []modelslab.Request{req, frozen} {
		var body string
		client := stubClient(t, func(r *http.Request) (*http.Response, error) {
			if r.URL.Path == "/api/v6/base64_to_url" {
				return jsonResponse(http.StatusOK, `{"status":"success","output":["https://example.com/up.png"]}`), nil
			}
			text, _ := io.ReadAll(r.Body)
			body = string(text)
			return jsonResponse(http.StatusOK, `{"status":"processing","id":1}`), nil
		})
		job, err := client.Submit(t.Context(), r)
		require.NoError(t, err)
		require.Contains(t, job.Ref.String(), "v7/")
		require.JSONEq(t, want, ownFields(t, body))
	}
}

func TestV7MissingMedia(t *testing.T) {
	t.Parallel()
	for _, images := range [][]modelslab.Media{nil, {}, {{}}, {modelslab.MediaURL("https://example.com/a.png"), {}}} {
		_, err := modelslab.Freeze(&modelslab.V7ImageToVideoRequest{ModelID: "m", InitImage: images})
		var refused *modelslab.Error
		require.ErrorAs(t, err, &refused)
		require.Equal(t, "init_image", refused.Field)
	}
}
