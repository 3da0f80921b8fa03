package modelslab_test

import (
	"io/fs"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

var goBlock = regexp.MustCompile("(?ms)^[ \t]*```go\\b[^\n]*\n(.*?)^[ \t]*```[ \t]*$")

// unmatchedBlocks returns the Go blocks of README.md that stand in no test file and no example
// program, where the compiler would have seen them. Indentation does not count.
func unmatchedBlocks(repo fs.FS) ([]string, error) {
	readme, err := fs.ReadFile(repo, "README.md")
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	compiled, err := compiledCode(repo)
	if err != nil {
		return nil, err
	}
	var unmatched []string
	for _, block := range goBlock.FindAllStringSubmatch(string(readme), -1) {
		if !strings.Contains(compiled, "\n"+unindent(block[1])+"\n") {
			unmatched = append(unmatched, block[1])
		}
	}
	return unmatched, nil
}

func compiledCode(repo fs.FS) (string, error) {
	var code strings.Builder
	err := fs.WalkDir(repo, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if name != "." && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "testdata") {
				return fs.SkipDir
			}
			return nil
		}
		example := strings.HasPrefix(name, "examples/") && path.Ext(name) == ".go"
		if !example && !strings.HasSuffix(name, "_test.go") {
			return nil
		}
		text, err := fs.ReadFile(repo, name)
		code.WriteString("\n" + unindent(string(text)) + "\n")
		return err
	})
	return code.String(), err
}

func unindent(code string) string {
	lines := strings.Split(strings.TrimSpace(code), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimSpace(line)
	}
	return strings.Join(lines, "\n")
}

func TestREADMECodeIsCompiled(t *testing.T) {
	t.Parallel()
	unmatched, err := unmatchedBlocks(os.DirFS("."))
	require.NoError(t, err)
	require.Empty(t, unmatched, "put each block into an Example function or a program under examples")
}

func TestUnmatchedBlocks(t *testing.T) {
	t.Parallel()
	const block = "if ready {\n\tsave()\n}\n"
	readme := "# Title\n\n```go\n" + block + "```\n\n```sh\ngo get x\n```\n"
	for _, tc := range []struct {
		name  string
		files map[string]string
		want  []string
	}{
		{"no README", nil, nil},
		{"no blocks", map[string]string{"README.md": "# Title\n"}, nil},
		{"nowhere", map[string]string{"README.md": readme}, []string{block}},
		{"not a test", map[string]string{"README.md": readme, "save.go": block}, []string{block}},
		{"other code", map[string]string{"README.md": readme, "a_test.go": "if ready {\n\tskip()\n}\n"}, []string{block}},
		{"part of a line", map[string]string{"README.md": readme, "a_test.go": "if ready {\nsave()\n}()\n"}, []string{block}},
		{"in a test", map[string]string{"README.md": readme, "webhook/a_test.go": "func f() {\n\tif ready {\n\t\tsave()\n\t}\n}\n"}, nil},
		{"in an example", map[string]string{"README.md": readme, "examples/a/main.go": block}, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			repo := fstest.MapFS{}
			for name, text := range tc.files {
				repo[name] = &fstest.MapFile{Data: []byte(text)}
			}
			got, err := unmatchedBlocks(repo)
			require.NoError(t, err)
			require.Equal(t, tc.want, got)
		})
	}
}
