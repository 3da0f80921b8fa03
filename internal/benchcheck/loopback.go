package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	connections     = 64
	loopbackBatch   = 1500
	loopbackAddress = "127.0.0.1:0"
)

func init() {
	workers["serve-empty"] = func([]string) (worker, error) {
		return listener(func(*sender) (http.Handler, error) { return empty{}, nil })
	}
	workers["serve-delivery"] = func([]string) (worker, error) { return listener((*sender).handler) }
}

// listener serves a handler on loopback. Its orders are "listen", which answers
// the address, "cpu", which answers what the process has used and how many
// callbacks it has called, and a number: so many jobs are submitted, and their
// deliveries answered.
func listener(handler func(*sender) (http.Handler, error)) (worker, error) {
	s, err := newSender(successPayload)
	if err != nil {
		return nil, err
	}
	h, err := handler(s)
	if err != nil {
		return nil, err
	}
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", loopbackAddress)
	if err != nil {
		return nil, err
	}
	server := &http.Server{Handler: h, ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(l) }()
	return func(order string) (string, error) {
		switch order {
		case "listen":
			return l.Addr().String(), nil
		case "cpu":
			used, err := cpuTime()
			return fmt.Sprint(int64(used), s.called.Load()), err
		}
		n, err := strconv.Atoi(order)
		if err != nil {
			return "", err
		}
		if err := s.prepare(n); err != nil {
			return "", err
		}
		var out strings.Builder
		for _, d := range s.jobs {
			fmt.Fprintln(&out, d.query, d.id, d.trackID)
		}
		return strings.ReplaceAll(strings.TrimSpace(out.String()), "\n", ";"), nil
	}, nil
}

// measureLoopback compares the CPU time of a server with the handler to that of
// one that answers at once. This process is what puts load on them.
func measureLoopback(ctx context.Context, rounds int) ([]figure, error) {
	var ratios, each, floor []float64
	var targets [2]*target
	for i, name := range []string{"serve-empty", "serve-delivery"} {
		t, err := aim(ctx, name)
		if err != nil {
			return nil, err
		}
		defer t.close()
		targets[i] = t
	}
	for round := range rounds + 1 {
		var used [2]time.Duration
		for turn := range targets {
			i := (turn + round) % len(targets)
			var err error
			if used[i], err = targets[i].load(loopbackBatch); err != nil {
				return nil, err
			}
		}
		if round > 0 { // the first one warms up
			ratios = append(ratios, float64(used[1])/float64(used[0]))
			floor = append(floor, float64(used[0].Nanoseconds())/loopbackBatch/1e3)
			each = append(each, float64(used[1].Nanoseconds())/loopbackBatch/1e3)
		}
	}
	return []figure{
		{what: "server's CPU over that of an empty handler", spread: spreadOf(ratios), bar: 1.6},
		{what: "server's CPU, µs", spread: spreadOf(each)},
		{what: "server's CPU with an empty handler, µs", spread: spreadOf(floor)},
	}, nil
}

// A target is a server in another process, and the connections to it.
type target struct {
	server *process
	conns  []net.Conn
}

func aim(ctx context.Context, name string) (*target, error) {
	p, err := start(ctx, name)
	if err != nil {
		return nil, err
	}
	t := &target{server: p}
	address, err := p.ask("listen")
	for range connections {
		if err != nil {
			break
		}
		var conn net.Conn
		if conn, err = new(net.Dialer).DialContext(ctx, "tcp", address); err == nil {
			t.conns = append(t.conns, conn)
		}
	}
	if err != nil {
		t.close()
		return nil, err
	}
	return t, nil
}

func (t *target) close() {
	for _, conn := range t.conns {
		_ = conn.Close()
	}
	t.server.stop()
}

// load sends n deliveries and returns what the server used for them.
func (t *target) load(n int) (time.Duration, error) {
	line, err := t.server.ask(strconv.Itoa(n))
	if err != nil {
		return 0, err
	}
	requests, err := requestsOf(line)
	if err != nil {
		return 0, err
	}
	before, called, err := t.cpu()
	if err != nil {
		return 0, err
	}
	var next atomic.Int64
	var failed atomic.Pointer[error]
	var senders sync.WaitGroup
	for _, conn := range t.conns {
		senders.Go(func() {
			answers := bufio.NewReader(conn)
			for i := next.Add(1) - 1; i < int64(len(requests)); i = next.Add(1) - 1 {
				if err := exchange(conn, answers, requests[i]); err != nil {
					failed.Store(&err)
					return
				}
			}
		})
	}
	senders.Wait()
	if err := failed.Load(); err != nil {
		return 0, *err
	}
	after, calledAfter, err := t.cpu()
	if calls := calledAfter - called; err == nil && calls != 0 && calls != n {
		err = fmt.Errorf("%d callbacks for %d deliveries", calls, n)
	}
	return after - before, err
}

func (t *target) cpu() (used time.Duration, called int, err error) {
	line, err := t.server.ask("cpu")
	if err == nil {
		_, err = fmt.Sscan(line, (*int64)(&used), &called)
	}
	return used, called, err
}

// requestsOf writes the requests that deliver a server's jobs.
func requestsOf(line string) (requests []string, err error) {
	payload := strings.Replace(successPayload, "video_001", sampleTrack, 1)
	for job := range strings.SplitSeq(line, ";") {
		var d delivery
		if _, err := fmt.Sscan(job, &d.query, &d.id, &d.trackID); err != nil {
			return nil, err
		}
		body := strings.Replace(strings.Replace(payload, sampleID, d.id, 1), sampleTrack, d.trackID, 1)
		requests = append(requests, fmt.Sprintf("POST /webhooks/modelslab?%s HTTP/1.1\r\nHost: shop.example\r\nUser-Agent: modelslab\r\n"+
			"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", d.query, len(body), body))
	}
	return requests, nil
}

func exchange(conn net.Conn, answers *bufio.Reader, request string) error {
	if _, err := io.WriteString(conn, request); err != nil {
		return err
	}
	answer, err := http.ReadResponse(answers, nil)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("answered %d", answer.StatusCode)
	}
	_, err = io.Copy(io.Discard, answer.Body)
	return err
}
