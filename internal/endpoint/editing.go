package endpoint

// The image editing operations.
var (
	RemoveBGMask = row(job("RemoveBGMask", "image_editing", "/v6/image_editing/removebg_mask", MediaInline, "image").
			on("image_editing/removebg_mask"))
	SuperResolution = row(job("SuperResolution", "image_editing", "/v6/image_editing/super_resolution", MediaUpload, "init_image").
			on("super_resolution/make", "super_resolution"))
	Caption = row(job("Caption", "image_editing", "/v6/image_editing/caption", MediaUpload, "init_image"))
	FaceGen = row(job("FaceGen", "image_editing", "/v6/image_editing/face_gen", MediaInline, "prompt", "face_image").
		on("image_editing/face_gen", "face_gen/make_gen"))
	Fashion = row(job("Fashion", "image_editing", "/v6/image_editing/fashion", MediaUpload, "init_image", "cloth_image", "cloth_type").
		on("image_editing/fashion"))
	QwenEdit = row(job("QwenEdit", "image_editing", "/v6/image_editing/qwen_edit", MediaUpload, "prompt", "init_image").
			on("image_editing/qwen_edit"))
	FluxHeadshot = row(job("FluxHeadshot", "image_editing", "/v6/image_editing/flux_headshot", MediaInline, "prompt", "face_image", "seed").
			on("flux_headshot/make_gen"))
	HeadShot = row(job("HeadShot", "image_editing", "/v6/image_editing/head_shot", MediaInline, "prompt", "face_image").
			on("image_editing/head_shot"))
	ImageMixer     = row(job("ImageMixer", "image_editing", "/v6/image_editing/img_mixer", MediaUpload, "prompt", "init_image"))
	EditingInpaint = row(job("EditingInpaint", "image_editing", "/v6/image_editing/inpaint", MediaUpload, "prompt", "init_image", "mask_image"))
	MaskCreator    = row(job("MaskCreator", "image_editing", "/v6/image_editing/mask_creator", MediaUpload, "specific_object").
			on("image_editing/mask_creator"))
	ObjectRemoval = row(job("ObjectRemoval", "image_editing", "/v6/image_editing/object_removal", MediaUpload, "init_image", "mask_image").
			on("image_editing/object_removal"))
	Outpaint = row(job("Outpaint", "image_editing", "/v6/image_editing/outpaint", MediaFlag, "image").
			on("image_editing/outpaint"))
)
