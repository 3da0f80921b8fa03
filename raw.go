package modelslab

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/modelslab-go/modelslab/internal/encode"
	"github.com/modelslab-go/modelslab/internal/endpoint"
	"github.com/modelslab-go/modelslab/internal/fault"
	"github.com/modelslab-go/modelslab/internal/wire"
)

// RawRequest reaches an endpoint that this package does not know yet, and is
// the storable form of every request: see [Freeze]. It round-trips through JSON.
type RawRequest struct {
	// Kind is where results are fetched from: a Kind of this package, or a fetch
	// path that starts with a slash. Any other is ErrInvalid before it is sent.
	// Defaults to the kind of the endpoint at Path, else to FetchPath; an
	// enterprise server's own kind takes its place.
	Kind Kind `json:"kind,omitempty"`
	// Path is the endpoint below the base URL, "/v6/video/text2video". Required.
	Path string `json:"path"`
	// FetchPath is the fetch endpoint without the id, "/v6/video/fetch", for a
	// Path and a Kind that are not in the table.
	FetchPath string `json:"fetch_path,omitempty"`
	// Body is a JSON object without the key.
	Body json.RawMessage `json:"body,omitempty"`
	// Webhook and TrackID are as in every request.
	Webhook string `json:"webhook,omitempty"`
	TrackID string `json:"track_id,omitempty"`
	// GeneratedTrackID says that TrackID is not the caller's own but made up by
	// [Freeze]: it is sent as a number where the vendor documents an integer, and
	// not at all to a workflow, which takes it for a parameter.
	GeneratedTrackID bool `json:"generated_track_id,omitempty"`
	// Files are local files that have to be uploaded before the Body can be
	// sent, by field name; a list stands for a field that is an array.
	Files map[string]RawFiles `json:"files,omitempty"`
}

// RawFiles are the files of one field of a [RawRequest].
type RawFiles struct {
	List  bool    `json:"list,omitempty"` // the field is an array
	Media []Media `json:"media"`
}

func (r RawRequest) endpoint() *endpoint.Endpoint {
	if e, ok := endpoint.ByPath(r.Path); ok {
		if r.Kind == "" || string(r.Kind) == e.Kind {
			return e
		}
		row := *e
		row.Kind = string(r.Kind)
		return &row
	}
	e := &endpoint.Endpoint{
		Name: "RawRequest", Kind: string(r.Kind), Method: "POST", Path: r.Path,
		Webhook: true, TrackID: true,
	}
	if e.Kind == "" {
		if kind, _, ok := endpoint.KindOfFetchPath(r.FetchPath + "/0"); ok {
			e.Kind = kind
		} else {
			e.Kind = r.FetchPath
		}
	}
	return e
}

func (r RawRequest) path() string { return r.Path }

// checkPlaces refuses a request that has no endpoint, or whose result could not
// be fetched once it is paid for.
func (r RawRequest) checkPlaces(op string) error {
	if !strings.HasPrefix(r.Path, "/") {
		return fault.Refuse(op, "path", fmt.Sprintf("the path %q must start with a slash, as in /v6/video/text2video", r.Path))
	}
	field, kind := "kind", string(r.Kind)
	if kind == "" {
		field, kind = "fetch_path", r.FetchPath
	}
	if _, ok := endpoint.FetchOf(kind); ok && field == "kind" || kind == "" || strings.HasPrefix(kind, "/") {
		return nil
	}
	return fault.Refuse(op, field, fmt.Sprintf(
		"unknown %s %q: a RawRequest wants a Kind of this package, or a fetch path that starts with a slash", field, kind))
}

// Freeze turns a request into its storable form, without the API key. Local
// files are read now: into the body where the endpoint takes them there, else
// into Files. A reader that cannot seek is used up by it. A request without a
// TrackID gets the one that submitting it would make up. Submitting the result
// sends what submitting req would have sent.
func Freeze(req Request) (RawRequest, error) {
	frozen, err := freeze(req)
	return frozen, public(err)
}

