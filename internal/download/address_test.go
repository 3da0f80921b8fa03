package download_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/internal/download"
	"github.com/modelslab-go/modelslab/internal/download/downloadtest"
	"github.com/modelslab-go/modelslab/internal/fault"
)

func TestAddresses(t *testing.T) {
	t.Parallel()
	const host = "https://files.example.com"
	tests := []struct{ raw, want string }{
		{host + "/a.png", host + "/a.png"},
		{" \t" + host + "/a.png\r\n", host + "/a.png"},
		{host + "/a b.png", host + "/a%20b.png"},
		{host + "/a%20b.png", host + "/a%20b.png"},
		{host + "/100%.png", host + "/100%25.png"},
		{host + "/100%2.png", host + "/100%252.png"},
		{host + "/a%2Fb.png", host + "/a%2Fb.png"},
		{host + "/%09%90%af%fa%AF%FA", host + "/%09%90%af%fa%AF%FA"},
		{host + "/%0/%/0%g0%0g%G0%/9", host + "/%250/%25/0%25g0%250g%25G0%25/9"},
		{host + "/a%2", host + "/a%252"},
		{host + "/a\x7fb", host + "/a%7Fb"},
		{host + "/a.png?x=%zz&y=100%", host + "/a.png?x=%25zz&y=100%25"},
		{host + "/a.png?response-content-disposition=attachment; filename=my file.png", host + "/a.png?response-content-disposition=attachment;%20filename=my%20file.png"},
		{host + `/a.png?name="b"<c>\{d}`, host + "/a.png?name=%22b%22%3Cc%3E%5C%7Bd%7D"},
		{host + "/größe.png?q=größe", host + "/gr%C3%B6%C3%9Fe.png?q=gr%C3%B6%C3%9Fe"},
		{host + "/a\n.png", host + "/a.png"},
		{host + "?a b", host + "?a%20b"},
		{host, host},
	}
	for _, tt := range tests {
		t.Run(tt.raw, func(t *testing.T) {
			t.Parallel()
			server := &downloadtest.Server{File: downloadtest.Video(600), Script: []downloadtest.Reply{{}}}
			got, err := transfer(t, server, tt.raw, download.Options{})
			require.NoError(t, err)
			require.Len(t, got, 600)
			require.Equal(t, tt.want, server.Requests[0].URL.String())
		})
	}
	for _, raw := range []string{"", "a.png", "/a.png", "https:///a", "https://a b/c", "https://[::1/a", "https://files.example.com:port/a", "ftp://files.example.com/a", "https://me:secret@files.example.com/a"} {
		_, err := transfer(t, &downloadtest.Server{}, raw+"?sig=topsecret", download.Options{})
		require.ErrorIs(t, err, fault.Invalid, raw)
		require.NotContains(t, err.Error(), "secret", raw)
	}
}

