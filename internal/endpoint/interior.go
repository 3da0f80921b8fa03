package endpoint

// The interior design operations.
var (
	InteriorMake          = job("InteriorMake", "interior", "/v6/interior/make", MediaUpload, fields{"prompt", "init_image"}, on{{"interior", "make"}})
	FloorPlanning         = job("FloorPlanning", "interior", "/v6/interior/floor_planning", MediaUpload, fields{"prompt", "init_image"}, on{{"interior", "floor_planning"}})
	RoomDecorator         = job("RoomDecorator", "interior", "/v6/interior/room_decorator", MediaUpload, fields{"prompt", "init_image"}, on{{"interior", "room_decorator"}})
	ScenarioChanger       = job("ScenarioChanger", "interior", "/v6/interior/scenario_changer", MediaUpload, fields{"prompt", "init_image", "scenario"}, on{{"interior", "scenario_changer"}})
	SketchRendering       = job("SketchRendering", "interior", "/v6/interior/sketch_rendering", MediaUpload, fields{"prompt", "init_image"}, on{{"interior", "sketch_rendering"}})
	ExteriorRestorer      = job("ExteriorRestorer", "interior", "/v6/interior/exterior_restorer", MediaUpload, fields{"prompt", "init_image"}, on{{"interior", "exterior_restorer"}})
	InteriorObjectRemoval = job("InteriorObjectRemoval", "interior", "/v6/interior/object_removal", MediaUpload, fields{"init_image", "object_name"}, on{{"interior", "object_removal"}})
	InteriorMixer         = job("InteriorMixer", "interior", "/v6/interior/interior_mixer", MediaUpload, fields{"prompt", "init_image", "object_image"}, nil)
)
