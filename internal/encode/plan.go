package encode

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Plans holds what reflection tells about request structs, once per type.
type Plans struct {
	// File returns the file that a field or the pointer to one is, if it is one.
	// It decides by an interface, so that a program whose requests hold no files
	// does not link the code that reads files.
	File func(field any) (LocalFile, bool)

	byType sync.Map // reflect.Type of the struct to *Plan
}

// A Plan is how the structs of one type are encoded.
type Plan struct {
	HasFiles bool

	fields           []field
	webhook, trackID int // indexes of those two fields, -1 without one
	model            int // index of the field model_id, or -1
	base64           int // index in fields of the base64 flag, or -1
	file             func(any) (LocalFile, bool)
}

type field struct {
	name       string
	quotedName string // `"name":`
	index      int
	kind       kind
	required   bool   // no omitzero: always sent, and refused by the API when empty
	yes, no    string // the wire's spelling of a bool
	quoted     bool   // the wire wants a number as a string
	number     bool   // the wire wants a string of digits as a number
	one        bool   // the wire wants a list of one as its element
}

type kind uint8

const (
	kindJSON kind = iota // anything else, by encoding/json
	kindString
	kindInt
	kindFloat
	kindBool
	kindFile
	kindFileList
	kindFlat // an object whose members become the body's own
)

// Of returns the plan of a struct type.
func (ps *Plans) Of(t reflect.Type) *Plan {
	if p, ok := ps.byType.Load(t); ok {
		return p.(*Plan)
	}
	p, _ := ps.byType.LoadOrStore(t, ps.plan(t))
	return p.(*Plan)
}

func (ps *Plans) plan(t reflect.Type) *Plan {
	p := &Plan{webhook: -1, trackID: -1, model: -1, base64: -1, file: ps.File}
	for i := range t.NumField() {
		sf := t.Field(i)
		switch sf.Name {
		case "Webhook":
			p.webhook = i
			continue
		case "TrackID":
			p.trackID = i
			continue
		}
		name, options, _ := strings.Cut(sf.Tag.Get("json"), ",")
		if name == "-" {
			continue // an argument of the path
		}
		f := field{
			name: name, quotedName: strconv.Quote(name) + ":", index: i, kind: ps.kindOf(sf.Type), yes: "true", no: "false",
			required: !strings.Contains(options, "omitzero"),
			quoted:   strings.Contains(options, "string"),
		}
		switch tag := sf.Tag.Get("wire"); tag {
		case "flat":
			f.kind = kindFlat
		case "one":
			f.one = true
		case "number":
			f.number = true
		default:
			if yes, no, ok := strings.Cut(tag, "/"); ok {
				f.yes, f.no = strconv.Quote(yes), strconv.Quote(no)
			}
		}
		switch name {
		case "base64":
			p.base64 = len(p.fields)
		case "model_id":
			p.model = i
		}
		p.HasFiles = p.HasFiles || f.kind == kindFile || f.kind == kindFileList
		p.fields = append(p.fields, f)
	}
	return p
}

func (ps *Plans) kindOf(t reflect.Type) kind {
	switch {
	case ps.isFile(t):
		return kindFile
	case t.Kind() == reflect.Slice && ps.isFile(t.Elem()):
		return kindFileList
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.String:
		return kindString
	case reflect.Int, reflect.Int64:
		return kindInt
	case reflect.Float64:
		return kindFloat
	case reflect.Bool:
		return kindBool
	default:
		return kindJSON
	}
}

func (ps *Plans) isFile(t reflect.Type) bool {
	_, ok := ps.File(reflect.Zero(t).Interface())
	return ok
}

// Callbacks reports whether the struct has a Webhook and a TrackID field, as
// every request has.
func (p *Plan) Callbacks() bool { return p.webhook >= 0 && p.trackID >= 0 }

// Webhook returns the value of the Webhook field, "" for a struct without one.
func (p *Plan) Webhook(v reflect.Value) string {
	if p.webhook < 0 {
		return ""
	}
	return v.Field(p.webhook).String()
}

// TrackID returns the value of the TrackID field.
func (p *Plan) TrackID(v reflect.Value) string { return v.Field(p.trackID).String() }

// Model returns the value of the field model_id, "" for a struct without one.
func (p *Plan) Model(v reflect.Value) string {
	if p.model < 0 {
		return ""
	}
	return v.Field(p.model).String()
}

// Missing returns the first field without a value of those that a place wants,
// or "". With nil the tags of the struct say what is wanted.
func (p *Plan) Missing(v reflect.Value, wants []string) string {
	for i := range p.fields {
		if f := &p.fields[i]; f.requiredBy(wants) && empty(v.Field(f.index), f.kind) {
			return f.name
		}
	}
	return ""
}

func (f *field) requiredBy(wants []string) bool {
	if wants == nil {
		return f.required
	}
	return slices.Contains(wants, f.name)
}

// empty reports a required value that was not set. A pointer says so itself; a
// plain number of 0 was not set either, because a field for which 0 is a choice
// is a pointer. A plain bool is always set: its false is a choice.
func empty(v reflect.Value, k kind) bool {
	if v.Kind() == reflect.Pointer {
		return v.IsNil()
	}
	switch k {
	case kindString, kindFile, kindInt, kindFloat:
		return v.IsZero()
	case kindFileList:
		return v.Len() == 0 || hasZero(v)
	case kindJSON:
		return v.Kind() == reflect.Slice && v.Len() == 0
	default:
		return false
	}
}

func hasZero(list reflect.Value) bool {
	for i := range list.Len() {
		if list.Index(i).IsZero() {
			return true
		}
	}
	return false
}
