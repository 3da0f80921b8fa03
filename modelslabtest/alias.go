package modelslabtest

import "strings"

// prefixAliases are older or other spellings of paths that other clients of the
// API use.
var prefixAliases = [][2]string{
	{"/v3/dreambooth/fetch", "/v6/images/fetch"},
	{"/v4/dreambooth/fetch", "/v6/images/fetch"},
	{"/v3/fetch", "/v6/images/fetch"},
	{"/v5/images/fetch", "/v6/images/fetch"},
	{"/v6/fashion/fetch", "/v6/image_editing/fetch"},
	{"/v6/deepfake/", "/v6/faceswap/"},
	{"/deepfake/", "/v6/faceswap/"},
	{"/v6/audio/", "/v6/voice/"},
	{"/v5/text2video", "/v6/video/text2video"},
	{"/v1/enterprise/images/", "/v1/enterprise/"},
	{"/v1/enterprise/community/", "/v1/enterprise/"},
	{"/v1/enterprise/deepfake/", "/v1/enterprise/faceswap/"},
	{"/v1/enterprise/voice-cloning/", "/v1/enterprise/voice/"},
	{"/v1/enterprise/super-resolution/", "/v1/enterprise/super_resolution/"},
	{"/v3/cancle_training/", "/v3/cancel_training/"},
}

var pathAliases = map[string]string{
	"/v6/images/controlnet":           "/v5/controlnet",
	"/v6/controlnet":                  "/v5/controlnet",
	"/v6/whisper/transcribe":          "/v6/voice/speech_to_text",
	"/v6/fashion":                     "/v6/image_editing/fashion",
	"/v6/image_editing/outpainting":   "/v6/image_editing/outpaint",
	"/v6/image_editing/headshot":      "/v6/image_editing/head_shot",
	"/v6/image_editing/facegen":       "/v6/image_editing/face_gen",
	"/v6/image_editing/removebg":      "/v6/image_editing/removebg_mask",
	"/v6/image_editing/create_mask":   "/v6/image_editing/mask_creator",
	"/v6/interior/scenario":           "/v6/interior/scenario_changer",
	"/v6/interior/interior":           "/v6/interior/make",
	"/v6/faceswap/specific_face_swap": "/v6/faceswap/single_face_swap",
	"/v3/text2img":                    "/v6/images/text2img",
	"/v3/img2img":                     "/v6/images/img2img",
	"/v3/inpaint":                     "/v6/images/inpaint",
	"/v3/dreambooth":                  "/v6/images/text2img",
	"/v3/dreambooth/img2img":          "/v6/images/img2img",
	"/v3/dreambooth/inpaint":          "/v6/images/inpaint",
	"/v4/dreambooth":                  "/v6/images/text2img",
	"/v4/dreambooth/img2img":          "/v6/images/img2img",
	"/v4/dreambooth/inpaint":          "/v6/images/inpaint",
	"/v3/fine_tune_v2":                "/v3/fine_tune",
	"/v6/assets_generated":            "/assets_generated",
}

// canonical returns the table's spelling of a path.
func canonical(path string) string {
	for _, a := range prefixAliases {
		if rest, ok := strings.CutPrefix(path, a[0]); ok && (rest == "" || strings.HasSuffix(a[0], "/") || rest[0] == '/') {
			path = a[1] + rest
			break
		}
	}
	if server, ok := strings.CutSuffix(path, "/update"); ok && strings.HasPrefix(path, "/v1/enterprise") {
		path = server + "/update_server"
	}
	if p, ok := pathAliases[path]; ok {
		return p
	}
	return path
}
