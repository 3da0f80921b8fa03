package endpoint

// The image editing operations.
var (
	RemoveBGMask    = job("RemoveBGMask", "image_editing", "/v6/image_editing/removebg_mask", MediaInline, fields{"image"}, on{{"image_editing", "removebg_mask"}})
	SuperResolution = job("SuperResolution", "image_editing", "/v6/image_editing/super_resolution", MediaUpload, fields{"init_image"}, on{{"super_resolution", "make"}, {"", "super_resolution"}})
	Caption         = job("Caption", "image_editing", "/v6/image_editing/caption", MediaUpload, fields{"init_image"}, nil)
	FaceGen         = job("FaceGen", "image_editing", "/v6/image_editing/face_gen", MediaInline, fields{"prompt", "face_image"}, on{{"image_editing", "face_gen"}, {"face_gen", "make_gen"}})
	Fashion         = job("Fashion", "image_editing", "/v6/image_editing/fashion", MediaUpload, fields{"init_image", "cloth_image", "cloth_type"}, on{{"image_editing", "fashion"}})
	QwenEdit        = job("QwenEdit", "image_editing", "/v6/image_editing/qwen_edit", MediaUpload, fields{"prompt", "init_image"}, on{{"image_editing", "qwen_edit"}})
	FluxHeadshot    = job("FluxHeadshot", "image_editing", "/v6/image_editing/flux_headshot", MediaInline, fields{"prompt", "face_image", "seed"}, on{{"flux_headshot", "make_gen"}})
	HeadShot        = job("HeadShot", "image_editing", "/v6/image_editing/head_shot", MediaInline, fields{"prompt", "face_image"}, on{{"image_editing", "head_shot"}})
	ImageMixer      = job("ImageMixer", "image_editing", "/v6/image_editing/img_mixer", MediaUpload, fields{"prompt", "init_image"}, nil)
	EditingInpaint  = job("EditingInpaint", "image_editing", "/v6/image_editing/inpaint", MediaUpload, fields{"prompt", "init_image", "mask_image"}, nil)
	MaskCreator     = job("MaskCreator", "image_editing", "/v6/image_editing/mask_creator", MediaUpload, fields{"specific_object"}, on{{"image_editing", "mask_creator"}})
	ObjectRemoval   = job("ObjectRemoval", "image_editing", "/v6/image_editing/object_removal", MediaUpload, fields{"init_image", "mask_image"}, on{{"image_editing", "object_removal"}})
	Outpaint        = job("Outpaint", "image_editing", "/v6/image_editing/outpaint", MediaFlag, fields{"image"}, on{{"image_editing", "outpaint"}})
)
