package main

import (
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/internal/endpoint"
)

// spec is a file with one server and one operation, whose body has the given
// properties and required names.
func spec(path, required, properties string) string {
	return `{"servers":[{"url":"https://modelslab.com/api/v9"}],"paths":{"` + path + `":{"post":{"requestBody":{"content":` +
		`{"application/json":{"schema":{"type":"object","required":[` + required + `],"properties":{` + properties + `}}}}}}}}}`
}

func folder(t *testing.T, files ...string) string {
	t.Helper()
	dir := t.TempDir()
	for i, text := range files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, string(rune('a'+i))+".json"), []byte(text), 0o600))
	}
	return dir
}

type makeRequest struct {
	Prompt string            `json:"prompt"`
	Image  modelslab.Media   `json:"image"`
	Images []modelslab.Media `json:"images,omitzero"`
	Either []modelslab.Media `json:"either,omitzero" wire:"one"`
	Width  *int              `json:"width,omitzero"`
	Steps  *int              `json:"steps,string,omitzero"`
	Scale  *float64          `json:"scale,omitzero"`
	Fast   *bool             `json:"fast,omitzero"`
	Slow   *bool             `json:"slow,omitzero" wire:"yes/no"`
	ID     string            `json:"id,omitzero" wire:"number"`

	Webhook string `json:"webhook,omitzero"`
	TrackID string `json:"track_id,omitzero"`
}

const conforming = `"key":{"type":"string"},"prompt":{"type":"string"},"image":{"type":"string","format":"uri"},` +
	`"images":{"type":"array"},"either":{"type":"string"},"width":{"type":["integer","null"]},"steps":{"type":"string"},` +
	`"scale":{"anyOf":[{"type":"number"},{"type":"string"}]},"fast":{"type":"boolean"},"slow":{"type":"string"},` +
	`"id":{"type":"integer"},"webhook":{"type":"string"},"track_id":{"type":"integer"}`

var makeRow = &endpoint.Endpoint{
	Name: "make", Kind: "video", Method: "POST", Path: "/v9/make", Webhook: true, TrackID: true, TrackNumber: true,
	Required: []string{"prompt", "image"},
}

func TestCompare(t *testing.T) {
	t.Parallel()
	plain := &endpoint.Endpoint{Name: "Plain", Method: "POST", Path: "/v9/plain/{id}", Required: []string{"prompt"}}
	page := &endpoint.Endpoint{Name: "Page", Method: "POST", Path: "/v9/page", Source: endpoint.Page}
	for _, tt := range []struct {
		name  string
		files []string
		rows  []*endpoint.Endpoint
		want  []string
	}{
		{"conforming", []string{spec("/make", `"key","prompt","image"`, conforming)}, []*endpoint.Endpoint{makeRow}, nil},
		{
			"of other kinds",
			[]string{spec("/make", `"key","prompt","image"`, strings.NewReplacer(
				`"integer","null"`, `"number"`, `"array"`, `"string"`, `"boolean"`, `"string"`, `"slow":{"type":"string"`, `"slow":{"type":"boolean"`,
			).Replace(conforming))},
			[]*endpoint.Endpoint{makeRow},
			[]string{
				"POST /v9/make: fast is boolean, want string", "POST /v9/make: images is array, want string",
				"POST /v9/make: slow is string, want boolean", "POST /v9/make: width is integer, want number",
			},
		},
		{
			"parameters missing and extra",
			[]string{spec("/make", `"prompt","image"`, strings.Replace(conforming, `"width"`, `"height"`, 1))},
			[]*endpoint.Endpoint{makeRow},
			[]string{"POST /v9/make: height missing", "POST /v9/make: width extra"},
		},
		{
			"required or not",
			[]string{spec("/make", `"prompt","width","ghost"`, conforming)},
			[]*endpoint.Endpoint{makeRow},
			[]string{
				"POST /v9/make: image is required, want optional", "POST /v9/make: width is optional, want required",
				"POST /v9/make: ghost is required, but not described",
			},
		},
		{
			"no callback",
			[]string{spec("/make", `"prompt","image"`, strings.Replace(conforming, `"webhook"`, `"hook"`, 1))},
			[]*endpoint.Endpoint{makeRow},
			[]string{"POST /v9/make: hook missing", "POST /v9/make: webhook extra"},
		},
		{
			"operations missing and extra",
			[]string{spec("/other", ``, ``)},
			[]*endpoint.Endpoint{makeRow},
			[]string{"POST /v9/other: missing", "POST /v9/make: extra"},
		},
		{
			"a track id that is no number",
			[]string{spec("/make", `"prompt","image"`, strings.Replace(conforming, `"track_id":{"type":"integer"}`, `"track_id":{"type":"string"}`, 1))},
			[]*endpoint.Endpoint{makeRow},
			[]string{"POST /v9/make: track_id is integer, want string"},
		},
		{"described on a page", []string{spec("/plain/{id}", `"prompt"`, `"prompt":{"type":"string"}`)}, []*endpoint.Endpoint{plain, page}, nil},
		{
			"described in a file after all",
			[]string{spec("/page", ``, ``)},
			[]*endpoint.Endpoint{page},
			[]string{"POST /v9/page: described, but its row has another source"},
		},
		{"an argument of a method", []string{spec("/plain/{id}", `"prompt"`, `"prompt":{"type":"string"}`)}, []*endpoint.Endpoint{plain}, nil},
		{
			"an argument that is optional",
			[]string{spec("/plain/{id}", ``, `"prompt":{"type":"string"}`)},
			[]*endpoint.Endpoint{plain},
			[]string{"POST /v9/plain/{id}: prompt is required, want optional"},
		},
		{
			"two files of one operation",
			[]string{
				spec("/make", `"prompt","image"`, conforming),
				spec("/make", `"prompt","image","width"`, strings.Replace(conforming, `"integer","null"`, `"string"`, 1)),
			},
			[]*endpoint.Endpoint{makeRow},
			nil,
		},
		{"a fetch", []string{strings.Replace(spec("/video/fetch/{id}", ``, ``), "v9", "v6", 1)}, nil, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ops, err := load(folder(t, tt.files...))
			require.NoError(t, err)
			got := compare(ops, tt.rows, map[string]reflect.Type{"make": reflect.TypeFor[makeRequest]()})
			require.Equal(t, tt.want, got)
		})
	}
}

