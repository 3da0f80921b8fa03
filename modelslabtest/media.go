package modelslabtest

import (
	"bytes"
	_ "embed" // film and tones
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"math"
	"strings"
)

var (
	//go:embed testdata/film.mp4
	mp4File []byte
	//go:embed testdata/tone.mp3
	mp3File []byte
	//go:embed testdata/tone.flac
	flacFile []byte
)

// files are the outputs that look the same for every request.
var files = map[string][]byte{
	"mp4":  mp4File,
	"mp3":  mp3File,
	"flac": flacFile,
	"txt":  []byte("The quick brown fox jumps over the lazy dog.\n"),
	"obj":  []byte("v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n"),
	"ply": []byte("ply\nformat ascii 1.0\nelement vertex 3\nproperty float x\nproperty float y\nproperty float z\n" +
		"element face 1\nproperty list uchar int vertex_indices\nend_header\n0 0 0\n1 0 0\n0 1 0\n3 0 1 2\n"),
	"stl": []byte("solid triangle\nfacet normal 0 0 1\nouter loop\nvertex 0 0 0\nvertex 1 0 0\nvertex 0 1 0\nendloop\nendfacet\nendsolid triangle\n"),
}

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
			c := uint8(y * 10 / h & 0xf)
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
	var sound struct {
		Riff       [4]byte
		Size       uint32
		WaveFmt    [8]byte
		FormatSize uint32
		Format     uint16 // 1: PCM
		Channels   uint16
		Rate       uint32
		ByteRate   uint32
		FrameSize  uint16
		Bits       uint16
		Data       [4]byte
		DataSize   uint32
		Samples    [n]int16
	}
	copy(sound.Riff[:], "RIFF")
	copy(sound.WaveFmt[:], "WAVEfmt ")
	copy(sound.Data[:], "data")
	sound.Size, sound.FormatSize, sound.DataSize = 36+2*n, 16, 2*n
	sound.Format, sound.Channels, sound.Bits, sound.FrameSize = 1, 1, 16, 2
	sound.Rate, sound.ByteRate = rate, 2*rate
	pitch := 220 * math.Pow(2, float64(hash%24)/12)
	for i := range sound.Samples {
		fade := 1 - float64(i)/n
		sound.Samples[i] = int16(9000 * fade * math.Sin(2*math.Pi*pitch*float64(i)/rate))
	}
	return littleEndian(&sound)
}

func littleEndian(v any) []byte {
	b, err := binary.Append(nil, binary.LittleEndian, v)
	if err != nil {
		panic("modelslabtest: " + err.Error()) // our own types, which have a size
	}
	return b
}

// glbFile is a glTF 2.0 binary with one coloured triangle.
func glbFile(hash uint64) []byte {
	const sceneSize, meshSize = 768, 36
	var model struct {
		Magic     [4]byte
		Version   uint32
		Size      uint32
		SceneSize uint32
		SceneType [4]byte
		Scene     [sceneSize]byte
		MeshSize  uint32
		MeshType  [4]byte
		Mesh      [9]float32
	}
	copy(model.Magic[:], "glTF")
	copy(model.SceneType[:], "JSON")
	copy(model.MeshType[:], "BIN")
	model.Version, model.SceneSize, model.MeshSize = 2, sceneSize, meshSize
	model.Size = 12 + 8 + sceneSize + 8 + meshSize
	model.Mesh = [...]float32{0, 0, 0, 1, 0, 0, 0, 1, 0}
	c := hsv(float64(hash%360)/360, 0.7, 0.9)
	scene := fmt.Sprintf(`{"asset":{"version":"2.0"},"scene":0,"scenes":[{"nodes":[0]}],"nodes":[{"mesh":0}],`+
		`"meshes":[{"primitives":[{"attributes":{"POSITION":0},"material":0}]}],`+
		`"materials":[{"doubleSided":true,"pbrMetallicRoughness":{"baseColorFactor":[%.3f,%.3f,%.3f,1]}}],`+
		`"accessors":[{"bufferView":0,"componentType":5126,"count":3,"type":"VEC3","min":[0,0,0],"max":[1,1,0]}],`+
		`"bufferViews":[{"buffer":0,"byteLength":36}],"buffers":[{"byteLength":36}]}`,
		float64(c.R)/255, float64(c.G)/255, float64(c.B)/255)
	copy(model.Scene[:], scene+strings.Repeat(" ", sceneSize)) // JSON is padded with spaces
	return littleEndian(&model)
}
