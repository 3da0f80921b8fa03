package modelslab_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
)

func TestAudioWire(t *testing.T) {
	t.Parallel()
	runGolden(t, []golden{
		{
			name: "TextToSpeech", path: "/v6/voice/text_to_speech",
			full: &modelslab.TextToSpeechRequest{
				Prompt: "hello", VoiceID: "madison", Language: "american english", Speed: new(1.25), Emotion: new(false),
				Temp: new(true), Webhook: hook, TrackID: "a1",
			},
			fullBody: `{"prompt":"hello","voice_id":"madison","language":"american english","speed":1.25,"emotion":false,` +
				`"temp":true,"webhook":"https://example.com/hook?kind=voice","track_id":"a1"}`,
			minimal:     &modelslab.TextToSpeechRequest{Prompt: "hello", VoiceID: "madison", Language: "american english"},
			minimalBody: `{"prompt":"hello","voice_id":"madison","language":"american english",` + numberTrack + `}`,
		},
		{
			name: "TextToAudio", path: "/v6/voice/text_to_audio",
			full: &modelslab.TextToAudioRequest{
				Prompt: "hello", InitAudio: modelslab.MediaURL("https://example.com/a.wav"), VoiceID: "mine",
				Language: "english", Speed: new(1.0), Base64: new(false), Temp: new(true), Webhook: hook, TrackID: "a2",
			},
			fullBody: `{"prompt":"hello","init_audio":"https://example.com/a.wav","voice_id":"mine","language":"english",` +
				`"speed":1,"base64":false,"temp":true,"webhook":"https://example.com/hook?kind=voice","track_id":"a2"}`,
			minimal:     &modelslab.TextToAudioRequest{Prompt: "hello", VoiceID: "mine"},
			minimalBody: `{"prompt":"hello","voice_id":"mine",` + numberTrack + `}`,
		},
		{
			name: "VoiceToVoice", path: "/v6/voice/voice_to_voice",
			full: &modelslab.VoiceToVoiceRequest{
				InitAudio:   modelslab.MediaURL("https://example.com/a.wav"),
				TargetAudio: modelslab.MediaURL("https://example.com/b.wav"), Stream: new(false), Base64: new(false),
				Temp: new(true), Webhook: hook, TrackID: "a3",
			},
			fullBody: `{"init_audio":"https://example.com/a.wav","target_audio":"https://example.com/b.wav","stream":false,` +
				`"base64":false,"temp":true,"webhook":"https://example.com/hook?kind=voice","track_id":"a3"}`,
			minimal: &modelslab.VoiceToVoiceRequest{
				InitAudio:   modelslab.MediaURL("https://example.com/a.wav"),
				TargetAudio: modelslab.MediaURL("https://example.com/b.wav"),
			},
			minimalBody: `{"init_audio":"https://example.com/a.wav","target_audio":"https://example.com/b.wav",` + numberTrack + `}`,
		},
		{
			name: "VoiceCover", path: "/v6/voice/voice_cover",
			full: &modelslab.VoiceCoverRequest{
				InitAudio: modelslab.MediaURL("https://example.com/a.wav"), ModelID: "singer", Pitch: "m2f", Algorithm: "rmvpe",
				Rate: new(0.5), Seed: new(int64(4029484891)), Language: "english", Emotion: "sad", Speed: new(1.5),
				Radius: new(3.0), Mix: new(0.25), HopLength: new(128), Originality: new(0.33), LeadVoiceVolumeDelta: "+5",
				BackupVoiceVolumeDelta: "-5", InstrumentVolumeDelta: "+1", ReverbSize: new(0.15), Wetness: new(0.2),
				Dryness: new(0.8), Damping: new(0.7), Base64: new(false), Temp: new(true), Webhook: hook, TrackID: "a4",
			},
			fullBody: `{"init_audio":"https://example.com/a.wav","model_id":"singer","pitch":"m2f","algorithm":"rmvpe",` +
				`"rate":0.5,"seed":4029484891,"language":"english","emotion":"sad","speed":1.5,"radius":3,"mix":0.25,` +
				`"hop_length":128,"originality":0.33,"lead_voice_volume_delta":"+5","backup_voice_volume_delta":"-5",` +
				`"instrument_volume_delta":"+1","reverb_size":0.15,"wetness":0.2,"dryness":0.8,"damping":0.7,` +
				`"base64":false,"temp":true,"webhook":"https://example.com/hook?kind=voice","track_id":"a4"}`,
			minimal: &modelslab.VoiceCoverRequest{
				InitAudio: modelslab.MediaURL("https://example.com/a.wav"), ModelID: "singer",
			},
			minimalBody: `{"init_audio":"https://example.com/a.wav","model_id":"singer",` + numberTrack + `}`,
		},
		{
			name: "VoiceDesign", path: "/v6/voice/voice_design",
			full: &modelslab.VoiceDesignRequest{
				Prompt: "hello", VoiceDescription: "old, calm", Language: "english", Webhook: hook, TrackID: "a5",
			},
			fullBody: `{"prompt":"hello","voice_description":"old, calm","language":"english",` +
				`"webhook":"https://example.com/hook?kind=voice","track_id":"a5"}`,
			minimal:     &modelslab.VoiceDesignRequest{Prompt: "hello", VoiceDescription: "old, calm"},
			minimalBody: `{"prompt":"hello","voice_description":"old, calm",` + numberTrack + `}`,
		},
		{
			name: "SpeechToText", path: "/v6/voice/speech_to_text",
			full: &modelslab.SpeechToTextRequest{
				InitAudio: modelslab.MediaURL("https://example.com/a.wav"), Language: "en", TimestampLevel: "sentence",
				Webhook: hook, TrackID: "a6",
			},
			fullBody: `{"init_audio":"https://example.com/a.wav","language":"en","timestamp_level":"sentence",` +
				`"webhook":"https://example.com/hook?kind=voice","track_id":"a6"}`,
			minimal: &modelslab.SpeechToTextRequest{
				InitAudio: modelslab.MediaURL("https://example.com/a.wav"), Language: "en",
			},
			minimalBody: `{"init_audio":"https://example.com/a.wav","language":"en",` + numberTrack + `}`,
		},
		{
			name: "CreateDubbing", path: "/v6/voice/create_dubbing",
			full: &modelslab.CreateDubbingRequest{
				InitVideo: modelslab.MediaURL("https://example.com/a.mp4"), OutputLang: "fr", SourceLang: "en",
				FilePrefix: "dub", VoiceID: "madison", VoiceModel: "kokoro", Speed: new(1.0), Base64: new(false),
				Seed: new(int64(0)), Webhook: hook, TrackID: "a7",
			},
			fullBody: `{"init_video":"https://example.com/a.mp4","output_lang":"fr","source_lang":"en","file_prefix":"dub",` +
				`"voice_id":"madison","voice_model":"kokoro","speed":1,"base64":false,"seed":0,` +
				`"webhook":"https://example.com/hook?kind=voice","track_id":"a7"}`,
			minimal: &modelslab.CreateDubbingRequest{
				InitVideo: modelslab.MediaURL("https://example.com/a.mp4"), OutputLang: "fr",
			},
			minimalBody: `{"init_video":"https://example.com/a.mp4","output_lang":"fr",` + numberTrack + `}`,
		},
		{
			name: "MusicGen", path: "/v6/voice/music_gen",
			full: &modelslab.MusicGenRequest{
				Prompt: "drums", InitAudio: modelslab.MediaURL("https://example.com/a.wav"), Duration: new(30),
				OutputFormat: "mp3", Bitrate: "192k", Base64: new(false), Temp: new(true), Webhook: hook, TrackID: "a8",
			},
			fullBody: `{"prompt":"drums","init_audio":"https://example.com/a.wav","duration":30,"output_format":"mp3",` +
				`"bitrate":"192k","base64":false,"temp":true,"webhook":"https://example.com/hook?kind=voice",` +
				`"track_id":"a8"}`,
			minimal:     &modelslab.MusicGenRequest{Prompt: "drums"},
			minimalBody: `{"prompt":"drums",` + numberTrack + `}`,
		},
		{
			name: "SongGenerator", path: "/v6/voice/song_generator",
			full: &modelslab.SongGeneratorRequest{
				LyricsGeneration: true, Prompt: "the sea", Caption: "folk", Lyrics: "[00:00.00] oh",
				InitAudio: modelslab.MediaURL("https://example.com/a.wav"), Duration: new(60), Language: "en",
				Instrumental: new(false), Webhook: hook, TrackID: "a9",
			},
			fullBody: `{"lyrics_generation":true,"prompt":"the sea","caption":"folk","lyrics":"[00:00.00] oh",` +
				`"init_audio":"https://example.com/a.wav","duration":60,"language":"en","instrumental":false,` +
				`"webhook":"https://example.com/hook?kind=voice","track_id":"a9"}`,
			minimal:     &modelslab.SongGeneratorRequest{Lyrics: "[00:00.00] oh"},
			minimalBody: `{"lyrics_generation":false,"lyrics":"[00:00.00] oh",` + numberTrack + `}`,
		},
		{
			name: "LyricsGenerator", path: "/v6/voice/lyrics_generator",
			full: &modelslab.LyricsGeneratorRequest{
				Prompt: "the sea", Length: "long", Webhook: hook, TrackID: "a10",
			},
			fullBody:    `{"prompt":"the sea","length":"long","webhook":"https://example.com/hook?kind=voice","track_id":"a10"}`,
			minimal:     &modelslab.LyricsGeneratorRequest{Prompt: "the sea"},
			minimalBody: `{"prompt":"the sea",` + numberTrack + `}`,
		},
		{
			name: "SFX", path: "/v6/voice/sfx",
			full: &modelslab.SFXRequest{
				Prompt: "rain", Duration: new(10), Temp: new(false), Webhook: hook, TrackID: "a11",
			},
			fullBody: `{"prompt":"rain","duration":10,"temp":false,"webhook":"https://example.com/hook?kind=voice",` +
				`"track_id":"a11"}`,
			minimal:     &modelslab.SFXRequest{Prompt: "rain"},
			minimalBody: `{"prompt":"rain",` + numberTrack + `}`,
		},
		{
			name: "VocalIsolator", path: "/v6/voice/vocal_isolator",
			full: &modelslab.VocalIsolatorRequest{
				InitVideo: modelslab.MediaURL("https://example.com/a.mp4"),
				InitAudio: modelslab.MediaURL("https://example.com/a.wav"), Base64: new(false), Seed: new(int64(4029484891)),
				Webhook: hook, TrackID: "a12",
			},
			fullBody: `{"init_video":"https://example.com/a.mp4","init_audio":"https://example.com/a.wav","base64":false,` +
				`"seed":4029484891,"webhook":"https://example.com/hook?kind=voice","track_id":"a12"}`,
			minimal:     &modelslab.VocalIsolatorRequest{InitAudio: modelslab.MediaURL("https://example.com/a.wav")},
			minimalBody: `{"init_audio":"https://example.com/a.wav",` + numberTrack + `}`,
		},
	})
}

