package endpoint

import "net/http"

// The voice and audio operations.
var (
	TextToSpeech    = job("TextToSpeech", "voice", "/v6/voice/text_to_speech", MediaUpload, fields{"prompt", "voice_id", "language"}, on{{"text_to_speech", "make"}})
	VoiceToVoice    = job("VoiceToVoice", "voice", "/v6/voice/voice_to_voice", MediaFlag, fields{"init_audio", "target_audio"}, on{{"voice", "voice_to_voice"}})
	MusicGen        = job("MusicGen", "voice", "/v6/voice/music_gen", MediaFlag, fields{"prompt"}, on{{"voice", "music_gen"}})
	SongGenerator   = job("SongGenerator", "voice", "/v6/voice/song_generator", MediaUpload, nil, nil)
	TextToAudio     = job("TextToAudio", "voice", "/v6/voice/text_to_audio", MediaFlag, fields{"prompt"}, on{{"voice", "text_to_audio"}})
	VoiceCover      = job("VoiceCover", "voice", "/v6/voice/voice_cover", MediaFlag, fields{"init_audio", "model_id"}, on{{"voice", "voice_cover"}})
	VoiceDesign     = job("VoiceDesign", "voice", "/v6/voice/voice_design", MediaUpload, fields{"prompt", "voice_description"}, nil)
	SFX             = job("SFX", "voice", "/v6/voice/sfx", MediaUpload, fields{"prompt"}, on{{"voice", "sfx"}})
	SpeechToText    = job("SpeechToText", "voice", "/v6/voice/speech_to_text", MediaUpload, fields{"init_audio", "language"}, on{{"voice", "speech_to_text"}, {"speech_to_text", "transcribe"}})
	LyricsGenerator = job("LyricsGenerator", "voice", "/v6/voice/lyrics_generator", MediaUpload, fields{"prompt"}, nil)
	VocalIsolator   = job("VocalIsolator", "voice", "/v6/voice/vocal_isolator", MediaFlag, nil, nil)
	CreateDubbing   = job("CreateDubbing", "voice", "/v6/voice/create_dubbing", MediaFlag, fields{"init_video", "output_lang"}, nil)

	VoiceUpload = &Endpoint{
		Name: "VoiceUpload", Path: "/v6/voice/voice_upload", Media: MediaFlag, Change: true,
		Required: []string{"name", "init_audio", "language"}, Method: http.MethodPost,
		Enterprise: on{{"voice", "voice_upload"}},
	}
	VoiceList = &Endpoint{Name: "VoiceList", Path: "/v6/voice/voice_list", Method: http.MethodPost}
)
