package modelslab

import (
	"context"

	"github.com/modelslab-go/modelslab/internal/endpoint"
)

// AudioService makes and changes speech, songs and sounds. See
// https://docs.modelslab.com/voice-cloning/overview.
type AudioService struct{ client *Client }

// TextToSpeech speaks a text with a trained voice.
//
// POST /api/v6/voice/text_to_speech
// (https://docs.modelslab.com/voice-cloning/text-to-speech). Errors are those
// of [Client.Submit].
func (s *AudioService) TextToSpeech(ctx context.Context, req *TextToSpeechRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// TextToAudio speaks a text with a voice cloned from a recording.
//
// POST /api/v6/voice/text_to_audio
// (https://docs.modelslab.com/voice-cloning/voice-cloning). Errors are those
// of [Client.Submit].
func (s *AudioService) TextToAudio(ctx context.Context, req *TextToAudioRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// VoiceToVoice says what one recording says with the voice of another.
//
// POST /api/v6/voice/voice_to_voice
// (https://docs.modelslab.com/voice-cloning/voice-to-voice). Errors are those
// of [Client.Submit].
func (s *AudioService) VoiceToVoice(ctx context.Context, req *VoiceToVoiceRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// VoiceCover sings a song with another voice.
//
// POST /api/v6/voice/voice_cover
// (https://docs.modelslab.com/voice-cloning/voice-cover). Errors are those
// of [Client.Submit].
func (s *AudioService) VoiceCover(ctx context.Context, req *VoiceCoverRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// VoiceDesign speaks a text with a voice made from a description.
//
// POST /api/v6/voice/voice_design
// (https://docs.modelslab.com/voice-cloning/voice-design). Errors are those
// of [Client.Submit].
func (s *AudioService) VoiceDesign(ctx context.Context, req *VoiceDesignRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// SpeechToText writes down what is said. The result is the URL of a text file.
//
// POST /api/v6/voice/speech_to_text
// (https://docs.modelslab.com/voice-cloning/speech-to-text). Errors are those
// of [Client.Submit].
func (s *AudioService) SpeechToText(ctx context.Context, req *SpeechToTextRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// CreateDubbing speaks a video anew in another language.
//
// POST /api/v6/voice/create_dubbing
// (https://docs.modelslab.com/voice-cloning/create-dubbing). Errors are those
// of [Client.Submit].
func (s *AudioService) CreateDubbing(ctx context.Context, req *CreateDubbingRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// MusicGen makes music from a prompt.
//
// POST /api/v6/voice/music_gen
// (https://docs.modelslab.com/voice-cloning/music-gen). Errors are those
// of [Client.Submit].
func (s *AudioService) MusicGen(ctx context.Context, req *MusicGenRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// SongGenerator makes a song, vocals included.
//
// POST /api/v6/voice/song_generator
// (https://docs.modelslab.com/voice-cloning/song-generator). Errors are those
// of [Client.Submit].
func (s *AudioService) SongGenerator(ctx context.Context, req *SongGeneratorRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// LyricsGenerator writes lyrics. The result is the URL of a text file.
//
// POST /api/v6/voice/lyrics_generator
// (https://docs.modelslab.com/voice-cloning/lyrics-generator). Errors are
// those of [Client.Submit].
func (s *AudioService) LyricsGenerator(ctx context.Context, req *LyricsGeneratorRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// SFX makes a sound effect from a prompt.
//
// POST /api/v6/voice/sfx
// (https://docs.modelslab.com/voice-cloning/sfx). Errors are those
// of [Client.Submit].
func (s *AudioService) SFX(ctx context.Context, req *SFXRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// VocalIsolator takes the vocals out of a recording or a video.
//
// POST /api/v6/voice/vocal_isolator
// (https://docs.modelslab.com/voice-cloning/vocal-isolator). Errors are those
// of [Client.Submit].
func (s *AudioService) VocalIsolator(ctx context.Context, req *VocalIsolatorRequest, opts ...CallOption) (*Job, error) {
	return s.client.Submit(ctx, req, opts...)
}

// VoiceUpload stores a voice for [AudioService.TextToAudio] and returns its id.
// A local recording goes into the body.
//
// POST /api/v6/voice/voice_upload
// (https://docs.modelslab.com/voice-cloning/upload-voice). Errors are *[Error].
// It is sent once: ErrUnavailable leaves open whether the voice was stored,
// which [AudioService.VoiceList] shows.
func (s *AudioService) VoiceUpload(ctx context.Context, req *VoiceUploadRequest, opts ...CallOption) (voiceID string, err error) {
	a, err := s.client.query(ctx, endpoint.VoiceUpload, req, opts)
	if err != nil {
		return "", err
	}
	if voiceID = a.Get("voice_id").Text(); voiceID == "" {
		return "", incomplete(endpoint.VoiceUpload, "voice_id")
	}
	return voiceID, nil
}

// VoiceList lists the voices of one type.
//
// POST /api/v6/voice/voice_list
// (https://docs.modelslab.com/voice-cloning/voice-list). Errors are *[Error].
func (s *AudioService) VoiceList(ctx context.Context, req *VoiceListRequest, opts ...CallOption) ([]Voice, error) {
	a, err := s.client.query(ctx, endpoint.VoiceList, req, opts)
	if err != nil {
		return nil, err
	}
	var voices []Voice
	for _, v := range a.Get("voices").List() {
		voices = append(voices, Voice{
			ID: v.Get("voice_id").Text(), Name: v.Get("name").Text(), Language: v.Get("language").Text(),
			Raw: v.Raw(),
		})
	}
	return voices, nil
}

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
