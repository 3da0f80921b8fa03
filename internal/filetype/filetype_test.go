package filetype_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/internal/filetype"
)

const (
	heic     = "\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"
	mif1     = "\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1heic"
	mif1avif = "\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1avif"
	mp42     = "\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"
	isom     = "\x00\x00\x00\x18ftypisom\x00\x00\x02\x00avifiso2" // no picture, whatever it claims to be compatible with
	webm     = "\x1aE\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webm"
	mkv      = "\x1aE\xdf\xa3\xa3B\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x88matroska"
	svg      = "<svg xmlns='http://www.w3.org/2000/svg'/>"
	zip      = "PK\x03\x04"
	unknown  = "\x01\x02\x03\x00"
)

func TestOf(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, head, ext, want string
	}{
		{"iPhone photo", heic, ".heic", "image/heic"},
		{"iPhone photo without a name", heic, "", "image/heic"},
		{"iPhone photo with a wrong name", heic, ".mp4", "image/heic"},
		{"HEIF", mif1, ".heif", "image/heif"},
		{"HEIF without a name", mif1, "", "image/heic"},
		{"AVIF", mif1avif, ".avif", "image/avif"},
		{"AVIF without a name", mif1avif, "", "image/avif"},
		{"HEIF of brands unknown", "\x00\x00\x00\x10ftypmif1\x00\x00\x00\x00", "", "image/heic"},
		{"HEIF that ends in its brands", mif1avif[:17], "", "image/heic"},
		{"voice memo", mp42, ".m4a", "audio/mp4"},
		{"voice memo in capitals", mp42, ".M4A", "audio/mp4"},
		{"voice memo by its brand", "\x00\x00\x00\x18ftypM4A \x00\x00\x00\x00mp42isom", ".mp4", "audio/mp4"},
		{"film", mp42, "", "video/mp4"},
		{"film by another name", mp42, ".png", "video/mp4"},
		{"film of brands", isom, "", "video/mp4"},
		{"film of Apple's", "\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00", ".mp4", "video/quicktime"},
		{"film of Apple's, its brand alone", "\x00\x00\x00\x0cftypqt  ", "", "video/quicktime"},
		{"film in a .mov", isom, ".mov", "video/quicktime"},
		{"WebM", webm, "", "video/webm"},
		{"sound in WebM", webm, ".weba", "audio/webm"},
		{"Matroska", mkv, "", "video/x-matroska"},
		{"Matroska called WebM", mkv, ".webm", "video/x-matroska"},
		{"TIFF", "II*\x00\x08\x00\x00\x00", "", "image/tiff"},
		{"TIFF of a Mac", "MM\x00*\x00\x00\x00\x08", ".tif", "image/tiff"},
		{"SVG", svg, "", "image/svg+xml"},
		{"SVG behind all that may precede it", "\xef\xbb\xbf<?xml version='1.0'?>\n<!-- a <b>tool</b> -->\n<!DOCTYPE svg PUBLIC '-//W3C//DTD SVG 1.1//EN' 'x'>\n<svg>", "", "image/svg+xml"},
		{"SVG behind a long comment", "<!--" + strings.Repeat("x", 600), ".svg", "image/svg+xml"},
		{"SVG with a prefix", "<s:svg xmlns:s='http://www.w3.org/2000/svg'/>", "", "image/svg+xml"},
		{"HTML", "<!doctype html>", "", "text/html"},
		{"HTML behind a comment", "<!-- x --><html>", "", "text/html"},
		{"HTML called SVG", "<html>", ".svg", "text/html"},
		{"part of HTML", "<div>", "", "text/html"},
		{"a declaration of nothing", "<!doctype>x", "", "text/plain"},
		{"XML", "<?xml version='1.0'?><a/>", "", "text/xml"},
		{"Collada", "<?xml version='1.0'?><COLLADA/>", ".dae", "model/vnd.collada+xml"},
		{"text that is smaller than", "<", "", "text/plain"},
		{"zip", zip, "", "application/zip"},
		{"USDZ", zip, ".usdz", "model/vnd.usdz+zip"},
		{"zip called glb", zip, ".glb", "application/zip"},
		{"mesh", "v 1 2 3", ".obj", "model/obj"},
		{"text called PNG", "v 1 2 3", ".png", "text/plain"},
		{"unknown", unknown, "", "application/octet-stream"},
		{"unknown, called FBX", unknown, ".fbx", "model/fbx"},
		{"nothing", "", "", "text/plain"},
		{"MP3 without tags", "\xff\xfb\x90\x64", "", "audio/mpeg"},
		{"WAV", "RIFF\x24\x00\x00\x00WAVEfmt ", "", "audio/wav"},
		{"Ogg", "OggS\x00", "", "audio/ogg"},
		{"Opus", "OggS\x00", ".opus", "audio/opus"},
	}
	for _, tt := range tests {
		require.Equal(t, tt.want, filetype.Of([]byte(tt.head), tt.ext), tt.name)
	}
}