func freeze(req Request) (RawRequest, error) {
	v, raw, err := structOf(req)
	if err != nil {
		return RawRequest{}, err
	}
	if raw != nil {
		frozen := raw.frozen()
		frozen.fillTrackID(req.endpoint())
		return frozen, nil
	}
	e := req.endpoint()
	p := plans.Of(v.Type())
	frozen := RawRequest{Kind: Kind(e.Kind), Path: e.Path, Webhook: p.Webhook(v), TrackID: p.TrackID(v)}
	if pr, ok := req.(pather); ok {
		frozen.Path = pr.path()
	}
	enc := encode.Encoder{Op: e.Method + " " + frozen.Path, Terms: e.Terms(nil)}
	enc.Terms.Required = e.RequiredEverywhere() // which server it goes to is not decided yet
	enc.Terms.Random = ""                       // equal requests freeze to equal bodies; submitting adds it
	if err := checkRequest(req, v, p, &enc); err != nil {
		return RawRequest{}, err
	}
	if err := frozen.takeFiles(e, &enc, v, p); err != nil {
		return RawRequest{}, err
	}
	if err := enc.Struct(v, p); err != nil {
		return RawRequest{}, err
	}
	frozen.fillTrackID(e)
	frozen.Body, err = enc.Body.Bytes()
	if err != nil {
		return RawRequest{}, fmt.Errorf("modelslab: %s: %w", enc.Op, err)
	}
	return frozen, nil
}

// takeFiles moves the fields whose files have to be uploaded from the body to Files.
func (r *RawRequest) takeFiles(e *endpoint.Endpoint, enc *encode.Encoder, v reflect.Value, p *encode.Plan) error {
	to, err := enc.Place(v, p, e.Media, maxUpload)
	if err != nil {
		return err
	}
	if to.Local == 0 || to.Inline {
		enc.Flag = to.Flag
		return nil
	}
	r.Files = map[string]RawFiles{}
	for field, at := range p.Files(v) {
		m := *at.(*Media)
		if m.local() {
			data, err := m.source.Bytes()
			if err != nil {
				return &fault.Error{Op: enc.Op, Field: field.Name, Reason: ErrInvalid, Cause: err}
			}
			m = MediaBytes(data)
		}
		r.Files[field.Name] = RawFiles{field.Array, append(r.Files[field.Name].Media, m)}
	}
	maps.DeleteFunc(r.Files, func(_ string, files RawFiles) bool { return !slices.ContainsFunc(files.Media, Media.local) })
	enc.Omit = slices.Collect(maps.Keys(r.Files))
	return nil
}

func (r RawRequest) frozen() RawRequest { return r }

func (r RawRequest) callbackFields() (webhook, trackID string, generated bool) {
	return r.Webhook, r.TrackID, r.GeneratedTrackID
}

func (r RawRequest) model() string { return wire.Scalar(wire.Field(string(r.Body), "model_id")) }

func (r RawRequest) encode(ctx context.Context, c *Client, e *encode.Encoder) error {
	if err := r.checkPlaces(e.Op); err != nil {
		return err
	}
	for name, files := range r.Files {
		for _, m := range files.Media {
			if err := m.file().Check(e.Op, name); err != nil {
				return err
			}
		}
	}
	var members []encode.Member
	for _, name := range slices.Sorted(maps.Keys(r.Files)) {
		files := r.Files[name]
		urls := make([]string, len(files.Media))
		for i, m := range files.Media {
			if urls[i] = m.url; !m.local() {
				continue
			}
			url, err := c.upload(ctx, e.Op, name, m)
			if err != nil {
				return err
			}
			urls[i] = url
			e.URLs = append(e.URLs, url)
		}
		var value any = urls
		if !files.List && len(urls) == 1 {
			value = urls[0]
		}
		text, err := json.Marshal(value)
		if err != nil {
			return fault.Refuse(e.Op, name, err.Error())
		}
		members = append(members, encode.Member{Name: name, Value: text})
	}
	return e.Object(r.Body, members)
}
