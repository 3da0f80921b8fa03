package modelslab_test

import (
	"encoding/base64"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
)

// A base64 flag that says something else than the files do would have the API
// take a URL for base64, or base64 for a URL.
func TestBase64FlagAgreesWithTheFiles(t *testing.T) {
	t.Parallel()
	web, local := modelslab.MediaURL("https://example.com/a.wav"), modelslab.MediaBytes([]byte("abcd"))
	inline := `"` + base64.StdEncoding.EncodeToString([]byte("abcd")) + `"`
	const url = `"https://example.com/a.wav"`
	large := modelslab.MediaBytes(make([]byte, 6<<20))
	for _, tt := range []struct {
		name string
		req  modelslab.Request
		body string // "" when it contradicts
	}{
		{"a URL, unset", &modelslab.OutpaintRequest{Image: web}, `{"image":` + url + `}`},
		{"a URL, false", &modelslab.OutpaintRequest{Image: web, Base64: new(false)}, `{"image":` + url + `,"base64":false}`},
		{"a URL, true", &modelslab.OutpaintRequest{Image: web, Base64: new(true)}, ``},
		{"a file, unset", &modelslab.OutpaintRequest{Image: local}, `{"image":` + inline + `,"base64":true}`},
		{"a file, true", &modelslab.OutpaintRequest{Image: local, Base64: new(true)}, `{"image":` + inline + `,"base64":true}`},
		{"a file, false", &modelslab.OutpaintRequest{Image: local, Base64: new(false)}, ``},
		{"no file, true", &modelslab.TextToAudioRequest{Prompt: "p", VoiceID: "v", Base64: new(true)}, `{"prompt":"p","voice_id":"v","base64":true}`},
		{"both, true", &modelslab.VoiceToVoiceRequest{InitAudio: web, TargetAudio: local, Base64: new(true)}, ``},
		{
			"both, false", &modelslab.VoiceToVoiceRequest{InitAudio: web, TargetAudio: local, Base64: new(false)},
			`{"init_audio":` + url + `,"target_audio":"https://cdn.example.com/1.png","base64":false}`,
		},
		{"music", &modelslab.MusicGenRequest{Prompt: "p", InitAudio: web, Base64: new(true)}, ``},
		{"a cover", &modelslab.VoiceCoverRequest{ModelID: "m", InitAudio: web, Base64: new(true)}, ``},
		{"vocals", &modelslab.VocalIsolatorRequest{InitVideo: web, Base64: new(true)}, ``},
		{"dubbing", &modelslab.CreateDubbingRequest{InitVideo: local, OutputLang: "fr", Base64: new(false)}, ``},
		{"faces", &modelslab.MultipleFaceSwapRequest{InitImage: local, TargetImage: local, Base64: new(false)}, ``},
		{"a face", &modelslab.SingleFaceSwapRequest{InitImage: web, TargetImage: local, ReferenceImage: local, Base64: new(true)}, ``},
		{"a video", &modelslab.ImageToVideoUltraRequest{ModelID: "m", Prompt: "p", InitImage: web, Base64: new(true)}, ``},
		{"the flag of the results", &modelslab.CaptionRequest{InitImage: web, Base64: new(true)}, `{"init_image":` + url + `,"base64":true}`},
		{"too large to upload, false", &modelslab.CaptionRequest{InitImage: large, Base64: new(false)}, ``},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			log := &wireLog{}
			_, err := stubClient(t, log.RoundTrip).Submit(t.Context(), tt.req)
			_, freezeErr := modelslab.Freeze(tt.req)
			if tt.body != "" {
				require.NoError(t, err)
				require.NoError(t, freezeErr)
				require.JSONEq(t, tt.body, ownFields(t, log.bodies[len(log.bodies)-1]))
				return
			}
			require.Empty(t, log.bodies, "it was sent")
			for _, err := range []error{err, freezeErr} {
				var refused *modelslab.Error
				require.ErrorAs(t, err, &refused)
				require.ErrorIs(t, err, modelslab.ErrInvalid)
				require.Equal(t, "base64", refused.Field)
			}
		})
	}
}

func TestBase64FlagOfAnUploadedVoice(t *testing.T) {
	t.Parallel()
	_, err := stubClient(t, (&wireLog{}).RoundTrip).Audio.VoiceUpload(t.Context(), &modelslab.VoiceUploadRequest{
		Name: "n", InitAudio: modelslab.MediaURL("https://example.com/a.wav"), Language: "english", Base64: new(true),
	})
	require.ErrorIs(t, err, modelslab.ErrInvalid)
}
