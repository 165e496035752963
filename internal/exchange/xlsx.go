package exchange

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"strings"
)

// Bounds of the inside of an XLSX file. Together they bound what reading one takes: it is
// read as it streams by, and only its texts are kept.
const (
	maxParts  = 2000    // files inside; a workbook has some dozens
	maxShared = 500_000 // shared texts
	maxText   = 16 << 20
	maxMerges = 1000
	maxMerged = 500_000   // cells that all of them cover
	maxDepth  = 32        // elements in one another
	maxRun    = 256 << 10 // bytes from the beginning of a tag to the next: itself, and the text after it
	lastRow   = 1_048_576 // of a sheet
	lastCell  = 16_384    // column of a sheet
)

// Names of the parts that are read, and of those that are refused.
const (
	partTypes    = "[Content_Types].xml"
	partWorkbook = "xl/workbook.xml"
	partLinks    = "xl/_rels/workbook.xml.rels"
	partMacros   = "vbaProject.bin"
	partODS      = "mimetype"
)

// workbook is an XLSX file while it is read.
type workbook struct {
	parts  map[string]*zip.File
	left   int64 // bytes that may still be inflated
	text   int64 // bytes of text that may still be kept
	shared []string
	dated  []bool // by style: it shows a number as a date
}

// readXLSX reads the first sheet of a workbook.
func readXLSX(b []byte) (*sheet, error) {
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, ErrUnreadable.Because(err)
	}
	w := &workbook{parts: map[string]*zip.File{}, left: MaxInflated, text: maxText}
	if err := w.look(z); err != nil {
		return nil, err
	}
	at, err := w.addresses()
	if err != nil {
		return nil, err
	}
	if err := w.readStyles(at.styles); err != nil {
		return nil, err
	}
	if err := w.readShared(at.shared); err != nil {
		return nil, err
	}
	s, err := w.readRows(at.sheet)
	if err == nil && len(s.rows) == 0 {
		err = ErrEmpty
	}
	return s, err
}

// look refuses what no workbook holds, by what the archive says of itself; that it lies is
// found when it is read.
func (w *workbook) look(z *zip.Reader) error {
	if len(z.File) > maxParts {
		return ErrInflated.With("Max", maxInflatedMB)
	}
	var total uint64
	for _, f := range z.File {
		total += min(f.UncompressedSize64, MaxInflated+1)
		name := strings.TrimPrefix(f.Name, "/")
		if path.Base(name) == partMacros {
			return ErrMacros
		}
		if _, twice := w.parts[name]; twice {
			return ErrUnreadable
		}
		w.parts[name] = f
	}
	switch {
	case total > MaxInflated:
		return ErrInflated.With("Max", maxInflatedMB)
	case w.parts[partWorkbook] == nil && w.parts[partODS] != nil:
		return ErrOldFormat
	case w.parts[partWorkbook] == nil || w.parts[partTypes] == nil:
		return ErrFormat
	}
	return nil
}

// addresses are the parts of a workbook that are read.
type addresses struct{ sheet, shared, styles string }

// addresses finds the first sheet, the shared texts and the styles.
func (w *workbook) addresses() (addresses, error) {
	var first string
	err := w.each(partWorkbook, func(e xml.StartElement, _ *parser) error {
		if e.Name.Local == "sheet" && first == "" && attribute(e, "state") == "" {
			first = attribute(e, "id")
		}
		return nil
	})
	if err != nil {
		return addresses{}, err
	}
	var at addresses
	err = w.each(partLinks, func(e xml.StartElement, _ *parser) error {
		if e.Name.Local != "Relationship" || attribute(e, "TargetMode") == "External" {
			return nil
		}
		target := resolve(attribute(e, "Target"))
		switch kind := path.Base(attribute(e, "Type")); {
		case kind == "vbaProject":
			return ErrMacros
		case attribute(e, "Id") == first && kind == "worksheet":
			at.sheet = target
		case kind == "sharedStrings":
			at.shared = target
		case kind == "styles":
			at.styles = target
		}
		return nil
	})
	if err == nil && w.parts[at.sheet] == nil {
		err = ErrUnreadable
	}
	return at, err
}

