package modelslab

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/modelslab-go/modelslab/internal/delivery"
	"github.com/modelslab-go/modelslab/internal/transport"
	"github.com/modelslab-go/modelslab/internal/upload"
)

// Version is the version of this package, as it stands in the User-Agent.
const Version = "0.1.0"

const defaultBaseURL = "https://modelslab.com/api"

// Client talks to the ModelsLab API. It is safe for concurrent use; make one
// and share it. The zero value is not usable: see [New].
type Client struct {
	Image     *ImageService
	Editing   *EditingService
	Video     *VideoService
	Audio     *AudioService
	ThreeD    *ThreeDService
	Training  *TrainingService
	Workflows *WorkflowService
	Interior  *InteriorService
	FaceSwap  *FaceSwapService
	V7        *V7Service
	V8        *V8Service
	Models    *ModelService
	Assets    *AssetService
	Account   *AccountService

	base        *url.URL
	key         func() string // a closure, so that fmt cannot print the key
	http        *http.Client
	stock       bool // http has the default transport
	log         logger
	tracing     tracing // nil for none
	userAgent   string
	enterprise  bool
	privateOK   bool
	submitTries int
	fetchTries  int
	callbacks   callbacks
	transport   *transport.Transport
	deliveries  *delivery.Table[*Job]
	limits      limits
	doubts      doubts
	uploads     upload.Cache
	downloader  downloader
}

// service is what every service of a client is.
type service struct{ client *Client }

// New returns a client. An empty apiKey means the environment variable
// MODELSLAB_API_KEY. A missing key, an unusable option or an unusable variable
// is an error; New never panics and sends nothing.
//
// Where the option is absent, these variables take its place:
//
//	MODELSLAB_BASE_URL        of WithBaseURL
//	MODELSLAB_WEBHOOK_URL     the URL of WithWebhook
//	MODELSLAB_WEBHOOK_SECRET  the secret of WithWebhook, 32 bytes or more
//
// With MODELSLAB_DEV=1 they win over the options, and callback URLs on loopback
// are accepted: that is how a command puts itself between a program and the API.
func New(apiKey string, opts ...Option) (*Client, error) {
	if apiKey == "" {
		apiKey = os.Getenv("MODELSLAB_API_KEY")
	}
	if apiKey = strings.TrimSpace(apiKey); apiKey == "" {
		return nil, errors.New("modelslab: no API key: pass one to New or set MODELSLAB_API_KEY")
	}
	if strings.ContainsFunc(apiKey, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return nil, errors.New("modelslab: the API key has a control character in it; it was pasted wrong")
	}
	c := &Client{
		key:         func() string { return apiKey },
		stock:       true,
		log:         silence{},
		userAgent:   "modelslab-go/" + Version,
		submitTries: 4,
		fetchTries:  4,
	}
	c.http = &http.Client{Transport: defaultTransport()}
	c.deliveries = delivery.New(report)
	for _, opt := range opts {
		if opt == nil {
			continue
		}
		if err := opt(c); err != nil {
			return nil, fmt.Errorf("modelslab: %w", err)
		}
	}
	if err := c.environment(); err != nil {
		return nil, fmt.Errorf("modelslab: %w", err)
	}
	if c.base == nil {
		c.base, _ = url.Parse(defaultBaseURL)
	}
	if err := c.callbacks.check(); err != nil {
		return nil, fmt.Errorf("modelslab: %w", err)
	}
	c.transport = &transport.Transport{
		Base: c.base, Key: c.key, UserAgent: []string{c.userAgent}, RoundTripper: c.http.Transport, Timeout: c.http.Timeout,
	}
	if c.transport.RoundTripper == nil {
		c.transport.RoundTripper = http.DefaultTransport
	}
	common := &service{c}
	c.Image = (*ImageService)(common)
	c.Editing = (*EditingService)(common)
	c.Video = (*VideoService)(common)
	c.Audio = (*AudioService)(common)
	c.ThreeD = (*ThreeDService)(common)
	c.Training = (*TrainingService)(common)
	c.Workflows = (*WorkflowService)(common)
	c.Interior = (*InteriorService)(common)
	c.FaceSwap = (*FaceSwapService)(common)
	c.V7 = (*V7Service)(common)
	c.V8 = (*V8Service)(common)
	c.Models = (*ModelService)(common)
	c.Assets = (*AssetService)(common)
	c.Account = (*AccountService)(common)
	if c.limits.set != nil {
		c.limits.set()
	}
	return c, nil
}

// String describes the client without its key.
func (c *Client) String() string { return "modelslab.Client(" + c.base.String() + ")" }

// Option configures a [Client].
type Option func(*Client) error

