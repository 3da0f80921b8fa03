package modelslab

import (
	"context"

	"github.com/modelslab-go/modelslab/internal/endpoint"
)

// ImageService makes images from prompts and from other images. See
// https://docs.modelslab.com/image-generation/overview.
type ImageService struct{ client *Client }

// TextToImage makes images from a prompt, with a community model or with Flux.
//
// POST /api/v6/images/text2img
// (https://docs.modelslab.com/image-generation/community-models/dreambooth-text-to-image,
// https://docs.modelslab.com/image-generation/flux/flux-text-to-image). Errors
// are those of [Client.Submit].
func (s *ImageService) TextToImage(ctx context.Context, req *TextToImageRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// ImageToImage makes images from an image, with a community model or with Flux
// Kontext.
//
// POST /api/v6/images/img2img
// (https://docs.modelslab.com/image-generation/community-models/dreambooth-image-to-image,
// https://docs.modelslab.com/image-editing/flux-kontext-img-to-image). Errors
// are those of [Client.Submit].
func (s *ImageService) ImageToImage(ctx context.Context, req *ImageToImageRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// Inpaint makes the masked part of an image anew, with a community model. See
// [EditingService.Inpaint] for one that needs no model.
//
// POST /api/v6/images/inpaint
// (https://docs.modelslab.com/image-generation/community-models/dreambooth-inpainting).
// Errors are those of [Client.Submit].
func (s *ImageService) Inpaint(ctx context.Context, req *InpaintRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// ControlNet makes images that keep the edges, the pose or the depth of another
// image.
//
// POST /api/v5/controlnet
// (https://docs.modelslab.com/image-generation/controlnet/controlnet-main).
// Errors are those of [Client.Submit].
func (s *ImageService) ControlNet(ctx context.Context, req *ControlNetRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// ModelReload loads a model that the server has unloaded after a week without
// use. It takes about two minutes, during which the status is processing.
//
// POST /api/v6/images/model_reload
// (https://docs.modelslab.com/image-generation/community-models/dreambooth-reload-model).
// Errors are *[Error].
func (s *ImageService) ModelReload(ctx context.Context, modelID string, opts ...CallOption) (Status, error) {
	req := struct {
		ModelID string `json:"model_id"`
	}{modelID}
	a, err := s.client.query(ctx, endpoint.ModelReload, &req, opts)
	if err != nil {
		return "", err
	}
	return Status(a.Get("status").Status()), nil
}

// TextToImageRequest is the body of [ImageService.TextToImage]. The server
// defaults are those of community models; Flux ignores the fields that it does
// not support.
type TextToImageRequest struct {
	ModelID string `json:"model_id"` // required; "flux", a community model or one of your own
	Prompt  string `json:"prompt"`   // required

	NegativePrompt     string   `json:"negative_prompt,omitzero"`
	EnhancePrompt      *bool    `json:"enhance_prompt,omitzero"`       // server default true
	MultiLingual       *bool    `json:"multi_lingual,omitzero"`        // Prompt is not in English; server default false
	Width              *int     `json:"width,omitzero"`                // pixels, a multiple of 8, server default 512
	Height             *int     `json:"height,omitzero"`               // pixels, a multiple of 8, server default 512
	Samples            *int     `json:"samples,omitzero"`              // images to make, server default 1
	NumInferenceSteps  *int     `json:"num_inference_steps,omitzero"`  // server default 31; community models stop at 20
	GuidanceScale      *float64 `json:"guidance_scale,omitzero"`       // server default 7.5
	Seed               *int64   `json:"seed,omitzero"`                 // unset: random
	SafetyChecker      *bool    `json:"safety_checker,omitzero"`       // hide unsafe images, server default false
	SafetyCheckerType  string   `json:"safety_checker_type,omitzero"`  // "blur", "pixelate", "black"; server default "sensitive_content_text"
	Scheduler          string   `json:"scheduler,omitzero"`            // "UniPCMultistepScheduler" and the like
	UseKarrasSigmas    *bool    `json:"use_karras_sigmas,omitzero"`    // server default true
	AlgorithmType      string   `json:"algorithm_type,omitzero"`       // of DPMSolverMultistepScheduler: "dpmsolver+++"; server default "none"
	VAE                string   `json:"vae,omitzero"`                  // id of another VAE
	ClipSkip           *int     `json:"clip_skip,omitzero"`            // layers, server default 2
	LoraModel          string   `json:"lora_model,omitzero"`           // ids, several separated by commas
	LoraStrength       string   `json:"lora_strength,omitzero"`        // 0.1 to 1 for each LoRA, separated by commas
	IPAdapterID        string   `json:"ip_adapter_id,omitzero"`        // "ip-adapter_sdxl" and the like
	IPAdapterScale     *float64 `json:"ip_adapter_scale,omitzero"`     // 0 to 1
	IPAdapterImage     Media    `json:"ip_adapter_image,omitzero"`     // the image that the IP adapter follows
	Upscale            *bool    `json:"upscale,omitzero"`              // double the size, server default false
	HighresFix         *bool    `json:"highres_fix,omitzero"`          // server default false
	InjectedNoiseAlpha *float64 `json:"injected_noise_alpha,omitzero"` // Flux: 0 to 1, server default 0.75
	SigmaThreshold     *float64 `json:"sigma_threshold,omitzero"`      // Flux: 0 to 1, server default 0.45
	TrueCFGScale       *float64 `json:"true_cfg_scale,omitzero"`       // Flux: server default 1
	UseCFGZeroStar     *bool    `json:"use_cfg_zero_star,omitzero"`    // Flux: server default true
	UseZeroInit        *bool    `json:"use_zero_init,omitzero"`        // Flux: start from zeros, not from noise; server default false
	ZeroSteps          *int     `json:"zero_steps,omitzero"`           // Flux: steps that UseZeroInit lasts, server default 0
	Base64             *bool    `json:"base64,omitzero"`               // results are files of base64 text, server default false
	Temp               *bool    `json:"temp,omitzero"`                 // keep the result for 24 hours only, server default false

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a UUID
}

func (*TextToImageRequest) endpoint() *endpoint.Endpoint { return endpoint.TextToImage }

// ImageToImageRequest is the body of [ImageService.ImageToImage]. The server
// defaults are those of community models, unless Flux Kontext is named.
type ImageToImageRequest struct {
	ModelID   string `json:"model_id"`   // required; "flux-kontext-dev", a community model or one of your own
	InitImage Media  `json:"init_image"` // required

	Prompt            string   `json:"prompt,omitzero"` // Flux Kontext requires it
	NegativePrompt    string   `json:"negative_prompt,omitzero"`
	InitImage2        Media    `json:"init_image_2,omitzero"`        // Flux Kontext: a second image to take from
	EnhancePrompt     *bool    `json:"enhance_prompt,omitzero"`      // server default true
	Width             *int     `json:"width,omitzero"`               // pixels, a multiple of 8, server default 512
	Height            *int     `json:"height,omitzero"`              // pixels, a multiple of 8, server default 512
	Samples           *int     `json:"samples,omitzero"`             // images to make, server default 1
	NumInferenceSteps *int     `json:"num_inference_steps,omitzero"` // server default 31, Flux Kontext 28; community models stop at 20
	GuidanceScale     *float64 `json:"guidance_scale,omitzero"`      // server default 7.5
	Guidance          *float64 `json:"guidance,omitzero"`            // Flux Kontext: in place of GuidanceScale, server default 2.5
	Strength          *float64 `json:"strength,omitzero"`            // 0 keeps InitImage, 1 ignores it; Flux Kontext: server default 0.5
	Seed              *int64   `json:"seed,omitzero"`                // unset: random
	SafetyChecker     *bool    `json:"safety_checker,omitzero"`      // hide unsafe images, server default false
	SafetyCheckerType string   `json:"safety_checker_type,omitzero"` // "blur", "pixelate", "black"; server default "sensitive_content_text"
	Scheduler         string   `json:"scheduler,omitzero"`           // "UniPCMultistepScheduler" and the like
	UseKarrasSigmas   *bool    `json:"use_karras_sigmas,omitzero"`   // server default true
	AlgorithmType     string   `json:"algorithm_type,omitzero"`      // of DPMSolverMultistepScheduler: "dpmsolver+++"; server default "none"
	VAE               string   `json:"vae,omitzero"`                 // id of another VAE
	ClipSkip          *int     `json:"clip_skip,omitzero"`           // layers, server default 2
	LoraModel         string   `json:"lora_model,omitzero"`          // ids, several separated by commas
	LoraStrength      string   `json:"lora_strength,omitzero"`       // 0.1 to 1 for each LoRA, separated by commas
	IPAdapterID       string   `json:"ip_adapter_id,omitzero"`       // "ip-adapter_sdxl" and the like
	IPAdapterScale    *float64 `json:"ip_adapter_scale,omitzero"`    // 0 to 1
	IPAdapterImage    Media    `json:"ip_adapter_image,omitzero"`    // the image that the IP adapter follows
	Base64            *bool    `json:"base64,omitzero"`              // results are files of base64 text, server default false
	Temp              *bool    `json:"temp,omitzero"`                // keep the result for 24 hours only, server default false

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a UUID
}

func (*ImageToImageRequest) endpoint() *endpoint.Endpoint { return endpoint.ImageToImage }

// InpaintRequest is the body of [ImageService.Inpaint].
type InpaintRequest struct {
	ModelID   string `json:"model_id"`   // required; a community model or one of your own
	InitImage Media  `json:"init_image"` // required
	MaskImage Media  `json:"mask_image"` // required; the part to make anew

	Prompt            string   `json:"prompt,omitzero"`
	NegativePrompt    string   `json:"negative_prompt,omitzero"`
	EnhancePrompt     *bool    `json:"enhance_prompt,omitzero"`      // server default true
	Width             *int     `json:"width,omitzero"`               // pixels, a multiple of 8, server default 512
	Height            *int     `json:"height,omitzero"`              // pixels, a multiple of 8, server default 512
	Samples           *int     `json:"samples,omitzero"`             // images to make, server default 1
	NumInferenceSteps *int     `json:"num_inference_steps,omitzero"` // server default 31; stops at 20
	GuidanceScale     *float64 `json:"guidance_scale,omitzero"`      // server default 7.5
	Strength          *float64 `json:"strength,omitzero"`            // 0 keeps InitImage, 1 ignores it
	Seed              *int64   `json:"seed,omitzero"`                // unset: random
	SafetyChecker     *bool    `json:"safety_checker,omitzero"`      // hide unsafe images, server default false
	SafetyCheckerType string   `json:"safety_checker_type,omitzero"` // "blur", "pixelate", "black"; server default "sensitive_content_text"
	Scheduler         string   `json:"scheduler,omitzero"`           // "UniPCMultistepScheduler" and the like
	UseKarrasSigmas   *bool    `json:"use_karras_sigmas,omitzero"`   // server default true
	AlgorithmType     string   `json:"algorithm_type,omitzero"`      // of DPMSolverMultistepScheduler: "dpmsolver+++"; server default "none"
	VAE               string   `json:"vae,omitzero"`                 // id of another VAE
	ClipSkip          *int     `json:"clip_skip,omitzero"`           // layers, server default 2
	LoraModel         string   `json:"lora_model,omitzero"`          // ids, several separated by commas
	LoraStrength      string   `json:"lora_strength,omitzero"`       // 0.1 to 1 for each LoRA, separated by commas
	IPAdapterID       string   `json:"ip_adapter_id,omitzero"`       // "ip-adapter_sdxl" and the like
	IPAdapterScale    *float64 `json:"ip_adapter_scale,omitzero"`    // 0 to 1
	IPAdapterImage    Media    `json:"ip_adapter_image,omitzero"`    // the image that the IP adapter follows
	Base64            *bool    `json:"base64,omitzero"`              // results are files of base64 text, server default false
	Temp              *bool    `json:"temp,omitzero"`                // keep the result for 24 hours only, server default false

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a UUID
}

func (*InpaintRequest) endpoint() *endpoint.Endpoint { return endpoint.Inpaint }

// ControlNetRequest is the body of [ImageService.ControlNet]. No field is
// required of every model.
type ControlNetRequest struct {
	ModelID                     string   `json:"model_id,omitzero"`                      // "flux", a community model or one of your own
	ControlNetModel             string   `json:"controlnet_model,omitzero"`              // "canny", "depth", "openpose" and the like; several separated by commas, but not with Flux
	ControlNetType              string   `json:"controlnet_type,omitzero"`               // one of ControlNetModel
	ControlNetConditioningScale *float64 `json:"controlnet_conditioning_scale,omitzero"` // 0.1 to 5
	ControlImage                Media    `json:"control_image,omitzero"`                 // what to keep
	InitImage                   Media    `json:"init_image,omitzero"`                    // what to start from
	MaskImage                   Media    `json:"mask_image,omitzero"`                    // for inpainting
	Prompt                      string   `json:"prompt,omitzero"`
	NegativePrompt              string   `json:"negative_prompt,omitzero"`
	EnhancePrompt               *bool    `json:"enhance_prompt,omitzero" wire:"yes/no"`    // server default true
	AutoHint                    *bool    `json:"auto_hint,omitzero" wire:"yes/no"`         // make the hint image from InitImage, server default true
	GuessMode                   *bool    `json:"guess_mode,omitzero" wire:"yes/no"`        // go without a prompt, server default false
	Width                       *int     `json:"width,omitzero"`                           // pixels, a multiple of 8, server default 512
	Height                      *int     `json:"height,omitzero"`                          // pixels, a multiple of 8, server default 512
	Samples                     *int     `json:"samples,omitzero"`                         // images to make, server default 1
	NumInferenceSteps           *int     `json:"num_inference_steps,omitzero"`             // 21 or 31, server default 30
	GuidanceScale               *float64 `json:"guidance_scale,omitzero"`                  // server default 7.5
	Strength                    *float64 `json:"strength,omitzero"`                        // 0 keeps InitImage, 1 ignores it; server default 0.55
	Seed                        *int64   `json:"seed,omitzero"`                            // unset: random
	SafetyChecker               *bool    `json:"safety_checker,omitzero" wire:"yes/no"`    // hide unsafe images, server default false
	Scheduler                   string   `json:"scheduler,omitzero"`                       // server default "UniPCMultistepScheduler"
	UseKarrasSigmas             *bool    `json:"use_karras_sigmas,omitzero" wire:"yes/no"` // server default true
	AlgorithmType               string   `json:"algorithm_type,omitzero"`                  // of DPMSolverMultistepScheduler: "dpmsolver+++"; server default "none"
	Tomesd                      *bool    `json:"tomesd,omitzero" wire:"yes/no"`            // merge tokens for speed, server default true
	VAE                         string   `json:"vae,omitzero"`                             // id of another VAE
	ClipSkip                    *int     `json:"clip_skip,omitzero"`                       // layers
	LoraModel                   string   `json:"lora_model,omitzero"`                      // ids, several separated by commas
	LoraStrength                string   `json:"lora_strength,omitzero"`                   // 0.1 to 1 for each LoRA, separated by commas
	IPAdapterID                 string   `json:"ip_adapter_id,omitzero"`                   // "ip-adapter_sdxl" and the like
	IPAdapterScale              *float64 `json:"ip_adapter_scale,omitzero"`                // 0 to 1
	IPAdapterImage              Media    `json:"ip_adapter_image,omitzero"`                // the image that the IP adapter follows
	Upscale                     *bool    `json:"upscale,omitzero" wire:"yes/no"`           // double the size
	Base64                      *bool    `json:"base64,omitzero" wire:"yes/no"`            // images are base64, given and made; server default false
	Temp                        *bool    `json:"temp,omitzero" wire:"yes/no"`              // keep the result for 24 hours only, server default false

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a random number
}

func (*ControlNetRequest) endpoint() *endpoint.Endpoint { return endpoint.ControlNet }