// resolve gives the name of a part to which the workbook leads.
func resolve(target string) string {
	if rest, absolute := strings.CutPrefix(target, "/"); absolute {
		return path.Clean(rest)
	}
	return path.Join("xl", target)
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// parser reads one part; nothing in it is believed to be short.
type parser struct {
	*xml.Decoder

	w     *workbook
	depth int
}

// each calls fn for each element of a part, which need not be there.
func (w *workbook) each(name string, fn func(xml.StartElement, *parser) error) error {
	f := w.parts[name]
	if f == nil {
		return nil
	}
	r, err := f.Open()
	if err != nil {
		return ErrUnreadable.Because(err)
	}
	defer func() { _ = r.Close() }() // what was read was read
	p := &parser{Decoder: xml.NewDecoder(&runs{r: r, w: w}), w: w}
	for {
		t, err := p.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if e, starts := t.(xml.StartElement); starts {
			if err := fn(e, p); err != nil {
				return err
			}
		}
	}
}

// next is the next token, within the bounds. Errors: io.EOF, the faults of a file.
func (p *parser) next() (xml.Token, error) {
	t, err := p.Token()
	switch {
	case errors.Is(err, io.EOF):
		return nil, io.EOF
	case errors.Is(err, ErrInflated):
		return nil, ErrInflated.With("Max", maxInflatedMB)
	case errors.Is(err, ErrDTD):
		return nil, ErrDTD
	case err != nil:
		return nil, ErrUnreadable.Because(err)
	}
	switch t.(type) {
	case xml.StartElement:
		p.depth++
		if p.depth > maxDepth {
			return nil, ErrUnreadable
		}
	case xml.EndElement:
		p.depth--
	}
	return t, nil
}

// content is the text of the element that has just begun, of its parts too, but for the ways
// in which it is said.
func (p *parser) content() (string, error) {
	var b strings.Builder
	hushed, depth := 0, p.depth
	for p.depth >= depth {
		t, err := p.next()
		if err != nil {
			return "", unfinished(err)
		}
		switch t := t.(type) {
		case xml.StartElement:
			if t.Name.Local == "rPh" || hushed > 0 { // how a text is pronounced
				hushed++
			}
		case xml.EndElement:
			hushed = max(0, hushed-1)
		case xml.CharData:
			if hushed == 0 {
				b.Write(t)
			}
		}
	}
	if p.w.text -= int64(b.Len()); p.w.text < 0 {
		return "", ErrInflated.With("Max", maxInflatedMB)
	}
	return b.String(), nil
}

// unfinished: a part that ends inside an element was cut off.
func unfinished(err error) error {
	if errors.Is(err, io.EOF) {
		return ErrUnreadable
	}
	return err
}

// runs passes bytes on, up to what may be inflated. It ends when one tag or one text is longer
// than any of a workbook, for the decoder would keep it whole; and at what no workbook holds
// and where the beginning of a tag is none: a document type, a comment, a part that is no XML.
type runs struct {
	r    io.Reader
	w    *workbook
	run  int
	last byte
	// instructs: an instruction has begun ("<?"), in which "<" is a letter like others.
	instructs bool
}

func (r *runs) Read(b []byte) (int, error) {
	n, err := r.r.Read(b)
	if r.w.left -= int64(n); r.w.left < 0 {
		return 0, ErrInflated
	}
	for _, c := range b[:n] {
		if err := r.pass(c); err != nil {
			return 0, err
		}
	}
	return n, err
}

// pass looks at one byte.
func (r *runs) pass(c byte) error {
	r.run++
	switch {
	case r.last == '<' && c == '!' && !r.instructs:
		return ErrDTD
	case r.last == '<' && c == '?':
		r.instructs = true
	case r.last == '?' && c == '>':
		r.instructs = false
	case c == '<' && !r.instructs:
		r.run = 0
	}
	r.last = c
	if r.run > maxRun {
		return ErrInflated
	}
	return nil
}
