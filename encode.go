package modelslab

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/modelslab-go/modelslab/internal/endpoint"
	"github.com/modelslab-go/modelslab/internal/fault"
	"github.com/modelslab-go/modelslab/internal/wire"
)

// A plan is what reflection finds out about a request struct, once per type.
type plan struct {
	fields           []planField
	webhook, trackID int // indexes of those two fields
	base64           int // index in fields of the base64 flag, or -1
	media            bool
}

type planField struct {
	name     string
	index    int
	kind     fieldKind
	required bool   // no omitzero: always sent, and certain to be missed when empty
	yes, no  string // the wire's spelling of a bool
	quoted   bool   // the wire wants a number as a string
	number   bool   // the wire wants a string of digits as a number
	one      bool   // the wire wants a list of one as its element
	random   bool   // nil is sent as a random number
}

type fieldKind uint8

const (
	fieldJSON fieldKind = iota // anything else, by encoding/json
	fieldString
	fieldInt
	fieldFloat
	fieldBool
	fieldMedia
	fieldMediaList
	fieldFlat // an object whose members become the body's own
)

var plans sync.Map // reflect.Type of the struct to *plan

func planOf(t reflect.Type) *plan {
	if p, ok := plans.Load(t); ok {
		return p.(*plan)
	}
	p, _ := plans.LoadOrStore(t, newPlan(t))
	return p.(*plan)
}

func newPlan(t reflect.Type) *plan {
	p := &plan{webhook: -1, trackID: -1, base64: -1}
	for i := range t.NumField() {
		f := t.Field(i)
		switch f.Name {
		case "Webhook":
			p.webhook = i
			continue
		case "TrackID":
			p.trackID = i
			continue
		}
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "-" {
			continue // an argument of the path
		}
		pf := planField{
			name: name, index: i, kind: kindOf(f.Type), yes: "true", no: "false",
			required: !strings.Contains(options, "omitzero"),
			quoted:   strings.Contains(options, "string"),
		}
		switch tag := f.Tag.Get("wire"); tag {
		case "flat":
			pf.kind = fieldFlat
		case "one":
			pf.one = true
		case "number":
			pf.number = true
		case "random":
			pf.random = true
		default:
			if yes, no, ok := strings.Cut(tag, "/"); ok {
				pf.yes, pf.no = strconv.Quote(yes), strconv.Quote(no)
			}
		}
		if name == "base64" {
			p.base64 = len(p.fields)
		}
		p.media = p.media || pf.kind == fieldMedia || pf.kind == fieldMediaList
		p.fields = append(p.fields, pf)
	}
	return p
}

func isFile(t reflect.Type) bool {
	_, ok := reflect.Zero(t).Interface().(file) //nolint:modernize // TypeAssert links 40 KB more
	return ok
}

func kindOf(t reflect.Type) fieldKind {
	switch {
	case isFile(t):
		return fieldMedia
	case t.Kind() == reflect.Slice && isFile(t.Elem()):
		return fieldMediaList
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.String:
		return fieldString
	case reflect.Int, reflect.Int64:
		return fieldInt
	case reflect.Float64:
		return fieldFloat
	case reflect.Bool:
		return fieldBool
	default:
		return fieldJSON
	}
}

type extra struct {
	name  string
	value json.RawMessage
}

// encoder writes a request struct. Media are written in the order of
// [eachMedia], by what place says of them.
type encoder struct {
	op      string
	webhook string // "" leaves it out
	trackID string // "" leaves it out
	flag    bool   // announce inline files with "base64": true; else they are data URIs
	extras  []extra
	omit    []string // fields to leave out
	terms   endpoint.Terms
	urls    []string // where each local file has been uploaded; nil inlines them
	local   int      // local files written so far
	body    body
	tail    int // where in body.json begins what appendTail wrote
}

func (e *encoder) encode(v reflect.Value, p *plan) error {
	b := append(make([]byte, 0, 1024), '{')
	for i := range p.fields {
		f := &p.fields[i]
		fv := v.Field(f.index)
		if f.kind == fieldFlat {
			var err error
			if b, err = e.appendFlat(b, fv, f); err != nil {
				return err
			}
			continue
		}
		forced := e.flag && i == p.base64
		if !f.requiredBy(e.terms.Required) && fv.IsZero() && !forced || e.extra(f.name) || slices.Contains(e.omit, f.name) {
			continue
		}
		b = appendName(b, f.name)
		var err error
		if forced {
			b = append(b, f.yes...)
		} else if b, err = e.appendValue(b, fv, f); err != nil {
			return err
		}
	}
	e.body.json = e.appendTail(b)
	return nil
}

// requiredBy reports whether a place that wants those fields wants this one;
// with nil the tags decide.
func (f *planField) requiredBy(wants []string) bool {
	if wants == nil {
		return f.required
	}
	return slices.Contains(wants, f.name)
}

// missing returns the first required field without a value, or "".
func (p *plan) missing(v reflect.Value, wants []string) string {
	for i := range p.fields {
		if f := &p.fields[i]; f.requiredBy(wants) && !f.random && empty(v.Field(f.index), f.kind) {
			return f.name
		}
	}
	return ""
}

// appendTail ends the object with what the call, not the struct, decides.
func (e *encoder) appendTail(b []byte) []byte {
	e.tail = len(b)
	if e.webhook != "" {
		b = wire.AppendString(appendName(b, "webhook"), e.webhook)
	}
	if e.trackID != "" {
		b = wire.AppendString(appendName(b, "track_id"), e.trackID)
	}
	for _, x := range e.extras {
		b = append(appendName(b, x.name), x.value...)
	}
	if e.terms.Also[0] != "" && !e.extra(e.terms.Also[1]) {
		b = appendCopy(b, e.terms.Also[0], e.terms.Also[1])
	}
	return append(b, '}')
}

