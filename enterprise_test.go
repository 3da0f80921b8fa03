package modelslab_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
)

// ownFields returns a body without the key and the track id. What stands in
// front of it, a path, goes too.
func ownFields(t *testing.T, body string) string {
	t.Helper()
	var members map[string]json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(body[strings.IndexByte(body, '{'):]), &members))
	delete(members, "key")
	delete(members, "track_id")
	text, err := json.Marshal(members)
	require.NoError(t, err)
	return string(text)
}

// bodyOf submits a request and returns its own fields of the body.
func bodyOf(t *testing.T, req modelslab.Request, opts ...modelslab.CallOption) (string, error) {
	t.Helper()
	var body string
	client := stubClient(t, func(r *http.Request) (*http.Response, error) {
		text, err := io.ReadAll(r.Body)
		body = string(text)
		return jsonResponse(http.StatusOK, `{"status":"processing","id":1}`), err
	})
	_, err := client.Submit(t.Context(), req, opts...)
	if body != "" {
		body = ownFields(t, body)
	}
	return body, err
}

func TestEnterpriseImageWire(t *testing.T) {
	t.Parallel()
	a, b := modelslab.MediaURL("https://example.com/a.png"), modelslab.MediaURL("https://example.com/b.png")
	runGolden(t, []golden{
		{
			name: "FluxKleinImageToImage", path: "/v1/enterprise/flux_klein/img2img",
			full: &modelslab.FluxKleinImageToImageRequest{
				Prompt: "a ship", InitImage: []modelslab.Media{a, b}, NegativePrompt: "fog", Width: new(1024), Height: new(512),
				Samples: new(2), Strength: new(0.5), Seed: new(int64(4029484891)), SafetyChecker: new(false),
				InstantResponse: new(true), Base64: new(false), Temp: new(true), Webhook: hook, TrackID: "k1",
			},
			fullBody: `{"prompt":"a ship","init_image":["https://example.com/a.png","https://example.com/b.png"],"negative_prompt":"fog",` +
				`"width":1024,"height":512,"samples":2,"strength":0.5,"seed":4029484891,"safety_checker":false,` +
				`"instant_response":true,"base64":false,"temp":true,` +
				`"webhook":"https://example.com/hook?kind=enterprise%2Fflux_klein","track_id":"k1"}`,
			minimal:     &modelslab.FluxKleinImageToImageRequest{Prompt: "a ship", InitImage: []modelslab.Media{a}},
			minimalBody: `{"prompt":"a ship","init_image":["https://example.com/a.png"],` + minimalTrack + `}`,
		},
		{
			name: "MagicMix", path: "/v1/enterprise/image_editing/magic_mix",
			full: &modelslab.MagicMixRequest{
				Prompt: "a bed", Image: a, NegativePrompt: "fog", Width: new(768), Height: new(512), Kmin: new(0.3), Kmax: new(0.5),
				MixFactor: new(0.4), Steps: new(20), Samples: new(1), Seed: new(int64(4029484891)), Webhook: hook, TrackID: "m1",
			},
			fullBody: `{"prompt":"a bed","image":"https://example.com/a.png","negative_prompt":"fog","width":768,"height":512,` +
				`"kmin":0.3,"kmax":0.5,"mix_factor":0.4,"steps":20,"samples":1,"seed":4029484891,` +
				`"webhook":"https://example.com/hook?kind=enterprise%2Fimage_editing","track_id":"m1"}`,
			minimal:     &modelslab.MagicMixRequest{Prompt: "a bed", Image: a},
			minimalBody: `{"prompt":"a bed","image":"https://example.com/a.png",` + minimalTrack + `}`,
		},
	})
}

// What only a dedicated server offers is called there, whatever the client.
func TestEnterpriseAlone(t *testing.T) {
	t.Parallel()
	req := &modelslab.MagicMixRequest{Prompt: "p", Image: modelslab.MediaURL("https://example.com/a.png")}
	for _, opts := range [][]modelslab.Option{nil, {modelslab.WithEnterprise()}} {
		client := stubClient(t, func(r *http.Request) (*http.Response, error) {
			require.Equal(t, "/api/v1/enterprise/image_editing/magic_mix", r.URL.Path)
			return jsonResponse(http.StatusOK, `{"status":"processing","id":1}`), nil
		}, opts...)
		job, err := client.Editing.MagicMix(t.Context(), req)
		require.NoError(t, err)
		require.Equal(t, "enterprise/image_editing/1", job.Ref.String())
	}
}

