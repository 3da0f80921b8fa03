package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// A worker answers orders, each a line, with a line.
type worker func(order string) (answer string, err error)

// workers are made by name, in processes of their own.
var workers = map[string]func(args []string) (worker, error){}

// serveWorker is the main function of a worker's process, which ends with the
// process that gives the orders.
func serveWorker(name string, args []string) error {
	newWorker, ok := workers[name]
	if !ok {
		return fmt.Errorf("no worker %q", name)
	}
	w, err := newWorker(args)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	orders := bufio.NewScanner(os.Stdin)
	for orders.Scan() {
		answer, err := w(orders.Text())
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		_, _ = fmt.Fprintln(os.Stdout, answer)
	}
	return orders.Err()
}

// A process is a worker seen from outside.
type process struct {
	name   string
	cmd    *exec.Cmd
	orders io.WriteCloser
	lines  *bufio.Reader
}

func start(ctx context.Context, name string, args ...string) (*process, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, program, append([]string{"-worker", name}, args...)...) //nolint:gosec // it is this program
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	return &process{name, cmd, in, bufio.NewReader(out)}, cmd.Start()
}

func (p *process) ask(order string) (string, error) {
	if _, err := fmt.Fprintln(p.orders, order); err != nil {
		return "", fmt.Errorf("%s: %w", p.name, err)
	}
	line, err := p.lines.ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("%s: %w", p.name, err)
	}
	return strings.TrimSuffix(line, "\n"), nil
}

func (p *process) stop() {
	_ = p.orders.Close()
	_ = p.cmd.Wait()
}

// cost is what doing something n times took.
type cost struct {
	n                      int
	cpu, wall              time.Duration
	allocations, allocated float64
}

// counted is the worker that does something as often as it is ordered to, and
// answers with what that cost. Preparing for n times is not part of it, nor is
// collecting its garbage.
func counted(prepare, do func(n int) error) worker {
	return func(order string) (string, error) {
		n, err := strconv.Atoi(order)
		if err != nil {
			return "", err
		}
		if prepare != nil {
			if err := prepare(n); err != nil {
				return "", err
			}
			runtime.GC()
		}
		c, err := costOf(n, do)
		return fmt.Sprint(c.n, int64(c.cpu), int64(c.wall), c.allocations, c.allocated), err
	}
}

// times is the worker that does something without an argument.
func times(do func() error) worker {
	return counted(nil, func(n int) error {
		for range n {
			if err := do(); err != nil {
				return err
			}
		}
		return nil
	})
}

func costOf(n int, do func(n int) error) (cost, error) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start, err := cpuTime()
	if err != nil {
		return cost{}, err
	}
	began := time.Now()
	if err := do(n); err != nil {
		return cost{}, err
	}
	wall := time.Since(began)
	end, err := cpuTime()
	runtime.ReadMemStats(&after)
	return cost{n, end - start, wall, float64(after.Mallocs - before.Mallocs), float64(after.TotalAlloc - before.TotalAlloc)}, err
}

// do has a counted worker do its work n times.
func (p *process) do(n int) (c cost, err error) {
	line, err := p.ask(strconv.Itoa(n))
	if err == nil {
		_, err = fmt.Sscan(line, &c.n, (*int64)(&c.cpu), (*int64)(&c.wall), &c.allocations, &c.allocated)
	}
	return c, err
}
