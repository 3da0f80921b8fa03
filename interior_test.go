package modelslab_test

import (
	"testing"

	"github.com/modelslab-go/modelslab"
)

func TestInteriorWire(t *testing.T) {
	t.Parallel()
	runGolden(t, []golden{
		{
			name: "InteriorMake", path: "/v6/interior/make",
			full: &modelslab.InteriorMakeRequest{
				Prompt: "a ship", InitImage: modelslab.MediaURL("https://example.com/a.png"), NegativePrompt: "fog",
				Strength: new(0.7), NumInferenceSteps: new(21), GuidanceScale: new(7.5), Seed: new(int64(4029484891)),
				ScaleDown: new(6), SpecificObject: "the ball", Base64: new(true), Temp: new(false), Webhook: hook,
				TrackID: "i1",
			},
			fullBody: `{"prompt":"a ship","init_image":"https://example.com/a.png","negative_prompt":"fog","strength":0.7,` +
				`"num_inference_steps":21,"guidance_scale":7.5,"seed":4029484891,"scale_down":6,` +
				`"specific_object":"the ball","base64":true,"temp":false,` +
				`"webhook":"https://example.com/hook?kind=interior","track_id":"i1"}`,
			minimal: &modelslab.InteriorMakeRequest{
				Prompt: "a ship", InitImage: modelslab.MediaURL("https://example.com/a.png"),
			},
			minimalBody: `{"prompt":"a ship","init_image":"https://example.com/a.png",` + numberTrack + `}`,
		},
		{
			name: "FloorPlanning", path: "/v6/interior/floor_planning",
			full: &modelslab.FloorPlanningRequest{
				Prompt: "a ship", InitImage: modelslab.MediaURL("https://example.com/a.png"), NegativePrompt: "fog",
				Strength: new(0.7), NumInferenceSteps: new(21), GuidanceScale: new(7.5), Seed: new(int64(4029484891)),
				Base64: new(true), Temp: new(false), Webhook: hook, TrackID: "f2",
			},
			fullBody: `{"prompt":"a ship","init_image":"https://example.com/a.png","negative_prompt":"fog","strength":0.7,` +
				`"num_inference_steps":21,"guidance_scale":7.5,"seed":4029484891,"base64":true,"temp":false,` +
				`"webhook":"https://example.com/hook?kind=interior","track_id":"f2"}`,
			minimal: &modelslab.FloorPlanningRequest{
				Prompt: "a ship", InitImage: modelslab.MediaURL("https://example.com/a.png"),
			},
			minimalBody: `{"prompt":"a ship","init_image":"https://example.com/a.png",` + numberTrack + `}`,
		},
		{
			name: "RoomDecorator", path: "/v6/interior/room_decorator",
			full: &modelslab.RoomDecoratorRequest{
				Prompt: "a ship", InitImage: modelslab.MediaURL("https://example.com/a.png"), NegativePrompt: "fog",
				Strength: new(0.7), NumInferenceSteps: new(21), GuidanceScale: new(7.5), Seed: new(int64(4029484891)),
				SpecificObject: "the ball", Base64: new(true), Temp: new(false), Webhook: hook, TrackID: "r3",
			},
			fullBody: `{"prompt":"a ship","init_image":"https://example.com/a.png","negative_prompt":"fog","strength":0.7,` +
				`"num_inference_steps":21,"guidance_scale":7.5,"seed":4029484891,"specific_object":"the ball",` +
				`"base64":true,"temp":false,"webhook":"https://example.com/hook?kind=interior","track_id":"r3"}`,
			minimal: &modelslab.RoomDecoratorRequest{
				Prompt: "a ship", InitImage: modelslab.MediaURL("https://example.com/a.png"),
			},
			minimalBody: `{"prompt":"a ship","init_image":"https://example.com/a.png",` + numberTrack + `}`,
		},
		{
			name: "ScenarioChanger", path: "/v6/interior/scenario_changer",
			full: &modelslab.ScenarioChangerRequest{
				Prompt: "a ship", InitImage: modelslab.MediaURL("https://example.com/a.png"), Scenario: "beach",
				NegativePrompt: "fog", Strength: new(0.7), NumInferenceSteps: new(21), GuidanceScale: new(7.5),
				Seed: new(int64(4029484891)), Base64: new(true), Temp: new(false), Webhook: hook, TrackID: "s4",
			},
			fullBody: `{"prompt":"a ship","init_image":"https://example.com/a.png","scenario":"beach",` +
				`"negative_prompt":"fog","strength":0.7,"num_inference_steps":21,"guidance_scale":7.5,` +
				`"seed":4029484891,"base64":true,"temp":false,"webhook":"https://example.com/hook?kind=interior",` +
				`"track_id":"s4"}`,
			minimal: &modelslab.ScenarioChangerRequest{
				Prompt: "a ship", InitImage: modelslab.MediaURL("https://example.com/a.png"), Scenario: "beach",
			},
			minimalBody: `{"prompt":"a ship","init_image":"https://example.com/a.png","scenario":"beach",` + numberTrack + `}`,
		},
		{
			name: "SketchRendering", path: "/v6/interior/sketch_rendering",
			full: &modelslab.SketchRenderingRequest{
				Prompt: "a ship", InitImage: modelslab.MediaURL("https://example.com/a.png"), NegativePrompt: "fog",
				Strength: new(0.7), NumInferenceSteps: new(21), GuidanceScale: new(7.5), Seed: new(int64(4029484891)),
				Base64: new(true), Temp: new(false), Webhook: hook, TrackID: "s5",
			},
			fullBody: `{"prompt":"a ship","init_image":"https://example.com/a.png","negative_prompt":"fog","strength":0.7,` +
				`"num_inference_steps":21,"guidance_scale":7.5,"seed":4029484891,"base64":true,"temp":false,` +
				`"webhook":"https://example.com/hook?kind=interior","track_id":"s5"}`,
			minimal: &modelslab.SketchRenderingRequest{
				Prompt: "a ship", InitImage: modelslab.MediaURL("https://example.com/a.png"),
			},
			minimalBody: `{"prompt":"a ship","init_image":"https://example.com/a.png",` + numberTrack + `}`,
		},
		{
			name: "ExteriorRestorer", path: "/v6/interior/exterior_restorer",
			full: &modelslab.ExteriorRestorerRequest{
				Prompt: "a ship", InitImage: modelslab.MediaURL("https://example.com/a.png"), NegativePrompt: "fog",
				Strength: new(0.7), NumInferenceSteps: new(21), GuidanceScale: new(7.5), Seed: new(int64(4029484891)),
				Base64: new(true), Temp: new(false), Webhook: hook, TrackID: "e6",
			},
			fullBody: `{"prompt":"a ship","init_image":"https://example.com/a.png","negative_prompt":"fog","strength":0.7,` +
				`"num_inference_steps":21,"guidance_scale":7.5,"seed":4029484891,"base64":true,"temp":false,` +
				`"webhook":"https://example.com/hook?kind=interior","track_id":"e6"}`,
			minimal: &modelslab.ExteriorRestorerRequest{
				Prompt: "a ship", InitImage: modelslab.MediaURL("https://example.com/a.png"),
			},
			minimalBody: `{"prompt":"a ship","init_image":"https://example.com/a.png",` + numberTrack + `}`,
		},
		{
			name: "InteriorObjectRemoval", path: "/v6/interior/object_removal",
			full: &modelslab.InteriorObjectRemovalRequest{
				InitImage: modelslab.MediaURL("https://example.com/a.png"), ObjectName: "the lamp", Base64: new(true),
				Webhook: hook, TrackID: "i7",
			},
			fullBody: `{"init_image":"https://example.com/a.png","object_name":"the lamp","base64":true,` +
				`"webhook":"https://example.com/hook?kind=interior","track_id":"i7"}`,
			minimal: &modelslab.InteriorObjectRemovalRequest{
				InitImage: modelslab.MediaURL("https://example.com/a.png"), ObjectName: "the lamp",
			},
			minimalBody: `{"init_image":"https://example.com/a.png","object_name":"the lamp",` + numberTrack + `}`,
		},
		{
			name: "InteriorMixer", path: "/v6/interior/interior_mixer",
			full: &modelslab.InteriorMixerRequest{
				Prompt: "a ship", InitImage: modelslab.MediaURL("https://example.com/a.png"),
				ObjectImage: modelslab.MediaURL("https://example.com/chair.png"), Width: new(768), Height: new(512),
				NumInferenceSteps: new(21), GuidanceScale: new(7.5), Base64: new(true), Webhook: hook, TrackID: "i8",
			},
			fullBody: `{"prompt":"a ship","init_image":"https://example.com/a.png",` +
				`"object_image":"https://example.com/chair.png","width":768,"height":512,"num_inference_steps":21,` +
				`"guidance_scale":7.5,"base64":true,"webhook":"https://example.com/hook?kind=interior",` +
				`"track_id":"i8"}`,
			minimal: &modelslab.InteriorMixerRequest{
				Prompt: "a ship", InitImage: modelslab.MediaURL("https://example.com/a.png"),
				ObjectImage: modelslab.MediaURL("https://example.com/chair.png"),
			},
			minimalBody: `{"prompt":"a ship","init_image":"https://example.com/a.png","object_image":"https://example.com/chair.png",` + numberTrack + `}`,
		},
	})
}
