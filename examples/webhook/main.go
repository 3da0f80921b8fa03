// Webhook is a service that submits jobs and has ModelsLab report their ends to
// it.
//
//	go run ./examples/webhook
//
// Without MODELSLAB_API_KEY it starts a test server in-process, whose webhooks
// fail, come twice and never come, and ends when all jobs have. With a key
// and -url, the public address that leads to -addr, it talks to ModelsLab:
//
//	go run ./examples/webhook -addr :8080 -url https://your-server.com/webhook/modelslab
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"time"

	"github.com/modelslab-go/modelslab"
	"github.com/modelslab-go/modelslab/webhook"
)

const patience = 30 * time.Minute

func main() {
	addr := flag.String("addr", "127.0.0.1:0", "where to listen")
	public := flag.String("url", "", "public callback URL, with a real API key")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *addr, *public); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, addr, public string) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	api, err := connect(public, "http://"+listener.Addr().String()+"/webhook/modelslab")
	if err != nil {
		return err
	}
	defer api.close()

	// The service's own mux.
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })

	// What webhooks add to it.
	story := newStory()
	handler, err := webhook.NewHandler(webhook.WithSecrets(api.secret), webhook.WithClient(api.client),
		webhook.OnEvent(story.print), webhook.WithObserver(story.note))
	if err != nil {
		return err
	}
	mux.Handle("POST /webhook/modelslab", handler)

	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	fmt.Println("listening on", listener.Addr())

	err = scenes(ctx, api, handler, story)
	if err == nil {
		err = forge(ctx, "http://"+listener.Addr().String()+"/webhook/modelslab")
	}
	if err == nil {
		err = story.end(ctx)
	}
	// The service ends as services do: no more requests, then no more callbacks.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	err = errors.Join(err, server.Shutdown(ctx), handler.Shutdown(ctx))
	if served := <-served; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	stats := handler.Stats()
	fmt.Printf("%d deliveries received, %d events handled, %d duplicates, %d refused\n",
		stats.Received, stats.Delivered, stats.Duplicates, stats.Rejected["token"])
	return err
}

// vendor is ModelsLab, or the test server.
type vendor struct {
	client *modelslab.Client
	secret []byte
	scenes []scene
	close  func()
}

func newSecret() []byte {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // it never fails
	return secret
}

// scenes submits the jobs of the story, and has each watched: should its
// webhook not come, a poll takes its place.
func scenes(ctx context.Context, api *vendor, handler *webhook.Handler, story *story) error {
	for _, s := range api.scenes {
		job, err := s.submit(ctx, api.client)
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		story.expect(job.Ref)
		fmt.Printf("submitted  %s: %s\n", job.Ref, s.name)
		if err := handler.Watch(job, time.Now().Add(patience)); err != nil {
			return err
		}
	}
	return nil
}
