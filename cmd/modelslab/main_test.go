package main

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// picture is a PNG of one pixel.
var picture = []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00:~\x9bU\x00\x00\x00\nIDATx\x9cc`\x00\x00\x00\x02\x00\x01H\xaf\xa4q\x00\x00\x00\x00IEND\xaeB`\x82")

const testKey = "a-key-that-no-output-may-show"

// ended is what a command left.
type ended struct {
	out, err string
	code     int
}

// invoke runs a command in this process, with a key in its environment.
func invoke(t *testing.T, args ...string) ended {
	t.Helper()
	return invokeWith(t, strings.NewReader(""), map[string]string{"MODELSLAB_API_KEY": testKey}, args...)
}

func invokeWith(t *testing.T, in io.Reader, env map[string]string, args ...string) ended {
	t.Helper()
	var out, errOut bytes.Buffer
	p := &program{in: in, out: &out, err: &errOut, getenv: func(name string) string { return env[name] }}
	e := ended{code: p.run(t.Context(), args)}
	e.out, e.err = out.String(), errOut.String()
	require.NotContains(t, e.out+e.err, testKey)
	return e
}

// asCommand makes the test binary the command itself.
const asCommand = "MODELSLAB_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin) // a pipe that the test holds
			os.Exit(exitFailed)
		}()
		main()
	}
	flag.Parse()
	_ = os.Unsetenv("COLUMNS") // help is as wide as the terminal
	os.Exit(m.Run())
}

var update = flag.Bool("update", false, "write the golden help texts anew")

// commands are the names of all commands.
func commands() []string {
	var names []string
	for f := range reflect.TypeFor[grammar]().Fields() {
		names = append(names, strings.ToLower(f.Name))
	}
	return names
}

// The help of every command is kept in testdata/help; go test -update writes it.
func TestHelp(t *testing.T) {
	t.Parallel()
	for _, name := range append(commands(), "") {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := invoke(t, append(strings.Fields(name), "-h")...)
			require.Zero(t, got.code)
			require.Empty(t, got.err)
			golden := filepath.Join("testdata", "help", "modelslab-"+name+".txt")
			if *update {
				require.NoError(t, os.WriteFile(golden, []byte(got.out), 0o600))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			require.Equal(t, string(want), got.out)
		})
	}
}

func TestUsageErrors(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ args, want string }{
		{"", `expected one of `},
		{"verson", `did you mean "version"?`},
		{"--nothing", `unknown flag --nothing`},
		{"version now", `unexpected argument now`},
		{"endpoints text2img now", `unexpected argument now`},
		{"endpoints text2image", `there is no operation "text2image": did you mean text2img`},
	} {
		t.Run(tt.args, func(t *testing.T) {
			t.Parallel()
			got := invoke(t, strings.Fields(tt.args)...)
			require.Equal(t, exitUsage, got.code)
			require.Empty(t, got.out)
			require.Contains(t, got.err, tt.want)
		})
	}
}

func TestEndpoints(t *testing.T) {
	t.Parallel()
	all := invoke(t, "endpoints")
	require.Zero(t, all.code, all.err)
	require.Regexp(t, `(?m)^text2video +Video.TextToVideo +POST /v6/video/text2video$`, all.out)
	require.Regexp(t, `(?m)^realtime/text2img +Image.RealtimeTextToImage `, all.out)

	some := invoke(t, "endpoints", "faceswap")
	require.Zero(t, some.code, some.err)
	require.Len(t, strings.Split(strings.TrimSpace(some.out), "\n"), 5)

	one := invoke(t, "endpoints", "Video.ImageToVideo")
	require.Zero(t, one.code, one.err)
	require.Regexp(t, `(?m)^init_image +file +required$`, one.out)
	require.Regexp(t, `(?m)^num_frames +whole number$`, one.out)
}

func TestVersion(t *testing.T) {
	t.Parallel()
	got := invoke(t, "version")
	require.Zero(t, got.code)
	require.Regexp(t, `^modelslab \S+, package \d+\.\d+\.\d+\S*, go\S+\n$`, got.out)
}
