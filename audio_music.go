package modelslab

import "github.com/modelslab-go/modelslab/internal/endpoint"

// MusicGenRequest is the body of [AudioService.MusicGen].
type MusicGenRequest struct {
	Prompt string `json:"prompt"` // required

	InitAudio    Media  `json:"init_audio,omitzero"`    // a melody to follow, up to 30 seconds; a local file sets Base64
	Duration     *int   `json:"duration,omitzero"`      // seconds, 30 to 480, server default 30
	OutputFormat string `json:"output_format,omitzero"` // "wav", "mp3" or "flac", server default "wav"
	Bitrate      string `json:"bitrate,omitzero"`       // "128k", "192k" or "320k", server default "320k"
	Base64       *bool  `json:"base64,omitzero"`        // InitAudio is base64, not a URL
	Temp         *bool  `json:"temp,omitzero"`          // keep the result for 24 hours only

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a random number
}

func (*MusicGenRequest) endpoint() *endpoint.Endpoint { return endpoint.MusicGen }

// SongGeneratorRequest is the body of [AudioService.SongGenerator]. With
// LyricsGeneration the song is about Prompt and sounds as Caption says; without
// it, it sings Lyrics.
type SongGeneratorRequest struct {
	LyricsGeneration bool `json:"lyrics_generation"` // always sent: have the lyrics written

	Prompt       string `json:"prompt,omitzero"`       // what the lyrics are about; required with LyricsGeneration
	Caption      string `json:"caption,omitzero"`      // style, voice, loops; required with LyricsGeneration
	Lyrics       string `json:"lyrics,omitzero"`       // in LRC form, time and text; required without LyricsGeneration
	InitAudio    Media  `json:"init_audio,omitzero"`   // a song whose style to follow
	Duration     *int   `json:"duration,omitzero"`     // seconds, 30 to 480
	Language     string `json:"language,omitzero"`     // "en", "fr" and 48 more
	Instrumental *bool  `json:"instrumental,omitzero"` // without vocals

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a random number
}

func (*SongGeneratorRequest) endpoint() *endpoint.Endpoint { return endpoint.SongGenerator }

func (r *SongGeneratorRequest) check() string {
	switch {
	case r.LyricsGeneration && r.Prompt == "":
		return "prompt"
	case r.LyricsGeneration && r.Caption == "":
		return "caption"
	case !r.LyricsGeneration && r.Lyrics == "" && (r.Instrumental == nil || !*r.Instrumental):
		return "lyrics"
	default:
		return ""
	}
}

// SFXRequest is the body of [AudioService.SFX].
type SFXRequest struct {
	Prompt string `json:"prompt"` // required

	Duration *int  `json:"duration,omitzero"` // seconds, 3 to 15, server default 10
	Temp     *bool `json:"temp,omitzero"`     // keep the result for 24 hours only

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a random number
}

func (*SFXRequest) endpoint() *endpoint.Endpoint { return endpoint.SFX }

// LyricsGeneratorRequest is the body of [AudioService.LyricsGenerator].
type LyricsGeneratorRequest struct {
	Prompt string `json:"prompt"` // required

	Length string `json:"length,omitzero"` // "short" or "long", server default "short"

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a random number
}

func (*LyricsGeneratorRequest) endpoint() *endpoint.Endpoint { return endpoint.LyricsGenerator }

// VocalIsolatorRequest is the body of [AudioService.VocalIsolator]. It needs
// InitAudio or InitVideo.
type VocalIsolatorRequest struct {
	InitVideo Media  `json:"init_video,omitzero"` // a local file goes into the body and sets Base64
	InitAudio Media  `json:"init_audio,omitzero"` // a local file goes into the body and sets Base64
	Base64    *bool  `json:"base64,omitzero"`     // the input is base64, not a URL
	Seed      *int64 `json:"seed,omitzero"`       // 0 or unset: random

	Webhook string `json:"webhook,omitzero"`  // callback URL, HTTPS; unset: the client's
	TrackID string `json:"track_id,omitzero"` // your own name for the job; unset: a random number
}

func (*VocalIsolatorRequest) endpoint() *endpoint.Endpoint { return endpoint.VocalIsolator }

func (r *VocalIsolatorRequest) check() string {
	if r.InitVideo.IsZero() && r.InitAudio.IsZero() {
		return "init_audio"
	}
	return ""
}
