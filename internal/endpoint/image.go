package endpoint

import "net/http"

// The image operations.
var (
	TextToImage          = job("TextToImage", "images", "/v6/images/text2img", MediaUpload, fields{"model_id", "prompt"}, on{{"", "text2img"}, {"realtime", "text2img"}, {"flux", "text2img"}, {"flux_klein", "text2img"}, {"z_image_turbo", "text2img"}, {"qwen", "text2img"}})
	ImageToImage         = job("ImageToImage", "images", "/v6/images/img2img", MediaUpload, fields{"model_id", "init_image"}, on{{"", "img2img"}, {"realtime", "img2img"}, {"flux", "img2img"}, {"flux_klein", "img2img"}, {"flux_kontext_dev", "img2img"}, {"z_image_turbo", "img2img"}, {"qwen", "img2img"}})
	Inpaint              = job("Inpaint", "images", "/v6/images/inpaint", MediaUpload, fields{"model_id", "init_image", "mask_image"}, on{{"", "inpaint"}, {"realtime", "inpaint"}, {"qwen", "inpaint"}})
	ControlNet           = job("ControlNet", "images", "/v5/controlnet", MediaUpload, nil, on{{"", "controlnet"}})
	RealtimeTextToImage  = job("RealtimeTextToImage", "realtime", "/v6/realtime/text2img", MediaUpload, fields{"prompt"}, on{{"realtime", "text2img"}})
	RealtimeImageToImage = job("RealtimeImageToImage", "realtime", "/v6/realtime/img2img", MediaUpload, fields{"prompt", "init_image"}, on{{"realtime", "img2img"}})
	RealtimeInpaint      = job("RealtimeInpaint", "realtime", "/v6/realtime/inpaint", MediaUpload, fields{"prompt", "init_image", "mask_image"}, on{{"realtime", "inpaint"}})
	ModelReload          = &Endpoint{Name: "ModelReload", Path: "/v6/images/model_reload", Required: []string{"model_id"}, Method: http.MethodPost}
)
