package download_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/modelslab-go/modelslab/internal/download"
	"github.com/modelslab-go/modelslab/internal/download/downloadtest"
	"github.com/modelslab-go/modelslab/internal/fault"
)

const png = "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"

func answerOf(contentType, body string) downloadtest.Reply {
	return downloadtest.Reply{Data: []byte(body), Header: http.Header{"Content-Type": {contentType}}}
}

// TestWhatIsNoResult: an answer in place of the file is waited out, one that can
// be the file is taken.
func TestWhatIsNoResult(t *testing.T) {
	t.Parallel()
	const page = "<!DOCTYPE html><title>Wait</title>"
	encoded := base64.StdEncoding.EncodeToString([]byte(png + strings.Repeat("x", 100)))
	tests := []struct {
		path, contentType, body string
		stray                   string // "" when the body is the result
	}{
		{"/a.mp4", "text/plain", `{"error":"expired"}`, "error"},
		{"/a.png", "application/octet-stream", `{"error":"expired"}`, "error"},
		{"/a.png", "image/png", "Not Found\n", "text"},
		{"/a.webp", "binary/octet-stream", "Access denied", "text"},
		{"/a.wav", "audio/wav", "[]", "text"},
		{"/a.glb", "model/gltf-binary", `{"asset":{}}`, "text"},
		{"/a.zip", "application/zip", "<?xml version='1.0'?><a/>", "text"},
		{"/a.safetensors", "application/octet-stream", "Access denied", "text"},
		{"/a", "image/png", "Not Found", "text"},
		{"/a", "VIDEO/MP4; codecs=x", "Not Found", "text"},
		{"/a", "image/x-unheard-of", "Not Found", "text"},
		{"/a.php", "audio/mpeg", "Warning: fopen()", "text"},
		{"/a.png", "image/png", "\xef\xbb\xbf  " + page, "page"},
		{"/a.png", "image/png", "<?xml version='1.0'?>\n<!DOCTYPE html PUBLIC '-//W3C//DTD XHTML 1.0'><html/>", "page"},
		{"/a.png", "image/png", "<!-- busy --><HTML><body>", "page"},
		{"/a.png", "image/png", "<svg xmlns='http://www.w3.org/2000/svg'/>", "text"},
		{"/a", "text/html", "Please wait", "page"},
		{"/a", "application/octet-stream", page, "page"},
		{"/a", "application/json", `{"status":"error","message":"expired"}`, "error"},
		{"/a.obj", "text/plain", page, "page"},
		{"/a.json", "application/json", page, "page"},
		{"/a.json", "application/json", ` {"status":"failed","id":7}`, "error"},
		{"/a.json", "application/json", `{"success":false,"data":{}}`, "error"},
		{"/a.json", "application/json", `{"message":"Forbidden","code":403}`, "error"},
		{"/a.gltf", "model/gltf+json", `{"errors":["gone"]}`, "error"},
		{"/a.stl", "model/stl", `{"detail":"Not found."}`, "error"},
		{"/a.srt", "text/plain", "<?xml version='1.0'?>\n<Error><Code>NoSuchKey</Code></Error>", "error"},
		{"/a.base64", "text/plain", `{"error":"` + strings.Repeat("expired ", 100), "error"},
		{"/a.base64", "image/png", page, "page"},

		{"/a.png", "text/html", png, ""},
		{"/a.png", "application/json", png, ""},
		{"/a.png", "text/plain", "data:image/png;base64," + encoded, ""},
		{"/a.png", "text/plain", encoded, ""},
		{"/a.base64", "image/png", encoded, ""},
		{"/a.base64", "text/html", encoded, ""},
		{"/a.obj", "text/html", "v 1 2 3\n", ""},
		{"/a.obj", "model/obj", "# error: none\nv 1 2 3\n", ""},
		{"/a.stl", "model/stl", "solid a\nfacet normal 0 0 1\n", ""},
		{"/a.ply", "model/ply", "ply\nformat ascii 1.0\n", ""},
		{"/a.gltf", "model/gltf+json", `{"asset":{"version":"2.0"},"error":null}`, ""},
		{"/a.svg", "image/svg+xml", "<!-- made by a tool --><svg/>", ""},
		{"/a.svg", "text/plain", "<?xml version='1.0'?>\n<!DOCTYPE svg PUBLIC '-//W3C//DTD SVG 1.1//EN'><svg/>", ""},
		{"/a", "image/svg+xml", "<svg/>", ""},
		{"/a.srt", "video/mp4", "1\n00:00:01,000 --> 00:00:02,000\nHi\n", ""},
		{"/a.vtt", "text/vtt", "WEBVTT\n", ""},
		{"/a.txt", "text/plain", "Not found is what I said.", ""},
		{"/a.txt", "text/html", "Hello", ""},
		{"/a.json", "application/json", `{"message":"hello","text":"a song"}`, ""},
		{"/a.json", "application/json", `{"status":"success","error":"","output":[]}`, ""},
		{"/a.json", "application/json", `[{"error":"a word"}]`, ""},
		{"/a", "application/json", `{"text":"hello"}`, ""},
		{"/a.html", "text/html", page, ""},
		{"/a.m3u8", "audio/mpegurl", "#EXTM3U\n", ""},
		{"/a.safetensors", "text/plain", "\x40\x00\x00\x00\x00\x00\x00\x00{\"a\":{}}", ""},
	}
	for _, tt := range tests {
		t.Run(tt.path+" "+tt.contentType, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := &downloadtest.Server{Script: []downloadtest.Reply{answerOf(tt.contentType, tt.body)}}
				start := time.Now()
				got, err := transfer(t, server, "https://files.example.com"+tt.path, download.Options{})
				if tt.stray == "" {
					require.NoError(t, err)
					require.Equal(t, tt.body, string(got))
					return
				}
				require.ErrorIs(t, err, fault.NotFound)
				require.ErrorContains(t, err, "the file is not there: ")
				require.ErrorContains(t, err, tt.stray)
				require.Empty(t, got)
				require.Equal(t, download.Patience, time.Since(start))
			})
		})
	}
}

