package endpoint

// The face swap operations.
var (
	SingleFaceSwap = row(job("SingleFaceSwap", "faceswap", "/v6/faceswap/single_face_swap", MediaFlag, "init_image", "target_image", "reference_image").
			on("faceswap/single_face_swap"))
	MultipleFaceSwap = row(job("MultipleFaceSwap", "faceswap", "/v6/faceswap/multiple_face_swap", MediaFlag, "init_image", "target_image").
				on("faceswap/multiple_face_swap"))
	SingleVideoSwap = row(job("SingleVideoSwap", "faceswap", "/v6/faceswap/single_video_swap", MediaUpload, "init_image", "init_video").
			on("faceswap/single_video_swap"))
	SpecificVideoSwap = row(job("SpecificVideoSwap", "faceswap", "/v6/faceswap/specific_video_swap", MediaUpload, "init_image", "init_video", "reference_image").
				on("faceswap/specific_video_swap"))
)
