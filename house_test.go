package modelslab_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/modelslab-go/modelslab"

// rooms says what each package of the root module may import of this module,
// and an internal package of others. Arrows point downward only: a package
// stands below those that import it. CONTRIBUTING.md shows the same table, and
// depguard in .golangci.yml holds it as lists.
var rooms = map[string][]string{
	"internal/wire":     {},
	"internal/endpoint": {},
	"internal/token":    {},
	"internal/recent":   {},
	"internal/fault":    {},
	"internal/filetype": {},
	"internal/retry":    {"github.com/cenkalti/backoff/v4"},

	"internal/redact":     {"internal/wire"},
	"internal/schedule":   {"internal/fault"},
	"internal/body":       {"internal/filetype", "internal/base64text"},
	"internal/publicnet":  {"internal/fault"},
	"internal/base64text": {"internal/filetype"},
	"internal/outfile":    {"internal/filetype", "internal/base64text"},
	"internal/upload":     {"internal/fault"},
	"internal/delivery":   {"internal/recent", "internal/token"},

	"internal/encode":    {"internal/body", "internal/base64text", "internal/wire", "internal/endpoint", "internal/fault"},
	"internal/transport": {"internal/body", "internal/endpoint", "internal/wire", "internal/redact", "internal/retry", "internal/fault"},
	"internal/reply":     {"internal/wire", "internal/endpoint", "internal/retry", "internal/fault"},
	"internal/download":  {"internal/publicnet", "internal/filetype", "internal/base64text", "internal/retry", "internal/redact", "internal/fault"},

	"internal/download/downloadtest": {},

	"internal/queue": {"internal/delivery", "internal/schedule", "internal/recent", "internal/retry", "internal/fault"},

	".": {
		"internal/wire", "internal/endpoint", "internal/token", "internal/recent", "internal/fault", "internal/filetype",
		"internal/retry", "internal/redact", "internal/schedule", "internal/body", "internal/publicnet", "internal/base64text", "internal/outfile",
		"internal/upload", "internal/delivery", "internal/encode", "internal/transport", "internal/reply",
		"internal/download", "internal/queue",
	},
	"webhook": {
		".", "internal/delivery", "internal/token", "internal/endpoint", "internal/wire", "internal/schedule",
		"internal/retry", "internal/redact", "internal/fault", "internal/recent",
	},
	"webhook/storetest": {".", "webhook"},
	"modelslabtest":     {".", "internal/token", "internal/wire", "internal/endpoint"},

	"modelslabtest/emulator": {"modelslabtest"},
}

// programs may import anything: they are folders of commands.
var programs = []string{"cmd", "examples", "internal/benchcheck", "internal/conformance", "internal/endpoints", "internal/footprint"}

func TestArrowsPointDownward(t *testing.T) {
	t.Parallel()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", `{{.ImportPath}}{{range .Imports}} {{.}}{{end}}`, "./...")
	cmd.Env = append(os.Environ(), "GOWORK=off")
	out, err := cmd.Output()
	require.NoError(t, err)
	var checked []string
	for line := range strings.Lines(string(out)) {
		imports := strings.Fields(line)
		name, ours := roomOf(imports[0])
		if !ours || slices.ContainsFunc(programs, func(p string) bool { return strings.HasPrefix(name+"/", p+"/") }) {
			continue
		}
		allowed, known := rooms[name]
		require.True(t, known, "%s has no row in rooms", name)
		checked = append(checked, name)
		for _, imported := range imports[1:] {
			to, local := roomOf(imported)
			if local || strings.HasPrefix(name, "internal/") && strings.Contains(strings.Split(to, "/")[0], ".") {
				require.Contains(t, allowed, to, "%s must not import it", name)
			}
		}
	}
	require.Contains(t, checked, ".")
	require.Contains(t, checked, "internal/wire")
}

// The table itself has no circle, so that every package stands on a floor.
func TestRoomsStandOnFloors(t *testing.T) {
	t.Parallel()
	floors := map[string]int{}
	var floor func(name string, above ...string) int
	floor = func(name string, above ...string) int {
		require.NotContains(t, above, name, "a circle")
		height, known := floors[name]
		if !known {
			for _, below := range rooms[name] {
				height = max(height, floor(below, append(above, name)...)+1)
			}
			floors[name] = height
		}
		return height
	}
	for name := range rooms {
		floor(name)
	}
	require.Greater(t, floors["."], floors["internal/queue"])
	require.Greater(t, floors["webhook"], floors["."])
}

// roomOf is a package's folder in this module, or its path and false.
func roomOf(importPath string) (string, bool) {
	if importPath == module {
		return ".", true
	}
	return strings.CutPrefix(importPath, module+"/")
}

// A module of its own, and every example, shows what users can do: it imports
// public packages only, its tests included.
func TestOtherModulesImportPublicPackages(t *testing.T) {
	t.Parallel()
	public := []string{"examples"}
	for _, root := range []string{"contrib", "cmd"} {
		err := filepath.WalkDir(root, func(name string, _ fs.DirEntry, err error) error {
			if filepath.Base(name) == "go.mod" {
				public = append(public, filepath.Dir(name))
			}
			return err
		})
		require.NoError(t, err)
	}
	files := 0
	for _, folder := range public {
		err := filepath.WalkDir(folder, func(name string, _ fs.DirEntry, err error) error {
			if err != nil || filepath.Ext(name) != ".go" {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
			if err != nil {
				return err
			}
			files++
			for _, spec := range file.Imports {
				imported, err := strconv.Unquote(spec.Path.Value)
				require.NoError(t, err)
				require.False(t, strings.HasPrefix(imported, module+"/internal/"), "%s imports %s", name, imported)
			}
			return nil
		})
		require.NoError(t, err)
	}
	require.Positive(t, files)
}
