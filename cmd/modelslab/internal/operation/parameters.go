package operation

import (
	"reflect"
	"strings"

	"github.com/modelslab-go/modelslab"
)

// Parameter is a field of a request.
type Parameter struct {
	Name     string // on the wire: "num_frames"
	Type     string // for readers: "whole number"
	Required bool

	index int
}

// Parameters returns what can be set in a request, in the order of its struct.
func Parameters(req modelslab.Request) []Parameter {
	t := reflect.TypeOf(req).Elem()
	var all []Parameter
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() {
			continue
		}
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "-" {
			name = snake(f.Name) // an argument of the path
		}
		all = append(all, Parameter{
			Name: name, Type: typeName(f.Type), Required: !strings.Contains(options, "omitzero"), index: i,
		})
	}
	return all
}

// snake spells WorkflowID as workflow_id.
func snake(name string) string {
	var b strings.Builder
	for i, r := range name {
		upper := r >= 'A' && r <= 'Z'
		if upper && i > 0 && (name[i-1] < 'A' || name[i-1] > 'Z') {
			b.WriteByte('_')
		}
		b.WriteString(strings.ToLower(string(r)))
	}
	return b.String()
}

var mediaType = reflect.TypeFor[modelslab.Media]()

func typeName(t reflect.Type) string {
	switch {
	case t == mediaType:
		return "file"
	case t == reflect.SliceOf(mediaType):
		return "files"
	}
	switch t.Kind() {
	case reflect.Pointer:
		return typeName(t.Elem())
	case reflect.String:
		return "text"
	case reflect.Bool:
		return "yes or no"
	case reflect.Int, reflect.Int64:
		return "whole number"
	case reflect.Float64:
		return "number"
	case reflect.Slice:
		if t.Elem().Kind() == reflect.String {
			return "texts"
		}
		return "JSON"
	default:
		return "JSON"
	}
}
