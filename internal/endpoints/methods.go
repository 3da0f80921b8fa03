package main

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/internal/endpoint"
)

// A caller is what calls an endpoint.
type caller struct {
	service, name string
	request       string // the struct, or the plain arguments
	files         bool   // the request may hold files
}

// named are the helpers whose method has another name than their row.
var named = map[*endpoint.Endpoint]string{
	endpoint.CancelTraining: "Training.Cancel", endpoint.DeleteTraining: "Training.Delete", endpoint.FineTuneList: "Training.List",
	endpoint.ModelList: "Models.List", endpoint.SearchModels: "Models.Search", endpoint.ModelDetails: "Models.Get",
	endpoint.ModelFilters: "Models.Filters", endpoint.ModelTags: "Models.Tags", endpoint.ModelProviders: "Models.Providers",
	endpoint.LoadModel: "Models.Load", endpoint.AssetsGenerated: "Assets.List", endpoint.DeleteImage: "Assets.Delete",
	endpoint.WorkflowList: "Workflows.List", endpoint.WorkflowSchema: "Workflows.Schema", endpoint.WorkflowCancel: "Workflows.Cancel",
}

// methods returns what calls each row of the table.
func methods() (map[*endpoint.Endpoint]caller, error) {
	operations := map[string]modelslab.Operation{}
	for op := range modelslab.Operations() {
		operations[op.Method+" "+op.Path] = op
	}
	all := map[*endpoint.Endpoint]caller{}
	for _, e := range endpoint.All() {
		if op, ok := operations[e.Method+" "+e.Path]; ok {
			request := reflect.TypeOf(op.New()).Elem()
			all[e] = caller{op.Service, op.Name, request.Name(), holdsFiles(request)}
			continue
		}
		m, ok := helper(e)
		if !ok {
			return nil, fmt.Errorf("no method calls %s %s", e.Method, e.Path)
		}
		all[e] = m
	}
	return all, nil
}

// helper finds the method of a row that makes no job: it is called as the row
// is, unless named says otherwise.
func helper(e *endpoint.Endpoint) (caller, bool) {
	for service := range reflect.TypeFor[modelslab.Client]().Fields() {
		if !strings.HasSuffix(service.Type.String(), "Service") {
			continue
		}
		for m := range service.Type.Methods() {
			if name, ok := named[e]; ok && name != service.Name+"."+m.Name || !ok && m.Name != e.Name {
				continue
			}
			found := caller{service: service.Name, name: m.Name}
			var args []string
			for i := 2; i < m.Type.NumIn()-1; i++ { // behind the receiver and the context, before the options
				in := m.Type.In(i)
				if in.Kind() == reflect.Pointer {
					in = in.Elem()
				}
				args = append(args, in.Name())
				found.files = found.files || holdsFiles(in)
			}
			found.request = strings.Join(args, ", ")
			return found, true
		}
	}
	return caller{}, false
}

// holdsFiles reports whether t is a file or a struct with files in it.
func holdsFiles(t reflect.Type) bool {
	file := reflect.TypeFor[modelslab.Media]()
	if t == file || t.Kind() != reflect.Struct {
		return t == file
	}
	for f := range t.Fields() {
		if f.Type == file || f.Type == reflect.SliceOf(file) {
			return true
		}
	}
	return false
}
