package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/contrib/durable"
)

// secret signs callback URLs. A real one is random and not in the source.
var secret = []byte("the secret of this example: 32 bytes")

// orders are what a worker is given.
type orders struct {
	Name     string `json:"name"`
	Vendor   string `json:"vendor"`
	Postgres string `json:"postgres"`
	Dir      string `json:"dir"`
	Listen   string `json:"listen"` // where webhooks come in
}

// start starts a worker as a process of its own.
func (o orders) start(ctx context.Context, name string) (*exec.Cmd, error) {
	listen, err := freePort(ctx)
	if err != nil {
		return nil, err
	}
	o.Name, o.Listen = name, listen
	text, err := json.Marshal(o)
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, "-worker", string(text)) //nolint:gosec // it is this program
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return cmd, cmd.Start()
}

func work(ctx context.Context, text string) error {
	var o orders
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		return err
	}
	client, err := modelslab.New("test-key", modelslab.WithBaseURL(o.Vendor),
		modelslab.WithWebhook("http://"+o.Listen+"/webhook/modelslab", secret), modelslab.WithLoopbackWebhooks())
	if err != nil {
		return err
	}
	cfg := durable.Config{
		Client: client, Secrets: [][]byte{secret}, QueueLimit: 10,
		Policy: durable.Resubmit, Grace: 3 * time.Second, Lease: 3 * time.Second, // short, for the show
	}
	if o.Postgres != "" {
		return workPostgres(ctx, o, cfg)
	}
	return workSQLite(ctx, o, cfg)
}

// album is the program's own table, in the database of the jobs: a row for each
// image, with how often its job was finished and whether its files are saved.
type album[TTx any] interface {
	add(ctx context.Context, tx TTx, trackID string) error
	finish(ctx context.Context, tx TTx, trackID string) error
	unsaved(ctx context.Context) ([]string, error)
	saved(ctx context.Context, trackID string) error
}

// serve is the whole service: webhooks, submits, the engine, and the saving.
func serve[TTx any](ctx context.Context, o orders, cfg durable.Config, engine *durable.Engine[TTx], a album[TTx]) error {
	mux := http.NewServeMux()
	mux.Handle("/webhook/modelslab", engine.Handler())
	server := &http.Server{Addr: o.Listen, Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	failed := make(chan error, 2)
	go func() { failed <- server.ListenAndServe() }()
	defer func() { _ = server.Close() }()

	engine.OnEvent(func(ctx context.Context, tx TTx, ev durable.Event) error {
		if ev.Err != nil {
			fmt.Printf("%s: %v\n", o.Name, ev.Err)
			return nil //nolint:nilerr // there is nothing to save
		}
		return a.finish(ctx, tx, ev.TrackID) // commits together with the job's completion
	})
	go func() { failed <- engine.Run(ctx) }()

	// A worker that starts again submits again: the key makes it the same job.
	// Its row in the album and the job are written in one transaction.
	for n := range jobs {
		req := &modelslab.TextToImageRequest{
			ModelID: "flux", Prompt: fmt.Sprintf("A lighthouse at dusk, study number %d", n+1), Width: new(512), Height: new(512),
		}
		key := durable.IdempotencyKey(fmt.Sprint(filepath.Base(o.Dir), "/", n))
		err := engine.Tx(ctx, func(ctx context.Context, tx TTx) error {
			trackID, err := engine.SubmitTx(ctx, tx, req, key)
			if err != nil {
				return err
			}
			return a.add(ctx, tx, trackID)
		})
		if err != nil {
			return err
		}
	}
	fmt.Printf("%s worker: %d jobs are recorded\n", o.Name, jobs)

	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case err := <-failed:
			return err
		case <-ctx.Done():
			return engine.Shutdown(context.WithoutCancel(ctx))
		case <-ticker.C:
			if err := saveAll(ctx, o, cfg.Client, engine, a); err != nil {
				return err
			}
		}
	}
}

// saveAll downloads outside of the callback's transaction. A crash in the
// middle, or another worker, repeats it, which does no harm: the first folder
// that is whole stays.
func saveAll[TTx any](ctx context.Context, o orders, client *modelslab.Client, engine *durable.Engine[TTx], a album[TTx]) error {
	unsaved, err := a.unsaved(ctx)
	if err != nil {
		return err
	}
	for _, trackID := range unsaved {
		job, err := engine.Job(ctx, trackID)
		if err != nil {
			return err
		}
		part := filepath.Join(o.Dir, "part", o.Name, trackID)
		if _, err := client.Save(ctx, job.Result, part); err != nil {
			return err
		}
		if err := os.Rename(part, filepath.Join(o.Dir, trackID)); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
		if err := a.saved(ctx, trackID); err != nil {
			return err
		}
	}
	return nil
}
