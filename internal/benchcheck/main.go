// Benchcheck measures what this library costs beside the plainest code for the same
// work, and fails when a figure misses its bar:
//
//	go run ./internal/benchcheck [-rounds 24] [-only pattern] [-slow]
//
// Each side of a comparison runs in a process of its own, so that neither pays
// for the other's garbage, and what puts load on them runs in a third. The
// processes take turns in short rounds, so that other load on the machine meets
// both; what is compared is their CPU time, and the figure is the median of the
// ratios of the rounds, with its quartiles.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"text/tabwriter"
	"time"
)

func main() {
	rounds := flag.Int("rounds", 24, "rounds of each comparison")
	only := flag.String("only", ".", "rows whose name matches this pattern")
	slow := flag.Bool("slow", false, "the rows that need PostgreSQL or a million jobs, which take minutes")
	worker := flag.String("worker", "", "be the process that does this work, on orders from standard input")
	flag.Parse()
	var err error
	if *worker != "" {
		err = serveWorker(*worker, flag.Args())
	} else {
		err = measureAll(*rounds, *only, *slow)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "benchcheck:", err)
		os.Exit(1)
	}
}

// measureAll prints the rows that match a pattern as they come. It fails when
// figures miss their bars.
func measureAll(rounds int, only string, slow bool) error {
	pattern, err := regexp.Compile(only)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	missed := 0
	began := time.Now()
	_, _ = fmt.Fprintln(os.Stdout, machine())
	_, _ = fmt.Fprintln(os.Stdout, "load at the start:", load())
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	for _, r := range rows {
		if r.slow != slow || !pattern.MatchString(r.name) {
			continue
		}
		figures, err := r.measure(ctx, rounds)
		if err != nil {
			return fmt.Errorf("%s: %w", r.name, err)
		}
		_, _ = fmt.Fprintln(os.Stdout, r.name)
		for _, f := range figures {
			if f.missed() {
				missed++
			}
			_, _ = fmt.Fprintf(out, "  %s\n", f)
		}
		_ = out.Flush()
	}
	_, _ = fmt.Fprintln(os.Stdout, "load at the end:", load(), "after", time.Since(began).Round(time.Second))
	if missed > 0 {
		return fmt.Errorf("%d figures miss their bars", missed)
	}
	return nil
}