func TestLoad(t *testing.T) {
	t.Parallel()
	const referring = `{"servers":[{"url":"https://modelslab.com/api"},{"url":"https://modelslab.com/api/v3"}],"paths":{"/a":{` +
		`"parameters":[{"name":"id"}],"get":{"servers":[{"url":"https://modelslab.com/api/v4/x"}],"requestBody":{"content":{"application/json":` +
		`{"schema":{"$ref":"#/components/schemas/Both"}}}}},"post":{}}},"components":{"schemas":{` +
		`"Both":{"allOf":[{"$ref":"#/components/schemas/One"},{"required":["two"],"properties":{"two":{"type":["string","null"]}}}]},` +
		`"One":{"required":["one"],"properties":{"one":{"$ref":"#/components/schemas/Kind"}}},` +
		`"Kind":{"oneOf":[{"type":"integer"},{"type":"null"}]}}}}`
	ops, err := load(folder(t, referring))
	require.NoError(t, err)
	require.Equal(t, []*operation{
		{method: "POST", path: "/a", params: map[string]types{}},
		{method: "GET", path: "/v4/x/a", params: map[string]types{"one": {"integer"}, "two": {"string"}}, required: []string{"one", "two"}},
	}, ops)
}

func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	for name, files := range map[string][]string{
		"nothing":             nil,
		"not JSON":            {`openapi: 3.1.0`},
		"no servers":          {`{"paths":{"/a":{"post":{}}}}`},
		"an unknown schema":   {strings.Replace(spec("/a", ``, ``), `"type":"object"`, `"$ref":"#/components/schemas/None"`, 1)},
		"a circle of schemas": {strings.Replace(spec("/a", ``, `"x":{"$ref":"#/components/schemas/X"}`), `{"servers"`, `{"components":{"schemas":{"X":{"$ref":"#/components/schemas/X"}}},"servers"`, 1)},
	} {
		_, err := load(folder(t, files...))
		require.Error(t, err, name)
	}
}

// Every operation that takes a request struct is compared by its fields.
func TestRequestTypes(t *testing.T) {
	t.Parallel()
	found := requestTypes()
	require.Greater(t, len(found), 60)
	names := map[string]bool{}
	for _, e := range endpoint.All() {
		names[e.Name] = true
		if e.Kind != "" {
			require.Contains(t, found, e.Name)
		}
	}
	for name := range found {
		require.True(t, names[name], "no operation is named as %sRequest", name)
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	dir := folder(t, spec("/other", ``, ``))
	var out strings.Builder
	require.ErrorIs(t, run(t.Context(), &out, dir, []excuse{{"a test", []string{"POST /v9/other: missing", "POST /v9/gone: missing"}}}), errDifferences)
	require.NotContains(t, out.String(), "other")
	require.Contains(t, out.String(), "no longer so: POST /v9/gone: missing\n")
	require.Contains(t, out.String(), "POST /v6/video/text2video: extra\n")

	var all []string
	for line := range strings.Lines(out.String()) {
		if !strings.HasPrefix(line, "no longer so") {
			all = append(all, strings.TrimSpace(line))
		}
	}
	require.NoError(t, run(t.Context(), io.Discard, dir, []excuse{{"a test", append(all, "POST /v9/other: missing")}}))
	require.Error(t, run(t.Context(), io.Discard, "", nil))
}

func TestKnownHasReasons(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, r := range slices.Concat(known, knownAnswers) {
		require.NotEmpty(t, r.why)
		for _, difference := range r.differences {
			require.False(t, seen[difference], difference)
			seen[difference] = true
		}
	}
}

// The published files are compared where they are at hand.
func TestPublishedFiles(t *testing.T) {
	t.Parallel()
	const folder = "../../../shared/api/openapi"
	if _, err := os.Stat(folder); err != nil {
		t.Skip("the OpenAPI files are not in " + folder)
	}
	var out strings.Builder
	require.NoError(t, run(t.Context(), &out, folder, slices.Concat(known, knownAnswers)), "\n"+out.String())
}
