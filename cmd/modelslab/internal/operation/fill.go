package operation

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/modelslab-go/modelslab"
)

// Files opens the files that values name.
type Files interface {
	// Open returns the file of a value: "@house.png" is a file on disk, "-"
	// standard input, and all else a URL.
	Open(value string) (modelslab.Media, error)
}

// Assignment is a value for a parameter, as it was typed.
type Assignment struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// ParseAssignment reads "name=value".
func ParseAssignment(text string) (Assignment, error) {
	name, value, ok := strings.Cut(text, "=")
	if !ok || name == "" {
		return Assignment{}, fmt.Errorf("%q is no parameter: want name=value, such as prompt=\"a lighthouse\"", text)
	}
	return Assignment{name, value}, nil
}

// Fill sets the parameters of a request. A parameter that is a list takes one
// value, split at commas, or one value for each element. The error names the
// parameter, and for one that the request does not have those that are like it.
func Fill(req modelslab.Request, values []Assignment, files Files) error {
	v := reflect.ValueOf(req).Elem()
	parameters := Parameters(req)
	texts := map[string][]string{}
	for _, a := range values {
		texts[a.Name] = append(texts[a.Name], a.Value)
	}
	for _, a := range values {
		all := texts[a.Name]
		if delete(texts, a.Name); all == nil {
			continue // set with the first of its values
		}
		p, err := parameter(parameters, a.Name)
		if err == nil {
			err = set(v.Field(p.index), all, files)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", a.Name, err)
		}
	}
	return nil
}

var errKey = errors.New("the API key is no parameter: it is read from MODELSLAB_API_KEY")

func parameter(all []Parameter, name string) (Parameter, error) {
	var names []string
	for _, p := range all {
		if p.Name == name {
			return p, nil
		}
		names = append(names, p.Name)
	}
	if name == "key" {
		return Parameter{}, errKey
	}
	return Parameter{}, fmt.Errorf("there is no such parameter%s", didYouMean(Closest(name, names)))
}

// Missing returns the names of the required parameters that are not set.
func Missing(req modelslab.Request) []string {
	v := reflect.ValueOf(req).Elem()
	var missing []string
	for _, p := range Parameters(req) {
		if p.Required && v.Field(p.index).IsZero() {
			missing = append(missing, p.Name)
		}
	}
	return missing
}
