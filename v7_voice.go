package modelslab

import "github.com/modelslab-go/modelslab/internal/endpoint"

// V7TextToSpeechRequest is the body of [V7Service.TextToSpeech].
type V7TextToSpeechRequest struct {
	ModelID string `json:"model_id"` // required; [ModelService.Search] finds models
	Prompt  string `json:"prompt"`   // required, the text to speak
	VoiceID string `json:"voice_id"` // required

	Temperature *float64 `json:"temperature,omitzero"` // how much the voice varies, 0 to 1

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a UUID
}

func (*V7TextToSpeechRequest) endpoint() *endpoint.Endpoint { return endpoint.V7TextToSpeech }

// V7SpeechToTextRequest is the body of [V7Service.SpeechToText].
type V7SpeechToTextRequest struct {
	ModelID   string `json:"model_id"`   // required; [ModelService.Search] finds models
	InitAudio Media  `json:"init_audio"` // required

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a UUID
}

func (*V7SpeechToTextRequest) endpoint() *endpoint.Endpoint { return endpoint.V7SpeechToText }

// V7SpeechToSpeechRequest is the body of [V7Service.SpeechToSpeech].
type V7SpeechToSpeechRequest struct {
	ModelID   string `json:"model_id"`   // required; [ModelService.Search] finds models
	InitAudio Media  `json:"init_audio"` // required, what is said
	VoiceID   string `json:"voice_id"`   // required, the voice to say it

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a UUID
}

func (*V7SpeechToSpeechRequest) endpoint() *endpoint.Endpoint { return endpoint.V7SpeechToSpeech }

// V7SoundGenerationRequest is the body of [V7Service.SoundGeneration].
type V7SoundGenerationRequest struct {
	ModelID string `json:"model_id"` // required; [ModelService.Search] finds models
	Prompt  string `json:"prompt"`   // required

	// What follows is known from the vendor's SDKs.

	TimeInSeconds   *int     `json:"time_in_seconds,omitzero"`  // 1 to 22
	PromptInfluence *float64 `json:"prompt_influence,omitzero"` // how closely to follow Prompt

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a UUID
}

func (*V7SoundGenerationRequest) endpoint() *endpoint.Endpoint { return endpoint.V7SoundGeneration }

// V7MusicGenRequest is the body of [V7Service.MusicGen].
type V7MusicGenRequest struct {
	ModelID string `json:"model_id"` // required; [ModelService.Search] finds models
	Prompt  string `json:"prompt"`   // required

	Duration *int `json:"duration,omitzero"` // seconds, sent as a number; known from the vendor's SDKs

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a UUID
}

func (*V7MusicGenRequest) endpoint() *endpoint.Endpoint { return endpoint.V7MusicGen }

// V7SongExtenderRequest is the body of [V7Service.SongExtender].
type V7SongExtenderRequest struct {
	ModelID   string `json:"model_id"`   // required; [ModelService.Search] finds models
	InitAudio Media  `json:"init_audio"` // required

	Prompt string `json:"prompt,omitzero"` // how to go on

	// What follows is known from the vendor's SDKs, which always send a length.

	ExtendDuration *float64 `json:"extend_duration,omitzero"` // seconds to add, up to 85
	Side           string   `json:"side,omitzero"`            // "left", at the beginning, or "right", at the end

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a UUID
}

func (*V7SongExtenderRequest) endpoint() *endpoint.Endpoint { return endpoint.V7SongExtender }

// V7SongInpaintRequest is the body of [V7Service.SongInpaint]. It needs Prompt,
// as the page has it, or Lyrics, as the vendor's SDKs do.
type V7SongInpaintRequest struct {
	ModelID   string `json:"model_id"`   // required; [ModelService.Search] finds models
	InitAudio Media  `json:"init_audio"` // required

	Prompt string `json:"prompt,omitzero"` // what to replace
	Lyrics string `json:"lyrics,omitzero"` // of the whole song

	// Sections are the parts to sing anew, each from and to in seconds. The
	// vendor's SDKs send a list of that name and no document says what is in it:
	// pairs of seconds are a guess. [WithExtra] sends another form.
	Sections [][2]float64 `json:"sections,omitzero"`

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a UUID
}

func (*V7SongInpaintRequest) endpoint() *endpoint.Endpoint { return endpoint.V7SongInpaint }

func (r *V7SongInpaintRequest) check() string {
	if r.Prompt == "" && r.Lyrics == "" {
		return "prompt"
	}
	return ""
}

// V7CreateDubbingRequest is the body of [V7Service.CreateDubbing]. It needs
// InitAudio, as the page has it, or InitVideo, as the vendor's command-line
// client does.
type V7CreateDubbingRequest struct {
	ModelID        string `json:"model_id"`        // required; [ModelService.Search] finds models
	TargetLanguage string `json:"target_language"` // required, "es", "fr", ...

	InitAudio Media `json:"init_audio,omitzero"`
	InitVideo Media `json:"init_video,omitzero"`

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a UUID
}

func (*V7CreateDubbingRequest) endpoint() *endpoint.Endpoint { return endpoint.V7CreateDubbing }

func (r *V7CreateDubbingRequest) check() string {
	if r.InitAudio.IsZero() && r.InitVideo.IsZero() {
		return "init_audio"
	}
	return ""
}
