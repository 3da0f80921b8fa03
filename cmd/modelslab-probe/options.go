package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/modelslab-go/modelslab/internal/token"
)

// options are the arguments of the command.
type options struct {
	budget       float64
	yes          bool
	publicURL    string
	local        string
	workflow     string
	workflowBody string
	report       string
	folder       string
	baseURL      string
	patience     time.Duration
	grace        time.Duration
}

func parse(args []string) (*options, error) {
	o := new(options)
	flags := flag.NewFlagSet("modelslab-probe", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.Usage = func() {}
	flags.Float64Var(&o.budget, "budget", 0.50, "")
	flags.BoolVar(&o.yes, "yes", false, "")
	flags.StringVar(&o.publicURL, "public-url", "", "")
	flags.StringVar(&o.local, "listen", "", "")
	flags.StringVar(&o.workflow, "workflow", "", "")
	flags.StringVar(&o.workflowBody, "workflow-body", "{}", "")
	flags.StringVar(&o.report, "report", "probe-report.md", "")
	flags.StringVar(&o.folder, "out", "probe-recordings", "")
	flags.StringVar(&o.baseURL, "base-url", "https://modelslab.com/api", "")
	flags.DurationVar(&o.patience, "patience", 10*time.Minute, "")
	flags.DurationVar(&o.grace, "grace", 2*time.Minute, "")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	if flags.NArg() > 0 {
		return nil, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	return o, o.check()
}

func (o *options) check() error {
	const most = 100
	base, err := url.Parse(o.baseURL)
	switch {
	case !(o.budget > 0 && o.budget <= most): // NaN too
		return fmt.Errorf("-budget %v: want dollars, more than 0 and at most %d", o.budget, most)
	case o.patience <= 0 || o.grace <= 0:
		return errors.New("-patience and -grace: want positive durations")
	case o.report == "" || o.folder == "":
		return errors.New("-report and -out: want a name")
	case err != nil || base.Host == "" || base.Scheme != "https" && (base.Scheme != "http" || !token.Loopback(base.Hostname())) ||
		base.User != nil || base.RawQuery != "" || !strings.HasSuffix(strings.TrimSuffix(base.Path, "/"), "/api"):
		return errors.New("-base-url: want an HTTPS URL that ends in /api")
	case (o.publicURL == "") != (o.local == ""):
		return errors.New("-public-url and -listen: want both or neither")
	case o.workflow != "" && o.publicURL == "":
		return errors.New("-workflow: wants -public-url, where its webhook comes in")
	case strings.ContainsAny(o.workflow, "/?#% "):
		return errors.New("-workflow: want the id of a workflow")
	}
	parameters := map[string]json.RawMessage{}
	if err := json.Unmarshal([]byte(o.workflowBody), &parameters); err != nil || parameters == nil {
		return errors.New("-workflow-body: want a JSON object")
	}
	if o.publicURL == "" {
		return nil
	}
	return o.checkCallbacks(token.Loopback(base.Hostname()))
}

// checkCallbacks checks where webhooks come in. An emulator on this machine can
// reach loopback.
func (o *options) checkCallbacks(local bool) error {
	u, err := token.Parse(o.publicURL, local)
	switch {
	case err != nil:
		return fmt.Errorf("-public-url: %w", err)
	case u.RawQuery != "":
		return errors.New("-public-url: want no query")
	}
	o.publicURL = strings.TrimSuffix(o.publicURL, "/")
	host, _, err := net.SplitHostPort(o.local)
	if err != nil || !token.Loopback(host) {
		return fmt.Errorf("-listen %q: want an address on this machine, 127.0.0.1:8788", o.local)
	}
	return nil
}
