package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A shape is a schema and the file that its references lead into.
type shape struct {
	file   *document
	schema *schema
}

// closest returns what is wrong with a JSON value by the shape that it comes
// closest to, nothing when it conforms to one.
func closest(shapes []shape, value json.RawMessage) ([]string, error) {
	var best []string
	for i, s := range shapes {
		faults, err := s.file.faults(s.schema, value, "")
		if err != nil {
			return nil, err
		}
		if i == 0 || distance(faults) < distance(best) {
			best = faults
		}
	}
	return best, nil
}

// notListed is said of a value that an enum does not have.
const notListed = "which is not in the list"

// distance grows with the number of faults. Another word for the status says that
// another answer was meant, and counts for more than types.
func distance(faults []string) int {
	n := len(faults)
	for _, f := range faults {
		if strings.HasSuffix(f, notListed) {
			n += 100
		}
	}
	return n
}

// faults returns what is wrong with a JSON value by a schema. It knows the part of
// JSON Schema that the files are written in: type, nullable, enum, required,
// properties, additionalProperties, items, allOf, anyOf and oneOf. Of oneOf more
// than one may hold, since hardly a schema in the files requires anything.
func (d *document) faults(s *schema, value json.RawMessage, at string) ([]string, error) {
	s, err := d.resolve(s)
	if err != nil {
		return nil, err
	}
	kind := jsonType(value)
	if kind == "null" && (s.Nullable || slices.Contains(s.Type, "null")) {
		return nil, nil
	}
	var all []string
	if len(s.Type) > 0 && !slices.ContainsFunc(s.Type, func(want string) bool { return kind == want || kind == "integer" && want == "number" }) {
		return []string{fmt.Sprintf("%s is %s, want %s", named(at), kind, strings.Join(s.Type, " or "))}, nil
	}
	if len(s.Enum) > 0 && !slices.ContainsFunc(s.Enum, func(e json.RawMessage) bool { return string(e) == string(value) }) {
		all = append(all, fmt.Sprintf("%s is %s, %s", named(at), value, notListed))
	}
	for _, part := range s.AllOf {
		more, err := d.faults(part, value, at)
		if err != nil {
			return nil, err
		}
		all = append(all, more...)
	}
	for _, choice := range [][]*schema{s.AnyOf, s.OneOf} {
		var shapes []shape
		for _, one := range choice {
			shapes = append(shapes, shape{d, one})
		}
		more, err := closest(shapes, value)
		if err != nil {
			return nil, err
		}
		all = append(all, more...)
	}
	more, err := d.faultsInside(s, value, kind, at)
	return append(all, more...), err
}

// faultsInside returns what is wrong with the members of an object and the
// elements of a list.
func (d *document) faultsInside(s *schema, value json.RawMessage, kind, at string) ([]string, error) {
	var all []string
	look := func(inner *schema, value json.RawMessage, at string) error {
		if inner == nil {
			return nil
		}
		more, err := d.faults(inner, value, at)
		all = append(all, more...)
		return err
	}
	switch kind {
	case "object":
		var members map[string]json.RawMessage
		if err := json.Unmarshal(value, &members); err != nil {
			return nil, err
		}
		for _, name := range s.Required {
			if _, ok := members[name]; !ok {
				all = append(all, strings.TrimPrefix(at+"."+name, ".")+" is missing")
			}
		}
		for _, name := range sorted(members) {
			inner, ok := s.Properties[name]
			if !ok {
				inner = s.Others
			}
			if err := look(inner, members[name], strings.TrimPrefix(at+"."+name, ".")); err != nil {
				return nil, err
			}
		}
	case "array":
		var elements []json.RawMessage
		if err := json.Unmarshal(value, &elements); err != nil {
			return nil, err
		}
		for i, element := range elements {
			if err := look(s.Items, element, at+"["+strconv.Itoa(i)+"]"); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

func named(at string) string {
	if at == "" {
		return "the answer"
	}
	return at
}

// jsonType returns the name that JSON Schema has for the type of a value.
func jsonType(value json.RawMessage) string {
	switch text := strings.TrimSpace(string(value)); {
	case text == "":
		return "nothing"
	case text[0] == '{':
		return "object"
	case text[0] == '[':
		return "array"
	case text[0] == '"':
		return "string"
	case text == "true", text == "false":
		return "boolean"
	case text == "null":
		return "null"
	case strings.ContainsAny(text, ".eE"):
		return "number"
	default:
		return "integer"
	}
}
