package lambda

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// httpEvent is an HTTP request in any of the formats.
type httpEvent struct {
	RawPath        string   `json:"rawPath"`
	RawQueryString string   `json:"rawQueryString"`
	Cookies        []string `json:"cookies"`

	HTTPMethod        string              `json:"httpMethod"`
	Path              string              `json:"path"`
	Query             map[string]string   `json:"queryStringParameters"`
	MultiValueQuery   map[string][]string `json:"multiValueQueryStringParameters"`
	MultiValueHeaders map[string][]string `json:"multiValueHeaders"`

	Headers         map[string]string `json:"headers"`
	Body            string            `json:"body"`
	IsBase64Encoded bool              `json:"isBase64Encoded"`

	RequestContext struct {
		HTTP struct {
			Method   string `json:"method"`
			SourceIP string `json:"sourceIp"`
		} `json:"http"`
		ELB      *struct{} `json:"elb"`
		Identity struct {
			SourceIP string `json:"sourceIp"`
		} `json:"identity"`
	} `json:"requestContext"`
}

// source is what sent an event, as far as formats differ.
type source int

const (
	payload1     source = iota + 1 // API Gateway, REST or HTTP API, payload format 1.0
	payload2                       // API Gateway, HTTP API, or a function URL, payload format 2.0
	loadBalancer                   // an Application Load Balancer
)

func (e *httpEvent) source() (source, error) {
	switch {
	case e.RequestContext.HTTP.Method != "":
		return payload2, nil
	case e.HTTPMethod != "" && e.RequestContext.ELB != nil:
		return loadBalancer, nil
	case e.HTTPMethod != "":
		return payload1, nil
	default:
		return 0, errors.New("lambda: not an HTTP request: want an event of API Gateway, a function URL or an Application Load Balancer")
	}
}

func (e *httpEvent) request(ctx context.Context, from source) (*http.Request, error) {
	body := []byte(e.Body)
	if e.IsBase64Encoded {
		var err error
		if body, err = base64.StdEncoding.DecodeString(e.Body); err != nil {
			return nil, fmt.Errorf("lambda: the body is not base64: %w", err)
		}
	}
	method, u, addr := e.HTTPMethod, &url.URL{Path: e.Path}, e.RequestContext.Identity.SourceIP
	switch from {
	case payload2:
		method, addr = e.RequestContext.HTTP.Method, e.RequestContext.HTTP.SourceIP
		u.Path, u.RawQuery = e.RawPath, e.RawQueryString
	case loadBalancer:
		u.RawQuery = query(e.multi(e.Query, e.MultiValueQuery), func(s string) string { return s }) // as it came
	case payload1:
		u.RawQuery = query(e.multi(e.Query, e.MultiValueQuery), url.QueryEscape)
	}
	r, err := http.NewRequestWithContext(ctx, method, "/", io.NopCloser(bytes.NewReader(body)))
	if err != nil {
		return nil, fmt.Errorf("lambda: not an HTTP request: %w", err)
	}
	r.URL, r.ContentLength = u, int64(len(body))
	for name, values := range e.multi(e.Headers, e.MultiValueHeaders) {
		for _, value := range values { // in payload format 2.0 several come as one, joined by commas
			r.Header.Add(name, value)
		}
	}
	if len(e.Cookies) > 0 {
		r.Header.Set("Cookie", strings.Join(e.Cookies, "; "))
	}
	r.Host = r.Header.Get("Host")
	r.RemoteAddr = addr
	r.RequestURI = u.RequestURI()
	return r, nil
}

// multi returns the form with all values where there is one.
func (e *httpEvent) multi(one map[string]string, all map[string][]string) map[string][]string {
	if len(all) > 0 {
		return all
	}
	all = make(map[string][]string, len(one))
	for name, value := range one {
		all[name] = []string{value}
	}
	return all
}

func query(values map[string][]string, escape func(string) string) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		for _, value := range values[name] {
			parts = append(parts, escape(name)+"="+escape(value))
		}
	}
	return strings.Join(parts, "&")
}
