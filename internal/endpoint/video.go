package endpoint

// The video operations.
var (
	TextToVideo       = job("TextToVideo", "video", "/v6/video/text2video", MediaUpload, fields{"model_id", "prompt"}, on{{"video", "text2video"}})
	ImageToVideo      = job("ImageToVideo", "video", "/v6/video/img2video", MediaUpload, fields{"model_id", "init_image"}, on{{"video", "img2video"}})
	TextToVideoUltra  = job("TextToVideoUltra", "video", "/v6/video/text2video_ultra", MediaUpload, fields{"model_id", "prompt"}, on{{"ultra_video", "text2video"}})
	ImageToVideoUltra = job("ImageToVideoUltra", "video", "/v6/video/img2video_ultra", MediaFlag, fields{"model_id", "prompt", "init_image"}, on{{"image_to_video_ultra", "img2video"}})
	VideoToVideo      = job("VideoToVideo", "video", "/v6/video/video2video", MediaUpload, fields{"init_image", "init_video"}, nil)
	WatermarkRemover  = job("WatermarkRemover", "video", "/v6/video/watermark_remover", MediaUpload, fields{"init_video"}, nil)
)
