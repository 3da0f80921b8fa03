package modelslab

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/internal/endpoint"
)

// requestTypes finds every request struct that a method of a service takes.
func requestTypes(t *testing.T) []reflect.Type {
	t.Helper()
	var found []reflect.Type
	for f := range reflect.TypeFor[Client]().Fields() {
		if !f.IsExported() {
			continue
		}
		for m := range f.Type.Methods() {
			for in := range m.Type.Ins() {
				if in.Kind() == reflect.Pointer && strings.HasSuffix(in.Elem().Name(), "Request") {
					found = append(found, in)
				}
			}
		}
	}
	require.NotEmpty(t, found)
	return found
}

// TestRequestStructs holds every request struct to the same rules, so that a
// caller who knows one knows them all.
func TestRequestStructs(t *testing.T) {
	t.Parallel()
	for _, pointer := range requestTypes(t) {
		t.Run(pointer.Elem().Name(), func(t *testing.T) {
			t.Parallel()
			fields := slices.Collect(pointer.Elem().Fields())
			if req, ok := reflect.TypeAssert[Request](reflect.New(pointer.Elem())); ok {
				e := req.endpoint()
				require.Equal(t, e.Name+"Request", pointer.Elem().Name())
				fields = requireCallbackFields(t, fields)
				requireRequired(t, e, fields)
			}
			for _, f := range fields {
				requireField(t, f)
			}
		})
	}
}

// TestEveryJobHasARequest finds operations that nobody can call.
func TestEveryJobHasARequest(t *testing.T) {
	t.Parallel()
	requests := map[*endpoint.Endpoint]int{}
	for _, pointer := range requestTypes(t) {
		if req, ok := reflect.TypeAssert[Request](reflect.New(pointer.Elem())); ok {
			requests[req.endpoint()]++
		}
	}
	for _, e := range endpoint.All() {
		if e.Kind != "" {
			require.Equal(t, 1, requests[e], "request structs of %s", e.Name)
		}
	}
}

// requireCallbackFields returns the fields without the last two, which are the
// same everywhere.
func requireCallbackFields(t *testing.T, fields []reflect.StructField) []reflect.StructField {
	t.Helper()
	require.GreaterOrEqual(t, len(fields), 2)
	own, last := fields[:len(fields)-2], fields[len(fields)-2:]
	for i, want := range []struct{ name, tag string }{
		{"Webhook", `json:"webhook,omitzero"`}, {"TrackID", `json:"track_id,omitzero"`},
	} {
		require.Equal(t, want.name, last[i].Name)
		require.Equal(t, want.tag, string(last[i].Tag))
		require.Equal(t, reflect.TypeFor[string](), last[i].Type)
	}
	return own
}

// requireRequired compares the struct with its row: what is always sent is what
// the server refuses to go without. A bool is never missed, so the row may leave
// it out.
func requireRequired(t *testing.T, e *endpoint.Endpoint, fields []reflect.StructField) {
	t.Helper()
	var always []string
	flag := false
	for _, f := range fields {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		flag = flag || name == "base64"
		if !strings.Contains(options, "omitzero") && name != "-" {
			always = append(always, name)
			if f.Type.Kind() != reflect.Bool {
				require.Contains(t, e.Required, name)
			}
		}
	}
	for _, name := range e.Required {
		require.Contains(t, always, name)
	}
	require.True(t, flag || e.Media != endpoint.MediaFlag, "the row announces base64, the struct has no field for it")
}

// canMiss reports whether the zero value of a type says that nothing was set.
func canMiss(t reflect.Type) bool {
	return t == reflect.TypeFor[Media]() || t.Kind() == reflect.String || t.Kind() == reflect.Slice
}

func requireField(t *testing.T, f reflect.StructField) {
	t.Helper()
	name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
	require.True(t, f.IsExported(), f.Name)
	require.NotEmpty(t, name, "%s has no json tag", f.Name)
	require.Contains(t, []string{"", "omitzero", "string", "string,omitzero"}, options, "%s has other options", f.Name)
	if f.Tag.Get("wire") == "flat" {
		require.Equal(t, reflect.TypeFor[any](), f.Type)
		return
	}
	typ, optional := f.Type, strings.Contains(options, "omitzero")
	if optional && !canMiss(typ) {
		require.Equal(t, reflect.Pointer, typ.Kind(), "%s is optional, so it wants a pointer", f.Name)
		typ = typ.Elem()
		require.False(t, canMiss(typ), "%s wants no pointer", f.Name)
	}
	if !canMiss(typ) {
		require.Contains(t, []reflect.Kind{reflect.Int, reflect.Int64, reflect.Float64, reflect.Bool}, typ.Kind(), "type of %s", f.Name)
	}
	if strings.HasSuffix(name, "seed") {
		require.Equal(t, reflect.Int64, typ.Kind(), "type of %s", f.Name)
	}
	if strings.Contains(options, "string") {
		require.Contains(t, []reflect.Kind{reflect.Int, reflect.Int64, reflect.Float64}, typ.Kind(), "type of %s", f.Name)
	}
	switch wire, ok := f.Tag.Lookup("wire"); {
	case !ok:
	case wire == "one":
		require.Equal(t, reflect.TypeFor[[]Media](), typ, "type of %s", f.Name)
	case wire == "number":
		require.Equal(t, reflect.String, typ.Kind(), "type of %s", f.Name)
	default:
		require.Equal(t, reflect.Bool, typ.Kind(), "type of %s", f.Name)
		require.Contains(t, []string{"yes/no", "true/false"}, wire, f.Name)
	}
	if name != "-" {
		require.Equal(t, goName(name), f.Name)
	}
}

// goName spells the name of a JSON field in Go.
func goName(name string) string {
	spelled := map[string]string{
		"aws": "AWS", "bg": "BG", "cfg": "CFG", "controlnet": "ControlNet", "fps": "FPS", "hf": "HF", "id": "ID", "ip": "IP",
		"slat": "SLAT", "ss": "SS", "url": "URL", "vae": "VAE",
	}
	var b strings.Builder
	for word := range strings.SplitSeq(name, "_") {
		if s, ok := spelled[word]; ok {
			b.WriteString(s)
		} else {
			b.WriteString(strings.ToUpper(word[:1]) + word[1:])
		}
	}
	return b.String()
}
