package modelslab

import (
	"encoding/json"

	"github.com/modelslab-go/modelslab/internal/endpoint"
)

// TextToSpeechRequest is the body of [AudioService.TextToSpeech].
type TextToSpeechRequest struct {
	Prompt   string `json:"prompt"`   // required, the text to speak, up to 2,500 characters
	VoiceID  string `json:"voice_id"` // required, of a trained voice: [AudioService.VoiceList] with Type "trained"
	Language string `json:"language"` // required, "american english", "french", ...

	Speed   *float64 `json:"speed,omitzero"`   // server default 1
	Emotion *bool    `json:"emotion,omitzero"` // English only, server default false
	Temp    *bool    `json:"temp,omitzero"`    // keep the result for 24 hours only

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a random number
}

func (*TextToSpeechRequest) endpoint() *endpoint.Endpoint { return endpoint.TextToSpeech }

// TextToAudioRequest is the body of [AudioService.TextToAudio]. It needs
// InitAudio or VoiceID.
type TextToAudioRequest struct {
	Prompt string `json:"prompt"` // required, the text to speak

	InitAudio Media    `json:"init_audio,omitzero"` // the voice to clone, 4 to 30 seconds; a local file sets Base64
	VoiceID   string   `json:"voice_id,omitzero"`   // an uploaded voice in place of InitAudio
	Language  string   `json:"language,omitzero"`   // server default "english"
	Speed     *float64 `json:"speed,omitzero"`      // server default 1
	Base64    *bool    `json:"base64,omitzero"`     // InitAudio is base64, not a URL
	Temp      *bool    `json:"temp,omitzero"`       // keep the result for 24 hours only

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a random number
}

func (*TextToAudioRequest) endpoint() *endpoint.Endpoint { return endpoint.TextToAudio }

func (r *TextToAudioRequest) check() string {
	if r.InitAudio.IsZero() && r.VoiceID == "" {
		return "init_audio"
	}
	return ""
}

// VoiceToVoiceRequest is the body of [AudioService.VoiceToVoice].
type VoiceToVoiceRequest struct {
	InitAudio   Media `json:"init_audio"`   // required, what is said, up to 30 seconds
	TargetAudio Media `json:"target_audio"` // required, the voice to say it, up to 30 seconds

	Stream *bool `json:"stream,omitzero"` // answer in base64 chunks
	Base64 *bool `json:"base64,omitzero"` // both inputs are base64, not URLs
	Temp   *bool `json:"temp,omitzero"`   // keep the result for 24 hours only

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a random number
}

func (*VoiceToVoiceRequest) endpoint() *endpoint.Endpoint { return endpoint.VoiceToVoice }

// VoiceCoverRequest is the body of [AudioService.VoiceCover].
type VoiceCoverRequest struct {
	InitAudio Media  `json:"init_audio"` // required, the song; a YouTube URL will do, a local file is WAV
	ModelID   string `json:"model_id"`   // required, the voice

	Pitch                  string   `json:"pitch,omitzero"`                     // "m2f", "f2m" or "none"
	Algorithm              string   `json:"algorithm,omitzero"`                 // "rmvpe" or "mangio-crepe", server default "rmvpe"
	Rate                   *float64 `json:"rate,omitzero"`                      // likeness to the model's voice, 0 to 1
	Seed                   *int64   `json:"seed,omitzero"`                      // unset: random
	Language               string   `json:"language,omitzero"`                  // server default "english"
	Emotion                string   `json:"emotion,omitzero"`                   // "neutral", "happy", "sad", "angry" or "dull", server default "neutral"
	Speed                  *float64 `json:"speed,omitzero"`                     // 0.5 to 2, server default 1
	Radius                 *float64 `json:"radius,omitzero"`                    // length of the median filter against artifacts, 0 to 3, server default 3
	Mix                    *float64 `json:"mix,omitzero"`                       // likeness to the original's loudness, 0 to 1, server default 0.25
	HopLength              *int     `json:"hop_length,omitzero"`                // how often "mangio-crepe" measures the pitch
	Originality            *float64 `json:"originality,omitzero"`               // how much of the original's consonants and breath stays, 0 to 1, server default 0.33
	LeadVoiceVolumeDelta   string   `json:"lead_voice_volume_delta,omitzero"`   // "-5" to "+5"
	BackupVoiceVolumeDelta string   `json:"backup_voice_volume_delta,omitzero"` // "-5" to "+5"
	InstrumentVolumeDelta  string   `json:"instrument_volume_delta,omitzero"`   // "-5" to "+5"
	ReverbSize             *float64 `json:"reverb_size,omitzero"`               // of the room, 0 to 1, server default 0.15
	Wetness                *float64 `json:"wetness,omitzero"`                   // reverb on the new vocals, 0 to 1, server default 0.2
	Dryness                *float64 `json:"dryness,omitzero"`                   // vocals without reverb, 0 to 1, server default 0.8
	Damping                *float64 `json:"damping,omitzero"`                   // of high frequencies in the reverb, 0 to 1, server default 0.7
	Base64                 *bool    `json:"base64,omitzero"`                    // InitAudio is base64, not a URL
	Temp                   *bool    `json:"temp,omitzero"`                      // keep the result for 24 hours only

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a random number
}

