package endpoint

// The 3D operations.
var (
	TextTo3D = row(job("TextTo3D", "3d", "/v6/3d/text_to_3d", MediaUpload, "prompt").
			on("3d/text_to_3d"))
	ImageTo3D = row(job("ImageTo3D", "3d", "/v6/3d/image_to_3d", MediaUpload, "init_image").
			on("3d/image_to_3d"))
)
