package paper

import (
	"bytes"
	"compress/zlib"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Bounds of what is unpacked of a PDF to look into it.
const (
	maxInflated = 32 << 20 // of all streams together
	maxStreams  = 20_000
	tailBytes   = 1024 // where the end of a whole PDF stands
)

// active are the names of what acts in a PDF, or hides another file in it.
var active = []string{
	"JavaScript", "JS", "Launch", "EmbeddedFile", "EmbeddedFiles", "RichMedia", "XFA", "SubmitForm", "ImportData", "GoToE", "Rendition",
	"Movie", "Sound",
}

// checkPDF refuses a PDF that is cut short, goes on behind its end, is protected, or acts.
func checkPDF(data []byte) error {
	if !whole(data) {
		return ErrDamaged
	}
	if hasName(data, "Encrypt") {
		return ErrProtected
	}
	if acts(data) {
		return ErrActive
	}
	inflated := int64(0)
	for i, s := range streams(data) {
		if i == maxStreams || inflated > maxInflated {
			return ErrActive // nobody has looked into the rest
		}
		plain := inflate(s, maxInflated-inflated+1)
		inflated += int64(len(plain))
		if acts(plain) {
			return ErrActive
		}
	}
	if inflated > maxInflated {
		return ErrActive
	}
	return nil
}

// whole: a table of contents is named at the end, and nothing but blanks follows it.
func whole(data []byte) bool {
	tail := data[max(0, len(data)-tailBytes):]
	end := bytes.LastIndex(tail, []byte("%%EOF"))
	if end < 0 || len(bytes.Trim(tail[end+len("%%EOF"):], "\x00\t\n\f\r ")) > 0 {
		return false
	}
	return bytes.Contains(tail[:end], []byte("startxref"))
}

func acts(data []byte) bool {
	return slices.ContainsFunc(active, func(name string) bool { return hasName(data, name) })
}

// hasName finds a name, also written with the escapes that PDF allows (/J#61vaScript), and
// not as the beginning of a longer one.
func hasName(data []byte, name string) bool {
	for rest := data; ; {
		i := bytes.IndexByte(rest, '/')
		if i < 0 {
			return false
		}
		rest = rest[i+1:]
		if written, ok := readName(rest, len(name)+1); ok && written == name {
			return true
		}
	}
}

// readName reads a name of at most so many characters.
func readName(b []byte, most int) (string, bool) {
	var out []byte
	for i := 0; i < len(b) && !strings.ContainsRune("\x00\t\n\f\r ()<>[]{}/%", rune(b[i])); i++ {
		c := b[i]
		if c == '#' && i+2 < len(b) {
			if v, err := strconv.ParseUint(string(b[i+1:i+3]), 16, 8); err == nil {
				c, i = byte(v), i+2
			}
		}
		if out = append(out, c); len(out) > most {
			return "", false
		}
	}
	return string(out), true
}

// objectStreams are the packed streams in which objects, and so names, may stand.
var objectStreams = regexp.MustCompile(`/Type\s*/ObjStm`)

// streams gives the packed bodies of the streams that hold objects.
func streams(data []byte) (list [][]byte) {
	rest := data
	for len(list) <= maxStreams {
		i := bytes.Index(rest, []byte("stream"))
		if i < 0 {
			return list
		}
		head := rest[max(0, i-tailBytes):i]
		if at := bytes.LastIndex(head, []byte("obj")); at >= 0 {
			head = head[at:]
		}
		body := bytes.TrimLeft(rest[i+len("stream"):], "\r\n")
		if objectStreams.Match(head) {
			list = append(list, body)
		}
		end := bytes.Index(rest[i:], []byte("endstream"))
		if end < 0 {
			return list
		}
		rest = rest[i+end+len("endstream"):]
	}
	return list
}

// inflate unpacks at most so many bytes. What does not unpack is looked at as it is.
func inflate(packed []byte, most int64) []byte {
	r, err := zlib.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil
	}
	defer func() { _ = r.Close() }()                // only read
	plain, _ := io.ReadAll(io.LimitReader(r, most)) // what came before an error was unpacked, and is looked at
	return plain
}
