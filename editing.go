package modelslab

import (
	"context"

	"github.com/modelslab-go/modelslab/internal/endpoint"
)

// EditingService changes images. See
// https://docs.modelslab.com/image-editing/overview.
type EditingService struct{ client *Client }

// RemoveBGMask takes the background out of an image, or makes the mask of what
// is not background.
//
// POST /api/v6/image_editing/removebg_mask
// (https://docs.modelslab.com/image-editing/removebg-createmask). Errors are
// those of [Client.Submit].
func (s *EditingService) RemoveBGMask(ctx context.Context, req *RemoveBGMaskRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// SuperResolution makes an image larger and sharper.
//
// POST /api/v6/image_editing/super_resolution
// (https://docs.modelslab.com/image-editing/super-resolution). Errors are those
// of [Client.Submit].
func (s *EditingService) SuperResolution(ctx context.Context, req *SuperResolutionRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// Caption says in words what an image shows.
//
// POST /api/v6/image_editing/caption
// (https://docs.modelslab.com/image-editing/caption). Errors are those of
// [Client.Submit].
func (s *EditingService) Caption(ctx context.Context, req *CaptionRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// QwenEdit changes images as the prompt says, with the Qwen models.
//
// POST /api/v6/image_editing/qwen_edit
// (https://docs.modelslab.com/image-editing/qwen-edit). Errors are those of
// [Client.Submit].
func (s *EditingService) QwenEdit(ctx context.Context, req *QwenEditRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// ImageMixer makes one image out of up to four.
//
// POST /api/v6/image_editing/img_mixer
// (https://docs.modelslab.com/image-editing/imagemixer). Errors are those of
// [Client.Submit].
func (s *EditingService) ImageMixer(ctx context.Context, req *ImageMixerRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// Inpaint makes the masked part of an image anew. See [ImageService.Inpaint]
// for a model of your choice.
//
// POST /api/v6/image_editing/inpaint
// (https://docs.modelslab.com/image-editing/inpaint). Errors are those of
// [Client.Submit].
func (s *EditingService) Inpaint(ctx context.Context, req *EditingInpaintRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// MaskCreator makes the mask of an object in an image.
//
// POST /api/v6/image_editing/mask_creator
// (https://docs.modelslab.com/image-editing/mask-creator). Errors are those of
// [Client.Submit].
func (s *EditingService) MaskCreator(ctx context.Context, req *MaskCreatorRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// ObjectRemoval takes what is masked out of an image.
//
// POST /api/v6/image_editing/object_removal
// (https://docs.modelslab.com/image-editing/object-remover). Errors are those
// of [Client.Submit].
func (s *EditingService) ObjectRemoval(ctx context.Context, req *ObjectRemovalRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// Outpaint makes an image larger by painting around it.
//
// POST /api/v6/image_editing/outpaint
// (https://docs.modelslab.com/image-editing/outpaint). Errors are those of
// [Client.Submit].
func (s *EditingService) Outpaint(ctx context.Context, req *OutpaintRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// RemoveBGMaskRequest is the body of [EditingService.RemoveBGMask].
type RemoveBGMaskRequest struct {
	Image Media `json:"image"` // required; a local file goes into the body as a data URI

	AlphaMatting                    *bool  `json:"alpha_matting,omitzero"`                      // soft edges, server default false
	AlphaMattingForegroundThreshold *int   `json:"alpha_matting_foreground_threshold,omitzero"` // 0 to 240, server default 240
	AlphaMattingBackgroundThreshold *int   `json:"alpha_matting_background_threshold,omitzero"` // 0 to 20, server default 20
	AlphaMattingErodeSize           *int   `json:"alpha_matting_erode_size,omitzero"`           // pixels, 0 to 5, server default 5
	PostProcessMask                 *bool  `json:"post_process_mask,omitzero"`                  // smooth the mask, server default false
	OnlyMask                        *bool  `json:"only_mask,omitzero"`                          // the mask is the result, server default false
	InverseMask                     *bool  `json:"inverse_mask,omitzero"`                       // swap black and white, server default false
	Seed                            *int64 `json:"seed,omitzero"`                               // unset: random
	Base64                          *bool  `json:"base64,omitzero"`                             // the result is a file of base64 text, server default false

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a random number
}

func (*RemoveBGMaskRequest) endpoint() *endpoint.Endpoint { return endpoint.RemoveBGMask }

// SuperResolutionRequest is the body of [EditingService.SuperResolution].
type SuperResolutionRequest struct {
	InitImage Media `json:"init_image"` // required

	ModelID     string `json:"model_id,omitzero"`     // "ultra_resolution", "RealESRGAN_x4plus" and the like; server default "realesr-general-x4v3"
	Scale       *int   `json:"scale,omitzero"`        // times the size, server default 3
	FaceEnhance *bool  `json:"face_enhance,omitzero"` // server default false

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a random number
}

func (*SuperResolutionRequest) endpoint() *endpoint.Endpoint { return endpoint.SuperResolution }

// CaptionRequest is the body of [EditingService.Caption].
type CaptionRequest struct {
	InitImage Media `json:"init_image"` // required, PNG or JPEG

	Prompt string `json:"prompt,omitzero"` // the API's schema requires it and describes it nowhere
	Length string `json:"length,omitzero"` // "short" or "long", server default "normal"
	Base64 *bool  `json:"base64,omitzero"` // the result is a file of base64 text, server default false

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a random number
}

func (*CaptionRequest) endpoint() *endpoint.Endpoint { return endpoint.Caption }

// QwenEditRequest is the body of [EditingService.QwenEdit].
type QwenEditRequest struct {
	Prompt    string  `json:"prompt"`     // required
	InitImage []Media `json:"init_image"` // required, one or more

	ModelID       string `json:"model_id,omitzero"`       // "qwen-edit-2511", server default "qwen-edit-2509"
	SafetyChecker *bool  `json:"safety_checker,omitzero"` // refuse unsafe images
	Base64        *bool  `json:"base64,omitzero"`         // the result is a file of base64 text, server default false

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a random number
}

func (*QwenEditRequest) endpoint() *endpoint.Endpoint { return endpoint.QwenEdit }

// ImageMixerRequest is the body of [EditingService.ImageMixer].
type ImageMixerRequest struct {
	Prompt    string  `json:"prompt"`     // required
	InitImage []Media `json:"init_image"` // required, one to four

	NegativePrompt string   `json:"negative_prompt,omitzero"`
	Width          *int     `json:"width,omitzero"`          // pixels; unset: that of InitImage
	Height         *int     `json:"height,omitzero"`         // pixels; unset: that of InitImage
	Samples        *int     `json:"samples,omitzero"`        // images to make
	Steps          *int     `json:"steps,omitzero"`          // 1 to 50
	GuidanceScale  *float64 `json:"guidance_scale,omitzero"` // 1 to 20
	Seed           *int64   `json:"seed,omitzero"`           // unset: random

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a random number
}

func (*ImageMixerRequest) endpoint() *endpoint.Endpoint { return endpoint.ImageMixer }

// EditingInpaintRequest is the body of [EditingService.Inpaint].
type EditingInpaintRequest struct {
	Prompt    string `json:"prompt"`     // required
	InitImage Media  `json:"init_image"` // required
	MaskImage Media  `json:"mask_image"` // required; the part to make anew

	NegativePrompt    string   `json:"negative_prompt,omitzero"`
	Width             *int     `json:"width,omitzero"`                              // pixels, server default 512
	Height            *int     `json:"height,omitzero"`                             // pixels, server default 512
	Samples           *int     `json:"samples,omitzero"`                            // images to make, server default 1
	NumInferenceSteps *int     `json:"num_inference_steps,omitzero"`                // server default 30
	GuidanceScale     *float64 `json:"guidance_scale,omitzero"`                     // 1 to 5, server default 5
	Strength          *float64 `json:"strength,omitzero"`                           // 0 keeps InitImage, 1 ignores it; server default 0.7
	Seed              *int64   `json:"seed,omitzero"`                               // unset: random
	SafetyChecker     *bool    `json:"safety_checker,omitzero" wire:"yes/no"`       // hide unsafe images, server default false
	InstantResponse   *bool    `json:"instant_response,omitzero" wire:"true/false"` // answer with links that work later, server default false
	Base64            *bool    `json:"base64,omitzero" wire:"true/false"`           // the result is a file of base64 text, server default false

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a random number
}

func (*EditingInpaintRequest) endpoint() *endpoint.Endpoint { return endpoint.EditingInpaint }

// MaskCreatorRequest is the body of [EditingService.MaskCreator].
type MaskCreatorRequest struct {
	SpecificObject string `json:"specific_object"` // required, "the ball"

	InitImage Media `json:"init_image,omitzero"` // where the object is; the API's samples have it, its schema does not
	Base64    *bool `json:"base64,omitzero"`     // the result is a file of base64 text

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a random number
}

func (*MaskCreatorRequest) endpoint() *endpoint.Endpoint { return endpoint.MaskCreator }

// ObjectRemovalRequest is the body of [EditingService.ObjectRemoval].
type ObjectRemovalRequest struct {
	InitImage Media `json:"init_image"` // required
	MaskImage Media `json:"mask_image"` // required; what to take out

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a random number
}

func (*ObjectRemovalRequest) endpoint() *endpoint.Endpoint { return endpoint.ObjectRemoval }

// OutpaintRequest is the body of [EditingService.Outpaint].
type OutpaintRequest struct {
	Image Media `json:"image"` // required; a local file goes into the body and sets Base64

	Prompt            string   `json:"prompt,omitzero"`              // server default "high quality"
	NegativePrompt    string   `json:"negative_prompt,omitzero"`     // server default "low quality"
	Width             *int     `json:"width,omitzero"`               // pixels of the result, server default 1280
	Height            *int     `json:"height,omitzero"`              // pixels of the result, server default 720
	OverlapWidth      *int     `json:"overlap_width,omitzero"`       // pixels painted over at the seam, server default 10
	NumInferenceSteps *int     `json:"num_inference_steps,omitzero"` // server default 10
	GuidanceScale     *float64 `json:"guidance_scale,omitzero"`      // server default 8
	Seed              *int64   `json:"seed,omitzero"`                // unset: random
	Base64            *bool    `json:"base64,omitzero"`              // Image is base64, not a URL; server default false
	Temp              *bool    `json:"temp,omitzero"`                // keep the result for 24 hours only, server default true

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a random number
}

func (*OutpaintRequest) endpoint() *endpoint.Endpoint { return endpoint.Outpaint }
