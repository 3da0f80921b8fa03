// Package encode turns a request struct into the body that the API takes.
package encode

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"

	"github.com/modelslab-go/modelslab/internal/body"
	"github.com/modelslab-go/modelslab/internal/endpoint"
	"github.com/modelslab-go/modelslab/internal/fault"
	"github.com/modelslab-go/modelslab/internal/wire"
)

// An Encoder writes one request.
type Encoder struct {
	Op      string        // for errors
	Key     func() string // the body begins with it; nil leaves it out
	Webhook string        // "" leaves it out
	TrackID string        // "" leaves it out
	Number  bool          // TrackID is sent as a number, if it is one
	Flag    bool          // announce files in the body with "base64": true; else they are data URIs
	Extras  []Member
	Omit    []string // fields to leave out
	Terms   endpoint.Terms
	URLs    []string // where the local files have been uploaded, in the order of [Plan.Files]; nil puts them into the body

	Body body.Body
	Tail int // where in Body.JSON begins what the call decides: Webhook, TrackID, Extras

	local int // local files written so far
}

// A Member is a field of the body that is encoded already.
type Member struct {
	Name  string
	Value json.RawMessage
}

// Struct encodes a request struct.
func (e *Encoder) Struct(v reflect.Value, p *Plan) error {
	b := e.begin(1024)
	for i := range p.fields {
		f := &p.fields[i]
		fv := v.Field(f.index)
		if f.kind == kindFlat {
			var err error
			if b, err = e.appendFlat(b, fv, f); err != nil {
				return err
			}
			continue
		}
		forced := e.Flag && i == p.base64
		if !f.requiredBy(e.Terms.Required) && fv.IsZero() && !forced || e.HasExtra(f.name) || slices.Contains(e.Omit, f.name) {
			continue
		}
		b = append(appendComma(b), f.quotedName...)
		var err error
		if forced {
			b = append(b, f.yes...)
		} else if b, err = e.appendValue(b, fv, f, p); err != nil {
			return err
		}
	}
	e.end(b)
	return nil
}

// Empty encodes a request without fields of its own.
func (e *Encoder) Empty() { e.end(e.begin(128)) }

// begin opens the object, in a buffer of that capacity.
func (e *Encoder) begin(size int) []byte {
	b := append(make([]byte, 0, size), '{')
	if e.Key != nil {
		b = wire.AppendString(append(b, `"key":`...), e.Key())
	}
	return b
}

// end closes the object with what the call, not the request, decides.
func (e *Encoder) end(b []byte) {
	e.Tail = len(b)
	if e.Webhook != "" {
		b = wire.AppendString(appendName(b, "webhook"), e.Webhook)
	}
	if e.TrackID != "" {
		b = appendName(b, "track_id")
		if e.Number && digits(e.TrackID) {
			b = append(b, e.TrackID...)
		} else {
			b = wire.AppendString(b, e.TrackID)
		}
	}
	for _, x := range e.Extras {
		b = append(appendName(b, x.Name), x.Value...)
	}
	b = append(b, '}')
	if also := &e.Terms.Also; also[0] != "" {
		b = appendMissing(b, also[1], wire.Field(string(b), also[0]))
	}
	if e.Terms.Random != "" {
		b = appendMissing(b, e.Terms.Random, strconv.FormatUint(max(uint64(rand.Uint32()), 1), 10))
	}
	e.Body.JSON = b
}

// appendMissing adds a member to an object that has none of that name.
func appendMissing(object []byte, name, value string) []byte {
	if value == "" || wire.Field(string(object), name) != "" {
		return object
	}
	return append(append(appendName(object[:len(object)-1], name), value...), '}')
}

// HasExtra reports whether an extra field has that name.
func (e *Encoder) HasExtra(name string) bool {
	for i := range e.Extras {
		if e.Extras[i].Name == name {
			return true
		}
	}
	return false
}

