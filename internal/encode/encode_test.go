package encode_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"math"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/internal/body"
	"github.com/modelslab-go/modelslab/internal/encode"
	"github.com/modelslab-go/modelslab/internal/endpoint"
	"github.com/modelslab-go/modelslab/internal/fault"
)

// image is a file of the requests in these tests.
type image struct{ file encode.LocalFile }

func (i image) self() encode.LocalFile { return i.file }

func onWeb(url string) image { return image{encode.LocalFile{URL: url}} }

func local(data string) image {
	return image{encode.LocalFile{Content: body.FromBytes([]byte(data))}}
}

func stream(r io.Reader, size int64) image {
	return image{encode.LocalFile{Content: body.FromReader(r, size)}}
}

var plans = encode.Plans{File: func(field any) (encode.LocalFile, bool) {
	i, ok := field.(interface{ self() encode.LocalFile })
	if !ok {
		return encode.LocalFile{}, false
	}
	return i.self(), true
}}

// request has a field of every kind.
type request struct {
	ID      string   `json:"-"`
	Prompt  string   `json:"prompt"`
	Width   *int     `json:"width,omitzero"`
	Seed    *int64   `json:"seed,omitzero"`
	Scale   *float64 `json:"scale,omitzero"`
	Steps   *int     `json:"steps,string,omitzero"`
	Count   int      `json:"count,omitzero"`
	Ratio   float64  `json:"ratio,omitzero"`
	Temp    *bool    `json:"temp,omitzero" wire:"yes/no"`
	Model   string   `json:"model,omitzero" wire:"number"`
	Words   []string `json:"words,omitzero"`
	Image   image    `json:"image,omitzero"`
	Masks   []image  `json:"masks,omitzero" wire:"one"`
	Frames  []image  `json:"frames,omitzero"`
	Base64  *bool    `json:"base64,omitzero"`
	More    any      `json:"more,omitzero" wire:"flat"`
	Webhook string   `json:"webhook,omitzero"`
	TrackID string   `json:"track_id,omitzero"`
}

func planOf(req any) (reflect.Value, *encode.Plan) {
	v := reflect.ValueOf(req).Elem()
	return v, plans.Of(v.Type())
}

func key() string { return `k"1` }

