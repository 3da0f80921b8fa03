//go:build unix

package progress

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/modelslab-go/modelslab"
	"github.com/stretchr/testify/require"
)

// show plays n jobs, two at a time, the third of which fails.
func show(d Display, n int) {
	job := func(i int) Job { return Job{i, fmt.Sprintf("Study number %d", i)} }
	ref := func(i int) modelslab.Ref { return modelslab.Ref{Kind: modelslab.KindVideo, ID: fmt.Sprint(i)} }
	for i := range n + 1 {
		if i < n {
			d.Opened(job(i), ref(i), 1500*time.Millisecond)
		}
		switch i {
		case 0:
		case 3:
			d.Closed(job(2))
			d.Ended(job(2), "failed 003: out of memory", true)
		default:
			d.Ended(job(i-1), fmt.Sprintf("saved %d.mp4", i-1), false)
		}
	}
	d.Say("that is all")
	d.Close()
}

// screen returns what a display on a terminal has drawn when f is done.
func screen(t *testing.T, f func(w io.Writer)) string {
	t.Helper()
	terminal, tty, err := pty.Open()
	require.NoError(t, err)
	require.NoError(t, pty.Setsize(tty, &pty.Winsize{Rows: 40, Cols: 120}))
	drawn := make(chan string)
	go func() {
		var all bytes.Buffer
		_, _ = io.Copy(&all, terminal) // ends with an error when the other end is closed
		drawn <- all.String()
	}()
	require.True(t, Terminal(tty))
	f(tty)
	require.NoError(t, tty.Close())
	out := <-drawn
	require.NoError(t, terminal.Close())
	return out
}

func TestBars(t *testing.T) {
	t.Parallel()
	out := screen(t, func(w io.Writer) { show(NewBars(w, 20), 20) })
	require.Contains(t, out, "\x1b[31mfailed 003: out of memory\x1b[0m", "failures are red")
	require.Contains(t, out, "\x1b[31m1 failed\x1b[0m")
	require.Contains(t, out, "that is all")
	require.Regexp(t, `all +.*━.*20/20`, out, "one bar for all, to its end")
}

func TestOneBar(t *testing.T) {
	t.Parallel()
	drawn := make(chan struct{})
	out := screen(t, func(w io.Writer) {
		d := NewBars(io.MultiWriter(w, notice{drawn}), 1)
		job := Job{Title: "video/12202888"}
		d.Opened(job, modelslab.Ref{}, 20*time.Second)
		<-drawn
		d.Closed(job)
		d.Close()
	})
	require.Contains(t, out, "video/12202888")
	require.Contains(t, out, "ETA ")
	require.NotContains(t, out, "all")
	require.Empty(t, regexp.MustCompile(`\d/1\b`).FindString(out))
}

// notice tells when a bar with an estimate was drawn.
type notice struct{ drawn chan struct{} }

func (n notice) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte("ETA")) {
		select {
		case n.drawn <- struct{}{}:
		default:
		}
	}
	return len(p), nil
}

func TestLines(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	require.False(t, Terminal(&out))
	show(NewLines(&out, 4), 4)
	require.Equal(t, `submitted Study number 0 as video/0, about 1.5 s
submitted Study number 1 as video/1, about 1.5 s
1/4 saved 0.mp4
submitted Study number 2 as video/2, about 1.5 s
2/4 saved 1.mp4
submitted Study number 3 as video/3, about 1.5 s
3/4 failed 003: out of memory
4/4 saved 3.mp4
that is all
`, out.String())
	show(Silent{}, 4)
	require.Equal(t, "1m30s", Seconds(90*time.Second))
}