// TestRedirects: a redirect leads on as it does in a browser, and what signs its
// address is in no error and no log.
func TestRedirects(t *testing.T) {
	t.Parallel()
	const signed = "X-Amz-Signature=topsecret"
	tests := []struct {
		name, location string
		err            error // of the request that follows
		want           error
		url            string // of the request that follows
	}{
		{name: "signed", location: "https://cdn.example.com/a.png?" + signed, url: "https://cdn.example.com/a.png?" + signed},
		{name: "relative", location: "/b.png?" + signed, url: "https://files.example.com/b.png?" + signed},
		{name: "relative with blanks", location: "b c.png?u=https://x/y z&" + signed, url: "https://files.example.com/b%20c.png?u=https://x/y%20z&" + signed},
		{name: "without a scheme", location: "//cdn.example.com/100%?" + signed, url: "https://cdn.example.com/100%25?" + signed},
		{name: "stray percent sign", location: "https://cdn.example.com/100%.png?" + signed, url: "https://cdn.example.com/100%25.png?" + signed},
		{name: "does not parse", location: "https://[cdn/100%.png?" + signed, want: fault.Invalid},
		{name: "bad port", location: "https://cdn.example.com:x/a?" + signed, want: fault.Invalid},
		{name: "plain HTTP", location: "http://cdn.example.com/a?" + signed, want: fault.Invalid},
		{name: "inside", location: "https://10.0.0.1/a?" + signed, want: fault.Invalid},
		{name: "with a user", location: "https://me:topsecret@cdn.example.com/a?" + signed, want: fault.Invalid},
		{name: "broken", location: "https://cdn.example.com/a?" + signed, err: errors.New("no route"), want: fault.Unavailable, url: "https://cdn.example.com/a?" + signed},
		{
			name: "broken in words that quote it", location: "https://cdn.example.com/a?" + signed, want: fault.Unavailable, url: "https://cdn.example.com/a?" + signed,
			err: fmt.Errorf(`proxy: Get "https://cdn.example.com/a?%s": %w`, signed, io.ErrUnexpectedEOF),
		},
		{name: "in a circle", location: "/a.png?" + signed, want: fault.Invalid},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var followed []*http.Request
				var logs bytes.Buffer
				client := clientOf(roundTripper(func(r *http.Request) (*http.Response, error) {
					if len(followed) > 0 || r.URL.RawQuery != "" {
						followed = append(followed, r)
						if tt.err != nil || tt.url != "" {
							return downloadtest.Reply{Err: tt.err}.Response(r, downloadtest.Video(600))
						}
					}
					return &http.Response{StatusCode: http.StatusFound, Header: http.Header{"Location": {tt.location}}, Body: http.NoBody, Request: r}, nil
				}))
				client.Log = slog.New(slog.NewTextHandler(&logs, nil))
				f, err := client.Open(t.Context(), "https://files.example.com/a.png", download.Options{})
				require.NoError(t, err)
				_, err = f.WriteTo(io.Discard)
				require.NoError(t, f.Close())
				require.NotContains(t, logs.String(), "topsecret")
				if tt.url != "" {
					require.Equal(t, tt.url, followed[0].URL.String())
					require.Empty(t, followed[0].Header.Get("Referer"))
				}
				if tt.want == nil {
					require.NoError(t, err)
					return
				}
				require.ErrorIs(t, err, tt.want)
				require.NotContains(t, err.Error(), "topsecret")
			})
		})
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestDataURIs(t *testing.T) {
	t.Parallel()
	tests := []struct {
		uri, want, contentType, name string
		bad                          bool
	}{
		{uri: "data:image/png;base64,iVBORw0KGgo=", want: "\x89PNG\r\n\x1a\n", contentType: "image/png", name: "data.png"},
		{uri: "DATA:image/png;BASE64,iVBORw0KGgo", want: "\x89PNG\r\n\x1a\n", contentType: "image/png", name: "data.png"},
		{uri: "data:audio/wav;codec=1;base64,UklGRg%3D%3D", want: "RIFF", contentType: "audio/wav", name: "data.wav"},
		{uri: "data:,Hello%2C%20World", want: "Hello, World", name: "data"},
		{uri: "data:text/plain;charset=utf-8,100% sure", want: "100% sure", contentType: "text/plain", name: "data.txt"},
		{uri: "data:image/png;base64,", bad: true},
		{uri: "data:image/png;base64", bad: true},
		{uri: "data:image/png;base64,####", bad: true},
		{uri: "data:image/png;base64,iVBORw0KG", bad: true},
	}
	for _, tt := range tests {
		t.Run(tt.uri, func(t *testing.T) {
			t.Parallel()
			server := &downloadtest.Server{}
			got, err := transfer(t, server, tt.uri, download.Options{})
			require.Empty(t, server.Requests)
			if tt.bad {
				require.ErrorIs(t, err, fault.Invalid)
				return
			}
			require.NoError(t, err)
			require.Equal(t, tt.want, string(got))
			f, err := clientOf(server).Open(t.Context(), tt.uri, download.Options{Limit: int64(len(tt.want)) - 1})
			require.NoError(t, err)
			require.Equal(t, tt.name, f.Name())
			require.Equal(t, tt.contentType, f.ContentType())
			_, err = f.WriteTo(io.Discard)
			require.ErrorIs(t, err, download.ErrTooLarge)
			require.NoError(t, f.Close())
		})
	}
}

// FuzzAddresses: what is sent is always a URL, whose host is that of the text.
func FuzzAddresses(f *testing.F) {
	for _, seed := range []string{"/a b", "/%", "?%zz", "/\x00\xff", "#x y", ":443/%2", "@evil.example.org/", "\\evil"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, rest string) {
		server := &downloadtest.Server{File: downloadtest.Video(600), Script: []downloadtest.Reply{{}}}
		_, err := transfer(t, server, "https://files.example.com/"+rest, download.Options{})
		require.NoError(t, err)
		u := server.Requests[0].URL
		require.Equal(t, "files.example.com", u.Host)
		require.False(t, strings.ContainsFunc(u.String(), func(r rune) bool { return r <= ' ' || r > '~' }), u.String())
	})
}