func TestStruct(t *testing.T) {
	t.Parallel()
	png := "\x89PNG\r\n\x1a\n"
	encoded := base64.StdEncoding.EncodeToString([]byte(png))
	for _, tt := range []struct {
		name string
		enc  encode.Encoder
		req  request
		want string
	}{
		{"the least", encode.Encoder{}, request{}, `{"prompt":""}`},
		{"with the key", encode.Encoder{Key: key}, request{Prompt: "a \"ship\"\n"}, `{"key":"k\"1","prompt":"a \"ship\"\n"}`},
		{"numbers", encode.Encoder{}, request{Width: new(0), Seed: new(int64(-1)), Scale: new(1e21), Steps: new(20)}, `{"prompt":"","width":0,"seed":-1,"scale":1e+21,"steps":"20"}`},
		{"a bool of the wire", encode.Encoder{}, request{Temp: new(false)}, `{"prompt":"","temp":"no"}`},
		{"digits as a number", encode.Encoder{}, request{Model: "112"}, `{"prompt":"","model":112}`},
		{"digits that are no number", encode.Encoder{}, request{Model: "0112"}, `{"prompt":"","model":"0112"}`},
		{"a list", encode.Encoder{}, request{Words: []string{"a", "b"}}, `{"prompt":"","words":["a","b"]}`},
		{"a file on the web", encode.Encoder{}, request{Image: onWeb("https://a.example/x?a&b")}, `{"prompt":"","image":"https://a.example/x?a&b"}`},
		{"a file in the body", encode.Encoder{}, request{Image: local(png)}, `{"prompt":"","image":"data:image/png;base64,` + encoded + `"}`},
		{"announced by the flag", encode.Encoder{Key: key, Flag: true}, request{Image: local(png)}, `{"key":"k\"1","prompt":"","image":"` + encoded + `","base64":true}`},
		{"uploaded files", encode.Encoder{URLs: []string{"u1", "u2"}}, request{Image: local("a"), Frames: []image{onWeb("w"), local("b")}}, `{"prompt":"","image":"u1","frames":["w","u2"]}`},
		{"a list of one as its element", encode.Encoder{}, request{Masks: []image{onWeb("w")}}, `{"prompt":"","masks":"w"}`},
		{"a list of two", encode.Encoder{}, request{Masks: []image{onWeb("w"), onWeb("x")}}, `{"prompt":"","masks":["w","x"]}`},
		{"the call's own fields", encode.Encoder{Webhook: "https://h", TrackID: "t"}, request{Webhook: "-", TrackID: "-"}, `{"prompt":"","webhook":"https://h","track_id":"t"}`},
		{"a track id that is a number", encode.Encoder{TrackID: "42", Number: true}, request{}, `{"prompt":"","track_id":42}`},
		{"a track id that should be one", encode.Encoder{TrackID: "042", Number: true}, request{}, `{"prompt":"","track_id":"042"}`},
		{"an extra field", encode.Encoder{Extras: []encode.Member{{Name: "x", Value: json.RawMessage(`[1]`)}}}, request{}, `{"prompt":"","x":[1]}`},
		{"an extra field in place of one", encode.Encoder{Extras: []encode.Member{{Name: "prompt", Value: json.RawMessage(`null`)}}}, request{Prompt: "p"}, `{"prompt":null}`},
		{"fields left out", encode.Encoder{Omit: []string{"prompt"}}, request{Width: new(8)}, `{"width":8}`},
		{"flat fields", encode.Encoder{TrackID: "t"}, request{More: map[string]any{"a": 1, "track_id": 2, "webhook": 3}}, `{"prompt":"","a":1,"webhook":3,"track_id":"t"}`},
		{"no flat fields", encode.Encoder{}, request{More: (*request)(nil)}, `{"prompt":""}`},
		{"what a place wants", encode.Encoder{Terms: endpoint.Terms{Required: []string{"words"}}}, request{}, `{"words":null}`},
		{"a second name", encode.Encoder{Terms: endpoint.Terms{Also: [2]string{"prompt", "text"}}}, request{Prompt: "p"}, `{"prompt":"p","text":"p"}`},
		{"a second name that is there", encode.Encoder{Terms: endpoint.Terms{Also: [2]string{"prompt", "width"}}}, request{Prompt: "p", Width: new(1)}, `{"prompt":"p","width":1}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			v, p := planOf(&tt.req)
			require.NoError(t, tt.enc.Struct(v, p))
			text, err := tt.enc.Body.Bytes()
			require.NoError(t, err)
			require.Equal(t, tt.want, string(text))
			require.Equal(t, int64(len(text)), tt.enc.Body.Len())
		})
	}
}

func TestStructRandom(t *testing.T) {
	t.Parallel()
	v, p := planOf(&request{})
	enc := encode.Encoder{Terms: endpoint.Terms{Random: "noise"}}
	require.NoError(t, enc.Struct(v, p))
	var sent struct{ Noise uint32 }
	require.NoError(t, json.Unmarshal(enc.Body.JSON, &sent))
	require.NotZero(t, sent.Noise)

	enc = encode.Encoder{Terms: endpoint.Terms{Random: "prompt"}}
	require.NoError(t, enc.Struct(v, p))
	require.JSONEq(t, `{"prompt":""}`, string(enc.Body.JSON), "the request has it")
}

func TestStructRefuses(t *testing.T) {
	t.Parallel()
	broken := errors.New("disk on fire")
	for _, tt := range []struct {
		name, field string
		req         request
	}{
		{"no number", "scale", request{Scale: new(math.NaN())}},
		{"infinity", "scale", request{Scale: new(math.Inf(-1))}},
		{"flat fields that are a list", "more", request{More: []int{1}}},
		{"flat fields that do not encode", "more", request{More: make(chan int)}},
		{"a file that cannot be read", "image", request{Image: stream(iotest.ErrReader(broken), 3)}},
		{"a file of a strange size", "frames", request{Frames: []image{stream(strings.NewReader(""), -1)}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			v, p := planOf(&tt.req)
			enc := encode.Encoder{Op: "POST /x"}
			err := enc.Struct(v, p)
			require.ErrorIs(t, err, fault.Invalid)
			f, ok := errors.AsType[*fault.Error](err)
			require.True(t, ok)
			require.Equal(t, tt.field, f.Field)
			require.Equal(t, "POST /x", f.Op)
		})
	}
}

func TestMissing(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, want string
		req        request
		wants      []string
	}{
		{"by the tags", "prompt", request{}, nil},
		{"all there", "", request{Prompt: "p"}, nil},
		{"by the place", "width", request{Prompt: "p"}, []string{"prompt", "width"}},
		{"zero by a pointer", "", request{Width: new(0)}, []string{"width"}},
		{"a plain number that was not set", "count", request{}, []string{"count"}},
		{"a plain fraction that was not set", "ratio", request{Count: 1}, []string{"count", "ratio"}},
		{"plain numbers", "", request{Count: -1, Ratio: 0.5}, []string{"count", "ratio"}},
		{"nothing wanted", "", request{}, []string{}},
		{"no file", "image", request{}, []string{"image"}},
		{"no file in a list", "frames", request{Frames: []image{}}, []string{"frames"}},
		{"an unset file in a list", "frames", request{Frames: []image{onWeb("w"), {}}}, []string{"frames"}},
		{"files", "", request{Image: local(""), Frames: []image{onWeb("w")}}, []string{"image", "frames"}},
		{"an empty list", "words", request{Words: []string{}}, []string{"words"}},
	} {
		v, p := planOf(&tt.req)
		require.Equal(t, tt.want, p.Missing(v, tt.wants), tt.name)
	}
}

func TestPlace(t *testing.T) {
	t.Parallel()
	none, flag, upload, inline := encode.Placement{}, encode.Placement{Local: 1, Inline: true, Flag: true}, encode.Placement{Local: 1}, encode.Placement{Local: 1, Inline: true}
	for _, tt := range []struct {
		name    string
		media   endpoint.MediaMode
		req     request
		want    encode.Placement
		refused bool
	}{
		{"no file", endpoint.MediaFlag, request{}, none, false},
		{"a URL", endpoint.MediaFlag, request{Image: onWeb("https://w")}, none, false},
		{"a file for the flag", endpoint.MediaFlag, request{Image: local("a")}, flag, false},
		{"a file and a URL", endpoint.MediaFlag, request{Image: local("a"), Frames: []image{onWeb("https://w")}}, upload, false},
		{"a file for a data URI", endpoint.MediaInline, request{Image: local("a"), Frames: []image{onWeb("https://w")}}, inline, false},
		{"a file to upload", endpoint.MediaUpload, request{Image: local("abcd")}, upload, false},
		{"a file too large to upload", endpoint.MediaUpload, request{Image: local("abcde")}, flag, false},
		{"two of which one is too large", endpoint.MediaUpload, request{Image: local("a"), Frames: []image{local("abcde")}}, encode.Placement{Local: 2, Inline: true, Flag: true}, false},
		{"a URL where data URIs are taken", endpoint.MediaInline, request{Image: onWeb("https://w")}, none, false},
		{"a path", endpoint.MediaInline, request{Frames: []image{onWeb("https://w"), onWeb("house.png")}}, none, true},
		{"a flag that says so", endpoint.MediaFlag, request{Image: local("a"), Base64: new(true)}, flag, false},
		{"a flag that denies it", endpoint.MediaFlag, request{Image: local("a"), Base64: new(false)}, none, true},
		{"a flag with URLs", endpoint.MediaFlag, request{Image: onWeb("https://w"), Base64: new(true)}, none, true},
		{"a flag about the results", endpoint.MediaUpload, request{Image: onWeb("https://w"), Base64: new(true)}, none, false},
		{"a flag about the results that denies a large file", endpoint.MediaUpload, request{Image: local("abcde"), Base64: new(false)}, none, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			v, p := planOf(&tt.req)
			got, err := (&encode.Encoder{}).Place(v, p, tt.media, 4)
			if tt.refused {
				require.ErrorIs(t, err, fault.Invalid)
				return
			}
			require.NoError(t, err)
			require.Equal(t, tt.want, got)
		})
	}
}

// flagFirst has its flag in the first field.
type flagFirst struct {
	Base64 *bool   `json:"base64,omitzero"`
	Masks  []image `json:"masks"`
}

// bare has no field that a plan treats by itself.
type bare struct {
	Steps  *int   `json:"steps,omitzero"`
	Prompt string `json:"prompt"`
}

// noFlag has files, and no flag to announce them by.
type noFlag struct {
	Prompt string `json:"prompt"`
	Image  image  `json:"image"`
}

func TestPlaceByTheFlagThatThereIs(t *testing.T) {
	t.Parallel()
	v, p := planOf(&flagFirst{Masks: []image{local("abcde")}})
	require.True(t, p.HasFiles)
	to, err := (&encode.Encoder{}).Place(v, p, endpoint.MediaUpload, 4)
	require.NoError(t, err)
	require.Equal(t, encode.Placement{Local: 1, Inline: true, Flag: true}, to)

	v, p = planOf(&flagFirst{Base64: new(false), Masks: []image{local("a")}})
	_, err = (&encode.Encoder{}).Place(v, p, endpoint.MediaFlag, 4)
	require.ErrorIs(t, err, fault.Invalid)

	v, p = planOf(&noFlag{Image: local("abcde")})
	require.True(t, p.HasFiles)
	to, err = (&encode.Encoder{}).Place(v, p, endpoint.MediaUpload, 4)
	require.NoError(t, err)
	require.Equal(t, encode.Placement{Local: 1}, to, "too large, but nothing would announce it")
}

func TestCallbackFields(t *testing.T) {
	t.Parallel()
	v, p := planOf(&request{Webhook: "https://h", TrackID: "t"})
	require.True(t, p.Callbacks())
	require.Equal(t, "https://h", p.Webhook(v))
	require.Equal(t, "t", p.TrackID(v))

	v, p = planOf(&struct{ Webhook, TrackID string }{"https://h", "t"})
	require.True(t, p.Callbacks())
	require.Equal(t, "https://h", p.Webhook(v))

	v, p = planOf(&bare{})
	require.False(t, p.Callbacks())
	require.False(t, p.HasFiles)
	require.Empty(t, p.Webhook(v))
	_, p = planOf(&struct{ Webhook string }{})
	require.False(t, p.Callbacks())
	_, p = planOf(&struct{ TrackID string }{})
	require.False(t, p.Callbacks())
}

func TestFileCheck(t *testing.T) {
	t.Parallel()
	for _, url := range []string{
		"", "https://example.com/a.png", "http://127.0.0.1:8080/a", "HTTPS://EXAMPLE.COM", "https://example.com/a b%zz?x=#f",
	} {
		require.NoError(t, encode.LocalFile{URL: url}.Check("op", "image"), url)
	}
	require.NoError(t, encode.LocalFile{Content: body.FromBytes(nil)}.Check("op", "image"))
	for _, url := range []string{
		"house.png", "./house.png", "/home/me/house.png", `C:\me\house.png`, "C:/me/house.png", "~/house.png", "file:///home/me/a.png",
		"ftp://example.com/a.png", "blob:https://example.com/x", "s3://bucket/a.png", "//example.com/a.png", "example.com/a.png",
		"https:", "https:/", "https://", "https:///a.png", "https://?a", "http:example.com", "iVBORw0KGgo=",
		"data:", "data:image/png;base64", "data:image/png;base64,%%%", "DATA:;base64,A",
	} {
		err := encode.LocalFile{URL: url}.Check("op", "image")
		require.ErrorIs(t, err, fault.Invalid, url)
		require.ErrorContains(t, err, "MediaFile", url)
	}
}

func TestFiles(t *testing.T) {
	t.Parallel()
	v, p := planOf(&request{Image: onWeb("a"), Masks: []image{onWeb("b")}, Frames: []image{onWeb("c"), onWeb("d")}})
	require.True(t, p.HasFiles)
	var got []string
	for field, at := range p.Files(v) {
		url := at.(*image).file.URL
		got = append(got, field.Name+" "+url)
		require.Equal(t, field.Name == "frames", field.Array, url)
		if url == "c" {
			break
		}
	}
	require.Equal(t, []string{"image a", "masks b", "frames c"}, got)
}

func TestObject(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, text string
		enc        encode.Encoder
		members    []encode.Member
		want       string // "" for a refusal
	}{
		{"nothing", " ", encode.Encoder{}, nil, `{}`},
		{"the key alone", "", encode.Encoder{Key: key}, nil, `{"key":"k\"1"}`},
		{"members as they are", ` {"a" : 1.50, "b":[ 1 ] } `, encode.Encoder{Key: key}, nil, `{"key":"k\"1","a":1.50,"b":[ 1 ]}`},
		{"a key in the text", `{"key":"theirs","a":1}`, encode.Encoder{Key: key}, nil, `{"key":"k\"1","a":1}`},
		{"a parameter called key", `{"key":"x"}`, encode.Encoder{}, nil, `{"key":"x"}`},
		{"members in place of others", `{"a":1,"b":2}`, encode.Encoder{}, []encode.Member{{Name: "a", Value: json.RawMessage("3")}}, `{"b":2,"a":3}`},
		{"the call's own", `{"webhook":"x","track_id":"y"}`, encode.Encoder{Webhook: "h"}, nil, `{"track_id":"y","webhook":"h"}`},
		{"a list", `[1]`, encode.Encoder{}, nil, ""},
		{"two objects", `{}{}`, encode.Encoder{}, nil, ""},
		{"an open object", `{"a":1`, encode.Encoder{}, nil, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := tt.enc.Object([]byte(tt.text), tt.members)
			if tt.want == "" {
				require.ErrorIs(t, err, fault.Invalid)
				return
			}
			require.NoError(t, err)
			require.Equal(t, tt.want, string(tt.enc.Body.JSON))
		})
	}
}

func TestDataURI(t *testing.T) {
	t.Parallel()
	enc := encode.Encoder{Key: key}
	require.NoError(t, enc.DataURI("image", body.FromBytes([]byte("GIF89a"))))
	text, err := enc.Body.Bytes()
	require.NoError(t, err)
	require.Equal(t, `{"key":"k\"1","image":"data:image/gif;base64,R0lGODlh"}`, string(text))
	require.ErrorIs(t, enc.DataURI("image", body.FromFile("/nonexistent/a.gif")), fault.Invalid)
}

// FuzzFlat encodes objects of any content as members of a body: the result is
// JSON with the members of the object in it, and with the call's own.
func FuzzFlat(f *testing.F) {
	for _, seed := range []string{`{}`, `{"a":1,"a":2}`, `{"webhook":1}`, `{"key":"x","\u006bey":2}`, `[]`, `{"a":{"b":[null]}} `, "{\"\xff\":1}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !json.Valid([]byte(text)) {
			return
		}
		req := request{Prompt: "p", More: json.RawMessage(text)}
		v, p := planOf(&req)
		enc := encode.Encoder{Key: key, Webhook: "h", TrackID: "t"}
		var members map[string]json.RawMessage
		isObject := json.Unmarshal([]byte(text), &members) == nil
		if err := enc.Struct(v, p); err != nil {
			require.False(t, isObject, err)
			return
		}
		require.True(t, isObject)
		var sent map[string]json.RawMessage
		require.NoError(t, json.Unmarshal(enc.Body.JSON, &sent))
		members["key"], members["webhook"], members["track_id"] = json.RawMessage(`"k\"1"`), json.RawMessage(`"h"`), json.RawMessage(`"t"`)
		if _, ok := members["prompt"]; !ok {
			members["prompt"] = json.RawMessage(`"p"`)
		}
		require.Len(t, sent, len(members))
		for name, value := range members {
			compact, err := json.Marshal(value)
			require.NoError(t, err)
			require.Equal(t, string(compact), string(sent[name]), name)
		}
		require.Equal(t, 1, strings.Count(string(enc.Body.JSON[enc.Tail:]), `"webhook"`))
	})
}
