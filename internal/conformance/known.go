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
	{"a random one is sent where the caller sets none", []string{
		"POST /v6/image_editing/flux_headshot: seed is optional, want required",
	}},
	{"a voice_id stands in for the recording; one of the two is checked for", []string{
		"POST /v6/voice/text_to_audio: init_audio is optional, want required",
	}},
}
