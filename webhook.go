package modelslab

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/modelslab-go/modelslab/internal/endpoint"
	"github.com/modelslab-go/modelslab/internal/token"
)

const (
	// maxCallbackURL is what ModelsLab's own storage of the URL is known to hold.
	maxCallbackURL = 191
	tokenLifetime  = 30 * 24 * time.Hour
)

// callbacks is the client's side of webhooks: which URL a request carries.
type callbacks struct {
	url        string
	sign       func(token.Claims) string // holds the secret, so that fmt cannot print it; nil without one
	loopbackOK bool
}

// WithWebhook sets the callback URL of every request that has none of its own.
// It is absolute HTTPS. With at least one secret of 32 bytes or more every
// callback URL, a request's own too, carries a token that the handler in
// package webhook verifies; the first secret signs. An empty url signs the
// requests' own URLs only. Defaults to no callback.
func WithWebhook(url string, secrets ...[]byte) Option {
	return func(c *Client) error {
		for _, s := range secrets {
			if len(s) < token.MinSecret {
				return fmt.Errorf("webhook secret of %d bytes: want at least %d random bytes", len(s), token.MinSecret)
			}
		}
		c.callbacks.url = url
		c.callbacks.sign = nil
		if len(secrets) > 0 {
			secret := append([]byte(nil), secrets[0]...)
			c.callbacks.sign = func(claims token.Claims) string { return token.Sign(secret, claims) }
		}
		return nil
	}
}

// WithLoopbackWebhooks accepts callback URLs of plain HTTP on loopback, for
// tests against a local server: ModelsLab itself could not reach them. Defaults
// to HTTPS only.
func WithLoopbackWebhooks() Option {
	return func(c *Client) error {
		c.callbacks.loopbackOK = true
		return nil
	}
}

// check refuses a callback URL that no delivery could come in on.
func (cb *callbacks) check(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return nil, errors.New("the callback URL does not parse")
	case u.Scheme == "https" && u.Hostname() != "":
	case u.Scheme == "http" && loopback(u.Hostname()):
		if !cb.loopbackOK {
			return nil, errors.New("the callback URL is plain HTTP on loopback; WithLoopbackWebhooks accepts that in tests")
		}
	default:
		return nil, errors.New("the callback URL must be absolute and HTTPS")
	}
	switch {
	case u.User != nil:
		return nil, errors.New("the callback URL must not carry a user or password")
	case u.Fragment != "":
		return nil, errors.New("the callback URL must not have a fragment")
	}
	return u, nil
}

// resolve returns the callback URL and the track id that a request is sent
// with. An empty URL means no callback.
func (cb *callbacks) resolve(op string, e *endpoint.Endpoint, kind, webhook, trackID string, o *callOptions) (callback, track string, err error) {
	// A workflow takes any body field as its own parameter, so only what the caller set is sent.
	optIn := e.Auth == endpoint.AuthHeader
	own := webhook != ""
	if !own && !optIn {
		webhook = cb.url
	}
	if trackID == "" {
		trackID = uuid.NewString()
	}
	if webhook == "" || o.noWebhook || !e.Webhook {
		return "", trackID, nil
	}
	u, err := cb.check(webhook)
	if err != nil {
		return "", "", invalid(op, "webhook", err.Error())
	}
	webhook, err = cb.finish(u, kind, token.JobOf(trackID), o.unsigned)
	if err != nil {
		return "", "", invalid(op, "webhook", err.Error())
	}
	return webhook, trackID, nil
}

// finish appends what tells the receiver about the job: the token, or the bare
// kind where nothing signs.
func (cb *callbacks) finish(u *url.URL, kind string, job token.Job, unsigned bool) (string, error) {
	query := u.Query()
	if query.Has(token.Param) || query.Has(token.KindParam) {
		return "", fmt.Errorf("the callback URL already has a query value %q or %q, which this package appends", token.Param, token.KindParam)
	}
	signed := cb.sign != nil && !unsigned
	var value string
	if signed {
		value = token.Param + "=" + cb.sign(token.Claims{
			Kind: endpoint.CodeOf(kind), Expiry: time.Now().Add(tokenLifetime), Job: job,
		})
	} else if endpoint.CodeOf(kind) != 0 {
		value = token.KindParam + "=" + url.QueryEscape(kind)
	}
	out := *u
	if value != "" {
		out.RawQuery = strings.TrimPrefix(strings.TrimSuffix(u.RawQuery, "&")+"&"+value, "&")
	}
	s := out.String()
	if len(s) > maxCallbackURL {
		return "", fmt.Errorf("the callback URL is %d characters long, token included; ModelsLab keeps %d: use a shorter one", len(s), maxCallbackURL)
	}
	return s, nil
}
