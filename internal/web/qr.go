package web

import (
	"strconv"
	"strings"

	"rsc.io/qr"

	"habilis/internal/secret"
)

// qrQuiet is the white margin that readers want around a code, in modules.
const qrQuiet = 4

// qrView is a QR code as the path of an inline image: nothing is fetched, so that the
// secret which it may hold is in no address and no cache.
type qrView struct {
	Side string // of the square, quiet zone included
	Path string
}

// Box is the viewBox of the image.
func (q qrView) Box() string { return "0 0 " + q.Side + " " + q.Side }

// drawQR draws a text as a QR code, row by row.
func drawQR(t secret.Text) (qrView, error) {
	code, err := qr.Encode(t.Reveal(), qr.M)
	if err != nil {
		return qrView{}, err
	}
	var path strings.Builder
	for y := range code.Size {
		for x := 0; x < code.Size; {
			run := x
			for run < code.Size && code.Black(run, y) {
				run++
			}
			if n := run - x; n > 0 {
				d := strconv.Itoa(n)
				path.WriteString("M" + strconv.Itoa(x+qrQuiet) + " " + strconv.Itoa(y+qrQuiet) + "h" + d + "v1h-" + d + "z")
			}
			x = run + 1
		}
	}
	return qrView{Side: strconv.Itoa(code.Size + 2*qrQuiet), Path: path.String()}, nil
}