// What a body must have depends on the server that gets it.
func TestRequiredPerServer(t *testing.T) {
	t.Parallel()
	image := modelslab.MediaURL("https://example.com/a.png")
	prompt := &modelslab.TextToImageRequest{Prompt: "p"}
	for _, tt := range []struct {
		req     modelslab.Request
		server  string // "" is the public API
		missing string // the field that is missed
		body    string
	}{
		{req: prompt, missing: "model_id"},
		{req: prompt, server: "root", missing: "model_id"},
		{req: prompt, server: "qwen", body: `{"prompt":"p"}`},
		{req: prompt, server: "flux", body: `{"prompt":"p"}`},
		{req: prompt, server: "flux_klein", body: `{"prompt":"p"}`},
		{req: prompt, server: "z_image_turbo", body: `{"prompt":"p"}`},
		{req: prompt, server: "realtime", body: `{"prompt":"p"}`},
		{req: &modelslab.TextToImageRequest{ModelID: "m"}, server: "qwen", missing: "prompt"},
		{req: &modelslab.TextToImageRequest{ModelID: "m", Prompt: "p"}, server: "qwen", body: `{"model_id":"m","prompt":"p"}`},
		{req: &modelslab.ImageToImageRequest{ModelID: "m", InitImage: image}, body: `{"model_id":"m","init_image":"https://example.com/a.png"}`},
		{req: &modelslab.ImageToImageRequest{ModelID: "m", InitImage: image}, server: "root", missing: "prompt"},
		{req: &modelslab.ImageToImageRequest{Prompt: "p", InitImage: image}, server: "flux_kontext_dev", body: `{"prompt":"p","init_image":"https://example.com/a.png"}`},
		{req: &modelslab.ImageToImageRequest{Prompt: "p"}, server: "flux_klein", missing: "init_image"},
		{req: &modelslab.InpaintRequest{InitImage: image, MaskImage: image}, missing: "model_id"},
		{
			req: &modelslab.InpaintRequest{Prompt: "p", InitImage: image, MaskImage: image}, server: "qwen",
			body: `{"init_image":"https://example.com/a.png","mask_image":"https://example.com/a.png","prompt":"p"}`,
		},
		{req: &modelslab.ControlNetRequest{}, body: `{}`},
		{req: &modelslab.ControlNetRequest{}, server: "root", missing: "model_id"},
		{req: &modelslab.TextToVideoUltraRequest{Prompt: "p"}, missing: "model_id"},
		{req: &modelslab.TextToVideoUltraRequest{Prompt: "p"}, server: "ultra_video", body: `{"prompt":"p"}`},
		{
			req:    &modelslab.ImageToVideoUltraRequest{Prompt: "p", InitImage: image},
			server: "image_to_video_ultra", body: `{"prompt":"p","init_image":"https://example.com/a.png"}`,
		},
		{req: &modelslab.SpeechToTextRequest{InitAudio: image}, missing: "language"},
		{req: &modelslab.SpeechToTextRequest{InitAudio: image}, server: "speech_to_text", body: `{"init_audio":"https://example.com/a.png"}`},
		{req: &modelslab.TextToSpeechRequest{Prompt: "p", VoiceID: "v"}, server: "text_to_speech", body: `{"prompt":"p","voice_id":"v"}`},
		{
			req:    &modelslab.ScenarioChangerRequest{InitImage: image, Scenario: "beach"},
			server: "interior", body: `{"init_image":"https://example.com/a.png","scenario":"beach"}`,
		},
		{req: &modelslab.SuperResolutionRequest{InitImage: image}, body: `{"init_image":"https://example.com/a.png"}`},
		{req: &modelslab.SuperResolutionRequest{InitImage: image}, server: "root", missing: "scale"},
		{
			req: &modelslab.SuperResolutionRequest{InitImage: image, Scale: new(3)}, server: "root",
			body: `{"init_image":"https://example.com/a.png","scale":3,"url":"https://example.com/a.png"}`,
		},
	} {
		var opts []modelslab.CallOption
		if tt.server != "" {
			opts = append(opts, modelslab.Server(tt.server))
		}
		body, err := bodyOf(t, tt.req, opts...)
		if tt.missing != "" {
			var refused *modelslab.Error
			require.ErrorAs(t, err, &refused, "%T on %q", tt.req, tt.server)
			require.ErrorIs(t, err, modelslab.ErrInvalid)
			require.Equal(t, tt.missing, refused.Field, "%T on %q", tt.req, tt.server)
			require.Empty(t, body, "it was sent")
			continue
		}
		require.NoError(t, err, "%T on %q", tt.req, tt.server)
		require.JSONEq(t, tt.body, body, "%T on %q", tt.req, tt.server)
	}
}

