package endpoint

// The interior design operations.
var (
	InteriorMake = row(job("InteriorMake", "interior", "/v6/interior/make", MediaUpload, "prompt", "init_image").
			on("interior/make"))
	FloorPlanning = row(job("FloorPlanning", "interior", "/v6/interior/floor_planning", MediaUpload, "prompt", "init_image").
			on("interior/floor_planning"))
	RoomDecorator = row(job("RoomDecorator", "interior", "/v6/interior/room_decorator", MediaUpload, "prompt", "init_image").
			on("interior/room_decorator"))
	ScenarioChanger = row(job("ScenarioChanger", "interior", "/v6/interior/scenario_changer", MediaUpload, "prompt", "init_image", "scenario").
			on("interior/scenario_changer"))
	SketchRendering = row(job("SketchRendering", "interior", "/v6/interior/sketch_rendering", MediaUpload, "prompt", "init_image").
			on("interior/sketch_rendering"))
	ExteriorRestorer = row(job("ExteriorRestorer", "interior", "/v6/interior/exterior_restorer", MediaUpload, "prompt", "init_image").
				on("interior/exterior_restorer"))
	InteriorObjectRemoval = row(job("InteriorObjectRemoval", "interior", "/v6/interior/object_removal", MediaUpload, "init_image", "object_name").
				on("interior/object_removal"))
	InteriorMixer = row(job("InteriorMixer", "interior", "/v6/interior/interior_mixer", MediaUpload, "prompt", "init_image", "object_image"))
)
