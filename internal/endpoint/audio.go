package endpoint

// The voice and audio operations.
var (
	TextToSpeech = row(job("TextToSpeech", "voice", "/v6/voice/text_to_speech", MediaUpload, "prompt", "voice_id", "language").
			on("text_to_speech/make"))
	VoiceToVoice = row(job("VoiceToVoice", "voice", "/v6/voice/voice_to_voice", MediaFlag, "init_audio", "target_audio").
			on("voice/voice_to_voice"))
	MusicGen      = row(job("MusicGen", "voice", "/v6/voice/music_gen", MediaFlag, "prompt").on("voice/music_gen"))
	SongGenerator = row(job("SongGenerator", "voice", "/v6/voice/song_generator", MediaUpload))
	TextToAudio   = row(job("TextToAudio", "voice", "/v6/voice/text_to_audio", MediaFlag, "prompt").
			on("voice/text_to_audio"))
	VoiceCover = row(job("VoiceCover", "voice", "/v6/voice/voice_cover", MediaFlag, "init_audio", "model_id").
			on("voice/voice_cover"))
	VoiceDesign  = row(job("VoiceDesign", "voice", "/v6/voice/voice_design", MediaUpload, "prompt", "voice_description"))
	SFX          = row(job("SFX", "voice", "/v6/voice/sfx", MediaUpload, "prompt").on("voice/sfx"))
	SpeechToText = row(job("SpeechToText", "voice", "/v6/voice/speech_to_text", MediaUpload, "init_audio", "language").
			on("voice/speech_to_text", "speech_to_text/transcribe"))
	LyricsGenerator = row(job("LyricsGenerator", "voice", "/v6/voice/lyrics_generator", MediaUpload, "prompt"))
	VocalIsolator   = row(job("VocalIsolator", "voice", "/v6/voice/vocal_isolator", MediaFlag))
	CreateDubbing   = row(job("CreateDubbing", "voice", "/v6/voice/create_dubbing", MediaFlag, "init_video", "output_lang"))

	VoiceUpload = row(Endpoint{
		Name: "VoiceUpload", Path: "/v6/voice/voice_upload", Media: MediaFlag, Change: true,
		Required: []string{"name", "init_audio", "language"},
	}.on("voice/voice_upload"))
	VoiceList = row(Endpoint{Name: "VoiceList", Path: "/v6/voice/voice_list"})
)
