package endpoint

import "net/http"

// The image editing operations. The pages of the dedicated servers call fields
// required, webhook and track_id among them, that their own samples leave out.
var (
	RemoveBGMask    = numbered("RemoveBGMask", "image_editing", "/v6/image_editing/removebg_mask", MediaInline, fields{"image"}, on{{Name: "image_editing", Op: "removebg_mask"}})
	SuperResolution = numbered("SuperResolution", "image_editing", "/v6/image_editing/super_resolution", MediaUpload, fields{"init_image"}, on{{Name: "super_resolution", Op: "make", TrackNumber: true}, {Name: "", Op: "super_resolution", Required: fields{"init_image", "scale"}, NoTrackID: true, Also: [2]string{"init_image", "url"}}})
	Caption         = numbered("Caption", "image_editing", "/v6/image_editing/caption", MediaUpload, fields{"init_image"}, nil)
	FaceGen         = numbered("FaceGen", "image_editing", "/v6/image_editing/face_gen", MediaInline, fields{"prompt", "face_image"}, on{{Name: "image_editing", Op: "face_gen"}, {Name: "face_gen", Op: "make_gen"}})
	Fashion         = numbered("Fashion", "image_editing", "/v6/image_editing/fashion", MediaUpload, fields{"init_image", "cloth_image", "cloth_type"}, on{{Name: "image_editing", Op: "fashion"}})
	QwenEdit        = numbered("QwenEdit", "image_editing", "/v6/image_editing/qwen_edit", MediaUpload, fields{"prompt", "init_image"}, on{{Name: "image_editing", Op: "qwen_edit"}})
	HeadShot        = numbered("HeadShot", "image_editing", "/v6/image_editing/head_shot", MediaInline, fields{"prompt", "face_image"}, on{{Name: "image_editing", Op: "head_shot"}})
	ImageMixer      = numbered("ImageMixer", "image_editing", "/v6/image_editing/img_mixer", MediaUpload, fields{"prompt", "init_image"}, nil)
	EditingInpaint  = numbered("EditingInpaint", "image_editing", "/v6/image_editing/inpaint", MediaUpload, fields{"prompt", "init_image", "mask_image"}, nil)
	MaskCreator     = numbered("MaskCreator", "image_editing", "/v6/image_editing/mask_creator", MediaUpload, fields{"specific_object"}, on{{Name: "image_editing", Op: "mask_creator"}})
	ObjectRemoval   = numbered("ObjectRemoval", "image_editing", "/v6/image_editing/object_removal", MediaUpload, fields{"init_image", "mask_image"}, on{{Name: "image_editing", Op: "object_removal"}})
	Outpaint        = numbered("Outpaint", "image_editing", "/v6/image_editing/outpaint", MediaFlag, fields{"image"}, on{{Name: "image_editing", Op: "outpaint", TrackNumber: true}})

	// MagicMix is offered by the dedicated server alone.
	MagicMix = dedicated("MagicMix", "enterprise/image_editing", enterprisePrefix+"/image_editing/magic_mix", fields{"prompt", "image"}, on{{Name: "image_editing", Op: "magic_mix"}})

	FluxHeadshot = &Endpoint{
		Name: "FluxHeadshot", Kind: "image_editing", Method: http.MethodPost, Path: "/v6/image_editing/flux_headshot", op: "POST /v6/image_editing/flux_headshot",
		Media: MediaInline, Webhook: true, TrackID: true, TrackNumber: true, Required: fields{"prompt", "face_image"}, Random: "seed",
		Enterprise: on{{Name: "flux_headshot", Op: "make_gen"}},
	}
)