// WithBaseURL sets where the API is. It ends in /api, and is HTTPS except on
// loopback. Defaults to the environment variable MODELSLAB_BASE_URL, and without
// it to https://modelslab.com/api.
func WithBaseURL(base string) Option {
	return func(c *Client) error {
		u, err := url.Parse(strings.TrimSuffix(base, "/"))
		switch {
		case err != nil:
			return errors.New("base URL: it does not parse")
		case u.Scheme != "https" && u.Scheme != "http" || u.Host == "":
			return fmt.Errorf("base URL %q: want an absolute URL such as %s", u.Redacted(), defaultBaseURL)
		case u.Scheme == "http" && !loopback(u.Hostname()):
			return fmt.Errorf("base URL %q: plain HTTP would show the API key to the network; use https", u.Redacted())
		case u.User != nil || u.RawQuery != "" || u.Fragment != "":
			return fmt.Errorf("base URL %q: want no user, query or fragment", u.Redacted())
		case !strings.HasSuffix(u.Path, "/api"):
			return fmt.Errorf("base URL %q: want it to end in /api", u.Redacted())
		}
		c.base = u
		return nil
	}
}

// WithHTTPClient sets the HTTP client for API calls and downloads. Its
// transport and timeout are used; API calls follow no redirect, because that
// would carry the key away, and send no cookie.
// Defaults to a client that keeps up to 256 idle connections per host, waits up
// to 10 minutes for a response to begin (some submits answer only when the job
// is done) and has no limit on the whole exchange: use contexts for that.
func WithHTTPClient(hc *http.Client) Option {
	return func(c *Client) error {
		if hc == nil {
			return errors.New("HTTP client: it is nil")
		}
		c.http, c.stock = hc, false
		return nil
	}
}

// WithLogger sets where calls are logged, at debug level; the end of a job that
// was submitted or waited for, at info level; retries and other oddities at warn
// level. The end of a job has the fields job, track_id, kind, model, outcome and
// took. Neither the key nor a callback token is ever logged, nor a prompt.
// Defaults to no logging.
func WithLogger(l *slog.Logger) Option {
	return func(c *Client) error {
		if l == nil {
			return errors.New("logger: it is nil")
		}
		c.log = l
		return nil
	}
}

// WithEnterprise sends every request to the dedicated enterprise servers under
// /v1/enterprise. A request whose operation has no such server is refused
// before anything is sent. [Server] picks the server where several offer the
// operation. Defaults to the public API.
func WithEnterprise() Option {
	return func(c *Client) error {
		c.enterprise = true
		return nil
	}
}

// WithUserAgent puts product, such as "shop/1.4", before this package's own
// User-Agent.
func WithUserAgent(product string) Option {
	return func(c *Client) error {
		if strings.ContainsFunc(product, func(r rune) bool { return r < ' ' || r > '~' }) {
			return fmt.Errorf("user agent %q: want printable ASCII", product)
		}
		c.userAgent = strings.TrimSpace(product + " " + c.userAgent)
		return nil
	}
}

// WithSubmitRetries sets how often a submit is repeated after the API or the
// network proved that nothing was queued: a rate limit or queue refusal, or a
// connection that was never made. A submit with an unknown outcome is never
// repeated. Defaults to 3; 0 means never.
func WithSubmitRetries(n int) Option {
	return func(c *Client) error {
		if n < 0 {
			return fmt.Errorf("submit retries %d: want 0 or more", n)
		}
		c.submitTries = n + 1
		return nil
	}
}

// WithFetchRetries sets how often a call that changes nothing is repeated after
// a transient failure: Fetch and the helpers of the services. Wait repeats by its
// own schedule instead. Defaults to 3; 0 means never.
func WithFetchRetries(n int) Option {
	return func(c *Client) error {
		if n < 0 {
			return fmt.Errorf("fetch retries %d: want 0 or more", n)
		}
		c.fetchTries = n + 1
		return nil
	}
}

func defaultTransport() *http.Transport {
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		ForceAttemptHTTP2:     true,
		MaxIdleConns:          512,
		MaxIdleConnsPerHost:   256,
		IdleConnTimeout:       45 * time.Second, // less than the 60 seconds of load balancers, which say nothing when they drop one
		HTTP2:                 &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 10 * time.Second},
		TLSHandshakeTimeout:   10 * time.Second,
		ExpectContinueTimeout: time.Second,
		ResponseHeaderTimeout: 10 * time.Minute, // some submits answer only when the job is done
	}
}

// logger is the part of *slog.Logger that is used. It is an interface so that a
// program without [WithLogger] does not link package slog.
type logger interface {
	Enabled(ctx context.Context, level slog.Level) bool
	Debug(msg string, args ...any)
	DebugContext(ctx context.Context, msg string, args ...any)
	InfoContext(ctx context.Context, msg string, args ...any)
	Warn(msg string, args ...any)
	WarnContext(ctx context.Context, msg string, args ...any)
}

// silence is the logger of a client without one.
type silence struct{}

func (silence) Enabled(context.Context, slog.Level) bool     { return false }
func (silence) Debug(string, ...any)                         {}
func (silence) DebugContext(context.Context, string, ...any) {}
func (silence) InfoContext(context.Context, string, ...any)  {}
func (silence) Warn(string, ...any)                          {}
func (silence) WarnContext(context.Context, string, ...any)  {}