func TestAudioHelpers(t *testing.T) {
	t.Parallel()
	upload := func(req *modelslab.VoiceUploadRequest) func(context.Context, *modelslab.Client) (any, error) {
		return func(ctx context.Context, c *modelslab.Client) (any, error) { return c.Audio.VoiceUpload(ctx, req) }
	}
	uploaded := []helperReply{
		{`{"status":"success","message":"stored","voice_id":"v-1"}`, "v-1"},
		{`{"status":"success","voice_id":77}`, "77"},
	}
	runHelpers(t, []helper{
		{
			name: "VoiceUpload", path: "/v6/voice/voice_upload",
			call: upload(&modelslab.VoiceUploadRequest{
				Name: "mine", InitAudio: modelslab.MediaURL("https://example.com/a.wav"), Language: "english",
				Base64: new(false), Gender: "female", Thumbnail: "https://example.com/a.png",
			}),
			body: `{"key":"` + testKey + `","name":"mine","init_audio":"https://example.com/a.wav","language":"english",` +
				`"base64":false,"gender":"female","thumbnail":"https://example.com/a.png"}`,
			replies: uploaded,
		},
		{
			name: "VoiceUpload of a local recording", path: "/v6/voice/voice_upload",
			call: upload(&modelslab.VoiceUploadRequest{
				Name: "mine", InitAudio: modelslab.MediaBytes([]byte("abcd")), Language: "english",
			}),
			body:    `{"key":"` + testKey + `","name":"mine","init_audio":"YWJjZA==","language":"english","base64":true}`,
			replies: uploaded,
		},
		{
			name: "VoiceUpload to an enterprise server", path: "/v1/enterprise/voice/voice_upload",
			call: upload(&modelslab.VoiceUploadRequest{
				Name: "mine", InitAudio: modelslab.MediaURL("https://example.com/a.wav"), Language: "english",
			}),
			opts:    []modelslab.Option{modelslab.WithEnterprise()},
			body:    `{"key":"` + testKey + `","name":"mine","init_audio":"https://example.com/a.wav","language":"english"}`,
			replies: uploaded,
		},
		{
			name: "VoiceList", path: "/v6/voice/voice_list", body: `{"key":"` + testKey + `","type":"trained"}`,
			call: func(ctx context.Context, c *modelslab.Client) (any, error) {
				return c.Audio.VoiceList(ctx, &modelslab.VoiceListRequest{Type: "trained"})
			},
			replies: []helperReply{
				{`{"status":"success","voices":[{"voice_id":"v-1","name":"Ann","language":"english"},{"voice_id":2,"name":null}]}`, []modelslab.Voice{
					{ID: "v-1", Name: "Ann", Language: "english"},
					{ID: "2"},
				}},
				{`{"status":"success","voices":{"3":{"voice_id":"v-1"}}}`, []modelslab.Voice{{ID: "v-1"}}},
				{`{"status":"success","voices":[]}`, []modelslab.Voice(nil)},
				{`{"status":"success","voices":null}`, []modelslab.Voice(nil)},
				{`{"status":"success","voices":""}`, []modelslab.Voice(nil)},
				{`{"status":"success"}`, []modelslab.Voice(nil)},
			},
		},
		{
			name: "VoiceList with defaults", path: "/v6/voice/voice_list", body: `{"key":"` + testKey + `"}`,
			call: func(ctx context.Context, c *modelslab.Client) (any, error) {
				return c.Audio.VoiceList(ctx, &modelslab.VoiceListRequest{})
			},
			replies: []helperReply{{`{"voices":[{"voice_id":"v-1"}]}`, []modelslab.Voice{{ID: "v-1"}}}},
		},
	})
}

