package batch

import (
	"bytes"
	"encoding/base64"
	"html/template"
	"image"
	_ "image/gif" // decoders
	"image/jpeg"
	_ "image/png" // decoder
	"os"

	"golang.org/x/image/draw"
	_ "golang.org/x/image/webp" // decoder
)

const thumbnailWidth = 480

// thumbnail returns a small JPEG of a picture as a data URL, so that a gallery
// of a hundred opens at once; "" for what cannot be read, which the page then
// shows itself.
func thumbnail(file string) template.URL {
	f, err := os.Open(file)
	if err != nil {
		return ""
	}
	defer f.Close()
	full, _, err := image.Decode(f)
	if err != nil {
		return ""
	}
	size := full.Bounds()
	width := min(thumbnailWidth, size.Dx())
	small := image.NewRGBA(image.Rect(0, 0, width, max(1, size.Dy()*width/size.Dx())))
	draw.Draw(small, small.Bounds(), image.White, image.Point{}, draw.Src)
	draw.ApproxBiLinear.Scale(small, small.Bounds(), full, size, draw.Over, nil)
	var jpg bytes.Buffer
	if err := jpeg.Encode(&jpg, small, &jpeg.Options{Quality: 80}); err != nil {
		return ""
	}
	return template.URL("data:image/jpeg;base64," + base64.StdEncoding.EncodeToString(jpg.Bytes())) //nolint:gosec // it is base64
}
