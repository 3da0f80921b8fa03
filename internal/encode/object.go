package encode

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"

	"github.com/modelslab-go/modelslab/internal/fault"
	"github.com/modelslab-go/modelslab/internal/wire"
)

// Object encodes a JSON object, with members in place of those that it has of
// these names. An empty text is an empty object.
func (e *Encoder) Object(text []byte, members []Member) error {
	text = bytes.TrimSpace(text)
	if len(text) == 0 {
		text = []byte("{}")
	}
	b, err := e.appendMembers(e.begin(len(text)+256), string(text), members)
	if err != nil {
		return fault.Refuse(e.Op, "", "the Body of a RawRequest must be a JSON object: "+err.Error())
	}
	for _, m := range members {
		b = append(appendName(b, m.Name), m.Value...)
	}
	e.end(b)
	return nil
}

// appendFlat writes the members of an object as members of the body.
func (e *Encoder) appendFlat(b []byte, v reflect.Value, f *field) ([]byte, error) {
	if v.IsZero() {
		return b, nil
	}
	text, err := json.Marshal(v.Interface())
	if err != nil {
		return b, fault.Refuse(e.Op, f.name, err.Error())
	}
	if string(text) == "null" {
		return b, nil
	}
	if b, err = e.appendMembers(b, string(text), nil); err != nil {
		return b, fault.Refuse(e.Op, f.name, "the "+f.name+" must encode to a JSON object: "+err.Error())
	}
	return b, nil
}

// appendMembers writes the members of an object, except those that are written
// after it.
func (e *Encoder) appendMembers(b []byte, object string, after []Member) ([]byte, error) {
	err := wire.Object(object, func(name, value string) error {
		if !e.reserves(name) && !slices.ContainsFunc(after, func(m Member) bool { return m.Name == name }) {
			b = append(appendName(b, name), value...)
		}
		return nil
	})
	return b, err
}

// reserves reports whether the call, not the request, decides on a member.
func (e *Encoder) reserves(name string) bool {
	return e.HasExtra(name) || name == "key" && e.Key != nil ||
		name == "webhook" && e.Webhook != "" || name == "track_id" && e.TrackID != ""
}
