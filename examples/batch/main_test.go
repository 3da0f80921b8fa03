package main

import (
	"context"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/modelslabtest"
)

func TestBatch(t *testing.T) {
	t.Parallel()
	prompts, err := readPrompts(nil)
	require.NoError(t, err)
	require.Len(t, prompts, 100)
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		server := modelslabtest.NewServer(modelslabtest.WithStrict())
		defer server.Close()
		var out strings.Builder
		client := server.Client(modelslab.WithQueueLimit(modelslab.PayAsYouGo))
		require.Zero(t, run(t.Context(), t.Context(), client, prompts, dir, &out))
		require.Equal(t, 100, strings.Count(out.String(), "\n"))
		require.Equal(t, 100, server.Stats().Submits)
	})
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, files, 100)
}

func TestInterrupts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		server := modelslabtest.NewServer(modelslabtest.WithStrict(), modelslabtest.WithLatency(10*time.Second))
		defer server.Close()
		interrupted, stop := context.WithCancel(t.Context())
		time.AfterFunc(15*time.Second, stop)
		ctx, leave := context.WithCancel(t.Context())
		time.AfterFunc(16*time.Second, leave)
		var out strings.Builder
		client := server.Client(modelslab.WithQueueLimit(modelslab.PayAsYouGo))
		prompts := strings.Fields(strings.Repeat("tree ", 20))
		for i := range prompts {
			prompts[i] += strings.Repeat(" more", i)
		}
		require.Equal(t, 15, run(ctx, interrupted, client, prompts, dir, &out))
		require.Equal(t, 10, server.Stats().Submits)
		require.Equal(t, 5, strings.Count(out.String(), "stopped waiting for job images/"))
	})
}
