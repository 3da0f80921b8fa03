package modelslab

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/modelslab-go/modelslab/internal/endpoint"
	"github.com/modelslab-go/modelslab/internal/fault"
	"github.com/modelslab-go/modelslab/internal/wire"
)

// RawRequest reaches an endpoint that this package does not know yet, and is
// the storable form of every request: see [Freeze]. It round-trips through JSON.
type RawRequest struct {
	// Kind is where results are fetched from. Defaults to the kind of the
	// endpoint at Path, else to FetchPath.
	Kind Kind `json:"kind,omitempty"`
	// Path is the endpoint below the base URL, "/v6/video/text2video".
	Path string `json:"path"`
	// FetchPath is the fetch endpoint without the id, "/v6/video/fetch", for a
	// Path and a Kind that are not in the table.
	FetchPath string `json:"fetch_path,omitempty"`
	// Body is a JSON object without the key.
	Body json.RawMessage `json:"body,omitempty"`
	// Webhook and TrackID are as in every request.
	Webhook string `json:"webhook,omitempty"`
	TrackID string `json:"track_id,omitempty"`
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
		return e
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

// Freeze turns a request into its storable form, without the API key. Local
// files are read now: into the body where the endpoint takes them there, else
// into Files. A reader that cannot seek is used up by it. Submitting the result
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
		return raw.frozen(), nil
	}
	e := req.endpoint()
	p := planOf(v.Type())
	frozen := RawRequest{
		Kind: Kind(e.Kind), Path: e.Path,
		Webhook: v.Field(p.webhook).String(), TrackID: v.Field(p.trackID).String(),
	}
	if pr, ok := req.(pather); ok {
		frozen.Path = pr.path()
	}
	wants := e.RequiredEverywhere() // which server it goes to is not decided yet
	if err := checkRequest(req, v, p, e.Method+" "+frozen.Path, wants, nil); err != nil {
		return RawRequest{}, err
	}
	enc := encoder{op: e.Method + " " + frozen.Path, terms: e.Terms(nil)}
	enc.terms.Required = wants
	if err := frozen.takeFiles(e, &enc, v, p); err != nil {
		return RawRequest{}, err
	}
	if err := enc.encode(v, p); err != nil {
		return RawRequest{}, err
	}
	frozen.Body, err = enc.body.bytes()
	if err != nil {
		return RawRequest{}, fmt.Errorf("modelslab: %s: %w", enc.op, err)
	}
	return frozen, nil
}

// takeFiles moves the fields whose files have to be uploaded from the body to Files.
func (r *RawRequest) takeFiles(e *endpoint.Endpoint, enc *encoder, v reflect.Value, p *plan) error {
	local, inline, flag, ok := survey(e, v, p)
	if !ok {
		return contradiction(enc.op)
	}
	if local == 0 || inline {
		enc.flag = flag
		return nil
	}
	r.Files = map[string]RawFiles{}
	for i := range p.fields {
		f := &p.fields[i]
		var files RawFiles
		switch f.kind {
		case fieldMedia:
			files.Media = []Media{v.Field(f.index).Interface().(Media)}
		case fieldMediaList:
			files.Media = v.Field(f.index).Interface().([]Media)
			files.List = !f.one || len(files.Media) != 1
		default:
			continue
		}
		if !slices.ContainsFunc(files.Media, Media.local) {
			continue
		}
		files.Media = slices.Clone(files.Media)
		for j, m := range files.Media {
			if !m.local() {
				continue
			}
			data, err := m.bytes()
			if err != nil {
				return &fault.Error{Op: enc.op, Field: f.name, Reason: ErrInvalid, Cause: err}
			}
			files.Media[j] = MediaBytes(data)
		}
		r.Files[f.name] = files
		enc.omit = append(enc.omit, f.name)
	}
	return nil
}

func (r RawRequest) frozen() RawRequest { return r }

func (r RawRequest) callbackFields() (webhook, trackID string) { return r.Webhook, r.TrackID }

func (r RawRequest) encode(ctx context.Context, c *Client, e *encoder) error {
	b := slices.Clone(bytes.TrimSpace(r.Body))
	if len(b) == 0 {
		b = []byte("{}")
	}
	if b[0] != '{' || !json.Valid(b) {
		return fault.Refuse(e.op, "", "the Body of a RawRequest must be a JSON object")
	}
	if len(e.extras) > 0 || len(r.Files) > 0 || e.webhook != "" || e.trackID != "" {
		var err error
		if b, err = r.without(b, e); err != nil {
			return err
		}
	}
	b = bytes.TrimRight(b[:len(b)-1], " \t\r\n")
	for _, name := range slices.Sorted(maps.Keys(r.Files)) {
		files := r.Files[name]
		urls := make([]string, len(files.Media))
		for i, m := range files.Media {
			if urls[i] = m.url; !m.local() {
				continue
			}
			url, err := c.upload(ctx, e.op, name, m)
			if err != nil {
				return err
			}
			urls[i] = url
		}
		var value any = urls
		if !files.List && len(urls) == 1 {
			value = urls[0]
		}
		text, err := json.Marshal(value)
		if err != nil {
			return fault.Refuse(e.op, name, err.Error())
		}
		b = append(appendName(b, name), text...)
	}
	e.body.json = e.appendTail(b)
	return nil
}

// without drops the members of a raw body that are about to be written anew.
func (r RawRequest) without(object []byte, e *encoder) ([]byte, error) {
	out := []byte{'{'}
	err := wire.Object(string(object), func(name, value string) error {
		_, isFile := r.Files[name]
		if isFile || e.extra(name) || name == "key" || name == "webhook" && e.webhook != "" || name == "track_id" && e.trackID != "" {
			return nil
		}
		out = append(appendName(out, name), value...)
		return nil
	})
	if err != nil {
		return nil, fault.Refuse(e.op, "", "the Body of a RawRequest: "+err.Error())
	}
	return append(out, '}'), nil
}
