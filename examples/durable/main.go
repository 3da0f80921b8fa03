// Durable makes 50 images and is killed in the middle of it.
//
//	go run ./examples/durable
//	go run ./examples/durable -postgres postgres://localhost/shop
//
// It starts a test server that loses half of the webhooks, and a worker process
// that does the work on an SQLite file, then ends that worker with kill -9 and
// starts another, which finishes every job exactly once. With -postgres two
// workers share the work on PostgreSQL and River, and one of them is killed.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/modelslab-go/modelslab/modelslabtest"
)

const jobs = 50

func main() {
	postgres := flag.String("postgres", "", "URL of a PostgreSQL database; defaults to an SQLite file")
	dir := flag.String("out", "out", "where the images are saved")
	worker := flag.String("worker", "", "the orders of a worker; set by the program itself")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var err error
	if *worker != "" {
		err = work(ctx, *worker)
	} else {
		err = demonstrate(ctx, *postgres, *dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func demonstrate(ctx context.Context, postgres, dir string) error {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return err
	}
	run, err := os.MkdirTemp(dir, "run-*") // every run is a new batch of images
	if err != nil {
		return err
	}
	var submits atomic.Int64
	vendor := modelslabtest.NewServer(modelslabtest.WithQueueLimit(10), modelslabtest.WithLatency(1500*time.Millisecond))
	defer vendor.Close()
	vendor.Script(func(r *modelslabtest.Request) *modelslabtest.Fault {
		if r.Call != modelslabtest.Submit {
			return nil
		}
		return &modelslabtest.Fault{Lost: submits.Add(1)%2 == 0, Slow: 50 * time.Millisecond}
	})
	o := orders{Vendor: vendor.URL(), Postgres: postgres, Dir: run}
	var workers []*exec.Cmd
	start := func(name string) error {
		cmd, err := o.start(ctx, name)
		workers = append(workers, cmd)
		return err
	}
	defer func() {
		for _, w := range workers {
			_ = w.Process.Kill()
			_ = w.Wait()
		}
	}()
	if err := start("first"); err != nil {
		return err
	}
	if postgres != "" {
		if err := start("other"); err != nil {
			return err
		}
	}

	if err := until(ctx, func() bool { return submits.Load() >= jobs/2 }); err != nil {
		return err
	}
	fmt.Printf("kill -9 of the first worker: %d of %d jobs are submitted, %d files are saved\n", submits.Load(), jobs, len(saved(run)))
	if err := workers[0].Process.Kill(); err != nil {
		return err
	}
	_ = workers[0].Wait()
	if err := start("second"); err != nil {
		return err
	}
	if err := until(ctx, func() bool { return len(saved(run)) == jobs }); err != nil {
		return err
	}
	return report(ctx, o, vendor)
}

// report asks the ledger of the server and the files what came of it.
func report(ctx context.Context, o orders, vendor *modelslabtest.Server) error {
	done, err := o.finished(ctx)
	if err != nil {
		return err
	}
	again := 0
	for trackID, times := range done {
		if times != 1 {
			return fmt.Errorf("job %s was finished %d times", trackID, times)
		}
		again += vendor.Accepted(trackID) - 1
	}
	if len(done) != jobs {
		return fmt.Errorf("%d jobs were finished, want %d", len(done), jobs)
	}
	fmt.Printf("%d jobs finished exactly once, %d files in %s\n", len(done), len(saved(o.Dir)), o.Dir)
	if again > 0 {
		fmt.Printf("%d of them were sent again, because the kill had swallowed the answer to their submit: the policy here is Resubmit\n", again)
	}
	return nil
}

func saved(dir string) []string {
	files, _ := filepath.Glob(filepath.Join(dir, "*", "*.png"))
	return files
}

func until(ctx context.Context, ok func() bool) error {
	ctx, cancel := context.WithTimeoutCause(ctx, 2*time.Minute, errors.New("it takes too long"))
	defer cancel()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for !ok() {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

// freePort is one that nobody listens on now.
func freePort(ctx context.Context) (string, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String(), nil
}
