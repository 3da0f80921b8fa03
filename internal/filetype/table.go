package filetype

import (
	"mime"
	"strings"
)

// A fileType is a kind of file that ModelsLab takes or makes. The first row of
// a content type names its extension, the first row of an extension its type.
type fileType struct {
	ext         string
	contentType string
	under       string // what Sniff says of it when its content does not tell it from others, or ""
}

var fileTypes = []fileType{
	{".png", "image/png", ""},
	{".jpg", "image/jpeg", ""},
	{".jpeg", "image/jpeg", ""},
	{".jpg", "image/jpg", "image/jpeg"},
	{".webp", "image/webp", ""},
	{".gif", "image/gif", ""},
	{".avif", "image/avif", ""},
	{".heic", "image/heic", ""},
	{".heif", "image/heif", "image/heic"},
	{".tiff", "image/tiff", ""},
	{".tif", "image/tiff", ""},
	{".jxl", "image/jxl", ""},
	{".bmp", "image/bmp", ""},
	{".ico", "image/x-icon", ""},
	{".psd", "image/vnd.adobe.photoshop", ""},
	{".exr", "image/x-exr", ""},
	{".hdr", "image/vnd.radiance", ""},
	{".svg", "image/svg+xml", "text/xml"},
	{".mp4", "video/mp4", ""},
	{".m4v", "video/x-m4v", "video/mp4"},
	{".webm", "video/webm", ""},
	{".mkv", "video/x-matroska", "video/webm"},
	{".mov", "video/quicktime", "video/mp4"},
	{".avi", "video/avi", ""},
	{".avi", "video/x-msvideo", "video/avi"},
	{".mpg", "video/mpeg", ""},
	{".mpeg", "video/mpeg", ""},
	{".ogv", "video/ogg", "audio/ogg"},
	{".m3u8", "application/vnd.apple.mpegurl", ""},
	{".mp3", "audio/mpeg", ""},
	{".mp3", "audio/mp3", "audio/mpeg"},
	{".wav", "audio/wav", ""},
	{".wav", "audio/wave", "audio/wav"},
	{".wav", "audio/x-wav", "audio/wav"},
	{".flac", "audio/flac", ""},
	{".flac", "audio/x-flac", "audio/flac"},
	{".ogg", "audio/ogg", ""},
	{".ogg", "application/ogg", "audio/ogg"},
	{".opus", "audio/opus", "audio/ogg"},
	{".weba", "audio/webm", "video/webm"},
	{".m4a", "audio/mp4", "video/mp4"},
	{".m4a", "audio/x-m4a", "video/mp4"},
	{".aac", "audio/aac", ""},
	{".aiff", "audio/aiff", ""},
	{".aif", "audio/aiff", ""},
	{".mid", "audio/midi", ""},
	{".glb", "model/glb", ""}, // the spelling that ModelsLab's upload takes
	{".glb", "model/gltf-binary", "model/glb"},
	{".gltf", "model/gltf+json", ""},
	{".obj", "model/obj", ""},
	{".mtl", "model/mtl", ""},
	{".stl", "model/stl", ""},
	{".ply", "model/ply", ""},
	{".fbx", "model/fbx", ""},
	{".dae", "model/vnd.collada+xml", "text/xml"},
	{".3mf", "model/3mf", "application/zip"},
	{".usdz", "model/vnd.usdz+zip", "application/zip"},
	{".bvh", "model/x-bvh", ""},
	{".safetensors", "application/x-safetensors", ""},
	{".npz", "application/x-npz", "application/zip"},
	{".pdf", "application/pdf", ""},
	{".zip", "application/zip", ""},
	{".gz", "application/x-gzip", ""},
	{".gz", "application/gzip", "application/x-gzip"},
	{".tgz", "application/x-gtar", "application/x-gzip"},
	{".tar", "application/x-tar", ""},
	{".json", "application/json", ""},
	{".srt", "application/x-subrip", ""},
	{".vtt", "text/vtt", ""},
	{".csv", "text/csv", ""},
	{".xml", "text/xml", ""},
	{".xml", "application/xml", "text/xml"},
	{".txt", "text/plain", ""},
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
	if t, ok := rowOf(contentType); ok {
		return t.ext
	}
	return ""
}

func rowOf(contentType string) (fileType, bool) {
	mediaType, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		mediaType, _, _ = strings.Cut(strings.ToLower(contentType), ";") // a bad parameter says nothing of the type
		mediaType = strings.TrimSpace(mediaType)
	}
	for _, t := range fileTypes {
		if t.contentType == mediaType {
			return t, true
		}
	}
	return fileType{}, false
}

// texts are the types of the table that are text, or can be.
var texts = map[string]bool{
	"image/svg+xml": true, "model/gltf+json": true, "model/obj": true, "model/mtl": true, "model/stl": true,
	"model/ply": true, "model/fbx": true, "model/vnd.collada+xml": true, "model/x-bvh": true, "application/json": true,
	"application/x-subrip": true, "application/xml": true,
	"application/vnd.apple.mpegurl": true,
}

// IsText reports whether a type of the table is text, or can be: models are
// written in both ways.
func IsText(contentType string) bool {
	t, _ := rowOf(contentType)
	return texts[t.contentType] || strings.HasPrefix(t.contentType, "text/")
}

// IsBinary reports whether a Content-Type promises a format that is never text:
// a type of the table, or any other picture, film or sound.
func IsBinary(contentType string) bool {
	if t, ok := rowOf(contentType); ok {
		return !IsText(t.contentType)
	}
	kind, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(contentType)), "/")
	return kind == "image" || kind == "video" || kind == "audio"
}
