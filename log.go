package modelslab

import (
	"context"
	"log/slog"
)

// logger is the part of *slog.Logger that is used. It is an interface so that a
// program without [WithLogger] does not link package slog.
type logger interface {
	Enabled(ctx context.Context, level slog.Level) bool
	Debug(msg string, args ...any)
	DebugContext(ctx context.Context, msg string, args ...any)
	Warn(msg string, args ...any)
	WarnContext(ctx context.Context, msg string, args ...any)
}

// silence is the logger of a client without one.
type silence struct{}

func (silence) Enabled(context.Context, slog.Level) bool     { return false }
func (silence) Debug(string, ...any)                         {}
func (silence) DebugContext(context.Context, string, ...any) {}
func (silence) Warn(string, ...any)                          {}
func (silence) WarnContext(context.Context, string, ...any)  {}
