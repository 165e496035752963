package paper

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"io"

	scale "golang.org/x/image/draw"
)

// format is how one type of image is read and written.
type format struct {
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
	encode func(io.Writer, image.Image) error
}

// quality of the JPEG that is kept: small print stays readable.
const quality = 88

var (
	jpegFormat = format{jpeg.DecodeConfig, jpeg.Decode, func(w io.Writer, m image.Image) error {
		return jpeg.Encode(w, m, &jpeg.Options{Quality: quality})
	}}
	pngFormat = format{png.DecodeConfig, png.Decode, png.Encode}
)

// usualBytes is what a pixel takes unpacked, of most images.
const usualBytes = 4

// bytesOf is what a pixel takes unpacked: twice as much when its colours are twice as deep.
func bytesOf(m color.Model) int64 {
	if m == color.RGBA64Model || m == color.NRGBA64Model {
		return 2 * usualBytes // 16 bits a colour
	}
	return usualBytes
}

// turn lets one image be unpacked at a time: 40 million pixels are 160 MiB.
var turn = make(chan struct{}, 1)

// cleanImage reads an image and writes it anew: upright, not larger than MaxSide, and
// nothing else of the file.
func cleanImage(ctx context.Context, data []byte, f format) ([]byte, error) {
	c, err := f.config(bytes.NewReader(data))
	if err != nil {
		return nil, ErrDamaged.Because(err)
	}
	if c.Width <= 0 || c.Height <= 0 {
		return nil, ErrDamaged
	}
	if int64(c.Width)*int64(c.Height)*bytesOf(c.ColorModel) > MaxPixels*usualBytes {
		return nil, ErrTooMany
	}
	select {
	case turn <- struct{}{}:
		defer func() { <-turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	m, err := f.decode(bytes.NewReader(data))
	if err != nil {
		return nil, ErrDamaged.Because(err)
	}
	var b bytes.Buffer
	if err := f.encode(&b, upright(smaller(m), orientation(data))); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// smaller gives the image with its longest side at most MaxSide, as one whose pixels are
// quick to reach.
func smaller(m image.Image) *image.RGBA {
	w, h := m.Bounds().Dx(), m.Bounds().Dy()
	if long := max(w, h); long > MaxSide {
		w, h = max(1, w*MaxSide/long), max(1, h*MaxSide/long)
	}
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	if w == m.Bounds().Dx() && h == m.Bounds().Dy() {
		draw.Draw(out, out.Bounds(), m, m.Bounds().Min, draw.Src)
		return out
	}
	scale.ApproxBiLinear.Scale(out, out.Bounds(), m, m.Bounds(), scale.Src, nil)
	return out
}

// The ways of EXIF to hold a camera, but the usual one: what is done to set it upright.
const (
	mirrored = iota + 2
	halfTurn
	flipped
	transposed // the sides change from here on
	quarterRight
	transversed
	quarterLeft
)

// upright turns a picture as its camera said that it was held: the eight ways of EXIF.
func upright(m *image.RGBA, way int) image.Image {
	if way < mirrored || way > quarterLeft {
		return m
	}
	w, h := m.Bounds().Dx(), m.Bounds().Dy()
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	if way >= transposed {
		out = image.NewRGBA(image.Rect(0, 0, h, w))
	}
	for y := range h {
		for x := range w {
			tx, ty := turned(way, x, y, w, h)
			out.SetRGBA(tx, ty, m.RGBAAt(x, y))
		}
	}
	return out
}

// turned is where a pixel of a picture of w × h goes.
func turned(way, x, y, w, h int) (int, int) {
	switch way {
	case mirrored:
		return w - 1 - x, y
	case halfTurn:
		return w - 1 - x, h - 1 - y
	case flipped:
		return x, h - 1 - y
	case transposed:
		return y, x
	case quarterRight:
		return h - 1 - y, x
	case transversed:
		return h - 1 - y, w - 1 - x
	case quarterLeft:
		return y, w - 1 - x
	}
	return x, y
}
