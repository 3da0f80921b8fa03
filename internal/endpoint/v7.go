package endpoint

// The v7 operations.
var (
	V7TextToImage  = job("V7TextToImage", "v7/images", "/v7/images/text-to-image", MediaUpload, fields{"model_id", "prompt"}, nil)
	V7ImageToImage = job("V7ImageToImage", "v7/images", "/v7/images/image-to-image", MediaUpload, fields{"model_id", "init_image", "prompt"}, nil)
	V7Inpaint      = job("V7Inpaint", "v7/images", "/v7/images/inpaint", MediaUpload, fields{"model_id", "init_image", "mask_image", "prompt"}, nil)

	V7TextToVideo   = job("V7TextToVideo", "v7/video-fusion", "/v7/video-fusion/text-to-video", MediaUpload, fields{"model_id", "prompt"}, nil)
	V7ImageToVideo  = job("V7ImageToVideo", "v7/video-fusion", "/v7/video-fusion/image-to-video", MediaUpload, fields{"model_id", "init_image"}, nil)
	V7VideoToVideo  = job("V7VideoToVideo", "v7/video-fusion", "/v7/video-fusion/video-to-video", MediaUpload, fields{"model_id", "init_video"}, nil)
	V7LipSync       = job("V7LipSync", "v7/video-fusion", "/v7/video-fusion/lip-sync", MediaUpload, fields{"model_id", "init_video", "init_audio"}, nil)
	V7MotionControl = job("V7MotionControl", "v7/video-fusion", "/v7/video-fusion/motion-control", MediaUpload,
		fields{"model_id", "init_image", "init_video", "character_orientation"}, nil)

	V7TextToSpeech    = job("V7TextToSpeech", "v7/voice", "/v7/voice/text-to-speech", MediaUpload, fields{"model_id", "prompt", "voice_id"}, nil)
	V7SpeechToText    = job("V7SpeechToText", "v7/voice", "/v7/voice/speech-to-text", MediaUpload, fields{"model_id", "init_audio"}, nil)
	V7SpeechToSpeech  = job("V7SpeechToSpeech", "v7/voice", "/v7/voice/speech-to-speech", MediaUpload, fields{"model_id", "init_audio", "voice_id"}, nil)
	V7SoundGeneration = job("V7SoundGeneration", "v7/voice", "/v7/voice/sound-generation", MediaUpload, fields{"model_id", "prompt"}, nil)
	V7MusicGen        = job("V7MusicGen", "v7/voice", "/v7/voice/music-gen", MediaUpload, fields{"model_id", "prompt"}, nil)
	V7SongExtender    = job("V7SongExtender", "v7/voice", "/v7/voice/song-extender", MediaUpload, fields{"model_id", "init_audio"}, nil)
	V7SongInpaint     = job("V7SongInpaint", "v7/voice", "/v7/voice/song-inpaint", MediaUpload, fields{"model_id", "init_audio", "prompt"}, nil)
	V7CreateDubbing   = job("V7CreateDubbing", "v7/voice", "/v7/voice/create-dubbing", MediaUpload, fields{"model_id", "init_audio", "target_language"}, nil)
)
