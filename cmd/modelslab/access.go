package main

import (
	"errors"
	"net"
	"net/url"
	"time"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/modelslabtest"
)

// access says which API a command calls.
type access struct {
	BaseURL  string `name:"base-url" placeholder:"URL" help:"Call the API at this address, such as that of modelslab emulator. Defaults to MODELSLAB_BASE_URL, else to ModelsLab."`
	Emulator bool   `help:"Call an emulator in this process, which needs no key, costs nothing and forgets its jobs at the end."`
}

const (
	vendorURL    = "https://modelslab.com/api"
	emulatedJobs = 2 * time.Second
)

var errNoKey = errors.New("there is no API key: set MODELSLAB_API_KEY, or try the command with --emulator, which needs none and costs nothing")

// Validate refuses what contradicts itself.
func (a *access) Validate() error {
	if a.Emulator && a.BaseURL != "" {
		return errors.New("--emulator and --base-url name two APIs: give one")
	}
	return nil
}

// remembers refuses an emulator that is younger than the job.
func (a *access) remembers() error {
	if a.Emulator {
		return errors.New("--emulator starts without jobs: start modelslab emulator, and give its --base-url")
	}
	return nil
}

// address is the base URL of the API, "emulator" for the one in this process.
func (a *access) address(p *program) string {
	switch {
	case a.Emulator:
		return "emulator"
	case a.BaseURL != "":
		return a.BaseURL
	case p.getenv("MODELSLAB_BASE_URL") != "":
		return p.getenv("MODELSLAB_BASE_URL")
	default:
		return vendorURL
	}
}

// client returns a client of the API, and what ends it.
func (a *access) client(p *program, opts ...modelslab.Option) (*modelslab.Client, func(), error) {
	if a.Emulator {
		server := modelslabtest.NewServer(modelslabtest.WithLatency(emulatedJobs), modelslabtest.WithQueueLimit(0))
		return server.Client(opts...), server.Close, nil
	}
	base := a.address(p)
	key := p.getenv("MODELSLAB_API_KEY")
	if key == "" {
		if !onLoopback(base) {
			return nil, nil, errNoKey
		}
		key = "test-key" // an emulator takes any
	}
	client, err := modelslab.New(key, append([]modelslab.Option{modelslab.WithBaseURL(base)}, opts...)...)
	if err != nil {
		return nil, nil, usageError{err}
	}
	return client, func() {}, nil
}

func onLoopback(base string) bool {
	u, err := url.Parse(base)
	if err != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}
