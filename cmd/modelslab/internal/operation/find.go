// Package operation finds the operations of the API by the names that people
// type, and fills their requests from what they type.
package operation

import (
	"fmt"
	"strings"

	"github.com/modelslab-go/modelslab"
)

// Find returns the operation of a name: the last segment of its path,
// "text2img", as many more segments as tell it from others, "realtime/text2img",
// or its method, "Image.TextToImage". Where several fit it is the first of
// [modelslab.Operations]. Letter case does not matter. The error of a name that
// fits none says which are like it.
func Find(name string) (modelslab.Operation, error) {
	for o := range modelslab.Operations() {
		if answersTo(o, name) {
			return o, nil
		}
	}
	return modelslab.Operation{}, fmt.Errorf("there is no operation %q%s", name, didYouMean(likeOperation(name)))
}

func answersTo(o modelslab.Operation, name string) bool {
	name = strings.ToLower(strings.Trim(name, "/"))
	return name != "" && (strings.HasSuffix(o.Path, "/"+name) || name == strings.ToLower(Method(o)))
}

// Method is the name of the operation in Go: "Image.TextToImage".
func Method(o modelslab.Operation) string { return o.Service + "." + o.Name }

// Name is the shortest name by which [Find] returns the operation.
func Name(o modelslab.Operation) string {
	segments := strings.Split(strings.Trim(o.Path, "/"), "/")
	for n := range segments {
		name := strings.Join(segments[len(segments)-1-n:], "/")
		if first, err := Find(name); err == nil && first.Path == o.Path {
			return name
		}
	}
	return Method(o)
}

// Matching returns the operations whose path or method contains the text, all
// for "".
func Matching(text string) []modelslab.Operation {
	text = strings.ToLower(text)
	var found []modelslab.Operation
	for o := range modelslab.Operations() {
		if strings.Contains(o.Path, text) || strings.Contains(strings.ToLower(Method(o)), text) {
			found = append(found, o)
		}
	}
	return found
}

// likeOperation returns the names of operations that somebody who typed name
// may have meant.
func likeOperation(name string) []string {
	var last, methods, bare []string
	for o := range modelslab.Operations() {
		methods = append(methods, Method(o))
		if strings.EqualFold(o.Name, name) {
			bare = append(bare, Method(o))
		}
		last = append(last, o.Path[strings.LastIndexByte(o.Path, '/')+1:])
	}
	switch {
	case len(bare) > 0:
		return bare
	case strings.Contains(name, "."):
		return Closest(name, methods)
	default:
		return Closest(name[strings.LastIndexByte(name, '/')+1:], last)
	}
}
