package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/modelslab-go/modelslab"
)

func init() {
	workers["api"] = func([]string) (worker, error) { return instantAPI() }
	workers["runall"] = func(args []string) (worker, error) {
		client, err := modelslab.New(apiKey, modelslab.WithBaseURL(args[0]), modelslab.WithQueueLimit(modelslab.Premium))
		if err != nil {
			return nil, err
		}
		sent := 0
		return counted(nil, func(n int) error { return runAll(client, &sent, n) }), nil
	}
	workers["runall-floor"] = func(args []string) (worker, error) {
		hc := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: modelslab.Premium}}
		sent := 0
		return counted(nil, func(n int) error { return runAllByHand(hc, args[0], &sent, n) }), nil
	}
}

// measureRunAll compares the jobs a second, all of which one server answers at
// once, in a third process.
func measureRunAll(ctx context.Context, rounds int) ([]figure, error) {
	server, err := start(ctx, "api")
	if err != nil {
		return nil, err
	}
	defer server.stop()
	url, err := server.ask("listen")
	if err != nil {
		return nil, err
	}
	c, err := compare(ctx, rounds, "runall", "runall-floor", url)
	if err != nil {
		return nil, err
	}
	for i, ratio := range c.wall {
		c.wall[i] = 1 / ratio
	}
	return append([]figure{{what: "jobs a second over bare net/http's", spread: spreadOf(c.wall), bar: 0.8, atLeast: true}}, c.figures(0, 0)...), nil
}

func prompt(n int) *modelslab.TextToImageRequest {
	return &modelslab.TextToImageRequest{ModelID: "flux", Prompt: "study number " + strconv.Itoa(n)}
}

// runAll runs n requests that equal none before.
func runAll(client *modelslab.Client, sent *int, n int) error {
	requests := func(yield func(modelslab.Request) bool) {
		for range n {
			if *sent++; !yield(prompt(*sent)) {
				return
			}
		}
	}
	for _, outcome := range client.RunAll(context.Background(), requests) {
		if outcome.Err != nil {
			return outcome.Err
		}
	}
	return nil
}

// runAllByHand sends n requests, as many at a time as RunAll.
func runAllByHand(hc *http.Client, url string, sent *int, n int) error {
	prompts := make(chan *modelslab.TextToImageRequest)
	outcomes := make(chan error)
	var senders sync.WaitGroup
	for range modelslab.Premium {
		senders.Go(func() {
			for p := range prompts {
				outcomes <- postByHand(hc, url+"/v6/images/text2img", p)
			}
		})
	}
	go func() {
		for range n {
			*sent++
			prompts <- prompt(*sent)
		}
		close(prompts)
		senders.Wait()
		close(outcomes)
	}()
	var first error
	for err := range outcomes {
		first = errors.Join(first, err)
	}
	return first
}

func postByHand(hc *http.Client, url string, p *modelslab.TextToImageRequest) error {
	text, err := json.Marshal(struct {
		Key string `json:"key"`
		*modelslab.TextToImageRequest
	}{apiKey, p})
	if err != nil {
		return err
	}
	resp, err := hc.Post(url, "application/json", bytes.NewReader(text)) //nolint:noctx // the plainest way
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	var job struct {
		Status string          `json:"status"`
		ID     json.RawMessage `json:"id"`
		Output []string        `json:"output"`
		Meta   json.RawMessage `json:"meta"`
	}
	if err := json.Unmarshal(answer, &job); err != nil {
		return err
	}
	if job.Status != "success" {
		return errors.New(job.Status)
	}
	return nil
}

// instantAPI is a ModelsLab that has one answer. It is not net/http's, so that
// it takes little of the time that is measured.
func instantAPI() (worker, error) {
	const body = `{"status":"success","generationTime":1.2,"id":12202888,"output":["https://cdn.example.com/a.png"],"meta":{"seed":7}}`
	answer := []byte("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body)
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", loopbackAddress)
	if err != nil {
		return nil, err
	}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = conn.Close() }()
				for r := bufio.NewReaderSize(conn, 16<<10); skipRequest(r) == nil; {
					if _, err := conn.Write(answer); err != nil {
						return
					}
				}
			}()
		}
	}()
	return func(string) (string, error) { return "http://" + l.Addr().String() + "/api", nil }, nil
}

func skipRequest(r *bufio.Reader) error {
	length := 0
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return err
		}
		if value, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			if length, err = strconv.Atoi(strings.TrimSpace(string(value))); err != nil {
				return err
			}
		}
		if len(line) <= 2 {
			_, err = io.CopyN(io.Discard, r, int64(length))
			return err
		}
	}
}
