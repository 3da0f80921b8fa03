package modelslab

import (
	"context"

	"github.com/modelslab-go/modelslab/internal/endpoint"
)

// VideoService makes and changes videos. See
// https://docs.modelslab.com/video-api/overview.
type VideoService struct{ client *Client }

// TextToVideo makes a video from a prompt.
//
// POST /api/v6/video/text2video
// (https://docs.modelslab.com/video-api/text-to-video). Errors are those of
// [Client.Submit].
func (s *VideoService) TextToVideo(ctx context.Context, req *TextToVideoRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// ImageToVideo animates an image.
//
// POST /api/v6/video/img2video
// (https://docs.modelslab.com/video-api/img-to-video). Errors are those of
// [Client.Submit].
func (s *VideoService) ImageToVideo(ctx context.Context, req *ImageToVideoRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// TextToVideoUltra makes a video from a prompt with the larger models.
//
// POST /api/v6/video/text2video_ultra
// (https://docs.modelslab.com/video-api/text-to-video-ultra). Errors are those
// of [Client.Submit].
func (s *VideoService) TextToVideoUltra(ctx context.Context, req *TextToVideoUltraRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// ImageToVideoUltra animates an image with the larger models.
//
// POST /api/v6/video/img2video_ultra
// (https://docs.modelslab.com/video-api/image-to-video-ultra). Errors are those
// of [Client.Submit].
func (s *VideoService) ImageToVideoUltra(ctx context.Context, req *ImageToVideoUltraRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// VideoToVideo moves the motion of a video onto the figure of an image.
//
// POST /api/v6/video/video2video
// (https://docs.modelslab.com/video-api/video-to-video). Errors are those of
// [Client.Submit].
func (s *VideoService) VideoToVideo(ctx context.Context, req *VideoToVideoRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// WatermarkRemover takes the watermark out of a video.
//
// POST /api/v6/video/watermark_remover
// (https://docs.modelslab.com/video-api/watermark-remover). Errors are those of
// [Client.Submit].
func (s *VideoService) WatermarkRemover(ctx context.Context, req *WatermarkRemoverRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// TextToVideoRequest is the body of [VideoService.TextToVideo].
type TextToVideoRequest struct {
	ModelID string `json:"model_id"` // required, "cogvideox"
	Prompt  string `json:"prompt"`   // required

	NegativePrompt           string   `json:"negative_prompt,omitzero"`
	Seed                     *int64   `json:"seed,omitzero"`                        // unset: random
	Height                   *int     `json:"height,omitzero"`                      // pixels, server default 512
	Width                    *int     `json:"width,omitzero"`                       // pixels, server default 512
	NumFrames                *int     `json:"num_frames,omitzero"`                  // server default 25
	NumInferenceSteps        *int     `json:"num_inference_steps,omitzero"`         // server default 20
	GuidanceScale            *float64 `json:"guidance_scale,omitzero"`              // server default 7
	ClipSkip                 *int     `json:"clip_skip,omitzero"`                   // layers
	UpscaleHeight            *int     `json:"upscale_height,omitzero"`              // pixels, server default 640
	UpscaleWidth             *int     `json:"upscale_width,omitzero"`               // pixels, server default 1024
	UpscaleStrength          *float64 `json:"upscale_strength,omitzero"`            // 0 to 1, server default 0.6
	UpscaleGuidanceScale     *float64 `json:"upscale_guidance_scale,omitzero"`      // server default 12
	UpscaleNumInferenceSteps *int     `json:"upscale_num_inference_steps,omitzero"` // server default 20
	UseImprovedSampling      *bool    `json:"use_improved_sampling,omitzero"`       // server default false
	ImprovedSamplingSeed     *int64   `json:"improved_sampling_seed,omitzero"`
	FPS                      *int     `json:"fps,omitzero"`              // frames a second
	OutputType               string   `json:"output_type,omitzero"`      // "mp4" or "gif", server default "gif"
	InstantResponse          *bool    `json:"instant_response,omitzero"` // answer with links that work later
	Temp                     *bool    `json:"temp,omitzero"`             // keep the result for 24 hours only

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a UUID
}

func (*TextToVideoRequest) endpoint() *endpoint.Endpoint { return endpoint.TextToVideo }

// ImageToVideoRequest is the body of [VideoService.ImageToVideo].
type ImageToVideoRequest struct {
	ModelID   string `json:"model_id"`   // required, "svd"
	InitImage Media  `json:"init_image"` // required

	Prompt            string   `json:"prompt,omitzero"`
	NegativePrompt    string   `json:"negative_prompt,omitzero"`
	Height            *int     `json:"height,omitzero"`              // pixels
	Width             *int     `json:"width,omitzero"`               // pixels
	NumFrames         *int     `json:"num_frames,omitzero"`          // server default 16
	NumInferenceSteps *int     `json:"num_inference_steps,omitzero"` // server default 20
	MinGuidanceScale  *float64 `json:"min_guidance_scale,omitzero"`  // server default 1
	MaxGuidanceScale  *float64 `json:"max_guidance_scale,omitzero"`  // server default 3
	MotionBucketID    *int     `json:"motion_bucket_id,omitzero"`    // more is more motion, server default 127
	NoiseAugStrength  *float64 `json:"noise_aug_strength,omitzero"`  // 0 to 1
	FPS               *int     `json:"fps,omitzero"`                 // frames a second
	OutputType        string   `json:"output_type,omitzero"`         // "mp4" or "gif"
	Temp              *bool    `json:"temp,omitzero"`                // keep the result for 24 hours only

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a UUID
}

func (*ImageToVideoRequest) endpoint() *endpoint.Endpoint { return endpoint.ImageToVideo }

// TextToVideoUltraRequest is the body of [VideoService.TextToVideoUltra].
type TextToVideoUltraRequest struct {
	ModelID string `json:"model_id"` // required, "wan2.2" or "ltx-2.3"
	Prompt  string `json:"prompt"`   // required

	NegativePrompt    string   `json:"negative_prompt,omitzero"`
	Seed              *int64   `json:"seed,omitzero"`                // unset: random
	Resolution        *int     `json:"resolution,omitzero"`          // lines, 480
	NumFrames         *int     `json:"num_frames,omitzero"`          // server default 81
	NumInferenceSteps *int     `json:"num_inference_steps,omitzero"` // server default 25
	GuidanceScale     *float64 `json:"guidance_scale,omitzero"`
	FPS               *int     `json:"fps,omitzero"`          // frames a second
	Portrait          *bool    `json:"portrait,omitzero"`     // server default false
	SampleShift       *int     `json:"sample_shift,omitzero"` // server default 5
	Temp              *bool    `json:"temp,omitzero"`         // keep the result for 24 hours only

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a UUID
}

func (*TextToVideoUltraRequest) endpoint() *endpoint.Endpoint { return endpoint.TextToVideoUltra }

// ImageToVideoUltraRequest is the body of [VideoService.ImageToVideoUltra].
type ImageToVideoUltraRequest struct {
	ModelID   string `json:"model_id"`   // required, "wan2.2" or "ltx-2.3"
	Prompt    string `json:"prompt"`     // required
	InitImage Media  `json:"init_image"` // required; a local file goes into the body and sets Base64

	NegativePrompt    string   `json:"negative_prompt,omitzero"`
	Seed              *int64   `json:"seed,omitzero"`                // unset: random
	Resolution        *int     `json:"resolution,omitzero"`          // lines
	NumFrames         *int     `json:"num_frames,omitzero"`          // server default 81
	NumInferenceSteps *int     `json:"num_inference_steps,omitzero"` // server default 25
	GuidanceScale     *float64 `json:"guidance_scale,omitzero"`
	FPS               *int     `json:"fps,omitzero"`          // frames a second
	Portrait          *bool    `json:"portrait,omitzero"`     // server default false
	SampleShift       *int     `json:"sample_shift,omitzero"` // server default 5
	Base64            *bool    `json:"base64,omitzero"`       // InitImage is base64, not a URL
	Temp              *bool    `json:"temp,omitzero"`         // keep the result for 24 hours only

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a UUID
}

func (*ImageToVideoUltraRequest) endpoint() *endpoint.Endpoint { return endpoint.ImageToVideoUltra }

// VideoToVideoRequest is the body of [VideoService.VideoToVideo].
type VideoToVideoRequest struct {
	InitImage Media `json:"init_image"` // required, the figure
	InitVideo Media `json:"init_video"` // required, the motion

	ToAnimate         *bool `json:"to_animate,omitzero"`
	Resolution        *int  `json:"resolution,omitzero"`          // lines
	NumInferenceSteps *int  `json:"num_inference_steps,omitzero"` // server default 6

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a UUID
}

func (*VideoToVideoRequest) endpoint() *endpoint.Endpoint { return endpoint.VideoToVideo }

// WatermarkRemoverRequest is the body of [VideoService.WatermarkRemover].
type WatermarkRemoverRequest struct {
	InitVideo Media `json:"init_video"` // required

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a UUID
}

func (*WatermarkRemoverRequest) endpoint() *endpoint.Endpoint { return endpoint.WatermarkRemover }
