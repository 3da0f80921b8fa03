// Command modelslab-probe asks the live API what its documentation leaves open,
// and compares the answers with what this library assumes:
//
//	MODELSLAB_API_KEY=... go run ./cmd/modelslab-probe [-budget dollars] [-yes]
//		[-public-url https://host -listen 127.0.0.1:port] [-workflow id [-workflow-body json]]
//		[-report file] [-out folder] [-base-url url] [-patience duration] [-grace duration]
//
// Without -yes it sends nothing and prints the plan: each question, what would be
// sent and what that costs at most. The prices are guesses on the high side; where
// the wallet can be read, what was really spent counts as well. No question is
// asked that could pass -budget (0.50).
//
// Questions about webhooks need a URL that the API can reach, of a tunnel for
// instance: -public-url, and the address on this machine that it leads to,
// -listen. How a failed workflow is reported needs a workflow that fails with
// -workflow-body, and whose webhook is set to the public URL followed by /workflow.
// What is missing stays open, and the report says so.
//
// It writes probe-report.md (-report) and the calls (-out probe-recordings), which
// modelslabtest.WithRecording replays. The API key and callback tokens are in
// neither. A job has -patience (10m) to end, a webhook -grace (2m) to come.
//
// It exits with 0 when nothing differs from what the library assumes, with 1 and a
// list when something does, with 2 when it was called wrong, and with 3 when the
// API could not be asked: no key, a refused one, no connection.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"syscall"

	"github.com/modelslab-go/modelslab/internal/redact"
)

// The exit codes.
const (
	exitAgrees = iota
	exitDiffers
	exitUsage
	exitUnasked
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := (&command{out: os.Stdout, key: os.Getenv("MODELSLAB_API_KEY"), transport: http.DefaultTransport, listen: listen}).run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

// command is the command apart from its process.
type command struct {
	out       io.Writer
	key       string
	transport http.RoundTripper
	listen    func(ctx context.Context, addr string, h http.Handler) (stop func(), err error)
}

// sayf prints a line, without what must not be seen.
func (p *command) sayf(format string, args ...any) {
	_, _ = fmt.Fprintln(p.out, redact.Text(fmt.Sprintf(format, args...), p.key))
}

// run is the command. It returns the exit code.
func (p *command) run(ctx context.Context, args []string) int {
	o, err := parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		p.sayf("%s", usage)
		return exitAgrees
	case err != nil:
		p.sayf("modelslab-probe: %v; -h explains", err)
		return exitUsage
	case !o.yes:
		p.plan(o)
		return exitAgrees
	}
	pr, err := newProber(p, o)
	if err != nil {
		p.sayf("modelslab-probe: %v", err)
		return exitUnasked
	}
	findings, err := pr.askAll(ctx)
	if err != nil {
		p.sayf("modelslab-probe: %v", err)
		return exitUnasked
	}
	if err := pr.write(findings); err != nil {
		p.sayf("modelslab-probe: %v", err)
		return exitUnasked
	}
	return p.conclude(findings)
}

// plan prints what would be asked.
func (p *command) plan(o *options) {
	p.sayf("With -yes this is asked, for at most $%.2f. Nothing has been sent.\n", o.budget)
	planned := map[string]bool{}
	total := 0.0
	for i := range questions {
		q := &questions[i]
		if why := q.lacks(o); why != "" {
			p.sayf("%d. %s\n   stays open: %s", i+1, q.text, why)
			continue
		}
		cost := 0.0
		for _, name := range q.trials {
			if !planned[name] {
				planned[name] = true
				cost += trialOf(name).cost
			}
		}
		total += cost
		p.sayf("%d. %s\n   sends: %s\n   costs at most $%.2f more", i+1, q.text, q.sends(), cost)
	}
	p.sayf("\nAll of it costs at most $%.2f.", total)
	if total > o.budget {
		p.sayf("That is over the budget: the last ones stay open.")
	}
}

// conclude prints what differs and what stays open.
func (p *command) conclude(findings []finding) int {
	code := exitAgrees
	for _, f := range findings {
		switch f.verdict {
		case differs:
			code = exitDiffers
			p.sayf("differs: %s %s", f.question.text, f.seen)
		case open:
			p.sayf("open: %s %s", f.question.text, f.seen)
		case agrees:
		}
	}
	if code == exitAgrees {
		p.sayf("Nothing differs from what this library assumes.")
	}
	return code
}
