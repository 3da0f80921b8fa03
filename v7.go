package modelslab

import "context"

// V7Service reaches the models of many makers through one set of endpoints:
// every request names its model. [V8Service] has newer endpoints for images.
// Files that are not on the web yet are uploaded first. See
// https://docs.modelslab.com/mcp-web-api/tools-reference.
type V7Service struct{ client *Client }

// TextToImage makes images from a prompt.
//
// POST /api/v7/images/text-to-image
// (https://docs.modelslab.com/mcp-web-api/tools-reference). Errors are those of
// [Client.Submit].
func (s *V7Service) TextToImage(ctx context.Context, req *V7TextToImageRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// ImageToImage changes images as a prompt says.
//
// POST /api/v7/images/image-to-image
// (https://docs.modelslab.com/mcp-web-api/tools-reference). Errors are those of
// [Client.Submit].
func (s *V7Service) ImageToImage(ctx context.Context, req *V7ImageToImageRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// Inpaint makes the masked part of an image anew.
//
// POST /api/v7/images/inpaint
// (https://docs.modelslab.com/mcp-web-api/tools-reference). Errors are those of
// [Client.Submit].
func (s *V7Service) Inpaint(ctx context.Context, req *V7InpaintRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// TextToVideo makes a video from a prompt.
//
// POST /api/v7/video-fusion/text-to-video
// (https://docs.modelslab.com/mcp-web-api/tools-reference). Errors are those of
// [Client.Submit].
func (s *V7Service) TextToVideo(ctx context.Context, req *V7TextToVideoRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// ImageToVideo animates images.
//
// POST /api/v7/video-fusion/image-to-video
// (https://docs.modelslab.com/mcp-web-api/tools-reference). Errors are those of
// [Client.Submit].
func (s *V7Service) ImageToVideo(ctx context.Context, req *V7ImageToVideoRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// VideoToVideo changes videos.
//
// POST /api/v7/video-fusion/video-to-video
// (https://docs.modelslab.com/mcp-web-api/tools-reference). Errors are those of
// [Client.Submit].
func (s *V7Service) VideoToVideo(ctx context.Context, req *V7VideoToVideoRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// LipSync makes the lips of a face say a recording.
//
// POST /api/v7/video-fusion/lip-sync
// (https://docs.modelslab.com/mcp-web-api/tools-reference). Errors are those of
// [Client.Submit].
func (s *V7Service) LipSync(ctx context.Context, req *V7LipSyncRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// MotionControl moves the motion of a video onto the figure of an image.
//
// POST /api/v7/video-fusion/motion-control
// (https://docs.modelslab.com/mcp-web-api/tools-reference). Errors are those of
// [Client.Submit].
func (s *V7Service) MotionControl(ctx context.Context, req *V7MotionControlRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// TextToSpeech speaks a text.
//
// POST /api/v7/voice/text-to-speech
// (https://docs.modelslab.com/mcp-web-api/tools-reference). Errors are those of
// [Client.Submit].
func (s *V7Service) TextToSpeech(ctx context.Context, req *V7TextToSpeechRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// SpeechToText writes down what is said.
//
// POST /api/v7/voice/speech-to-text
// (https://docs.modelslab.com/mcp-web-api/tools-reference). Errors are those of
// [Client.Submit].
func (s *V7Service) SpeechToText(ctx context.Context, req *V7SpeechToTextRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// SpeechToSpeech says what a recording says with another voice.
//
// POST /api/v7/voice/speech-to-speech
// (https://docs.modelslab.com/mcp-web-api/tools-reference). Errors are those of
// [Client.Submit].
func (s *V7Service) SpeechToSpeech(ctx context.Context, req *V7SpeechToSpeechRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// SoundGeneration makes a sound effect from a prompt.
//
// POST /api/v7/voice/sound-generation
// (https://docs.modelslab.com/mcp-web-api/tools-reference). Errors are those of
// [Client.Submit].
func (s *V7Service) SoundGeneration(ctx context.Context, req *V7SoundGenerationRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// MusicGen makes music from a prompt.
//
// POST /api/v7/voice/music-gen
// (https://docs.modelslab.com/mcp-web-api/tools-reference). Errors are those of
// [Client.Submit].
func (s *V7Service) MusicGen(ctx context.Context, req *V7MusicGenRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// SongExtender makes a song longer.
//
// POST /api/v7/voice/song-extender
// (https://docs.modelslab.com/mcp-web-api/tools-reference). Errors are those of
// [Client.Submit].
func (s *V7Service) SongExtender(ctx context.Context, req *V7SongExtenderRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// SongInpaint makes a part of a song anew.
//
// POST /api/v7/voice/song-inpaint
// (https://docs.modelslab.com/mcp-web-api/tools-reference). Errors are those of
// [Client.Submit].
func (s *V7Service) SongInpaint(ctx context.Context, req *V7SongInpaintRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// CreateDubbing speaks a recording or a video anew in another language.
//
// POST /api/v7/voice/create-dubbing
// (https://docs.modelslab.com/mcp-web-api/tools-reference). Errors are those of
// [Client.Submit].
func (s *V7Service) CreateDubbing(ctx context.Context, req *V7CreateDubbingRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}
