package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// measureSize compares the smallest program that submits a job and waits for it
// with one that does so on net/http alone.
func measureSize(ctx context.Context, _ int) ([]figure, error) {
	dir, err := os.MkdirTemp("", "benchcheck")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	var sizes [2]int64
	for i, name := range []string{"sdk", "bare"} {
		program := filepath.Join(dir, name)
		build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", program, //nolint:gosec // one of two
			"github.com/modelslab-go/modelslab/internal/footprint/"+name)
		if out, err := build.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("%w: %s", err, out)
		}
		info, err := os.Stat(program)
		if err != nil {
			return nil, err
		}
		sizes[i] = info.Size()
	}
	return []figure{{what: "bytes beyond bare net/http", spread: exactly(float64(sizes[0] - sizes[1])), bar: 280_000}}, nil
}
