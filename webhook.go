package modelslab

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/modelslab-go/modelslab/internal/endpoint"
	"github.com/modelslab-go/modelslab/internal/fault"
	"github.com/modelslab-go/modelslab/internal/token"
)

var loopback = token.Loopback

// callbacks is the client's side of webhooks: which URL a request carries.
type callbacks struct {
	url         string
	parsed      *url.URL   // nil without one
	key         *token.Key // nil without a secret
	loopbackOK  bool
	configured  bool // by WithWebhook
	development bool // key is the secret that MODELSLAB_DEV=1 puts in every receiver's place too
}

// WithWebhook sets the callback URL of every request that has none of its own.
// It is absolute HTTPS. With at least one secret of 32 bytes or more every
// callback URL, a request's own too, carries a token that the handler in
// package webhook verifies: "sig" and 52 characters in the query. The first
// secret signs; list the others for [the handler], which verifies with all of
// them. A token is good for 30 days. An empty url signs the requests' own URLs
// only. Without secrets the URL carries the job's kind alone. [NoWebhook] and
// [UnsignedWebhook] opt out. Defaults to the environment variables
// MODELSLAB_WEBHOOK_URL and MODELSLAB_WEBHOOK_SECRET, and without them to no
// callback; WithWebhook("") is no callback whatever they say.
//
// ModelsLab keeps 191 characters of a callback URL, token included; New refuses
// a longer url, and a request with a longer one is refused before it is sent.
//
// [the handler]: https://pkg.go.dev/github.com/modelslab-go/modelslab/webhook#WithSecrets
func WithWebhook(url string, secrets ...[]byte) Option {
	return func(c *Client) error {
		c.callbacks.url, c.callbacks.key, c.callbacks.configured = url, nil, true
		for i, secret := range secrets {
			key, err := token.NewKey(secret)
			if err != nil {
				return err
			}
			if i == 0 {
				c.callbacks.key = key
			}
		}
		return nil
	}
}

// SignsWith reports whether the client signs its callback URLs with one of the
// secrets, those that a receiver verifies with: where it does not, every
// delivery would be refused. The time it takes tells nothing about the secrets.
// With MODELSLAB_DEV=1 and MODELSLAB_WEBHOOK_SECRET it is true, because
// receivers verify with that secret too, whatever theirs are.
func (c *Client) SignsWith(secrets ...[]byte) bool {
	signs := c.callbacks.development
	for _, secret := range secrets {
		if key, err := token.NewKey(secret); err == nil && c.callbacks.key != nil && c.callbacks.key.Same(key) {
			signs = true
		}
	}
	return signs
}

// WithLoopbackWebhooks accepts callback URLs of plain HTTP on loopback, for
// tests against a local server: ModelsLab itself could not reach them. Defaults
// to HTTPS only, unless the environment has MODELSLAB_DEV=1.
func WithLoopbackWebhooks() Option {
	return func(c *Client) error {
		c.callbacks.loopbackOK = true
		return nil
	}
}

// check refuses a default URL that could not be sent, once all options are known.
func (cb *callbacks) check() (err error) {
	if cb.url == "" {
		return nil
	}
	if cb.parsed, err = cb.parse(cb.url); err == nil {
		_, err = token.Callback(cb.parsed, cb.key, token.Claims{Kind: endpoint.CodeOf(string(KindVideo))}, string(KindVideo))
	}
	return err
}

// parse refuses a callback URL that no delivery could come in on.
func (cb *callbacks) parse(raw string) (*url.URL, error) {
	u, err := token.Parse(raw, cb.loopbackOK)
	if errors.Is(err, token.ErrLoopback) {
		return nil, fmt.Errorf("%w; WithLoopbackWebhooks accepts that in tests", err)
	}
	return u, err
}

// A callback is what a request is sent with.
type callback struct {
	url     string // "" for no callback
	trackID string
	expiry  int64 // of the token in url, in Unix seconds; 0 without one
}

// callback decides what a request is sent with.
func (c *Client) callback(ctx context.Context, op string, e *endpoint.Endpoint, kind Kind, webhook, trackID string, o *callOptions) (callback, error) {
	out := callback{trackID: trackID}
	// A workflow takes any body field as its own parameter, so only what the caller set is sent.
	if webhook == "" && e.Auth != endpoint.AuthHeader {
		webhook = c.callbacks.url
	}
	if webhook == "" || o.noWebhook || !e.Webhook {
		return out, nil
	}
	u, err := c.callbacks.parsed, error(nil)
	if webhook != c.callbacks.url {
		u, err = c.callbacks.parse(webhook)
	}
	if err == nil {
		key := c.callbacks.key
		if o.unsigned {
			key = nil
		}
		claims := token.Claims{Kind: endpoint.CodeOf(string(kind)), Job: token.JobOf(out.trackID)}
		if key != nil {
			claims.Expiry = c.deliveries.Expiry(out.trackID, time.Now())
			out.expiry = claims.Expiry.Unix()
		}
		out.url, err = token.Callback(u, key, claims, string(kind))
		if c.tracing != nil && key != nil && err == nil {
			out.url = c.tracing.linked(ctx, out.url)
		}
	}
	if err != nil {
		return callback{}, fault.Refuse(op, "webhook", err.Error())
	}
	return out, nil
}

// WorkflowCallbackURL returns the URL to configure on a workflow, in the
// dashboard of ModelsLab, so that its runs report to the client's
// [WithWebhook] URL. It serves all runs of that workflow and does not expire:
// replace the secret to revoke it.
//
// Docs: https://docs.modelslab.com/workflows-api/overview
//
// Errors: *[Error] without a WithWebhook URL, without an id, or for a URL of
// more than 191 characters.
func (c *Client) WorkflowCallbackURL(workflowID string) (string, error) {
	const op = "workflow callback URL"
	switch {
	case workflowID == "":
		return "", refuse(op, "workflow_id", "the workflow id is empty")
	case c.callbacks.url == "":
		return "", refuse(op, "webhook", "the client has no callback URL; set one with WithWebhook")
	}
	s, err := token.Callback(c.callbacks.parsed, c.callbacks.key, token.Claims{
		Kind: token.AnyRun, Expiry: token.Never, Job: token.JobOfWorkflow(workflowID),
	}, string(KindWorkflow))
	if err != nil {
		return "", refuse(op, "webhook", err.Error())
	}
	return s, nil
}
