package modelslab

import (
	"iter"
	"reflect"
)

// Operation describes one generation to programs that list them all: a command
// line, a form, a page of documentation.
type Operation struct {
	Service string // the field of [Client] that has the method, "Video"
	Name    string // the method of the service, "TextToVideo"
	Method  string // of HTTP, "POST"
	Path    string // below the base URL, "/v6/video/text2video"; {name} marks an argument
	Kind    Kind   // where the results are fetched from

	request Request // a nil pointer to the request struct
}

// New returns a pointer to a new, zero request struct of the operation, to be
// filled in and submitted.
func (o Operation) New() Request {
	return reflect.New(reflect.TypeOf(o.request).Elem()).Interface().(Request)
}

// Operations returns every generation of every service, service by service. A
// program that does not call it does not link what it lists.
func Operations() iter.Seq[Operation] {
	return func(yield func(Operation) bool) {
		for _, o := range operations {
			e := o.request.endpoint()
			if !yield(Operation{o.service, o.name, e.Method, e.Path, Kind(e.Kind), o.request}) {
				return
			}
		}
	}
}

// operations lists every request struct with its method, in the order of the
// services.
var operations = []struct {
	service, name string
	request       Request
}{
	{"Image", "TextToImage", (*TextToImageRequest)(nil)},
	{"Image", "ImageToImage", (*ImageToImageRequest)(nil)},
	{"Image", "Inpaint", (*InpaintRequest)(nil)},
	{"Image", "ControlNet", (*ControlNetRequest)(nil)},
	{"Image", "RealtimeTextToImage", (*RealtimeTextToImageRequest)(nil)},
	{"Image", "RealtimeImageToImage", (*RealtimeImageToImageRequest)(nil)},
	{"Image", "RealtimeInpaint", (*RealtimeInpaintRequest)(nil)},
	{"Image", "FluxKleinImageToImage", (*FluxKleinImageToImageRequest)(nil)},

	{"Editing", "RemoveBGMask", (*RemoveBGMaskRequest)(nil)},
	{"Editing", "SuperResolution", (*SuperResolutionRequest)(nil)},
	{"Editing", "Caption", (*CaptionRequest)(nil)},
	{"Editing", "QwenEdit", (*QwenEditRequest)(nil)},
	{"Editing", "ImageMixer", (*ImageMixerRequest)(nil)},
	{"Editing", "Inpaint", (*EditingInpaintRequest)(nil)},
	{"Editing", "MaskCreator", (*MaskCreatorRequest)(nil)},
	{"Editing", "ObjectRemoval", (*ObjectRemovalRequest)(nil)},
	{"Editing", "Outpaint", (*OutpaintRequest)(nil)},
	{"Editing", "FaceGen", (*FaceGenRequest)(nil)},
	{"Editing", "HeadShot", (*HeadShotRequest)(nil)},
	{"Editing", "FluxHeadshot", (*FluxHeadshotRequest)(nil)},
	{"Editing", "Fashion", (*FashionRequest)(nil)},
	{"Editing", "MagicMix", (*MagicMixRequest)(nil)},

	{"Video", "TextToVideo", (*TextToVideoRequest)(nil)},
	{"Video", "ImageToVideo", (*ImageToVideoRequest)(nil)},
	{"Video", "TextToVideoUltra", (*TextToVideoUltraRequest)(nil)},
	{"Video", "ImageToVideoUltra", (*ImageToVideoUltraRequest)(nil)},
	{"Video", "VideoToVideo", (*VideoToVideoRequest)(nil)},
	{"Video", "WatermarkRemover", (*WatermarkRemoverRequest)(nil)},

	{"Audio", "TextToSpeech", (*TextToSpeechRequest)(nil)},
	{"Audio", "TextToAudio", (*TextToAudioRequest)(nil)},
	{"Audio", "VoiceToVoice", (*VoiceToVoiceRequest)(nil)},
	{"Audio", "VoiceCover", (*VoiceCoverRequest)(nil)},
	{"Audio", "VoiceDesign", (*VoiceDesignRequest)(nil)},
	{"Audio", "SpeechToText", (*SpeechToTextRequest)(nil)},
	{"Audio", "CreateDubbing", (*CreateDubbingRequest)(nil)},
	{"Audio", "MusicGen", (*MusicGenRequest)(nil)},
	{"Audio", "SongGenerator", (*SongGeneratorRequest)(nil)},
	{"Audio", "LyricsGenerator", (*LyricsGeneratorRequest)(nil)},
	{"Audio", "SFX", (*SFXRequest)(nil)},
	{"Audio", "VocalIsolator", (*VocalIsolatorRequest)(nil)},

	{"ThreeD", "TextTo3D", (*TextTo3DRequest)(nil)},
	{"ThreeD", "ImageTo3D", (*ImageTo3DRequest)(nil)},

	{"Training", "FineTune", (*FineTuneRequest)(nil)},
	{"Training", "LoraFineTune", (*LoraFineTuneRequest)(nil)},

	{"Workflows", "Run", (*WorkflowRunRequest)(nil)},

	{"Interior", "Make", (*InteriorMakeRequest)(nil)},
	{"Interior", "FloorPlanning", (*FloorPlanningRequest)(nil)},
	{"Interior", "RoomDecorator", (*RoomDecoratorRequest)(nil)},
	{"Interior", "ScenarioChanger", (*ScenarioChangerRequest)(nil)},
	{"Interior", "SketchRendering", (*SketchRenderingRequest)(nil)},
	{"Interior", "ExteriorRestorer", (*ExteriorRestorerRequest)(nil)},
	{"Interior", "ObjectRemoval", (*InteriorObjectRemovalRequest)(nil)},
	{"Interior", "InteriorMixer", (*InteriorMixerRequest)(nil)},

	{"FaceSwap", "SingleFaceSwap", (*SingleFaceSwapRequest)(nil)},
	{"FaceSwap", "MultipleFaceSwap", (*MultipleFaceSwapRequest)(nil)},
	{"FaceSwap", "SingleVideoSwap", (*SingleVideoSwapRequest)(nil)},
	{"FaceSwap", "SpecificVideoSwap", (*SpecificVideoSwapRequest)(nil)},

	{"V7", "TextToImage", (*V7TextToImageRequest)(nil)},
	{"V7", "ImageToImage", (*V7ImageToImageRequest)(nil)},
	{"V7", "Inpaint", (*V7InpaintRequest)(nil)},
	{"V7", "TextToVideo", (*V7TextToVideoRequest)(nil)},
	{"V7", "ImageToVideo", (*V7ImageToVideoRequest)(nil)},
	{"V7", "VideoToVideo", (*V7VideoToVideoRequest)(nil)},
	{"V7", "LipSync", (*V7LipSyncRequest)(nil)},
	{"V7", "MotionControl", (*V7MotionControlRequest)(nil)},
	{"V7", "TextToSpeech", (*V7TextToSpeechRequest)(nil)},
	{"V7", "SpeechToText", (*V7SpeechToTextRequest)(nil)},
	{"V7", "SpeechToSpeech", (*V7SpeechToSpeechRequest)(nil)},
	{"V7", "SoundGeneration", (*V7SoundGenerationRequest)(nil)},
	{"V7", "MusicGen", (*V7MusicGenRequest)(nil)},
	{"V7", "SongExtender", (*V7SongExtenderRequest)(nil)},
	{"V7", "SongInpaint", (*V7SongInpaintRequest)(nil)},
	{"V7", "CreateDubbing", (*V7CreateDubbingRequest)(nil)},

	{"V8", "TextToImage", (*V8TextToImageRequest)(nil)},
	{"V8", "ImageToImage", (*V8ImageToImageRequest)(nil)},
	{"V8", "BackgroundRemoval", (*V8BackgroundRemovalRequest)(nil)},
}
