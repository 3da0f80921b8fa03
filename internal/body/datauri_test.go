package body_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/internal/body"
)

func TestFromDataURI(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, uri, want, contentType string }{
		{"base64", "data:image/png;base64,iVBORw0KGgo=", "\x89PNG\r\n\x1a\n", "image/png"},
		{"the type of the bytes", "data:image/jpeg;base64,iVBORw0KGgo=", "\x89PNG\r\n\x1a\n", "image/png"},
		{"the declared type of bytes that do not tell", "data:model/stl;base64,AAEC", "\x00\x01\x02", "model/stl"},
		{"no type", "data:;base64,YWJj", "abc", "text/plain"},
		{"parameters", "data:text/csv;charset=utf-8;base64,YWJj", "abc", "text/csv"},
		{"capitals", "DATA:Text/CSV;BASE64,YWJj", "abc", "text/csv"},
		{"spaces around base64", "data:text/csv; base64,YWJj", "abc", "text/csv"},
		{"no padding", "data:;base64,YWI", "ab", "text/plain"},
		{"the URL alphabet", "data:;base64,AP_-", "\x00\xff\xfe", "application/octet-stream"},
		{"white space", "data:;base64,YW\r\n Jj", "abc", "text/plain"},
		{"escaped base64", "data:;base64,YWI%3D", "ab", "text/plain"},
		{"escaped text", "data:text/csv,a%2Cb%0Ac", "a,b\nc", "text/csv"},
		{"a stray percent sign", "data:,100%,%4,%zz,%41", "100%,%4,%zz,A", "text/plain"},
		{"a type called base64", "data:base64,YWJj", "YWJj", "text/plain"},
		{"nothing", "data:,", "", "text/plain"},
		{"nothing in base64", "data:;base64,", "", "text/plain"},
		{"a type with signs", `data:a"/b;base64,YWJj`, "abc", "text/plain"},
		{"a type with too many slashes", `data:a/b/c;base64,YWJj`, "abc", "text/plain"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, err := body.FromDataURI(tt.uri)
			require.NoError(t, err)
			data, err := s.Bytes()
			require.NoError(t, err)
			require.Equal(t, tt.want, string(data))
			contentType, err := s.ContentType()
			require.NoError(t, err)
			require.Equal(t, tt.contentType, contentType)
		})
	}
	for _, uri := range []string{
		"", "https://example.com/a.png", "dat:,a", "data:", "data:image/png;base64", "data:;base64,%%%", "data:;base64,A", "data:;base64,YWJj=",
		"data:;base64,YWI==", "data:;base64,YW=I", "data:;base64,====", "data:;base64,YWJj!",
	} {
		_, err := body.FromDataURI(uri)
		require.ErrorIs(t, err, body.ErrDataURI, uri)
	}
}

// FuzzFromDataURI: what was read from one data URI is written as one that reads
// the same.
func FuzzFromDataURI(f *testing.F) {
	for _, seed := range []string{"data:image/png;base64,iVBORw0KGgo=", "data:,a%20b", "data:;base64,_-", "data:a/b;c=d,%", "https://example.com"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, uri string) {
		s, err := body.FromDataURI(uri)
		if err != nil {
			require.ErrorIs(t, err, body.ErrDataURI)
			return
		}
		data, err := s.Bytes()
		require.NoError(t, err)
		require.LessOrEqual(t, len(data), len(uri))
		text, err := s.DataURI()
		require.NoError(t, err)
		again, err := body.FromDataURI(text)
		require.NoError(t, err)
		back, err := again.DataURI()
		require.NoError(t, err)
		require.Equal(t, text, back)
		same, err := again.Bytes()
		require.NoError(t, err)
		require.Equal(t, string(data), string(same))
	})
}
