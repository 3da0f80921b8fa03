package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/modelslabtest"
	"github.com/stretchr/testify/require"
)

// runOn runs a batch of 20, one of which fails, on a display.
func runOn(t *testing.T, d display) {
	t.Helper()
	srv := modelslabtest.NewServer(modelslabtest.WithStrict(), modelslabtest.WithLatency(250*time.Millisecond))
	defer srv.Close()
	srv.Script(mishaps)
	b := newBatch(config{out: t.TempDir()}, films(20))
	b.client, b.display = srv.Client(modelslab.WithQueueLimit(modelslab.PayAsYouGo)), d
	require.NoError(t, b.run(nil))
}

func TestDisplayOnATerminal(t *testing.T) {
	t.Parallel()
	terminal, tty, err := pty.Open()
	require.NoError(t, err)
	require.NoError(t, pty.Setsize(tty, &pty.Winsize{Rows: 40, Cols: 120}))
	screen := make(chan []byte)
	go func() {
		var all bytes.Buffer
		_, _ = io.Copy(&all, terminal) // ends with an error when the other end is closed
		screen <- all.Bytes()
	}()
	d := newDisplay(tty, 20)
	require.IsType(t, &bars{}, d)
	runOn(t, d)
	require.NoError(t, tty.Close())
	out := string(<-screen)
	require.NoError(t, terminal.Close())

	require.Contains(t, out, "\x1b[31mfailed 013-study-number-12: modelslab: job video/", "failures are red")
	require.Contains(t, out, "\x1b[31m1 failed\x1b[0m")
	require.Contains(t, out, "ETA", "the time left is told")
	require.Regexp(t, `all +.*━.*20/20`, out, "one bar for all, to its end")
	for _, frame := range regexp.MustCompile(`\x1b\[\d+A`).Split(out, -1) {
		// Those that have just ended stay for one more frame.
		require.LessOrEqual(t, strings.Count(frame, "Study number"), 2*modelslab.PayAsYouGo, "one line for each open job")
	}
	require.Contains(t, out, " 20 Study number 19")
}

func TestDisplayInAPipe(t *testing.T) {
	t.Parallel()
	file, err := os.Create(filepath.Join(t.TempDir(), "log"))
	require.NoError(t, err)
	defer file.Close()
	d := newDisplay(file, 20)
	require.IsType(t, &lines{}, d)
	runOn(t, d)
	text, err := os.ReadFile(file.Name())
	require.NoError(t, err)
	require.NotContains(t, string(text), "\x1b")
	require.NotContains(t, string(text), "\r")
	require.Regexp(t, `(?m)^submitted 001-study-number-0 as video/12202\d+, about 0\.\d s$`, string(text))
	require.Regexp(t, `(?m)^20/20 saved \d{3}-study-number-\d+.mp4 after \d\.\d s$`, string(text))
	require.Regexp(t, `(?m)^\d+/20 failed 013-study-number-12: .*CUDA out of memory$`, string(text))
	require.Len(t, strings.Split(strings.TrimSpace(string(text)), "\n"), 40)
}
