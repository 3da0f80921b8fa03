package endpoint

import "net/http"

// The image operations. The root server runs any model; the others run one
// model each, or one family, and need no model_id.
var (
	TextToImage = job("TextToImage", "images", "/v6/images/text2img", MediaUpload, fields{"model_id", "prompt"}, on{
		{Name: "", Op: "text2img"},
		{Name: "realtime", Op: "text2img", Required: fields{"prompt"}, TrackNumber: true},
		{Name: "flux", Op: "text2img", Required: fields{"prompt"}},
		{Name: "flux_klein", Op: "text2img", Required: fields{"prompt"}},
		{Name: "z_image_turbo", Op: "text2img", Required: fields{"prompt"}},
		{Name: "qwen", Op: "text2img", Required: fields{"prompt"}},
	})
	ImageToImage = job("ImageToImage", "images", "/v6/images/img2img", MediaUpload, fields{"model_id", "init_image"}, on{
		{Name: "", Op: "img2img", Required: fields{"model_id", "prompt", "init_image"}},
		{Name: "realtime", Op: "img2img", Required: fields{"prompt", "init_image"}},
		{Name: "flux", Op: "img2img", Required: fields{"prompt", "init_image"}},
		{Name: "flux_klein", Op: "img2img", Required: fields{"prompt", "init_image"}},
		{Name: "flux_kontext_dev", Op: "img2img", Required: fields{"prompt", "init_image"}},
		{Name: "z_image_turbo", Op: "img2img", Required: fields{"prompt", "init_image"}},
		{Name: "qwen", Op: "img2img", Required: fields{"prompt", "init_image"}},
	})
	Inpaint = job("Inpaint", "images", "/v6/images/inpaint", MediaUpload, fields{"model_id", "init_image", "mask_image"}, on{
		{Name: "", Op: "inpaint"},
		{Name: "realtime", Op: "inpaint", Required: fields{"prompt", "init_image", "mask_image"}, TrackNumber: true},
		{Name: "qwen", Op: "inpaint", Required: fields{"prompt", "init_image", "mask_image"}},
	})
	ControlNet           = numbered("ControlNet", "images", "/v5/controlnet", MediaUpload, nil, on{{Name: "", Op: "controlnet", Required: fields{"model_id"}}})
	RealtimeTextToImage  = job("RealtimeTextToImage", "realtime", "/v6/realtime/text2img", MediaUpload, fields{"prompt"}, on{{Name: "realtime", Op: "text2img", TrackNumber: true}})
	RealtimeImageToImage = job("RealtimeImageToImage", "realtime", "/v6/realtime/img2img", MediaUpload, fields{"prompt", "init_image"}, on{{Name: "realtime", Op: "img2img"}})
	RealtimeInpaint      = job("RealtimeInpaint", "realtime", "/v6/realtime/inpaint", MediaUpload, fields{"prompt", "init_image", "mask_image"}, on{{Name: "realtime", Op: "inpaint", TrackNumber: true}})

	// FluxKleinImageToImage is the flux_klein server's own: it takes several images.
	FluxKleinImageToImage = dedicated("FluxKleinImageToImage", "enterprise/flux_klein", enterprisePrefix+"/flux_klein/img2img", fields{"prompt", "init_image"}, on{{Name: "flux_klein", Op: "img2img"}})

	ModelReload = &Endpoint{Name: "ModelReload", Path: "/v6/images/model_reload", Required: []string{"model_id"}, Method: http.MethodPost}
)
