package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
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
		{"stray"},
		{"-queue-limit", "-1"},
	} {
		require.Error(t, run(t.Context(), args, io.Discard), strings.Join(args, " "))
	}
}
