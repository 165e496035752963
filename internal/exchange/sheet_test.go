package exchange

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"habilis/internal/text"
)

func mustRead(t *testing.T, b []byte) *sheet {
	t.Helper()
	s, err := readSheet(b)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// cell is what a line holds in a column, or the code of why it is not read.
func (s *sheet) cell(no, column int) string {
	for _, r := range s.rows {
		if r.no == no {
			if code := r.odd[column]; code != "" {
				return code
			}
			if column < len(r.cells) {
				return r.cells[column]
			}
		}
	}
	return ""
}

// MEM-14: what people's spreadsheets write as CSV is read as they meant it.
func TestReadCSV(t *testing.T) {
	const want = "Nom|Prénom\nLefèvre|Élodie"
	latin, err := charmap.Windows1252.NewEncoder().String("Nom;Prénom\r\nLefèvre;Élodie\r\n")
	if err != nil {
		t.Fatal(err)
	}
	wide, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String("Nom\tPrénom\r\nLefèvre\tÉlodie")
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"semicolons": "Nom;Prénom\nLefèvre;Élodie\n", "commas": "Nom,Prénom\nLefèvre,Élodie", "tabs": "Nom\tPrénom\nLefèvre\tÉlodie",
		"byte order mark": "\uFEFFNom;Prénom\r\nLefèvre;Élodie\r\n", "Latin-1": latin, "UTF-16": wide, "sep=": "sep=,\r\nNom,Prénom\r\nLefèvre,Élodie",
		"quotes": "\"Nom\";\"Prénom\"\n\"Lefèvre\";\"Élodie\"", "empty lines": "\n\nNom;Prénom\n;;;\n\nLefèvre;Élodie\n;;\n",
		"a comma in quotes": "\"Nom\";Prénom\nLefèvre;Élodie",
	} {
		s, err := readSheet([]byte(content))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var lines []string
		for _, r := range s.rows {
			lines = append(lines, strings.Join(r.cells, "|"))
		}
		if got := strings.Join(lines, "\n"); got != want || s.latin != (name == "Latin-1") {
			t.Errorf("%s: %q, latin %v", name, got, s.latin)
		}
	}
}

// MEM-14, FIL-04: a file that is none is refused with the word for it.
func TestRefusedFiles(t *testing.T) {
	for name, c := range map[string]struct {
		content string
		want    error
	}{
		"nothing": {" \n", ErrEmpty}, "only empty lines": {";;;\n;;\n", ErrEmpty}, "an old workbook": {"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", ErrOldFormat},
		"a picture": {"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", ErrFormat}, "a zip of nothing": {"PK\x05\x06" + strings.Repeat("\x00", 18), ErrFormat},
		"a broken zip": {"PK\x03\x04 and no more", ErrUnreadable}, "an open quote": {"Nom;Prénom\n\"Lefèvre;Élodie\n", ErrQuotes},
		"too many columns": {strings.Repeat("a;", MaxColumns+2) + "b\n", ErrColumns}, "too large": {strings.Repeat("x", MaxFile+1), ErrTooLarge},
		"cells without end":        {"Nom;Prénom\n" + strings.Repeat(";", lastCell+1) + "\n", ErrColumns},
		"cells over several lines": {"Nom;Prénom\n" + strings.Repeat(strings.Repeat(";", lastCell/2)+"\"\n\"", 3), ErrColumns},
		"too many lines":           {"Nom;Prénom\n" + strings.Repeat("a;b\n", MaxRows+1), ErrRows},
	} {
		if _, err := readSheet([]byte(c.content)); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, not %v", name, err, c.want)
		}
	}
	if s := mustRead(t, []byte("Nom;Prénom\n"+strings.Repeat(";", lastCell)+"\nLefèvre;\"É;\n;lodie\""+strings.Repeat(";", lastCell-1)+"\n")); s.cell(3, 0) != "Lefèvre" {
		t.Errorf("as many empty cells as a sheet has columns: %+v", s.rows)
	}
	if s := mustRead(t, []byte("Nom;Prénom\n"+strings.Repeat("a;b\n", MaxRows))); len(s.rows) != MaxRows+1 {
		t.Errorf("%d lines of the most", len(s.rows))
	}
}

