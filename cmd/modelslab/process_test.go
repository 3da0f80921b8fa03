//go:build unix

package main

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/modelslab-go/modelslab/modelslabtest"
	"github.com/stretchr/testify/require"
)

// child is the command in a process of its own.
type child struct {
	*exec.Cmd

	lines *bufio.Scanner
	out   strings.Builder
	err   strings.Builder
}

func start(t *testing.T, server *modelslabtest.Server, args ...string) *child {
	t.Helper()
	c := &child{Cmd: exec.CommandContext(t.Context(), os.Args[0], args...)}
	c.Env = []string{asCommand + "=1", "MODELSLAB_API_KEY=" + testKey, "MODELSLAB_BASE_URL=" + server.URL()}
	c.Stderr = &c.err
	_, err := c.StdinPipe() // its end, with this process, ends the child
	require.NoError(t, err)
	stdout, err := c.StdoutPipe()
	require.NoError(t, err)
	c.lines = bufio.NewScanner(stdout)
	require.NoError(t, c.Start())
	return c
}

// until reads lines of output up to one that begins so.
func (c *child) until(t *testing.T, begin string) string {
	t.Helper()
	for c.lines.Scan() {
		c.out.WriteString(c.lines.Text() + "\n")
		if strings.HasPrefix(c.lines.Text(), begin) {
			return c.lines.Text()
		}
	}
	_ = c.Wait() // the error output is whole then
	require.Fail(t, "there is no line "+begin, c.out.String()+c.err.String())
	return ""
}

// end reads the rest and returns the exit code.
func (c *child) end(t *testing.T) int {
	t.Helper()
	for c.lines.Scan() {
		c.out.WriteString(c.lines.Text() + "\n")
	}
	_ = c.Wait() // the state has the exit code
	require.NotContains(t, c.out.String()+c.err.String(), testKey)
	return c.ProcessState.ExitCode()
}

func TestInterruptedRunLeavesTheRef(t *testing.T) {
	t.Parallel()
	server := newServer(t, modelslabtest.WithLatency(time.Hour))
	c := start(t, server, "run", "text2img", "model_id=flux", "prompt=x", "--save", t.TempDir())
	ref := c.until(t, "images/")
	require.NoError(t, c.Process.Signal(os.Interrupt))
	require.Equal(t, exitInterrupted, c.end(t))
	require.Equal(t, "modelslab: interrupted, and the job goes on; wait for it with: modelslab wait "+ref+"\n", c.err.String())
	require.Equal(t, ref+"\n", c.out.String())
	require.Equal(t, 1, server.Stats().Submits)
}

// The interrupt comes while the answer to the submit is awaited.
func TestInterruptedSubmitLeavesTheRef(t *testing.T) {
	t.Parallel()
	server := newServer(t, modelslabtest.WithLatency(time.Hour))
	sent := make(chan struct{})
	server.Script(func(r *modelslabtest.Request) *modelslabtest.Fault {
		if r.Call != modelslabtest.Submit {
			return nil
		}
		close(sent)
		return &modelslabtest.Fault{Slow: time.Second}
	})
	c := start(t, server, "run", "text2img", "model_id=flux", "prompt=x")
	<-sent
	require.NoError(t, c.Process.Signal(os.Interrupt))
	ref := c.until(t, "images/")
	require.Equal(t, exitInterrupted, c.end(t))
	require.Contains(t, c.err.String(), "its answer is awaited, so that the job is not lost")
	require.Contains(t, c.err.String(), "modelslab wait "+ref)
	require.Equal(t, 1, server.Stats().Submits)
}

// list writes a file of n sounds, of which no thumbnails have to be made.
func list(t *testing.T, n int) string {
	t.Helper()
	var lines strings.Builder
	for i := range n {
		fmt.Fprintf(&lines, "Bell number %d\n", i)
	}
	name := filepath.Join(t.TempDir(), "list.txt")
	require.NoError(t, os.WriteFile(name, []byte(lines.String()), 0o600))
	return name
}

