package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/modelslab-go/modelslab/modelslabtest"
	"github.com/stretchr/testify/require"
)

// newServer is an API that takes the key of the tests.
func newServer(t *testing.T, opts ...modelslabtest.Option) *modelslabtest.Server {
	t.Helper()
	server := modelslabtest.NewServer(append([]modelslabtest.Option{
		modelslabtest.WithStrict(), modelslabtest.WithKey(testKey), modelslabtest.WithLatency(10 * time.Millisecond),
	}, opts...)...)
	t.Cleanup(server.Close)
	return server
}

func TestRun(t *testing.T) {
	t.Parallel()
	server, dir := newServer(t), t.TempDir()
	house := filepath.Join(dir, "house.png")
	require.NoError(t, os.WriteFile(house, picture, 0o600))
	out := filepath.Join(dir, "out")
	got := invoke(t, "run", "img2img", "model_id=flux", "prompt=at night", "init_image=@"+house, "--track-id", "night-1",
		"--webhook", "https://example.com/hook", "--save", out, "--base-url", server.URL())
	require.Zero(t, got.code, got.err)
	require.Empty(t, got.err, "no progress where there is no terminal")
	lines := strings.Split(strings.TrimSpace(got.out), "\n")
	require.Len(t, lines, 2)
	require.Regexp(t, `^images/\d+$`, lines[0])
	require.FileExists(t, lines[1])
	require.Equal(t, out, filepath.Dir(lines[1]))
	require.Equal(t, 1, server.Accepted("night-1"))
	for _, r := range server.Requests() {
		if r.Call == modelslabtest.Submit {
			require.Contains(t, string(r.Body), "https://example.com/hook")
		}
	}

	again := invoke(t, "fetch", lines[0], "--base-url", server.URL())
	require.Zero(t, again.code, again.err)
	require.Regexp(t, `^success\nhttp\S+\n$`, again.out)
	again = invoke(t, "wait", lines[0], "--base-url", server.URL(), "--json")
	require.Zero(t, again.code, again.err)
	require.Contains(t, again.out, `"status":"success"`)
	again = invoke(t, "save", lines[0], filepath.Join(dir, "again"), "--base-url", server.URL())
	require.Zero(t, again.code, again.err)
	require.FileExists(t, strings.TrimSpace(again.out))
	require.Equal(t, 1, server.Stats().Submits)
}

func TestRunWithFileOnStandardInput(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	env := map[string]string{"MODELSLAB_API_KEY": testKey, "MODELSLAB_BASE_URL": server.URL()}
	got := invokeWith(t, strings.NewReader(string(picture)), env, "run", "img2img", "model_id=flux", "prompt=x", "init_image=-", "--no-wait")
	require.Zero(t, got.code, got.err)
	require.Regexp(t, `^images/\d+\n$`, got.out)
}

func TestRunJSON(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	got := invoke(t, "run", "text2video", "model_id=cogvideox", "prompt=x", "--json", "--base-url", server.URL())
	require.Zero(t, got.code, got.err)
	lines := strings.Split(strings.TrimSpace(got.out), "\n")
	require.Len(t, lines, 2)
	var first, last report
	require.NoError(t, json.Unmarshal([]byte(lines[0]), &first))
	require.NoError(t, json.Unmarshal([]byte(lines[1]), &last))
	require.EqualValues(t, "processing", first.Status)
	require.EqualValues(t, "success", last.Status)
	require.Equal(t, first.Ref, last.Ref)
	require.NotEmpty(t, first.TrackID)
	require.Len(t, last.Output, 1)
}

func TestRunInTheEmulator(t *testing.T) {
	t.Parallel()
	got := invokeWith(t, nil, nil, "run", "caption", "init_image=https://example.com/a.png", "--emulator")
	require.Zero(t, got.code, got.err)
	require.Regexp(t, `^image_editing/\d+\n\S+`, got.out, "the text is the result")
}

func TestFailures(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		fault modelslabtest.Fault
		args  string
		out   string
		err   string
	}{
		{
			"the job fails",
			modelslabtest.Fault{Fail: "CUDA out of memory"},
			"", `^images/\d+\n$`,
			`^modelslab: .*job images/\d+ failed: CUDA out of memory\n$`,
		},
		{
			"the request is refused", modelslabtest.Refused(402, "Insufficient credits"), "", `^$`,
			`Insufficient credits`,
		},
		{
			"the answer is lost", modelslabtest.LostAnswer(), "", `^$`,
			`outcome unknown, a job with track id "t-1" may run`,
		},
		{
			"it takes too long",
			modelslabtest.Fault{Never: true},
			"--timeout 50ms", `^images/\d+\n$`,
			`\nwait for it with: modelslab wait images/\d+\n$`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := newServer(t)
			server.Next(modelslabtest.Submit, tt.fault)
			got := invoke(t, append([]string{
				"run", "text2img", "model_id=flux", "prompt=x", "--track-id=t-1", "--base-url", server.URL(),
			}, strings.Fields(tt.args)...)...)
			require.Equal(t, exitFailed, got.code)
			require.Regexp(t, tt.out, got.out)
			require.Regexp(t, tt.err, got.err)
			require.LessOrEqual(t, server.Accepted("t-1"), 1)
		})
	}
}

