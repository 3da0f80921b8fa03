package endpoint

// The video operations.
var (
	TextToVideo = row(job("TextToVideo", "video", "/v6/video/text2video", MediaUpload, "model_id", "prompt").
			on("video/text2video"))
	ImageToVideo = row(job("ImageToVideo", "video", "/v6/video/img2video", MediaUpload, "model_id", "init_image").
			on("video/img2video"))
	TextToVideoUltra = row(job("TextToVideoUltra", "video", "/v6/video/text2video_ultra", MediaUpload, "model_id", "prompt").
				on("ultra_video/text2video"))
	ImageToVideoUltra = row(job("ImageToVideoUltra", "video", "/v6/video/img2video_ultra", MediaFlag, "model_id", "prompt", "init_image").
				on("image_to_video_ultra/img2video"))
	VideoToVideo     = row(job("VideoToVideo", "video", "/v6/video/video2video", MediaUpload, "init_image", "init_video"))
	WatermarkRemover = row(job("WatermarkRemover", "video", "/v6/video/watermark_remover", MediaUpload, "init_video"))
)
