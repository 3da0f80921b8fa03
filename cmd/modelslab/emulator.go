package main

import (
	"context"
	"fmt"

	"github.com/modelslab-go/modelslab/modelslabtest/emulator"
)

type emulatorCommand struct {
	Addr       string `default:"127.0.0.1:8787" placeholder:"HOST:PORT" help:"Address to listen on. Defaults to 127.0.0.1:8787."`
	Key        string `placeholder:"KEY" help:"API key to accept. Defaults to any."`
	QueueLimit int    `name:"queue-limit" default:"5" placeholder:"N" help:"How many jobs the account may have open, 0 for any number. Defaults to 5."`
	Latency    string `default:"2s" placeholder:"SPEC" help:"How long jobs take: a duration, and kind=duration for some, with commas. Defaults to 2s."`
	Faults     string `placeholder:"SPEC" help:"What goes wrong: fault=probability, with commas."`
	Seed       uint64 `default:"1" placeholder:"N" help:"The same seed gives the same faults. Defaults to 1."`
	Sequential bool   `help:"Run one job at a time."`
	SpamFilter bool   `name:"spam-filter" help:"Refuse a submit that equals one of the last 30 seconds."`
	Strict     bool   `help:"Refuse what the API's documentation does not have."`
	Quiet      bool   `short:"q" help:"Do not print every request."`
}

// Help is what -h says beyond the flags.
func (*emulatorCommand) Help() string {
	return `Serves the ModelsLab API on this machine, for programs in any language: point a client at the base URL that is printed.
Webhooks go to loopback only. The faults are

    lost dup late early reorder progress   what happens to webhooks
    fail never                             what happens to jobs
    slow stall reset                       what happens to answers
    5xx 521 429 401 402 403 html error     what is answered in their place

    modelslab emulator --latency 2s,video=20s --faults lost=0.1,dup=0.2,5xx=0.05`
}

// Validate refuses a limit that is none.
func (c *emulatorCommand) Validate() error {
	if c.QueueLimit < 0 {
		return fmt.Errorf("--queue-limit %d: want 0, for any number, or more", c.QueueLimit)
	}
	return nil
}

// Run serves until it is interrupted.
func (c *emulatorCommand) Run(ctx context.Context, p *program) error {
	config := emulator.Config{
		Key: c.Key, QueueLimit: c.QueueLimit, Latency: c.Latency, Faults: c.Faults, Seed: c.Seed,
		Sequential: c.Sequential, SpamFilter: c.SpamFilter, Strict: c.Strict,
	}
	if !c.Quiet {
		config.Log = p.out
	}
	return config.Run(ctx, c.Addr, p.out)
}
