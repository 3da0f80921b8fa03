package modelslab

import (
	"context"
	"encoding/json"

	"github.com/modelslab-go/modelslab/internal/endpoint"
	"github.com/modelslab-go/modelslab/internal/reply"
)

// SystemDetails returns how busy a dedicated server is. The server is named as
// in its path, "flux" or "ultra_video"; "root" is the one without a name.
//
// POST /api/v1/enterprise/{server}/system_details
// (https://docs.modelslab.com/enterprise-api/general/overview). Errors are *[Error].
func (s *AccountService) SystemDetails(ctx context.Context, server string, opts ...CallOption) (*SystemDetails, error) {
	a, err := s.admin(ctx, endpoint.SystemDetails, server, opts)
	if err != nil {
		return nil, err
	}
	return &SystemDetails{
		Status: a.Get("status").Text(), ModelCount: a.Get("model_count").Integer(), QueueTime: a.Get("queue_time").Number(),
		Raw: a.Raw(),
	}, nil
}

// SystemDetails is the state of a dedicated server.
type SystemDetails struct {
	Status     string // "ok"
	ModelCount int
	QueueTime  float64 // 0 when nothing waits; the API does not name its unit
	Raw        json.RawMessage
}

// RestartServer restarts a dedicated server, named as in [AccountService.SystemDetails].
//
// POST /api/v1/enterprise/{server}/restart_server
// (https://docs.modelslab.com/enterprise-api/general/overview). Errors are
// *[Error]. It is sent once: ErrUnavailable leaves open whether the server
// restarts.
func (s *AccountService) RestartServer(ctx context.Context, server string, opts ...CallOption) error {
	_, err := s.admin(ctx, endpoint.RestartServer, server, opts)
	return err
}

// UpdateServer updates the software of a dedicated server, named as in
// [AccountService.SystemDetails].
//
// POST /api/v1/enterprise/{server}/update_server
// (https://docs.modelslab.com/enterprise-api/general/overview). Errors are
// *[Error]. It is sent once: ErrUnavailable leaves open whether the server is
// updated.
func (s *AccountService) UpdateServer(ctx context.Context, server string, opts ...CallOption) error {
	_, err := s.admin(ctx, endpoint.UpdateServer, server, opts)
	return err
}

// ClearServerCache clears the cache of a dedicated server, named as in
// [AccountService.SystemDetails].
//
// POST /api/v1/enterprise/{server}/clear_cache
// (https://docs.modelslab.com/enterprise-api/general/overview). Errors are
// *[Error]. It is sent once: ErrUnavailable leaves open whether the cache was
// cleared.
func (s *AccountService) ClearServerCache(ctx context.Context, server string, opts ...CallOption) error {
	_, err := s.admin(ctx, endpoint.ClearServerCache, server, opts)
	return err
}

// ClearServerQueue drops the jobs that wait on a dedicated server, named as in
// [AccountService.SystemDetails], and restarts it.
//
// POST /api/v1/enterprise/{server}/clear_queue
// (https://docs.modelslab.com/enterprise-api/general/overview). Errors are
// *[Error]. It is sent once: ErrUnavailable leaves open whether the queue was
// cleared.
func (s *AccountService) ClearServerQueue(ctx context.Context, server string, opts ...CallOption) error {
	_, err := s.admin(ctx, endpoint.ClearServerQueue, server, opts)
	return err
}

func (s *AccountService) admin(ctx context.Context, op endpoint.Admin, server string, opts []CallOption) (reply.Value, error) {
	if server == "root" {
		return s.client.query(ctx, op.Root, nil, opts)
	}
	return s.client.query(ctx, op.Named, nil, opts, server)
}

// FluxKleinImageToImage makes images from several images, on the dedicated
// server flux_klein, which the public API does not offer. A single image goes
// through [ImageService.ImageToImage] as well, with [Server].
//
// POST /api/v1/enterprise/flux_klein/img2img
// (https://docs.modelslab.com/enterprise-api/flux-klein/img2img). Errors are
// those of [Client.Submit].
func (s *ImageService) FluxKleinImageToImage(ctx context.Context, req *FluxKleinImageToImageRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// MagicMix mixes an image with what a prompt says, on the dedicated server
// image_editing, which alone offers it.
//
// POST /api/v1/enterprise/image_editing/magic_mix
// (https://docs.modelslab.com/enterprise-api/image-editing/magic-mix). Errors
// are those of [Client.Submit].
func (s *EditingService) MagicMix(ctx context.Context, req *MagicMixRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// FluxKleinImageToImageRequest is the body of [ImageService.FluxKleinImageToImage].
type FluxKleinImageToImageRequest struct {
	Prompt    string  `json:"prompt"`     // required
	InitImage []Media `json:"init_image"` // required, one to four

	NegativePrompt  string   `json:"negative_prompt,omitzero"`
	Width           *int     `json:"width,omitzero"`            // pixels, up to 1024
	Height          *int     `json:"height,omitzero"`           // pixels, up to 1024
	Samples         *int     `json:"samples,omitzero"`          // images to make, up to 4
	Strength        *float64 `json:"strength,omitzero"`         // 0 keeps InitImage, 1 ignores it
	Seed            *int64   `json:"seed,omitzero"`             // unset: random
	SafetyChecker   *bool    `json:"safety_checker,omitzero"`   // hide unsafe images
	InstantResponse *bool    `json:"instant_response,omitzero"` // answer with links that work later, server default false
	Base64          *bool    `json:"base64,omitzero"`           // results are files of base64 text, server default false
	Temp            *bool    `json:"temp,omitzero"`             // keep the result for 24 hours only

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a UUID
}

func (*FluxKleinImageToImageRequest) endpoint() *endpoint.Endpoint {
	return endpoint.FluxKleinImageToImage
}

// MagicMixRequest is the body of [EditingService.MagicMix].
type MagicMixRequest struct {
	Prompt string `json:"prompt"` // required, what to mix in
	Image  Media  `json:"image"`  // required; a local file is uploaded

	NegativePrompt string   `json:"negative_prompt,omitzero"`
	Width          *int     `json:"width,omitzero"`      // pixels, server default 768
	Height         *int     `json:"height,omitzero"`     // pixels, server default 768
	Kmin           *float64 `json:"kmin,omitzero"`       // where in the process the mixing begins, server default 0.3
	Kmax           *float64 `json:"kmax,omitzero"`       // where it ends, server default 0.5
	MixFactor      *float64 `json:"mix_factor,omitzero"` // how much of Prompt, server default 0.5
	Steps          *int     `json:"steps,omitzero"`      // 1 to 50, server default 20
	Samples        *int     `json:"samples,omitzero"`    // images to make, 1
	Seed           *int64   `json:"seed,omitzero"`       // unset: random

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a UUID
}

func (*MagicMixRequest) endpoint() *endpoint.Endpoint { return endpoint.MagicMix }
