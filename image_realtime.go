package modelslab

import (
	"context"

	"github.com/modelslab-go/modelslab/internal/endpoint"
)

// RealtimeTextToImage makes images from a prompt within seconds, at a lower
// quality.
//
// POST /api/v6/realtime/text2img
// (https://docs.modelslab.com/image-generation/realtime-stable-diffusion/text-to-image).
// Errors are those of [Client.Submit].
func (s *ImageService) RealtimeTextToImage(ctx context.Context, req *RealtimeTextToImageRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// RealtimeImageToImage makes images from an image within seconds.
//
// POST /api/v6/realtime/img2img
// (https://docs.modelslab.com/image-generation/realtime-stable-diffusion/image-to-image).
// Errors are those of [Client.Submit].
func (s *ImageService) RealtimeImageToImage(ctx context.Context, req *RealtimeImageToImageRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// RealtimeInpaint makes the masked part of an image anew within seconds.
//
// POST /api/v6/realtime/inpaint
// (https://docs.modelslab.com/image-generation/realtime-stable-diffusion/inpaint).
// Errors are those of [Client.Submit].
func (s *ImageService) RealtimeInpaint(ctx context.Context, req *RealtimeInpaintRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// RealtimeTextToImageRequest is the body of [ImageService.RealtimeTextToImage].
type RealtimeTextToImageRequest struct {
	Prompt string `json:"prompt"` // required

	NegativePrompt  string `json:"negative_prompt,omitzero"`
	Width           *int   `json:"width,omitzero"`            // pixels, a multiple of 8, server default 512
	Height          *int   `json:"height,omitzero"`           // pixels, a multiple of 8, server default 512
	Samples         *int   `json:"samples,omitzero"`          // images to make, server default 1
	Seed            *int64 `json:"seed,omitzero"`             // unset: random
	SafetyChecker   *bool  `json:"safety_checker,omitzero"`   // hide unsafe images, server default false
	InstantResponse *bool  `json:"instant_response,omitzero"` // answer with links that work later, server default false
	Base64          *bool  `json:"base64,omitzero"`           // results are files of base64 text, server default false

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a UUID
}

func (*RealtimeTextToImageRequest) endpoint() *endpoint.Endpoint { return endpoint.RealtimeTextToImage }

// RealtimeImageToImageRequest is the body of
// [ImageService.RealtimeImageToImage].
type RealtimeImageToImageRequest struct {
	Prompt    string `json:"prompt"`     // required
	InitImage Media  `json:"init_image"` // required

	NegativePrompt  string   `json:"negative_prompt,omitzero"`
	Width           *int     `json:"width,omitzero"`            // pixels, a multiple of 8, server default 512
	Height          *int     `json:"height,omitzero"`           // pixels, a multiple of 8, server default 512
	Samples         *int     `json:"samples,omitzero"`          // images to make, server default 1
	Strength        *float64 `json:"strength,omitzero"`         // 0 keeps InitImage, 1 ignores it
	Seed            *int64   `json:"seed,omitzero"`             // unset: random
	SafetyChecker   *bool    `json:"safety_checker,omitzero"`   // hide unsafe images, server default false
	InstantResponse *bool    `json:"instant_response,omitzero"` // answer with links that work later, server default false
	Base64          *bool    `json:"base64,omitzero"`           // results are files of base64 text, server default false

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a UUID
}

func (*RealtimeImageToImageRequest) endpoint() *endpoint.Endpoint {
	return endpoint.RealtimeImageToImage
}

// RealtimeInpaintRequest is the body of [ImageService.RealtimeInpaint].
type RealtimeInpaintRequest struct {
	Prompt    string `json:"prompt"`     // required
	InitImage Media  `json:"init_image"` // required
	MaskImage Media  `json:"mask_image"` // required; the part to make anew

	NegativePrompt  string   `json:"negative_prompt,omitzero"`
	Width           *int     `json:"width,omitzero"`            // pixels, a multiple of 8, server default 512
	Height          *int     `json:"height,omitzero"`           // pixels, a multiple of 8, server default 512
	Samples         *int     `json:"samples,omitzero"`          // images to make, server default 1
	Strength        *float64 `json:"strength,omitzero"`         // 0 keeps InitImage, 1 ignores it
	Seed            *int64   `json:"seed,omitzero"`             // unset: random
	SafetyChecker   *bool    `json:"safety_checker,omitzero"`   // hide unsafe images, server default false
	InstantResponse *bool    `json:"instant_response,omitzero"` // answer with links that work later, server default false
	Base64          *bool    `json:"base64,omitzero"`           // results are files of base64 text, server default false

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a UUID
}

func (*RealtimeInpaintRequest) endpoint() *endpoint.Endpoint { return endpoint.RealtimeInpaint }