func (e *Encoder) appendValue(b []byte, v reflect.Value, f *field, p *Plan) ([]byte, error) {
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if f.quoted {
		b = append(b, '"')
	}
	switch f.kind {
	case kindString:
		if f.number && digits(v.String()) {
			return append(b, v.String()...), nil
		}
		return wire.AppendString(b, v.String()), nil
	case kindInt:
		b = strconv.AppendInt(b, v.Int(), 10)
	case kindFloat:
		x := v.Float()
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return b, fault.Refuse(e.Op, f.name, fmt.Sprintf("the %s field is %v, which JSON cannot say", f.name, x))
		}
		b = wire.AppendFloat(b, x)
	case kindBool:
		if v.Bool() {
			b = append(b, f.yes...)
		} else {
			b = append(b, f.no...)
		}
	case kindFile:
		return e.appendFile(b, pointer(v), f, p)
	case kindFileList:
		return e.appendFileList(b, v, f, p)
	case kindJSON:
		text, err := json.Marshal(v.Interface())
		if err != nil {
			return b, fault.Refuse(e.Op, f.name, err.Error())
		}
		return append(b, text...), nil
	}
	if f.quoted {
		b = append(b, '"')
	}
	return b, nil
}

// digits reports whether s is a whole number as JSON spells it.
func digits(s string) bool {
	n, err := strconv.ParseUint(s, 10, 64)
	return err == nil && strconv.FormatUint(n, 10) == s
}

func (e *Encoder) appendFileList(b []byte, list reflect.Value, f *field, p *Plan) ([]byte, error) {
	if f.one && list.Len() == 1 {
		return e.appendFile(b, pointer(list.Index(0)), f, p)
	}
	b = append(b, '[')
	for i := range list.Len() {
		if i > 0 {
			b = append(b, ',')
		}
		var err error
		if b, err = e.appendFile(b, pointer(list.Index(i)), f, p); err != nil {
			return b, err
		}
	}
	return append(b, ']'), nil
}

func (e *Encoder) appendFile(b []byte, at any, f *field, p *Plan) ([]byte, error) {
	file, _ := p.file(at)
	if !file.Local() {
		return wire.AppendString(b, file.URL), nil
	}
	if e.URLs != nil {
		e.local++
		return wire.AppendString(b, e.URLs[e.local-1]), nil
	}
	b, err := e.appendGap(b, file.Content)
	if err != nil {
		return b, &fault.Error{Op: e.Op, Field: f.name, Reason: fault.Invalid, Cause: err}
	}
	return b, nil
}

// DataURI encodes a request whose one field is a file, as a data URI.
func (e *Encoder) DataURI(name string, c body.Content) error {
	b, err := e.appendGap(appendName(e.begin(128), name), c)
	if err != nil {
		return &fault.Error{Op: e.Op, Field: name, Reason: fault.Invalid, Cause: err}
	}
	e.end(b)
	return nil
}

// appendGap writes a string that is a file.
func (e *Encoder) appendGap(b []byte, c body.Content) ([]byte, error) {
	b = append(b, '"')
	size, err := c.Size()
	if err == nil && size == 0 {
		err = errors.New("media: the file is empty")
	}
	if err == nil && !e.Flag {
		b, err = appendDataURI(b, c)
	}
	e.Body.Gaps = append(e.Body.Gaps, body.Gap{At: len(b), Content: c, Size: size})
	return append(b, '"'), err
}

// appendDataURI writes a data URI up to its content.
func appendDataURI(b []byte, c body.Content) ([]byte, error) {
	contentType, err := c.ContentType()
	if err != nil {
		return b, err
	}
	return append(append(append(b, "data:"...), contentType...), ";base64,"...), nil
}

func appendName(b []byte, name string) []byte {
	return append(wire.AppendString(appendComma(b), name), ':')
}

// appendComma ends the member before, if there is one.
func appendComma(b []byte) []byte {
	if b[len(b)-1] == '{' {
		return b
	}
	return append(b, ',')
}