// appendCopy sends a field of the object under a second name too, unless the
// object has that name already.
func appendCopy(b []byte, name, second string) []byte {
	object := string(b) + "}"
	if value := wire.Field(object, name); value != "" && wire.Field(object, second) == "" {
		b = append(appendName(b, second), value...)
	}
	return b
}

func (e *encoder) extra(name string) bool {
	for i := range e.extras {
		if e.extras[i].name == name {
			return true
		}
	}
	return false
}

// empty reports a required value that the server is certain to refuse. Zero is
// a fine number, and false a fine answer.
func empty(v reflect.Value, kind fieldKind) bool {
	if v.Kind() == reflect.Pointer {
		return v.IsNil()
	}
	switch kind {
	case fieldString, fieldMedia:
		return v.IsZero()
	case fieldMediaList:
		return v.Len() == 0 || slices.ContainsFunc(v.Interface().([]Media), Media.IsZero)
	case fieldJSON:
		return v.Kind() == reflect.Slice && v.Len() == 0
	default:
		return false
	}
}

func (e *encoder) appendValue(b []byte, v reflect.Value, f *planField) ([]byte, error) {
	if f.random && v.IsNil() {
		return strconv.AppendUint(b, uint64(rand.Uint32N(math.MaxUint32))+1, 10), nil
	}
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if f.quoted {
		b = append(b, '"')
	}
	switch f.kind {
	case fieldString:
		if f.number && digits(v.String()) {
			return append(b, v.String()...), nil
		}
		return wire.AppendString(b, v.String()), nil
	case fieldInt:
		b = strconv.AppendInt(b, v.Int(), 10)
	case fieldFloat:
		x := v.Float()
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return b, fault.Refuse(e.op, f.name, fmt.Sprintf("the %s field is %v, which JSON cannot say", f.name, x))
		}
		b = wire.AppendFloat(b, x)
	case fieldBool:
		if v.Bool() {
			b = append(b, f.yes...)
		} else {
			b = append(b, f.no...)
		}
	case fieldMedia:
		return e.appendMedia(b, v.Addr().Interface().(file), f)
	case fieldMediaList:
		return e.appendMediaList(b, v, f)
	case fieldJSON:
		text, err := json.Marshal(v.Interface())
		if err != nil {
			return b, fault.Refuse(e.op, f.name, err.Error())
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

// appendFlat writes the members of an object as members of the body, except
// those that the call writes itself.
func (e *encoder) appendFlat(b []byte, v reflect.Value, f *planField) ([]byte, error) {
	if v.IsZero() {
		return b, nil
	}
	text, err := json.Marshal(v.Interface())
	if err != nil {
		return b, fault.Refuse(e.op, f.name, err.Error())
	}
	if string(text) == "null" {
		return b, nil
	}
	err = wire.Object(string(text), func(name, value string) error {
		if e.extra(name) || name == "webhook" && e.webhook != "" || name == "track_id" && e.trackID != "" {
			return nil
		}
		b = append(appendName(b, name), value...)
		return nil
	})
	if err != nil {
		return b, fault.Refuse(e.op, f.name, "the "+f.name+" must encode to a JSON object: "+err.Error())
	}
	return b, nil
}

func (e *encoder) appendMediaList(b []byte, list reflect.Value, f *planField) ([]byte, error) {
	if f.one && list.Len() == 1 {
		return e.appendMedia(b, fileAt(list, 0), f)
	}
	b = append(b, '[')
	for i := range list.Len() {
		if i > 0 {
			b = append(b, ',')
		}
		var err error
		if b, err = e.appendMedia(b, fileAt(list, i), f); err != nil {
			return b, err
		}
	}
	return append(b, ']'), nil
}

func fileAt(list reflect.Value, i int) file { return list.Index(i).Addr().Interface().(file) }

func (e *encoder) appendMedia(b []byte, m file, f *planField) ([]byte, error) {
	if !m.local() {
		return wire.AppendString(b, m.address()), nil
	}
	if e.urls != nil {
		e.local++
		return wire.AppendString(b, e.urls[e.local-1]), nil
	}
	b = append(b, '"')
	g, contentType, err := m.gap(!e.flag)
	if err != nil {
		return b, &fault.Error{Op: e.op, Field: f.name, Reason: ErrInvalid, Cause: err}
	}
	if contentType != "" {
		b = append(b, "data:"+contentType+";base64,"...)
	}
	g.at = len(b)
	e.body.gaps = append(e.body.gaps, g)
	return append(b, '"'), nil
}

func appendName(b []byte, name string) []byte {
	if b[len(b)-1] != '{' {
		b = append(b, ',')
	}
	return append(wire.AppendString(b, name), ':')
}

// eachMedia calls f for every file of a request, in the order of encoding.
func eachMedia(v reflect.Value, p *plan, f func(field string, m file)) {
	for i := range p.fields {
		pf := &p.fields[i]
		switch pf.kind {
		case fieldMedia:
			f(pf.name, v.Field(pf.index).Addr().Interface().(file))
		case fieldMediaList:
			list := v.Field(pf.index)
			for j := range list.Len() {
				f(pf.name, fileAt(list, j))
			}
		}
	}
}
