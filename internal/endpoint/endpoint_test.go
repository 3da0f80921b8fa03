package endpoint_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/internal/endpoint"
)

// TestAllListsEveryRow reads the source, since a row that All forgets would be
// missing from the test server and from the conformance check without a sound.
func TestAllListsEveryRow(t *testing.T) {
	t.Parallel()
	listed, declared := map[string]bool{}, map[string]bool{}
	packages, err := parser.ParseDir(token.NewFileSet(), ".", func(f fs.FileInfo) bool { //nolint:staticcheck // one small package, no build tags
		return !strings.HasSuffix(f.Name(), "_test.go")
	}, 0)
	require.NoError(t, err)
	ast.Inspect(packages["endpoint"], func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ValueSpec:
			for i, value := range n.Values {
				if isRow(value) {
					declared[n.Names[i].Name] = true
				}
			}
		case *ast.FuncDecl:
			if n.Name.Name == "All" {
				ast.Inspect(n, func(n ast.Node) bool {
					if id, ok := n.(*ast.Ident); ok {
						listed[id.Name] = true
					}
					return true
				})
			}
		}
		return true
	})
	require.Greater(t, len(declared), 70)
	for name := range declared {
		require.True(t, listed[name], "All lacks %s", name)
	}
}

func isRow(value ast.Expr) bool {
	switch v := value.(type) {
	case *ast.CallExpr:
		f, ok := v.Fun.(*ast.Ident)
		return ok && slices.Contains([]string{"job", "numbered", "described", "dedicated", "admin"}, f.Name)
	case *ast.UnaryExpr:
		lit, ok := v.X.(*ast.CompositeLit)
		if !ok {
			return false
		}
		id, ok := lit.Type.(*ast.Ident)
		return ok && id.Name == "Endpoint"
	default:
		return false
	}
}

func TestRowsAreSound(t *testing.T) {
	t.Parallel()
	paths := map[string]string{}
	for _, e := range endpoint.All() {
		require.NotEmpty(t, e.Name)
		require.Contains(t, []string{"GET", "POST"}, e.Method, e.Name)
		require.True(t, strings.HasPrefix(e.Path, "/"), e.Name)
		require.Empty(t, paths[e.Method+e.Path], "%s and %s share a path", e.Name, paths[e.Method+e.Path])
		paths[e.Method+e.Path] = e.Name
		require.Equal(t, e.Method+" "+e.Path, e.OpOn(e.Path))
		got, ok := endpoint.ByPath(strings.ReplaceAll(strings.ReplaceAll(e.Path, "{", ""), "}", ""))
		require.True(t, ok, e.Path)
		require.Equal(t, e.Path, got.Path)
		if e.Kind == "" {
			continue
		}
		_, ok = endpoint.FetchOf(e.Kind)
		require.True(t, ok, "%s has the unknown kind %q", e.Name, e.Kind)
		for _, s := range e.Enterprise {
			_, ok = endpoint.FetchOf(s.Kind())
			require.True(t, ok, "%s on %q has no fetch row", e.Name, s.Name)
			on, ok := e.On(s.Name)
			require.True(t, ok)
			require.Equal(t, s, *on)
		}
	}
}

func TestFetchRows(t *testing.T) {
	t.Parallel()
	for i, f := range endpoint.Fetches() {
		require.Equal(t, byte(i+1), f.Code, "codes stand in tokens: append only")
		require.Equal(t, f.Code, endpoint.CodeOf(f.Kind))
		require.Equal(t, f.Kind, endpoint.KindOfCode(f.Code))
		if f.Shape == endpoint.ByWorkflow {
			continue
		}
		kind, id, ok := endpoint.KindOfFetchPath("/api" + f.Path + "/123")
		require.True(t, ok)
		require.Equal(t, f.Kind, kind)
		require.Equal(t, "123", id)
	}
	require.Zero(t, endpoint.CodeOf("/v9/fetch"))
	require.Empty(t, endpoint.KindOfCode(0))
	require.Empty(t, endpoint.KindOfCode(255))
	for path, want := range map[string]string{
		"/api/v6/deepfake/fetch/1": "faceswap",
		"/api/v5/images/fetch/1/":  "images",
		"/v6/whisper/fetch/1":      "whisper",
		"/api/v6/video/fetch/":     "",
		"/api/v6/video/1":          "",
		"/api/v6/video/fetch":      "",
		"/":                        "",
		"/1":                       "",
		"1":                        "",
		"":                         "",
	} {
		kind, _, ok := endpoint.KindOfFetchPath(path)
		require.Equal(t, want, kind, path)
		require.Equal(t, want != "", ok)
	}
}

func TestTerms(t *testing.T) {
	t.Parallel()
	on := func(e *endpoint.Endpoint, name string) endpoint.Terms {
		s, ok := e.On(name)
		require.True(t, ok)
		return e.Terms(s)
	}
	also := [2]string{"init_image", "image"}
	require.Equal(t, endpoint.Terms{TrackID: true}, endpoint.TextToImage.Terms(nil))
	require.Equal(t, endpoint.Terms{TrackID: true, TrackNumber: true}, endpoint.SFX.Terms(nil))
	require.Equal(t, endpoint.Terms{TrackID: true}, on(endpoint.SFX, "voice"))
	require.Equal(t, endpoint.Terms{TrackID: true, TrackNumber: true}, on(endpoint.InteriorMake, "interior"))
	require.Equal(t, endpoint.Terms{TrackID: true, Also: also}, endpoint.ImageTo3D.Terms(nil))
	require.Equal(t, endpoint.Terms{TrackID: true, Also: also}, on(endpoint.ImageTo3D, "3d"), "a server takes over the second name")
	require.Equal(t, endpoint.Terms{Required: []string{"init_image", "scale"}, Also: [2]string{"init_image", "url"}}, on(endpoint.SuperResolution, ""))
	require.Equal(t, endpoint.Terms{}, endpoint.LoraFineTune.Terms(nil))

	qwen, ok := endpoint.TextToImage.On("qwen")
	require.True(t, ok)
	require.Equal(t, []string{"prompt"}, endpoint.TextToImage.RequiredOn(*qwen))
	require.Equal(t, []string{"prompt"}, endpoint.TextToImage.RequiredEverywhere())
	root, ok := endpoint.TextToImage.On("")
	require.True(t, ok)
	require.Equal(t, []string{"model_id", "prompt"}, endpoint.TextToImage.RequiredOn(*root))
	require.Equal(t, []string{"init_image"}, endpoint.ImageToImage.RequiredEverywhere())
	require.Nil(t, endpoint.SFX.RequiredEverywhere(), "the tags decide where no server differs")
	require.Equal(t, []string{"model_id", "prompt"}, endpoint.TextToImage.Required, "the table was modified")
	_, ok = endpoint.TextToImage.On("voice")
	require.False(t, ok)
}

func TestOpOnAPath(t *testing.T) {
	t.Parallel()
	e := &endpoint.Endpoint{Method: "POST", Path: "/v6/x"}
	require.Equal(t, "POST /v6/x", e.OpOn("/v6/x"))
	for _, e := range []*endpoint.Endpoint{e, endpoint.TextToImage} {
		require.Equal(t, "POST /enterprise/x", e.OpOn("/enterprise/x"))
	}
}
