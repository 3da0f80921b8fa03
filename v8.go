package modelslab

import (
	"context"

	"github.com/modelslab-go/modelslab/internal/endpoint"
)

// V8Service reaches image models through endpoints that are newer than those of
// [V7Service]. No document of the vendor describes them: what is here comes
// from public programs, and may change. Every request names its model. Files
// that are not on the web yet are uploaded first; [WithExtra] sends what the
// request structs do not have.
type V8Service struct{ client *Client }

// TextToImage makes images from a prompt.
//
// POST /api/v8/images/text-to-image (no documentation page; as public programs
// call it). Errors are those of [Client.Submit].
func (s *V8Service) TextToImage(ctx context.Context, req *V8TextToImageRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// ImageToImage changes images as a prompt says.
//
// POST /api/v8/images/image-to-image (no documentation page; named in a public
// document, which gives no parameters). Errors are those of [Client.Submit].
func (s *V8Service) ImageToImage(ctx context.Context, req *V8ImageToImageRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// BackgroundRemoval takes the background out of an image, or makes the mask of
// what is not background. See [EditingService.RemoveBGMask] for one that is
// documented.
//
// POST /api/v8/images/background-removal (no documentation page; as public
// programs call it). Errors are those of [Client.Submit].
func (s *V8Service) BackgroundRemoval(ctx context.Context, req *V8BackgroundRemovalRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// V8TextToImageRequest is the body of [V8Service.TextToImage].
type V8TextToImageRequest struct {
	ModelID string `json:"model_id"` // required, "flux-2-dev"; [ModelService.Search] finds models
	Prompt  string `json:"prompt"`   // required

	NegativePrompt    string `json:"negative_prompt,omitzero"`
	Width             *int   `json:"width,omitzero"`               // pixels, up to 1024
	Height            *int   `json:"height,omitzero"`              // pixels, up to 1024
	AspectRatio       string `json:"aspect_ratio,omitzero"`        // "1:1", "16:9", "9:16", ...
	Samples           *int   `json:"samples,omitzero"`             // images to make
	NumInferenceSteps *int   `json:"num_inference_steps,omitzero"` // 20 or 30 in public programs

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a UUID
}

func (*V8TextToImageRequest) endpoint() *endpoint.Endpoint { return endpoint.V8TextToImage }

// V8ImageToImageRequest is the body of [V8Service.ImageToImage].
type V8ImageToImageRequest struct {
	ModelID   string  `json:"model_id"`              // required; [ModelService.Search] finds models
	InitImage []Media `json:"init_image" wire:"one"` // required, one or more
	Prompt    string  `json:"prompt"`                // required, what to change

	NegativePrompt    string   `json:"negative_prompt,omitzero"`
	Width             *int     `json:"width,omitzero"`               // pixels, up to 1024
	Height            *int     `json:"height,omitzero"`              // pixels, up to 1024
	AspectRatio       string   `json:"aspect_ratio,omitzero"`        // "1:1", "16:9", "9:16", ...
	Strength          *float64 `json:"strength,omitzero"`            // of the change, 0 to 1
	Samples           *int     `json:"samples,omitzero"`             // images to make
	NumInferenceSteps *int     `json:"num_inference_steps,omitzero"` // 20 or 30 in public programs

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a UUID
}

func (*V8ImageToImageRequest) endpoint() *endpoint.Endpoint { return endpoint.V8ImageToImage }

// V8BackgroundRemovalRequest is the body of [V8Service.BackgroundRemoval].
type V8BackgroundRemovalRequest struct {
	ModelID  string `json:"model_id"`  // required, "background-remover-1"
	ImageURL Media  `json:"image_url"` // required; a local file is uploaded

	OnlyMask        *bool  `json:"only_mask,omitzero"`            // the mask is the result, false in public programs
	InverseMask     *bool  `json:"inverse_mask,omitzero"`         // swap black and white, false in public programs
	AlphaMatting    *bool  `json:"alpha_matting,omitzero"`        // soft edges, false in public programs
	PostProcessMask *bool  `json:"post_process_mask,omitzero"`    // smooth the mask, false in public programs
	Seed            *int64 `json:"seed,omitzero"`                 // unset: random
	Base64          *bool  `json:"base64,omitzero" wire:"yes/no"` // the result is a file of base64 text, false in public programs

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a UUID
}

func (*V8BackgroundRemovalRequest) endpoint() *endpoint.Endpoint { return endpoint.V8BackgroundRemoval }
