package modelslabtest_test

import (
	"context"
	"iter"
	"net/http"
	"path"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/modelslabtest"
)

// poster is a workflow with one parameter.
var poster = modelslabtest.Workflow{ID: "w1", Name: "Poster", Required: []string{"title"}, RunLimit: 10}

// account is a client and the server that it talks to.
type account struct {
	*modelslab.Client

	t   *testing.T
	srv *modelslabtest.Server
}

// TestEveryMethodOfTheClient calls every method of every service. A method that
// submits a job is called with a request made from its type; every other one has
// its test in helpers.
func TestEveryMethodOfTheClient(t *testing.T) {
	t.Parallel()
	left := map[string]bool{}
	for name := range helpers {
		left[name] = true
	}
	for service := range reflect.TypeFor[modelslab.Client]().Fields() {
		if !strings.HasSuffix(service.Type.String(), "Service") {
			continue
		}
		for method := range service.Type.Methods() {
			name := service.Name + "." + method.Name
			check, ok := helpers[name]
			delete(left, name)
			if now := nowCalled[name]; now != "" {
				check, ok = func(a account) { a.same(service.Index, method, now) }, true
			}
			if !ok {
				require.True(t, submits(method.Type), "%s submits no job and has no test in helpers", name)
				check = func(a account) { a.submit(service.Index, method) }
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					srv := start(t, modelslabtest.WithLatency(time.Minute), modelslabtest.WithWorkflow(poster))
					check(account{srv.Client(), t, srv})
				})
			})
		}
	}
	require.Empty(t, left, "no such methods")
}

// nowCalled are methods of AccountService that have another name now.
var nowCalled = map[string]string{
	"Account.ModelList": "Models.List", "Account.SearchModels": "Models.Search", "Account.ModelDetails": "Models.Get",
	"Account.ModelFilters": "Models.Filters", "Account.ModelTags": "Models.Tags", "Account.ModelProviders": "Models.Providers",
	"Account.LoadModel": "Models.Load", "Account.AssetsGenerated": "Assets.List", "Account.AllAssets": "Assets.All",
	"Account.DeleteImage": "Assets.Delete",
}

// same calls a method by its former and its present name.
func (a account) same(service []int, method reflect.Method, now string) {
	a.t.Helper()
	args := []reflect.Value{reflect.ValueOf(a.t.Context())}
	for i := 2; i < method.Type.NumIn()-1; i++ { // behind the receiver and the context, before the options
		args = append(args, reflect.Zero(method.Type.In(i)))
	}
	client := reflect.ValueOf(a.Client).Elem()
	former := client.FieldByIndex(service).MethodByName(method.Name).Call(args)
	field, name, _ := strings.Cut(now, ".")
	present := client.FieldByName(field).MethodByName(name).Call(args)
	require.Len(a.t, present, len(former))
	for i, value := range former {
		if all, ok := reflect.TypeAssert[iter.Seq2[modelslab.Asset, error]](value); ok {
			require.Equal(a.t, errorsOf(present[i].Interface().(iter.Seq2[modelslab.Asset, error])), errorsOf(all))
			continue
		}
		require.Equal(a.t, present[i].Interface(), value.Interface())
	}
}

func errorsOf(assets iter.Seq2[modelslab.Asset, error]) []error {
	var all []error
	for _, err := range assets {
		all = append(all, err)
	}
	return all
}

// submits reports whether a method takes a request and returns a job.
func submits(method reflect.Type) bool {
	return method.NumIn() == 4 && method.In(2).Implements(reflect.TypeFor[modelslab.Request]()) &&
		method.NumOut() == 2 && method.Out(0) == reflect.TypeFor[*modelslab.Job]()
}

// submit calls a method that submits a job, waits for the job and looks at what
// it made.
func (a account) submit(service []int, method reflect.Method) {
	a.t.Helper()
	request := reflect.New(method.Type.In(2).Elem())
	fill(request.Elem())
	out := method.Func.Call([]reflect.Value{
		reflect.ValueOf(a.Client).Elem().FieldByIndex(service), reflect.ValueOf(a.t.Context()), request,
	})
	err, _ := reflect.TypeAssert[error](out[1])
	require.NoError(a.t, err)
	job := out[0].Interface().(*modelslab.Job)
	require.Equal(a.t, modelslab.StatusProcessing, job.Status)
	require.NotEmpty(a.t, job.TrackID)
	require.NotEmpty(a.t, job.Ref.Kind)
	if job.Ref.Kind != modelslab.KindTraining && job.Ref.Kind != modelslab.KindWorkflow {
		require.Equal(a.t, time.Minute, job.ETA)
	}
	a.finish(job)
}

// finish waits for a job and downloads its results.
func (a account) finish(job *modelslab.Job) *modelslab.Job {
	a.t.Helper()
	job, err := a.Wait(a.t.Context(), job)
	require.NoError(a.t, err)
	require.Equal(a.t, modelslab.StatusSuccess, job.Status)
	if job.Ref.Kind == modelslab.KindTraining {
		require.Equal(a.t, modelslab.TrainingModelReady, job.Stage)
		return job
	}
	require.True(a.t, len(job.Output) > 0 || job.Text != "", string(job.Raw))
	c := inProcess(a.t, a.srv)
	for _, url := range job.Output {
		status, file := c.do(http.MethodGet, url, "")
		require.Equal(a.t, 200, status, url)
		content := map[string]string{
			".png": "image/png", ".gif": "image/gif", ".mp4": "video/mp4", ".wav": "audio/wave", ".txt": "text/plain; charset=utf-8",
			".glb": "application/octet-stream",
		}[path.Ext(url)]
		require.Equal(a.t, content, http.DetectContentType([]byte(file)), url)
	}
	return job
}

// fill sets the fields without which a request is refused: the required ones and,
// where one of several will do, files and texts.
func fill(request reflect.Value) {
	for f, v := range request.Fields() {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		required := !strings.Contains(options, "omitzero") && name != "parameters"
		switch v.Kind() {
		case reflect.Struct, reflect.Slice:
			file := reflect.ValueOf(modelslab.MediaURL("https://example.com/" + name))
			if v.Type() == file.Type() {
				v.Set(file)
			} else if v.Type() == reflect.SliceOf(file.Type()) && required {
				v.Set(reflect.Append(v, file))
			}
		case reflect.String:
			if required || name == "prompt" || name == "lyrics" || name == "caption" {
				v.SetString("a " + name)
			}
		case reflect.Int, reflect.Int64:
			v.SetInt(4)
		case reflect.Float64:
			v.SetFloat(4)
		default:
		}
	}
}

func (a account) ctx() context.Context { return a.t.Context() }
