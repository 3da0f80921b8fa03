package modelslab

import "github.com/modelslab-go/modelslab/internal/endpoint"

// V7TextToImageRequest is the body of [V7Service.TextToImage].
type V7TextToImageRequest struct {
	ModelID string `json:"model_id"` // required; [ModelService.Search] finds models
	Prompt  string `json:"prompt"`   // required

	NegativePrompt string `json:"negative_prompt,omitzero"`
	Width          *int   `json:"width,omitzero"`        // pixels, 512 to 1024, server default 1024
	Height         *int   `json:"height,omitzero"`       // pixels, 512 to 1024, server default 1024
	AspectRatio    string `json:"aspect_ratio,omitzero"` // "1:1", "16:9", "9:16", ...
	Samples        *int   `json:"samples,omitzero"`      // images, 1 to 4, server default 1

	// What follows is known from the vendor's SDKs and command-line client; some
	// models take it.

	NumInferenceSteps *int     `json:"num_inference_steps,omitzero"`
	GuidanceScale     *float64 `json:"guidance_scale,omitzero"` // 1 to 10
	Seed              *int64   `json:"seed,omitzero"`           // unset: random
	Scheduler         string   `json:"scheduler,omitzero"`      // "Euler a", "DPM++ 2M", ...
	LoraModel         string   `json:"lora_model,omitzero"`     // ids, several separated by commas

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a UUID
}

func (*V7TextToImageRequest) endpoint() *endpoint.Endpoint { return endpoint.V7TextToImage }

// V7ImageToImageRequest is the body of [V7Service.ImageToImage].
type V7ImageToImageRequest struct {
	ModelID   string  `json:"model_id"`              // required; [ModelService.Search] finds models
	InitImage []Media `json:"init_image" wire:"one"` // required, one or more
	Prompt    string  `json:"prompt"`                // required, what to change

	NegativePrompt string   `json:"negative_prompt,omitzero"`
	Width          *int     `json:"width,omitzero"`        // pixels, 512 to 1024
	Height         *int     `json:"height,omitzero"`       // pixels, 512 to 1024
	AspectRatio    string   `json:"aspect_ratio,omitzero"` // "1:1", "16:9", "9:16", ...
	Strength       *float64 `json:"strength,omitzero"`     // of the change, 0 to 1
	Samples        *int     `json:"samples,omitzero"`      // images, 1 to 4

	// What follows is known from the vendor's SDKs and from public programs; some
	// models take it.

	InitImage2        Media    `json:"init_image_2,omitzero"` // a second image to take from, with "nano-banana"
	NumInferenceSteps *int     `json:"num_inference_steps,omitzero"`
	GuidanceScale     *float64 `json:"guidance_scale,omitzero"`
	SafetyChecker     *bool    `json:"safety_checker,omitzero"` // hide unsafe images
	Seed              *int64   `json:"seed,omitzero"`           // unset: random

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a UUID
}

func (*V7ImageToImageRequest) endpoint() *endpoint.Endpoint { return endpoint.V7ImageToImage }

// V7InpaintRequest is the body of [V7Service.Inpaint].
type V7InpaintRequest struct {
	ModelID   string `json:"model_id"`   // required; [ModelService.Search] finds models
	InitImage Media  `json:"init_image"` // required
	MaskImage Media  `json:"mask_image"` // required, white where to paint
	Prompt    string `json:"prompt"`     // required, what to paint

	NegativePrompt string   `json:"negative_prompt,omitzero"`
	Strength       *float64 `json:"strength,omitzero"` // of the change, 0 to 1

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a UUID
}

func (*V7InpaintRequest) endpoint() *endpoint.Endpoint { return endpoint.V7Inpaint }

// V7TextToVideoRequest is the body of [V7Service.TextToVideo].
type V7TextToVideoRequest struct {
	ModelID string `json:"model_id"` // required; [ModelService.Search] finds models
	Prompt  string `json:"prompt"`   // required

	NegativePrompt string `json:"negative_prompt,omitzero"`
	Width          *int   `json:"width,omitzero"`           // pixels, 512 to 1024
	Height         *int   `json:"height,omitzero"`          // pixels, 512 to 1024
	AspectRatio    string `json:"aspect_ratio,omitzero"`    // "1:1", "16:9", "9:16", ...
	Duration       *int   `json:"duration,string,omitzero"` // seconds, 4 or more, 5 or 10 with many models; sent as a string
	FPS            *int   `json:"fps,omitzero"`             // frames a second
	Resolution     string `json:"resolution,omitzero"`      // "480p", "720p", ...; it depends on the model
	Portrait       *bool  `json:"portrait,omitzero"`        // taller than wide
	CameraFixed    *bool  `json:"camera_fixed,omitzero"`    // keep the camera still
	EnhancePrompt  *bool  `json:"enhance_prompt,omitzero"`  // have the prompt improved
	GenerateAudio  *bool  `json:"generate_audio,omitzero"`  // with sound
	InitAudio      Media  `json:"init_audio,omitzero"`      // a sound to move to

	// InitImage are references that some models take, known from the vendor's SDKs.
	InitImage []Media `json:"init_image,omitzero" wire:"one"`

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a UUID
}

