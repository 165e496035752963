package paper

import (
	"bytes"
	"encoding/binary"
)

const (
	orientationTag = 0x0112
	headBytes      = 8 // of a TIFF: its order of bytes, its mark, where the first directory is
	entryBytes     = 12
	maxEntries     = 200 // of the first directory; a camera writes about twenty
)

// orientation reads how the camera was held, from 1 to 8, of a JPEG; 1 for all else, and for
// what cannot be read: the picture is kept as it lies.
func orientation(data []byte) int {
	for p := 2; p+4 <= len(data) && data[p] == 0xff; {
		marker, size := data[p+1], int(binary.BigEndian.Uint16(data[p+2:]))
		if marker == 0xda || size < 2 || p+2+size > len(data) { // the picture begins, or nothing can be read
			return 1
		}
		if body := data[p+4 : p+2+size]; marker == 0xe1 && bytes.HasPrefix(body, []byte("Exif\x00\x00")) {
			return orientationIn(body[6:])
		}
		p += 2 + size
	}
	return 1
}

// orientationIn reads the first directory of a TIFF.
func orientationIn(tiff []byte) int {
	if len(tiff) < headBytes {
		return 1
	}
	var order binary.ByteOrder = binary.LittleEndian
	if bytes.HasPrefix(tiff, []byte("MM")) {
		order = binary.BigEndian
	}
	at := uint64(order.Uint32(tiff[4:]))
	if at+2 > uint64(len(tiff)) {
		return 1
	}
	n := min(int(order.Uint16(tiff[at:])), maxEntries)
	for i := range n {
		e := at + 2 + uint64(i)*entryBytes
		if e+entryBytes > uint64(len(tiff)) {
			return 1
		}
		if order.Uint16(tiff[e:]) == orientationTag {
			if way := int(order.Uint16(tiff[e+8:])); way >= mirrored && way <= quarterLeft {
				return way
			}
			return 1
		}
	}
	return 1
}
