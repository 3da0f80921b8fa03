// Package filetype tells the type and the extension of a file from its first
// bytes, its name and what a server says of it.
package filetype

import (
	"bytes"
	"cmp"
	"mime"
	"net/http"
	"strings"
)

// HeadSize is how many bytes from the start of a file tell its type.
const HeadSize = 512

// signatures are the first bytes of types that [http.DetectContentType] does not
// recognise.
var signatures = []struct{ prefix, contentType string }{
	{"glTF", "model/glb"},
	{"fLaC", "audio/flac"},
	{"\xff\xfb", "audio/mpeg"},
	{"\xff\xfa", "audio/mpeg"},
	{"\xff\xf3", "audio/mpeg"},
	{"\xff\xf2", "audio/mpeg"},
	{"\xff\xe3", "audio/mpeg"},
	{"\xff\xf1", "audio/aac"},
	{"\xff\xf9", "audio/aac"},
	{"ply\n", "model/ply"},
	{"ply\r\n", "model/ply"},
	{"Kaydara FBX Binary", "model/fbx"},
	{"II*\x00", "image/tiff"},
	{"MM\x00*", "image/tiff"},
	{"II+\x00", "image/tiff"},
	{"MM\x00+", "image/tiff"},
	{"8BPS", "image/vnd.adobe.photoshop"},
	{"v/1\x01", "image/x-exr"},
	{"#EXTM3U", "application/vnd.apple.mpegurl"},
	{"#?RADIANCE", "image/vnd.radiance"},
	{"\xff\x0a", "image/jxl"},
	{"\x00\x00\x00\x0cJXL \r\n\x87\n", "image/jxl"},
	{"\x00\x00\x01\xba", "video/mpeg"},
	{"\x00\x00\x01\xb3", "video/mpeg"},
	{"\x1aE\xdf\xa3", "video/webm"},
}

// Sniff tells a file's type from its first bytes. "text/plain", "text/xml" and
// "application/octet-stream" leave the type open.
func Sniff(head []byte) string {
	if i := bytes.Index(head, []byte("matroska")); i > 0 && bytes.HasPrefix(head, []byte("\x1aE\xdf\xa3")) {
		return "video/x-matroska"
	}
	for _, s := range signatures {
		if bytes.HasPrefix(head, []byte(s.prefix)) {
			return s.contentType
		}
	}
	if len(head) >= 12 && string(head[4:8]) == "ftyp" {
		return sniffBrands(head)
	}
	contentType, _, _ := strings.Cut(http.DetectContentType(head), ";")
	switch contentType {
	case "audio/wave":
		return "audio/wav"
	case "application/ogg":
		return "audio/ogg"
	case "text/plain", "text/html", "text/xml", "application/octet-stream":
		return sniffMarkup(head, contentType)
	}
	return contentType
}

// brands of ISO media files that are no plain film.
var brands = map[string]string{
	"avif": "image/avif", "avis": "image/avif",
	"heic": "image/heic", "heix": "image/heic", "heim": "image/heic", "heis": "image/heic", "hevc": "image/heic", "hevx": "image/heic",
	"M4A ": "audio/mp4", "M4B ": "audio/mp4", "M4P ": "audio/mp4", "F4A ": "audio/mp4",
	"qt  ": "video/quicktime",
}

// sniffBrands reads the brands of an ISO media file, its own before those that
// it is compatible with: "mif1" and "msf1" stand for every kind of picture.
func sniffBrands(head []byte) string {
	own := string(head[8:12])
	if contentType := brands[own]; contentType != "" {
		return contentType
	}
	if own != "mif1" && own != "msf1" && own != "miaf" {
		return "video/mp4"
	}
	size := min(int(head[2])<<8|int(head[3]), len(head))
	for at := 16; at+4 <= size; at += 4 {
		if contentType := brands[string(head[at:at+4])]; strings.HasPrefix(contentType, "image/") {
			return contentType
		}
	}
	return "image/heic"
}

// Of is the type of a file by its content or, where several types have such
// content, by its extension.
func Of(head []byte, ext string) string {
	sniffed := Sniff(head)
	if named := OfExt(ext); named != "" && fits(named, sniffed) {
		return named
	}
	return sniffed
}

// fits reports whether content that was sniffed as one type may be the other.
func fits(contentType, sniffed string) bool {
	t, ok := rowOf(contentType)
	switch {
	case !ok:
		return false
	case sniffed == t.contentType, sniffed == "application/octet-stream":
		return true
	case sniffed == "text/plain":
		return IsText(t.contentType)
	case t.contentType == "text/plain":
		return strings.HasPrefix(sniffed, "text/") || sniffed == "image/svg+xml"
	default:
		return sniffed == t.under
	}
}

// Extension names a result: by its content where that tells, else by its URL or
// its Content-Type, and only with an extension of the table.
func Extension(head []byte, contentType, urlExt string) string {
	sniffed := Sniff(head)
	urlExt = strings.ToLower(urlExt)
	named, header := OfExt(urlExt), ExtOf(contentType)
	switch {
	case named != "" && fits(named, sniffed):
		return urlExt
	case header != "" && fits(contentType, sniffed):
		return header
	case ExtOf(sniffed) != "":
		return ExtOf(sniffed)
	default:
		return ".bin"
	}
}

// TypeOf is the type of a result that was given this extension: as its server
// spells it, parameters included, where that stands for the extension.
func TypeOf(ext, contentType string) string {
	var spelled string
	if mediaType, params, err := mime.ParseMediaType(contentType); err == nil && ExtOf(mediaType) == ext {
		spelled = mime.FormatMediaType(mediaType, params)
	}
	return cmp.Or(spelled, OfExt(ext), "application/octet-stream")
}
