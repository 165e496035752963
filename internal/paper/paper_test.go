package paper

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"
	"unicode/utf8"

	"habilis/internal/papertest"
)

// FIL-01: only a real PDF, JPEG or PNG, told by what it holds.
func TestClean(t *testing.T) {
	t.Parallel()
	pdf := papertest.PDF("")
	for name, c := range map[string]struct {
		data []byte
		want error
		is   Type
	}{
		"a PDF":                 {pdf, nil, PDF},
		"a PDF of several ends": {append(bytes.Clone(pdf), pdf[9:]...), nil, PDF},
		"a JPEG":                {papertest.JPEG(t, 40, 30), nil, JPEG},
		"a PNG":                 {papertest.PNG(t, 40, 30), nil, PNG},

		"nothing":                    {nil, ErrEmpty, ""},                                                // paper.empty
		"too much":                   {make([]byte, MaxBytes+1), ErrTooLarge, ""},                        // paper.too_large
		"SVG":                        {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`), ErrType, ""}, // paper.type
		"HTML":                       {[]byte("<!doctype html><script>alert(1)</script>"), ErrType, ""},
		"a page called PDF inside":   {append([]byte("<html>"), pdf...), ErrType, ""},
		"a GIF with an archive":      {[]byte("GIF89a\x01\x00\x01\x00PK\x03\x04"), ErrType, ""},
		"a ZIP":                      {[]byte("PK\x03\x04"), ErrType, ""},
		"a PDF cut short":            {pdf[:len(pdf)-20], ErrDamaged, ""}, // paper.damaged
		"a PDF with an archive":      {append(bytes.Clone(pdf), "PK\x03\x04"...), ErrDamaged, ""},
		"a PDF of a header":          {[]byte("%PDF-1.7"), ErrDamaged, ""},
		"a PDF with a script":        {papertest.PDF("/OpenAction << /S /JavaScript /JS (app.alert(1)) >>"), ErrActive, ""}, // paper.active
		"a script under another hat": {papertest.PDF("/OpenAction << /S /J#61va#53cript >>"), ErrActive, ""},
		"a PDF with a file inside":   {papertest.PDF("/Names << /EmbeddedFiles 4 0 R >>"), ErrActive, ""},
		"a PDF that starts programs": {papertest.PDF("/A << /S /Launch /F (cmd.exe) >>"), ErrActive, ""},
		"a PDF with a password":      {papertest.PDF("/Encrypt 5 0 R"), ErrProtected, ""}, // paper.protected
		"a word that begins like it": {papertest.PDF("/JSON (x) /Launchpad 1"), nil, PDF},
		"a JPEG cut short":           {papertest.JPEG(t, 400, 300)[:500], ErrDamaged, ""},
		"a PNG of nothing":           {[]byte("\x89PNG\r\n\x1a\n"), ErrDamaged, ""},
		"pixels":                     {papertest.HugePNG(50_000, 50_000), ErrTooMany, ""}, // paper.pixels
		"pixels, just too many":      {papertest.HugePNG(8000, 5001), ErrTooMany, ""},
		"deep pixels":                {papertest.HugeDeepPNG(8000, 2501, 16), ErrTooMany, ""},
	} {
		got, err := Clean(t.Context(), c.data)
		if !errors.Is(err, c.want) || c.want == nil && (err != nil || got.Type != c.is) {
			t.Errorf("%s: %s, %v", name, got.Type, err)
		}
	}
}

// FIL-01: a script in a packed stream of objects is found, too, and a bomb of them is refused.
func TestPackedScript(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		plain []byte
		want  error
	}{
		"script": {[]byte("7 0 << /S /JavaScript /JS (x) >>"), ErrActive},
		"plain":  {[]byte("7 0 << /Type /Page >>"), nil},
		"bomb":   {bytes.Repeat([]byte(" "), maxInflated+1), ErrActive},
	} {
		var packed bytes.Buffer
		w := zlib.NewWriter(&packed)
		_, _ = w.Write(c.plain)
		_ = w.Close()
		body := fmt.Sprintf(">>\nendobj\n9 0 obj\n<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream\nendobj\n10 0 obj\n<< ", packed.Len(), packed.String())
		if err := checkPDF(papertest.PDF(body)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FIL-06: nothing of a photograph is kept but the picture, as its camera was held.
func TestMetadata(t *testing.T) {
	t.Parallel()
	plain := papertest.JPEG(t, 60, 40)
	for way := 1; way <= 8; way++ {
		data := papertest.WithExif(plain, way, "GPSLatitude 48.8566 Canon EOS")
		got, err := Clean(t.Context(), append(data, "<script>alert(1)</script>"...))
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{"GPSLatitude", "Canon", "Exif", "<script>"} {
			if bytes.Contains(got.Data, []byte(secret)) {
				t.Errorf("way %d: %s is kept", way, secret)
			}
		}
		m, err := jpeg.Decode(bytes.NewReader(got.Data))
		if err != nil {
			t.Fatal(err)
		}
		w, h := 60, 40
		if way >= 5 {
			w, h = h, w
		}
		if m.Bounds().Dx() != w || m.Bounds().Dy() != h {
			t.Errorf("way %d: %v", way, m.Bounds())
		}
		// The sample is dark in its first corner alone: there it must be, upright.
		x, y := turned(way, 5, 5, 60, 40)
		if r, _, _, _ := m.At(x, y).RGBA(); r > 0x4000 {
			t.Errorf("way %d: the corner is not at %d,%d", way, x, y)
		}
	}
}

// TestSmaller: a large photograph is made smaller, and keeps its shape.
func TestSmaller(t *testing.T) {
	t.Parallel()
	got, err := Clean(t.Context(), papertest.PNG(t, 2*MaxSide, MaxSide/2))
	if err != nil {
		t.Fatal(err)
	}
	c, err := png.DecodeConfig(bytes.NewReader(got.Data))
	if err != nil || c.Width != MaxSide || c.Height != MaxSide/4 {
		t.Errorf("%d × %d, %v", c.Width, c.Height, err)
	}
}

// FIL-02: a name is no path and no header.
func TestName(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"carte CPS.pdf":             "carte CPS.pdf",
		"Diplôme d’État (2019).PDF": "Diplôme d’État (2019).pdf",
		"../../etc/passwd":          "passwd.pdf",
		`C:\Users\ines\carte.jpg`:   "carte.pdf",
		"a\x00b\r\nSet-Cookie: x":   "ab Set-Cookie x.pdf",
		"\u202egpj.exe":             "gpj.pdf",
		`"; filename=x.html`:        "filenamex.pdf",
		"...":                       "pièce.pdf",
		"":                          "pièce.pdf",
		strings.Repeat("é", 300):    strings.Repeat("é", MaxName) + ".pdf",
		"carte.pdf.exe":             "carte pdf.pdf",
		"Carte\u0301.pdf":           "Carté.pdf",
	} {
		if got := Name(typed, PDF, "pièce"); got != want {
			t.Errorf("%q: %q, wanted %q", typed, got, want)
		}
	}
}

// FIL-05: whatever comes, it is judged without harm.
func FuzzClean(f *testing.F) {
	f.Add(papertest.PDF("/OpenAction << /S /JavaScript >>"))
	f.Add(papertest.WithExif([]byte("\xff\xd8\xff\xd9"), 6, "x"))
	f.Add(papertest.HugePNG(10, 10))
	f.Fuzz(func(t *testing.T, data []byte) {
		if way := orientation(data); way < 1 || way > 8 {
			t.Errorf("orientation %d", way)
		}
		got, err := Clean(t.Context(), data)
		if err == nil && typeOf(got.Data) != got.Type {
			t.Errorf("%s came out as something else", got.Type)
		}
	})
}

// FuzzName: whatever is typed, the name is short, composed of harmless characters, and ends
// as it must.
func FuzzName(f *testing.F) {
	f.Add("../../x.pdf")
	f.Fuzz(func(t *testing.T, typed string) {
		got := Name(typed, PNG, "file")
		if !strings.HasSuffix(got, ".png") || strings.ContainsAny(got, "/\\\"\r\n\x00;:*?<>|") || utf8.RuneCountInString(got) > MaxName+4 {
			t.Errorf("%q: %q", typed, got)
		}
	})
}
