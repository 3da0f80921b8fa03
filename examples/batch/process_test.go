//go:build unix

package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/modelslab-go/modelslab/modelslabtest"
	"github.com/stretchr/testify/require"
)

// TestTheProgram builds the program, interrupts it twice with real signals, and
// resumes it.
func TestTheProgram(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	program := filepath.Join(dir, "batch")
	text, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, ".").CombinedOutput()
	require.NoError(t, err, string(text))
	srv := modelslabtest.NewServer(modelslabtest.WithStrict(), modelslabtest.WithLatency(300*time.Millisecond))
	defer srv.Close()
	prompts := filepath.Join(dir, "list.txt")
	var list strings.Builder
	for i := range 40 {
		fmt.Fprintf(&list, "sound: Bell number %d\n", i)
	}
	require.NoError(t, os.WriteFile(prompts, []byte(list.String()), 0o600))

	cmd := exec.CommandContext(t.Context(), program, "-server", srv.URL(), prompts)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "MODELSLAB_API_KEY=test-key")
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	var out strings.Builder
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		line := lines.Text()
		out.WriteString(line + "\n")
		if strings.HasPrefix(line, "7/40") || strings.HasPrefix(line, "stopping:") {
			require.NoError(t, cmd.Process.Signal(syscall.SIGINT))
		}
	}
	err = cmd.Wait()
	require.Error(t, err, "it did not do all: %s", out.String())
	require.Equal(t, 1, cmd.ProcessState.ExitCode())
	require.Contains(t, out.String(), "leaving: only the answers of submits under way are awaited")
	require.Less(t, srv.Stats().Submits, 40)
	require.FileExists(t, filepath.Join(dir, "out", "resume.json"))
	require.FileExists(t, filepath.Join(dir, "out", "index.html"))

	cmd = exec.CommandContext(t.Context(), program, "-server", srv.URL(), "-resume")
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "MODELSLAB_API_KEY=test-key")
	text, err = cmd.CombinedOutput()
	require.NoError(t, err, string(text))
	require.Contains(t, string(text), "40 of 40 saved, 0 failed")
	require.NoFileExists(t, filepath.Join(dir, "out", "resume.json"))
	files, err := filepath.Glob(filepath.Join(dir, "out", "*.wav"))
	require.NoError(t, err)
	require.Len(t, files, 40)
	stats := srv.Stats()
	require.Equal(t, 40, stats.Submits)
	require.Zero(t, stats.Refused)
}
