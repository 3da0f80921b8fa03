package endpoint

// The video operations.
var (
	TextToVideo       = job("TextToVideo", "video", "/v6/video/text2video", MediaUpload, fields{"model_id", "prompt"}, on{{Name: "video", Op: "text2video"}})
	ImageToVideo      = job("ImageToVideo", "video", "/v6/video/img2video", MediaUpload, fields{"model_id", "init_image"}, on{{Name: "video", Op: "img2video", TrackNumber: true}})
	TextToVideoUltra  = job("TextToVideoUltra", "video", "/v6/video/text2video_ultra", MediaUpload, fields{"model_id", "prompt"}, on{{Name: "ultra_video", Op: "text2video", Required: fields{"prompt"}}})
	ImageToVideoUltra = job("ImageToVideoUltra", "video", "/v6/video/img2video_ultra", MediaFlag, fields{"model_id", "prompt", "init_image"}, on{{Name: "image_to_video_ultra", Op: "img2video", Required: fields{"prompt", "init_image"}}})
	VideoToVideo      = job("VideoToVideo", "video", "/v6/video/video2video", MediaUpload, fields{"init_image", "init_video"}, nil)
	WatermarkRemover  = job("WatermarkRemover", "video", "/v6/video/watermark_remover", MediaUpload, fields{"init_video"}, nil)
)