// finish runs a batch to its end and returns its output.
func finish(t *testing.T, server *modelslabtest.Server, args ...string) (*child, int) {
	t.Helper()
	c := start(t, server, args...)
	return c, c.end(t)
}

func TestInterruptedBatchGoesOn(t *testing.T) {
	t.Parallel()
	server := newServer(t, modelslabtest.WithLatency(200*time.Millisecond))
	dir := t.TempDir()
	args := []string{"batch", list(t, 30), "sfx", "duration=8", "--out", dir}
	c := start(t, server, args...)
	c.until(t, "7/30")
	require.NoError(t, c.Process.Signal(os.Interrupt))
	c.until(t, "stopping:")
	require.NoError(t, c.Process.Signal(os.Interrupt))
	require.Equal(t, exitInterrupted, c.end(t))
	require.Contains(t, c.err.String(), "the same command goes on")
	require.Less(t, server.Stats().Submits, 30)
	require.FileExists(t, filepath.Join(dir, "index.html"))

	again, code := finish(t, server, args...)
	require.Zero(t, code, again.err.String())
	require.Contains(t, again.out.String(), "30 of 30 saved, 0 failed")
	requireSounds(t, dir, 30)
	require.Equal(t, 30, server.Stats().Submits)
	require.Zero(t, server.Stats().Refused)
}

// A kill leaves some requests of which nobody knows whether they were sent.
// They are not sent again.
func TestKilledBatchGoesOn(t *testing.T) {
	t.Parallel()
	server := newServer(t, modelslabtest.WithLatency(200*time.Millisecond), modelslabtest.WithQueueLimit(0))
	dir := t.TempDir()
	args := []string{"batch", list(t, 30), "sfx", "duration=8", "--out", dir}
	c := start(t, server, args...)
	c.until(t, "7/30")
	require.NoError(t, c.Process.Kill())
	require.Equal(t, -1, c.end(t))
	require.NotZero(t, server.Stats().Submits)

	again, _ := finish(t, server, args...)
	saved := regexp.MustCompile(`(\d+) of 30 saved, (\d+) failed`).FindStringSubmatch(again.out.String())
	require.NotNil(t, saved, again.out.String()+again.err.String())
	var done, lost int
	_, err := fmt.Sscan(saved[1]+" "+saved[2], &done, &lost)
	require.NoError(t, err)
	require.Equal(t, 30, done+lost)
	require.LessOrEqual(t, lost, 5, "those that were on their way")
	requireSounds(t, dir, done)
	require.LessOrEqual(t, server.Stats().Submits, 30, "nothing is sent twice")
}

func requireSounds(t *testing.T, dir string, n int) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.wav"))
	require.NoError(t, err)
	require.Len(t, files, n)
	journal, err := os.ReadFile(filepath.Join(dir, "batch.jsonl"))
	require.NoError(t, err)
	require.NotContains(t, string(journal), testKey)
}

func TestEmulator(t *testing.T) {
	t.Parallel()
	c := start(t, newServer(t), "emulator", "--addr", "127.0.0.1:0", "--latency", "0s")
	base := regexp.MustCompile(`http://\S+/api`).FindString(c.until(t, "ModelsLab emulator on"))
	resp, err := http.Post(base+"/v6/video/text2video", "application/json", strings.NewReader(`{"key":"k","model_id":"cogvideox","prompt":"a ship"}`))
	require.NoError(t, err)
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Contains(t, string(text), `"success"`)
	require.NoError(t, c.Process.Signal(syscall.SIGTERM))
	require.Zero(t, c.end(t))
	require.Contains(t, c.out.String(), "POST /api/v6/video/text2video 200 OK")

	got := invoke(t, "emulator", "--faults", "rain=1")
	require.Equal(t, exitFailed, got.code)
	require.Contains(t, got.err, "unknown fault; want")
}
