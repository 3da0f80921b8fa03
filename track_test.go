package modelslab_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
)

// trackOf submits a request and returns the track_id member as it was sent, ""
// for none, and the id that the job has.
func trackOf(t *testing.T, req modelslab.Request, opts ...modelslab.CallOption) (sent, id string) {
	t.Helper()
	var body struct {
		TrackID json.RawMessage `json:"track_id"`
	}
	client := stubClient(t, func(r *http.Request) (*http.Response, error) {
		text, err := io.ReadAll(r.Body)
		if err == nil {
			err = json.Unmarshal(text, &body)
		}
		return jsonResponse(http.StatusOK, `{"status":"processing","id":1}`), err
	})
	job, err := client.Submit(t.Context(), req, opts...)
	require.NoError(t, err)
	return string(body.TrackID), job.TrackID
}

func requireNumber(t *testing.T, text string) {
	t.Helper()
	n, err := strconv.ParseUint(text, 10, 64)
	require.NoError(t, err)
	require.Positive(t, n)
	require.Less(t, n, uint64(1)<<53, "a reader that takes numbers for float64 keeps 53 bits")
	require.Equal(t, text, strconv.FormatUint(n, 10))
}

func requireUUID(t *testing.T, text string) {
	t.Helper()
	_, err := uuid.Parse(text)
	require.NoError(t, err)
}

// An id that is made up suits the column that it goes into; the caller's own
// goes out as it was given.
func TestTrackIDSuitsItsColumn(t *testing.T) {
	t.Parallel()
	image := modelslab.MediaURL("https://example.com/a.png")
	for _, tt := range []struct {
		name   string
		with   func(trackID string) modelslab.Request
		server string
		number bool
	}{
		{"editing", func(id string) modelslab.Request {
			return &modelslab.ObjectRemovalRequest{InitImage: image, MaskImage: image, TrackID: id}
		}, "", true},
		{"voice", func(id string) modelslab.Request { return &modelslab.SFXRequest{Prompt: "p", TrackID: id} }, "", true},
		{"interior", func(id string) modelslab.Request {
			return &modelslab.InteriorMakeRequest{Prompt: "p", InitImage: image, TrackID: id}
		}, "", true},
		{"faces", func(id string) modelslab.Request {
			return &modelslab.SingleVideoSwapRequest{InitImage: image, InitVideo: image, TrackID: id}
		}, "", true},
		{"controlnet", func(id string) modelslab.Request { return &modelslab.ControlNetRequest{ModelID: "m", TrackID: id} }, "", true},
		{"images", func(id string) modelslab.Request {
			return &modelslab.TextToImageRequest{ModelID: "m", Prompt: "p", TrackID: id}
		}, "", false},
		{"video", func(id string) modelslab.Request {
			return &modelslab.TextToVideoRequest{ModelID: "m", Prompt: "p", TrackID: id}
		}, "", false},
		{"v7", func(id string) modelslab.Request {
			return &modelslab.V7MusicGenRequest{ModelID: "m", Prompt: "p", TrackID: id}
		}, "", false},
		{"voice on its server", func(id string) modelslab.Request { return &modelslab.SFXRequest{Prompt: "p", TrackID: id} }, "voice", false},
		{"images on realtime", func(id string) modelslab.Request { return &modelslab.TextToImageRequest{Prompt: "p", TrackID: id} }, "realtime", true},
		{"images on flux", func(id string) modelslab.Request { return &modelslab.TextToImageRequest{Prompt: "p", TrackID: id} }, "flux", false},
		{"a path of the table", func(id string) modelslab.Request {
			return modelslab.RawRequest{Path: "/v6/voice/sfx", Body: json.RawMessage(`{"prompt":"p"}`), TrackID: id}
		}, "", true},
		{"a path outside it", func(id string) modelslab.Request {
			return modelslab.RawRequest{Path: "/v9/voice/sfx", FetchPath: "/v9/fetch", TrackID: id}
		}, "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var opts []modelslab.CallOption
			if tt.server != "" {
				opts = append(opts, modelslab.Server(tt.server))
			}
			made, id := trackOf(t, tt.with(""), opts...)
			if tt.number {
				requireNumber(t, id)
				require.Equal(t, id, made, "a JSON number")
			} else {
				requireUUID(t, id)
				require.Equal(t, `"`+id+`"`, made)
			}
			_, second := trackOf(t, tt.with(""), opts...)
			require.NotEqual(t, id, second)

			for _, own := range []string{"video_001", "42", "9007199254740993"} {
				sent, id := trackOf(t, tt.with(own), opts...)
				require.Equal(t, own, id)
				require.Equal(t, `"`+own+`"`, sent, "as it was given, a JSON string")
			}
		})
	}
}

func TestFreezeFillsTheTrackID(t *testing.T) {
	t.Parallel()
	stored := func(req modelslab.Request) modelslab.RawRequest {
		frozen, err := modelslab.Freeze(req)
		require.NoError(t, err)
		text, err := json.Marshal(frozen)
		require.NoError(t, err)
		var back modelslab.RawRequest
		require.NoError(t, json.Unmarshal(text, &back))
		return back
	}
	number := stored(&modelslab.SFXRequest{Prompt: "p"})
	requireNumber(t, number.TrackID)
	sent, id := trackOf(t, number)
	require.Equal(t, []string{number.TrackID, number.TrackID}, []string{sent, id})
	sent, _ = trackOf(t, number, modelslab.Server("voice"))
	require.Equal(t, `"`+number.TrackID+`"`, sent, "this server wants a string")

	text := stored(&modelslab.V7MusicGenRequest{ModelID: "m", Prompt: "p"})
	requireUUID(t, text.TrackID)
	sent, id = trackOf(t, text)
	require.Equal(t, []string{`"` + text.TrackID + `"`, text.TrackID}, []string{sent, id})

	own := stored(&modelslab.SFXRequest{Prompt: "p", TrackID: "42"})
	require.False(t, own.GeneratedTrackID)
	sent, _ = trackOf(t, own)
	require.Equal(t, `"42"`, sent)

	raw := stored(modelslab.RawRequest{Path: "/v6/voice/sfx", Body: json.RawMessage(`{"prompt":"p"}`)})
	requireNumber(t, raw.TrackID)
	require.Equal(t, raw, stored(raw), "it is filled once")

	run := stored(&modelslab.WorkflowRunRequest{WorkflowID: "w"})
	requireUUID(t, run.TrackID)
	sent, id = trackOf(t, run)
	require.Empty(t, sent, "a workflow would take it for a parameter")
	require.Equal(t, run.TrackID, id)
	sent, _ = trackOf(t, stored(&modelslab.WorkflowRunRequest{WorkflowID: "w", TrackID: "own"}))
	require.Equal(t, `"own"`, sent)

	sent, id = trackOf(t, modelslab.RawRequest{Path: "/v6/voice/sfx", TrackID: "not a number", GeneratedTrackID: true})
	require.Equal(t, []string{`"not a number"`, "not a number"}, []string{sent, id})
}
