package main

// An excuse is why differences are as they should be.
type excuse struct {
	why         string
	differences []string
}

var known = []excuse{
	{"no purchases through a library", []string{
		"POST /v3/buy_subscription: missing",
		"POST /v3/dreambooth/buy_model: missing",
	}},
	{"deprecated since January 2026", []string{
		"POST /v6/video/scene_maker: missing",
	}},
	{"the file requires the image under a name that it does not describe; the pages have init_image", []string{
		"POST /v6/3d/image_to_3d: image is required, but not described",
		"POST /v6/3d/image_to_3d: init_image is required, want optional",
	}},
	{"the file requires a prompt that it does not describe", []string{
		"POST /v6/image_editing/caption: prompt extra",
		"POST /v6/image_editing/caption: prompt is required, but not described",
	}},
	{"the file forgets the image that the mask is made of", []string{
		"POST /v6/image_editing/mask_creator: init_image extra",
	}},
	{"several strengths are separated by commas, as the file itself says", []string{
		"POST /v6/images/img2img: lora_strength is string, want integer",
		"POST /v6/images/inpaint: lora_strength is string, want integer",
	}},
	{"a factor as everywhere else; a whole one is sent as an integer", []string{
		"POST /v6/image_editing/fashion: guidance_scale is number, want integer",
		"POST /v6/image_editing/head_shot: guidance_scale is number, want integer",
		"POST /v6/image_editing/inpaint: guidance_scale is number, want integer",
		"POST /v6/interior/exterior_restorer: guidance_scale is number, want integer",
		"POST /v6/interior/floor_planning: guidance_scale is number, want integer",
		"POST /v6/interior/interior_mixer: guidance_scale is number, want integer",
		"POST /v6/interior/make: guidance_scale is number, want integer",
		"POST /v6/interior/room_decorator: guidance_scale is number, want integer",
		"POST /v6/interior/scenario_changer: guidance_scale is number, want integer",
		"POST /v6/interior/sketch_rendering: guidance_scale is number, want integer",
	}},
	{"it decides between the two forms of the body, so it is always said", []string{
		"POST /v6/voice/song_generator: lyrics_generation is required, want optional",
	}},
	{"a voice_id stands in for the recording; one of the two is checked for", []string{
		"POST /v6/voice/text_to_audio: init_audio is optional, want required",
	}},
	{"described on pages, not in a file", []string{
		"GET /v7/models: extra",
		"GET /v6/model-search/filters: extra",
		"GET /v6/model-search/tags: extra",
		"GET /v6/model-search/providers: extra",
		"GET /v6/model-search/{model_id}: extra",
		"POST /v3/fine_tune: extra",
		"GET /v1/workflows: extra",
		"GET /v1/workflows/{workflow_id}: extra",
		"POST /v1/workflows/{workflow_id}/run: extra",
		"POST /v1/workflows/{workflow_id}/runs/{execution_id}/cancel: extra",
		"POST /v7/images/text-to-image: extra",
		"POST /v7/images/image-to-image: extra",
		"POST /v7/images/inpaint: extra",
		"POST /v7/video-fusion/text-to-video: extra",
		"POST /v7/video-fusion/image-to-video: extra",
		"POST /v7/video-fusion/video-to-video: extra",
		"POST /v7/video-fusion/lip-sync: extra",
		"POST /v7/video-fusion/motion-control: extra",
		"POST /v7/voice/text-to-speech: extra",
		"POST /v7/voice/speech-to-text: extra",
		"POST /v7/voice/speech-to-speech: extra",
		"POST /v7/voice/sound-generation: extra",
		"POST /v7/voice/music-gen: extra",
		"POST /v7/voice/song-extender: extra",
		"POST /v7/voice/song-inpaint: extra",
		"POST /v7/voice/create-dubbing: extra",
	}},
	{"described nowhere, known from public programs", []string{
		"POST /v8/images/text-to-image: extra",
		"POST /v8/images/image-to-image: extra",
		"POST /v8/images/background-removal: extra",
	}},
	{"the files of enterprise servers are not among these", []string{
		"POST /v1/enterprise/flux_klein/img2img: extra",
		"POST /v1/enterprise/image_editing/magic_mix: extra",
		"POST /v1/enterprise/load_model: extra",
		"POST /v1/enterprise/load_model_v2: extra",
		"POST /v1/enterprise/load_vae: extra",
		"POST /v1/enterprise/verify_model: extra",
		"POST /v1/enterprise/delete_model: extra",
		"POST /v1/enterprise/get_all_models: extra",
		"POST /v1/enterprise/sync_models: extra",
		"POST /v1/enterprise/schedulers_list: extra",
		"POST /v1/enterprise/upload_image: extra",
		"POST /v1/enterprise/update_s3: extra",
		"POST /v1/enterprise/reset_s3: extra",
		"POST /v1/enterprise/system_details: extra",
		"POST /v1/enterprise/{server}/system_details: extra",
		"POST /v1/enterprise/restart_server: extra",
		"POST /v1/enterprise/{server}/restart_server: extra",
		"POST /v1/enterprise/update_server: extra",
		"POST /v1/enterprise/{server}/update_server: extra",
		"POST /v1/enterprise/clear_cache: extra",
		"POST /v1/enterprise/{server}/clear_cache: extra",
		"POST /v1/enterprise/clear_queue: extra",
		"POST /v1/enterprise/{server}/clear_queue: extra",
	}},
}
