package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// An operation is a method and a path below /api, as all files together
// describe it: community and Flux images, for one, share theirs.
type operation struct {
	method, path string
	params       map[string]types   // the kinds that any file gives a parameter
	required     []string           // what every file requires
	answers      map[string][]shape // by HTTP status, what each file says of the answer
}

// types are the JSON types of a value; null does not count.
type types []string

// UnmarshalJSON reads a type, or a list of them.
func (t *types) UnmarshalJSON(text []byte) error {
	var one string
	if json.Unmarshal(text, &one) == nil {
		*t = types{one}
		return nil
	}
	var many []string
	err := json.Unmarshal(text, &many)
	*t = many
	return err
}

type document struct {
	Servers    []server                              `json:"servers"`
	Paths      map[string]map[string]json.RawMessage `json:"paths"`
	Components struct {
		Schemas   map[string]*schema          `json:"schemas"`
		Responses map[string]*describedAnswer `json:"responses"`
	} `json:"components"`
}

type server struct {
	URL string `json:"url"`
}

type method struct {
	Servers     []server                    `json:"servers"`
	RequestBody jsonContent                 `json:"requestBody"`
	Responses   map[string]*describedAnswer `json:"responses"`
}

type jsonContent struct {
	Content map[string]struct {
		Schema *schema `json:"schema"`
	} `json:"content"`
}

type describedAnswer struct {
	jsonContent

	Ref string `json:"$ref"`
}

type schema struct {
	Ref        string             `json:"$ref"`
	Type       types              `json:"type"`
	Properties map[string]*schema `json:"properties"`
	Required   []string           `json:"required"`
	AllOf      []*schema          `json:"allOf"`
	AnyOf      []*schema          `json:"anyOf"`
	OneOf      []*schema          `json:"oneOf"`

	Items    *schema           `json:"items"`
	Enum     []json.RawMessage `json:"enum"`
	Nullable bool              `json:"nullable"`
	Others   *schema           `json:"additionalProperties"`
}

// UnmarshalJSON reads a schema; true is one that anything conforms to.
func (s *schema) UnmarshalJSON(text []byte) error {
	if string(text) == "true" {
		return nil
	}
	type plain schema
	return json.Unmarshal(text, (*plain)(s))
}

// load reads every file of a folder.
func load(folder string) ([]*operation, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("no OpenAPI files in %s", folder)
	}
	all := map[string]*operation{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		var d document
		if err := json.Unmarshal(text, &d); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		if err := d.collect(all); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
	}
	return slices.SortedFunc(maps.Values(all), func(a, b *operation) int {
		return strings.Compare(a.path+a.method, b.path+b.method)
	}), nil
}

func (d *document) collect(all map[string]*operation) error {
	for path, item := range d.Paths {
		for name, text := range item {
			if !slices.Contains([]string{"get", "post", "put", "patch", "delete"}, name) {
				continue // what the methods of a path share
			}
			var m method
			if err := json.Unmarshal(text, &m); err != nil {
				return fmt.Errorf("%s %s: %w", name, path, err)
			}
			op := &operation{method: strings.ToUpper(name), params: map[string]types{}}
			var err error
			if op.path, err = below(append(m.Servers, d.Servers...), path); err != nil {
				return err
			}
			if body := m.RequestBody.Content["application/json"].Schema; body != nil {
				if err := d.read(op, body); err != nil {
					return fmt.Errorf("%s %s: %w", name, path, err)
				}
			}
			if err := d.readAnswers(op, m.Responses); err != nil {
				return fmt.Errorf("%s %s: %w", name, path, err)
			}
			merge(all, op)
		}
	}
	return nil
}

// below returns the path below /api. The first server counts.
func below(servers []server, path string) (string, error) {
	if len(servers) == 0 {
		return "", errors.New("no servers")
	}
	u, err := url.Parse(servers[0].URL)
	if err != nil {
		return "", err
	}
	return strings.TrimPrefix(u.Path, "/api") + path, nil
}

// read adds the members of a body to op.
func (d *document) read(op *operation, s *schema) error {
	s, err := d.resolve(s)
	if err != nil {
		return err
	}
	for _, part := range s.AllOf {
		if err := d.read(op, part); err != nil {
			return err
		}
	}
	for name, p := range s.Properties {
		kinds, err := d.typesOf(p)
		if err != nil {
			return err
		}
		op.params[name] = kinds
	}
	op.required = append(op.required, s.Required...)
	return nil
}

// readAnswers adds what the file says of an operation's answers to op.
func (d *document) readAnswers(op *operation, responses map[string]*describedAnswer) error {
	for status, r := range responses {
		if r.Ref != "" {
			name := strings.TrimPrefix(r.Ref, "#/components/responses/")
			if r = d.Components.Responses[name]; r == nil {
				return fmt.Errorf("unknown reference to the answer %s", name)
			}
		}
		if s := r.Content["application/json"].Schema; s != nil {
			if op.answers == nil {
				op.answers = map[string][]shape{}
			}
			op.answers[status] = append(op.answers[status], shape{d, s})
		}
	}
	return nil
}

func (d *document) typesOf(s *schema) (types, error) {
	s, err := d.resolve(s)
	if err != nil {
		return nil, err
	}
	kinds := slices.DeleteFunc(slices.Clone(s.Type), func(t string) bool { return t == "null" })
	for _, part := range slices.Concat(s.AllOf, s.AnyOf, s.OneOf) {
		more, err := d.typesOf(part)
		if err != nil {
			return nil, err
		}
		kinds = append(kinds, more...)
	}
	return kinds, nil
}

func (d *document) resolve(s *schema) (*schema, error) {
	for range 8 {
		if s.Ref == "" {
			return s, nil
		}
		name := strings.TrimPrefix(s.Ref, "#/components/schemas/")
		target, ok := d.Components.Schemas[name]
		if !ok {
			return nil, fmt.Errorf("unknown reference %s", s.Ref)
		}
		s = target
	}
	return nil, fmt.Errorf("references go in a circle: %s", s.Ref)
}

// merge adds an operation to the others, and to the same of another file.
func merge(all map[string]*operation, op *operation) {
	key := op.method + " " + op.path
	same, ok := all[key]
	if !ok {
		all[key] = op
		return
	}
	for name, kinds := range op.params {
		same.params[name] = append(same.params[name], kinds...)
	}
	for status, shapes := range op.answers {
		if same.answers == nil {
			same.answers = map[string][]shape{}
		}
		same.answers[status] = append(same.answers[status], shapes...)
	}
	same.required = slices.DeleteFunc(same.required, func(name string) bool { return !slices.Contains(op.required, name) })
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
