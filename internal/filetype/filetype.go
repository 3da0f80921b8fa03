// Package filetype tells the type and the extension of a file from its first
// bytes, its name and what a server says of it.
package filetype

import (
	"bytes"
	"mime"
	"net/http"
	"slices"
	"strings"
)

// A fileType is a kind of file that ModelsLab takes or makes. The first row of
// a content type names its extension, the first row of an extension its type.
type fileType struct {
	ext         string
	contentType string
}

var fileTypes = []fileType{
	{".png", "image/png"},
	{".jpg", "image/jpeg"},
	{".jpeg", "image/jpeg"},
	{".webp", "image/webp"},
	{".gif", "image/gif"},
	{".avif", "image/avif"},
	{".bmp", "image/bmp"},
	{".mp4", "video/mp4"},
	{".webm", "video/webm"},
	{".mov", "video/quicktime"},
	{".avi", "video/avi"},
	{".mp3", "audio/mpeg"},
	{".wav", "audio/wav"},
	{".wav", "audio/wave"},
	{".wav", "audio/x-wav"},
	{".flac", "audio/flac"},
	{".flac", "audio/x-flac"},
	{".ogg", "audio/ogg"},
	{".ogg", "application/ogg"},
	{".m4a", "audio/mp4"},
	{".m4a", "audio/x-m4a"},
	{".aac", "audio/aac"},
	{".glb", "model/glb"}, // the spelling that ModelsLab's upload takes
	{".glb", "model/gltf-binary"},
	{".gltf", "model/gltf+json"},
	{".obj", "model/obj"},
	{".stl", "model/stl"},
	{".ply", "model/ply"},
	{".fbx", "model/fbx"},
	{".usdz", "model/vnd.usdz+zip"},
	{".zip", "application/zip"},
	{".json", "application/json"},
	{".srt", "application/x-subrip"},
	{".vtt", "text/vtt"},
	{".txt", "text/plain"},
}

// OfExt returns the content type of a file extension, or "".
func OfExt(ext string) string {
	ext = strings.ToLower(ext)
	for _, t := range fileTypes {
		if t.ext == ext {
			return t.contentType
		}
	}
	return ""
}

// ExtOf returns the extension of a Content-Type, or "".
func ExtOf(contentType string) string {
	mediaType, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return ""
	}
	for _, t := range fileTypes {
		if t.contentType == mediaType {
			return t.ext
		}
	}
	return ""
}

// signatures are those that [http.DetectContentType] does not know.
var signatures = []struct{ prefix, contentType string }{
	{"glTF", "model/glb"},
	{"fLaC", "audio/flac"},
	{"\xff\xfb", "audio/mpeg"},
	{"\xff\xf3", "audio/mpeg"},
	{"\xff\xf2", "audio/mpeg"},
	{"\xff\xf1", "audio/aac"},
	{"\xff\xf9", "audio/aac"},
	{"ply\n", "model/ply"},
	{"ply\r\n", "model/ply"},
	{"Kaydara FBX Binary", "model/fbx"},
}

// HeadSize is how much of a file tells its type.
const HeadSize = 512

// Sniff tells a file's type from its first bytes. "text/plain" and
// "application/octet-stream" mean that they do not tell.
func Sniff(head []byte) string {
	for _, s := range signatures {
		if bytes.HasPrefix(head, []byte(s.prefix)) {
			return s.contentType
		}
	}
	if len(head) >= 12 && string(head[4:8]) == "ftyp" {
		switch string(head[8:12]) {
		case "avif", "avis":
			return "image/avif"
		case "M4A ":
			return "audio/mp4"
		case "qt  ":
			return "video/quicktime"
		default:
			return "video/mp4"
		}
	}
	contentType, _, _ := strings.Cut(http.DetectContentType(head), ";")
	switch contentType {
	case "audio/wave":
		return "audio/wav"
	case "application/ogg":
		return "audio/ogg"
	}
	return contentType
}

// vague are the sniffed types under which other formats hide.
var vague = []string{"text/plain", "application/octet-stream", "application/zip", "text/xml"}

// Extension names a result: by its content where that tells, else by its
// Content-Type or its URL, and only with an extension of the table.
func Extension(head []byte, contentType, urlExt string) string {
	sniffed := Sniff(head)
	if urlExt = strings.ToLower(urlExt); OfExt(urlExt) == "" {
		urlExt = ""
	}
	if ext := ExtOf(sniffed); ext != "" && !slices.Contains(vague, sniffed) {
		if OfExt(urlExt) == sniffed {
			return urlExt // .jpeg stays .jpeg
		}
		return ext
	}
	fromHeader := ExtOf(contentType)
	switch {
	case urlExt != "" && (fromHeader == "" || fromHeader == ".txt"):
		return urlExt
	case fromHeader != "":
		return fromHeader
	case ExtOf(sniffed) != "":
		return ExtOf(sniffed)
	default:
		return ".bin"
	}
}
