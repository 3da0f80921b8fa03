package main

// knownAnswers are the differences between the files and the answers that the
// documentation pages show or programs have recorded, which the test server gives.
var knownAnswers = []excuse{
	{"the pages have POST /v6/images/fetch for these jobs, and every recorded answer names it", []string{
		"GET /v5/images/fetch/{id}: not answered",
	}},
	{"examples of these two on the pages answer a submit with an empty text", []string{
		"POST /v5/controlnet: running: output is string, want array",
		"POST /v6/images/text2img: running: output is string, want array",
	}},
	{"a fetch of a running job is recorded with an empty text; the file of the editing operations says so, the others do not", []string{
		"POST /v6/3d/fetch/{id}: running: output is string, want array",
		"POST /v6/faceswap/fetch/{id}: running: output is string, want array",
		"POST /v6/images/fetch: running: output is string, want array",
		"POST /v6/interior/fetch/{id}: running: output is string, want array",
		"POST /v6/realtime/fetch/{id}: running: output is string, want array",
		"POST /v6/video/fetch/{id}: running: output is string, want array",
		"POST /v6/voice/fetch/{id}: running: output is string, want array",
	}},
	{"the file alone misspells the message of this operation's errors", []string{
		"POST /v5/controlnet: refused: messege is missing",
	}},
	{"meta echoes the request, in which the same file has a number", []string{
		"POST /v5/controlnet: done: meta.controlnet_conditioning_scale is integer, want string",
		"POST /v5/controlnet: running: meta.controlnet_conditioning_scale is integer, want string",
		"POST /v6/3d/text_to_3d: done: meta.foreground_ratio is integer, want string",
	}},
	{"meta echoes the request, in which the same file has a boolean", []string{
		"POST /v6/faceswap/multiple_face_swap: done: meta.watermark is boolean, want string",
		"POST /v6/faceswap/single_face_swap: done: meta.watermark is boolean, want string",
		"POST /v6/faceswap/single_video_swap: done: meta.watermark is boolean, want string",
		"POST /v6/faceswap/specific_video_swap: done: meta.watermark is boolean, want string",
	}},
	{"the page has an empty text", []string{
		"POST /v6/image_editing/mask_creator: done: proxy_links is string, want array",
		"POST /v6/image_editing/object_removal: done: proxy_links is string, want array",
		"POST /v6/image_editing/outpaint: done: proxy_links is string, want array",
		"POST /v6/image_editing/removebg_mask: done: proxy_links is string, want array",
		"POST /v6/image_editing/super_resolution: done: proxy_links is string, want array",
	}},
	{"the page has an object of links by index, and calls the field an object", []string{
		"POST /v6/images/fetch: done: proxy_links is object, want array",
		"POST /v6/images/img2img: done: proxy_links is object, want array",
		"POST /v6/images/inpaint: done: proxy_links is object, want array",
		"POST /v6/images/text2img: done: proxy_links is object, want array",
	}},
	{"the page has null", []string{
		"POST /v6/faceswap/fetch/{id}: done: proxy_links is null, want array",
	}},
	{"a caption is a text, not a file", []string{
		"POST /v6/image_editing/caption: done: output is string, want array",
	}},
}