func TestFetchOfAFailedJob(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	server.Next(modelslabtest.Submit, modelslabtest.Fault{Fail: "CUDA out of memory"})
	got := invoke(t, "run", "text2img", "model_id=flux", "prompt=x", "--base-url", server.URL())
	ref := strings.TrimSpace(got.out)
	got = invoke(t, "fetch", ref, "--base-url", server.URL())
	require.Zero(t, got.code, got.err)
	require.Equal(t, "failed: CUDA out of memory\n", got.out)
	got = invoke(t, "save", ref, t.TempDir(), "--base-url", server.URL())
	require.Equal(t, exitFailed, got.code)
	got = invoke(t, "wait", "video/1", "--base-url", server.URL())
	require.Equal(t, exitFailed, got.code)
	require.Contains(t, got.err, "no such job under this kind: video/1")
}

func TestAccount(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	got := invoke(t, "balance", "--base-url", server.URL())
	require.Zero(t, got.code, got.err)
	require.Regexp(t, `^\d+\.\d\d USD\n$`, got.out)
	got = invoke(t, "models", "flux", "--base-url", server.URL())
	require.Zero(t, got.code, got.err)
	require.Regexp(t, `(?m)^flux +\S`, got.out)
	got = invoke(t, "models", "--json", "--base-url", server.URL())
	require.Zero(t, got.code, got.err)
	require.True(t, json.Valid([]byte(strings.Split(got.out, "\n")[0])))
}

func TestNoKey(t *testing.T) {
	t.Parallel()
	for _, args := range []string{
		"run text2img model_id=flux prompt=x", "wait video/1", "fetch video/1", "save video/1 out", "balance", "models",
	} {
		got := invokeWith(t, nil, nil, strings.Fields(args)...)
		require.Equal(t, exitFailed, got.code)
		require.Empty(t, got.out)
		require.Equal(t, "modelslab: "+errNoKey.Error()+"\n", got.err)
	}
	got := invokeWith(t, nil, map[string]string{"MODELSLAB_API_KEY": "wrong-" + testKey[:5]}, "balance", "--base-url", newServer(t).URL())
	require.Equal(t, exitFailed, got.code)
	require.NotContains(t, got.err, "wrong-")
}

func TestRefusedArguments(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ args, want string }{
		{"run", `expected "<operation>`},
		{"run text2mig", "did you mean text2img?"},
		{"run text2img promt=x", "promt: there is no such parameter: did you mean prompt?"},
		{"run text2img model_id=flux", "text2img wants prompt: modelslab endpoints text2img lists its parameters"},
		{"run text2img prompt", `"prompt" is no parameter: want name=value`},
		{"run text2img track_id=a --track-id b", "track_id: it is given more than once"},
		{"run text2img prompt=x --json key=secret-text", "unexpected argument key: parameters stand together"},
		{"run img2img init_image=@nowhere.png", "init_image: stat nowhere.png"},
		{"run img2img init_image=@.", "init_image: . is no file"},
		{"run img2img init_image=main.go", "did you mean @main.go?"},
		{"run img2img init_image=-", "init_image: there is nothing on standard input"},
		{"run text2img --no-wait --save out", "--no-wait does not wait"},
		{"run text2img --no-wait --emulator", "--emulator forgets the job"},
		{"run text2img --emulator --base-url http://127.0.0.1:1/api", "give one"},
		{"run text2img key=secret-text", "key: the API key is no parameter"},
		{"run text2img --timeout=-1s", "want a duration of more than 0"},
		{"run text2img model_id=a prompt=b --base-url http://example.com/api", "plain HTTP would show the API key"},
		{"wait 12", `"12" is not a job reference`},
		{"wait video/1 video/2", "unexpected argument video/2"},
		{"fetch video/1 --emulator", "--emulator starts without jobs"},
		{"save video/1", `expected "<dir>"`},
		{"balance now", "unexpected argument now"},
		{"models flux now", "unexpected argument now"},
		{"batch --limit 0", "--limit 0: want 1 or more"},
		{"batch --emulator", "give the file"},
		{"batch nowhere.txt", "open nowhere.txt"},
		{"batch main.go text2mig", "did you mean text2img?"},
		{"emulator now", "unexpected argument now"},
		{"emulator --queue-limit=-1", "--queue-limit -1: want 0"},
	} {
		t.Run(tt.args, func(t *testing.T) {
			t.Parallel()
			got := invoke(t, strings.Fields(tt.args)...)
			require.Equal(t, exitUsage, got.code, got.err)
			require.Empty(t, got.out)
			require.Contains(t, got.err, tt.want)
			require.NotContains(t, got.err, "secret-text")
		})
	}
}
