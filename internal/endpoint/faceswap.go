package endpoint

// The face swap operations.
var (
	SingleFaceSwap    = numbered("SingleFaceSwap", "faceswap", "/v6/faceswap/single_face_swap", MediaFlag, fields{"init_image", "target_image", "reference_image"}, on{{Name: "faceswap", Op: "single_face_swap"}})
	MultipleFaceSwap  = numbered("MultipleFaceSwap", "faceswap", "/v6/faceswap/multiple_face_swap", MediaFlag, fields{"init_image", "target_image"}, on{{Name: "faceswap", Op: "multiple_face_swap"}})
	SingleVideoSwap   = numbered("SingleVideoSwap", "faceswap", "/v6/faceswap/single_video_swap", MediaUpload, fields{"init_image", "init_video"}, on{{Name: "faceswap", Op: "single_video_swap"}})
	SpecificVideoSwap = numbered("SpecificVideoSwap", "faceswap", "/v6/faceswap/specific_video_swap", MediaUpload, fields{"init_image", "init_video", "reference_image"}, on{{Name: "faceswap", Op: "specific_video_swap"}})
)