func (*V7TextToVideoRequest) endpoint() *endpoint.Endpoint { return endpoint.V7TextToVideo }

// V7ImageToVideoRequest is the body of [V7Service.ImageToVideo].
type V7ImageToVideoRequest struct {
	ModelID   string  `json:"model_id"`   // required; [ModelService.Search] finds models
	InitImage []Media `json:"init_image"` // required, one or more; the first and the last frame with some models

	Prompt         string `json:"prompt,omitzero"` // how it moves
	NegativePrompt string `json:"negative_prompt,omitzero"`
	Width          *int   `json:"width,omitzero"`           // pixels, 512 to 1024
	Height         *int   `json:"height,omitzero"`          // pixels, 512 to 1024
	AspectRatio    string `json:"aspect_ratio,omitzero"`    // "1:1", "16:9", "9:16", ...
	Duration       *int   `json:"duration,string,omitzero"` // seconds, 4 or more, 5 or 10 with many models; sent as a string
	FPS            *int   `json:"fps,omitzero"`             // frames a second
	Resolution     string `json:"resolution,omitzero"`      // "480p", "720p", ...; it depends on the model
	Portrait       *bool  `json:"portrait,omitzero"`        // taller than wide
	CameraFixed    *bool  `json:"camera_fixed,omitzero"`    // keep the camera still
	EnhancePrompt  *bool  `json:"enhance_prompt,omitzero"`  // have the prompt improved
	GenerateAudio  *bool  `json:"generate_audio,omitzero"`  // with sound
	InitAudio      Media  `json:"init_audio,omitzero"`      // a sound to move to

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a UUID
}

func (*V7ImageToVideoRequest) endpoint() *endpoint.Endpoint { return endpoint.V7ImageToVideo }

// V7VideoToVideoRequest is the body of [V7Service.VideoToVideo].
type V7VideoToVideoRequest struct {
	ModelID   string  `json:"model_id"`   // required; [ModelService.Search] finds models
	InitVideo []Media `json:"init_video"` // required, one or more

	Prompt                string  `json:"prompt,omitzero"`                // what to change
	InitImage             []Media `json:"init_image,omitzero" wire:"one"` // what to look like
	NegativePrompt        string  `json:"negative_prompt,omitzero"`
	AspectRatio           string  `json:"aspect_ratio,omitzero"`            // "1:1", "16:9", "9:16", ...
	Duration              *int    `json:"duration,omitzero"`                // seconds, 4 or more; sent as a number
	Seed                  *int64  `json:"seed,omitzero"`                    // unset: random
	PublicFigureThreshold string  `json:"public_figure_threshold,omitzero"` // "auto", "low", "medium" or "high"

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a UUID
}

func (*V7VideoToVideoRequest) endpoint() *endpoint.Endpoint { return endpoint.V7VideoToVideo }

// V7LipSyncRequest is the body of [V7Service.LipSync].
type V7LipSyncRequest struct {
	ModelID   string `json:"model_id"`   // required; [ModelService.Search] finds models
	InitVideo Media  `json:"init_video"` // required, with a face in it
	InitAudio Media  `json:"init_audio"` // required, what the face says

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a UUID
}

func (*V7LipSyncRequest) endpoint() *endpoint.Endpoint { return endpoint.V7LipSync }

// V7MotionControlRequest is the body of [V7Service.MotionControl].
type V7MotionControlRequest struct {
	ModelID              string `json:"model_id"`              // required; [ModelService.Search] finds models
	InitImage            Media  `json:"init_image"`            // required, the figure
	InitVideo            Media  `json:"init_video"`            // required, the motion
	CharacterOrientation string `json:"character_orientation"` // required: "image" or "video", whose orientation to keep

	Prompt            string `json:"prompt,omitzero"`                            // up to 2,500 characters
	Mode              string `json:"mode,omitzero"`                              // "std" or "pro"
	KeepOriginalSound *bool  `json:"keep_original_sound,omitzero" wire:"yes/no"` // of InitVideo

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a UUID
}

func (*V7MotionControlRequest) endpoint() *endpoint.Endpoint { return endpoint.V7MotionControl }
