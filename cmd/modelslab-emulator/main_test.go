package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/modelslabtest"
)

func TestServesUntilInterrupted(t *testing.T) {
	t.Parallel()
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	r, w := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, []string{"-addr", "127.0.0.1:0", "-latency", "0s", "-key", "k", "-strict"}, w)
		_ = w.Close()
	}()
	lines := bufio.NewScanner(r)
	require.True(t, lines.Scan())
	require.Contains(t, lines.Text(), "the API key k")
	base := regexp.MustCompile(`http://\S+/api`).FindString(lines.Text())
	var log strings.Builder
	logged := make(chan struct{})
	go func() {
		defer close(logged)
		for lines.Scan() {
			log.WriteString(lines.Text() + "\n")
		}
	}()
	transport := &http.Transport{}
	client, err := modelslab.New("k", modelslab.WithBaseURL(base), modelslab.WithHTTPClient(&http.Client{Transport: transport}))
	require.NoError(t, err)
	job, err := client.Video.TextToVideo(ctx, &modelslab.TextToVideoRequest{ModelID: "cogvideox", Prompt: "a ship"})
	require.NoError(t, err)
	require.Equal(t, modelslab.StatusSuccess, job.Status)
	_, err = client.Submit(ctx, &modelslab.RawRequest{Path: "/v7/images/upscale"})
	require.ErrorIs(t, err, modelslab.ErrNotFound) // strict
	transport.CloseIdleConnections()
	interrupt()
	require.NoError(t, <-ended)
	<-logged
	require.Regexp(t, `POST /api/v6/video/text2video 200 OK`, log.String())
}

func TestBadFlags(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"-latency", "soon"},
		{"-latency", "video=-1s"},
		{"-faults", "rain=0.1"},
		{"-faults", "lost"},
		{"-faults", "lost=2"},
		{"-faults", "lost=NaN"},
		{"-addr", "nowhere"},
		{"-unknown"},
	} {
		require.Error(t, run(t.Context(), args, io.Discard), strings.Join(args, " "))
	}
}

func TestLatencySpec(t *testing.T) {
	t.Parallel()
	f, err := parseLatency("3s, video=20s,v7/voice=0s")
	require.NoError(t, err)
	for kind, want := range map[string]time.Duration{"images": 3 * time.Second, "video": 20 * time.Second, "v7/voice": 0} {
		require.Equal(t, want, f(&modelslabtest.Request{Kind: kind}))
	}
}

func TestFaultSpec(t *testing.T) {
	t.Parallel()
	count := func(spec string, call modelslabtest.Call, hit func(*modelslabtest.Fault) bool) (n int) {
		t.Helper()
		script, err := parseFaults(spec, 7)
		require.NoError(t, err)
		for range 1000 {
			if hit(script(&modelslabtest.Request{Call: call})) {
				n++
			}
		}
		return n
	}
	lost := func(f *modelslabtest.Fault) bool { return f.Lost }
	require.InDelta(t, 250, count("lost=0.25,slow=0.5", modelslabtest.Submit, lost), 60)
	first := count("lost=0.25", modelslabtest.Submit, lost)
	require.Equal(t, first, count("lost=0.25", modelslabtest.Submit, lost))
	require.Equal(t, 0, count("lost=1", modelslabtest.Fetch, lost))
	require.Equal(t, 1000, count("slow=1", modelslabtest.Fetch, func(f *modelslabtest.Fault) bool { return f.Slow > 0 }))
	for name := range mischiefs {
		zero := modelslabtest.Fault{}
		changed := count(name+"=1", modelslabtest.Submit, func(f *modelslabtest.Fault) bool {
			return f.Lost != zero.Lost || f.Duplicates+f.Progress != 0 || f.Late+f.Slow != 0 || f.Early || f.Reordered ||
				f.Fail != "" || f.Never || f.Reset || f.Status != 0 || f.Stall > 0
		})
		require.Equal(t, 1000, changed, name)
	}
}