func TestExtension(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, head, contentType, ext, want string
	}{
		{"by content", heic, "", "", ".heic"},
		{"by content against all that is said", heic, "video/mp4", ".mp4", ".heic"},
		{"as it is spelled", "\xff\xd8\xff\xe0", "image/jpeg", ".JPEG", ".jpeg"},
		{"by URL within a family", mp42, "audio/mp4", ".m4a", ".m4a"},
		{"by URL against the server", mp42, "video/mp4", ".m4a", ".m4a"},
		{"by the server within a family", mp42, "audio/mp4", "", ".m4a"},
		{"by the server, with a parameter twice", unknown, "image/webp; a=1; a=2", "", ".webp"},
		{"by URL, a zip", zip, "application/octet-stream", ".3mf", ".3mf"},
		{"by the server, a zip", zip, "model/vnd.usdz+zip", ".php", ".usdz"},
		{"a zip", zip, "model/3mf; charset", "", ".3mf"},
		{"a zip that cannot be a mesh", zip, "model/obj", ".obj", ".zip"},
		{"weights", unknown, "application/octet-stream", ".safetensors", ".safetensors"},
		{"unknown, by URL", unknown, "image/webp", ".png", ".png"},
		{"unknown, by the server", unknown, "image/webp", "", ".webp"},
		{"unknown", unknown, "application/x-msdownload", ".exe", ".bin"},
		{"SVG", svg, "text/plain", ".svg", ".svg"},
		{"SVG by content", svg, "", ".php", ".svg"},
		{"text of markup", svg, "text/plain", "", ".txt"},
		{"text of HTML", "<html>", "text/plain", ".txt", ".txt"},
		{"XML", "<?xml version='1.0'?><a/>", "", "", ".xml"},
		{"text by URL", "v 1 2 3", "text/plain; charset=utf-8", ".obj", ".obj"},
		{"text", "Hello", "", "", ".txt"},
		{"text called PNG", "Hello", "image/png", ".png", ".txt"},
		{"JSON by the server", `{"a":1}`, "application/json", "", ".json"},
		{"compressed", "\x1f\x8b\x08", "", ".tgz", ".tgz"},
		{"compressed, by content", "\x1f\x8b\x08", "", ".obj", ".gz"},
	}
	for _, tt := range tests {
		require.Equal(t, tt.want, filetype.Extension([]byte(tt.head), tt.contentType, tt.ext), tt.name)
	}
}

func TestPromises(t *testing.T) {
	t.Parallel()
	for _, contentType := range []string{"image/png", "IMAGE/JPEG", "video/mp4; codecs=\"avc1\"", "audio/x-unheard-of", "application/zip", "model/glb", "image/png; =bad"} {
		require.True(t, filetype.IsBinary(contentType), contentType)
		require.False(t, filetype.IsText(contentType), contentType)
	}
	for _, contentType := range []string{"text/plain; charset=utf-8", "image/svg+xml", "model/obj", "model/stl", "application/json"} {
		require.False(t, filetype.IsBinary(contentType), contentType)
		require.True(t, filetype.IsText(contentType), contentType)
	}
	for _, contentType := range []string{"", "application/octet-stream", "x", "application/x-php"} {
		require.False(t, filetype.IsBinary(contentType), contentType)
		require.False(t, filetype.IsText(contentType), contentType)
	}
}

func TestIsError(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{"error":"expired"}`, "\xef\xbb\xbf\n{\"Error\":{\"code\":1}}", `{"errors":[1]}`, `{"status":"error"}`, `{"data":[],"status":"Failed"}`,
		`{"success":false,"data":null}`, `{"ok":false}`, `{"message":"Forbidden"}`, `{"code":404,"msg":"gone"}`, `{"detail":"Not found."}`,
		`{"error":"` + strings.Repeat("cut off ", 100), `{"message":"` + strings.Repeat("cut off ", 100),
		"<Error/>", "<?xml version='1.0' encoding='UTF-8'?>\n<Error><Code>AccessDenied</Code>", "<error>no</error>",
	} {
		require.True(t, filetype.IsError([]byte(text)), text)
	}
	for _, text := range []string{
		"", "{", "{}", "{]", "error", "Error: no", `"error"`, `[{"error":1}]`, `{"error":null}`, `{"error":false,"text":"a"}`, `{"errors":[],"text":"a"}`,
		`{"message":"hello","text":"a song"}`, `{"status":"success"}`, `{"status":200}`, `{"success":true,"message":""}`, `{"text":"cut off` + strings.Repeat(" ", 500),
		`{"a":{"error":"within"}}`, "<errors/>", "<svg/>",
	} {
		require.False(t, filetype.IsError([]byte(text)), text)
	}
}

// FuzzExtension: an extension is always one of the table.
func FuzzExtension(f *testing.F) {
	for _, seed := range []string{"", "\x89PNG\r\n\x1a\n", "<html>", "glTF", mif1avif, mkv, svg, `{"error":`, "<!DOCTYPE", "<!--"} {
		f.Add([]byte(seed), "image/png", ".png")
	}
	f.Fuzz(func(t *testing.T, head []byte, contentType, ext string) {
		got := filetype.Extension(head, contentType, ext)
		require.True(t, got == ".bin" || filetype.OfExt(got) != "", got)
		require.Equal(t, got, strings.ToLower(got))
		_ = filetype.IsError(head)
		require.False(t, filetype.IsText(contentType) && filetype.IsBinary(contentType))
	})
}
