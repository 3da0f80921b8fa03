package modelslab

import "github.com/modelslab-go/modelslab/internal/endpoint"

// V7TextToSpeechRequest is the body of [V7Service.TextToSpeech].
type V7TextToSpeechRequest struct {
	ModelID string `json:"model_id"` // required; [AccountService.SearchModels] finds models
	Prompt  string `json:"prompt"`   // required, the text to speak
	VoiceID string `json:"voice_id"` // required

	Temperature *float64 `json:"temperature,omitzero"` // how much the voice varies, 0 to 1

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a UUID
}

func (*V7TextToSpeechRequest) endpoint() *endpoint.Endpoint { return endpoint.V7TextToSpeech }

// V7SpeechToTextRequest is the body of [V7Service.SpeechToText].
type V7SpeechToTextRequest struct {
	ModelID   string `json:"model_id"`   // required; [AccountService.SearchModels] finds models
	InitAudio Media  `json:"init_audio"` // required

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a UUID
}

func (*V7SpeechToTextRequest) endpoint() *endpoint.Endpoint { return endpoint.V7SpeechToText }

// V7SpeechToSpeechRequest is the body of [V7Service.SpeechToSpeech].
type V7SpeechToSpeechRequest struct {
	ModelID   string `json:"model_id"`   // required; [AccountService.SearchModels] finds models
	InitAudio Media  `json:"init_audio"` // required, what is said
	VoiceID   string `json:"voice_id"`   // required, the voice to say it

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a UUID
}

func (*V7SpeechToSpeechRequest) endpoint() *endpoint.Endpoint { return endpoint.V7SpeechToSpeech }

// V7SoundGenerationRequest is the body of [V7Service.SoundGeneration].
type V7SoundGenerationRequest struct {
	ModelID string `json:"model_id"` // required; [AccountService.SearchModels] finds models
	Prompt  string `json:"prompt"`   // required

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a UUID
}

func (*V7SoundGenerationRequest) endpoint() *endpoint.Endpoint { return endpoint.V7SoundGeneration }

// V7MusicGenRequest is the body of [V7Service.MusicGen].
type V7MusicGenRequest struct {
	ModelID string `json:"model_id"` // required; [AccountService.SearchModels] finds models
	Prompt  string `json:"prompt"`   // required

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a UUID
}

func (*V7MusicGenRequest) endpoint() *endpoint.Endpoint { return endpoint.V7MusicGen }

// V7SongExtenderRequest is the body of [V7Service.SongExtender].
type V7SongExtenderRequest struct {
	ModelID   string `json:"model_id"`   // required; [AccountService.SearchModels] finds models
	InitAudio Media  `json:"init_audio"` // required

	Prompt string `json:"prompt,omitzero"` // how to go on

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a UUID
}

func (*V7SongExtenderRequest) endpoint() *endpoint.Endpoint { return endpoint.V7SongExtender }

// V7SongInpaintRequest is the body of [V7Service.SongInpaint].
type V7SongInpaintRequest struct {
	ModelID   string `json:"model_id"`   // required; [AccountService.SearchModels] finds models
	InitAudio Media  `json:"init_audio"` // required
	Prompt    string `json:"prompt"`     // required, what to replace

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a UUID
}

func (*V7SongInpaintRequest) endpoint() *endpoint.Endpoint { return endpoint.V7SongInpaint }

// V7CreateDubbingRequest is the body of [V7Service.CreateDubbing].
type V7CreateDubbingRequest struct {
	ModelID        string `json:"model_id"`        // required; [AccountService.SearchModels] finds models
	InitAudio      Media  `json:"init_audio"`      // required
	TargetLanguage string `json:"target_language"` // required, "es", "fr", ...

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a UUID
}

func (*V7CreateDubbingRequest) endpoint() *endpoint.Endpoint { return endpoint.V7CreateDubbing }