// A frozen request may go to any server, so it may lack what one of them goes
// without, and nothing else.
func TestFreezeForAnyServer(t *testing.T) {
	t.Parallel()
	image := modelslab.MediaURL("https://example.com/a.png")
	frozen, err := modelslab.Freeze(&modelslab.TextToImageRequest{Prompt: "p"})
	require.NoError(t, err)
	require.JSONEq(t, `{"prompt":"p"}`, string(frozen.Body))
	body, err := bodyOf(t, frozen, modelslab.Server("qwen"))
	require.NoError(t, err)
	require.JSONEq(t, `{"prompt":"p"}`, body)

	for field, req := range map[string]modelslab.Request{
		"prompt":   &modelslab.TextToImageRequest{},
		"model_id": &modelslab.TextToVideoRequest{Prompt: "p"},
		"scenario": &modelslab.ScenarioChangerRequest{InitImage: image},
	} {
		_, err = modelslab.Freeze(req)
		var refused *modelslab.Error
		require.ErrorAs(t, err, &refused)
		require.Equal(t, field, refused.Field)
	}
}

// The second name of a field is sent however the request got its body, and
// never beside a value of the caller's.
func TestSecondNameOfAField(t *testing.T) {
	t.Parallel()
	const both = `{"init_image":"https://example.com/a.png","image":"https://example.com/a.png"}`
	req := &modelslab.ImageTo3DRequest{InitImage: modelslab.MediaURL("https://example.com/a.png")}
	frozen, err := modelslab.Freeze(req)
	require.NoError(t, err)
	require.JSONEq(t, both, string(frozen.Body))
	for want, r := range map[string]modelslab.Request{
		both: req,
		`{"image":"https://example.com/a.png","init_image":"https://example.com/a.png"}`: frozen,
		`{"image":"https://example.com/b.png"}`: modelslab.RawRequest{
			Path: "/v6/3d/image_to_3d", Body: json.RawMessage(`{"image":"https://example.com/b.png"}`),
		},
		`{"image":"https://example.com/b.png","init_image":"https://example.com/a.png"}`: modelslab.RawRequest{
			Path: "/v6/3d/image_to_3d", Body: json.RawMessage(`{"image":"https://example.com/b.png","init_image":"https://example.com/a.png"}`),
		},
	} {
		body, err := bodyOf(t, r)
		require.NoError(t, err)
		require.JSONEq(t, want, body)
	}
	body, err := bodyOf(t, req, modelslab.Server("3d"))
	require.NoError(t, err)
	require.JSONEq(t, both, body)
	body, err = bodyOf(t, req, modelslab.WithExtra("image", "other"))
	require.NoError(t, err)
	require.JSONEq(t, `{"init_image":"https://example.com/a.png","image":"other"}`, body)

	uploads := sent(t, &modelslab.ImageTo3DRequest{InitImage: modelslab.MediaBytes([]byte(pngMagic)), TrackID: "t"})
	require.Len(t, uploads, 2, "one upload serves both names")
	require.Contains(t, uploads[1], `"init_image":"https://cdn.example.com/1.png"`)
	require.Contains(t, uploads[1], `"image":"https://cdn.example.com/1.png"`)
}

// Two pictures of two people are not made from the same noise.
func TestRandomSeed(t *testing.T) {
	t.Parallel()
	req := &modelslab.FluxHeadshotRequest{Prompt: "p", FaceImage: modelslab.MediaURL("https://example.com/a.png")}
	seeds := map[string]bool{}
	for range 8 {
		body, err := bodyOf(t, req)
		require.NoError(t, err)
		var sent struct{ Seed json.Number }
		require.NoError(t, json.Unmarshal([]byte(body), &sent))
		seed, err := sent.Seed.Int64()
		require.NoError(t, err)
		require.Positive(t, seed)
		require.Less(t, seed, int64(1)<<32, "the API's seeds have 32 bits")
		seeds[sent.Seed.String()] = true
	}
	require.Greater(t, len(seeds), 1)
	require.Nil(t, req.Seed, "the caller's struct was modified")

	req.Seed = new(int64(0))
	body, err := bodyOf(t, req)
	require.NoError(t, err)
	require.Contains(t, body, `"seed":0`)

	req.Seed = nil
	frozen, err := modelslab.Freeze(req)
	require.NoError(t, err)
	again, err := modelslab.Freeze(req)
	require.NoError(t, err)
	require.Equal(t, frozen.Body, again.Body, "equal requests freeze to equal bodies")
	body, err = bodyOf(t, frozen)
	require.NoError(t, err)
	require.Regexp(t, `"seed":[1-9]`, body)
	body, err = bodyOf(t, frozen, modelslab.WithExtra("seed", 5))
	require.NoError(t, err)
	require.Contains(t, body, `"seed":5`)
}
