package endpoint

// All returns every row, in the order of the products' files.
func All() []*Endpoint {
	return []*Endpoint{
		Balance, RequestCount, SubscribedProducts, AssetsGenerated, DeleteImage, ClearCache,
		NSFWImageCheck, CheckNSFWPrompt, ModelList, SearchModels, LoadModel,
		ModelFilters, ModelTags, ModelProviders, ModelDetails,
		LoadServerModel, LoadServerModelV2, LoadServerVAE, VerifyServerModel, DeleteServerModel, ServerModels,
		SyncServerModels, ServerSchedulers, UploadServerImage, UpdateServerS3, ResetServerS3,
		Base64ToURL, Base64ToURLImageEditing, Base64ToURLVideo, Base64ToURL3D, Base64ToURLVoice, Base64Crop,
		SystemDetails.Named, SystemDetails.Root, RestartServer.Named, RestartServer.Root,
		UpdateServer.Named, UpdateServer.Root, ClearServerCache.Named, ClearServerCache.Root,
		ClearServerQueue.Named, ClearServerQueue.Root,

		TextToSpeech, VoiceToVoice, MusicGen, SongGenerator, TextToAudio, VoiceCover, VoiceDesign, SFX,
		SpeechToText, LyricsGenerator, VocalIsolator, CreateDubbing, VoiceUpload, VoiceList,

		RemoveBGMask, SuperResolution, Caption, FaceGen, Fashion, QwenEdit, FluxHeadshot, HeadShot,
		ImageMixer, EditingInpaint, MaskCreator, ObjectRemoval, Outpaint, MagicMix,

		SingleFaceSwap, MultipleFaceSwap, SingleVideoSwap, SpecificVideoSwap,

		TextToImage, ImageToImage, Inpaint, ControlNet, RealtimeTextToImage, RealtimeImageToImage,
		RealtimeInpaint, FluxKleinImageToImage, ModelReload,

		InteriorMake, FloorPlanning, RoomDecorator, ScenarioChanger, SketchRendering, ExteriorRestorer,
		InteriorObjectRemoval, InteriorMixer,

		TextTo3D, ImageTo3D,

		FineTune, LoraFineTune, CancelTraining, DeleteTraining, FineTuneList,

		V7TextToImage, V7ImageToImage, V7Inpaint,
		V7TextToVideo, V7ImageToVideo, V7VideoToVideo, V7LipSync, V7MotionControl,
		V7TextToSpeech, V7SpeechToText, V7SpeechToSpeech, V7SoundGeneration, V7MusicGen, V7SongExtender,
		V7SongInpaint, V7CreateDubbing,

		V8TextToImage, V8ImageToImage, V8BackgroundRemoval,

		TextToVideo, ImageToVideo, TextToVideoUltra, ImageToVideoUltra, VideoToVideo, WatermarkRemover,

		WorkflowList, WorkflowSchema, WorkflowRun, WorkflowCancel,
	}
}