func TestVoiceRaw(t *testing.T) {
	t.Parallel()
	client := stubClient(t, func(*http.Request) (*http.Response, error) {
		return jsonResponse(http.StatusOK, `{"voices":[{"voice_id":"v-1","age":3}]}`), nil
	})
	voices, err := client.Audio.VoiceList(t.Context(), &modelslab.VoiceListRequest{})
	require.NoError(t, err)
	require.JSONEq(t, `{"voice_id":"v-1","age":3}`, string(voices[0].Raw))
}

func TestVoiceUploadWithoutID(t *testing.T) {
	t.Parallel()
	client := stubClient(t, func(*http.Request) (*http.Response, error) {
		return jsonResponse(http.StatusOK, `{"status":"success","message":"stored"}`), nil
	})
	_, err := client.Audio.VoiceUpload(t.Context(), &modelslab.VoiceUploadRequest{
		Name: "mine", InitAudio: modelslab.MediaURL("https://example.com/a.wav"), Language: "english",
	})
	require.ErrorIs(t, err, modelslab.ErrUnavailable)
	require.ErrorContains(t, err, "voice_id")
}

// Rules that field tags cannot state: one input of two, or a field that another
// makes required.
func TestAudioChecks(t *testing.T) {
	t.Parallel()
	audio := modelslab.MediaURL("https://example.com/a.wav")
	for _, tt := range []struct {
		name  string
		req   modelslab.Request
		field string // at fault, "" for none
	}{
		{"neither voice", &modelslab.TextToAudioRequest{Prompt: "p"}, "init_audio"},
		{"a voice id", &modelslab.TextToAudioRequest{Prompt: "p", VoiceID: "v"}, ""},
		{"a recording", &modelslab.TextToAudioRequest{Prompt: "p", InitAudio: audio}, ""},
		{"no input to isolate", &modelslab.VocalIsolatorRequest{}, "init_audio"},
		{"a video to isolate", &modelslab.VocalIsolatorRequest{InitVideo: audio}, ""},
		{"no lyrics", &modelslab.SongGeneratorRequest{Prompt: "p", Caption: "c"}, "lyrics"},
		{"no lyrics needed", &modelslab.SongGeneratorRequest{Prompt: "p", Instrumental: new(true)}, ""},
		{"lyrics", &modelslab.SongGeneratorRequest{Lyrics: "la"}, ""},
		{"no topic", &modelslab.SongGeneratorRequest{LyricsGeneration: true, Caption: "c"}, "prompt"},
		{"no caption", &modelslab.SongGeneratorRequest{LyricsGeneration: true, Prompt: "p"}, "caption"},
		{"topic and caption", &modelslab.SongGeneratorRequest{LyricsGeneration: true, Prompt: "p", Caption: "c"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			sent := false
			client := stubClient(t, func(*http.Request) (*http.Response, error) {
				sent = true
				return jsonResponse(http.StatusOK, `{"status":"processing","id":1}`), nil
			})
			_, err := client.Submit(t.Context(), tt.req)
			require.Equal(t, tt.field == "", sent)
			if tt.field == "" {
				require.NoError(t, err)
				return
			}
			var refused *modelslab.Error
			require.ErrorAs(t, err, &refused)
			require.ErrorIs(t, err, modelslab.ErrInvalid)
			require.Equal(t, tt.field, refused.Field)
		})
	}
}