// book makes a workbook with a spreadsheet library.
func book(t testing.TB, fill func(f *excelize.File) error) []byte {
	t.Helper()
	f := excelize.NewFile()
	if err := fill(f); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := errors.Join(f.Write(&b), f.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// MEM-14: only text is believed. Formulas, dates (of 1900 too), merged cells and cells in error
// are told where they stand; a number keeps all its digits.
func TestReadXLSX(t *testing.T) {
	s := mustRead(t, book(t, func(f *excelize.File) error {
		day, err := f.NewStyle(&excelize.Style{NumFmt: 14})
		own := "dd/mm/yyyy"
		custom, err2 := f.NewStyle(&excelize.Style{CustomNumFmt: &own})
		return errors.Join(err, err2,
			f.SetSheetRow("Sheet1", "A1", &[]any{"Nom", "Prénom", "Numéro RPPS", "Téléphone"}),
			f.SetSheetRow("Sheet1", "A2", &[]any{"Lefèvre", "Élodie", 10001234567, "06 12 34 56 78"}),
			f.SetCellFormula("Sheet1", "A3", `CONCAT("Le","fèvre")`), f.SetCellValue("Sheet1", "B3", "Jean"),
			f.SetCellValue("Sheet1", "A4", "Dates"), f.SetCellValue("Sheet1", "C4", time.Date(1900, 2, 28, 0, 0, 0, 0, time.UTC)),
			f.SetCellValue("Sheet1", "B4", 1), f.SetCellStyle("Sheet1", "B4", "B4", day), f.SetCellValue("Sheet1", "D4", 1.5),
			f.SetCellStyle("Sheet1", "D4", "D4", custom), f.SetSheetRow("Sheet1", "A6", &[]any{"Un", "Deux"}), f.SetSheetRow("Sheet1", "A7", &[]any{"Trois"}),
			f.MergeCell("Sheet1", "B6", "C7"), f.SetCellBool("Sheet1", "A8", true), f.SetCellValue("Sheet1", "B8", 0.1),
		)
	}))
	for at, want := range map[[2]int]string{
		{2, 0}: "Lefèvre", {2, 2}: "10001234567", {2, 3}: "06 12 34 56 78", {3, 0}: cellFormula, {3, 1}: "Jean", {4, 0}: "Dates", {4, 1}: cellDate,
		{4, 2}: cellDate, {4, 3}: cellDate, {5, 0}: "", {6, 0}: "Un", {6, 1}: cellMerged, {6, 2}: cellMerged, {7, 0}: "Trois", {7, 1}: cellMerged,
		{8, 0}: "1", {8, 1}: "0.1",
	} {
		if got := s.cell(at[0], at[1]); got != want {
			t.Errorf("line %d, column %d: %q, not %q", at[0], at[1], got, want)
		}
	}
	if s.format != XLSX || len(s.rows) != 7 {
		t.Errorf("%s of %d lines", s.format, len(s.rows))
	}
}

// part is a file inside a workbook.
type part struct{ name, content string }

// parts of the smallest workbook, whose one sheet is sheet.
func parts(sheet string) []part {
	return []part{
		{partTypes, `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`},
		{partWorkbook, `<workbook xmlns:r="r"><sheets><sheet name="A" sheetId="1" r:id="rId1"/></sheets></workbook>`},
		{partLinks, `<Relationships><Relationship Id="rId1" Type="http://x/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`},
		{"xl/worksheets/sheet1.xml", sheet},
	}
}

func zipped(t testing.TB, list ...part) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
	for _, p := range list {
		w, err := z.Create(p.name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, p.content); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const inline = `<c t="inlineStr"><is><t>a</t></is></c>`

func sheetOf(rows string) string {
	return `<worksheet><sheetData>` + rows + `</sheetData></worksheet>`
}

// FIL-04 (V5.2.3): zip bombs, entities, a million sheets, macros, slips out of the archive and
// links to elsewhere: each refused with its word, within a second and 50 MB, and nothing is
// left on the disk.
func TestBombs(t *testing.T) {
	const row = `<row><c t="inlineStr"><is><t>a</t></is></c></row>`
	much := strings.Repeat(" ", 60<<20)
	var many []part
	for n := range maxParts {
		many = append(many, part{fmt.Sprintf("xl/worksheets/sheet%d.xml", n+2), sheetOf("")})
	}
	linked := parts(sheetOf(row))
	linked[2].content = strings.Replace(linked[2].content, `Target="worksheets`, `TargetMode="External" Target="http://example.org/`, 1)
	slip := append(parts(sheetOf(row)), part{"../../../etc/cron.d/x", "* * * * * root x"})
	lying := lie(t, zipped(t, parts(sheetOf(row+much))...))
	shared := append(parts(sheetOf(strings.Repeat(`<row>`+strings.Repeat(`<c t="s"><v>0</v></c>`, 10)+`</row>`, 2000))),
		part{"xl/sharedStrings.xml", `<sst><si><t>` + strings.Repeat("x", MaxCell) + `</t></si></sst>`})
	shared[2].content = strings.Replace(shared[2].content, `</Relationships>`,
		`<Relationship Id="a" Type="x/sharedStrings" Target="sharedStrings.xml"/></Relationships>`, 1)
	laughs := `<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>` + sheetOf(row)
	for name, c := range map[string]struct {
		b    []byte
		want error
	}{
		"a zip bomb":           {zipped(t, parts(sheetOf(row+much))...), ErrInflated},
		"a bomb beside":        {zipped(t, append(parts(sheetOf(row)), part{"xl/media/x.bin", much})...), ErrInflated},
		"one text, many cells": {zipped(t, shared...), ErrInflated},
		"a bomb that lies":     {lying, ErrUnreadable},
		"a million sheets":     {zipped(t, append(parts(sheetOf(row)), many...)...), ErrInflated},
		"billion laughs":       {zipped(t, parts(laughs)...), ErrDTD},
		"an outer entity":      {zipped(t, parts(`<!DOCTYPE x SYSTEM "file:///etc/passwd">`+sheetOf(row))...), ErrDTD},
		"an entity undeclared": {zipped(t, parts(sheetOf(`<row><c t="str"><v>&x;</v></c></row>`))...), ErrUnreadable},
		"macros":               {zipped(t, append(parts(sheetOf(row)), part{"xl/" + partMacros, "x"})...), ErrMacros},
		"a link to elsewhere":  {zipped(t, linked...), ErrUnreadable},
		"elements in elements": {zipped(t, parts(sheetOf(strings.Repeat("<a>", 5<<20)))...), ErrUnreadable},
		"one endless tag":      {zipped(t, parts(`<worksheet `+strings.Repeat(`a="" `, 9<<20)+`>`)...), ErrInflated},
		"one endless text":     {zipped(t, parts(sheetOf(`<row><c t="str"><v>`+strings.Repeat("a", 40<<20)))...), ErrInflated},
		"too many texts":       {zipped(t, parts(sheetOf(`<row>`+strings.Repeat(`<c t="str"><v>`+strings.Repeat("a", 100)+`</v></c>`, 300_000)))...), ErrColumns},
		"a line beyond":        {zipped(t, parts(sheetOf(`<row r="1048577"/>`))...), ErrBounds},
		"a column beyond":      {zipped(t, parts(sheetOf(`<row r="1"><c r="ZZZ1" t="str"><v>a</v></c></row>`))...), ErrBounds},
		"a cell elsewhere":     {zipped(t, parts(sheetOf(`<row r="1"><c r="A2" t="str"><v>a</v></c></row>`))...), ErrBounds},
		"lines backwards":      {zipped(t, parts(sheetOf(`<row r="2">`+inline+`</row><row r="1">`+inline+`</row>`))...), ErrBounds},
		"a text that is not":   {zipped(t, parts(sheetOf(`<row><c t="s"><v>7</v></c></row>`))...), ErrUnreadable},
		"a column too many":    {zipped(t, parts(sheetOf(`<row><c r="BA1" t="str"><v>a</v></c></row>`))...), ErrColumns},
		"a document type":      {zipped(t, parts(`<!DOCTYPE html>`+sheetOf(row))...), ErrDTD},
		"a comment":            {zipped(t, parts(sheetOf(row+`<!--`+strings.Repeat("<", 40<<20)))...), ErrDTD},
		"a part that is none":  {zipped(t, parts(sheetOf(`<row><c t="str"><v><![CDATA[`+strings.Repeat("<", 40<<20)))...), ErrDTD},
		"an instruction":       {zipped(t, parts(sheetOf(row+`<?x `+strings.Repeat("< ", 20<<20)))...), ErrInflated},
		"brackets in a text":   {zipped(t, parts(sheetOf(`<row><c t="str"><v>`+strings.Repeat("a>", 20<<20)))...), ErrInflated},
		"brackets in a tag":    {zipped(t, parts(`<worksheet a="`+strings.Repeat("a>", 20<<20))...), ErrInflated},
		"merged, again and again": {zipped(t, parts(`<worksheet><sheetData>`+strings.Repeat(row, MaxRows)+`</sheetData><mergeCells>`+
			strings.Repeat(`<mergeCell ref="A1:AN10001"/>`, maxMerges)+`</mergeCells></worksheet>`)...), ErrMerges},
		"merged too often": {zipped(t, parts(`<worksheet><sheetData>`+row+`</sheetData><mergeCells>`+
			strings.Repeat(`<mergeCell ref="A1:B1"/>`, maxMerges+1)+`</mergeCells></worksheet>`)...), ErrMerges},
		"cut off":             {zipped(t, parts(`<worksheet><sheetData><row>`+inline)...), ErrUnreadable},
		"an open document":    {zipped(t, part{partODS, "application/vnd.oasis.opendocument.spreadsheet"}, part{"content.xml", "<x/>"}), ErrOldFormat},
		"a letter":            {zipped(t, part{partTypes, "<Types/>"}, part{"word/document.xml", "<x/>"}), ErrFormat},
		"the same part twice": {zipped(t, append(parts(sheetOf(row)), parts(sheetOf(row))...)...), ErrUnreadable},
	} {
		before := temporary(t)
		var was, is runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&was)
		start := time.Now()
		_, err := readSheet(c.b)
		took := time.Since(start)
		runtime.ReadMemStats(&is)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, not %v", name, err, c.want)
		}
		if took > time.Second {
			t.Errorf("%s: refused after %v", name, took)
		}
		if held := int64(is.HeapAlloc) - int64(was.HeapAlloc); held > 50<<20 {
			t.Errorf("%s: %d MB held", name, held>>20)
		}
		if after := temporary(t); after != before {
			t.Errorf("%s: left files: %s, before %s", name, after, before)
		}
	}
	if s := mustRead(t, zipped(t, slip...)); len(s.rows) != 1 { // what is never unpacked slips nowhere
		t.Errorf("%d lines", len(s.rows))
	}
}

// lie makes an archive say that its last part is small.
func lie(t *testing.T, b []byte) []byte {
	t.Helper()
	const sizeAt = 24 // of the uncompressed size in an entry of the directory
	at := bytes.LastIndex(b, []byte("PK\x01\x02"))
	if at < 0 {
		t.Fatal("no directory")
	}
	copy(b[at+sizeAt:], []byte{0, 16, 0, 0})
	return b
}

// temporary lists what is in the folder of temporary files.
func temporary(t *testing.T) string {
	t.Helper()
	list, err := os.ReadDir(os.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range list {
		if strings.Contains(e.Name(), "excelize") || strings.Contains(e.Name(), "exchange") {
			names = append(names, e.Name())
		}
	}
	return strings.Join(names, " ")
}

// MEM-14: a sheet of 1,048,576 lines of which nearly all are empty is read; one whose empty
// lines are so heavy that it inflates beyond the bound says what to do.
func TestEmptyRows(t *testing.T) {
	var b strings.Builder
	for n := range lastRow {
		if n == 1 {
			b.WriteString(`<row><c t="inlineStr"><is><t>Lefèvre</t></is></c></row>`)
			continue
		}
		b.WriteString(`<row/>`)
	}
	start := time.Now()
	s := mustRead(t, zipped(t, parts(sheetOf(b.String()))...))
	t.Logf("%d lines in %v", lastRow, time.Since(start).Round(time.Millisecond))
	if len(s.rows) != 1 || s.cell(2, 0) != "Lefèvre" {
		t.Errorf("%+v", s.rows)
	}
	heavy := strings.Repeat(`<row spans="1:20" ht="15">`+strings.Repeat(`<c s="1"/>`, 3)+`</row>`, lastRow)
	if _, err := readSheet(zipped(t, parts(sheetOf(heavy))...)); !errors.Is(err, ErrInflated) {
		t.Errorf("heavy: %v", err)
	}
	if s := mustRead(t, []byte("Nom;Prénom\n"+strings.Repeat(";;;\n", lastRow)+"Lefèvre;Élodie\n")); len(s.rows) != 2 {
		t.Errorf("%d lines of a text", len(s.rows))
	}
}

// INJ-03: what an export prefixes comes back as it was.
func TestRestored(t *testing.T) {
	for _, cell := range []string{"=1+1", "-5", "+33 6", "@x", "|x", "％x", "Lefèvre", "'Lefèvre", "''", " =x", ""} {
		if got := restored(text.Harmless(cell)); got != cell {
			t.Errorf("%q comes back as %q", cell, got)
		}
	}
	if got := restored("'quoted"); got != "'quoted" {
		t.Errorf("an apostrophe of somebody's own: %q", got)
	}
}

// rules.md 14: no bytes at all make the reader panic, or give more than the bounds.
func FuzzReadSheet(f *testing.F) {
	f.Add([]byte("Nom;Prénom\nLefèvre;Élodie\n"))
	f.Add([]byte("\xFF\xFEN\x00o\x00m\x00"))
	f.Add(zipped(f, parts(sheetOf(`<row r="1"><c r="A1" t="s" s="3"><f>1</f><v>0</v></c></row><mergeCell ref="A1:B2"/>`))...))
	f.Add(book(f, func(f *excelize.File) error {
		return f.SetSheetRow("Sheet1", "A1", &[]any{"Nom", 1.5, true, time.Now()})
	}))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := readSheet(b)
		if err != nil {
			return
		}
		if len(s.rows) == 0 || len(s.rows) > MaxRows+1 {
			t.Errorf("%d lines", len(s.rows))
		}
		for _, r := range s.rows {
			if len(r.cells) > MaxColumns || r.no < 1 {
				t.Errorf("line %d of %d cells", r.no, len(r.cells))
			}
		}
		_, _, _ = linesOf(s)
	})
}

// rules.md 14: the same inside the archive, where a mutation of the bytes seldom gets.
func FuzzReadRows(f *testing.F) {
	f.Add(`<row r="1"><c r="A1" t="s" s="3"><f>1</f><v>0</v></c></row>`, `<si><t>a</t><rPh><t>b</t></rPh></si>`, `<cellXfs><xf numFmtId="14"/></cellXfs>`)
	f.Fuzz(func(t *testing.T, rows, shared, styles string) {
		list := parts(`<worksheet><sheetData>` + rows + `</sheetData></worksheet>`)
		list[2].content = `<Relationships><Relationship Id="rId1" Type="x/worksheet" Target="worksheets/sheet1.xml"/>` +
			`<Relationship Id="a" Type="x/sharedStrings" Target="sharedStrings.xml"/><Relationship Id="b" Type="x/styles" Target="styles.xml"/></Relationships>`
		list = append(list, part{"xl/sharedStrings.xml", `<sst>` + shared + `</sst>`}, part{"xl/styles.xml", `<x>` + styles + `</x>`})
		s, err := readSheet(zipped(t, list...))
		if err == nil && (len(s.rows) == 0 || len(s.rows) > MaxRows+1) {
			t.Errorf("%d lines", len(s.rows))
		}
	})
}
