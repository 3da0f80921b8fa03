package modelslabtest

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"strconv"
	"syscall"
)

// transport reaches the server without a network and fails as a real one does.
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
		Header: a.header, ContentLength: a.length(), Body: &answerBody{answer: a, request: r}, Request: r,
	}, nil
}

func broken(op, call string, cause syscall.Errno) error {
	return &net.OpError{
		Op: op, Net: "tcp", Err: os.NewSyscallError(call, cause),
		Addr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 443},
	}
}

// answer is what the server has to say, whichever way it is sent.
type answer struct {
	status      int
	header      http.Header
	body        []byte
	breakAfter  int // of the body; 0 means not at all
	endless     bool
	reset       bool
	unreachable bool
}

// length is the answer's Content-Length, -1 when it has none.
func (a *answer) length() int64 {
	if a.endless {
		return -1
	}
	if n, err := strconv.ParseInt(a.header.Get("Content-Length"), 10, 64); err == nil {
		return n
	}
	return int64(len(a.body))
}

// answerBody reads an answer in process.
type answerBody struct {
	answer

	request *http.Request
	at      int
	closed  bool
}

func (b *answerBody) Read(p []byte) (int, error) {
	rest := b.body[min(b.at, len(b.body)):]
	if b.breakAfter > 0 {
		rest = b.body[min(b.at, len(b.body)):min(b.breakAfter, len(b.body))]
	}
	err := b.request.Context().Err()
	switch {
	case b.closed:
		return 0, errors.New("http: read on closed response body")
	case err != nil:
		return 0, err
	case len(rest) > 0:
		n := copy(p, rest)
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

func (b *answerBody) Close() error {
	b.closed = true
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
	if a.breakAfter > 0 && a.breakAfter < len(a.body) {
		_, _ = w.Write(a.body[:a.breakAfter])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
	_, err = io.Copy(w, bytes.NewReader(a.body))
	block := make([]byte, 32<<10)
	for fill(block); a.endless && err == nil; {
		_, err = w.Write(block)
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
