package endpoint

// The face swap operations.
var (
	SingleFaceSwap    = job("SingleFaceSwap", "faceswap", "/v6/faceswap/single_face_swap", MediaFlag, fields{"init_image", "target_image", "reference_image"}, on{{"faceswap", "single_face_swap"}})
	MultipleFaceSwap  = job("MultipleFaceSwap", "faceswap", "/v6/faceswap/multiple_face_swap", MediaFlag, fields{"init_image", "target_image"}, on{{"faceswap", "multiple_face_swap"}})
	SingleVideoSwap   = job("SingleVideoSwap", "faceswap", "/v6/faceswap/single_video_swap", MediaUpload, fields{"init_image", "init_video"}, on{{"faceswap", "single_video_swap"}})
	SpecificVideoSwap = job("SpecificVideoSwap", "faceswap", "/v6/faceswap/specific_video_swap", MediaUpload, fields{"init_image", "init_video", "reference_image"}, on{{"faceswap", "specific_video_swap"}})
)
