package endpoint

// The interior design operations.
var (
	InteriorMake          = numbered("InteriorMake", "interior", "/v6/interior/make", MediaUpload, fields{"prompt", "init_image"}, on{{Name: "interior", Op: "make", TrackNumber: true}})
	FloorPlanning         = numbered("FloorPlanning", "interior", "/v6/interior/floor_planning", MediaUpload, fields{"prompt", "init_image"}, on{{Name: "interior", Op: "floor_planning", TrackNumber: true}})
	RoomDecorator         = numbered("RoomDecorator", "interior", "/v6/interior/room_decorator", MediaUpload, fields{"prompt", "init_image"}, on{{Name: "interior", Op: "room_decorator", TrackNumber: true}})
	ScenarioChanger       = numbered("ScenarioChanger", "interior", "/v6/interior/scenario_changer", MediaUpload, fields{"prompt", "init_image", "scenario"}, on{{Name: "interior", Op: "scenario_changer", Required: fields{"init_image", "scenario"}, TrackNumber: true}})
	SketchRendering       = numbered("SketchRendering", "interior", "/v6/interior/sketch_rendering", MediaUpload, fields{"prompt", "init_image"}, on{{Name: "interior", Op: "sketch_rendering", TrackNumber: true}})
	ExteriorRestorer      = numbered("ExteriorRestorer", "interior", "/v6/interior/exterior_restorer", MediaUpload, fields{"prompt", "init_image"}, on{{Name: "interior", Op: "exterior_restorer", TrackNumber: true}})
	InteriorObjectRemoval = numbered("InteriorObjectRemoval", "interior", "/v6/interior/object_removal", MediaUpload, fields{"init_image", "object_name"}, on{{Name: "interior", Op: "object_removal", TrackNumber: true}})
	InteriorMixer         = numbered("InteriorMixer", "interior", "/v6/interior/interior_mixer", MediaUpload, fields{"prompt", "init_image", "object_image"}, nil)
)
