package main

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/internal/endpoint"
)

// requestTypes finds the request structs, which are what the methods of the
// services take, by the name of their operation.
func requestTypes() map[string]reflect.Type {
	found := map[string]reflect.Type{}
	for service := range reflect.TypeFor[modelslab.Client]().Fields() {
		if !service.IsExported() {
			continue
		}
		for m := range service.Type.Methods() {
			for in := range m.Type.Ins() {
				if in.Kind() != reflect.Pointer {
					continue
				}
				if name, ok := strings.CutSuffix(in.Elem().Name(), "Request"); ok {
					found[name] = in.Elem()
				}
			}
		}
	}
	return found
}

// A param is what this package sends under a name.
type param struct {
	kind     types // nil: not known, an argument of a method
	required bool
}

// compare returns every difference, in the order of paths.
func compare(ops []*operation, rows []*endpoint.Endpoint, requests map[string]reflect.Type) []string {
	var found []string
	described := map[string]bool{}
	for _, op := range ops {
		name := op.method + " " + op.path
		described[name] = true
		if fetches(op.path) {
			continue
		}
		i := slices.IndexFunc(rows, func(e *endpoint.Endpoint) bool { return e.Method == op.method && e.Path == op.path })
		if i < 0 {
			found = append(found, name+": missing")
			continue
		}
		for _, difference := range differences(op, rows[i], requests[rows[i].Name]) {
			found = append(found, name+": "+difference)
		}
	}
	for _, e := range rows {
		name := e.Method + " " + e.Path
		switch inFiles := e.Source == endpoint.OpenAPI; {
		case inFiles && !described[name]:
			found = append(found, name+": extra")
		case !inFiles && described[name]:
			found = append(found, name+": described, but its row has another source")
		}
	}
	return found
}

// fetches reports whether results are fetched at a path.
func fetches(path string) bool {
	if _, _, ok := endpoint.KindOfFetchPath(strings.NewReplacer("{", "", "}", "").Replace(path)); ok {
		return true
	}
	return slices.ContainsFunc(endpoint.Fetches(), func(f endpoint.Fetch) bool { return f.Path == path })
}

func differences(op *operation, e *endpoint.Endpoint, request reflect.Type) []string {
	have := params(e, request)
	var found []string
	for _, name := range sorted(op.params) {
		if name == "key" {
			continue
		}
		p, ok := have[name]
		if !ok {
			found = append(found, name+" missing")
			continue
		}
		if p.kind != nil && !slices.ContainsFunc(p.kind, func(k string) bool { return slices.Contains(op.params[name], k) }) {
			found = append(found, fmt.Sprintf("%s is %s, want %s",
				name, strings.Join(p.kind, " or "), strings.Join(slices.Compact(slices.Sorted(slices.Values(op.params[name]))), " or ")))
		}
		switch required := slices.Contains(op.required, name); {
		case required && !p.required:
			found = append(found, name+" is optional, want required")
		case !required && p.required:
			found = append(found, name+" is required, want optional")
		}
	}
	for _, name := range sorted(have) {
		if _, ok := op.params[name]; !ok {
			found = append(found, name+" extra")
		}
	}
	for _, name := range op.required {
		if _, ok := op.params[name]; !ok {
			found = append(found, name+" is required, but not described")
		}
	}
	return found
}

// params returns what a row and its request struct send, the key aside.
func params(e *endpoint.Endpoint, request reflect.Type) map[string]param {
	all := map[string]param{}
	if e.Webhook {
		all["webhook"] = param{kind: types{"string"}}
	}
	switch {
	case e.TrackNumber:
		all["track_id"] = param{kind: types{"integer"}}
	case e.TrackID:
		all["track_id"] = param{kind: types{"string"}}
	}
	if request == nil {
		for _, name := range e.Required {
			all[name] = param{required: true}
		}
		return all
	}
	for f := range request.Fields() {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name != "-" && name != "webhook" && name != "track_id" {
			all[name] = param{kind: kindOf(f, options), required: !strings.Contains(options, "omitzero")}
		}
	}
	return all
}

// kindOf returns the JSON type that a field is sent as.
func kindOf(f reflect.StructField, options string) types {
	t, wire := f.Type, f.Tag.Get("wire")
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case wire == "number":
		return types{"integer"}
	case wire == "one":
		return types{"array", "string"}
	case t == reflect.TypeFor[modelslab.Media](), strings.Contains(options, "string"), t.Kind() == reflect.Bool && wire != "":
		return types{"string"}
	}
	switch t.Kind() {
	case reflect.Int, reflect.Int64:
		return types{"integer"}
	case reflect.Float64:
		return types{"number"}
	case reflect.Bool:
		return types{"boolean"}
	case reflect.Slice:
		return types{"array"}
	case reflect.String:
		return types{"string"}
	default:
		return types{"object"}
	}
}
