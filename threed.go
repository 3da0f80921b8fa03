package modelslab

import (
	"context"

	"github.com/modelslab-go/modelslab/internal/endpoint"
)

// ThreeDService makes 3D models. See
// https://docs.modelslab.com/3d-api/overview.
type ThreeDService struct{ client *Client }

// TextTo3D makes a 3D model from a prompt.
//
// POST /api/v6/3d/text_to_3d
// (https://docs.modelslab.com/3d-api/text-to-3d). Errors are those of
// [Client.Submit].
func (s *ThreeDService) TextTo3D(ctx context.Context, req *TextTo3DRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// ImageTo3D makes a 3D model from an image.
//
// POST /api/v6/3d/image_to_3d
// (https://docs.modelslab.com/3d-api/image-to-3d). Errors are those of
// [Client.Submit].
func (s *ThreeDService) ImageTo3D(ctx context.Context, req *ImageTo3DRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// TextTo3DRequest is the body of [ThreeDService.TextTo3D].
type TextTo3DRequest struct {
	Prompt string `json:"prompt"` // required

	NegativePrompt       string   `json:"negative_prompt,omitzero"`
	OutputFormat         string   `json:"output_format,omitzero"`          // "obj", "stl" or "ply", server default "glb"
	Resolution           *int     `json:"resolution,omitzero"`             // up to 512, server default 512
	Render               *bool    `json:"render,omitzero"`                 // make a video of the model too, server default false
	GuidanceScale        *float64 `json:"guidance_scale,omitzero"`         // server default 3
	NumInferenceSteps    *int     `json:"num_inference_steps,omitzero"`    // server default 30
	ForegroundRatio      *float64 `json:"foreground_ratio,omitzero"`       // part of the image that the object fills, server default 0.85
	RemoveBG             *bool    `json:"remove_bg,omitzero"`              // server default false
	SSGuidanceStrength   *float64 `json:"ss_guidance_strength,omitzero"`   // of the first, coarse stage, server default 7.5
	SSSamplingSteps      *int     `json:"ss_sampling_steps,omitzero"`      // of the first, coarse stage, server default 50
	SLATGuidanceStrength *float64 `json:"slat_guidance_strength,omitzero"` // of the second, fine stage, server default 3
	SLATSamplingSteps    *int     `json:"slat_sampling_steps,omitzero"`    // of the second, fine stage, server default 50
	MeshSimplify         *float64 `json:"mesh_simplify,omitzero"`          // 0.9 to 0.98, more leaves fewer triangles; server default 0.9
	ChunkSize            *int     `json:"chunk_size,omitzero"`             // up to 12000, server default 8192
	Seed                 *int64   `json:"seed,omitzero"`                   // 0, the server default: random
	Temp                 *bool    `json:"temp,omitzero" wire:"yes/no"`     // keep the result for 24 hours only, server default false

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a UUID
}

func (*TextTo3DRequest) endpoint() *endpoint.Endpoint { return endpoint.TextTo3D }

// ImageTo3DRequest is the body of [ThreeDService.ImageTo3D].
type ImageTo3DRequest struct {
	InitImage Media `json:"init_image"` // required

	MultiImage           *bool    `json:"multi_image,omitzero"`            // InitImage is a transparent PNG with several views, server default false
	OutputFormat         string   `json:"output_format,omitzero"`          // "obj", "stl" or "ply", server default "glb"
	Resolution           *int     `json:"resolution,omitzero"`             // up to 512, server default 256
	Render               *bool    `json:"render,omitzero"`                 // make a video of the model too, server default false
	SSGuidanceStrength   *float64 `json:"ss_guidance_strength,omitzero"`   // of the first, coarse stage, server default 7.5
	SSSamplingSteps      *int     `json:"ss_sampling_steps,omitzero"`      // of the first, coarse stage, server default 12
	SLATGuidanceStrength *float64 `json:"slat_guidance_strength,omitzero"` // of the second, fine stage, server default 3
	SLATSamplingSteps    *int     `json:"slat_sampling_steps,omitzero"`    // of the second, fine stage, server default 12
	MeshSimplify         *float64 `json:"mesh_simplify,omitzero"`          // 0.9 to 0.98, more leaves fewer triangles; server default 0.9
	ChunkSize            *int     `json:"chunk_size,omitzero"`             // up to 12000, server default 8192
	Seed                 *int64   `json:"seed,omitzero"`                   // 0, the server default: random
	Temp                 *bool    `json:"temp,omitzero" wire:"yes/no"`     // keep the result for 24 hours only, server default false

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a UUID
}

func (*ImageTo3DRequest) endpoint() *endpoint.Endpoint { return endpoint.ImageTo3D }
