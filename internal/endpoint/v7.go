package endpoint

// The v7 operations, as their page and the classes of the vendor's SDKs for
// makers of models have them.
var (
	V7TextToImage  = described(Page, "V7TextToImage", "v7/images", "/v7/images/text-to-image", fields{"model_id", "prompt"})
	V7ImageToImage = described(Page, "V7ImageToImage", "v7/images", "/v7/images/image-to-image", fields{"model_id", "init_image", "prompt"})
	V7Inpaint      = described(Page, "V7Inpaint", "v7/images", "/v7/images/inpaint", fields{"model_id", "init_image", "mask_image", "prompt"})

	V7TextToVideo   = described(Page, "V7TextToVideo", "v7/video-fusion", "/v7/video-fusion/text-to-video", fields{"model_id", "prompt"})
	V7ImageToVideo  = described(Page, "V7ImageToVideo", "v7/video-fusion", "/v7/video-fusion/image-to-video", fields{"model_id", "init_image"})
	V7VideoToVideo  = described(Page, "V7VideoToVideo", "v7/video-fusion", "/v7/video-fusion/video-to-video", fields{"model_id", "init_video"})
	V7LipSync       = described(Page, "V7LipSync", "v7/video-fusion", "/v7/video-fusion/lip-sync", fields{"model_id", "init_video", "init_audio"})
	V7MotionControl = described(Page, "V7MotionControl", "v7/video-fusion", "/v7/video-fusion/motion-control",
		fields{"model_id", "init_image", "init_video", "character_orientation"})

	V7TextToSpeech    = described(Page, "V7TextToSpeech", "v7/voice", "/v7/voice/text-to-speech", fields{"model_id", "prompt", "voice_id"})
	V7SpeechToText    = described(Page, "V7SpeechToText", "v7/voice", "/v7/voice/speech-to-text", fields{"model_id", "init_audio"})
	V7SpeechToSpeech  = described(Page, "V7SpeechToSpeech", "v7/voice", "/v7/voice/speech-to-speech", fields{"model_id", "init_audio", "voice_id"})
	V7SoundGeneration = described(Page, "V7SoundGeneration", "v7/voice", "/v7/voice/sound-generation", fields{"model_id", "prompt"})
	V7MusicGen        = described(Page, "V7MusicGen", "v7/voice", "/v7/voice/music-gen", fields{"model_id", "prompt"})
	V7SongExtender    = described(Page, "V7SongExtender", "v7/voice", "/v7/voice/song-extender", fields{"model_id", "init_audio"})
	V7SongInpaint     = described(Page, "V7SongInpaint", "v7/voice", "/v7/voice/song-inpaint", fields{"model_id", "init_audio"})
	V7CreateDubbing   = described(Page, "V7CreateDubbing", "v7/voice", "/v7/voice/create-dubbing", fields{"model_id", "target_language"})
)
