package modelslabtest

import (
	"context"
	"hash/maphash"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/modelslab-go/modelslab"
)

// inProcess is the origin of the URLs of in-process clients.
const inProcess = "https://modelslab.test"

// Server is a ModelsLab API. It is safe for concurrent use. It is also an
// [http.Handler], for programs that bring their own listener.
type Server struct {
	config   settings
	seed     maphash.Seed
	lifetime func() context.Context // ends with Close
	stop     context.CancelFunc
	closed   <-chan struct{}
	work     sync.WaitGroup
	sender   *http.Client
	replay   *replay // nil without recordings

	scripting sync.Mutex
	script    func(*Request) *Fault

	mu       sync.Mutex
	next     map[Call][]Fault
	spells   []spell
	receiver http.Handler
	listener net.Listener
	server   *http.Server
	agenda   agenda
	records  records
	jobs     jobs
	uploads  map[string]uploadedFile
	voices   []voice
}

// NewServer starts a server. Inside a testing/synctest bubble it lives in the
// bubble's time. It must be closed.
func NewServer(opts ...Option) *Server {
	ctx, cancel := context.WithCancel(context.Background())
	s := &Server{
		config:   newConfig(opts),
		seed:     maphash.MakeSeed(),
		lifetime: func() context.Context { return ctx },
		stop:     cancel,
		closed:   ctx.Done(),
		next:     map[Call][]Fault{},
		jobs:     newJobs(),
		uploads:  map[string]uploadedFile{},
	}
	s.sender = newSender(s.config.remote)
	s.replay = newReplay(s.config.recordings)
	return s
}

// spawn runs f on a goroutine that Close waits for. The caller holds the lock.
func (s *Server) spawn(f func()) {
	if s.lifetime().Err() == nil {
		s.work.Go(f)
	}
}

// URL returns the base URL for a client, which ends in /api. The first call
// starts a listener on loopback, so it does not belong into a testing/synctest
// bubble. It panics when no port is free or the server is closed.
func (s *Server) URL() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listener == nil {
		l, err := new(net.ListenConfig).Listen(s.lifetime(), "tcp", "127.0.0.1:0")
		if err != nil {
			panic("modelslabtest: " + err.Error())
		}
		s.listener = l
		s.server = &http.Server{Handler: s, ReadHeaderTimeout: time.Minute, ConnState: s.track()}
		s.spawn(func() { _ = s.server.Serve(l) })
	}
	return "http://" + s.listener.Addr().String() + "/api"
}

// track makes Close wait for the connections.
func (s *Server) track() func(net.Conn, http.ConnState) {
	return func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			s.work.Add(1)
		case http.StateClosed, http.StateHijacked:
			s.work.Done()
		case http.StateActive, http.StateIdle:
		}
	}
}

// HTTPClient returns an HTTP client that reaches the server without a network,
// whatever the host of the URL.
func (s *Server) HTTPClient() *http.Client { return &http.Client{Transport: transport{s}} }

// Client returns a client that reaches the server without a network. It has the
// server's key, or "test-key" where any will do, and accepts callback URLs on
// loopback. It panics on an unusable option.
func (s *Server) Client(opts ...modelslab.Option) *modelslab.Client {
	key := s.config.key
	if key == "" {
		key = "test-key"
	}
	all := []modelslab.Option{
		modelslab.WithBaseURL(inProcess + "/api"),
		modelslab.WithHTTPClient(s.HTTPClient()),
		modelslab.WithLoopbackWebhooks(),
		modelslab.WithWebhook(""), // not that of the environment
	}
	c, err := modelslab.New(key, append(all, opts...)...)
	if err != nil {
		panic("modelslabtest: " + err.Error())
	}
	return c
}

// DeliverTo makes webhooks go to h without a network, whatever the host of the
// callback URL; nil undoes it. Defaults to sending them, to loopback alone.
func (s *Server) DeliverTo(h http.Handler) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.receiver = h
}

// Close ends everything: open jobs stop where they are, connections break, and
// deliveries under way are waited for. Calls made later fail.
func (s *Server) Close() {
	s.mu.Lock()
	s.stop()
	s.agenda.stop()
	server := s.server
	s.mu.Unlock()
	if server != nil {
		_ = server.Close()
	}
	s.work.Wait()
	s.sender.CloseIdleConnections()
}

// Requests returns every request so far, in the order of arrival.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.records.requests)
}
