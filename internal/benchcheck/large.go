package main

import (
	"context"
	"net/http"
	"strings"

	"github.com/modelslab-go/modelslab"
)

const largeSize = 100 << 10

func init() {
	workers["submit-large"] = func([]string) (worker, error) {
		req := request("video_001")
		req.Prompt = strings.Repeat("a", largeSize)
		return submitterOf(req, submitReply)
	}
	workers["answer-large"] = func([]string) (worker, error) { return submitterOf(request("video_001"), large(submitReply)) }
}

// large is a body of largeSize whose prompt is long.
func large(body string) string {
	const prompt = `"prompt":`
	before, after, _ := strings.Cut(body, strings.TrimSpace(prompt))
	after = strings.TrimLeft(after, ` "`)
	return before + prompt + `"` + strings.Repeat("a", largeSize-len(body)) + after
}

func submitterOf(req modelslab.Request, answer string) (worker, error) {
	client, err := modelslab.New(apiKey, modelslab.WithHTTPClient(&http.Client{Transport: newCanned(answer)}))
	if err != nil {
		return nil, err
	}
	return times(func() error {
		_, err := client.Submit(context.Background(), req)
		return err
	}), nil
}

// measureLarge compares what is allocated for a body of 100 KB with its size.
func measureLarge(ctx context.Context, _ int) ([]figure, error) {
	var figures []figure
	for _, of := range []struct{ worker, what string }{
		{"delivery-large", "bytes allocated over the size of a delivery"},
		{"answer-large", "bytes allocated over the size of an answer"},
		{"submit-large", "bytes allocated over the size of a request"},
	} {
		p, err := start(ctx, of.worker)
		if err != nil {
			return nil, err
		}
		var c cost
		for range 2 { // the first time pools are filled
			if c, err = p.do(200); err != nil {
				return nil, err
			}
		}
		p.stop()
		figures = append(figures, figure{what: of.what, spread: exactly(c.allocated / float64(c.n) / largeSize), bar: 1.1})
	}
	return figures, nil
}
