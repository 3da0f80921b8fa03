package endpoint

// The image operations.
var (
	TextToImage = row(job("TextToImage", "images", "/v6/images/text2img", MediaUpload, "model_id", "prompt").
			on("text2img", "realtime/text2img", "flux/text2img", "flux_klein/text2img", "z_image_turbo/text2img", "qwen/text2img"))
	ImageToImage = row(job("ImageToImage", "images", "/v6/images/img2img", MediaUpload, "model_id", "init_image").
			on("img2img", "realtime/img2img", "flux/img2img", "flux_klein/img2img", "flux_kontext_dev/img2img", "z_image_turbo/img2img", "qwen/img2img"))
	Inpaint = row(job("Inpaint", "images", "/v6/images/inpaint", MediaUpload, "model_id", "init_image", "mask_image").
		on("inpaint", "realtime/inpaint", "qwen/inpaint"))
	ControlNet = row(job("ControlNet", "images", "/v5/controlnet", MediaUpload).
			on("controlnet"))
	RealtimeTextToImage = row(job("RealtimeTextToImage", "realtime", "/v6/realtime/text2img", MediaUpload, "prompt").
				on("realtime/text2img"))
	RealtimeImageToImage = row(job("RealtimeImageToImage", "realtime", "/v6/realtime/img2img", MediaUpload, "prompt", "init_image").
				on("realtime/img2img"))
	RealtimeInpaint = row(job("RealtimeInpaint", "realtime", "/v6/realtime/inpaint", MediaUpload, "prompt", "init_image", "mask_image").
			on("realtime/inpaint"))
	ModelReload = row(Endpoint{Name: "ModelReload", Path: "/v6/images/model_reload", Required: []string{"model_id"}})
)
