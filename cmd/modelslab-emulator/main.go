// Command modelslab-emulator is a ModelsLab API on this machine, for programs
// in any language: point a client at the base URL that it prints.
//
//	modelslab-emulator [-addr host:port] [-key key] [-queue-limit n]
//		[-latency duration] [-faults spec] [-seed n] [-sequential] [-spam-filter] [-strict] [-quiet]
//
// Jobs take as long as -latency says: one duration for all, or one a kind,
// "2s,video=20s,training=5s". With -faults things go wrong at random, each with
// a probability, "lost=0.1,dup=0.2,5xx=0.05"; the faults are
//
//	lost dup late early reorder progress   what happens to webhooks
//	fail never                             what happens to jobs
//	slow stall reset                       what happens to answers
//	5xx 521 429 401 402 403 html error     what is answered in their place
//
// It answers all that clients of the API are known to send; with -strict it
// refuses what the API's documentation does not have. Webhooks go to loopback only. An interrupt ends it.
//
// The command modelslab has it as modelslab emulator.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/modelslab-go/modelslab/modelslabtest/emulator"
)

func main() {
	fmt.Fprintln(os.Stderr, "modelslab-emulator: the command modelslab has this as: modelslab emulator")
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "modelslab-emulator:", err)
		os.Exit(1)
	}
}

// run serves until ctx ends.
func run(ctx context.Context, args []string, out io.Writer) error {
	var c emulator.Config
	flags := flag.NewFlagSet("modelslab-emulator", flag.ContinueOnError)
	flags.SetOutput(out)
	addr := flags.String("addr", "127.0.0.1:8787", "`address` to listen on")
	flags.StringVar(&c.Key, "key", "", "API `key` to accept; empty accepts any")
	flags.IntVar(&c.QueueLimit, "queue-limit", 5, "jobs the account may have open; 0 is no limit")
	flags.StringVar(&c.Latency, "latency", "2s", "how long jobs take: `duration`, or kind=duration, separated by commas")
	flags.StringVar(&c.Faults, "faults", "", "what goes wrong, as `fault=probability`, separated by commas")
	flags.Uint64Var(&c.Seed, "seed", 1, "of the faults; the same seed gives the same faults")
	flags.BoolVar(&c.Sequential, "sequential", false, "run one job at a time")
	flags.BoolVar(&c.SpamFilter, "spam-filter", false, "refuse a submit that equals one of the last 30 seconds")
	flags.BoolVar(&c.Strict, "strict", false, "refuse what the API's documentation does not have")
	quiet := flags.Bool("quiet", false, "do not print every request")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("%q is no flag: it takes nothing else", flags.Arg(0))
	}
	if !*quiet {
		c.Log = out
	}
	return c.Run(ctx, *addr, out)
}