func (*VoiceCoverRequest) endpoint() *endpoint.Endpoint { return endpoint.VoiceCover }

// VoiceDesignRequest is the body of [AudioService.VoiceDesign].
type VoiceDesignRequest struct {
	Prompt           string `json:"prompt"`            // required, the text to speak
	VoiceDescription string `json:"voice_description"` // required: tone, accent, gender, age, style

	Language string `json:"language,omitzero"` // "english", "chinese", ...

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a random number
}

func (*VoiceDesignRequest) endpoint() *endpoint.Endpoint { return endpoint.VoiceDesign }

// SpeechToTextRequest is the body of [AudioService.SpeechToText].
type SpeechToTextRequest struct {
	InitAudio Media  `json:"init_audio"` // required: WAV, MP3, FLAC or OPUS, 5 seconds to an hour
	Language  string `json:"language"`   // required, "en", "fr", ...

	TimestampLevel string `json:"timestamp_level,omitzero"` // "sentence", or the less exact "word"; unset: no times

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a random number
}

func (*SpeechToTextRequest) endpoint() *endpoint.Endpoint { return endpoint.SpeechToText }

// CreateDubbingRequest is the body of [AudioService.CreateDubbing].
type CreateDubbingRequest struct {
	InitVideo  Media  `json:"init_video"`  // required; a local file goes into the body and sets Base64
	OutputLang string `json:"output_lang"` // required, "es", "fr", "pt-br", "en-us", ...

	SourceLang string   `json:"source_lang,omitzero"` // server default "hi"
	FilePrefix string   `json:"file_prefix,omitzero"` // of the result's name, server default "spanish_dub"
	VoiceID    string   `json:"voice_id,omitzero"`    // of a trained voice
	VoiceModel string   `json:"voice_model,omitzero"` // server default "kokoro"
	Speed      *float64 `json:"speed,omitzero"`       // server default 1
	Base64     *bool    `json:"base64,omitzero"`      // InitVideo is base64, not a URL
	Seed       *int64   `json:"seed,omitzero"`        // 0 or unset: random

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a random number
}

func (*CreateDubbingRequest) endpoint() *endpoint.Endpoint { return endpoint.CreateDubbing }

// VoiceUploadRequest is the body of [AudioService.VoiceUpload].
type VoiceUploadRequest struct {
	Name      string `json:"name"`       // required, shown in lists
	InitAudio Media  `json:"init_audio"` // required: MP3 or WAV, 10 to 25 seconds; a local file sets Base64
	Language  string `json:"language"`   // required, "english", "french", ...

	Base64    *bool  `json:"base64,omitzero"`    // InitAudio is base64, not a URL
	Gender    string `json:"gender,omitzero"`    // "male" or "female"
	Thumbnail string `json:"thumbnail,omitzero"` // URL of an image
}

// VoiceListRequest is the body of [AudioService.VoiceList].
type VoiceListRequest struct {
	Type string `json:"type,omitzero"` // "manual", "trained" or "voice_cover", server default "manual"
}

// Voice is a voice that speech can be made with.
type Voice struct {
	ID       string
	Name     string
	Language string
	Raw      json.RawMessage // all that the API says about it
}