// The flag speaks for every file of a request, so two local files share it.
func TestAudioInline(t *testing.T) {
	t.Parallel()
	local := modelslab.MediaBytes([]byte("abcd"))
	for _, tt := range []struct {
		req  modelslab.Request
		body string
	}{
		{&modelslab.VoiceToVoiceRequest{InitAudio: local, TargetAudio: local}, `{"init_audio":"YWJjZA==","target_audio":"YWJjZA==","base64":true}`},
		{&modelslab.VoiceCoverRequest{InitAudio: local, ModelID: "m"}, `{"init_audio":"YWJjZA==","model_id":"m","base64":true}`},
		{&modelslab.CreateDubbingRequest{InitVideo: local, OutputLang: "fr"}, `{"init_video":"YWJjZA==","output_lang":"fr","base64":true}`},
		{&modelslab.MusicGenRequest{Prompt: "p", InitAudio: local}, `{"prompt":"p","init_audio":"YWJjZA==","base64":true}`},
		{&modelslab.TextToAudioRequest{Prompt: "p", InitAudio: local}, `{"prompt":"p","init_audio":"YWJjZA==","base64":true}`},
		{&modelslab.VocalIsolatorRequest{InitAudio: local}, `{"init_audio":"YWJjZA==","base64":true}`},
	} {
		frozen, err := modelslab.Freeze(tt.req)
		require.NoError(t, err)
		require.Equal(t, tt.body, string(frozen.Body))
	}
}
