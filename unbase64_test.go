package modelslab

import (
	"bytes"
	"encoding/base64"
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/internal/filetype"
)

// unbase64By decodes text in writes of n bytes.
func unbase64By(text string, n int) ([]byte, error) {
	var out bytes.Buffer
	d := &unbase64{w: &out}
	for len(text) > 0 {
		k := min(n, len(text))
		if _, err := d.Write([]byte(text[:k])); err != nil {
			return nil, err
		}
		text = text[k:]
	}
	if err := d.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func TestUnbase64(t *testing.T) {
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
				got, err := unbase64By(tt.text, n)
				if tt.bad {
					require.ErrorIs(t, err, errNotBase64, "by %d", n)
					continue
				}
				require.NoError(t, err, "by %d", n)
				require.Equal(t, tt.want, string(got), "by %d", n)
			}
		})
	}
}

func TestUnbase64PassesOnErrors(t *testing.T) {
	t.Parallel()
	full := errors.New("no space left on device")
	d := &unbase64{w: writerFunc(func([]byte) (int, error) { return 0, full })}
	_, err := d.Write([]byte("QUJDQUJD"))
	require.ErrorIs(t, err, full)
}

// FuzzUnbase64 holds the decoder to encoding/base64 over the same characters,
// however the text is cut up, and finds what was encoded again.
func FuzzUnbase64(f *testing.F) {
	for _, seed := range []string{"", "QQ==", "QUI", "data:image/png;base64,QUJD", " Q\nE = =", "-_-_", "====", "data:", "\xef\xbb\xbfQQ"} {
		f.Add(seed, 3)
	}
	f.Fuzz(func(t *testing.T, text string, n int) {
		n = 1 + n&0xff
		got, err := unbase64By(text, n)
		whole, wholeErr := unbase64By(text, len(text)+1)
		require.Equal(t, err == nil, wholeErr == nil)
		require.True(t, bytes.Equal(got, whole))
		if !strings.Contains(strings.ToLower(text), "data") && !strings.HasPrefix(text, "\xef") {
			plain := strings.NewReplacer(" ", "", "\t", "", "\r", "", "\n", "", "-", "+", "_", "/").Replace(text)
			encoding := base64.StdEncoding
			if !strings.Contains(plain, "=") {
				encoding = base64.RawStdEncoding
			}
			want, wantErr := encoding.DecodeString(plain)
			require.Equal(t, wantErr == nil, err == nil)
			if err == nil {
				require.True(t, bytes.Equal(want, got))
			}
		}
		for _, encoded := range []string{
			base64.StdEncoding.EncodeToString([]byte(text)), base64.RawURLEncoding.EncodeToString([]byte(text)),
			"data:text/plain;base64," + base64.StdEncoding.EncodeToString([]byte(text)),
		} {
			back, err := unbase64By(encoded, n)
			require.NoError(t, err)
			require.Equal(t, text, string(back))
		}
	})
}

// FuzzOutputFile feeds whole files, to see that none is taken for what it is
// not and that an extension is always one of the table.
func FuzzOutputFile(f *testing.F) {
	for _, seed := range []string{"", "data:;base64,QQ==", "\x89PNG\r\n\x1a\n", "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ", "<html>", "glTF", "\x00\x00\x00\x18ftypavif"} {
		f.Add([]byte(seed), "image/png", ".png")
	}
	f.Fuzz(func(t *testing.T, head []byte, contentType, urlExt string) {
		_ = isBase64(head, urlExt)
		ext := filetype.Extension(head, contentType, urlExt)
		require.True(t, ext == ".bin" || filetype.OfExt(ext) != "", ext)
		require.Equal(t, ext, strings.ToLower(ext))
	})
}
