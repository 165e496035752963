package papertest

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"
)

// Eicar is the harmless text that every scanner knows, in two halves so that no scanner
// finds it here.
const Eicar = `X5O!P%@AP[4\PZX54(P^)7CC)7}$` + `EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*`

// PDF is a small whole PDF with more in its catalogue.
func PDF(more string) []byte {
	return []byte("%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R " + more + " >>\nendobj\n" +
		"2 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\n" +
		"xref\n0 1\n0000000000 65535 f \ntrailer\n<< /Size 3 /Root 1 0 R >>\nstartxref\n9\n%%EOF\n")
}

// LargePDF is a whole PDF of a size.
func LargePDF(bytes int) []byte {
	empty := PDF("/X ()")
	return PDF("/X (" + strings.Repeat("x", bytes-len(empty)) + ")")
}

// picture is white, with a dark first corner.
func picture(w, h int) image.Image {
	m := image.NewGray(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			if x >= w/4 || y >= h/4 {
				m.Set(x, y, color.White)
			}
		}
	}
	return m
}

// JPEG is an image of a size, dark in its first corner alone.
func JPEG(t testing.TB, w, h int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, picture(w, h), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// PNG is the same as a PNG.
func PNG(t testing.TB, w, h int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, picture(w, h)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// HugePNG only says how large it is, in colours of 8 bits.
func HugePNG(w, h uint32) []byte { return HugeDeepPNG(w, h, 8) } //nolint:mnd // bits a colour

// HugeDeepPNG only says how large it is, and how deep.
func HugeDeepPNG(w, h uint32, bits byte) []byte {
	head := binary.BigEndian.AppendUint32([]byte("IHDR"), w)
	head = append(binary.BigEndian.AppendUint32(head, h), bits, 2, 0, 0, 0)
	data := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), head...)
	return binary.BigEndian.AppendUint32(data, crc32.ChecksumIEEE(head))
}

// WithExif puts what a camera says behind the beginning of a JPEG: how it was held, from 1
// to 8, and more.
func WithExif(data []byte, way int, more string) []byte {
	tiff := []byte("MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00")
	binary.BigEndian.PutUint16(tiff[18:], uint16(way)) //nolint:gosec // from 1 to 8
	body := append([]byte("Exif\x00\x00"), append(tiff, more...)...)
	out := append([]byte(nil), data[:2]...)
	out = append(out, 0xff, 0xe1)                                 //nolint:mnd // the mark of what an application says
	out = binary.BigEndian.AppendUint16(out, uint16(len(body)+2)) //nolint:gosec // some bytes
	return append(append(out, body...), data[2:]...)
}
