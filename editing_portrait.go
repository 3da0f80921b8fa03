package modelslab

import (
	"context"

	"github.com/modelslab-go/modelslab/internal/endpoint"
)

// FaceGen makes images of a person whose face is given. The results are gone
// after 24 hours.
//
// POST /api/v6/image_editing/face_gen
// (https://docs.modelslab.com/image-editing/face-gen). Errors are those of
// [Client.Submit].
func (s *EditingService) FaceGen(ctx context.Context, req *FaceGenRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// HeadShot makes portraits of a person whose face is given. The results are
// gone after 24 hours.
//
// POST /api/v6/image_editing/head_shot
// (https://docs.modelslab.com/image-editing/head-shot). Errors are those of
// [Client.Submit].
func (s *EditingService) HeadShot(ctx context.Context, req *HeadShotRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// FluxHeadshot makes a portrait of a person whose face is given, with Flux. It
// is for enterprise accounts.
//
// POST /api/v6/image_editing/flux_headshot
// (https://docs.modelslab.com/image-editing/flux-headshot). Errors are those of
// [Client.Submit].
func (s *EditingService) FluxHeadshot(ctx context.Context, req *FluxHeadshotRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// Fashion puts a garment on a person.
//
// POST /api/v6/image_editing/fashion
// (https://docs.modelslab.com/image-editing/fashion). Errors are those of
// [Client.Submit].
func (s *EditingService) Fashion(ctx context.Context, req *FashionRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// FaceGenRequest is the body of [EditingService.FaceGen].
type FaceGenRequest struct {
	Prompt    string `json:"prompt"`     // required
	FaceImage Media  `json:"face_image"` // required; a local file goes into the body as a data URI

	Style             string   `json:"style,omitzero"`               // "comic", "chibi", "3d", "anime"; server default "realistic"
	Width             *int     `json:"width,omitzero"`               // pixels; unset: that of FaceImage
	Height            *int     `json:"height,omitzero"`              // pixels; unset: that of FaceImage
	Samples           *int     `json:"samples,omitzero"`             // images to make
	NumInferenceSteps *int     `json:"num_inference_steps,omitzero"` // 21, 31 or 41
	GuidanceScale     *float64 `json:"guidance_scale,omitzero"`      // 1 to 20
	SScale            *float64 `json:"s_scale,omitzero"`             // how closely to keep the face, 0 to 2, server default 1
	SafetyChecker     *bool    `json:"safety_checker,omitzero"`      // hide unsafe images
	SafetyCheckerType string   `json:"safety_checker_type,omitzero"` // "blur", "pixelate", "black" or "sensitive_content_text"
	Base64            *bool    `json:"base64,omitzero"`              // results are files of base64 text, server default false

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a random number
}

func (*FaceGenRequest) endpoint() *endpoint.Endpoint { return endpoint.FaceGen }

// HeadShotRequest is the body of [EditingService.HeadShot].
type HeadShotRequest struct {
	Prompt    string `json:"prompt"`     // required
	FaceImage Media  `json:"face_image"` // required; a local file goes into the body as a data URI

	Width             *int     `json:"width,omitzero"`               // pixels; unset: that of FaceImage
	Height            *int     `json:"height,omitzero"`              // pixels; unset: that of FaceImage
	Samples           *int     `json:"samples,omitzero"`             // images to make
	NumInferenceSteps *int     `json:"num_inference_steps,omitzero"` // 21, 31 or 41
	GuidanceScale     *float64 `json:"guidance_scale,omitzero"`      // 1 to 5
	SScale            *float64 `json:"s_scale,omitzero"`             // how closely to keep the face, 0 to 2, server default 1
	SafetyChecker     *bool    `json:"safety_checker,omitzero"`      // hide unsafe images
	SafetyCheckerType string   `json:"safety_checker_type,omitzero"` // "blur", "pixelate", "black" or "sensitive_content_text"
	Base64            *bool    `json:"base64,omitzero"`              // results are files of base64 text, server default false

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a random number
}

func (*HeadShotRequest) endpoint() *endpoint.Endpoint { return endpoint.HeadShot }

// FluxHeadshotRequest is the body of [EditingService.FluxHeadshot].
type FluxHeadshotRequest struct {
	Prompt    string `json:"prompt"`     // required
	FaceImage Media  `json:"face_image"` // required; a local file goes into the body as a data URI

	Seed              *int64   `json:"seed,omitzero"`                // unset: a random one is sent, since the API requires the field
	Width             *int     `json:"width,omitzero"`               // pixels; unset: that of FaceImage
	Height            *int     `json:"height,omitzero"`              // pixels; unset: that of FaceImage
	NumInferenceSteps *int     `json:"num_inference_steps,omitzero"` // up to 26
	GuidanceScale     *float64 `json:"guidance_scale,omitzero"`      // 1 to 10

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a random number
}

func (*FluxHeadshotRequest) endpoint() *endpoint.Endpoint { return endpoint.FluxHeadshot }

// FashionRequest is the body of [EditingService.Fashion].
type FashionRequest struct {
	InitImage  Media  `json:"init_image"`  // required, the person
	ClothImage Media  `json:"cloth_image"` // required, the garment
	ClothType  string `json:"cloth_type"`  // required, "upper_body", "lower_body" or "dresses"

	Prompt            string   `json:"prompt,omitzero"`
	NegativePrompt    string   `json:"negative_prompt,omitzero"`
	NumInferenceSteps *int     `json:"num_inference_steps,omitzero"` // 21, 31 or 41
	GuidanceScale     *float64 `json:"guidance_scale,omitzero"`      // 1 to 20
	Temp              *bool    `json:"temp,omitzero" wire:"yes/no"`  // answer with proxy links, server default false

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a random number
}

func (*FashionRequest) endpoint() *endpoint.Endpoint { return endpoint.Fashion }
