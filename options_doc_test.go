package modelslab_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	servesWords = regexp.MustCompile(`Serves ([^.]*)\.`)
	servesCode  = regexp.MustCompile(`o\.serves\("(\w+)", ([\w|]+)\)`)
	servesRow   = regexp.MustCompile("(?m)^\\| `(\\w+)` \\| [^|]* \\| ([^|]*) \\|$")
)

// The verbs of a call option are written three times: in the check of the call,
// in the doc comment and in the table of the README.
func TestOptionsSayWhatTheyServe(t *testing.T) {
	t.Parallel()
	checked, documented := map[string]string{}, map[string]string{}
	for name, f := range functionsOfTheRoot(t) {
		result := f.Type.Results
		if result == nil || len(result.List) != 1 || f.Recv != nil {
			continue
		}
		if id, ok := result.List[0].Type.(*ast.Ident); !ok || id.Name != "CallOption" {
			continue
		}
		words := servesWords.FindStringSubmatch(strings.Join(strings.Fields(f.Doc.Text()), " "))
		require.NotNil(t, words, "the doc of %s has no sentence %q", name, "Serves ... .")
		if strings.Contains(f.Doc.Text(), "Deprecated: ") {
			continue
		}
		require.Contains(t, f.Doc.Text(), "Defaults", "the doc of %s says no default", name)
		documented[name] = words[1]
	}
	for _, source := range filesOfTheRoot(t) {
		text, err := os.ReadFile(source)
		require.NoError(t, err)
		for _, call := range servesCode.FindAllStringSubmatch(string(text), -1) {
			checked[call[1]] = verbsInWords(call[2])
		}
	}
	require.Equal(t, checked, documented, "the doc comments, and the checks in the code")

	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	_, table, ok := strings.Cut(string(readme), "| option of a call |")
	require.True(t, ok)
	table, _, _ = strings.Cut(table, "\n\n")
	rows := map[string]string{}
	for _, row := range servesRow.FindAllStringSubmatch(table, -1) {
		rows[row[1]] = row[2]
	}
	require.Equal(t, checked, rows, "the table of the README, and the checks in the code")
}

// verbsInWords turns verbSubmit|verbRun|verbQuery into "Submit, Run and queries".
func verbsInWords(constants string) string {
	names := strings.Split(strings.ReplaceAll(constants, "verb", ""), "|")
	last := len(names) - 1
	if names[last] == "Query" {
		names[last] = "queries"
	}
	if last == 0 {
		return names[0]
	}
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

func filesOfTheRoot(t *testing.T) []string {
	t.Helper()
	all, err := filepath.Glob("*.go")
	require.NoError(t, err)
	var files []string
	for _, file := range all {
		if !strings.HasSuffix(file, "_test.go") {
			files = append(files, file)
		}
	}
	return files
}

func functionsOfTheRoot(t *testing.T) map[string]*ast.FuncDecl {
	t.Helper()
	functions := map[string]*ast.FuncDecl{}
	for _, file := range filesOfTheRoot(t) {
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments|parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, d := range tree.Decls {
			if f, ok := d.(*ast.FuncDecl); ok {
				functions[f.Name.Name] = f
			}
		}
	}
	return functions
}
