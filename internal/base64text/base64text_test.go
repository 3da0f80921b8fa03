package base64text_test

import (
	"encoding/base64"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/internal/base64text"
)

// pieces returns its text in reads of at most n bytes.
type pieces struct {
	r io.Reader
	n int
}

func (p pieces) Read(b []byte) (int, error) { return p.r.Read(b[:min(len(b), p.n)]) }

// decodeBy decodes text in reads of n bytes.
func decodeBy(text string, n int) (string, error) {
	got, err := io.ReadAll(base64text.NewReader(pieces{strings.NewReader(text), n}))
	return string(got), err
}

func TestReader(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("\xfb\xff\xbe any", 300)
	encoded := base64.StdEncoding.EncodeToString([]byte(long))
	wrapped := regexp.MustCompile(".{1,76}").ReplaceAllString(encoded, "$0\r\n")
	tests := []struct {
		name, text, want string
		bad              bool
	}{
		{"nothing", "", "", false},
		{"one byte", "QQ==", "A", false},
		{"two bytes", "QUI=", "AB", false},
		{"three bytes", "QUJD", "ABC", false},
		{"no padding", "QUI", "AB", false},
		{"half the padding", "QQ=", "", true},
		{"too much padding", "QUJD=", "", true},
		{"padding alone", "====", "", true},
		{"more after the padding", "QUI=QUI=", "", true},
		{"one character too many", "QUJDQ", "", true},
		{"not base64", "Hello, world", "", true},
		{"spaces and lines", " Q U\nI = \n", "AB", false},
		{"byte order mark", "\xef\xbb\xbfQUI=", "AB", false},
		{"long", encoded, long, false},
		{"long in lines", wrapped, long, false},
		{"long, URL alphabet", base64.URLEncoding.EncodeToString([]byte(long)), long, false},
		{"long, without padding", base64.RawURLEncoding.EncodeToString([]byte(long)), long, false},
		{"data URI", "data:image/png;base64,QUI=", "AB", false},
		{"data URI in capitals, lines before", "\n DATA:image/PNG;charset=x;base64,QUI=", "AB", false},
		{"data URI of nothing", "data:image/png;base64,", "", false},
		{"data URI without an end", "data:image/png;base64" + strings.Repeat("x", 300), "", true},
		{"data URI, cut off", "data:image/png;bas", "", true},
		{"text that begins like one", "dataQUJD", "u\xabZ" + "ABC", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, n := range []int{1, 2, 3, 5, 64, 257, 1 << 20} {
				got, err := decodeBy(tt.text, n)
				if tt.bad {
					require.ErrorIs(t, err, base64text.ErrNot, "by %d", n)
					continue
				}
				require.NoError(t, err, "by %d", n)
				require.Equal(t, tt.want, got, "by %d", n)
			}
		})
	}
}

func TestReaderPassesOnErrors(t *testing.T) {
	t.Parallel()
	broken := errors.New("connection reset by peer")
	for _, text := range []string{"", "QUJD", "data:image/png;base64," + strings.Repeat("QUJD", 1000)} {
		_, err := io.ReadAll(base64text.NewReader(io.MultiReader(strings.NewReader(text), iotest.ErrReader(broken))))
		require.ErrorIs(t, err, broken)
		require.NotErrorIs(t, err, base64text.ErrNot)
	}
}

func TestIs(t *testing.T) {
	t.Parallel()
	png := base64.StdEncoding.EncodeToString([]byte("\x89PNG\r\n\x1a\n" + strings.Repeat("x", 60)))
	tests := []struct {
		head, ext string
		want      bool
	}{
		{"whatever", ".base64", true},
		{"whatever", ".BASE64", true},
		{png, "", true},
		{png, ".png", true},
		{png, ".php", true},
		{"\xef\xbb\xbf \n" + png, "", true},
		{png, ".txt", false},
		{png, ".obj", false},
		{png[:40], "", false}, // too little to be sure
		{base64.StdEncoding.EncodeToString([]byte("\x89PNG\r\n\x1a\n" + strings.Repeat("x", 24))), "", true},
		{base64.StdEncoding.EncodeToString([]byte("\x89PNG\r\n\x1a\n" + strings.Repeat("x", 23))), "", false},
		{"data:image/png;base64,QUI=", ".png", true},
		{"data:text/plain;base64,QUI=", ".txt", true},
		{" DATA:image/png;Base64,QUI=", "", true},
		{"data:text/plain,one", "", false},
		{"data: one, two", ".txt", false},
		{"data:", "", false},
		{strings.Repeat("word", 20), "", false},
		{"\x89PNG\r\n\x1a\n", "", false},
		{"", "", false},
	}
	for _, tt := range tests {
		require.Equal(t, tt.want, base64text.Is([]byte(tt.head), tt.ext), "%q %s", tt.head, tt.ext)
	}
}

// FuzzReader holds the decoder to encoding/base64 over the same characters,
// however the text is cut up, and finds what was encoded again.
func FuzzReader(f *testing.F) {
	for _, seed := range []string{"", "QQ==", "QUI", "data:image/png;base64,QUJD", " Q\nE = =", "-_-_", "====", "data:", "\xef\xbb\xbfQQ"} {
		f.Add(seed, 3)
	}
	f.Fuzz(func(t *testing.T, text string, n int) {
		n = 1 + n&0xff
		got, err := decodeBy(text, n)
		whole, wholeErr := decodeBy(text, len(text)+1)
		require.Equal(t, err == nil, wholeErr == nil)
		require.Equal(t, whole, got)
		if !strings.Contains(strings.ToLower(text), "data") && !strings.HasPrefix(text, "\xef") {
			plain := strings.NewReplacer(" ", "", "\t", "", "\r", "", "\n", "", "-", "+", "_", "/").Replace(text)
			encoding := base64.StdEncoding
			if !strings.Contains(plain, "=") {
				encoding = base64.RawStdEncoding
			}
			want, wantErr := encoding.DecodeString(plain)
			require.Equal(t, wantErr == nil, err == nil)
			if err == nil {
				require.Equal(t, string(want), got)
			}
		}
		for _, encoded := range []string{
			base64.StdEncoding.EncodeToString([]byte(text)), base64.RawURLEncoding.EncodeToString([]byte(text)),
			"data:text/plain;base64," + base64.StdEncoding.EncodeToString([]byte(text)),
		} {
			back, err := decodeBy(encoded, n)
			require.NoError(t, err)
			require.Equal(t, text, back)
		}
	})
}
