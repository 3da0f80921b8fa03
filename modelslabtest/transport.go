package modelslabtest

import (
	"context"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"strconv"
	"syscall"
	"time"
)

// transport calls the server without a network. Its errors are those of a network.
type transport struct{ server *Server }

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		defer r.Body.Close()
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	a, err := t.server.answer(r, r.URL.Scheme+"://"+r.URL.Host)
	switch {
	case err != nil:
		return nil, err
	case a.unreachable:
		return nil, broken("dial", "connect", syscall.ECONNREFUSED)
	case a.reset:
		return nil, broken("read", "read", syscall.ECONNRESET)
	}
	return &http.Response{
		Status:     strconv.Itoa(a.status) + " " + http.StatusText(a.status),
		StatusCode: a.status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: a.header, ContentLength: a.length(), Body: newBody(t.server, r, &a), Request: r,
	}, nil
}

func broken(op, call string, cause syscall.Errno) error {
	return &net.OpError{
		Op: op, Net: "tcp", Err: os.NewSyscallError(call, cause),
		Addr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 443},
	}
}

// response is an answer, in process or over a connection.
type response struct {
	status      int
	header      http.Header
	body        []byte
	breakAfter  int // of the body; 0 means not at all
	stall       time.Duration
	stallAfter  int // of the body
	endless     bool
	reset       bool
	unreachable bool
}

// length is the answer's Content-Length, -1 when it has none.
func (a *response) length() int64 {
	if a.endless {
		return -1
	}
	if n, err := strconv.ParseInt(a.header.Get("Content-Length"), 10, 64); err == nil {
		return n
	}
	return int64(len(a.body))
}

// responseBody reads the body of a response with its stall, its break or without
// an end.
type responseBody struct {
	response

	server *Server
	ctx    context.Context //nolint:containedctx // of the request: a body belongs to one
	cancel context.CancelFunc
	at     int
	closed bool
}

func newBody(s *Server, r *http.Request, a *response) *responseBody {
	b := &responseBody{response: *a, server: s, ctx: r.Context()}
	if a.stall != 0 {
		b.ctx, b.cancel = context.WithCancel(b.ctx)
	}
	return b
}

func (b *responseBody) Read(p []byte) (int, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	if b.closed {
		return 0, errors.New("http: read on closed response body")
	}
	end := len(b.body)
	if b.breakAfter > 0 {
		end = min(end, b.breakAfter)
	}
	if b.stall != 0 {
		if first := min(end, b.stallAfter); b.at < first {
			end = first
		} else if err := b.server.hold(b.ctx, b.stall); err != nil {
			return 0, err
		} else {
			b.stall = 0
		}
	}
	switch {
	case b.at < end:
		n := copy(p, b.body[b.at:end])
		b.at += n
		return n, nil
	case b.endless:
		return fill(p), nil
	case b.at < len(b.body):
		return 0, io.ErrUnexpectedEOF
	default:
		return 0, io.EOF
	}
}

// Close ends a Read that waits in a stall.
func (b *responseBody) Close() error {
	if b.cancel == nil {
		b.closed = true
		return nil
	}
	b.cancel()
	return nil
}

func fill(p []byte) int {
	for i := range p {
		p[i] = 'a'
	}
	return len(p)
}

// ServeHTTP answers over a connection.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	scheme := "http://"
	if r.TLS != nil {
		scheme = "https://"
	}
	a, err := s.answer(r, scheme+r.Host)
	if err != nil || a.reset || a.unreachable {
		reset(w)
	}
	maps.Copy(w.Header(), a.header)
	if n := a.length(); n >= 0 {
		w.Header().Set("Content-Length", strconv.FormatInt(n, 10))
	}
	w.WriteHeader(a.status)
	write(w, newBody(s, r, &a))
}

// write sends a body, and breaks the connection where the body breaks.
func write(w http.ResponseWriter, body *responseBody) {
	defer func() { _ = body.Close() }()
	block := make([]byte, 32<<10)
	for {
		if body.stall != 0 {
			_ = http.NewResponseController(w).Flush()
		}
		n, err := body.Read(block)
		if _, failed := w.Write(block[:n]); failed != nil || err == io.EOF { //nolint:errorlint // our own reader
			return
		}
		if err != nil {
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}
	}
}

// reset ends the connection as an interrupted one ends: no answer, no FIN.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err == nil {
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		_ = conn.Close()
	}
	panic(http.ErrAbortHandler)
}
