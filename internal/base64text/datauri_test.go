package base64text_test

import (
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/internal/base64text"
)

func TestFromDataURI(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ uri, contentType, want string }{
		{"data:image/png;base64,QUI=", "image/png", "AB"},
		{"DATA:Image/PNG;charset=x; Base64 ,QUI", "image/png", "AB"},
		{"data:image/svg+xml,%3Csvg%2f>", "image/svg+xml", "<svg/>"},
		{"data:image/png;base64,QUI%3D", "image/png", "AB"},
		{"data:text/plain,100%,%,%4,%zz,%41", "text/plain", "100%,%,%4,%zz,A"},
		{"data:,QUI=", "", "QUI="},
		{"data:;base64,QUI=", "", "AB"},
		{"data:base64,QUI=", "", "QUI="},
		{"data:,", "", ""},
		{"data:a/b/c,x", "", "x"},
		{"data:a b/c,x", "", "x"},
		{`data:"a/b",x`, "", "x"},
		{"data:text,x", "", "x"},
	} {
		require.True(t, base64text.IsDataURI(tt.uri))
		contentType, content, ok := base64text.FromDataURI(tt.uri)
		require.True(t, ok, tt.uri)
		require.Equal(t, tt.contentType, contentType, tt.uri)
		got, err := io.ReadAll(content)
		require.NoError(t, err, tt.uri)
		require.Equal(t, tt.want, string(got), tt.uri)
	}
	for _, uri := range []string{"", "data", "data:", "data:image/png;base64", "https://example.com/data:,x", "dat:,x"} {
		require.Equal(t, len(uri) >= 5 && uri[:5] == "data:", base64text.IsDataURI(uri), uri)
		_, _, ok := base64text.FromDataURI(uri)
		require.False(t, ok, uri)
	}
}