func gzipped(parts ...string) string {
	var b bytes.Buffer
	for _, part := range parts {
		w := gzip.NewWriter(&b)
		_, _ = w.Write([]byte(part))
		_ = w.Close()
	}
	return b.String()
}

func encodedAs(coding, body string) downloadtest.Reply {
	a := answerOf("image/png", body)
	a.Header.Set("Content-Encoding", coding)
	return a
}

func TestContentEncodings(t *testing.T) {
	t.Parallel()
	body := png + strings.Repeat("one and the same ", 5000)
	zipped := gzipped(body)
	cut := func(a downloadtest.Reply, n int) downloadtest.Reply {
		a.Cut = n
		return a
	}
	whole := func(a downloadtest.Reply) downloadtest.Reply {
		a.Whole = true
		return a
	}
	ended := func(a downloadtest.Reply, n int) downloadtest.Reply {
		a.Cut, a.Ended, a.NoLength = n, true, true
		return a
	}
	flipped := []byte(zipped)
	flipped[len(flipped)-6] ^= 0xff // in the checksum
	tests := []struct {
		name   string
		url    string // "" for one of a picture
		script []downloadtest.Reply
		limit  int64
		want   string
		text   string // of the error
		ranges []string
	}{
		{name: "base64", script: []downloadtest.Reply{encodedAs("base64", body)}, want: body},
		{name: "utf-8", script: []downloadtest.Reply{encodedAs("UTF-8", body)}, want: body},
		{name: "a list that means nothing", script: []downloadtest.Reply{encodedAs("Identity, aws-chunked", body)}, want: body},
		{name: "gzip that is none", script: []downloadtest.Reply{encodedAs("gzip", body)}, want: body},
		{name: "br that is none", script: []downloadtest.Reply{encodedAs("br", body)}, want: body},
		{name: "br", script: []downloadtest.Reply{encodedAs("br", "\x1b\x03\x00\x00\x01\x02")}, text: `compressed as "br"`},
		{name: "zstd", script: []downloadtest.Reply{encodedAs("zstd", "\x28\xb5\x2f\xfd\x01\x02")}, text: `compressed as "zstd"`},
		{name: "gzip", script: []downloadtest.Reply{encodedAs("gzip", zipped)}, want: body},
		{name: "x-gzip", script: []downloadtest.Reply{encodedAs("X-Gzip", zipped)}, want: body},
		{name: "gzip from an upload", script: []downloadtest.Reply{encodedAs("gzip, aws-chunked", zipped)}, want: body},
		{name: "gzip twice", script: []downloadtest.Reply{encodedAs("gzip, gzip", gzipped(zipped))}, want: body},
		{name: "gzip in members", script: []downloadtest.Reply{encodedAs("gzip", gzipped(body[:40_000], body[40_000:]))}, want: body},
		{name: "gzip with padding", script: []downloadtest.Reply{encodedAs("gzip", zipped+strings.Repeat("\x00", 100))}, want: body},
		{name: "gzip, broken", script: []downloadtest.Reply{cut(encodedAs("gzip", zipped), 200), encodedAs("gzip", zipped)}, want: body, ranges: []string{"", ""}},
		{name: "gzip, broken, then plain", script: []downloadtest.Reply{cut(encodedAs("gzip", zipped), 200), encodedAs("", body)}, want: body, ranges: []string{"", ""}},
		{name: "plain, broken, then gzip", script: []downloadtest.Reply{cut(encodedAs("", body), 20_000), whole(encodedAs("gzip", zipped))}, want: body, ranges: []string{"", "bytes=20000-"}},
		{name: "gzip, truncated", script: []downloadtest.Reply{ended(encodedAs("gzip", zipped), 200), encodedAs("gzip", zipped)}, want: body, ranges: []string{"", ""}},
		{name: "gzip, truncated in its last bytes", script: []downloadtest.Reply{ended(encodedAs("gzip", zipped), len(zipped)-3), encodedAs("gzip", zipped)}, want: body, ranges: []string{"", ""}},
		{name: "gzip with a wrong checksum", script: []downloadtest.Reply{encodedAs("gzip", string(flipped))}, text: "checksum"},
		{name: "gzip of a page", script: []downloadtest.Reply{encodedAs("gzip", gzipped("<html>wait</html>")), encodedAs("gzip", zipped)}, want: body, ranges: []string{"", ""}},
		{name: "gzip of nothing", script: []downloadtest.Reply{encodedAs("gzip", gzipped("")), encodedAs("gzip", zipped)}, want: body, ranges: []string{"", ""}},
		{name: "gzip that fits as it is sent alone", script: []downloadtest.Reply{encodedAs("gzip", zipped)}, limit: int64(len(body)) - 1, text: "MaxSize"},
		{name: "gzip that fits", script: []downloadtest.Reply{encodedAs("gzip", zipped)}, limit: int64(len(body)), want: body},
		{name: "a .gz stays one", url: "https://files.example.com/a.obj.gz", script: []downloadtest.Reply{encodedAs("gzip", zipped)}, want: zipped},
		{name: "a .tgz stays one", url: "https://files.example.com/a.TGZ?x=1", script: []downloadtest.Reply{encodedAs("gzip", zipped)}, want: zipped},
		{name: "a .gz, broken", url: "https://files.example.com/a.gz", script: []downloadtest.Reply{cut(encodedAs("", zipped+strings.Repeat("\x00", 600)), 600), encodedAs("", zipped+strings.Repeat("\x00", 600))}, want: zipped + strings.Repeat("\x00", 600), ranges: []string{"", "bytes=600-"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := &downloadtest.Server{Script: tt.script}
				if tt.url == "" {
					tt.url = "https://files.example.com/a.png"
				}
				var last int64
				got, err := transfer(t, server, tt.url, download.Options{Limit: tt.limit, Progress: func(done, total int64) {
					require.True(t, total < 0 || done <= total)
					last = done
				}})
				if tt.ranges != nil {
					require.Equal(t, tt.ranges, server.Ranges())
				}
				if tt.text != "" {
					require.ErrorContains(t, err, tt.text)
					return
				}
				require.NoError(t, err)
				require.True(t, tt.want == string(got), "%d bytes came", len(got)) //nolint:testifylint // Equal would print them
				require.Equal(t, int64(len(got)), last)
			})
		})
	}
}
