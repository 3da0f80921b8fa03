package token

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestCallback(t *testing.T) {
	t.Parallel()
	room := MaxAddress - len("https://a.b/?sig=") - Size
	for _, tt := range []struct {
		url, want string // part of the error, "" for none
	}{
		{"https://a.b/hook", ""},
		{"https://a.b/hook?tenant=7", ""},
		{"http://localhost:8080/hook", ""},
		{"http://[::1]/hook", ""},
		{"https://a.b/" + strings.Repeat("x", room), ""},
		{"https://a.b/" + strings.Repeat("x", room+1), "192 characters long"},
		{"http://a.b/hook", "absolute and HTTPS"},
		{"http://10.0.0.1/hook", "absolute and HTTPS"},
		{"ftp://a.b/hook", "absolute and HTTPS"},
		{"/hook", "absolute and HTTPS"},
		{"", "absolute and HTTPS"},
		{"https://a.b/%zz", "does not parse"},
		{"https://u:p@a.b/", "user or password"},
		{"https://a.b/#x", "fragment"},
		{"https://a.b/?sig=x", "already has"},
		{"https://a.b/?kind=video", "already has"},
	} {
		u, err := Parse(tt.url, true)
		var s string
		if err == nil {
			s, err = Callback(u, key(t, secretA), Claims{Kind: 1, Expiry: now.Add(time.Hour)}, "video")
		}
		if tt.want != "" {
			require.ErrorContains(t, err, tt.want, tt.url)
			continue
		}
		require.NoError(t, err, tt.url)
		_, sig, _ := strings.Cut(s, "sig=")
		_, ok := Verify([]*Key{key(t, secretA)}, sig, now)
		require.True(t, ok, s)
	}
	require.Equal(t, "https://a.b/?sig=x&tl=aZ0-_", WithLink("https://a.b/?sig=x", "aZ0-_"))
	long := "https://a.b/" + strings.Repeat("x", MaxAddress-len("https://a.b/"+"&tl=abc"))
	require.Equal(t, long+"&tl=abc", WithLink(long, "abc"))
	for _, link := range []string{"abcd", "", "a b", "a&b=c", "é", strings.Repeat("a", MaxLink+1)} {
		require.Equal(t, long, WithLink(long, link), link)
		require.Equal(t, link == "abcd", IsLink(link), link)
	}
	_, err := Parse("http://127.0.0.1/hook", false)
	require.ErrorIs(t, err, ErrLoopback)
}
