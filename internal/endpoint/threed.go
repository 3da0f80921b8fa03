package endpoint

import "net/http"

// The 3D operations.
var (
	TextTo3D = job("TextTo3D", "3d", "/v6/3d/text_to_3d", MediaUpload, fields{"prompt"}, on{{Name: "3d", Op: "text_to_3d"}})

	// ImageTo3D sends its image under both names: the newest page says
	// init_image, the OpenAPI file, the SDKs and the enterprise page say image.
	ImageTo3D = &Endpoint{
		Name: "ImageTo3D", Kind: "3d", Method: http.MethodPost, Path: "/v6/3d/image_to_3d", op: "POST /v6/3d/image_to_3d",
		Webhook: true, TrackID: true, Required: fields{"init_image"}, Also: [2]string{"init_image", "image"},
		Enterprise: on{{Name: "3d", Op: "image_to_3d"}},
	}
)
