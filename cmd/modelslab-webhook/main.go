// Command modelslab-webhook brings webhooks to a service on this machine,
// without a tunnel:
//
//	modelslab-webhook listen [flags] [ref[=track_id] ...]
//	modelslab-webhook send [flags] success|failed|processing|training|workflow-nested|workflow-flat
//
// listen polls jobs that were submitted, and posts to -forward-to what ModelsLab
// would have posted to their callback URL. A job is a reference and the track id
// it was submitted with: video/12202888=video_001. Jobs come as arguments, or
// one a line, separated by a space, from -file or standard input; listen ends
// when all of them have. It reads the API key from MODELSLAB_API_KEY.
//
// send posts a sample, -dup times more to see what the service makes of
// duplicates.
//
// With MODELSLAB_WEBHOOK_SECRET in the environment, the secret that the service
// gives webhook.WithSecrets, callback URLs are signed; without it they carry the
// kind alone. Deliveries go to loopback, unless -allow-remote is given.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"github.com/modelslab-go/modelslab/internal/token"
)

const defaultTarget = "http://localhost:8080/webhook/modelslab"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := (&program{in: os.Stdin, out: os.Stdout, getenv: os.Getenv}).run(ctx, os.Args[1:])
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "modelslab-webhook:", err)
		os.Exit(1)
	}
}

// program is the command apart from its process.
type program struct {
	in     io.Reader
	out    io.Writer
	getenv func(string) string
}

const usage = `usage:
  modelslab-webhook listen [flags] [ref[=track_id] ...]
  modelslab-webhook send [flags] success|failed|processing|training|workflow-nested|workflow-flat

listen polls jobs and posts their webhooks to a service on this machine; send posts a sample.
Each of them shows its flags with -h.`

var errUsage = errors.New("want listen or send; -h says what they do")

func (p *program) run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errUsage
	}
	switch args[0] {
	case "listen":
		return p.listen(ctx, args[1:])
	case "send":
		return p.send(ctx, args[1:])
	case "-h", "-help", "--help", "help":
		_, err := fmt.Fprintln(p.out, usage)
		return err
	default:
		return fmt.Errorf("%q: %w", args[0], errUsage)
	}
}

// common are the flags of both.
type common struct {
	*flag.FlagSet
	target *string
	remote *bool
}

func (p *program) flags(name string) *common {
	c := &common{FlagSet: flag.NewFlagSet(name, flag.ContinueOnError)}
	c.SetOutput(p.out)
	c.target = c.String("forward-to", defaultTarget, "callback `URL` of the service")
	c.remote = c.Bool("allow-remote", false, "deliver to other machines too")
	return c
}

// parse accepts flags behind the other arguments, which it returns.
func (c *common) parse(args []string) ([]string, error) {
	var rest []string
	for {
		if err := c.Parse(args); err != nil {
			return nil, err
		}
		if c.NArg() == 0 {
			return rest, nil
		}
		rest = append(rest, c.Arg(0))
		args = c.Args()[1:]
	}
}

// sender posts deliveries to the service.
type sender struct {
	target   *url.URL
	key      *token.Key // nil without a secret
	http     *http.Client
	out      io.Writer
	printing sync.Mutex
}

func (p *program) sender(c *common) (*sender, error) {
	u, err := url.Parse(*c.target)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return nil, fmt.Errorf("-forward-to %q: want a URL such as %s", *c.target, defaultTarget)
	case !*c.remote && !token.Loopback(u.Hostname()):
		return nil, fmt.Errorf("-forward-to %q is another machine; -allow-remote permits that", *c.target)
	}
	s := &sender{target: u, out: p.out, http: &http.Client{
		Timeout:       patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	if secret := p.getenv("MODELSLAB_WEBHOOK_SECRET"); secret != "" {
		if s.key, err = token.NewKey([]byte(secret)); err != nil {
			return nil, fmt.Errorf("MODELSLAB_WEBHOOK_SECRET: %w", err)
		}
	}
	return s, nil
}
