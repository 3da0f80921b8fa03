package modelslab

import (
	"context"

	"github.com/modelslab-go/modelslab/internal/endpoint"
)

// InteriorService designs rooms and buildings. See
// https://docs.modelslab.com/interior-api/overview.
type InteriorService struct{ client *Client }

// Make furnishes the room of a photo anew.
//
// POST /api/v6/interior/make
// (https://docs.modelslab.com/interior-api/interior). Errors are those of
// [Client.Submit].
func (s *InteriorService) Make(ctx context.Context, req *InteriorMakeRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// FloorPlanning renders a floor plan.
//
// POST /api/v6/interior/floor_planning
// (https://docs.modelslab.com/interior-api/floor-planning). Errors are those of
// [Client.Submit].
func (s *InteriorService) FloorPlanning(ctx context.Context, req *FloorPlanningRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// RoomDecorator decorates the room of a photo.
//
// POST /api/v6/interior/room_decorator
// (https://docs.modelslab.com/interior-api/room-decorator). Errors are those of
// [Client.Submit].
func (s *InteriorService) RoomDecorator(ctx context.Context, req *RoomDecoratorRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// ScenarioChanger puts a building into other surroundings.
//
// POST /api/v6/interior/scenario_changer
// (https://docs.modelslab.com/interior-api/scenario-changer). Errors are those
// of [Client.Submit].
func (s *InteriorService) ScenarioChanger(ctx context.Context, req *ScenarioChangerRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// SketchRendering makes a photo of a building out of its sketch.
//
// POST /api/v6/interior/sketch_rendering
// (https://docs.modelslab.com/interior-api/sketch-rendering). Errors are those
// of [Client.Submit].
func (s *InteriorService) SketchRendering(ctx context.Context, req *SketchRenderingRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// ExteriorRestorer renews the outside of a building.
//
// POST /api/v6/interior/exterior_restorer
// (https://docs.modelslab.com/interior-api/exterior-restorer). Errors are those
// of [Client.Submit].
func (s *InteriorService) ExteriorRestorer(ctx context.Context, req *ExteriorRestorerRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// ObjectRemoval takes an object out of a room by its name. See
// [EditingService.ObjectRemoval] for one that takes a mask.
//
// POST /api/v6/interior/object_removal
// (https://docs.modelslab.com/interior-api/object-removal). Errors are those of
// [Client.Submit].
func (s *InteriorService) ObjectRemoval(ctx context.Context, req *InteriorObjectRemovalRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// InteriorMixer puts the object of one image into the room of another.
//
// POST /api/v6/interior/interior_mixer
// (https://docs.modelslab.com/interior-api/interior-mixer). Errors are those of
// [Client.Submit].
func (s *InteriorService) InteriorMixer(ctx context.Context, req *InteriorMixerRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// InteriorMakeRequest is the body of [InteriorService.Make].
type InteriorMakeRequest struct {
	Prompt    string `json:"prompt"`     // required
	InitImage Media  `json:"init_image"` // required, the room

	NegativePrompt    string   `json:"negative_prompt,omitzero"`
	Strength          *float64 `json:"strength,omitzero"`            // 1 to 10, more changes more; server default 5
	NumInferenceSteps *int     `json:"num_inference_steps,omitzero"` // 21, 31 or 41, server default 51
	GuidanceScale     *float64 `json:"guidance_scale,omitzero"`      // 1 to 20, server default 8
	Seed              *int64   `json:"seed,omitzero"`                // unset: the server takes 0
	ScaleDown         *int     `json:"scale_down,omitzero"`          // server default 6
	SpecificObject    string   `json:"specific_object,omitzero"`     // a piece of furniture that must be in the result
	Base64            *bool    `json:"base64,omitzero"`              // the result is a file of base64 text, server default false
	Temp              *bool    `json:"temp,omitzero"`                // keep the result for 24 hours only, server default false

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a random number
}

func (*InteriorMakeRequest) endpoint() *endpoint.Endpoint { return endpoint.InteriorMake }

// FloorPlanningRequest is the body of [InteriorService.FloorPlanning].
type FloorPlanningRequest struct {
	Prompt    string `json:"prompt"`     // required
	InitImage Media  `json:"init_image"` // required, the plan or the room

	NegativePrompt    string   `json:"negative_prompt,omitzero"`
	Strength          *float64 `json:"strength,omitzero"`            // 0 keeps InitImage, 1 ignores it
	NumInferenceSteps *int     `json:"num_inference_steps,omitzero"` // 21, 31 or 41
	GuidanceScale     *float64 `json:"guidance_scale,omitzero"`      // 1 to 20
	Seed              *int64   `json:"seed,omitzero"`                // unset: random
	Base64            *bool    `json:"base64,omitzero"`              // the result is a file of base64 text, server default false
	Temp              *bool    `json:"temp,omitzero"`                // keep the result for 24 hours only, server default false

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a random number
}

func (*FloorPlanningRequest) endpoint() *endpoint.Endpoint { return endpoint.FloorPlanning }

// RoomDecoratorRequest is the body of [InteriorService.RoomDecorator].
type RoomDecoratorRequest struct {
	Prompt    string `json:"prompt"`     // required
	InitImage Media  `json:"init_image"` // required, the room

	NegativePrompt    string   `json:"negative_prompt,omitzero"`
	Strength          *float64 `json:"strength,omitzero"`            // 0 keeps InitImage, 1 ignores it
	NumInferenceSteps *int     `json:"num_inference_steps,omitzero"` // 21, 31 or 41
	GuidanceScale     *float64 `json:"guidance_scale,omitzero"`      // 1 to 20
	Seed              *int64   `json:"seed,omitzero"`                // unset: random
	SpecificObject    string   `json:"specific_object,omitzero"`     // a piece of furniture that must be in the result
	Base64            *bool    `json:"base64,omitzero"`              // the result is a file of base64 text, server default false
	Temp              *bool    `json:"temp,omitzero"`                // keep the result for 24 hours only, server default false

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a random number
}

func (*RoomDecoratorRequest) endpoint() *endpoint.Endpoint { return endpoint.RoomDecorator }

// ScenarioChangerRequest is the body of [InteriorService.ScenarioChanger].
type ScenarioChangerRequest struct {
	Prompt    string `json:"prompt"`     // required
	InitImage Media  `json:"init_image"` // required, the building
	Scenario  string `json:"scenario"`   // required, "beach", "mountain", "snow", "city" and the like

	NegativePrompt    string   `json:"negative_prompt,omitzero"`
	Strength          *float64 `json:"strength,omitzero"`            // 0 keeps InitImage, 1 ignores it
	NumInferenceSteps *int     `json:"num_inference_steps,omitzero"` // 21, 31 or 41
	GuidanceScale     *float64 `json:"guidance_scale,omitzero"`      // 1 to 20
	Seed              *int64   `json:"seed,omitzero"`                // unset: random
	Base64            *bool    `json:"base64,omitzero"`              // the result is a file of base64 text, server default false
	Temp              *bool    `json:"temp,omitzero"`                // keep the result for 24 hours only, server default false

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a random number
}

func (*ScenarioChangerRequest) endpoint() *endpoint.Endpoint { return endpoint.ScenarioChanger }

// SketchRenderingRequest is the body of [InteriorService.SketchRendering].
type SketchRenderingRequest struct {
	Prompt    string `json:"prompt"`     // required
	InitImage Media  `json:"init_image"` // required, the sketch

	NegativePrompt    string   `json:"negative_prompt,omitzero"`
	Strength          *float64 `json:"strength,omitzero"`            // 0 keeps InitImage, 1 ignores it
	NumInferenceSteps *int     `json:"num_inference_steps,omitzero"` // 21, 31 or 41
	GuidanceScale     *float64 `json:"guidance_scale,omitzero"`      // 1 to 20
	Seed              *int64   `json:"seed,omitzero"`                // unset: random
	Base64            *bool    `json:"base64,omitzero"`              // the result is a file of base64 text, server default false
	Temp              *bool    `json:"temp,omitzero"`                // keep the result for 24 hours only, server default false

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a random number
}

func (*SketchRenderingRequest) endpoint() *endpoint.Endpoint { return endpoint.SketchRendering }

// ExteriorRestorerRequest is the body of [InteriorService.ExteriorRestorer].
type ExteriorRestorerRequest struct {
	Prompt    string `json:"prompt"`     // required
	InitImage Media  `json:"init_image"` // required, the building

	NegativePrompt    string   `json:"negative_prompt,omitzero"`
	Strength          *float64 `json:"strength,omitzero"`            // 0 keeps InitImage, 1 ignores it
	NumInferenceSteps *int     `json:"num_inference_steps,omitzero"` // 21, 31 or 41
	GuidanceScale     *float64 `json:"guidance_scale,omitzero"`      // 1 to 20
	Seed              *int64   `json:"seed,omitzero"`                // unset: random
	Base64            *bool    `json:"base64,omitzero"`              // the result is a file of base64 text, server default false
	Temp              *bool    `json:"temp,omitzero"`                // keep the result for 24 hours only, server default false

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a random number
}

func (*ExteriorRestorerRequest) endpoint() *endpoint.Endpoint { return endpoint.ExteriorRestorer }

// InteriorObjectRemovalRequest is the body of [InteriorService.ObjectRemoval].
type InteriorObjectRemovalRequest struct {
	InitImage  Media  `json:"init_image"`  // required, the room
	ObjectName string `json:"object_name"` // required, "the lamp"

	Base64 *bool `json:"base64,omitzero"` // the result is a file of base64 text, server default false

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a random number
}

func (*InteriorObjectRemovalRequest) endpoint() *endpoint.Endpoint {
	return endpoint.InteriorObjectRemoval
}

// InteriorMixerRequest is the body of [InteriorService.InteriorMixer].
type InteriorMixerRequest struct {
	Prompt      string `json:"prompt"`       // required
	InitImage   Media  `json:"init_image"`   // required, the room
	ObjectImage Media  `json:"object_image"` // required, what to put there

	Width             *int     `json:"width,omitzero"`               // pixels, 512 to 2048; unset: that of InitImage
	Height            *int     `json:"height,omitzero"`              // pixels, 512 to 2048; unset: that of InitImage
	NumInferenceSteps *int     `json:"num_inference_steps,omitzero"` // server default 8
	GuidanceScale     *float64 `json:"guidance_scale,omitzero"`
	Base64            *bool    `json:"base64,omitzero"` // the result is a file of base64 text, server default false

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a random number
}

func (*InteriorMixerRequest) endpoint() *endpoint.Endpoint { return endpoint.InteriorMixer }
