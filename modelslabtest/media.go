package modelslabtest

import (
	"bytes"
	_ "embed" // the film
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"math"
	"strings"
)

//go:embed testdata/film.mp4
var mp4File []byte

// palette are the colours of a picture, from its hash.
func palette(hash uint64) color.Palette {
	p := make(color.Palette, 16)
	base := float64(hash%360) / 360
	accent := base + 0.3 + float64(hash>>9%40)/100
	for i := range p {
		h, v := base, 0.35+0.04*float64(i)
		if i >= 12 {
			h, v = accent, 0.7+0.08*float64(i-12)
		}
		p[i] = hsv(h, 0.65, v)
	}
	return p
}

func hsv(h, s, v float64) color.RGBA {
	channel := func(shift float64) uint8 {
		x := math.Abs(math.Mod(h+shift, 1)*6-3) - 1
		x = min(max(x, 0), 1)
		return uint8(255 * v * (1 - s + s*x))
	}
	return color.RGBA{channel(1), channel(2.0 / 3), channel(1.0 / 3), 255}
}

// paint draws a sky with a sun and hills; at moves the sun.
func paint(hash uint64, w, h int, at float64) *image.Paletted {
	img := image.NewPaletted(image.Rect(0, 0, w, h), palette(hash))
	sunX, sunY := (0.2+0.6*float64(hash>>16%100)/100+at)*float64(w), (0.2+0.3*float64(hash>>24%100)/100)*float64(h)
	radius := float64(min(w, h)) * (0.08 + 0.1*float64(hash>>32%100)/100)
	phase, waves := float64(hash>>40%628)/100, 1+float64(hash>>48%4)
	for x := range w {
		hill := float64(h) * (0.7 + 0.1*math.Sin(phase+waves*2*math.Pi*float64(x)/float64(w)))
		for y := range h {
			c := uint8(y * 10 / h)
			switch dx, dy := float64(x)-sunX, float64(y)-sunY; {
			case float64(y) > hill:
				c = uint8(12 + (y+x/8)%3)
			case dx*dx+dy*dy < radius*radius:
				c = 15
			}
			img.Pix[y*img.Stride+x] = c
		}
	}
	return img
}

func pngFile(hash uint64, w, h int) []byte {
	var buf bytes.Buffer
	if err := png.Encode(&buf, paint(hash, w, h, 0)); err != nil {
		panic("modelslabtest: " + err.Error()) // writing to memory
	}
	return buf.Bytes()
}

func gifFile(hash uint64) []byte {
	g := &gif.GIF{}
	for i := range 8 {
		g.Image = append(g.Image, paint(hash, 128, 128, float64(i)/40))
		g.Delay = append(g.Delay, 12)
	}
	var buf bytes.Buffer
	if err := gif.EncodeAll(&buf, g); err != nil {
		panic("modelslabtest: " + err.Error()) // writing to memory
	}
	return buf.Bytes()
}

// wavFile is half a second of a tone, mono, 16 bits.
func wavFile(hash uint64) []byte {
	const rate, n = 8000, 4000
	pitch := 220 * math.Pow(2, float64(hash%24)/12)
	b := []byte("RIFF")
	b = binary.LittleEndian.AppendUint32(b, 36+2*n)
	b = append(b, "WAVEfmt "...)
	b = binary.LittleEndian.AppendUint32(b, 16)
	for _, v := range []uint16{1, 1, rate, 0, rate * 2, 0, 2, 16} { // PCM, mono, two 32-bit rates, frame, bits
		b = binary.LittleEndian.AppendUint16(b, v)
	}
	b = append(b, "data"...)
	b = binary.LittleEndian.AppendUint32(b, 2*n)
	for i := range n {
		fade := 1 - float64(i)/n
		b = binary.LittleEndian.AppendUint16(b, uint16(int16(9000*fade*math.Sin(2*math.Pi*pitch*float64(i)/rate))))
	}
	return b
}

// glbFile is a glTF 2.0 binary with one coloured triangle.
func glbFile(hash uint64) []byte {
	var mesh []byte
	for _, f := range []float32{0, 0, 0, 1, 0, 0, 0, 1, 0} {
		mesh = binary.LittleEndian.AppendUint32(mesh, math.Float32bits(f))
	}
	c := hsv(float64(hash%360)/360, 0.7, 0.9)
	scene := fmt.Sprintf(`{"asset":{"version":"2.0"},"scene":0,"scenes":[{"nodes":[0]}],"nodes":[{"mesh":0}],`+
		`"meshes":[{"primitives":[{"attributes":{"POSITION":0},"material":0}]}],`+
		`"materials":[{"doubleSided":true,"pbrMetallicRoughness":{"baseColorFactor":[%.3f,%.3f,%.3f,1]}}],`+
		`"accessors":[{"bufferView":0,"componentType":5126,"count":3,"type":"VEC3","min":[0,0,0],"max":[1,1,0]}],`+
		`"bufferViews":[{"buffer":0,"byteLength":36}],"buffers":[{"byteLength":36}]}`,
		float64(c.R)/255, float64(c.G)/255, float64(c.B)/255)
	scene += strings.Repeat(" ", (4-len(scene)%4)%4)
	b := []byte("glTF")
	b = binary.LittleEndian.AppendUint32(b, 2)
	b = binary.LittleEndian.AppendUint32(b, uint32(12+8+len(scene)+8+len(mesh)))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(scene)))
	b = append(append(b, "JSON"...), scene...)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(mesh)))
	return append(append(b, "BIN\x00"...), mesh...)
}
