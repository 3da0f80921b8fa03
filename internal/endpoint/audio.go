package endpoint

import "net/http"

// The voice and audio operations.
var (
	TextToSpeech    = numbered("TextToSpeech", "voice", "/v6/voice/text_to_speech", MediaUpload, fields{"prompt", "voice_id", "language"}, on{{Name: "text_to_speech", Op: "make", Required: fields{"prompt", "voice_id"}, TrackNumber: true}})
	VoiceToVoice    = numbered("VoiceToVoice", "voice", "/v6/voice/voice_to_voice", MediaFlag, fields{"init_audio", "target_audio"}, on{{Name: "voice", Op: "voice_to_voice"}})
	MusicGen        = numbered("MusicGen", "voice", "/v6/voice/music_gen", MediaFlag, fields{"prompt"}, on{{Name: "voice", Op: "music_gen"}})
	SongGenerator   = numbered("SongGenerator", "voice", "/v6/voice/song_generator", MediaUpload, nil, nil)
	TextToAudio     = numbered("TextToAudio", "voice", "/v6/voice/text_to_audio", MediaFlag, fields{"prompt"}, on{{Name: "voice", Op: "text_to_audio"}})
	VoiceCover      = numbered("VoiceCover", "voice", "/v6/voice/voice_cover", MediaFlag, fields{"init_audio", "model_id"}, on{{Name: "voice", Op: "voice_cover"}})
	VoiceDesign     = numbered("VoiceDesign", "voice", "/v6/voice/voice_design", MediaUpload, fields{"prompt", "voice_description"}, nil)
	SFX             = numbered("SFX", "voice", "/v6/voice/sfx", MediaUpload, fields{"prompt"}, on{{Name: "voice", Op: "sfx"}})
	SpeechToText    = numbered("SpeechToText", "voice", "/v6/voice/speech_to_text", MediaUpload, fields{"init_audio", "language"}, on{{Name: "voice", Op: "speech_to_text", Required: fields{"init_audio"}, TrackNumber: true}, {Name: "speech_to_text", Op: "transcribe", Required: fields{"init_audio"}, TrackNumber: true}})
	LyricsGenerator = numbered("LyricsGenerator", "voice", "/v6/voice/lyrics_generator", MediaUpload, fields{"prompt"}, nil)
	VocalIsolator   = numbered("VocalIsolator", "voice", "/v6/voice/vocal_isolator", MediaFlag, nil, nil)
	CreateDubbing   = numbered("CreateDubbing", "voice", "/v6/voice/create_dubbing", MediaFlag, fields{"init_video", "output_lang"}, nil)

	VoiceUpload = &Endpoint{
		Name: "VoiceUpload", Path: "/v6/voice/voice_upload", Media: MediaFlag, Change: true,
		Required: []string{"name", "init_audio", "language"}, Method: http.MethodPost,
		Enterprise: on{{Name: "voice", Op: "voice_upload"}},
	}
	VoiceList = &Endpoint{Name: "VoiceList", Path: "/v6/voice/voice_list", Method: http.MethodPost}
)
