package modelslab

import (
	"context"

	"github.com/modelslab-go/modelslab/internal/endpoint"
)

// FaceSwapService puts faces into images and videos, for Standard and Premium
// accounts. See https://docs.modelslab.com/faceswap-api/overview.
type FaceSwapService struct{ client *Client }

// SingleFaceSwap swaps one face of an image, picked by a reference image.
//
// POST /api/v6/faceswap/single_face_swap
// (https://docs.modelslab.com/faceswap-api/specific-face-swap). Errors are
// those of [Client.Submit].
func (s *FaceSwapService) SingleFaceSwap(ctx context.Context, req *SingleFaceSwapRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// MultipleFaceSwap swaps all faces of an image.
//
// POST /api/v6/faceswap/multiple_face_swap
// (https://docs.modelslab.com/faceswap-api/multiple-face-swap). Errors are
// those of [Client.Submit].
func (s *FaceSwapService) MultipleFaceSwap(ctx context.Context, req *MultipleFaceSwapRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// SingleVideoSwap swaps all faces of a video.
//
// POST /api/v6/faceswap/single_video_swap
// (https://docs.modelslab.com/faceswap-api/single-video-swap). Errors are those
// of [Client.Submit].
func (s *FaceSwapService) SingleVideoSwap(ctx context.Context, req *SingleVideoSwapRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// SpecificVideoSwap swaps one face of a video, picked by a reference image.
//
// POST /api/v6/faceswap/specific_video_swap
// (https://docs.modelslab.com/faceswap-api/specific-video-swap). Errors are
// those of [Client.Submit].
func (s *FaceSwapService) SpecificVideoSwap(ctx context.Context, req *SpecificVideoSwapRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// SingleFaceSwapRequest is the body of [FaceSwapService.SingleFaceSwap]. Where
// all images are local files they go into the body and set Base64.
type SingleFaceSwapRequest struct {
	InitImage      Media `json:"init_image"`      // required; the image to change
	TargetImage    Media `json:"target_image"`    // required; shows the face to put in
	ReferenceImage Media `json:"reference_image"` // required; shows the face of InitImage to replace

	Watermark *bool `json:"watermark,omitzero"` // server default true
	Base64    *bool `json:"base64,omitzero"`    // the images are base64, not URLs; server default false

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a random number
}

func (*SingleFaceSwapRequest) endpoint() *endpoint.Endpoint { return endpoint.SingleFaceSwap }

// MultipleFaceSwapRequest is the body of [FaceSwapService.MultipleFaceSwap].
// Where both images are local files they go into the body and set Base64.
type MultipleFaceSwapRequest struct {
	InitImage   Media `json:"init_image"`   // required; the image to change
	TargetImage Media `json:"target_image"` // required; shows the faces to put in

	Watermark *bool `json:"watermark,omitzero"` // server default true
	Base64    *bool `json:"base64,omitzero"`    // the images are base64, not URLs; server default false

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a random number
}

func (*MultipleFaceSwapRequest) endpoint() *endpoint.Endpoint { return endpoint.MultipleFaceSwap }

// SingleVideoSwapRequest is the body of [FaceSwapService.SingleVideoSwap].
type SingleVideoSwapRequest struct {
	InitImage Media `json:"init_image"` // required; shows the face to put in
	InitVideo Media `json:"init_video"` // required, shorter than a minute; the video to change

	OutputFormat string `json:"output_format,omitzero"` // server default "mp4"
	Watermark    *bool  `json:"watermark,omitzero"`     // server default true

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a random number
}

func (*SingleVideoSwapRequest) endpoint() *endpoint.Endpoint { return endpoint.SingleVideoSwap }

// SpecificVideoSwapRequest is the body of [FaceSwapService.SpecificVideoSwap].
type SpecificVideoSwapRequest struct {
	InitImage      Media `json:"init_image"`      // required; shows the face to put in
	InitVideo      Media `json:"init_video"`      // required; the video to change
	ReferenceImage Media `json:"reference_image"` // required; shows the face of InitVideo to replace

	OutputFormat string `json:"output_format,omitzero"` // server default "mp4"
	Watermark    *bool  `json:"watermark,omitzero"`     // server default true

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a random number
}

func (*SpecificVideoSwapRequest) endpoint() *endpoint.Endpoint { return endpoint.SpecificVideoSwap }
