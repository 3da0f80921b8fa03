package endpoint

// The 3D operations.
var (
	TextTo3D  = job("TextTo3D", "3d", "/v6/3d/text_to_3d", MediaUpload, fields{"prompt"}, on{{"3d", "text_to_3d"}})
	ImageTo3D = job("ImageTo3D", "3d", "/v6/3d/image_to_3d", MediaUpload, fields{"init_image"}, on{{"3d", "image_to_3d"}})
)
